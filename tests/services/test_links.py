"""An old and a new number are one person's by a decision: each then finds the papers of both, until it is undone."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from archive.links.links import NumberLink
from config.settings import Settings
from domain.clock import now
from domain.errors import ExitCode, NotFound, UsageError
from pipeline.indexing import drain
from search.filters import Filters
from services.context import Services, open_services
from services.dossiers.take_in import take_in_dossiers
from services.permissions import Asker
from services.rebuild import rebuild
from services.registers.interface import ComponentAnswer
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.reuse.linking import link_numbers, list_links, unlink_numbers
from services.reuse.owner_view import view_of_owner
from services.reuse.purpose import PurposeDoubtful
from services.search import search
from tests.support.desk import WHY, run_json
from tests.support.held_papers import hold

OLD, OLDER, NEW, STRANGER = "201234567", "191234567", "048091007756", "048090001234"
BIRTH, SINGLE = "KQ.G15.000031", "KQ.G15.000038"
DOSSIER = "H17.12-261124-0001"
CLERK = Asker(who="an", office="H17.12", role="desk")
ARCHIVIST = Asker(who="bình", office="H17", role="archivist")


@pytest.fixture
def desk(settings: Settings, tmp_path: Path) -> Iterator[Services]:
    """A store with a paper under each of a person's numbers."""
    settings.home.mkdir(exist_ok=True)
    (settings.home / "khoso.toml").write_text('[desk.roles]\n"bình" = "archivist"\n', "utf-8")
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "birth", owner_id=OLD, digitisation_code=f"{OLD}.{BIRTH}.215/2019.01", dossier=None)
        code = f"{NEW}.{SINGLE}.215/2019.01"
        hold(ctx, tmp_path, "single", type_code=SINGLE, owner_id=NEW, digitisation_code=code, dossier=None)
        yield ctx


def asked(ctx: Services, owner: str, type_code: str, reason: str = WHY) -> ComponentAnswer:
    """What a clerk is answered."""
    (answer,) = lookup(ctx, CLERK, owner_id=owner, dossier=DOSSIER, type_code=type_code, reason=reason)
    return answer


def answers(ctx: Services) -> list[str]:
    """The answers for each paper by each number, and by a stranger's."""
    return [asked(ctx, owner, kind).answer for owner in (OLD, NEW, STRANGER) for kind in (BIRTH, SINGLE)]


APART = ["held-and-valid", "not-held", "not-held", "held-and-valid", "not-held", "not-held"]
TOGETHER = ["held-and-valid"] * 4 + ["not-held"] * 2


def test_each_number_finds_the_papers_of_both_and_says_so(desk: Services, tmp_path: Path) -> None:
    """The answer names the other number masked, the paper is used under its own, and its owner sees all of it."""
    assert answers(desk) == APART
    link_numbers(desk, ARCHIVIST, OLD, NEW, reason="thẻ căn cước có số CMND cũ")
    assert answers(desk) == TOGETHER
    found = asked(desk, NEW, BIRTH)
    assert (found.also, str(found.why)) == (("201****67",), "held under another number of the person: 201****67")
    assert use(desk, CLERK, "birth", dossier=DOSSIER, target=tmp_path / "out.pdf").first_use
    for number in (OLD, NEW):
        view = view_of_owner(desk, ARCHIVIST, number, reason="đơn")
        assert ({paper.id for paper in view.papers}, len(view.uses)) == ({"birth", "single"}, 1)
        assert [link.reason for link in view.links] == ["thẻ căn cước có số CMND cũ"]
    assert not {OLD, NEW} & set(json.dumps([dict(item) for item in desk.journal.events()]).replace('"', " ").split())


def test_a_link_is_undone_and_stays_on_record(desk: Services) -> None:
    """Each number finds its own again; who linked, who undid it, and why, is told; then it may be linked anew."""
    link_numbers(desk, ARCHIVIST, OLD, NEW, reason="đơn của công dân")
    unlink_numbers(desk, ARCHIVIST, OLD, NEW, reason="trùng số CMND với người khác")
    assert answers(desk) == APART
    (kept,) = list_links(desk, ARCHIVIST)
    assert (kept.counts, kept.reason, kept.undone_by, kept.undone_reason) == (
        False, "đơn của công dân", "bình", "trùng số CMND với người khác",
    )  # fmt: skip
    assert [item["event"] for item in desk.journal.events() if "linked" in item["event"]] == [
        "numbers_linked", "numbers_unlinked",
    ]  # fmt: skip
    with pytest.raises(NotFound):
        unlink_numbers(desk, ARCHIVIST, OLD, NEW, reason="x")
    link_numbers(desk, ARCHIVIST, OLD, NEW, reason="đã xác minh")
    assert answers(desk) == TOGETHER


def test_a_person_may_have_several_old_numbers_and_an_old_number_one_person(desk: Services, tmp_path: Path) -> None:
    """All of them find all; a second person for an old number is refused until the first is undone."""
    hold(desk, tmp_path, "older", type_code="KQ.G15.000034", owner_id=OLDER, dossier=None)
    for old in (OLD, OLDER):
        link_numbers(desk, ARCHIVIST, old, NEW, reason="chuyển tỉnh")
    assert asked(desk, OLD, "KQ.G15.000034").answer == "held-and-valid"
    with pytest.raises(UsageError, match="already"):
        link_numbers(desk, ARCHIVIST, OLD, STRANGER, reason="nhầm")
    assert asked(desk, STRANGER, BIRTH).answer == "not-held"


