"""Whether the parts of a store are there, are of one day, and are closed to others."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta

from archive.catalogue import Catalogue, open_catalogue
from archive.database import is_made
from archive.desk import open_desk
from archive.epoch import Epoch
from archive.errors import ObjectDiffers
from archive.inspections.inspections import open_inspections
from archive.journal import HEADLESS, Journal
from archive.ledger import Ledger, open_ledger
from archive.owner_keys import OwnerKeys, open_owner_keys
from archive.upgrades.lacking import lacking, older
from archive.vault import Vault
from archive.withdrawn.forgotten import forgotten
from config.settings import Settings, is_store
from config.store import STORE_VERSION, StoreFromFuture, check_not_newer, version_of
from config.versions import Versions
from domain.clock import listed, now
from domain.errors import KhosoError
from domain.messages.told import told
from domain.states import STOPPED
from files.rights import open_to_others
from pipeline.indexing import check_index
from search.engines import open_index
from services.health.accepted import accepted_findings
from services.health.certified import certified_findings
from services.health.former import never_had
from services.health.interface import Finding

_VERSIONS = {"catalogue_imported", "catalogue_undone"}
_SLACK = timedelta(minutes=1)  # a question is noted a moment after its event
_COPY = told("health_put_copy_back")
_RIGHTS = told("health_run_as_owner")


def store_findings(settings: Settings) -> list[Finding]:
    """One of each part."""
    if not is_store(settings.home):
        return [Finding.of("rights", "ok", told("health_no_store")), _empty_index(settings)]
    rows = [_rights(settings)]
    if other := list(_of_another_release(settings)):
        return [*rows, *other]
    keys = None
    if is_made(settings.catalogue_url) or is_made(settings.desk_url):
        try:
            keys = open_owner_keys(settings.owner_secret, group=settings.work.group, made=False)
        except (KhosoError, OSError) as error:
            return [*rows, Finding.missing("owner secret", error, _RIGHTS)]
    rows += _databases(settings, keys)
    rows += [*_former_secrets(settings, keys), *_index(settings, keys)] if keys else [_empty_index(settings)]
    return [
        *rows,
        *_under_way(settings),
        *_told_apart(settings, keys),
        *certified_findings(settings, keys),
        *_recorded(settings, keys),
    ]


def _of_another_release(settings: Settings) -> Iterator[Finding]:
    """What is told of a store of another release, of which nothing else is looked at: opening it would change it."""
    try:
        check_not_newer(settings.home)
        if version_of(settings.home) == STORE_VERSION or not (found := lacking(settings)).steps:
            return  # the row of a part says what is wrong with it
    except StoreFromFuture as error:
        yield Finding.missing("store version", error)
        return
    yield Finding.missing("store version", older(found))
    yield from (Finding.missing(kind, error, _RIGHTS) for kind, error in found.unread)


def _empty_index(settings: Settings) -> Finding:
    return Finding.of("search index", "ok", told("health_index_empty", engine=settings.search.kind))


def _rights(settings: Settings) -> Finding:
    """Whether the store is closed to whoever has no business with it."""
    found = list(open_to_others(settings.home, group=settings.work.group))
    if not found:
        return Finding.of("rights", "ok", told("health_rights_closed"))
    detail = told("health_rights_open", count=len(found), first=found[0])
    remedy = f"chmod -R {'o=' if settings.work.group else 'go='} {settings.home}"
    return Finding.of("rights", "missing", detail, remedy)


def _databases(settings: Settings, keys: OwnerKeys | None) -> list[Finding]:
    """Whether each can be opened; none is made."""
    rows = []
    epoch = Epoch(settings.home, settings.vault)
    for name, url in (
        ("ledger", settings.ledger_url),
        ("catalogue", settings.catalogue_url),
        ("desk", settings.desk_url),
        ("quality", settings.quality_url),
    ):
        if not is_made(url):
            is_gone = name == "catalogue" and epoch.is_used
            gone = Finding.of(name, "missing", told("health_gone"), told("health_run_rebuild"))
            rows.append(gone if is_gone else Finding.of(name, "ok", told("health_not_made")))
            continue
        try:
            with _database(name, url, keys, epoch) as database:
                if isinstance(database, Catalogue):
                    database.check_read()
                    database.check_rows()
                rows.append(Finding.of(name, "ok", told("health_opens")))
        except (KhosoError, OSError) as error:
            rows.append(Finding.missing(name, error, _RIGHTS))
    return rows


def _database(name: str, url: str, keys: OwnerKeys | None, epoch: Epoch) -> AbstractContextManager[object]:
    if name == "quality":
        return open_inspections(url)
    if keys is None or name == "ledger":
        return open_ledger(url)
    return open_catalogue(url, keys, epoch) if name == "catalogue" else open_desk(url, keys)


def _former_secrets(settings: Settings, keys: OwnerKeys) -> list[Finding]:
    """What was asked about owners under secrets that are gone."""
    if not is_made(settings.desk_url):
        return []
    remedy = told("health_secret_back")
    # its own row says what is wrong with it
    with suppress(KhosoError, OSError), open_desk(settings.desk_url, keys) as desk:
        former = desk.former_secrets()
        return [
            Finding.of("owner secret", "absent", told("health_former_secret", until=at, count=gone.questions), remedy)
            for gone in former
            for at in (listed(gone.until),)
        ]
    return []


def _index(settings: Settings, keys: OwnerKeys) -> list[Finding]:
    """The engine, how far it is behind the catalogue, and the papers it cannot take."""
    if not is_made(settings.catalogue_url):
        return []  # the row of the catalogue says why
    try:
        with open_catalogue(settings.catalogue_url, keys, Epoch(settings.home, settings.vault)) as catalogue:
            return _index_beside(settings, catalogue)
    except (KhosoError, OSError):
        return []  # the row of the catalogue says why


def _index_beside(settings: Settings, catalogue: Catalogue) -> list[Finding]:
    lag, dead, sent = catalogue.outbox.lag(), catalogue.outbox.dead(), catalogue.outbox.sent()
    if not catalogue.count():
        return [_empty_index(settings)]
    since = listed(lag.since) if lag.since else ""
    waiting = told("health_changes_wait", count=lag.waiting, since=since) if since else told("health_nothing_waits")
    try:
        with open_index(settings.search) as index:
            check_index(index, catalogue.outbox, sent)
            index.check_writable()
            detail = told("health_index", engine=settings.search.kind, count=index.count(), waiting=waiting)
            row = Finding.of("search index", "ok", detail)
    except KhosoError as error:
        detail = told("health_index_away", error=error, waiting=waiting)
        row = Finding.of("search index", "missing", detail, error.advice)
    left = (Finding.of("not indexed", "absent", f"{name}: {reason}", "reindex --check") for name, reason in dead)
    return [row, *left]


def _told_apart(settings: Settings, keys: OwnerKeys | None) -> Iterator[Finding]:
    """Papers of which the ledger says something else than the archive."""
    if keys is None or not (is_made(settings.ledger_url) and is_made(settings.catalogue_url)):
        return
    epoch, lost, late, gone, new = Epoch(settings.home, settings.vault), 0, 0, 0, 0
    # their own rows say what is wrong with them
    with (
        suppress(KhosoError, OSError),
        open_ledger(settings.ledger_url) as ledger,
        open_catalogue(settings.catalogue_url, keys, epoch) as catalogue,
    ):
        apart = ledger.withdrawals.apart()
        gone = sum(1 for _ in forgotten(apart, catalogue, lambda: Vault(settings.vault, settings.scratch)))
        new = len({row.id for row in catalogue.withdrawn.all()} - {item.row.id for item in apart})
        held, known = catalogue.ids(), catalogue.known_ids()
        lost = sum(name not in known for name in ledger.archived())
        stopped = [entry for state in STOPPED for entry in ledger.entries(state=state)]
        late = sum(entry.id in held and entry.reason.word != ObjectDiffers.reason for entry in stopped)
    if gone:
        detail = told("withdrawals_forgotten", number=gone)
        yield Finding.of("papers", "missing", detail, told("health_run_rebuild"))
    if new:
        yield Finding.of("papers", "absent", told("health_withdrawn_new", count=new), told("health_run_rebuild"))
    if lost:
        yield Finding.of("papers", "absent", told("health_papers_lost", count=lost), told("health_papers_lost_remedy"))
    if late:
        yield Finding.of("papers", "absent", told("health_papers_late", count=late), told("health_ledger_back"))


def _under_way(settings: Settings) -> list[Finding]:
    """Scans that nobody works on, because the ledger does not know them, and papers that have lost their scan.

    And files of papers that a person ended, once nobody can take that back any more (`[intake] undo_days`).
    """
    scans = {path.stem for path in settings.inbox.glob("*.*") if not path.name.startswith(".")}
    whole, stray, bereft, kept = {name for name in scans if "." not in name}, 0, 0, 0
    if is_made(settings.ledger_url):
        # its own row says what is wrong with it
        with suppress(KhosoError, OSError), open_ledger(settings.ledger_url) as ledger:
            stray = sum(not ledger.parts(name) for name in whole)
            bereft = len({entry.sha256 for entry in ledger.entries() if not entry.is_over} - scans)
            kept = sum(_is_kept_too_long(ledger, folder.name) for folder in settings.work_folder.glob("*"))
    else:
        stray = len(whole)
    found = [
        (told("health_stray_scans", count=stray), told("health_ledger_or_files_back"), stray),
        (told("health_bereft_papers", count=bereft), told("health_files_or_inbox_back"), bereft),
    ]
    rows = [Finding.of("under way", "missing", detail, remedy) for detail, remedy, number in found if number]
    if kept:
        detail = told("health_kept_for_undo", count=kept, days=settings.intake.undo_days)
        rows.append(Finding.of("under way", "absent", detail, told("health_kept_for_undo_remedy")))
    return rows


def _is_kept_too_long(ledger: Ledger, document_id: str) -> bool:
    """Whether files of a paper that was not archived are left after it ended, and after its term to take that back."""
    entry, undo = ledger.entry(document_id), ledger.undo(document_id)
    is_ended = entry is not None and entry.is_over and entry.state != "done"
    return is_ended and (undo is None or undo.until <= now())


def _recorded(settings: Settings, keys: OwnerKeys | None) -> Iterator[Finding]:
    """Whether the audit journal is whole, and whether journal, desk and imported catalogues are of one day."""
    try:
        events = list(Journal(settings.journal).events())
    except (KhosoError, OSError) as error:
        yield Finding.missing("audit journal", error).model_copy(update={"state": "broken"})
        return
    kinds = Counter(event["event"] for event in events)
    at = [datetime.fromisoformat(event["at"]) for event in events]
    times, questions, asked = _done(settings, keys, next(iter(at), None))
    former = never_had(events)
    lost = 0 if questions is None else questions - kinds["asked"] + former.asked
    yield _journal(at, times, asked, lost=lost, late=former.late)
    yield from former.findings()
    headless = [number for number, event in enumerate(events, 1) if event.items() >= HEADLESS.items()]
    headless = [number for number in headless if number != former.headless]
    if headless or Journal(settings.journal).is_headless():
        detail = told("health_headless_before", line=headless[-1]) if headless else told("health_headless")
        yield Finding.of("audit journal", "absent", detail, told("health_compare_copy"))
    if lost < 0:
        yield Finding.of("desk", "absent", told("health_desk_behind", count=-lost), told("health_desk_back"))
    yield from accepted_findings(settings, events)
    last = next((int(event["version"]) for event in reversed(events) if event["event"] in _VERSIONS), 0)
    brought = max(last, Epoch(settings.home, settings.vault).lists)
    with suppress(KhosoError, OSError):  # its own row says what is wrong with them
        if brought > (there := Versions(settings.imported).number):
            detail = told("health_lists_missing", there=there, count=brought)
            yield Finding.of("catalogues", "missing", detail, told("health_lists_back"))


def _done(
    settings: Settings, keys: OwnerKeys | None, since: datetime | None
) -> tuple[tuple[datetime, datetime] | None, int | None, datetime | None]:
    """When the first and the last paper were archived; how many questions were asked since then, and when the last."""
    times, asked, questions = None, None, None if is_made(settings.desk_url) else 0
    if keys is None:
        return times, questions, asked
    with suppress(KhosoError, OSError):  # the rows of the databases say what is wrong with them
        if questions is None:
            with open_desk(settings.desk_url, keys) as desk:
                questions, asked = desk.count_questions(since), desk.last_asked()
        if is_made(settings.catalogue_url):
            with open_catalogue(settings.catalogue_url, keys, Epoch(settings.home, settings.vault)) as catalogue:
                times = catalogue.times()
    return times, questions, asked


def _journal(
    at: list[datetime],
    times: tuple[datetime, datetime] | None,
    asked: datetime | None,
    *,
    lost: int,
    late: timedelta,
) -> Finding:
    """Whether a journal that is whole has what the store did at its ends, and the ``lost`` questions in between."""
    remedy = told("health_journal_back")
    last = max((moment for moment in (times and times[1], asked) if moment), default=None)
    if last is not None and (not at or at[-1] + _SLACK < last):
        done = listed(last)
        detail = (
            told("health_journal_cut", end=listed(at[-1]), last=done) if at else told("health_journal_empty", last=done)
        )
        return Finding.of("audit journal", "broken", detail, remedy)
    if lost > 0:
        return Finding.of("audit journal", "broken", told("health_journal_lacks", count=lost), remedy)
    if times is not None and at[0] > times[0] + late:
        detail = told("health_journal_late", begin=listed(at[0]), first=listed(times[0]))
        return Finding.of("audit journal", "absent", detail, remedy)
    return Finding.of("audit journal", "ok", told("health_journal", count=len(at)))
