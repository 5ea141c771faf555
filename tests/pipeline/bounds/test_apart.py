"""What somebody brings is opened in a process of its own, whoever opens it: one that is too heavy ends that process."""

import os
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from config.settings import load_settings
from domain.errors import NotValid
from files.scratch import owners
from pipeline.embedded import call_apart
from pipeline.errors import OutOfMemory, WorkerLost
from pipeline.intake import open_batch, take_in
from services.context import Services
from services.permissions import user_of_the_machine
from services.verify import _examine, verify
from tests.support.desk import STATED
from tests.support.door import SECRET, locked
from tests.support.held_papers import hold
from tests.support.signed_elsewhere import Maker
from tests.support.signing_papers import paper

MEMORY_MIB = 512


def heavy(mib: int) -> int:
    """As many bytes as somebody's file may ask for."""
    return sum(bytes(bytearray(os.urandom(1) * (1 << 20) * mib))[:1])


def dies(*_: object, **__: object) -> None:
    """What native code does with a file that it was not made for."""
    os._exit(1)


def refuses() -> None:
    """An error that has a reason and a remedy of its own."""
    raise NotValid("no PDF", remedy="Give a PDF", reason="odd")


@pytest.fixture
def bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store whose processes may take little."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "khoso.toml").write_text(f"[work]\nmemory_mib = {MEMORY_MIB}\n", encoding="ascii")
    return tmp_path


def test_what_it_finds_and_what_it_says(bounded: Path) -> None:
    """Answers and errors come back whole; a process that takes too much, or dies, is told as that."""
    settings = load_settings(home=bounded)
    assert call_apart(settings, os.getpid) != os.getpid()
    with pytest.raises(NotValid, match="no PDF") as refused:
        call_apart(settings, refuses)
    assert (refused.value.reason, refused.value.advice) == ("odd", "Give a PDF")
    with pytest.raises(OutOfMemory):
        call_apart(settings, heavy, 2 * MEMORY_MIB)
    with pytest.raises(WorkerLost):
        call_apart(settings, dies)
    assert not list(owners(settings.scratch))


def test_a_locked_file_is_opened_apart(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that takes a file in does not open it, though it has the password."""
    path = locked(tmp_path)
    monkeypatch.setattr("pikepdf.open", _not_here)
    seen = take_in(ctx, path, open_batch(ctx, "one"), STATED, (SECRET,))
    entry = ctx.ledger.entry(seen.document_id or "")
    assert entry is not None
    assert ".unlocked.pdf" in entry.record


def test_a_strangers_file_is_checked_apart(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that was asked to verify a file does not read it as a PDF."""
    path = tmp_path / "strange.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(path)
    monkeypatch.setattr("services.verify.verify_pdf", _not_here)
    monkeypatch.setattr("pikepdf.open", _not_here)
    found = verify(ctx, user_of_the_machine(ctx.settings), str(path))
    assert (found.outcome, found.pdfa) == ("unsigned", False)


def _not_here(*_: object, **__: object) -> None:
    raise AssertionError


@pytest.mark.parametrize("changed", [{"arrived_signed": "trusted"}, {"pdf_sha256": "0" * 64}])
def test_what_strangers_signed_is_checked_apart_when_it_is_held(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str]
) -> None:
    """A paper that arrived signed, or is not the one that was archived, is not read by who asks about it."""
    hold(ctx, tmp_path, "foreign", content=_twice_signed(), level=None, **changed)
    monkeypatch.setattr("services.verify.verify_pdf", _not_here)
    found = verify(ctx, user_of_the_machine(ctx.settings), "foreign")
    assert [item.intact for item in found.signatures] == [True, True]


def test_a_page_that_ends_the_process_is_not_drawn(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signatures are checked all the same; what a drawing would tell is told as not known, with the page."""
    path = tmp_path / "strange.pdf"
    path.write_bytes(_twice_signed())
    monkeypatch.setattr("services.verify._examine", dies_when_drawing)
    found = verify(ctx, user_of_the_machine(ctx.settings), str(path))
    assert [item.intact for item in found.signatures] == [True, True]
    monkeypatch.setattr("services.verify._examine", dies)
    with pytest.raises(NotValid) as caught:
        verify(ctx, user_of_the_machine(ctx.settings), str(path))
    assert caught.value.reason == WorkerLost.reason


def dies_when_drawing(file: Any, *, draws: bool) -> object:
    """What a page does that was made for it."""
    if draws:
        dies()
    return _examine(file, draws=draws)


def _twice_signed() -> bytes:
    maker = Maker.new()
    return maker.update(maker.update(paper()), "Signature2", box=(20, 20, 90, 90), on_page=0)
