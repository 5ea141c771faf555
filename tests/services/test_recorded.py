"""Whatever changes or discloses something leaves an event, whoever did it by whatever command."""

import os
from pathlib import Path
from typing import Any

import pytest

from archive.journal import Journal
from config.settings import Settings
from domain.errors import ExitCode
from domain.events import LINE, FileReceived
from pipeline.context import digest
from services.context import open_services
from services.document import show
from services.permissions import Asker, user_of_the_machine
from services.standing import change_standing
from tests.support.desk import STATED, bring, run_json
from tests.support.held_papers import OWNER, hold
from tests.support.walks import slip


def events(settings: Settings) -> list[dict[str, Any]]:
    """What the journal has; the chain is checked."""
    return [dict(item) for item in Journal(settings.journal).events()]


def words(settings: Settings, *names: str) -> list[tuple[str, ...]]:
    """The words of the events, each with these of its fields."""
    return [(item["event"], *(str(item.get(name, "")) for name in names)) for item in events(settings)]


def damaged(folder: Path, name: str = f"{OWNER}.pdf") -> Path:
    """A PDF of which nothing can be read, named for its owner."""
    path = folder / name
    path.write_bytes(b"%PDF-1.7 nothing more")
    return path


def test_the_way_of_a_file_that_is_refused(settings: Settings, tmp_path: Path) -> None:
    """It came, who brought it; it was turned away, and why; it was ended, and by whom."""
    run_json(settings, "ingest", str(damaged(tmp_path)), "--who", "an")
    assert words(settings, "who", "state", "reason") == [
        ("received", "an", "received", ""),
        ("turned_away", LINE, "", "damaged"),
    ]
    came, turned = events(settings)
    assert (came["subject"], turned["subject"], turned["stage"]) == ("048*******75.pdf", came["document"], "prepare")
    run_json(settings, "review", came["document"], "--discard", "--reason", f"của {OWNER}", "--who", "chi")
    assert words(settings, "who")[2:] == [("discarded", "chi"), ("shown", "chi")]
    run_json(settings, "ingest", str(damaged(tmp_path, "again.pdf")), "--who", "an")
    assert words(settings, "who", "state", "reason")[4:] == [("received", "an", "duplicate", "same_bytes")]
    assert OWNER not in settings.journal.read_text(encoding="utf-8")


def test_who_puts_a_file_in_has_a_role_and_an_office(settings: Settings, tmp_path: Path) -> None:
    """A clerk who brings a scan, or decides about one; and the machine's user, who brings it again for that."""
    path, rows, me = tmp_path / "a.png", tmp_path / "rows.csv", user_of_the_machine(settings)
    slip().save(path)  # no resolution is told
    run_json(settings, "ingest", str(path), "--who", "an")
    rows.write_text("file,paper\na.png,A5\n", encoding="utf-8")
    run_json(settings, "ingest", str(path), "--manifest", str(rows), "--workers", "1")
    found = [item for item in events(settings) if item["event"] in {"received", "accepted"}]
    assert [(item["event"], item["who"], item["role"], item["office"]) for item in found] == [
        ("received", "an", "desk", settings.agency),
        ("accepted", me.who, "operator", settings.agency),
        ("received", me.who, "operator", settings.agency),
    ]


def test_what_an_earlier_release_wrote_is_an_event_still() -> None:
    """It knew no role and no office of who put a file in."""
    known = {"who": "an", "subject": "a.pdf", "batch": "1", "state": "received", "sha256": "0" * 64}
    came = FileReceived.model_validate({**known, "document": "0" * 16, "reason": ""})
    assert (came.role, came.office) == (None, None)


def test_a_file_refused_at_the_door(settings: Settings, tmp_path: Path) -> None:
    """What becomes no document is recorded too, with the fixed word why."""
    path = tmp_path / "a.pdf"
    path.write_text("no PDF", encoding="utf-8")
    assert run_json(settings, "ingest", str(path))[0] == ExitCode.REFUSED
    (came,) = events(settings)
    assert (came["state"], came["document"], came["reason"]) == ("refused", None, "content_mismatch")


