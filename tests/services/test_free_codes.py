"""A paper goes in, is asked for and found by any code that it has, real or of an earlier release."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from config.imports.columns import load_columns
from config.imports.reading import read_list
from config.imports.tables import Row
from config.loader import load_catalogues
from config.settings import Settings
from domain.errors import UsageError
from pipeline.indexing import drain
from pipeline.manifest import read_manifest
from search.filters import Filters
from services.catalogues import import_list
from services.context import Services, open_services
from services.dossiers.give_back import export
from services.dossiers.take_in import take_in_dossiers
from services.permissions import Asker
from services.reuse.asking import lookup
from services.search import search
from tests.support.desk import WHY
from tests.support.held_papers import OWNER, hold

RESULTS = load_catalogues().results
CLERK = Asker(who="an", office="H17.12", role="desk")
ARCHIVIST = Asker(who="bình", office="H17", role="archivist")
DOSSIER = "H17.12-261124-0001"
OLD, NEW, ABROAD = "KQ.G15.990003", "KQ.G15.000032", "000.00.00.G08-KQ0028"


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """An opened store."""
    with open_services(settings) as opened:
        yield opened


def test_a_manifest_may_state_every_real_code(ctx: Services, tmp_path: Path) -> None:
    """All 288, with their blanks and commas, are paper types; one with a letter more is none."""
    path = tmp_path / "m.csv"
    names = [f"{n}.pdf" for n in range(len(RESULTS))]
    rows = [f'{name},"{item.code}"' for name, item in zip(names, RESULTS, strict=True)]
    path.write_text("\n".join(["file,type", *rows]), encoding="utf-8")
    found = read_manifest(path, ctx, [tmp_path / name for name in names])
    assert [found[name].type_code for name in names] == [item.code for item in RESULTS]
    path.write_text("file,type\n0.pdf,KQ.G15.000031x\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is none of the list"):
        read_manifest(path, ctx, [tmp_path / "0.pdf"])


def test_a_list_may_name_every_real_code() -> None:
    """One in a cell, several between semicolons, and usual ones between commas: none is torn apart or refused."""
    codes = [item.code for item in RESULTS]
    cells = [*codes, "; ".join(codes), "KQ.G15.000031, KQ.G15.000032 KQ.G15.000034"]
    head = {"MaTTHC": "9.000001", "TenTTHC": "x", "TenLinhVuc": "x", "CapThucHien": "Xã"}
    for cell in cells:
        rows = [
            Row(2, head | {"MaThanhPhanHoSo": "Mẫu số 11_73/2026/QĐ-UBND", "TenThanhPhanHoSo": "x", "MaGiayTo": cell})
        ]
        incoming = read_list(rows, load_columns(), load_catalogues(), source="test")
        assert not incoming.faults
        (part,) = incoming.procedures[0].entry.components
        expected = 3 if "," in cell and cell == cells[-1] else len(codes) if cell == cells[-2] else 1
        assert len(part.types) == expected


def test_rows_of_a_list_of_which_nothing_is_wanted_are_notes() -> None:
    """A row with no original and no copy is told from the papers, and is not asked for (law table 2B)."""
    head = {"MaTTHC": "9.000001", "TenTTHC": "x", "TenLinhVuc": "x", "CapThucHien": "Xã"}
    rows = [
        Row(2, head | {"MaThanhPhanHoSo": "A", "TenThanhPhanHoSo": "Đơn", "SoBanChinh": "1", "SoBanSao": "0"}),
        Row(3, head | {"MaThanhPhanHoSo": "B", "TenThanhPhanHoSo": "Lưu ý", "SoBanChinh": "0", "SoBanSao": "0"}),
    ]
    (stated,) = read_list(rows, load_columns(), load_catalogues(), source="test").procedures
    assert [item.code for item in stated.entry.components] == ["A"]
    assert [(item.code, item.text) for item in stated.entry.notes] == [("B", "Lưu ý")]


@pytest.mark.parametrize("asked", [OLD, NEW, ABROAD])
@pytest.mark.parametrize("held", [OLD, NEW, ABROAD])
def test_a_lookup_finds_what_lies_under_another_code(ctx: Services, tmp_path: Path, held: str, asked: str) -> None:
    """Archived under a placeholder or by another issuer's code, asked for by any: it need not be brought again."""
    hold(ctx, tmp_path, "wed", type_code=held)
    (answer,) = lookup(ctx, CLERK, owner_id=OWNER, dossier=DOSSIER, type_code=asked, reason=WHY)
    assert answer.answer == "held-and-valid"