def test_the_same_link_again_changes_nothing(desk: Services) -> None:
    """One event, one link, the first reason."""
    for reason in ("một", "hai"):
        assert link_numbers(desk, ARCHIVIST, OLD, NEW, reason=reason).reason == "một"
    assert len(list_links(desk, ARCHIVIST)) == 1
    assert [item["event"] for item in desk.journal.events()].count("numbers_linked") == 1


def link_of(ctx: Services) -> NumberLink:
    """The link that is about to be entered."""
    keys = {"old_key": ctx.owner_keys.of(OLD), "new_key": ctx.owner_keys.of(NEW), "secret": ctx.owner_keys.check}
    shown = {"old_shown": "", "new_shown": "", "at": now(), "who": "bình", "office": "H17", "reason": "x"}
    return NumberLink.model_validate({**keys, **shown})


def test_a_link_that_was_cut_off_is_told_once(desk: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the event and before it counts; the same command again goes on."""

    @contextmanager
    def cut_off(*_: Any) -> Iterator[tuple[NumberLink, bool]]:
        yield link_of(desk), True
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("archive.links.links.NumberLinks.link", cut_off)
        with pytest.raises(KeyboardInterrupt):
            link_numbers(desk, ARCHIVIST, OLD, NEW, reason="x")
    assert (answers(desk), len(list_links(desk, ARCHIVIST))) == (APART, 0)
    for _ in range(2):
        link_numbers(desk, ARCHIVIST, OLD, NEW, reason="x")
    assert [item["event"] for item in desk.journal.events()].count("numbers_linked") == 1


@pytest.mark.parametrize(
    ("old", "new", "reason"), [(NEW, OLD, "x"), (OLD, OLDER, "x"), (OLD, "12", "x"), (OLD, NEW, " ")]
)
def test_what_cannot_be_linked_is_said(desk: Services, old: str, new: str, reason: str) -> None:
    """The old one comes first, and nothing is linked without a reason."""
    with pytest.raises(UsageError):
        link_numbers(desk, ARCHIVIST, old, new, reason=reason)
    assert list_links(desk, ARCHIVIST) == []


def test_a_link_survives_a_rebuild(desk: Services) -> None:
    """It is no fact about a paper, and stands where a rebuild changes nothing."""
    link_numbers(desk, ARCHIVIST, OLD, NEW, reason="x")
    assert rebuild(desk, ARCHIVIST).differences == ()
    assert answers(desk) == TOGETHER


def test_a_dossier_under_either_number_is_the_persons(desk: Services, tmp_path: Path) -> None:
    """Asked about by the new number, a dossier under the old one is nobody else's once they are linked."""
    file = tmp_path / "dossiers.json"
    fields = {"MaHoSo": DOSSIER, "MaTTHC": "1.000894", "SoGiayToChuHoSo": OLD, "NgayTiepNhan": "20261124"}
    file.write_text(json.dumps([fields]), encoding="utf-8")
    take_in_dossiers(desk, CLERK, file)
    with pytest.raises(PurposeDoubtful):
        asked(desk, NEW, BIRTH, reason="")
    link_numbers(desk, ARCHIVIST, OLD, NEW, reason="x")
    assert asked(desk, NEW, BIRTH, reason="").answer == "held-and-valid"
    use(desk, CLERK, "birth", dossier=DOSSIER, target=tmp_path / "out.pdf")


def test_the_command_links_lists_and_undoes(settings: Settings, desk: Services) -> None:
    """Numbers are masked in what it tells; a desk may not."""
    as_archivist = ("--who", "bình")
    code, (line,) = run_json(settings, "link", OLD, NEW, "--reason", "thẻ căn cước", *as_archivist)
    assert (code, line["old"], line["new"], line["counts"]) == (ExitCode.OK, "201****67", "048*******56", True)
    code, lines = run_json(settings, "lookup", "--owner", NEW, "--dossier", DOSSIER, "--type", BIRTH, "--reason", WHY)
    assert (code, [(item["answer"], item["also"]) for item in lines]) == (0, [("held-and-valid", ["201****67"])])
    code, lines = run_json(settings, "link", *as_archivist)
    assert (code, [item["counts"] for item in lines]) == (ExitCode.OK, [True])
    assert run_json(settings, "link", OLD, NEW, "--undo", "--reason", "nhầm", *as_archivist)[0] == ExitCode.OK
    assert run_json(settings, "link", OLD, NEW, "--reason", "x", "--who", "an")[0] == ExitCode.REFUSED
    assert answers(desk) == APART


def test_who_may_search_by_an_owner_finds_the_papers_of_both_numbers(desk: Services) -> None:
    """By the option and by a number among the words, until the link is undone."""
    drain(desk)

    def found(text: str, owner: str = "") -> set[str]:
        answer = search(desk, ARCHIVIST, text, 5, filters=Filters(), owner=owner, reason=WHY)
        return {paper.id for paper, _ in answer.papers}

    assert found("", OLD) == {"birth"}
    link_numbers(desk, ARCHIVIST, OLD, NEW, reason="CMND cũ")
    assert found("", OLD) == found("", NEW) == found(OLD) == found(NEW) == {"birth", "single"}
    assert found("", STRANGER) == set()
    unlink_numbers(desk, ARCHIVIST, OLD, NEW, reason="nhầm")
    assert found("", OLD) == found(OLD) == {"birth"}
