"""Dossiers come from the one-stop system and go back with what was digitised and reused (law L2.12)."""

import csv
import json
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.journal import Journal
from config.settings import Settings, load_settings
from domain.clock import today
from domain.errors import ExitCode
from services.context import open_services
from services.permissions import Asker
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from tests.support.desk import given, run_json
from tests.support.held_papers import OTHER_OWNER, OWNER, hold

CODE, OTHER = "H17.12-261124-0001", "H17.12-261124-0002"
CLERK = Asker(who="an", office="H17.12", role="desk")
SINGLE, MARRIAGE, DEATH = "KQ.G15.000038", "KQ.G15.000032", "KQ.G15.000034"
DOSSIER = {
    "MaHoSo": CODE,
    "MaTTHC": "1.000894",
    "KenhThucHien": "1",
    "SoGiayToChuHoSo": OWNER,
    "ChuHoSo": "Nguyễn Văn A",
    "NgayTiepNhan": "20261124083000",
    "TrangThaiHoSo": "4",
    "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": OWNER}],
    "TaiLieuNop": [
        {"TepDinhKemId": "77", "TenTepDinhKem": "tokhai.pdf", "MaThanhPhanHoSo": "TK", "DuocSoHoa": 0},
        {"TepDinhKemId": "78", "TenTepDinhKem": "xnhn.pdf", "MaThanhPhanHoSo": "XNHN", "DuocSoHoa": 0},
    ],
    "TruongRieng": {"giu": "nguyên"},
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A store in which Bình is the archivist."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "khoso.toml").write_text('[desk.roles]\n"bình" = "archivist"\n', encoding="utf-8")
    return load_settings(tmp_path / "home", {})


