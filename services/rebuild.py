"""Making the catalogue anew from the vault (design law 3)."""

from collections.abc import Callable, ItemsView, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import unquote

from archive.draft import STATED, CatalogueDraft
from archive.errors import ObjectErased, ObjectMisplaced, VaultDamaged
from archive.interface import FormerSecret, LedgerEntry, Paper, StoredObject
from archive.package import document_of, object_id_of, read_package, read_whole
from archive.withdrawn.apart import KnownApart
from archive.withdrawn.tombstone import read_tombstone
from domain.errors import KhosoError, SetupError
from domain.events import CatalogueRebuilt, OwnerSecretReplaced, PaperDiffers
from domain.record import Frozen
from domain.states import ENDED, Standing
from pipeline.embedded import sole_runner
from pipeline.flow import DIGITISE
from pipeline.former.looks import identity_of_held
from pipeline.indexing import rebuild_index
from pipeline.records import shown_record
from search.errors import LATER
from services.certifying.entries import book_entry
from services.context import Services
from services.permissions import Asker, demand
from services.secrecy.remembering import remember

Follow = Callable[[int, int], None]


class Unread(Frozen):
    """An object of the vault that could not be read: where it lies, and why."""

    path: Path
    reason: str
    remedy: str


# What every version of an object may change of its paper, and what it never says by chance.
_REVISED = ("standing", "pdf_sha256", "retention_until", "dossier", "other_owner")
DifferenceKind = Literal["missing", "changed", "older", "same_code", "unreadable", "withdrawn"]


class PaperDifference(Frozen):
    """A paper that is not as the former catalogue or the ledger knew it, or one with the code of another.

    ``missing``: its object is not in the vault any more; its codes stay reserved.  ``changed``: it has another owner,
    scan, day or dossier than before.  ``older``: its object is an earlier copy, from before it was revoked, replaced or
    renewed; what was known since goes on counting.  ``same_code``: another object bears its code; both are entered,
    this one with ``#`` and its id behind the code.  ``unreadable``: it is under way with codes that the ledger keeps in
    a way that cannot be read.  ``withdrawn``: its object is an earlier copy, from before it was withdrawn as secret; it
    stays withdrawn.
    """

    about: DifferenceKind
    id: str
    object_id: str
    code: str


class Rebuilt(Frozen):
    """How many papers were entered, what could not be read or differs, and how many papers the new index has.

    ``former_secret``: the secret under which owners were entered before, when that is another one now.
    ``index_waits``: why the index could not be made anew now; empty when it was.
    """

    papers: int
    unread: tuple[Unread, ...]
    differences: tuple[PaperDifference, ...]
    indexed: int = 0
    former_secret: FormerSecret | None = None
    index_waits: str = ""

    def lines(self) -> Iterator[dict[str, Any]]:
        """The lines of ``--json``: the numbers, each object and paper that something is to be said of, the secret."""
        waits = {"index_waits": self.index_waits} if self.index_waits else {}
        yield {"papers": self.papers, "indexed": self.indexed, **waits}
        yield from (item.model_dump(mode="json") for item in (*self.unread, *self.differences))
        if self.former_secret:
            yield {"former_secret": self.former_secret.model_dump(mode="json", exclude={"check", "last"})}


class _Unread:
    """The objects that cannot be read: what is told of them, and which papers lie there."""

    def __init__(self) -> None:
        self.reported: list[Unread] = []
        self._paths: set[Path] = set()
        self._above: set[Path] = set()
        self._ids: set[str] = set()

    def add(self, path: Path, error: VaultDamaged) -> None:
        self.reported.append(Unread(path=path, reason=f"{error.reason}: {error.inner}", remedy=error.advice))
        self._paths.add(path)
        self._above |= {path, *path.parents}
        if isinstance(error, ObjectMisplaced):
            self._ids.add(error.object_id)

    def __contains__(self, stored: tuple[str, Path]) -> bool:
        """Whether an object of this id and place is one of them, or lies in a folder that could not be listed."""
        object_id, path = stored
        return object_id in self._ids or path in self._above or not self._paths.isdisjoint(path.parents)


