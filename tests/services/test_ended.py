"""Results that are over are told beside the list of results, with what came after them (law L2.12)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from domain.clock import today
from domain.errors import ExitCode
from services.context import Services, open_services
from services.corrections.correcting import correct
from services.dossiers.ended import export_ended
from services.dossiers.give_back import export
from services.dossiers.take_in import take_in_dossiers
from services.dossiers.tie import tie, untie
from services.permissions import Asker
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.secrecy.deciding import decide_withdrawn
from services.secrecy.withdrawing import withdraw
from services.standing import change_standing
from tests.support.desk import given
from tests.support.held_papers import OTHER_OWNER, OWNER, hold

CODE, OTHER = "H17.12-261124-0001", "H17.12-261124-0002"
MARRIAGE = "KQ.G15.000032"
BINH = Asker(who="Bình", office="H17.12", role="archivist")
RESULT = f"{CODE}-KQ1"


@pytest.fixture
def ctx(settings: Settings, tmp_path: Path) -> Iterator[Services]:
    """A store with a marriage of a dossier that is known, and another dossier of the owner."""
    settings.home.mkdir(exist_ok=True)
    (settings.home / "khoso.toml").write_text('[desk.roles]\n"Bình" = "archivist"\n', encoding="utf-8")
    file = tmp_path / "dossiers.json"
    fields = {"MaTTHC": "1.000894", "SoGiayToChuHoSo": OWNER, "NgayTiepNhan": "20261124"}
    file.write_text(json.dumps([{"MaHoSo": code, **fields} for code in (CODE, OTHER)]), encoding="utf-8")
    with open_services(settings) as opened:
        take_in_dossiers(opened, BINH, file)
        hold(opened, tmp_path, "wed", type_code=MARRIAGE, dossier=CODE, result_code=RESULT, number_symbol="7/2026")
        yield opened


def ended(ctx: Services, folder: Path, days: int = 0) -> list[tuple[str, ...]]:
    """What is told of results that ended since so many days ago: dossier, file, code, why, what came after."""
    file = folder / "ended.json"
    file.unlink(missing_ok=True)
    count = export_ended(ctx, BINH, file, since=today() - timedelta(days=days))
    items: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    assert count == len(items)
    assert {item["Ngay"] for item in items} <= {f"{today():%Y%m%d}"}
    names = ("MaHoSo", "TenFileGiayToKetQuaDinhKem", "MaKetQua", "LyDo", "MaKetQuaThayThe")
    return [tuple(item[name] for name in names) for item in items]


def test_a_result_that_was_taken_out_is_told(ctx: Services, tmp_path: Path) -> None:
    """Under the code by which it was given, until it is tied again; and only since a day on which it was so."""
    assert ended(ctx, tmp_path) == []
    untie(ctx, BINH, "wed", reason="nhầm")
    assert ended(ctx, tmp_path) == [(CODE, f"{RESULT}.pdf", RESULT, "removed", "")]
    assert ended(ctx, tmp_path, days=-1) == []
    tie(ctx, BINH, "wed", CODE, reason="phiếu")
    assert ended(ctx, tmp_path) == []


def test_a_result_that_does_not_count_is_told_with_its_successor(ctx: Services, tmp_path: Path) -> None:
    """Revoked, or replaced by another paper's code; one that counts again has not ended."""
    hold(ctx, tmp_path, "new", type_code=MARRIAGE, digitisation_code=f"{OWNER}.{MARRIAGE}.8/2026.01")
    change_standing(ctx, BINH, "wed", "revoked", reason="QĐ 1")
    assert ended(ctx, tmp_path) == [(CODE, f"{RESULT}.pdf", RESULT, "revoked", "")]
    change_standing(ctx, BINH, "wed", "replaced", reason="cấp lại", by="new")
    assert ended(ctx, tmp_path) == [(CODE, f"{RESULT}.pdf", RESULT, "replaced", f"{OWNER}.{MARRIAGE}.8/2026.01")]
    change_standing(ctx, BINH, "wed", "in_force", reason="bản án 5")
    assert ended(ctx, tmp_path) == []


def test_a_result_whose_code_was_retired_is_told_with_the_new_one(ctx: Services, tmp_path: Path) -> None:
    """The code by which others may know it, where it had no result code."""
    old = f"{OWNER}.{MARRIAGE}.9/2026.01"
    hold(ctx, tmp_path, "two", type_code=MARRIAGE, dossier=CODE, digitisation_code=old, number_symbol="9/2026")
    correct(ctx, BINH, "two", {"number_symbol": "10/2026"}, reason="sổ gốc")
    assert ended(ctx, tmp_path) == [(CODE, "two.pdf", old, "recoded", f"{OWNER}.{MARRIAGE}.10/2026.01")]


