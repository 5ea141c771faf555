"""Checking a held paper, or any PDF: its signatures, its form, and whether the vault still holds what it took in."""

import hashlib
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, computed_field, field_serializer

from archive.errors import VaultDamaged
from archive.interface import Paper
from archive.package import PDF, document_of, record_of
from config.settings import Settings
from config.signing import SigningSettings
from domain.clock import Moment, now
from domain.errors import NotFound, NotValid
from domain.events import FileVerified
from domain.messages.told import told
from domain.owners import mask_text
from domain.record import PublicView
from domain.shown import without_places
from pipeline.context import digest
from pipeline.embedded import call_apart
from pipeline.errors import OutOfMemory, OutOfTime, WorkerLost
from pipeline.stages.conform import is_pdfa
from services.certifying.entries import CertifiedAs, certified_as
from services.context import Services
from services.permissions import Asker, demand, may, sees
from services.unseen import paper_there
from signing.interface import Anchors, Outcome, SignatureVerdict, outcome_of
from signing.keys.kinds import are_lost
from signing.keys.software import keys_open_to_others
from signing.verification.agencies import KnownAgencies, known_agencies
from signing.verification.fields import empty_fields
from signing.verification.report import Checked, draw_report
from signing.verification.roots import roots_within
from signing.verification.verify import open_anchors, verify_pdf


class _Found(NamedTuple):
    """The signatures of a PDF, whether it is PDF/A, and its signature fields that nobody filled."""

    verdicts: tuple[SignatureVerdict, ...] = ()
    pdfa: bool | None = False
    empty: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """What all of that comes to."""
        return outcome_of(self.verdicts, self.empty)


class _File(NamedTuple):
    """A file to check, with what its signers are held against; no hash: it is not there."""

    path: Path
    sha256: str
    anchors: Anchors
    at: datetime
    known: KnownAgencies