def rebuild(ctx: Services, asker: Asker, follow: Follow = lambda _done, _of: None) -> Rebuilt:
    """Make the catalogue anew from the vault, then the index; while the search engine is away the catalogue alone.

    ``follow`` is told how many objects and papers are done with, and of how many.

    Raises:
        NotAllowed: the role may not.
        Busy: papers are being ingested or decided about.
    """
    demand(ctx, asker, "rebuild")
    with sole_runner(ctx.settings):
        return make_catalogue_anew(ctx, asker, follow)


def make_catalogue_anew(ctx: Services, asker: Asker, follow: Follow = lambda _done, _of: None) -> Rebuilt:
    """The same for whoever has the store to himself, and may do so."""
    with ctx.journal.once("catalogue") as record:

        def announce(found: Rebuilt) -> None:
            record(
                *(PaperDiffers(**dict(asker), subject=_name(item.path), how="unread") for item in found.unread),
                *(PaperDiffers(**dict(asker), subject=item.id, how=item.about) for item in found.differences),
                CatalogueRebuilt(
                    **dict(asker),
                    subject="catalogue",
                    papers=found.papers,
                    unread=len(found.unread),
                    differences=len(found.differences),
                ),
            )

        found = rebuild_catalogue(ctx, announce, follow)
        remember(ctx)
        former = ctx.desk.take_over(
            lambda ids: _owners(ctx, ids),
            lambda lost: record(
                OwnerSecretReplaced(**dict(asker), subject="owner.secret", lost_questions=lost.questions)
            ),
        )
        found = found.model_copy(update={"former_secret": former})
        try:
            return found.model_copy(update={"indexed": rebuild_index(ctx, follow)})
        except (*LATER, SetupError) as error:  # such as lists that are missing
            return found.model_copy(update={"index_waits": error.told.text()})


def _owners(ctx: Services, ids: Sequence[str]) -> dict[str, str | None]:
    """The keyed hashes of the owners of papers, by their ids; None of those of several: nobody knows who was meant."""
    return {
        paper.id: ctx.owner_keys.of(paper.owner_id) if len(paper.owner_ids) < 2 else None
        for paper in ctx.catalogue.some(ids)
    }


def rebuild_catalogue(
    ctx: Services,
    announce: Callable[[Rebuilt], None] = lambda _: None,
    follow: Follow = lambda _done, _of: None,
) -> Rebuilt:
    """Fill the catalogue anew from the vault, in one transaction: until its end everybody sees the former one.

    Papers are entered in the order in which they were archived.  Every object is compared with its digests; one that
    cannot be read, or is not what its inventory says, is told and passed over: what the former catalogue knew of it is
    kept.  Codes that the former catalogue or the ledger know are never given out again, whatever became of the papers.
    ``announce`` is told what is found before the former catalogue is forgotten, for a next run cannot find it again.
    """
    unread = _Unread()
    places = list(ctx.vault.paths())
    order = _order(ctx, places, unread, follow)
    differences: list[PaperDifference] = []
    with ctx.catalogue.anew() as draft:
        seen = {*(path for _, path in order), *(item.path for item in unread.reported)}
        paths = [path for _, path in order]
        while paths:
            for number, path in enumerate(paths, 1):
                follow(len(places) + min(number, len(places)), 2 * len(places))
                try:
                    differences += _enter(ctx, draft, ctx.vault.read(path))
                except VaultDamaged as error:
                    unread.add(path, error)
            seen.update(paths)
            paths = _came_meanwhile(ctx, draft, seen, unread)
        entered = draft.count()
        differences += _settle(ctx, draft, unread)
        kept = draft.count() - entered  # as they were known, for their objects cannot be read
        differences += _keep_withdrawn(ctx, draft)
        differences += _reserve(ctx, draft, unread, {item.id for item in differences if item.about == "missing"})
        draft.note_unread([_name(item.path) for item in unread.reported])
        found = Rebuilt(papers=draft.count() - kept, unread=tuple(unread.reported), differences=tuple(differences))
        announce(found)
    return found


