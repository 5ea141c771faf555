"""Keeping the search index in step with the catalogue: sending what waits, making it anew, and comparing both.

The catalogue is right and the index derived from it.  One process at a time is the indexer; what it sends it loads as
it is now, so the order of the notes does not matter.  When the engine is away the notes wait.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import NamedTuple

from filelock import FileLock, Timeout

from archive.interface import Paper
from archive.outbox import Outbox, OutboxItem, Sent
from archive.package import TEXT
from config.models import Catalogues
from domain.errors import KhosoError, SetupError
from domain.messages.told import told
from pipeline.context import Context
from search.engines import open_index
from search.errors import LATER, IndexBehind, IndexBusy, IndexOfAnother
from search.interface import IndexEntry, IndexMark, SearchIndex, Writer

_AT_A_TIME = 200
_LOCK_WAIT_S = 60
_PAUSE_S = 10
_log = logging.getLogger("khoso.indexing")


class Differences(NamedTuple):
    """Papers that the index lacks, knows an earlier state of, or should not know."""

    missing: tuple[str, ...]
    stale: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Whatever must be sent again."""
        return self.missing + self.stale + self.extra


@contextmanager
def sound_index(ctx: Context, *, make: bool = False) -> Iterator[SearchIndex]:
    """The search index, once it has said that it has all that the catalogue sent it: else it would find too little.

    ``make``: who fills it makes one where nothing was sent yet and none is there.

    Raises:
        IndexBehind: it lacks some of it: it was emptied, put back from an earlier copy, or is of an older release.
        IndexOutdated: it is missing, the index of another catalogue, or cannot be read.
        EngineLocked, EngineAway, EngineRefuses: the engine does not let us in, does not answer, or another does.
    """
    outbox = ctx.catalogue.outbox
    sent = outbox.sent()
    with ctx.index(make=make and not sent.last) as index:
        check_index(index, outbox, sent)
        yield index


def check_index(index: SearchIndex, outbox: Outbox, sent: Sent) -> None:
    """See that an index has all that it was ``sent`` before; raises as ``sound_index`` does."""
    mark = index.mark()
    _check_series(mark, sent)
    if (mark.reached if mark is not None else 0) < sent.last:
        raise IndexBehind
    if not index.count() and outbox.has_sent():
        raise IndexBehind("index_emptied")


def _check_series(mark: IndexMark | None, sent: Sent) -> None:
    if mark is not None and mark.series != sent.series:
        raise IndexOfAnother


def drain(ctx: Context, *, behind: bool = False) -> int:
    """Send every change that the index lacks; returns how many papers that were.

    Args:
        ctx: the services.
        behind: whether the index may be behind, since all that it lacks waits.

    Raises:
        EngineAway, EngineRefuses, IndexBusy, IndexNotWritten: not now; what was not sent waits.
        IndexOutdated: it must be made anew first; what was not sent waits.
        SetupError: imported lists are missing or damaged; what was not sent waits.
    """
    sent = 0
    outbox = ctx.catalogue.outbox
    with _alone(ctx, "indexer"):
        changes = outbox.waiting(_AT_A_TIME)
        if not changes:
            return 0
        with ctx.index(make=True) if behind else sound_index(ctx, make=True) as index:
            index.check_writable()  # a full engine would be tried again and again while papers wait for us
            mark = index.mark() or IndexMark(series=outbox.sent().series, reached=0)
            while changes:
                dead = _send(ctx, index, changes)
                mark = IndexMark(series=mark.series, reached=max(mark.reached, changes[-1].version))
                index.put_mark(mark)
                outbox.settle(changes, dead)
                sent += len(changes)
                changes = outbox.waiting(_AT_A_TIME) if len(changes) == _AT_A_TIME else []
    return sent


def drain_if_possible(ctx: Context) -> None:
    """Send what waits; when that cannot be done now, say so in the log, once, and leave it."""
    try:
        sent = drain(ctx)
    except (*LATER, SetupError) as error:
        tell_hindrance(ctx, error.told.text())
    else:
        tell_hindrance(ctx, "", sent)


def tell_hindrance(ctx: Context, why: str, sent: int = 0) -> None:
    """Say in the log what keeps changes from the index, when that begins or changes, and when it is over."""
    if why == ctx.index_hindered:
        return
    ctx.index_hindered = why
    if ctx.tells_index:
        _log.warning("%s", why or told("index_goes_on", count=sent).text())


def drain_now_and_then(ctx: Context) -> None:
    """Send what waits, unless this process did so a moment ago: a paper sent alone costs as much as a dozen together.

    Whoever runs papers through the stages sends the rest when it has done.
    """
    if time.monotonic() - ctx.index_sent_at >= _PAUSE_S:
        drain_if_possible(ctx)
        ctx.index_sent_at = time.monotonic()


def rebuild_index(ctx: Context, follow: Callable[[int, int], None] = lambda _done, _of: None) -> int:
    """Make a new index of every paper of the catalogue beside the live one, and put it in its place.

    The live index answers and takes papers meanwhile.  What changed since the beginning is put into the new one too:
    most of it while the line goes on, the last of it while the indexer waits.  ``follow`` is told how many of how many
    papers it has.  Returns their number.
    """
    outbox = ctx.catalogue.outbox
    with (
        _alone(ctx, "rebuild"),
        open_index(ctx.settings.search, fresh=True) as index,
        index.rebuild() as draft,
    ):
        reached = outbox.last()
        papers = ctx.catalogue.count()
        dead = _send_all(ctx, draft, outbox.versions(), lambda sent: follow(min(sent, papers), papers))
        while (last := outbox.last()) - reached > _AT_A_TIME:
            dead |= _send_all(ctx, draft, outbox.since(reached))
            reached = last
        with _alone(ctx, "indexer"):
            final = list(outbox.since(reached))
            dead |= _send_all(ctx, draft, final)
            last = final[-1].version if final else reached
            number = draft.publish(IndexMark(series=outbox.sent().series, reached=last))
            outbox.settle_until(last, dead)
    return number


