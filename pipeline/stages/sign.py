"""sign: the digitiser signs the copy, before any field is extracted (law L2.4)."""

from domain.clock import now
from pipeline.context import Context
from pipeline.records import Conformed, Signed
from pipeline.stages.conform import prove


def sign(conformed: Conformed, ctx: Context) -> Signed:
    """Personal key, mark top left with name and time (law L2.4); checked and still PDF/A-2b."""
    at = now()
    signed = ctx.signers.sign_copy(ctx.file(conformed, conformed.pdfa).read_bytes(), at)
    prove(signed)
    return Signed.after(conformed, copy_pdf=ctx.write(conformed, "copy.pdf", signed), signed_at=at)