def _order(ctx: Services, places: list[Path], unread: _Unread, follow: Follow) -> list[tuple[datetime, Path]]:
    """Where the objects lie, by the time of archiving; those that are not what they say, or cannot be read, are not."""
    order = []
    for number, path in enumerate(places, 1):
        follow(number, 2 * len(places))  # each is entered as well
        try:
            stored = ctx.vault.read(path)
            ctx.vault.compare(stored)
            order.append((_archived_at(stored), path))
        except VaultDamaged as error:
            unread.add(path, error)
    return sorted(order)


def _came_meanwhile(ctx: Services, draft: CatalogueDraft, seen: AbstractSet[Path], unread: _Unread) -> list[Path]:
    """Where the papers lie that workers archived after the vault was looked through: the former catalogue has them."""
    places = ((item.object_id, ctx.vault.path(item.object_id)) for item in draft.left_out())
    return [place[1] for place in places if place[1] not in seen and place not in unread and place[1].exists()]


def _name(path: Path) -> str:
    """The document whose object a folder is, as far as its name tells."""
    return document_of(unquote(path.name))


def _archived_at(stored: StoredObject) -> datetime:
    try:
        return read_whole(stored, withdrawn=True).paper.archived_at
    except ObjectErased:
        return read_tombstone(stored).archived_at


def _enter(ctx: Services, draft: CatalogueDraft, stored: StoredObject) -> list[PaperDifference]:
    try:
        package = read_whole(stored, withdrawn=True)
    except ObjectErased:
        draft.erase(read_tombstone(stored))
        return []
    paper = package.paper
    for item in package.certified:  # the book may have lost it
        ctx.desk.books.keep(book_entry(paper.id, item))
    taken = draft.enter(paper, identity_of_held(package, stored, ctx), package.retired)
    if package.is_withdrawn:
        draft.put_apart(paper.id, package.decided_at("withdrawn"))
    return [_differing("same_code", paper.id, paper.object_id, code) for code in taken]


def _settle(ctx: Services, draft: CatalogueDraft, unread: _Unread) -> list[PaperDifference]:
    """Compare with the former catalogue: what lies unread in the vault stays as it was known, the rest is told."""
    found: list[PaperDifference] = []
    for item in draft.left_out():
        if (item.object_id, ctx.vault.path(item.object_id)) in unread:
            found += [_differing("same_code", item.id, item.object_id, code) for code in draft.keep(item)]
        else:
            found.append(_differing("missing", *item))
    for former in chain(draft.revised(), _decided(ctx, draft)):
        if not _was_so(ctx, former, _REVISED):
            draft.keep_state(former)
            found.append(_differing("older", former.id, former.object_id, former.digitisation_code))
    moved = [item for item in draft.moved() if not _was_so(ctx, item, STATED)]  # else it was put right meanwhile
    return [*found, *(_differing("changed", item.id, item.object_id, item.digitisation_code) for item in moved)]


def _keep_withdrawn(ctx: Services, draft: CatalogueDraft) -> list[PaperDifference]:
    """Let papers stay withdrawn of which the vault holds an earlier copy, or none; the former are told.

    The former catalogue and the ledger know them, and the audit journal does for ever.  An object that tells that its
    paper was given back later is right: whoever gave it back was cut off before that heard.
    """
    known = _known_apart(ctx, draft)
    since = {entry.id: entry.updated_at for entry in ctx.ledger.entries(state="secret")}  # archived is none but erased
    for document_id, at in chain(((item.row.id, item.row.at) for item in known.values()), _withdrawn_by_journal(ctx)):
        since[document_id] = max(at, since.get(document_id, at))
    told: list[PaperDifference] = []
    for document_id, at in sorted(since.items()):
        paper, item = draft.entered(document_id), known.get(document_id)
        is_there = paper is not None or draft.holds(document_id)
        if draft.withdrawn_as(document_id) == "erased":
            continue
        if item is not None and (item.left is not None or not is_there):
            draft.keep_withdrawn(item)
            told += [_differing("withdrawn", item.row.id, item.row.object_id, item.row.code)] if is_there else []
        elif paper is not None and _given_back(ctx, paper) < at:
            draft.put_apart(document_id, at)
            told.append(_differing("withdrawn", document_id, paper.object_id, paper.digitisation_code))
    return told


