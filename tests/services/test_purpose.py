"""For which dossiers papers are looked up: known here, of the owner, not over; else by the rules of the settings."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest

from config.desk import PurposeRule, PurposeSettings
from config.settings import Settings
from domain.clock import today
from domain.errors import ExitCode
from pipeline.indexing import drain
from services.context import Services, open_services
from services.dossiers.take_in import take_in_dossiers
from services.permissions import Asker
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.reuse.purpose import PurposeDoubt, PurposeDoubtful, doubtful_lookups
from tests.support.desk import run_json
from tests.support.held_papers import OTHER_OWNER, OWNER, hold

OWN, ANOTHERS, OVER, BOTH, UNKNOWN = (f"H17.12-261124-000{number}" for number in range(1, 6))
FOREIGN = "H17.13-261124-0001"
DOUBTS: dict[str, tuple[PurposeDoubt, ...]] = {
    OWN: (),
    ANOTHERS: ("other_owner",),
    OVER: ("closed",),
    BOTH: ("other_owner", "closed"),
    UNKNOWN: ("unknown",),
    FOREIGN: ("unknown",),
}
CLERK = Asker(who="an", office="H17.12", role="desk")
AUDITOR = Asker(who="thanh", office="H17", role="auditor")
TYPE = "KQ.G15.000031"


def imported(ctx: Services, folder: Path, code: str, owner: str, **fields: str) -> None:
    """Enter a dossier of the one-stop system."""
    known = {"MaHoSo": code, "MaTTHC": "1.000894", "SoGiayToChuHoSo": owner, "NgayTiepNhan": "20261124"}
    file = folder / f"{code}.json"
    file.write_text(json.dumps([{**known, **fields}]), encoding="utf-8")
    take_in_dossiers(ctx, CLERK, file)


@pytest.fixture
def desk(settings: Settings, tmp_path: Path) -> Iterator[Services]:
    """A store that holds a paper of the owner, and knows dossiers of each kind."""
    ended = f"{today():%Y%m%d}"
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "birth")
        imported(ctx, tmp_path, OWN, OWNER)
        imported(ctx, tmp_path, ANOTHERS, OTHER_OWNER)
        imported(ctx, tmp_path, OVER, OWNER, NgayKetThucXuLy=ended)
        imported(ctx, tmp_path, BOTH, OTHER_OWNER, NgayKetThucXuLy=ended)
        imported(ctx, tmp_path, FOREIGN, OTHER_OWNER, NgayKetThucXuLy=ended)
        drain(ctx)
        yield ctx


def rules(ctx: Services, **changes: PurposeRule) -> None:
    """Set the rules."""
    changed = ctx.settings.desk.model_copy(update={"purpose": PurposeSettings(**changes)})
    ctx.settings = ctx.settings.model_copy(update={"desk": changed})


def ask(ctx: Services, dossier: str, reason: str = "", by: Asker = CLERK) -> str:
    """The answer for the paper that is held."""
    (answer,) = lookup(ctx, by, owner_id=OWNER, dossier=dossier, type_code=TYPE, reason=reason)
    return answer.answer


def events(ctx: Services, name: str) -> list[dict[str, Any]]:
    """The events of a name in the journal."""
    return [dict(item) for item in ctx.journal.events() if item["event"] == name]


def test_a_doubtful_dossier_is_judged_by_the_rules(desk: Services) -> None:
    """Each doubt by its rule, over all rules: one that refuses outweighs any reason, and nothing is then answered."""
    every: tuple[PurposeRule, ...] = get_args(PurposeRule)
    for unknown, other_owner, closed in product(every, repeat=3):
        rules(desk, unknown=unknown, other_owner=other_owner, closed=closed)
        of = {"unknown": unknown, "other_owner": other_owner, "closed": closed}
        for (dossier, doubts), reason in product(DOUBTS.items(), ("", "theo đơn")):
            met = {of[doubt] for doubt in doubts}
            asked = desk.desk.count_questions()
            if "refuse" in met or ("reason" in met and not reason):
                with pytest.raises(PurposeDoubtful):
                    ask(desk, dossier, reason)
                assert desk.desk.count_questions() == asked
            else:
                assert ask(desk, dossier, reason) == "held-and-valid"
                last = events(desk, "asked")[-1]
                assert (last["doubts"], last["why"]) == (",".join(doubts), reason)


def test_what_is_refused_is_recorded_with_its_doubt(desk: Services) -> None:
    """By default an unknown or another's dossier needs a reason, and one that is over is refused."""
    for dossier, word in ((UNKNOWN, "unknown"), (ANOTHERS, "other_owner"), (OVER, "closed"), (BOTH, "closed")):
        with pytest.raises(PurposeDoubtful):
            ask(desk, dossier)
        last = events(desk, "refused")[-1]
        assert (last["act"], last["reason"], last["dossier"]) == ("lookup", f"purpose_{word}", dossier)
    with pytest.raises(PurposeDoubtful):
        ask(desk, OVER, "theo đơn")


