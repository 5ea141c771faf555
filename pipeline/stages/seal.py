"""seal: the agency signs the coded copy (law L4.3)."""

from domain.clock import now
from pipeline.context import Context
from pipeline.records import Coded, Sealed
from pipeline.stages.conform import prove


def seal(coded: Coded, ctx: Context) -> Sealed:
    """Agency key and time stamp, mark top right (law L4.3); an incremental update only; still PDF/A-2b."""
    at = now()
    copy = ctx.file(coded, coded.copy_pdf).read_bytes()
    sealed = ctx.signers.seal(copy, at)
    if not sealed.startswith(copy):
        raise AssertionError("the sealed file does not begin with the signed one")  # design law 2
    prove(sealed)
    return Sealed.after(coded, sealed_pdf=ctx.write(coded, "sealed.pdf", sealed), sealed_at=at)
