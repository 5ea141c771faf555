"""sign: the person who answers for the copy signs it, before any field is extracted (law L2.4)."""

import logging
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from config.models import SigningProfile
from domain.clock import now
from domain.readings import DocumentReading
from pipeline.context import Context
from pipeline.errors import NoSigner
from pipeline.hands.hands import Hands, hands_to_sign
from pipeline.hands.keys import kept_apart
from pipeline.profiles import heading_of, name_place, profile_of
from pipeline.records import Conformed, File, Signed
from pipeline.scans.inspection import ink_of_first_page
from signing.interface import MarkPlace, Signers
from signing.pades.conformance import prove_signature

_log = logging.getLogger("khoso.sign")


def sign(conformed: Conformed, ctx: Context) -> Signed:
    """Personal key, mark top left with name and time (law L2.4), moved off ink; checked and still PDF/A-2b."""
    if conformed.signatures:
        return Signed.after(conformed, copy_pdf=conformed.pdfa, signed_at=None)
    profile = profile_of(conformed, conformed.statement.type_code, ctx)
    hands = hands_to_sign(conformed, profile, ctx)
    made = signed_by(profile, conformed, "copy.pdf", hands, ctx)
    return Signed.after(
        conformed,
        copy_pdf=made.file,
        signed_at=made.at,
        marks=made.marks,
        signing=profile.id,
        signed_by=hands.officer,
        seal=hands.seal,
    )


class Copy(NamedTuple):
    """A copy that the person signed."""

    file: File
    at: datetime
    marks: tuple[MarkPlace, ...]


def signed_by(profile: SigningProfile, conformed: Conformed, name: str, hands: Hands, ctx: Context) -> Copy:
    """The copy, signed by a profile; checked and still PDF/A-2b.

    Raises:
        NoSigner: an earlier release let a manifest ask for a certified copy, which has a number in a book.
    """
    if profile.certifies:
        raise NoSigner("certified_at_intake", remedy="bring_again_uncertified")
    at, path, signers = now(), ctx.file(conformed, conformed.pdfa), hands.opened(ctx)
    marks = _place(conformed, path, profile, signers, ctx)
    with kept_apart(hands.person):
        signed = signers.sign_copy(path, at, marks, profile)
    prove_signature(path, signed)
    return Copy(ctx.write(conformed, name, signed), at, marks)


def _place(
    conformed: Conformed, pdfa: Path, profile: SigningProfile, signers: Signers, ctx: Context
) -> tuple[MarkPlace, ...]:
    """Where the marks of both signatures stand; what could not stand in its corner stays with the paper."""

    def reading() -> DocumentReading:
        return DocumentReading.model_validate_json(ctx.file(conformed, conformed.words).read_text(encoding="utf-8"))

    name = name_place(reading(), signers.person) if profile.person.place == "over_name" else None
    ink = ink_of_first_page(ctx.folder(conformed) / conformed.pdfa.name)
    marks = signers.place_marks(pdfa, ink, profile, name)
    if any(mark.state == "over_ink" for mark in marks):  # then it matters what is covered
        marks = signers.place_marks(pdfa, ink, profile, name, heading_of(reading()))
    for mark in marks:
        _log.info("%s: the mark %s is %s", conformed.document_id, mark.field, mark.state)
    return marks
