"""sign: the digitiser signs the copy, before any field is extracted (law L2.4)."""

from domain.clock import now
from pipeline.context import Context
from pipeline.proof import prove_signature
from pipeline.records import Conformed, Signed


def sign(conformed: Conformed, ctx: Context) -> Signed:
    """Personal key, mark top left with name and time (law L2.4); checked and still PDF/A-2b."""
    if conformed.signatures:
        return Signed.after(conformed, copy_pdf=conformed.pdfa, signed_at=None)
    at = now()
    pdfa = ctx.file(conformed, conformed.pdfa).read_bytes()
    signed = ctx.signers.sign_copy(pdfa, at)
    prove_signature(pdfa, signed)
    return Signed.after(conformed, copy_pdf=ctx.write(conformed, "copy.pdf", signed), signed_at=at)