@pytest.mark.parametrize("code", [item.code for item in RESULTS if " " in item.code or not item.code.isascii()])
def test_odd_codes_are_asked_for_and_searched(ctx: Services, tmp_path: Path, code: str) -> None:
    """A paper with such a code is held, looked up by it, and found by it as a filter."""
    key = load_catalogues().present_code(code)
    hold(ctx, tmp_path, "odd", type_code=key, title="Giấy")
    drain(ctx)
    (answer,) = lookup(ctx, CLERK, owner_id=OWNER, dossier=DOSSIER, type_code=code, reason=WHY)
    assert answer.answer == "held-and-valid"
    for text in (f'loại:"{code}"', "giấy"):
        filters = Filters() if ":" in text else Filters(types=(code,))
        assert [item.id for item in search(ctx, ARCHIVIST, text, 10, filters=filters).found()] == ["odd"]


@pytest.mark.parametrize("typed", [OLD, NEW, "Giấy chứng nhận kết hôn"])
def test_a_search_finds_and_counts_old_and_new_codes_together(ctx: Services, tmp_path: Path, typed: str) -> None:
    """Papers under the placeholder and under the real code are one type: filtered by either, counted as one."""
    hold(ctx, tmp_path, "old", type_code=OLD, title="Giấy")
    hold(ctx, tmp_path, "new", type_code=NEW, title="Giấy", digitisation_code="other")
    drain(ctx)
    answer = search(ctx, ARCHIVIST, f'giấy loại:"{typed}"', 10, filters=Filters(), counted=True)
    assert {item.id for item in answer.found()} == {"old", "new"}
    assert answer.counts is not None
    assert answer.counts.types == ((NEW, 2),)


def test_an_extract_goes_out_under_the_code_of_all_extracts(ctx: Services, tmp_path: Path) -> None:
    """The list has one code for every copy and extract; here the kinds are told apart (law §9E)."""
    file, out = tmp_path / "in.json", tmp_path / "out.json"
    fields = {"MaHoSo": DOSSIER, "MaTTHC": "2.000635", "SoGiayToChuHoSo": OWNER, "NgayTiepNhan": "20261124"}
    file.write_text(json.dumps([fields]), encoding="utf-8")
    take_in_dossiers(ctx, Asker(who="an", office="H17", role="operator"), file)
    hold(ctx, tmp_path, "extract", type_code="KQ.G15.990012", dossier=DOSSIER, result_code=f"{DOSSIER}-KQ1")
    assert export(ctx, ARCHIVIST, out, results=True).count == 1
    assert json.loads(out.read_text(encoding="utf-8"))[0]["MaGiayToKetQua"] == "KQ.G15.000342"
    (answer,) = lookup(ctx, CLERK, owner_id=OWNER, dossier=DOSSIER, type_code="KQ.G15.990002", reason=WHY)
    assert answer.answer == "not-held", "a marriage extract is no birth extract"


def test_rules_that_are_not_published_are_not_known(ctx: Services, tmp_path: Path) -> None:
    """A marriage dossier of March 2027 is judged by a law whose procedures nobody has: told, not guessed (law L9.4)."""
    file = tmp_path / "in.json"
    code = "H17.12-270301-0001"
    fields = {"MaHoSo": code, "MaTTHC": "1.000894", "SoGiayToChuHoSo": OWNER, "NgayTiepNhan": "20270301"}
    file.write_text(json.dumps([fields]), encoding="utf-8")
    take_in_dossiers(ctx, Asker(who="an", office="H17", role="operator"), file)
    with pytest.raises(UsageError, match="are not known yet for 2027-03-01") as caught:
        lookup(ctx, CLERK, owner_id=OWNER, dossier=code, reason=WHY)
    assert caught.value.reason == "rules_unknown"
    assert str(date(2027, 2, 28)) in str(caught.value)
    head = {"MaTTHC": "1.000894", "TenTTHC": "Kết hôn", "NgayHieuLuc": "2027-03-01", "MaThanhPhanHoSo": "X"}
    (tmp_path / "list.json").write_text(json.dumps([head | {"TenThanhPhanHoSo": "Tờ khai"}]), encoding="utf-8")
    import_list(ctx, Asker(who="an", office="H17", role="operator"), tmp_path / "list.json", apply=True)
    with open_services(ctx.settings) as again:
        assert [item.component for item in lookup(again, CLERK, owner_id=OWNER, dossier=code, reason=WHY)] == ["X"]