def compare_index(ctx: Context) -> Differences:
    """What the index and the catalogue disagree about; call it when nothing waits.

    Raises:
        IndexOutdated: it is the index of another catalogue, or knows of changes that this one never made.
    """
    missing, stale, extra = [], [], []
    last, sent = ctx.catalogue.outbox.last(), ctx.catalogue.outbox.sent()
    with ctx.index(make=True) as index:
        _check_series(index.mark(), sent)
        for name, ours, theirs in _side_by_side(ctx.catalogue.outbox.versions(), index.versions()):
            if theirs is not None and theirs > last:
                raise IndexOfAnother
            if theirs is None:
                missing.append(name)
            elif ours is None:
                extra.append(name)
            elif theirs < ours:
                stale.append(name)
    return Differences(tuple(missing), tuple(stale), tuple(extra))


def reconcile(ctx: Context) -> Differences:
    """Send what waits, compare, and send whatever differs again; returns what had differed."""
    with suppress(IndexBehind):
        drain(ctx)
    sent = ctx.catalogue.outbox.sent()
    found = compare_index(ctx)
    ctx.catalogue.outbox.note(found.all)
    drain(ctx, behind=True)
    with _alone(ctx, "indexer"), ctx.index(make=True) as index:
        mark = index.mark()
        if mark is None or mark.reached < sent.last:  # whatever it lacked of these was found, and was sent again
            index.put_mark(IndexMark(series=sent.series, reached=sent.last))
    return found


def entry_of(paper: Paper, version: int, ctx: Context, catalogues: Catalogues) -> IndexEntry:
    """What the index knows of a paper: words from the vault, codes and dates from the catalogue; no owner id."""
    text = ctx.vault.get(paper.object_id).files[TEXT].read_text(encoding="utf-8")
    type_name = catalogues.type_name(paper.type_code)
    others = (item.name for item in paper.others)
    return IndexEntry(
        id=paper.id,
        version=version,
        title=" ".join(part for part in (paper.title or type_name, paper.abstract, paper.owner_name, *others) if part),
        body=text,
        number_symbol=paper.number_symbol,
        codes=tuple(code for code in (paper.digitisation_code, paper.result_code, paper.file_code) if code),
        type_code=catalogues.present_code(paper.type_code),
        type_name=type_name,
        dossier=paper.dossier,
        issuer=paper.issuer,
        issued=paper.issued,
        owners=tuple(map(ctx.owner_keys.of, paper.owner_ids or (paper.owner_id,))),
        valid_until=paper.valid_until,
        standing=paper.standing,
    )


def _send_all(
    ctx: Context, writer: Writer, changes: Iterable[OutboxItem], follow: Callable[[int], None] = lambda _: None
) -> dict[str, str]:
    dead: dict[str, str] = {}
    left, number = iter(changes), 0
    while some := list(islice(left, _AT_A_TIME)):
        dead |= _send(ctx, writer, some)
        number += len(some)
        follow(number)
    return dead


def _send(ctx: Context, writer: Writer, changes: list[OutboxItem]) -> dict[str, str]:
    """Send papers as they are now; returns those that cannot be sent, and why: they must not stop the others.

    Raises:
        SetupError: the lists that name the types of all of them are missing or damaged.
    """
    catalogues = ctx.catalogues
    papers = {paper.id: paper for paper in ctx.catalogue.some([change.paper_id for change in changes])}
    dead: dict[str, str] = {}
    entries: list[IndexEntry] = []
    for change in changes:
        paper = papers.get(change.paper_id)
        if paper is None:
            continue
        try:
            entries.append(entry_of(paper, change.version, ctx, catalogues))
        except (KhosoError, OSError, ValueError, KeyError) as error:
            dead[paper.id] = f"{type(error).__name__}: {error}"
    dead |= {item.id: item.reason for item in writer.add(entries)}
    gone = [(change.paper_id, change.version) for change in changes if change.paper_id not in papers]
    if gone:
        writer.remove(gone)
    for name, reason in dead.items():
        _log.error("%s cannot be indexed: %s", name, reason)
    return dead


def _side_by_side(
    changes: Iterable[OutboxItem], known: Iterable[tuple[str, int]]
) -> Iterator[tuple[str, int | None, int | None]]:
    """Two lists in order of their ids as one: id, our version, the index's version."""
    ours, theirs = iter(changes), iter(known)
    mine, other = next(ours, None), next(theirs, None)
    while mine is not None or other is not None:
        if other is None or (mine is not None and mine.paper_id < other[0]):
            assert mine is not None  # noqa: S101 (one of both is left)
            yield mine.paper_id, mine.version, None
            mine = next(ours, None)
        elif mine is None or other[0] < mine.paper_id:
            yield other[0], None, other[1]
            other = next(theirs, None)
        else:
            yield mine.paper_id, mine.version, other[1]
            mine, other = next(ours, None), next(theirs, None)


@contextmanager
def _alone(ctx: Context, task: str) -> Iterator[None]:
    lock = FileLock(ctx.settings.home / f"{task}.lock", timeout=_LOCK_WAIT_S)
    try:
        lock.acquire()
    except Timeout:
        raise IndexBusy("index_at_work", seconds=_LOCK_WAIT_S) from None
    try:
        yield
    finally:
        lock.release()
