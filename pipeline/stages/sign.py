"""sign: the digitiser signs the copy, before any field is extracted (law L2.4)."""

import logging

from domain.clock import now
from pipeline.context import Context
from pipeline.inspection import ink_of_first_page
from pipeline.proof import prove_signature
from pipeline.records import Conformed, Signed

_log = logging.getLogger("khoso.sign")
_TOLD = {"moved": "is moved, for its corner is inked", "over_ink": "covers ink: no place for it is free"}


def sign(conformed: Conformed, ctx: Context) -> Signed:
    """Personal key, mark top left with name and time (law L2.4), moved off ink; checked and still PDF/A-2b."""
    if conformed.signatures:
        return Signed.after(conformed, copy_pdf=conformed.pdfa, signed_at=None)
    at = now()
    path = ctx.file(conformed, conformed.pdfa)
    pdfa = path.read_bytes()
    marks = ctx.signers.place_marks(pdfa, ink_of_first_page(path))
    for mark in marks:
        if mark.state in _TOLD:
            _log.warning("%s: the mark %s %s", conformed.document_id, mark.field, _TOLD[mark.state])
    signed = ctx.signers.sign_copy(pdfa, at, marks)
    prove_signature(pdfa, signed)
    return Signed.after(conformed, copy_pdf=ctx.write(conformed, "copy.pdf", signed), signed_at=at, marks=marks)
