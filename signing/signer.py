"""Sign a copy and seal it: PAdES by incremental updates, each checked before it is given out."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache, cached_property, partial
from typing import Any

from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.sign.fields import SigFieldSpec, enumerate_sig_fields

from config.loader import load_catalogues
from config.models import DESK_COPY, Mark, SigningProfile
from config.signing import KeyPlace, SigningSettings
from domain.clock import VIETNAM, now
from domain.fold import fold
from domain.levels import Level, is_below
from signing.errors import AlreadySigned, CannotSign, KeysUnusable, SignatureBroken, SignedByOthers
from signing.interface import (
    COPY_FIELD,
    SEAL_FIELD,
    Anchors,
    MarkPlace,
    NamePlace,
    PdfSource,
    Provable,
    Signers,
    Term,
    TimeStamps,
)
from signing.keys.credentials import Credential
from signing.keys.kinds import DEVELOPMENT, is_development, open_key
from signing.keys.software import software_key
from signing.longterm.extend import LongTerm, open_long_term
from signing.marks.ink import Heading, Ink
from signing.marks.marks import Drawing, MarkLook, Text, VisiblePage, draw_nothing
from signing.marks.pictures import Picture, read_picture
from signing.marks.placement import MarkedPage, in_corners, on_signature, over_name
from signing.pades.check import check_signature
from signing.pades.cms import CmsSigner
from signing.pades.previous import Beginning, bytes_of
from signing.pades.update import Update, add_field, open_geometry, open_update, write_signature
from signing.stamps.local import LocalTimeStamps
from signing.verification.verify import open_anchors, verify_pdf

_PICTURES = {COPY_FIELD: "signing.officer_picture", SEAL_FIELD: "signing.agency_picture"}
_NO_NAME = "let_named_sign"
_NO_AUTHORITY = "name_authorities"
_DEVELOPMENT_LINE = f"Khóa thử nghiệm ({DEVELOPMENT})"


class Keyring:
    """The keys of a store, and the authorities that stamp time for them; each is opened when it is first asked for."""

    def __init__(self, settings: SigningSettings, opened: ExitStack) -> None:
        """Open nothing yet; what is opened is closed with ``opened``."""
        self._settings = settings
        self._opened = opened
        self._credentials: dict[str, Credential] = {}
        self._hands: dict[tuple[str, str], CredentialSigners] = {}

    def credential(self, place: KeyPlace) -> Credential:
        """The key of a place, whose certificate names whom the settings name.

        Raises:
            TokenAway, RemoteAway, KeysUnusable, PinRefused: see ``open_key``.
        """
        if place.title not in self._credentials:
            found = self._opened.enter_context(open_key(self._settings, place))
            self._credentials[place.title] = _named(found, place) if place.is_own else found
        return self._credentials[place.title]

    def signers(self, officer: KeyPlace, agency: KeyPlace) -> "CredentialSigners":
        """The hands of an officer and an agency.

        Raises:
            TokenAway, RemoteAway, KeysUnusable, PinRefused: see ``open_key``.
        """
        pair = officer.title, agency.title
        if pair not in self._hands:
            person, seal = self.credential(officer), self.credential(agency)
            named = {COPY_FIELD: officer.picture, SEAL_FIELD: agency.picture}
            pictures = {field: read_picture(path) for field, path in named.items() if path is not None}
            is_trial = any(is_development(credential.certificate) for credential in (person, seal))
            stamps, proof = self._time_stamps, self._long_term
            self._hands[pair] = CredentialSigners(person, seal, stamps, proof, pictures, development_only=is_trial)
        return self._hands[pair]

    def extend(self, pdf: PdfSource, level: Level) -> Provable:
        """A sealed copy at a level, whoever signed it; see ``Signers``."""
        return _extended(self._long_term, pdf, level)

    @cached_property
    def _long_term(self) -> LongTerm | None:
        """The authorities that the settings name, if any."""
        settings = self._settings
        if not settings.time_stamps:
            return None
        return self._opened.enter_context(open_long_term(settings, open_anchors(settings)))

    @cached_property
    def _time_stamps(self) -> TimeStamps:
        proof = self._long_term
        return proof.time_stamps if proof else LocalTimeStamps(software_key(self._settings, "timestamps"))


@contextmanager
def open_signers(settings: SigningSettings) -> Iterator[Signers]:
    """Open the store's own keys; they are read once and serve every document inside the ``with``."""
    with ExitStack() as opened:
        yield Keyring(settings, opened).signers(settings.place("officer"), settings.place("agency"))


def _named(credential: Credential, place: KeyPlace) -> Credential:
    """The credential with the name that the marks show; a certificate of somebody else is not signed with.

    Raises:
        KeysUnusable: it names somebody else.
    """
    shown = place.person or place.organisation
    held = (credential.person,) if place.person else (credential.organisation, credential.person)
    if not any(f" {fold(shown)} " in f" {fold(name)} " for name in held):
        raise KeysUnusable("certificate_of_another", remedy="correct_row", key=place.title, holder=held[0], name=shown)
    return replace(credential, shown=shown)


