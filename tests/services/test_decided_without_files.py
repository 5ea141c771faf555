"""A person decides about a paper whose files of work are gone: it is read again, or he is told who ended it."""

import shutil
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from archive.errors import AlreadyDecided
from config.settings import Settings, load_settings
from domain.errors import ExitCode
from pipeline.records import Described, Statement
from pipeline.stages.review import set_apart
from services.context import open_services
from services.permissions import Asker
from services.review import decisions as review
from services.review import ending
from tests.support.desk import run_json
from tests.support.spoilt_stores import say
from tests.support.walks import Walker, archived, got
from tests.support.written_pdfs import NOTICE, page

LAN = Asker(who="Lan", office="H17.12", role="archivist")
HOA = Asker(who="Hoa", office="H17.12", role="archivist")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a store that holds a paper, and the id of one that waits because it may be the same."""
    folder = tmp_path_factory.mktemp("made")
    walker = Walker(load_settings(folder / "home", {"KHOSO_RECOGNITION__MODE": "fast"}), folder / "in")
    for name, lines in (("a.pdf", NOTICE), ("b.pdf", (*NOTICE, "Bản sao"))):
        walker.path(name).write_bytes(page(lines))
    archived(walker.put_one(walker.path("a.pdf")))
    view = got(walker.put_one(walker.path("b.pdf")), "held", "same_document", "--release")
    return folder, str(view["id"])


@pytest.fixture
def waiting(made: tuple[Path, str], tmp_path: Path) -> tuple[Settings, str]:
    """A store of the test's own, and that id."""
    shutil.copytree(made[0] / "home", tmp_path / "home")
    return load_settings(tmp_path / "home", {"KHOSO_RECOGNITION__MODE": "fast"}), made[1]


@pytest.mark.parametrize("files", [("text.txt",), ("",)], ids=["the text", "the whole folder"])
def test_it_is_read_again(waiting: tuple[Settings, str], files: tuple[str, ...]) -> None:
    """Its decision counts all the same: it goes on to its end as a paper of its own."""
    settings, document = waiting
    for name in files:
        path = settings.home / "work" / document / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    code, (view,) = run_json(settings, "review", document, "--release")
    assert code == ExitCode.OK
    archived(view)
    outcomes = [line["outcome"] for line in run_json(settings, "show", document, "--history")[1]]
    assert outcomes.count("rewound") == 1


def test_without_its_scan_the_file_is_asked_for(waiting: tuple[Settings, str], made: tuple[Path, str]) -> None:
    """What is named as the way out leads there."""
    settings, document = waiting
    for name in ("work", "inbox"):
        shutil.rmtree(settings.home / name)
    said = say(settings, "review", document, "--release")
    assert (said.code, said.reason) == (ExitCode.HELD, "scan_gone")
    run_json(settings, "ingest", str(made[0] / "in" / "b.pdf"))
    code, (view,) = run_json(settings, "review", document, "--release")
    assert code == ExitCode.OK
    archived(view)


def test_the_second_one_is_told_who_ended_it(waiting: tuple[Settings, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """While one compares, another one ends the paper, whose files are gone then."""
    settings, document = waiting

    def late(described: Described, ctx: Any) -> Described:
        monkeypatch.setattr(review, "set_apart", set_apart)
        ending.discard(ctx, LAN, document, "")
        return set_apart(described, ctx)

    monkeypatch.setattr(review, "set_apart", late)
    with open_services(settings) as ctx:
        with pytest.raises(AlreadyDecided, match="was duplicate by Lan on"):
            review.release(ctx, HOA, document, {}, settles="apart")
        entry = ctx.ledger.entry(document)
        assert entry
        assert entry.state == "duplicate"


def test_a_locked_scan_that_is_gone_is_asked_for(tmp_path: Path) -> None:
    """A password opens nothing while the scan is not there: what is so is told, and what to do."""
    walker = Walker(load_settings(tmp_path / "home", {}), tmp_path / "in")
    path = walker.path("a.pdf")
    path.write_bytes(page(NOTICE))
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.save(path, encryption=pikepdf.Encryption(owner="x", user="x"))
    view = got(walker.put_one(path, Statement()), "refused", "encrypted", "--password-file")
    shutil.rmtree(walker.settings.home / "inbox")
    (tmp_path / "passwords").write_text("x\n", encoding="utf-8")
    said = say(walker.settings, "review", str(view["id"]), "--password-file", str(tmp_path / "passwords"))
    assert (said.code, said.reason) == (ExitCode.HELD, "scan_gone")