def _known_apart(ctx: Services, draft: CatalogueDraft) -> dict[str, KnownApart]:
    """The papers that the former catalogue or the ledger calls withdrawn; that one was erased outweighs the other."""
    known: dict[str, KnownApart] = {}
    for item in (*draft.former_withdrawn(), *ctx.ledger.withdrawals.apart()):
        before = known.get(item.row.id)
        if before is None or (before.left is None and (item.left is not None or item.row.at > before.row.at)):
            known[item.row.id] = item
    return known


def _withdrawn_by_journal(ctx: Services) -> ItemsView[str, datetime]:
    """The papers that were withdrawn and not given back since, and when, as the audit journal has it."""
    found: dict[str, datetime] = {}
    with suppress(KhosoError, OSError):  # `doctor` tells what is wrong with the journal
        for event in ctx.journal.events():
            if event["event"] == "withdrawn":
                found[event["subject"]] = datetime.fromisoformat(event["at"])
            elif event["event"] == "given_back":
                found.pop(event["subject"], None)
    return found.items()


def _given_back(ctx: Services, paper: Paper) -> datetime:
    """When a paper was given back last, as its object says; never, when it was not."""
    return read_package(ctx.vault.get(paper.object_id), withdrawn=True).decided_at("given_back")


def _decided(ctx: Services, draft: CatalogueDraft) -> Iterator[Paper]:
    """The papers of which somebody decided what their objects do not say; the audit journal has it for ever.

    Each as it would be then; one that the former catalogue knew so is as that knew it by now.
    """
    last: dict[str, str] = {}
    with suppress(KhosoError, OSError):  # `doctor` tells what is wrong with the journal
        last = {event["subject"]: event["standing"] for event in ctx.journal.events() if event["event"] == "standing"}
    for document_id, standing in last.items():
        paper = draft.entered(document_id)
        if paper is not None and paper.standing != standing and standing in get_args(Standing):
            yield paper.model_copy(update={"standing": standing, "replaced_by": None})


def _was_so(ctx: Services, former: Paper, names: Sequence[str]) -> bool:
    """Whether a version of the object says of its paper what was known.

    A catalogue may be behind its vault, when whoever stored a version was cut off; it is never ahead of it.
    """
    known = [getattr(former, name) for name in names]
    for stored in ctx.vault.versions(ctx.vault.path(former.object_id)):
        with suppress(VaultDamaged):
            paper = read_package(stored, withdrawn=True).paper
            if [getattr(paper, name) for name in names] == known:
                return True
    return False


def _reserve(
    ctx: Services, draft: CatalogueDraft, unread: _Unread, reported: AbstractSet[str]
) -> Iterator[PaperDifference]:
    """Compare with the ledger, and keep its codes; what is ``told`` already, or lies unread, is not missed again."""
    for entry in ctx.ledger.entries():
        if not DIGITISE.has_passed("code", entry.stage):
            continue
        given, is_kept = _reserved(draft, entry)
        object_id = object_id_of(entry.id)
        if entry.id in reported or draft.holds(entry.id) or (object_id, ctx.vault.path(object_id)) in unread:
            continue
        if entry.state == "done":
            yield _differing("missing", entry.id, object_id, given)
        elif not is_kept:
            yield _differing("unreadable", entry.id, object_id, given)


def _reserved(draft: CatalogueDraft, entry: LedgerEntry) -> tuple[str, bool]:
    """Keep the codes that the ledger knows of a paper; its own code, and whether all of them could be read."""
    record = shown_record(entry.record)
    if record.codes is None:
        return "", False
    given, gone = record.true_codes
    if entry.state in ENDED:  # no paper comes of it: its result code is free
        given = given.model_copy(update={"result": None})
    is_kept = draft.reserve(entry.id, given, gone)
    return given.digitisation, record.description_is_read and is_kept


def _differing(about: DifferenceKind, document_id: str, object_id: str, code: str) -> PaperDifference:
    return PaperDifference(about=about, id=document_id, object_id=object_id, code=code)
