"""Sign a copy and seal it: PAdES by incremental updates, each checked before it is given out."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, enumerate_sig_fields

from config.settings import SigningSettings
from domain.clock import VIETNAM
from domain.levels import Level, is_below
from signing.check import check_signature
from signing.cms import CmsSigner
from signing.credentials import Credential
from signing.errors import AlreadySigned, CannotSign, KeysUnusable, SignatureBroken
from signing.external import is_development, open_credentials
from signing.interface import COPY_FIELD, SEAL_FIELD, Anchors, Ink, MarkPlace, Provable, Signers, Term
from signing.keys import DEVELOPMENT, software_keys
from signing.longterm import LongTerm, open_long_term
from signing.marks import Corner, VisiblePage, draw, draw_nothing
from signing.placement import place_mark
from signing.timestamps import LocalTimeStamps, TimeStamps
from signing.update import Update, add_field, open_update, write_signature
from signing.verify import open_anchors, verify_pdf

CORNERS: dict[str, Corner] = {COPY_FIELD: "left", SEAL_FIELD: "right"}  # law L2.4, L4.3

_NO_AUTHORITY = "Name them in `signing.time_stamps`; deploy/pki/README.md tells how"
_DEVELOPMENT_LINE = f"Khóa thử nghiệm ({DEVELOPMENT})"


@contextmanager
def _open_software(settings: SigningSettings) -> Iterator[Signers]:
    keys = software_keys(settings)
    with _open_long_term(settings) as long_term:
        stamps = long_term.time_stamps if long_term else LocalTimeStamps(keys.timestamps)
        yield CredentialSigners(keys.officer, keys.agency, stamps, long_term, development_only=True)


@contextmanager
def _open_external(settings: SigningSettings) -> Iterator[Signers]:
    with open_credentials(settings) as (officer, agency), _open_long_term(settings) as long_term:
        stamps = long_term.time_stamps if long_term else LocalTimeStamps(software_keys(settings).timestamps)
        is_trial = any(is_development(credential.certificate) for credential in (officer, agency))
        yield CredentialSigners(officer, agency, stamps, long_term, development_only=is_trial)


@contextmanager
def _open_long_term(settings: SigningSettings) -> Iterator[LongTerm | None]:
    """The authorities that the settings name, if any."""
    if not settings.time_stamps:
        yield None
        return
    with open_long_term(settings, open_anchors(settings)) as long_term:
        yield long_term


_OPENERS: dict[str, Callable[[SigningSettings], AbstractContextManager[Signers]]] = {
    "software": _open_software,
    "token": _open_external,
    "remote": _open_external,
}


def open_signers(settings: SigningSettings) -> AbstractContextManager[Signers]:
    """Open the keys that the settings name; they are read once and serve every document inside the ``with``."""
    return _OPENERS[settings.kind](settings)


class CredentialSigners:
    """Signers of a digitiser and an agency, wherever their keys lie."""

    def __init__(
        self,
        officer: Credential,
        agency: Credential,
        time_stamps: TimeStamps,
        long_term: LongTerm | None = None,
        *,
        development_only: bool,
    ) -> None:
        """Encode what all signatures of the two have in common; without ``long_term``, B-T is the highest level."""
        self.development_only = development_only
        self._officer = CmsSigner(officer)
        self._agency = CmsSigner(agency)
        self._time_stamps = time_stamps
        self._long_term = long_term
        self._notice = (_DEVELOPMENT_LINE,) if development_only else ()

    def anchors(self) -> Anchors:
        """The roots of the two certificates."""
        roots = dict.fromkeys(signer.credential.chain[-1] for signer in (self._officer, self._agency))
        return tuple(root.public_bytes(serialization.Encoding.DER) for root in roots)

    def get_ready(self) -> None:
        """Ask a person now for what many processes will need."""
        for signer in (self._officer, self._agency):
            signer.credential.key.get_ready()

    def terms(self) -> tuple[Term, ...]:
        """When the certificates of the two, or of their issuers, end."""
        return tuple(dict.fromkeys(signer.credential.term for signer in (self._officer, self._agency)))

    def place_marks(self, pdf: bytes, ink: Ink) -> tuple[MarkPlace, ...]:
        """Where the marks of both signatures cover nothing; their times are of one length, whenever that will be."""
        lines = self._lines(datetime.now(VIETNAM))
        with open_update(pdf) as update:
            page = _first_page(update)
            return tuple(place_mark(page, field, corner, lines[field], ink) for field, corner in CORNERS.items())

    def sign_copy(self, pdf: bytes, at: datetime, places: Sequence[MarkPlace] = ()) -> bytes:
        """The PDF signed by the digitiser; the agency's field is made in the same update, before any signature."""
        lines = self._lines(at)
        with open_update(pdf) as update:
            if filled := [name for name, is_filled in _fields(update).items() if is_filled]:
                raise AlreadySigned(f"the document is signed already, in the field {filled[0]}")
            return self._sign(update, pdf, COPY_FIELD, self._officer, lines, at, places=places)

    def seal(self, pdf: bytes, at: datetime, level: Level = "B-T") -> bytes:
        """The copy signed by the agency in the field left for it, with a time stamp from B-T on."""
        lines = self._lines(at)
        with open_update(pdf) as update:
            filled = _fields(update)
            if filled.get(SEAL_FIELD):
                raise AlreadySigned("the document is sealed already")
            if not filled.get(COPY_FIELD) or SEAL_FIELD not in filled:  # law L1.9: person first
                raise CannotSign("the digitiser has not signed this copy", remedy="Run the stage `sign` first")
            self._check_copy(pdf, at)
            stamps = None if level == "B-B" else self._time_stamps
            return self._sign(update, pdf, SEAL_FIELD, self._agency, lines, at, stamps)

    def extend(self, pdf: bytes, level: Level) -> Provable:
        """The sealed copy at a level; what the seal itself gives it is left as it is."""
        if not is_below("B-T", level):
            return Provable(pdf, level)
        if self._long_term is None:
            raise KeysUnusable(f"{level} cannot be made without time stamp authorities", remedy=_NO_AUTHORITY)
        return self._long_term.extend(pdf, level)

    def _lines(self, at: datetime) -> dict[str, tuple[str, ...]]:
        """The texts of the marks."""
        officer, agency = self._officer.credential, self._agency.credential
        return {
            COPY_FIELD: (f"Người số hóa: {officer.person}", _iso(at), *self._notice),  # law L2.4
            SEAL_FIELD: ("SAO Y", agency.organisation, _iso(at), *self._notice),  # law L4.3
        }

    def _check_copy(self, copy: bytes, at: datetime) -> None:
        """See that the digitiser's signature stands; one by another key is traced to an anchor."""
        if check_signature(copy, COPY_FIELD) != self._officer.credential.certificate:
            (verdict,) = verify_pdf(copy, self.anchors(), at)
            if verdict.problem:
                raise SignatureBroken(f"the signature {COPY_FIELD}: {verdict.problem}")

    def _sign(
        self,
        update: Update,
        pdf: bytes,
        field: str,
        signer: CmsSigner,
        lines: dict[str, tuple[str, ...]],
        at: datetime,
        time_stamps: TimeStamps | None = None,
        places: Sequence[MarkPlace] = (),
    ) -> bytes:
        """Fill the field, and give the result out only when it stands the check."""
        signer.credential.check_term(at)
        page = _first_page(update)
        # pyHanko asks for whole numbers but writes what it gets; whole units are too coarse under /UserUnit
        usual = {name: page.corner(corner) for name, corner in CORNERS.items()}
        chosen = usual | {place.field: (place.left, place.top) for place in places}
        boxes: dict[str, Any] = {name: page.mark_box(place) for name, place in chosen.items()}

        def prepare(widget: generic.DictionaryObject) -> None:
            if field == COPY_FIELD:
                add_field(update, SEAL_FIELD, boxes[SEAL_FIELD], draw_nothing(update, page.rotate))
            mark = draw(update, lines[field], CORNERS[field], page.rotate)
            widget["/AP"] = generic.DictionaryObject({pdf_name("/N"): mark})

        signed = write_signature(
            update, SigFieldSpec(field, on_page=0, box=boxes[field]), signer, at, time_stamps, prepare
        )
        if not signed.startswith(pdf):
            raise SignatureBroken("the signed file does not begin with the file that was to be signed")
        if check_signature(signed, field) != signer.credential.certificate:
            raise SignatureBroken(f"the signature {field} names another certificate")
        return signed


def _fields(update: Update) -> dict[str, bool]:
    """The signature fields, and whether they are filled."""
    return {str(name): value is not None for name, value, _ in enumerate_sig_fields(update)}


def _first_page(writer: IncrementalPdfFileWriter) -> VisiblePage:
    reference, _ = writer.find_page_for_modification(0)
    return VisiblePage.of(reference.get_object())


def _iso(at: datetime) -> str:
    """The time as the mark shows it: the same second as /M (law L4.3)."""
    if at.tzinfo is None:
        raise ValueError("the time of signing needs a time zone")
    return at.astimezone(VIETNAM).isoformat(timespec="seconds")