def test_another_agencys_dossier_is_as_one_that_nobody_knows(desk: Services) -> None:
    """Whose it is, and whether it is over, is not told to a desk of another agency; who sees to all is told."""
    said = []
    for dossier in (FOREIGN, UNKNOWN):
        with pytest.raises(PurposeDoubtful) as caught:
            ask(desk, dossier)
        said.append(caught.value.explain().replace(dossier, "CODE"))
    assert said[0] == said[1]
    with pytest.raises(PurposeDoubtful) as caught:
        ask(desk, FOREIGN, by=Asker(who="kho", office="H17.12", role="operator"))
    assert "ended" in caught.value.explain()


def test_an_archivist_knows_the_dossiers_of_his_agency(desk: Services, tmp_path: Path) -> None:
    """Whichever office of it received them, and whichever he sits in; not those of another agency."""
    unit = "H17.12.34-261124-0001"
    imported(desk, tmp_path, unit, OWNER)
    archivist = Asker(who="bình", office="H17.12.35", role="archivist")
    assert ask(desk, unit, by=archivist) == "held-and-valid"
    with pytest.raises(PurposeDoubtful) as caught:
        ask(desk, FOREIGN, by=archivist)
    assert "ended" not in caught.value.explain()
    with pytest.raises(PurposeDoubtful):
        ask(desk, unit, by=CLERK.model_copy(update={"office": "H17.12.35"}))


def test_nothing_is_used_for_a_purpose_that_is_none_any_more(desk: Services, tmp_path: Path) -> None:
    """A dossier may end, or turn out to be another's, between question and use; the reason that was given holds."""
    ask(desk, UNKNOWN, "theo đơn")
    assert use(desk, CLERK, "birth", dossier=UNKNOWN, target=tmp_path / "one.pdf").first_use
    imported(desk, tmp_path, UNKNOWN, OTHER_OWNER)
    with pytest.raises(PurposeDoubtful) as caught:
        use(desk, CLERK, "birth", dossier=UNKNOWN, target=tmp_path / "two.pdf")
    assert "another owner" in caught.value.explain()
    ask(desk, UNKNOWN, "giấy của con")
    assert not use(desk, CLERK, "birth", dossier=UNKNOWN, target=tmp_path / "two.pdf").first_use
    ask(desk, OWN)
    imported(desk, tmp_path, OWN, OWNER, NgayKetThucXuLy=f"{today():%Y%m%d}")
    with pytest.raises(PurposeDoubtful):
        use(desk, CLERK, "birth", dossier=OWN, target=tmp_path / "three.pdf")
    assert not (tmp_path / "three.pdf").exists()


def test_a_dossier_that_will_end_is_open(desk: Services, tmp_path: Path) -> None:
    """Only what has ended is over."""
    imported(desk, tmp_path, OWN, OWNER, NgayKetThucXuLy=f"{today() + timedelta(days=1):%Y%m%d}")
    assert ask(desk, OWN) == "held-and-valid"


def test_doubtful_look_ups_are_listed_and_counted(desk: Services) -> None:
    """Each look-up once, with who asked, the reason without identity numbers, and how many answers it had."""
    ask(desk, OWN)
    ask(desk, UNKNOWN, f"đơn của {OWNER}")
    lookup(desk, CLERK, owner_id=OWNER, dossier=ANOTHERS, procedure="1.000894", reason="giấy của con")
    first, second = doubtful_lookups(desk, AUDITOR)
    assert (first.who, first.dossier, first.doubts, first.answers) == ("an", UNKNOWN, ("unknown",), 1)
    assert (OWNER in first.reason, "đơn của" in first.reason) == (False, True)
    procedure = desk.catalogues.procedure("1.000894", today())
    components = sum(len(item.whose) if item.each else 1 for item in procedure.components)
    assert (second.doubts, second.reason, second.answers) == (("other_owner",), "giấy của con", components)
    code, lines = run_json(desk.settings, "dossiers", "doubts")
    assert (code, [line["dossier"] for line in lines]) == (ExitCode.OK, [UNKNOWN, ANOTHERS])
    assert run_json(desk.settings, "dossiers", "doubts", "--since", f"{today() + timedelta(days=1)}") == (0, [])
