"""Look-up without asking: what is answered when a dossier comes, and what was brought although it was held."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.answers.answers import KeptAnswer
from archive.errors import ObjectsUnread
from config.settings import Settings
from domain.clock import now, today
from domain.errors import ExitCode, NotFound
from services.context import Services, open_services
from services.dossiers.demanded import DossierFilter, list_demanded, list_dossiers, show_dossier
from services.dossiers.take_in import Taken, take_in_dossiers
from services.permissions import Asker
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.secrecy.sights import sights_of
from services.secrecy.withdrawing import withdraw
from services.standing import change_standing
from tests.support.desk import run_json
from tests.support.held_papers import OTHER_OWNER, OWNER, hold

CLERK = Asker(who="an", office="H17.12", role="desk")
NEIGHBOUR = Asker(who="chi", office="H17.13", role="desk")
CITY = Asker(who="bình", office="H17", role="archivist")
CODE, OTHER, FOREIGN = "H17.12-261124-0001", "H17.12-261124-0002", "H17.13-261124-0001"
SINGLE, DEATH, BIRTH = "KQ.G15.000038", "KQ.G15.000034", "KQ.G15.000031"
COMPONENT = "000.00.00.G15-KQ004427"  # the certificate of marital status, in the list of 1.000894
LONG_AGO = now() - timedelta(days=400)
RECEIVED = today() - timedelta(days=6)
Bring = Callable[..., Taken]


@pytest.fixture
def desk(settings: Settings) -> Iterator[Services]:
    """An open store of H17.12."""
    with open_services(settings) as ctx:
        yield ctx


@pytest.fixture
def bring(desk: Services, tmp_path: Path) -> Bring:
    """Imports a dossier: a marriage of the owner, unless it is changed."""

    def take_in(code: str = CODE, **changes: Any) -> Taken:
        fields = {"MaHoSo": code, "MaTTHC": "1.000894", "SoGiayToChuHoSo": OWNER, "NgayTiepNhan": f"{RECEIVED:%Y%m%d}"}
        file = tmp_path / "dossiers.json"
        file.write_text(json.dumps([{**fields, **changes}]), encoding="utf-8")
        return take_in_dossiers(desk, CLERK, file)

    return take_in


def keep(desk: Services, folder: Path, name: str = "single", **changes: Any) -> None:
    """Hold a certificate of marital status of long ago."""
    values = {"type_code": SINGLE, "archived_at": LONG_AGO, "dossier": None, **changes}
    hold(desk, folder, name, **values)


def kept(desk: Services, code: str = CODE) -> list[KeptAnswer]:
    """What was answered of a dossier."""
    return desk.desk.answers.of(code).get(code, [])


def part(component: str = COMPONENT, **changes: Any) -> dict[str, Any]:
    """An entry of the papers that were handed in."""
    return {"TepDinhKemId": "7", "MaThanhPhanHoSo": component, **changes}


def numbers(desk: Services, by: Asker = CLERK, **chosen: Any) -> list[tuple[str, int, int]]:
    """By office: how many papers were held, and brought all the same."""
    return [(item.office, item.held, item.demanded) for item in list_demanded(desk, by, DossierFilter(**chosen))[1]]


def _unread() -> None:
    raise ObjectsUnread("objects_unread", number=1)


# What is answered


def test_a_dossier_is_answered_when_it_comes(desk: Services, bring: Bring, tmp_path: Path) -> None:
    """Every component, with the day, the rules and the paper; no other database is asked, and nobody."""
    keep(desk, tmp_path)
    assert bring().answered == 1
    procedure = desk.catalogues.procedure("1.000894", RECEIVED)
    answers = kept(desk)
    of_both = [item.code for item in procedure.components for _ in (item.whose if item.each else [0])]
    assert [item.component for item in answers] == of_both
    assert {(item.round, item.at.date(), item.rules_from) for item in answers} == {(1, today(), procedure.valid_from)}
    by_component = {item.component: item for item in reversed(answers)}  # the applicant's before the other party's
    held = by_component[COMPONENT]
    assert (held.answer, held.paper_id, held.held_before) == ("held-and-valid", "single", "single")
    elsewhere = by_component["000.00.00.G15-KQ004428"]
    assert (elsewhere.answer, elsewhere.why and elsewhere.why.code) == ("not-held", "register_not_asked")
    assert desk.desk.count_questions() == 0
    event: dict[str, Any] = dict(list(desk.journal.events())[-1])
    assert (event["event"], event["answered"]) == ("dossiers_imported", 1)


def test_the_first_answer_stays(desk: Services, bring: Bring, tmp_path: Path) -> None:
    """The same dossier again, or in another state, is not answered again, whatever is held meanwhile."""
    bring()
    first = kept(desk)
    assert first
    keep(desk, tmp_path)
    assert bring().answered == 0
    assert bring(TrangThaiHoSo="10").changed == 1
    assert kept(desk) == first


@pytest.mark.parametrize(
    "changes",
    [
        {"SoGiayToChuHoSo": OTHER_OWNER},
        {"MaTTHC": "1.001193"},
        {"NgayTiepNhan": f"{RECEIVED - timedelta(days=1):%Y%m%d}"},
    ],
)
def test_a_dossier_that_turns_out_another_is_answered_anew(
    desk: Services, bring: Bring, tmp_path: Path, changes: dict[str, str]
) -> None:
    """Of another owner, procedure or day: the former answers stay, and the new round counts; and so only once."""
    bring()
    first = kept(desk)
    keep(desk, tmp_path, owner_id=OTHER_OWNER)
    assert [bring(**changes).answered for _ in range(2)] == [1, 0]
    answers = kept(desk)
    assert answers[: len(first)] == first
    second = answers[len(first) :]
    assert {item.round for item in second} == {2}
    assert ("single" in {item.paper_id for item in second}) == ("SoGiayToChuHoSo" in changes)


def test_an_owner_has_several_numbers(desk: Services, bring: Bring, tmp_path: Path) -> None:
    """What is held under the old one counts, too."""
    keep(desk, tmp_path, owner_id="201234567")
    bring(DinhDanhCHS=[{"LoaiDinhDanh": "2", "SoDinhDanh": "201234567"}])
    assert "single" in {item.paper_id for item in kept(desk)}


def test_nothing_is_answered_without_its_rules(desk: Services, bring: Bring) -> None:
    """A procedure that no catalogue has, or whose rules of that day are not known."""
    assert bring(MaTTHC="9.999999").answered == 0
    assert kept(desk) == []


def test_nothing_is_answered_while_objects_are_unread(
    desk: Services, bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer is kept for good: it is given when the same dossier comes again, once all is known."""
    keep(desk, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(desk.catalogue, "check_read", _unread)
        assert (bring().answered, kept(desk)) == (0, [])
    taken = bring()
    assert (taken.answered, taken.unchanged) == (1, 1)
    assert "single" in {item.paper_id for item in kept(desk)}


def test_what_the_dossier_brought_itself_was_not_held(desk: Services, bring: Bring, tmp_path: Path) -> None:
    """Nor what was archived on the day of reception or later, or counted no more on that day."""
    keep(desk, tmp_path, "own", dossier=CODE)
    same_day = now() - timedelta(days=6)
    keep(desk, tmp_path, "same day", archived_at=same_day, type_code="KQ.G15.000040")
    keep(desk, tmp_path, "ended", valid_until=RECEIVED - timedelta(days=1))
    bring()
    assert {item.held_before for item in kept(desk)} == {None}
    assert [item.paper_id for item in kept(desk) if item.answer == "held-and-valid"] == ["same day"]


def test_what_ended_since_was_held(desk: Services, bring: Bring, tmp_path: Path) -> None:
    """A paper that counted on the day of reception made it needless to bring one, though it counts no more today."""
    keep(desk, tmp_path, valid_until=RECEIVED)
    bring()
    (held,) = (item for item in kept(desk) if item.held_before)
    assert (held.answer, held.held_before) == ("held-but-expired", "single")


# What was brought although held


@pytest.mark.parametrize(
    ("parts", "demanded"),
    [
        ([part()], 1),
        ([part(" XNHN")], 1),
        ([part(), part()], 1),
        ([part(IsDeleted=1)], 0),
        ([part(TepDinhKemId="")], 0),
        ([part(DuocTaiSuDung=1)], 0),
        ([part(DuocTaiSuDung="2", MaKetQuaThayThe="x")], 0),
        ([part(DuocLayTuKhoDMQG=1)], 0),
        ([part("000.00.00.G15-KQ003229")], 0),
        ([], 0),
    ],
)
def test_what_the_one_stop_system_lists_was_brought(
    desk: Services, bring: Bring, tmp_path: Path, parts: list[dict[str, Any]], demanded: int
) -> None:
    """With a file, neither taken away nor from here nor from the national store; under any code of the component."""
    keep(desk, tmp_path)
    bring(TaiLieuNop=parts)
    assert numbers(desk) == [("H17.12", 1, demanded)]
    assert [item.paper for item in list_demanded(desk, CLERK, DossierFilter())[0]] == ["single"] * demanded


def test_what_was_digitised_with_the_dossier_was_brought(desk: Services, bring: Bring, tmp_path: Path) -> None:
    """A second copy of a paper that was held; but not the result of the dossier."""
    keep(desk, tmp_path)
    bring()
    keep(desk, tmp_path, "result", dossier=CODE, result_code=f"{CODE}-KQ1", type_code=SINGLE)
    assert numbers(desk) == [("H17.12", 1, 0)]
    keep(desk, tmp_path, "again", dossier=CODE)
    assert numbers(desk) == [("H17.12", 1, 1)]


def test_what_was_used_was_not_brought(desk: Services, bring: Bring, tmp_path: Path) -> None:
    """Whatever the one-stop system lists: the clerk took it from here."""
    keep(desk, tmp_path)
    bring(TaiLieuNop=[part()])
    lookup(desk, CLERK, owner_id=OWNER, dossier=CODE)
    use(desk, CLERK, "single", dossier=CODE, target=tmp_path / "out.pdf")
    assert numbers(desk) == [("H17.12", 1, 0)]
    handings = [item.handing for item in show_dossier(desk, CLERK, CODE).answers if item.component == COMPONENT]
    assert handings == ["reused", ""]


def test_they_are_counted_by_office_and_procedure(desk: Services, bring: Bring, tmp_path: Path) -> None:
    """Papers and dossiers, with the share of what was held; chosen by office, procedure and day."""
    keep(desk, tmp_path)
    keep(desk, tmp_path, "birth", type_code=BIRTH)
    bring(TaiLieuNop=[part()])
    bring(OTHER, NgayTiepNhan=f"{RECEIVED - timedelta(days=30):%Y%m%d}")
    bring(FOREIGN, MaTTHC="1.000894.000.00.00.H17", TaiLieuNop=[part()])
    counts = list_demanded(desk, CITY, DossierFilter())[1]
    assert [
        (item.office, item.procedure, item.dossiers, item.troubled, item.held, item.demanded, item.share)
        for item in counts
    ] == [
        ("H17.12", "1.000894", 2, 1, 2, 1, 0.5),
        ("H17.13", "1.000894.000.00.00.H17", 1, 1, 1, 1, 1.0),
    ]
    assert numbers(desk, CITY, office="H17.13") == [("H17.13", 1, 1)]
    assert numbers(desk, CITY, procedure="Thủ tục đăng ký kết hôn") == [("H17.12", 2, 1), ("H17.13", 1, 1)]
    assert numbers(desk, CITY, procedure="1.001193") == []
    assert numbers(desk, CITY, since=RECEIVED) == [("H17.12", 1, 1), ("H17.13", 1, 1)]
    assert numbers(desk, CITY, until=RECEIVED - timedelta(days=1)) == [("H17.12", 1, 0)]


# Who sees it


def test_a_desk_sees_its_own_office(desk: Services, bring: Bring) -> None:
    """Another agency's dossier is not there, in words that say nothing of it; each look is recorded."""
    bring()
    bring(FOREIGN)
    assert [item.dossier for item in list_dossiers(desk, CLERK, DossierFilter())] == [CODE]
    assert [item.dossier for item in list_dossiers(desk, NEIGHBOUR, DossierFilter())] == [FOREIGN]
    assert [item.dossier for item in list_dossiers(desk, CITY, DossierFilter())] == [CODE, FOREIGN]
    said = []
    for code in (FOREIGN, "H17.12-261124-0009"):
        with pytest.raises(NotFound) as caught:
            show_dossier(desk, CLERK, code)
        said.append(caught.value.explain().replace(code, "CODE"))
    assert said[0] == said[1]
    show_dossier(desk, CLERK, CODE)
    events: list[dict[str, Any]] = [dict(item) for item in desk.journal.events()]
    assert [(item["who"], item["count"]) for item in events if item["event"] == "dossiers_listed"] == [
        ("an", 1),
        ("chi", 1),
        ("bình", 2),
    ]
    assert [item["subject"] for item in events if item["event"] == "dossier_shown"] == [CODE]
    assert [item["reason"] for item in events if item["event"] == "refused"] == ["other_agency"]


def test_a_paper_of_another_agency_is_not_named(desk: Services, bring: Bring, tmp_path: Path) -> None:
    """That something is held is what a desk is told of its dossier; which paper, who may see it."""
    keep(desk, tmp_path, dossier="H17.13-200101-0001")
    bring(TaiLieuNop=[part()])
    for by, name in ((CLERK, None), (CITY, "single")):
        (paper,) = list_demanded(desk, by, DossierFilter())[0]
        shown = [item.paper for item in show_dossier(desk, by, CODE).answers if item.component == COMPONENT]
        assert (paper.paper, shown) == (name, [name, None])


def test_an_answer_stays_when_the_paper_is_revoked(desk: Services, bring: Bring, tmp_path: Path) -> None:
    """What was answered is what was right then."""
    keep(desk, tmp_path)
    bring(TaiLieuNop=[part()])
    change_standing(desk, CITY, "single", "revoked", reason="QĐ 12")
    bring(TaiLieuNop=[part()])
    assert numbers(desk) == [("H17.12", 1, 1)]


def test_a_withdrawn_paper_was_never_held(desk: Services, bring: Bring, tmp_path: Path) -> None:
    """Whoever was told before that it is held is listed; nobody is told any more (law L8.5)."""
    keep(desk, tmp_path)
    bring(TaiLieuNop=[part()])
    show_dossier(desk, CLERK, CODE)
    seen, _ = sights_of(desk, "single", now())
    assert [item.what for item in seen if item.sure] == ["dossier_shown"]
    withdraw(desk, CITY, "single", "có dấu mật")
    assert numbers(desk) == []
    shown = next(item for item in show_dossier(desk, CITY, CODE).answers if item.component == COMPONENT)
    assert (shown.answer, shown.paper, shown.handing) == ("not-held", None, "")


def test_the_commands_tell_it(settings: Settings, desk: Services, bring: Bring, tmp_path: Path) -> None:
    """Lines for scripts, of which none names an owner."""
    keep(desk, tmp_path)
    bring(TaiLieuNop=[part()], ChuHoSo="Nguyễn Văn A")
    code, (line,) = run_json(settings, "dossiers", "list", "--who", "an")
    assert (code, line["dossier"], line["held"], line["demanded"]) == (ExitCode.OK, CODE, 1, 1)
    _, (paper, count) = run_json(settings, "dossiers", "list", "--demanded", "--of", "H17.12", "--who", "an")
    assert (paper["what"], paper["component"], paper["paper"]) == ("paper", COMPONENT, "single")
    assert (count["what"], count["demanded"], count["share"]) == ("count", 1, 1.0)
    _, (shown,) = run_json(settings, "dossiers", "show", CODE, "--who", "an")
    assert (shown["owner"], len(shown["answers"])) == ("048*******75", 9)
    assert "Nguyễn Văn A" not in json.dumps((line, paper, count, shown), ensure_ascii=False)