def bring(settings: Settings, *dossiers: dict[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    """Import dossiers from JSON."""
    file = settings.home.parent / "dossiers.json"
    file.write_text(json.dumps(dossiers), encoding="utf-8")
    return run_json(settings, "dossiers", "import", str(file), "--who", "an")


def given_back(settings: Settings, *options: str) -> list[dict[str, Any]]:
    """What an export writes."""
    file = settings.home.parent / "out.json"
    file.unlink(missing_ok=True)
    code, (got,) = run_json(settings, "dossiers", "export", "-o", str(file), "--who", "bình", *options)
    items: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    assert (code, got["count"]) == (0, len(items))
    return items


def test_a_dossier_is_known_after_its_import(settings: Settings) -> None:
    """Procedure, days and owner are entered, the owner by keyed hash and masked; a look-up then needs no procedure."""
    told = {"added": 1, "changed": 0, "unchanged": 0, "answered": 1, "unknown_procedures": []}
    assert bring(settings, DOSSIER) == (0, [told])
    with open_services(settings) as ctx:
        dossier = ctx.desk.dossier(CODE)
        assert dossier is not None
        assert (dossier.procedure, dossier.agency, dossier.received) == ("1.000894", "H17.12", date(2026, 11, 24))
        assert dossier.owner_key == ctx.owner_keys.of(OWNER)
        assert dossier.owner_shown == "048*******75"
        answers = lookup(ctx, CLERK, owner_id=OWNER, dossier=CODE)
        asked = ctx.catalogues.procedure("1.000894", dossier.received)
        of_both = [item.code for item in asked.components for _ in (item.whose if item.each else [0])]
    assert [answer.component for answer in answers] == of_both


def test_a_dossier_is_judged_by_its_day(settings: Settings) -> None:
    """A household business of June 2025 needs what was asked for then, although the procedure changed on July 1st."""
    bring(settings, DOSSIER | {"MaTTHC": "1.001612", "NgayTiepNhan": "20250630"})
    with open_services(settings) as ctx:
        known = lookup(ctx, CLERK, owner_id=OWNER, dossier=CODE)
        unknown = lookup(ctx, CLERK, owner_id=OWNER, dossier=OTHER, procedure="1.001612", reason="x")
    assert [answer.component for answer in known] == ["GDN", "GTPL", "BBH", "UQ"]
    assert [answer.component for answer in unknown] == ["GDN", "BBH", "UQ", "CCCD"]


def test_a_dossier_that_came_before(settings: Settings) -> None:
    """The same again changes nothing; with a new state it is changed, and only then counts as such."""
    bring(settings, DOSSIER)
    done = DOSSIER | {"TrangThaiHoSo": "10", "NgayKetThucXuLy": "20261125", "NgayTra": "27/11/2026 09:00:00"}
    assert bring(settings, DOSSIER)[1][0]["unchanged"] == 1
    assert bring(settings, done)[1][0]["changed"] == 1
    with open_services(settings) as ctx:
        dossier = ctx.desk.dossier(CODE)
        assert dossier is not None
        assert (dossier.state, dossier.finished) == ("10", date(2026, 11, 25))


def test_a_spreadsheet_of_dossiers(settings: Settings, tmp_path: Path) -> None:
    """The plain fields may come as CSV; a local code is the national procedure, an unknown one is told."""
    rows = [
        {"MaHoSo": CODE, "MaTTHC": "1.000894.000.00.00.H17", "SoGiayToChuHoSo": OWNER, "NgayTiepNhan": "24/11/2026"},
        {"MaHoSo": OTHER, "MaTTHC": "9.999999", "SoGiayToChuHoSo": OTHER_OWNER, "NgayTiepNhan": "2026-11-24"},
    ]
    with (tmp_path / "dossiers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    code, (got,) = run_json(settings, "dossiers", "import", str(tmp_path / "dossiers.csv"))
    assert (code, got["added"], got["unknown_procedures"]) == (0, 2, ["9.999999"])
    with open_services(settings) as ctx:
        assert len(lookup(ctx, CLERK, owner_id=OWNER, dossier=CODE)) == 9


def test_wrong_dossiers_are_told_together(settings: Settings) -> None:
    """Every fault with its number, column and remedy, none with an identifier; and nothing is entered."""
    code, got = bring(
        settings,
        DOSSIER | {"MaHoSo": OTHER},
        DOSSIER | {"MaHoSo": OWNER},
        DOSSIER | {"MaTTHC": "x"},
        DOSSIER | {"MaHoSo": OTHER},
        DOSSIER | {"MaHoSo": "H17.12-261124-0003", "SoGiayToChuHoSo": "048219001275999", "DinhDanhCHS": []},
        DOSSIER | {"MaHoSo": "H17.12-261124-0004", "NgayTiepNhan": ""},
        DOSSIER | {"MaHoSo": "H17.12-261124-0005", "NgayTra": "20261399"},
        DOSSIER | {"MaHoSo": "H17.12-261124-0006", "TaiLieuNop": ["a"]},
    )
    assert code == ExitCode.REFUSED
    assert [(item["row"], item["column"]) for item in got] == [
        (2, "MaHoSo"),
        (3, "MaTTHC"),
        (4, "MaHoSo"),
        (5, "SoGiayToChuHoSo"),
        (6, "NgayTiepNhan"),
        (7, "NgayTra"),
        (8, "TaiLieuNop"),
    ]
    assert all(item["remedy"] for item in got)
    assert not any(number in json.dumps(got) for number in (OWNER, "048219001275999"))
    with open_services(settings) as ctx:
        assert list(ctx.desk.dossiers()) == []
    assert not list(Journal(settings.journal).events())


def test_the_flags_of_a_dossier(settings: Settings, tmp_path: Path) -> None:
    """What was handed in and digitised, what was reused and by which result, and the result itself (law L2.12)."""
    bring(settings, DOSSIER)
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "single", type_code=SINGLE, dossier=CODE)
        hold(ctx, tmp_path, "wed", type_code=MARRIAGE, dossier=CODE, result_code=f"{CODE}-KQ1", title="GIẤY CHỨNG NHẬN")
        hold(ctx, tmp_path, "death", type_code=DEATH, dossier=OTHER, result_code=f"{OTHER}-KQ1")
        lookup(ctx, CLERK, owner_id=OWNER, persons={"deceased": OWNER}, dossier=CODE)
        use(ctx, CLERK, "death", dossier=CODE, target=tmp_path / "taken.pdf")
    (item,) = given_back(settings)
    assert {name: item[name] for name in DOSSIER if name != "TaiLieuNop"} == {
        name: value for name, value in DOSSIER.items() if name != "TaiLieuNop"
    }, "what came goes back"
    assert (item["TenTTHC"], item["TenLinhVuc"]) == ("Thủ tục đăng ký kết hôn", "Hộ tịch")
    assert item["HoSoCoThanhPhanSoHoa"] == 1
    declared, single, death = item["TaiLieuNop"]
    assert (declared["TepDinhKemId"], declared["DuocSoHoa"]) == ("77", 0)
    assert (single["TepDinhKemId"], single["DuocSoHoa"], single.get("DuocTaiSuDung", 0)) == ("78", 1, 0)
    assert death == {
        "TepDinhKemId": "death",
        "TenTepDinhKem": "death.pdf",
        "IsDeleted": 0,
        "MaThanhPhanHoSo": "KT",
        "DuongDanTaiTepTin": "",
        "DuocSoHoa": 1,
        "DuocTaiSuDung": 1,
        "DuocLayTuKhoDMQG": 0,
        "MaKetQuaThayThe": f"{OTHER}-KQ1",
    }
    assert item["DanhSachGiayToKetQua"] == [
        {
            "TenGiayTo": "GIẤY CHỨNG NHẬN",
            "MaThanhPhanHoSo": "",
            "GiayToId": "wed",
            "DuongDanTepTinKetQua": "",
            "MaGiayToKetQua": MARRIAGE,
        }
    ]
    code, (got,) = bring(settings, item)
    assert (code, got["changed"]) == (0, 1), "an export can be imported"
    assert given_back(settings) == [item], "and is the same again"


def test_the_results_of_dossiers(settings: Settings, tmp_path: Path) -> None:
    """The portal's list of results: the dossier's own results, not the papers that were handed in."""
    bring(settings, DOSSIER)
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "single", type_code=SINGLE, dossier=CODE)
        hold(
            ctx,
            tmp_path,
            "wed",
            type_code=MARRIAGE,
            dossier=CODE,
            result_code=f"{CODE}-KQ2",
            issued=date(2026, 11, 25),
            valid_until=None,
            number_symbol="7/2026",
        )
    assert given_back(settings, "--results") == [
        {
            "MaHoSo": CODE,
            "MaChuGiayTo": OWNER,
            "LoaiDinhDanhCHS": "1",
            "MaGiayToKetQua": MARRIAGE,
            "TenGiayToKetQua": "Giấy chứng nhận kết hôn",
            "SoKyHieu": "7/2026",
            "TrichYeuNoiDung": "",
            "NgayCap": "20261125",
            "ThoiHanHieuLuc": "",
            "PhamViHieuLuc": "",
            "TenFileGiayToKetQuaDinhKem": f"{CODE}-KQ2.pdf",
            "MaCoQuan": "H17.12",
        }
    ]


def test_only_what_is_new(settings: Settings, tmp_path: Path) -> None:
    """Since a day: dossiers that came or changed, papers that were added, papers that were used."""
    bring(settings, DOSSIER, DOSSIER | {"MaHoSo": OTHER})
    tomorrow = today() + timedelta(days=1)
    assert [item["MaHoSo"] for item in given_back(settings, "--since", str(today()))] == [CODE, OTHER]
    assert given_back(settings, "--since", str(tomorrow)) == []
    with open_services(settings) as ctx:
        later = ctx.desk.dossier(OTHER)
        assert later is not None
        long_ago = later.changed_at - timedelta(days=30)
        ctx.desk.put([item.model_copy(update={"changed_at": long_ago}) for item in list(ctx.desk.dossiers())])
    assert given_back(settings, "--since", str(today())) == []
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "single", type_code=SINGLE, dossier=CODE)
    assert [item["MaHoSo"] for item in given_back(settings, "--since", str(today()))] == [CODE]
    with open_services(settings) as ctx:
        lookup(ctx, CLERK, owner_id=OWNER, dossier=OTHER)
        use(ctx, CLERK, "single", dossier=OTHER, target=tmp_path / "taken.pdf")
    assert [item["MaHoSo"] for item in given_back(settings, "--since", str(today()))] == [CODE, OTHER]


