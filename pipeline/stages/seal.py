"""seal: the agency signs the coded copy (law L4.3)."""

from domain.clock import now
from pipeline.context import Context
from pipeline.levels import level_of
from pipeline.proof import prove_signature
from pipeline.records import Coded, Sealed


def seal(coded: Coded, ctx: Context) -> Sealed:
    """Agency key and time stamp, mark top right (law L4.3); an incremental update only; still PDF/A-2b."""
    if coded.signatures:
        return Sealed.after(coded, sealed_pdf=coded.copy_pdf, sealed_at=None)
    at = now()
    copy = ctx.file(coded, coded.copy_pdf).read_bytes()
    sealed = ctx.signers.seal(copy, at, level_of(coded, ctx))
    prove_signature(copy, sealed)  # the copy is its beginning, too (design law 2)
    return Sealed.after(coded, sealed_pdf=ctx.write(coded, "sealed.pdf", sealed), sealed_at=at)