def _extended(long_term: LongTerm | None, pdf: PdfSource, level: Level) -> Provable:
    if not is_below("B-T", level):
        return Provable(bytes_of(pdf), level)
    if long_term is None:
        raise KeysUnusable("level_needs_authorities", remedy=_NO_AUTHORITY, level=level)
    return long_term.extend(pdf, level)


def read_pictures(settings: SigningSettings) -> dict[str, Picture]:
    """The pictures that the settings name, by their fields."""
    named = {COPY_FIELD: settings.officer_picture, SEAL_FIELD: settings.agency_picture}
    return {field: read_picture(path) for field, path in named.items() if path is not None}


class CredentialSigners:
    """Signers of a digitiser and an agency, wherever their keys lie."""

    def __init__(
        self,
        officer: Credential,
        agency: Credential,
        time_stamps: TimeStamps,
        long_term: LongTerm | None = None,
        pictures: Mapping[str, Picture] | None = None,
        *,
        development_only: bool,
    ) -> None:
        """Encode what all signatures of the two have in common; without ``long_term``, B-T is the highest level."""
        self.development_only = development_only
        self._officer = CmsSigner(officer)
        self._agency = CmsSigner(agency)
        self._time_stamps = time_stamps
        self._long_term = long_term
        self._pictures = pictures or {}
        self._notice = _DEVELOPMENT_LINE if development_only else ""

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

    @property
    def person(self) -> str:
        """The name in the person's certificate."""
        return self._officer.credential.shown or self._officer.credential.person

    def place_marks(
        self,
        pdf: PdfSource,
        ink: Ink | None,
        profile: SigningProfile | None = None,
        name: NamePlace | None = None,
        heading: Heading = (),
    ) -> tuple[MarkPlace, ...]:
        """Where the marks of both signatures stand; their times are of one length, whenever that will be."""
        with open_geometry(pdf) as page:
            return _places(page, self._looks(profile, now()), MarkedPage(page(0), ink, heading), name)

    def sign_copy(
        self, pdf: PdfSource, at: datetime, places: Sequence[MarkPlace] = (), profile: SigningProfile | None = None
    ) -> bytes:
        """The PDF signed by the person; the agency's field is made in the same update, before any signature."""
        looks = self._looks(profile, at)
        with open_update(pdf) as update:
            if filled := [name for name, is_filled in _fields(update).items() if is_filled]:
                raise AlreadySigned("signed_already", place=filled[0])
            known = places or _places(partial(_page, update), looks, MarkedPage(_page(update, 0), None), None)
            specs = {place.field: _spec(update, place) for place in known}
            sizes = {place.field: _drawn_size(update, place, looks[place.field]) for place in known}
            own, seal = specs[COPY_FIELD], specs[SEAL_FIELD]

            def prepare(widget: generic.DictionaryObject) -> None:
                rotate = _page(update, seal.on_page).rotate
                add_field(update, seal, draw_nothing(update, rotate, sizes[SEAL_FIELD]))
                rotate = _page(update, own.on_page).rotate
                _show(widget, looks[COPY_FIELD].draw(update, rotate, sizes[COPY_FIELD]))

            return self._sign(update, own, self._officer, at, None, prepare)

    def seal(self, pdf: PdfSource, at: datetime, level: Level = "B-T", profile: SigningProfile | None = None) -> bytes:
        """The copy signed by the agency in the field left for it, with a time stamp from B-T on."""
        look = self._looks(profile, at)[SEAL_FIELD]
        with open_update(pdf) as update:
            filled = _fields(update)
            if filled.get(SEAL_FIELD):
                raise AlreadySigned("sealed_already")
            if not filled.get(COPY_FIELD) or SEAL_FIELD not in filled:  # law L1.9: person first
                raise CannotSign("digitiser_not_signed", remedy="run_sign_first")
            self._check_copy(update.beginning, at)

            def prepare(widget: generic.DictionaryObject) -> None:
                rotate = VisiblePage.of(widget["/P"]).rotate
                _show(widget, look.draw(update, rotate, _left_free(widget)))

            stamps = None if level == "B-B" else self._time_stamps
            return self._sign(update, SigFieldSpec(SEAL_FIELD), self._agency, at, stamps, prepare)

    def extend(self, pdf: PdfSource, level: Level) -> Provable:
        """The sealed copy at a level; what the seal itself gives it is left as it is."""
        return _extended(self._long_term, pdf, level)

    def _looks(self, profile: SigningProfile | None, at: datetime) -> dict[str, MarkLook]:
        """What the marks show."""
        chosen, time = profile or _desk_copy(), _iso(at)
        officer, agency = self._officer.credential, self._agency.credential
        return {
            COPY_FIELD: self._look(
                COPY_FIELD, chosen.person, chosen.person.written(officer.shown or officer.person, time)
            ),
            SEAL_FIELD: self._look(
                SEAL_FIELD, chosen.agency, chosen.agency.written(agency.shown or agency.organisation, time)
            ),
        }

    def _look(self, field: str, mark: Mark, lines: tuple[str, ...]) -> MarkLook:
        if mark.kind == "text":
            return Text(lines, "left" if mark.place == "top_left" else "right", self._notice)
        picture, setting = self._pictures.get(field), _PICTURES[field]
        if picture is None:
            raise CannotSign("no_picture", remedy="name_picture", setting=setting)
        if picture.colour != mark.colour:  # law L4.5
            raise CannotSign(
                "picture_colour", remedy="change_picture", path=picture.path, colour=mark.colour, setting=setting
            )
        return Drawing(picture, self._notice)

    def _check_copy(self, copy: Beginning, at: datetime) -> None:
        """See that the digitiser's signature stands; one by another key is traced to an anchor."""
        if check_signature(copy.source, COPY_FIELD, copy) != self._officer.credential.certificate:
            (verdict,) = verify_pdf(bytes_of(copy.source), self.anchors(), at)
            if verdict.sound and not verdict.trusted:
                raise SignedByOthers("signature_problem", place=COPY_FIELD, problem=verdict.told)
            if verdict.problem:
                raise SignatureBroken("signature_problem", place=COPY_FIELD, problem=verdict.told)

    def _sign(
        self,
        update: Update,
        field: SigFieldSpec,
        signer: CmsSigner,
        at: datetime,
        time_stamps: TimeStamps | None,
        prepare: Callable[[generic.DictionaryObject], None],
    ) -> bytes:
        """Fill the field, and give the result out only when it stands the check."""
        signer.credential.check_term(at)
        signed = write_signature(update, field, signer, at, time_stamps, prepare)
        if check_signature(signed, field.sig_field_name, update.beginning) != signer.credential.certificate:
            raise SignatureBroken("signature_other_certificate", place=field.sig_field_name)
        return signed