def test_an_export_is_for_archivists(settings: Settings, tmp_path: Path) -> None:
    """It names owners: a desk gets none, the file is its owner's alone, and both are on record without identifiers."""
    bring(settings, DOSSIER)
    file = tmp_path / "out.json"
    assert run_json(settings, "dossiers", "export", "-o", str(file), "--who", "an")[0] == ExitCode.REFUSED
    assert not file.exists()
    given_back(settings)
    assert file.stat().st_mode & 0o077 == 0
    events = [(event["event"], event["who"]) for event in Journal(settings.journal).events()]
    assert events == [("dossiers_imported", "an"), ("refused", "an"), ("dossiers_exported", "bình")]
    assert OWNER not in settings.journal.read_text(encoding="utf-8")


def test_a_long_list_comes_whole(settings: Settings) -> None:
    """Dossiers are read page by page, each once and in order; the list may be the member of an object."""
    dossiers = [DOSSIER | {"MaHoSo": f"H17.12-261124-{number:04d}"} for number in range(1, 521)]
    file = settings.home.parent / "many.json"
    file.write_text(json.dumps({"DongBoHoSo": dossiers}), encoding="utf-8")
    code, (got,) = run_json(settings, "dossiers", "import", str(file))
    assert (code, got["added"]) == (0, 520)
    assert [item["MaHoSo"] for item in given_back(settings)] == [item["MaHoSo"] for item in dossiers]


@pytest.mark.parametrize("data", ["null", "[]", '{"TaiLieuNop": NaN}', "{"])
def test_a_dossier_that_cannot_be_read_is_named(settings: Settings, data: str) -> None:
    """Nothing is given back without it, and the remedy is told."""
    bring(settings, DOSSIER)
    with closing(sqlite3.connect(settings.home / "desk.sqlite")) as desk, desk:
        desk.execute("UPDATE dossiers SET data = ?", (data,))
    file = settings.home.parent / "out.json"
    done = given(settings, "dossiers", "export", "-o", str(file), "--who", "bình")
    assert (done.exit_code, file.exists()) == (ExitCode.SETUP, False)
    assert f"the dossier {CODE}" in " ".join(done.stderr.split())
    bring(settings, DOSSIER)
    assert len(given_back(settings)) == 1
