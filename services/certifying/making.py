"""The certified copy itself: made of the file before any signature, with the statement, signed, sealed (law L1.3)."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from archive.interface import Paper, StoredObject
from archive.package import PDF, record_of
from config.models import CERTIFIED_COPY, SigningProfile
from domain.clock import now
from domain.errors import NotValid
from domain.levels import Level
from pipeline.scans.inspection import ink_of_first_page
from services.certifying.hands import CertifyingHands
from services.context import Services
from signing.interface import MarkPlace
from signing.marks.ink import HeadingPart, Ink
from signing.pades.conformance import prove, prove_signature

_TOP: Final = (HeadingPart(0.0, 0.0, 1.0, 0.15),)  # where headings stand: nothing covers it where no place is free
_REVISION_END = re.compile(rb"%%EOF[\r\n]{0,2}")


class Unsigned(NamedTuple):
    """A copy that nobody signed yet, what is inked of it, who will, and at which level."""

    pdf: bytes
    ink: Ink | None
    hands: CertifyingHands
    level: Level

    @property
    def sha256(self) -> str:
        """The digest of the file."""
        return hashlib.sha256(self.pdf).hexdigest()


def unsigned_copy(ctx: Services, stored: StoredObject, paper: Paper, hands: CertifyingHands) -> Unsigned:
    """The copy before any signature: it is the beginning of the signed one, and its digest stands in the record.

    Raises:
        NotValid: it cannot be found there.
        NotConforming, NotChecked: it is not PDF/A-2b.
    """
    pdf = _beginning(stored, paper)
    type_ = ctx.catalogues.find_type(paper.type_code)
    level = ctx.settings.signing.level_for(type_.level if type_ else None, hands.places)
    with TemporaryDirectory(prefix="certify-") as folder:
        path = Path(folder) / "copy.pdf"
        path.write_bytes(pdf)
        prove(path)
        return Unsigned(pdf, ink_of_first_page(path), hands, level)


def check_room(ctx: Services, copy: Unsigned, statement: Sequence[str]) -> None:
    """See that a statement goes onto the page, before it gets a number.

    Raises:
        CannotSign: it is too long for it.
    """
    _places(copy, _profile(ctx, statement))


def certified_copy(ctx: Services, copy: Unsigned, statement: Sequence[str]) -> bytes:
    """The copy with the statement, signed by the certifier and sealed by the agency, each proven PDF/A-2b.

    Raises:
        NotConforming, NotChecked: it is not.
        SetupError, TemporaryFailure: a key or an authority cannot be used.
    """
    profile = _profile(ctx, statement)
    signed = copy.hands.signers.sign_copy(copy.pdf, now(), _places(copy, profile), profile)
    prove_signature(copy.pdf, signed)
    sealed = copy.hands.signers.seal(signed, now(), copy.level, profile)
    prove_signature(signed, sealed)
    proven = ctx.keyring.extend(sealed, copy.level).pdf
    if proven != sealed:
        prove_signature(sealed, proven)
    return proven


def _profile(ctx: Services, statement: Sequence[str]) -> SigningProfile:
    profile = ctx.catalogues.signing_profile(CERTIFIED_COPY)
    return profile.model_copy(update={"person": profile.person.stating(statement)})


def _places(copy: Unsigned, profile: SigningProfile) -> tuple[MarkPlace, ...]:
    marks = copy.hands.signers.place_marks(copy.pdf, copy.ink, profile)
    if any(mark.state == "over_ink" for mark in marks):
        marks = copy.hands.signers.place_marks(copy.pdf, copy.ink, profile, None, _TOP)
    return marks


def _beginning(stored: StoredObject, paper: Paper) -> bytes:
    kept, pdf = record_of(stored).get("pdfa"), stored.files[PDF].read_bytes()
    wanted = kept.get("sha256") if isinstance(kept, dict) else None
    for end in _REVISION_END.finditer(pdf):
        for place in range(end.start() + len(b"%%EOF"), end.end() + 1):
            if hashlib.sha256(pdf[:place]).hexdigest() == wanted:
                return pdf[:place]
    raise NotValid("certify_without_base", remedy="scan_original_anew", id=paper.id)
