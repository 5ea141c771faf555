"""Two people decide about one paper: one wins, the other is told, and nothing that was done is undone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from archive.errors import AlreadyDecided, JournalNotWritten
from config.settings import Settings
from domain.errors import ExitCode, NotFound
from pipeline.decisions import stated_decisions
from pipeline.embedded import at_work
from pipeline.records import Statement
from pipeline.runner import run_through
from services.context import Services
from services.permissions import Asker
from services.review import decisions as review
from services.review import ending
from tests.support.desk import STATED, bring, run_json
from tests.support.walks import slip
from tests.support.written_pdfs import page

LAN = Asker(who="Lan", office="H17.12", role="archivist")
HOA = Asker(who="Hoa", office="H17.12", role="archivist")
VALUES: dict[str, str] = {"type": STATED.type_code or ""} | {str(name): text for name, text in STATED.fields.items()}

Act = Callable[[Services, Asker, str], None]


def release(ctx: Services, by: Asker, document: str) -> None:
    """Give what is asked, and let the paper go on."""
    review.release(ctx, by, document, VALUES, settles="apart")


def discard(ctx: Services, by: Asker, document: str) -> None:
    """End it."""
    ending.discard(ctx, by, document, "quét lại")


def let_in(ctx: Services, by: Asker, document: str) -> None:
    """Tell the size of its sheet."""
    review.let_in(ctx, by, document, stated_decisions(Statement(paper="A5"), by.who), ())


def waiting(ctx: Services, folder: Path, act: Act) -> str:
    """A paper that waits for such an act."""
    if act is let_in:
        path = folder / "a.png"
        slip().save(path)  # no resolution is told
        return bring(ctx, path, STATED)
    path = folder / "a.pdf"
    path.write_bytes(page(("Danh sách", "Nguyễn Thị Thu Hà", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")))
    return bring(ctx, path, Statement())


def kept(ctx: Services, document: str) -> tuple[Any, ...]:
    """All that is known of a paper: its row, its history, and the events."""
    return ctx.ledger.entry(document), ctx.ledger.history(document), list(ctx.journal.events())


@contextmanager
def before_the_next_writes(monkeypatch: pytest.MonkeyPatch, other: Callable[[], None]) -> Iterator[None]:
    """Whoever decides has read; before he writes, the other act happens, from beginning to end."""
    among = at_work

    @contextmanager
    def late(settings: Settings) -> Iterator[None]:
        for module in (review, ending):
            monkeypatch.setattr(module, "at_work", among)
        other()
        with among(settings):
            yield

    for module in (review, ending):
        monkeypatch.setattr(module, "at_work", late)
    yield
    assert vars(review)["at_work"] is among, "nothing was done in between"


@pytest.mark.parametrize(
    ("first", "second"),
    [(release, release), (release, discard), (discard, release), (discard, discard), (let_in, let_in)],
)
def test_the_second_one_is_told(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: Act, second: Act
) -> None:
    """Whoever has read what another one changes is told by whom and when (`already_decided`); nothing changes."""
    document, after = waiting(ctx, tmp_path, first), []

    def other() -> None:
        first(ctx, LAN, document)
        after.append(kept(ctx, document))

    with (
        before_the_next_writes(monkeypatch, other),
        pytest.raises(AlreadyDecided, match=r"was (released|discarded) by Lan on \d{4}-\d\d-\d\d at .*; it is ") as got,
    ):
        second(ctx, HOA, document)
    assert (got.value.reason, got.value.exit_code) == ("already_decided", ExitCode.USAGE)
    assert kept(ctx, document) == after[0]


@pytest.mark.parametrize("act", [release, let_in, discard])
def test_what_came_before_is_told(ctx: Services, tmp_path: Path, act: Act) -> None:
    """A command for a paper that was decided about a moment ago ends with who decided, and changes nothing."""
    document = waiting(ctx, tmp_path, act)
    act(ctx, LAN, document)
    before = kept(ctx, document)
    for by in (HOA, LAN):
        with pytest.raises(AlreadyDecided, match="by Lan on"):
            act(ctx, by, document)
    assert run_json(ctx.settings, "review", document, "--release", "--who", "Hoa")[0] == ExitCode.USAGE
    assert kept(ctx, document) == before


def test_what_nobody_decided_is_not_held(ctx: Services, tmp_path: Path) -> None:
    """A paper that never waited for a person is told as not held."""
    path = tmp_path / "a.pdf"
    path.write_bytes(page(("Thông báo", "Về việc tiếp nhận hồ sơ")))
    document = bring(ctx, path, STATED)
    assert ctx.ledger.decision(document) is None
    with pytest.raises(NotFound, match="No held document"):
        review.release(ctx, HOA, document, {})


@pytest.mark.parametrize("act", [release, let_in])
def test_the_same_command_goes_on(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: Act) -> None:
    """Cut off after its decision, a command goes on where it was; another one's, or another decision, is told."""
    document = waiting(ctx, tmp_path, act)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(review, "run_through", killed)
    with pytest.raises(KeyboardInterrupt):
        act(ctx, LAN, document)
    monkeypatch.setattr(review, "run_through", run_through)
    before = kept(ctx, document)
    with pytest.raises(AlreadyDecided, match=r"released by Lan on .*; it is waiting now"):
        act(ctx, HOA, document)
    with pytest.raises(AlreadyDecided):
        review.release(ctx, LAN, document, {**VALUES, "number_symbol": "46/TB-UBND"})
    assert kept(ctx, document) == before
    act(ctx, LAN, document)
    entry = ctx.ledger.entry(document)
    assert entry is not None
    assert entry.state == "done"
    assert [item.outcome for item in ctx.ledger.history(document)].count("released") == 1


def test_a_change_that_is_cut_off_is_none(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the event cannot be written, the paper waits as before, and no try is noted."""
    document = waiting(ctx, tmp_path, discard)
    before = kept(ctx, document)

    def full(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(ctx.journal, "_append", full)
        with pytest.raises(JournalNotWritten):
            discard(ctx, LAN, document)
    assert kept(ctx, document) == before
    discard(ctx, LAN, document)