def test_a_file_that_stays_refused(settings: Settings, tmp_path: Path) -> None:
    """However often it is put in, within a second too, it is told once for each reason; `status` tells the last one."""
    path = tmp_path / "in" / "a.pdf"
    path.parent.mkdir()
    for bring_it in (lambda: path.symlink_to("b.pdf"), lambda: os.mkfifo(path), lambda: path.write_text("no PDF")):
        bring_it()
        for _ in range(2):
            assert run_json(settings, "ingest", str(path.parent))[0] == ExitCode.REFUSED
        path.unlink()
    got = [line["reason"].partition(". ")[0] for line in run_json(settings, "status")[1] if line.get("state")]
    assert got == [f"unreadable: {path} is no file", "content_mismatch: a.pdf is not what its extension says"]
    assert words(settings, "reason") == [("received", "unreadable"), ("received", "content_mismatch")]


def test_a_desk_is_told_no_paths_of_files(settings: Settings, tmp_path: Path) -> None:
    """`status` tells which file was refused, without a number in its name; and a desk without its folder."""
    path = tmp_path / f"{OWNER}.pdf"
    path.write_text("no PDF", encoding="utf-8")
    run_json(settings, "ingest", str(path))
    for who, source in (((), str(tmp_path / "048*******75.pdf")), (("--who", "an"), "048*******75.pdf")):
        (trouble,) = [line for line in run_json(settings, "status", *who)[1] if line.get("state")]
        assert trouble["source"] == source
        assert OWNER not in str(trouble)


def test_a_paper_that_is_held(settings: Settings, tmp_path: Path) -> None:
    """A scan that waits for a person's decision has an event of its own."""
    path = tmp_path / "a.png"
    slip().save(path)  # no resolution is told
    with open_services(settings) as ctx:
        document = bring(ctx, path, STATED)
    assert words(settings, "subject", "stage", "reason")[1:] == [("held", document, "prepare", "no_dpi")]


def test_what_tends_the_store(settings: Settings, tmp_path: Path) -> None:
    """Index and catalogue made anew, and each look at a paper, by whom."""
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "birth", digitisation_code=f"{OWNER}.KQ.G15.000031.215/2019.01")
        me = user_of_the_machine(settings)
        show(ctx, me, "birth")
    for command in (("index",), ("reindex",), ("reindex", "--check"), ("rebuild",), ("verify", "birth"), ("review",)):
        run_json(settings, *command)
    assert {(item["who"], item["role"], item["office"]) for item in events(settings)} == {(me.who, me.role, me.office)}
    assert words(settings, "how", "papers") == [
        ("shown", "", ""),
        ("indexed", "sent", "1"),
        ("indexed", "made_anew", "1"),
        ("indexed", "compared", "0"),
        ("rebuilt", "", "1"),
        ("verified", "", ""),
        ("waiting_listed", "", ""),
    ]


def test_a_file_that_is_none_to_check(settings: Settings, tmp_path: Path) -> None:
    """Which file was looked at is told though it is no PDF."""
    with open_services(settings):
        path = damaged(tmp_path, "a.pdf")
    assert run_json(settings, "verify", str(path))[0] == ExitCode.NOT_VALID
    assert words(settings, "subject", "sha256") == [("verified", "a.pdf", digest(path))]


def test_a_run_that_is_cut_off_lacks_no_event(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the vault has already is in the journal, though the catalogue did not hear of it."""

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "birth")
        monkeypatch.setattr(ctx.catalogue, "change_standing", killed)
        archivist = Asker(who="bình", office="H17.12", role="archivist")
        with pytest.raises(KeyboardInterrupt):
            change_standing(ctx, archivist, "birth", "revoked", reason="QĐ 12")
    assert words(settings, "who", "standing") == [("standing", "bình", "revoked")]
