"""Putting files in: what is at the door, a batch for it, and the line until nothing can go on."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from archive.interface import LedgerEntry
from config.copies import presented_as
from config.signing import OfficerSettings
from domain.clock import now
from domain.errors import SetupError, UsageError
from domain.messages.told import told
from domain.states import STOPPED, Lane
from files.durable import sweep_unfinished
from pipeline.decisions import read_passwords
from pipeline.embedded import at_work, run_embedded
from pipeline.errors import OfficerKeyUnusable
from pipeline.former.rescans import with_rescans
from pipeline.hands.keys import get_keys_ready
from pipeline.hands.officers import is_usable
from pipeline.indexing import drain_if_possible
from pipeline.intake import Seen, arrivals, batch_key, find_files, open_batch, sweep_work
from pipeline.manifest import read_manifest, stated_of_all
from pipeline.records import Statement
from pipeline.runner import bring_level
from services.context import Services
from services.document import DocumentView, source_views
from services.permissions import Asker, NotAllowed, bounds, demand, may, refuse
from services.review.rescans import check_former


class Ingest:
    """The files of one batch on their way in; ``seen`` are those that came to the door so far."""

    def __init__(
        self,
        ctx: Services,
        asker: Asker,
        key: str,
        files: list[Path],
        statements: dict[str, Statement],
        passwords: tuple[str, ...],
        lane: Lane = "backlog",
    ) -> None:
        self._ctx = ctx
        self._asker = asker
        self._key = key
        self._lane: Lane = lane
        self._statements = statements
        self._passwords = passwords
        self.files = files
        self.seen: list[Seen] = []
        self._brought: set[str] = set()  # the first documents of these files, whoever brought them first
        self.is_whole = True

    @cached_property
    def batch(self) -> str:
        """The batch of these files; it is opened when it is first asked for."""
        return open_batch(self._ctx, self._key, self._lane)

    def arriving(self) -> Iterator[Seen | None]:
        """Receive one file a step; None for a step in which all that are left are still being written.

        What a desk waits for, and is on its way in another batch, leaves that one.
        """
        stated, passwords, within = self._statements, self._passwords, bounds(self._asker, "ingest")
        for arrived in arrivals(self._ctx, self.files, self.batch, stated, passwords, self._asker, within):
            if arrived is not None:
                self.seen.append(arrived)
                self._note(arrived.document_id or "")
            yield arrived

    def _note(self, document_id: str) -> None:
        self._brought.add(document_id)
        if self._lane == "desk" and (entry := self._ctx.ledger.entry(document_id)):
            self._ctx.ledger.overtake(entry.sha256, self.batch)

    @contextmanager
    def working(self) -> Iterator[None]:
        """To be among those who run the line; what was cut off is swept away.

        Raises:
            Busy: the catalogue is being made anew.
        """
        with at_work(self._ctx.settings):
            sweep_unfinished(self._ctx.settings.inbox)
            sweep_work(self._ctx)
            yield

    def run(self, door: Iterator[object], workers: int, on_progress: Callable[[], None]) -> None:
        """Draw the files through the door and digitise them in processes of this machine; then close the batch.

        Who comes first works until nothing of the store can go on, others until nothing of these files can.

        Raises:
            SetupError: a stage stopped the line.
            KeyboardInterrupt: Ctrl-C; nothing is lost, the same command goes on.
        """
        try:
            run_embedded(self._ctx, door, workers, on_progress, self._is_own, lane=self._lane)
        except SetupError:
            drain_if_possible(self._ctx)  # what was archived before that
            raise
        self._ctx.ledger.close_batch(self.batch)
        drain_if_possible(self._ctx)

    def _is_own(self, entry: LedgerEntry) -> bool:
        return entry.batch_id == self.batch or entry.sha256[:16] in self._brought

    def views(self) -> list[DocumentView]:
        """What became of the files: of a paper only what ``show`` would tell the asker.

        Afterwards ``is_whole`` tells whether the vault has all of them that are archived.
        """
        views = [view for item in self.seen for view in source_views(self._ctx, item)]
        self.is_whole = all(view.state != "done" and (view.object is None or view.pdf is not None) for view in views)
        return [self._shown(view) for view in views]

    def _shown(self, view: DocumentView) -> DocumentView:
        is_there = view.id is None or may(self._asker, "show", view.numbered, self._ctx.settings, by=view.brought_by)
        shown = view.as_told_to(self._ctx, self._asker) if is_there else view.of_another_agency()
        return shown.model_copy(update={"source": view.source})


def ingest(
    ctx: Services,
    asker: Asker,
    paths: Sequence[Path],
    *,
    manifest: Path | None = None,
    password_file: Path | None = None,
    lane: Lane = "backlog",
    officer: str = "",
    rescan_of: str = "",
    handed_in: str = "",
) -> Ingest:
    """Make ready to put files in: files are found, keys there, statements and passwords read.

    ``officer``: who signs the copies of files for which the manifest names nobody, where the asker does not.
    ``rescan_of``: the document of which the only file is a new scan.  ``handed_in``: as what the papers were handed in
    of which the manifest does not say it.

    Raises:
        NotAllowed: the role may not, or not into the dossier of another agency, or not in another's name.
        UsageError: a path does not exist, the manifest or the passwords cannot be read, or no such officer may sign.
        SetupError: the keys cannot sign.
    """
    demand(ctx, asker, "ingest")
    files = find_files(paths, ctx.settings.home)
    for state in STOPPED:
        for entry in ctx.ledger.entries(state=state):
            bring_level(ctx, entry)
    statements = read_manifest(manifest, ctx, files) if manifest else {}
    named = {item.officer for item in statements.values() if item.officer} | ({officer} if officer else set())
    get_keys_ready(ctx, {asker.who, *named})
    _check_named(ctx, asker, named)
    for name, statement in statements.items():
        if statement.dossier and not may(asker, "ingest", statement.dossier, ctx.settings):
            refuse(ctx, asker, "ingest", name, "other_agency", dossier=statement.dossier)
            raise NotAllowed("file_dossier_elsewhere", remedy="that_agency_puts_in", file=name)
    statements = _with_rescans(ctx, asker, files, statements, rescan_of)
    passwords = read_passwords(password_file) if password_file else ()
    as_what = presented_as(handed_in) if handed_in.strip() else None
    if officer or as_what:
        statements = stated_of_all(files, statements, officer=officer, handed_in=as_what)
    return Ingest(ctx, asker, batch_key(paths, manifest), files, statements, passwords, lane)


def _with_rescans(
    ctx: Services, asker: Asker, files: Sequence[Path], statements: dict[str, Statement], rescan_of: str
) -> dict[str, Statement]:
    """What is stated of the files, with the papers of which they are new scans.

    Raises:
        NotFound: there is no such paper.
        UsageError: it does not wait to be scanned again, or several files are named for it.
    """
    named = [item.rescan_of for item in statements.values() if item.rescan_of]
    if rescan_of and (len(files) != 1 or named):
        raise UsageError("rescan_of_one", remedy="rescan_by_manifest", id=rescan_of)
    for former in dict.fromkeys([*named, *([rescan_of] if rescan_of else [])]):
        if named.count(former) > 1:
            raise UsageError("rescan_of_one", remedy="rescan_by_manifest", id=former)
        check_former(ctx, asker, former)
    return with_rescans(ctx, files, statements, rescan_of)


def _check_named(ctx: Services, asker: Asker, named: Collection[str]) -> None:
    """See that the officers who are named for a batch are some, and that nobody is named in place of who signs himself.

    Raises:
        NotAllowed: a postal operator signs only himself, and must be an officer.
        UsageError: no such officer is known, or the asker's own key signs what he scans.
    """
    signing = ctx.settings.signing
    own, others = signing.rows_of(asker.who), sorted(set(named) - {asker.who})
    if asker.role == "postal" and (others or not own):
        refuse(ctx, asker, "ingest", ", ".join(others), "not_allowed")
        raise NotAllowed("postal_signs_himself", remedy="enter_officer")
    if unknown := [who for who in others if not signing.rows_of(who)]:
        known = sorted({row.who for row in signing.officers}) or told("nobody_is_entered")
        raise UsageError("named_no_officer", remedy="name_known_officer", who=unknown[0], known=known)
    if others and any(row.is_in_office(now().date()) and _signs(row, ctx) for row in own):
        raise UsageError("officer_signs_himself", remedy="name_nobody_or_let", who=asker.who, other=others[0])


def _signs(row: OfficerSettings, ctx: Services) -> bool:
    """Whether an officer's key signs here and now; of one that is lost another officer may be named."""
    with suppress(OfficerKeyUnusable):
        return is_usable(row, ctx)
    return False