@cache
def _desk_copy() -> SigningProfile:
    return load_catalogues().signing_profile(DESK_COPY)


def _places(
    page: Callable[[int], VisiblePage], looks: Mapping[str, MarkLook], sheet: MarkedPage, name: NamePlace | None
) -> tuple[MarkPlace, ...]:
    """Where the marks stand, the person's first; ``page`` gives the geometry of a page by its index."""
    own, seal = looks[COPY_FIELD], looks[SEAL_FIELD]
    texts = [(field, look) for field, look in ((COPY_FIELD, own), (SEAL_FIELD, seal)) if isinstance(look, Text)]
    placed = {place.field: place for place in in_corners(sheet, texts)}
    if isinstance(own, Drawing):
        if name is None:
            raise CannotSign("signer_not_named", remedy=_NO_NAME)
        placed[COPY_FIELD] = over_name(page(name.page - 1), COPY_FIELD, own, name)
    person = placed[COPY_FIELD]
    if isinstance(seal, Drawing):
        placed[SEAL_FIELD] = on_signature(page(person.page - 1), SEAL_FIELD, seal, person)
    return person, placed[SEAL_FIELD]


def _drawn_size(update: Update, place: MarkPlace, look: MarkLook) -> tuple[float, float]:
    """The size of a mark before its page shrinks it."""
    if isinstance(look, Drawing):
        return look.size
    scale = _page(update, place.page - 1).scale
    return place.width / scale, place.height / scale


def _left_free(widget: generic.DictionaryObject) -> tuple[float, float]:
    """The size of the mark for which a field was made: that of its empty appearance."""
    _, _, width, height = (float(number) for number in widget["/AP"]["/N"]["/BBox"])
    return width, height


def _spec(update: Update, place: MarkPlace) -> SigFieldSpec:
    """The field at a place; pyHanko asks for whole numbers, which are too coarse under /UserUnit, but writes any."""
    box: Any = _page(update, place.page - 1).mark_box(place.left, place.top, place.width, place.height)
    return SigFieldSpec(place.field, on_page=place.page - 1, box=box)


def _show(widget: generic.DictionaryObject, mark: generic.IndirectObject) -> None:
    widget["/AP"] = generic.DictionaryObject({pdf_name("/N"): mark})


def _fields(update: Update) -> dict[str, bool]:
    """The signature fields, and whether they are filled."""
    return {str(name): value is not None for name, value, _ in enumerate_sig_fields(update)}


def _page(update: Update, index: int) -> VisiblePage:
    reference, _ = update.find_page_for_modification(index)
    return VisiblePage.of(reference.get_object())


def _iso(at: datetime) -> str:
    """The time as the mark shows it: the same second as /M (law L4.3)."""
    if at.tzinfo is None:
        raise ValueError("the time of signing needs a time zone")
    return at.astimezone(VIETNAM).isoformat(timespec="seconds")
