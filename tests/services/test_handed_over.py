"""A paper is handed over and recorded, or neither; two who enter its standing: one wins, the other is told."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from archive.errors import AlreadyDecided, DatabaseFull, JournalNotWritten
from archive.package import read_package
from config.settings import Settings
from config.versions import Head, Origin, Overlay, Versions
from domain.errors import KhosoError, NotValid, UsageError
from domain.states import Standing
from services import catalogues
from services.context import Services
from services.permissions import Asker
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.standing import change_standing
from tests.support.desk import WHY
from tests.support.held_papers import OWNER, hold

DOSSIER = "H17.12-261124-0001"
CLERK = Asker(who="an", office="H17.12", role="desk")
ARCHIVIST = Asker(who="bình", office="H17", role="archivist")
OTHER = Asker(who="chi", office="H17", role="archivist")


def journal(ctx: Services, event: str) -> list[dict[str, Any]]:
    """The events of one kind, the chain checked."""
    return [dict(item) for item in ctx.journal.events() if item["event"] == event]


@pytest.fixture
def desk(ctx: Services, tmp_path: Path) -> Services:
    """A store with a paper that somebody has asked for."""
    hold(ctx, tmp_path, "birth")
    (answer,) = lookup(ctx, CLERK, owner_id=OWNER, dossier=DOSSIER, type_code="KQ.G15.000031", reason=WHY)
    assert answer.answer == "held-and-valid"
    return ctx


def test_nothing_is_recorded_that_is_not_handed_over(desk: Services, tmp_path: Path) -> None:
    """A folder that is not there, or a file that is, ends the use before it is one; the next one is the first."""
    taken = tmp_path / "taken.pdf"
    taken.write_text("other", encoding="utf-8")
    for target in (tmp_path / "none" / "x.pdf", taken):
        with pytest.raises(UsageError, match=r"no folder|already"):
            use(desk, CLERK, "birth", dossier=DOSSIER, target=target)
    assert (taken.read_text(encoding="utf-8"), journal(desk, "used")) == ("other", [])
    assert use(desk, CLERK, "birth", dossier=DOSSIER, target=tmp_path / "x.pdf").first_use


@pytest.mark.parametrize(
    ("step", "number", "error"),
    [
        ("copy", errno.ENOSPC, UsageError),
        ("record", errno.EACCES, JournalNotWritten),
        ("record", errno.ENOSPC, DatabaseFull),
    ],
)
def test_a_use_that_fails_on_its_way_is_none(
    desk: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int, error: type[KhosoError]
) -> None:
    """Neither a part of the paper nor a reuse is left when the copy or its record fails, and it is told which did."""

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        where: tuple[object, str] = (shutil, "copyfileobj") if step == "copy" else (desk.journal, "_append")
        patch.setattr(*where, fail)
        with pytest.raises(error, match=r"out\.pdf" if step == "copy" else r"audit\.jsonl"):
            use(desk, CLERK, "birth", dossier=DOSSIER, target=tmp_path / "out.pdf")
    assert not [item for item in tmp_path.iterdir() if "out.pdf" in item.name]
    assert journal(desk, "used") == []
    assert use(desk, CLERK, "birth", dossier=DOSSIER, target=tmp_path / "out.pdf").first_use


def test_what_a_killed_use_left_goes_with_the_next(desk: Services, tmp_path: Path) -> None:
    """A part of a copy whose process is gone is removed."""
    (tmp_path / ".out.pdf.part").write_text("bir, and more than there is", encoding="utf-8")
    use(desk, CLERK, "birth", dossier=DOSSIER, target=tmp_path / "out.pdf")
    assert not (tmp_path / ".out.pdf.part").exists()
    assert (tmp_path / "out.pdf").read_text(encoding="utf-8") == "birth"


def test_a_paper_revoked_while_it_is_copied_is_not_handed_over(
    desk: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ceased to count between the question and the record leaves no copy and no use."""
    copy = shutil.copyfileobj

    def slow(*files: Any) -> None:
        change_standing(desk, ARCHIVIST, "birth", "revoked", reason="QĐ 12")
        copy(*files)

    monkeypatch.setattr(shutil, "copyfileobj", slow)
    with pytest.raises(NotValid, match="does not count any more"):
        use(desk, CLERK, "birth", dossier=DOSSIER, target=tmp_path / "out.pdf")
    assert not (tmp_path / "out.pdf").exists()
    assert journal(desk, "used") == []


@pytest.mark.parametrize(("first", "second"), [("revoked", "in_force"), ("revoked", "replaced")])
@pytest.mark.parametrize("is_whole", [True, False], ids=["done", "cut off"])
def test_the_second_standing_is_told(
    desk: Services,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    first: Standing,
    second: Standing,
    is_whole: bool,
) -> None:
    """Who read the paper before another standing was entered changes nothing; the catalogue knows the first one."""
    successor = hold(desk, tmp_path, "later")
    if second == "in_force":
        change_standing(desk, ARCHIVIST, "birth", "replaced", reason="QĐ 11", by="later")
    sole = desk.vault.sole

    def late(object_id: str) -> Any:
        monkeypatch.setattr(desk.vault, "sole", sole)
        with monkeypatch.context() as patch:
            if not is_whole:
                patch.setattr(desk.catalogue, "change_standing", lambda _: None)
            change_standing(desk, ARCHIVIST, "birth", first, reason="QĐ 12")
        return sole(object_id)

    monkeypatch.setattr(desk.vault, "sole", late)
    with pytest.raises(AlreadyDecided, match="entered revoked for birth"):
        change_standing(desk, OTHER, "birth", second, reason="QĐ 13", by=successor.id if second == "replaced" else None)
    paper = desk.catalogue.paper("birth")
    assert paper is not None
    assert paper.standing == read_package(desk.vault.get(paper.object_id)).paper.standing == first
    assert "chi" not in {item["who"] for item in journal(desk, "standing")}
    assert change_standing(desk, OTHER, "birth", "in_force", reason="QĐ 14").standing == "in_force"


def test_a_version_is_announced_before_it_counts(ctx: Services) -> None:
    """Whoever cannot announce it leaves no version, and when it is announced nobody has read it yet."""
    origin = Origin(who="an", action="import", source="a", sha256="", starts=None, counts={})
    versions = Versions(ctx.settings.imported)
    versions.lock()
    got: list[Head] = []
    with pytest.raises(OSError):  # noqa: PT011 (the one of `_fails`)
        versions.add(Overlay(), origin, _fails)
    assert versions.heads() == []
    made = versions.add(Overlay(), origin, lambda head: got.append(head) if not versions.heads() else None)
    assert versions.heads() == got == [made]


def _fails(*_: object) -> None:
    raise OSError


def test_an_undo_that_cannot_be_recorded_is_none(
    ctx: Services, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event comes before the version counts: without the one there is not the other."""
    versions = Versions(settings.imported)
    versions.lock()
    origin = Origin(who="an", action="import", source="a", sha256="", starts=None, counts={})
    head = versions.add(Overlay().over({}, {}, {"1.1": ()}), origin, lambda _: None)
    with monkeypatch.context() as patch:
        patch.setattr(ctx.journal, "_append", _fails)
        with pytest.raises(JournalNotWritten):
            catalogues.undo(ctx, ARCHIVIST)
    assert versions.heads() == [head]
    assert catalogues.undo(ctx, ARCHIVIST).number == 2
    assert [item["version"] for item in journal(ctx, "catalogue_undone")] == [2]