class CheckedSignature(SignatureVerdict):
    """A verdict, and what follows from it."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def problem(self) -> str:
        """See ``SignatureVerdict``."""
        return super().problem

    @computed_field  # type: ignore[prop-decorator]
    @property
    def problems(self) -> tuple[str, ...]:
        """See ``SignatureVerdict``."""
        return super().problems

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sound(self) -> bool:
        """See ``SignatureVerdict``."""
        return super().sound

    @computed_field  # type: ignore[prop-decorator]
    @property
    def trusted(self) -> bool:
        """See ``SignatureVerdict``."""
        return super().trusted


class Verification(PublicView):
    """What was found of a file; ``fixity`` is what is wrong with the object in which it lies, or ``ok``.

    ``file`` is a bare name for who may not know where the files lie.  ``anchors`` are told by their SHA-256.  ``pdfa``
    None: that could not be checked.  ``arrived_signed``: the paper is kept as it came, PDF/A or not.  ``valid``:
    nothing is wrong with it.  ``empty_fields``: fields for signatures that nobody filled.  ``note``: what is amiss
    with the keys of the store.  ``certified``: as what certified copy the file was given out here.
    """

    file: Path
    sha256: str
    checked_at: Moment
    anchors: Anchors
    pdfa: bool | None
    arrived_signed: bool
    fixity: tuple[str, ...]
    outcome: Outcome
    signatures: tuple[CheckedSignature, ...]
    empty_fields: tuple[str, ...]
    valid: bool
    note: str = Field(default="", exclude_if=lambda note: not note)
    certified: CertifiedAs | None = Field(default=None, exclude_if=lambda found: found is None)

    @field_serializer("anchors")
    def _digests(self, anchors: Anchors) -> list[str]:
        return [hashlib.sha256(anchor).hexdigest() for anchor in anchors]


def report_of(found: Verification) -> bytes:
    """What was found, for people to keep: a PDF/A-2b in Vietnamese, which does not tell where the file lies."""
    return draw_report(
        Checked(found.file.name, found.sha256, found.checked_at, found.anchors, found.signatures, found.empty_fields)
    )


def verify(ctx: Services, asker: Asker, what: str) -> Verification:
    """Check a document (by id or code), or the signatures of any PDF file; recorded in the audit journal.

    Raises:
        NotAllowed: the role may not.
        NotFound: neither a file nor a document, or one of another agency.
        ObjectsUnread: the same, and it is not known of all that lies in the vault.
        VaultDamaged: the vault does not hold the object, or it cannot be read at all.
        NotValid: the file is no PDF.
    """
    path, is_file = Path(what), Path(what).is_file()
    demand(ctx, asker, "verify", path.name if is_file else what)
    held = _held_there(ctx, asker, path) if is_file else what
    absent = NotFound("nothing_to_verify", remedy="find_with_search", what=what)
    paper = paper_there(ctx, asker, "verify", held, absent=absent) if held else None
    signing, sha256 = ctx.settings.signing, ""
    at, anchors = now(), open_anchors(signing)
    try:
        path = _pdf(ctx, paper) if paper else path
        sha256 = digest(path) if not paper or path.is_file() else ""
    finally:
        ctx.journal.record(FileVerified(**dict(asker), subject=paper.id if paper else path.name, sha256=sha256))
    file = _File(path, sha256, (*anchors, *_recorded_roots(ctx, paper, path, sha256)), at, _known(ctx))
    seen, faults = _of_paper(ctx, paper, file) if paper else (_of_stranger(ctx.settings, file), ())
    verdicts, outcome = seen.verdicts, seen.outcome
    discloses = paper is None or may(asker, "disclose", paper.belongs, ctx.settings)
    if not discloses:
        verdicts = tuple(item.masked() for item in verdicts)
        faults = tuple(map(without_places, faults))
    note = _note(signing, is_ours=bool(paper and not paper.arrived_signed), has_root=file.anchors != anchors)
    arrived_signed = paper is not None and paper.arrived_signed is not None
    return Verification(
        file=path if discloses else Path(path.name),
        sha256=sha256,
        checked_at=at,
        anchors=file.anchors,
        pdfa=seen.pdfa,
        arrived_signed=arrived_signed,
        fixity=faults or ("ok",),
        outcome=outcome,
        signatures=tuple(CheckedSignature(**dict(item)) for item in verdicts),
        empty_fields=tuple(map(mask_text, seen.empty)),
        valid=outcome == "valid" and not faults and bool(seen.pdfa or arrived_signed),
        note=note if discloses else without_places(note),
        certified=None if paper else certified_as(ctx, sha256),
    )


def proof_of(ctx: Services, paper: Paper) -> tuple[Outcome, tuple[str, ...]]:
    """What the signatures of a paper are now, and what is wrong with its object: for acts that hand it on.

    Raises:
        VaultDamaged: the vault does not hold the object, or its PDF.
    """
    path = _pdf(ctx, paper)
    sha256 = digest(path) if path.is_file() else ""
    anchors = (*open_anchors(ctx.settings.signing), *_recorded_roots(ctx, paper, path, sha256))
    found, faults = _of_paper(ctx, paper, _File(path, sha256, anchors, now(), _known(ctx)))
    return found.outcome, faults


def _known(ctx: Services) -> KnownAgencies:
    return known_agencies(ctx.settings.signing, ctx.settings.agency, ctx.catalogues.agencies)


def _recorded_roots(ctx: Services, paper: Paper | None, pdf: Path, sha256: str) -> Anchors:
    """The roots of keys that are gone, from a paper that we signed: those that the vault's record of it names.

    Only the file that was archived carries them; what a stranger changed in it is not that file.
    """
    if paper is None or paper.arrived_signed or not are_lost(ctx.settings.signing) or sha256 != paper.pdf_sha256:
        return ()
    recorded = record_of(ctx.vault.get(paper.object_id)).get("roots")
    return roots_within(pdf, recorded) if isinstance(recorded, list) else ()


def _note(signing: SigningSettings, *, is_ours: bool, has_root: bool) -> str:
    """What is amiss with the keys: others can sign with them, or they are gone, with what that means for our paper."""
    with suppress(OSError):  # another user's: who may not look there has nothing to mend
        if found := keys_open_to_others(signing):
            return told("key_open_to_others", path=found[0]).text()
    if not is_ours or not are_lost(signing):
        return ""
    return told("verify_root_recorded" if has_root else "verify_keys_gone", folder=signing.keys).text()


def _of_stranger(settings: Settings, file: _File) -> _Found:
    """What is so of a file that anybody may have made: it takes no more of the machine than a scan may.

    Where its process ends over it, it is checked once more without drawing: what that would tell is then not known.
    """
    for draws in (True, False):
        try:
            return call_apart(settings, _examine, file, draws=draws)
        except (OutOfMemory, OutOfTime, WorkerLost) as error:
            lost = error
    why = {"reason": lost.reason, "remedy": "raise_limits_to_check"}
    raise NotValid("check_too_heavy", **why, file=file.path.name) from None


def _examine(file: _File, *, draws: bool = True) -> _Found:
    content = file.path.read_bytes()
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise NotValid("changed_while_checked", remedy="check_when_whole", file=file.path.name)
    verdicts = verify_pdf(content, file.anchors, file.at, draws=draws, known=file.known)
    return _Found(verdicts, is_pdfa(file.path), empty_fields(file.path))


def _held_there(ctx: Services, asker: Asker, file: Path) -> str | None:
    """The document of which a file of the store is a part; None for a file elsewhere, which anybody may check.

    Files of papers that are still under way are there only for who may see where files lie.
    """
    place = file.resolve()
    if place.is_relative_to(ctx.settings.vault.resolve()):
        found = (folder for folder in place.parents if any(folder.glob("0=ocfl_object_*")))
        return next((document_of(ctx.vault.read(folder).id) for folder in found), str(file))
    is_elsewhere = not place.is_relative_to(ctx.settings.home.resolve())
    return None if is_elsewhere or sees(ctx, asker, "disclose", file.name, dossier=None) else str(file)


def _pdf(ctx: Services, paper: Paper) -> Path:
    files = ctx.vault.get(paper.object_id).files
    if PDF not in files:
        raise VaultDamaged("object_lacks", id=paper.object_id, lacking=PDF)
    return files[PDF]


def _of_paper(ctx: Services, paper: Paper, file: _File) -> tuple[_Found, tuple[str, ...]]:
    """What is so of a paper, and what is wrong with the object in which it lies.

    A PDF that is gone, or none any more, has no signatures; it is the object that is damaged, not its signer's file.
    One that came signed, or is not the one that was archived, may be of anybody.
    """
    faults: list[str] = []
    found = _Found()
    try:
        ctx.vault.check(paper.object_id)
    except VaultDamaged as error:
        faults.append(f"{error.inner}; {error.advice}")
    if file.sha256:
        is_ours = file.sha256 == paper.pdf_sha256
        if not is_ours:
            faults.append(told("pdf_not_catalogued").text())
        try:
            is_stranger = paper.arrived_signed is not None or not is_ours
            found = _of_stranger(ctx.settings, file) if is_stranger else _examine(file)
        except NotValid as error:
            faults.append(error.inner.text())
    return found, tuple(faults)