def test_a_result_that_turns_out_anothers_is_told(ctx: Services, tmp_path: Path) -> None:
    """The next list of results leaves it out, and this one says so."""
    correct(ctx, BINH, "wed", {"owner_id": OTHER_OWNER}, reason="sổ gốc")
    assert ended(ctx, tmp_path) == [(CODE, f"{RESULT}.pdf", RESULT, "removed", "")]


@pytest.mark.parametrize("is_erased", [False, True], ids=["withdrawn", "erased"])
def test_a_withdrawn_result_is_told_without_a_word_of_why(ctx: Services, tmp_path: Path, is_erased: bool) -> None:
    """As one that was taken out, by the name that the list of results gave it: the portal learns nothing of secrets."""
    export(ctx, BINH, tmp_path / "results.json", results=True)
    withdraw(ctx, BINH, "wed", "mật")
    if is_erased:
        for by in (BINH, BINH.model_copy(update={"who": "An"})):
            decide_withdrawn(ctx, by, "wed", "secret", "mật")
    assert ended(ctx, tmp_path) == [(CODE, f"{RESULT}.pdf", RESULT, "removed", "")]
    assert "wed" not in (tmp_path / "ended.json").read_text(encoding="utf-8")


def test_a_withdrawn_paper_that_no_list_named_is_told_by_none(ctx: Services, tmp_path: Path) -> None:
    """A component, and a result that came after the last list was given out: the portal never had them."""
    hold(ctx, tmp_path, "part", type_code="KQ.G15.000038", dossier=CODE, digitisation_code="a.b.1.01")
    withdraw(ctx, BINH, "wed", "mật")
    assert ended(ctx, tmp_path) == []
    export(ctx, BINH, tmp_path / "results.json", results=True)
    withdraw(ctx, BINH, "part", "mật")
    assert ended(ctx, tmp_path) == []


def test_what_is_no_result_is_not_told(ctx: Services, tmp_path: Path) -> None:
    """A component of a dossier never was in a list of results."""
    hold(ctx, tmp_path, "part", type_code="KQ.G15.000038", dossier=CODE)
    untie(ctx, BINH, "part", reason="nhầm")
    assert ended(ctx, tmp_path) == []


def test_a_dossier_for_which_a_paper_was_used_comes_again_with_its_new_code(ctx: Services, tmp_path: Path) -> None:
    """Its `MaKetQuaThayThe` was the code that is retired."""
    old = f"{OWNER}.KQ.G15.000034.9/2026.01"
    hold(ctx, tmp_path, "death", type_code="KQ.G15.000034", digitisation_code=old, number_symbol="9/2026", dossier=None)
    lookup(ctx, BINH, owner_id=OWNER, persons={"deceased": OWNER}, dossier=OTHER)
    use(ctx, BINH, "death", dossier=OTHER, target=tmp_path / "out.pdf")
    correct(ctx, BINH, "death", {"number_symbol": "10/2026"}, reason="sổ gốc")
    assert OTHER in _exported(ctx, tmp_path)
    assert f"{OWNER}.KQ.G15.000034.10/2026.01" in (tmp_path / "sync.json").read_text(encoding="utf-8")


def _exported(ctx: Services, folder: Path) -> list[str]:
    export(ctx, BINH, folder / "sync.json", since=today())
    return [item["MaHoSo"] for item in json.loads((folder / "sync.json").read_text(encoding="utf-8"))]


def test_the_command_is_for_archivists_and_recorded(settings: Settings, ctx: Services, tmp_path: Path) -> None:
    """Like the other exports."""
    untie(ctx, BINH, "wed", reason="nhầm")
    file = tmp_path / "ended.json"
    asked = ("dossiers", "export", "--ended", "-o", str(file), "--since", str(today()))
    assert given(settings, *asked, "--who", "an").exit_code == ExitCode.REFUSED
    assert not file.exists()
    assert given(settings, *asked, "--who", "Bình").exit_code == ExitCode.OK
    assert file.stat().st_mode & 0o077 == 0
    event: dict[str, Any] = dict(list(ctx.journal.events())[-1])
    assert (event["event"], event["what"], event["count"]) == ("dossiers_exported", "ended", 1)
