"""Lists of others are read within limits: what no list is ends in one line, whatever it asks for."""

import json
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from config.imports.columns import load_columns
from config.imports.tables import read_objects, read_rows
from config.settings import Settings
from domain.errors import ExitCode, SetupError, UsageError
from tests.support.desk import run_json

_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def cell(place: str = "", text: str = "x") -> str:
    """A cell with a text in it, at a place or after the one before."""
    return f'<c {place} t="inlineStr"><is><t>{text}</t></is></c>'


def workbook(folder: Path, *, sheet: str = "", **more: bytes) -> Path:
    """A workbook whose sheet has other content, and which has more members."""
    book, path = Workbook(), folder / "list.xlsx"
    assert book.active is not None
    book.active["A1"] = "MaCoQuan"
    book.active["A2"] = "H17"
    book.save(folder / "plain.xlsx")
    with zipfile.ZipFile(folder / "plain.xlsx") as plain, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in plain.namelist():
            own = sheet and name == "xl/worksheets/sheet1.xml"
            packed.writestr(name, _SHEET.format(sheet) if own else plain.read(name))
        for name, content in more.items():
            packed.writestr(name.replace("_", "."), content)
    return path


@pytest.mark.parametrize(
    "sheet",
    [
        f"""<row r="1">{cell('r="A1"')}</row><row r="1048576">{cell('r="XFD1048576"')}</row>""",
        f"<row>{cell()}</row><row r='9000000'>{cell() * 9000}</row>",
        f"""<row spans="1:2" r = "1">{cell("r='a1'")}</row><row r="2">{cell('s="1" r="XFD4000"')}</row>""",
    ],
)
def test_a_cell_far_away_takes_no_memory(tmp_path: Path, sheet: str) -> None:
    """One cell in the last corner of a sheet would ask for half a tebibyte."""
    with pytest.raises(UsageError, match="spans more than 4 million cells") as message:
        read_rows(workbook(tmp_path, sheet=sheet))
    assert message.value.advice


def test_a_sheet_of_another_name_is_looked_at(tmp_path: Path) -> None:
    """A workbook says itself which of its members is a sheet, and a reader asks for no extension."""
    sheet = f"""<row r="1">{cell('r="A1"')}</row><row r="1048576">{cell('r="XFD1048576"')}</row>"""
    moved = tmp_path / "moved.xlsx"
    with zipfile.ZipFile(workbook(tmp_path, sheet=sheet)) as plain, zipfile.ZipFile(moved, "w") as packed:
        for name in plain.namelist():
            packed.writestr(
                name.replace("sheet1.xml", "sheet1.dat"), plain.read(name).replace(b"sheet1.xml", b"sheet1.dat")
            )
    with pytest.raises(UsageError, match="spans more than 4 million cells"):
        read_rows(moved)


def test_a_sheet_of_usual_size_is_read(tmp_path: Path) -> None:
    """Places that are left out are counted on, as the reader does."""
    sheet = f"<row>{cell(text='Ma')}{cell(text='Ten')}</row><row>{cell(text='H17')}{cell(text='An')}</row>"
    rows = read_rows(workbook(tmp_path, sheet=sheet))
    assert [item.cells for item in rows] == [{"Ma": "H17", "Ten": "An"}]


def test_another_kind_of_workbook_is_told(tmp_path: Path) -> None:
    """Its cells are written otherwise, so nobody could see how far away they are."""
    with pytest.raises(UsageError, match="no workbook of XLSX"):
        read_rows(workbook(tmp_path, content_xml=b"<office/>"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 200_000, "cannot be read"),
        (f'[{{"MaHoSo": {"1" * 5000}}}]', "cannot be read"),
        ('[{"MaHoSo": NaN}]', "NaN is no number"),
        ('[{"MaHoSo": -Infinity}]', "-Infinity is no number"),
        (r'[{"ChuHoSo": "An \ud800"}]', "holds what is no letter"),
        (r'[{"ChuHoSo": ["An\u0000"]}]', "holds what is no letter"),
        (r'[{"An\udc00": 1}]', "holds what is no letter"),
    ],
)
def test_json_that_no_database_holds_is_told(tmp_path: Path, text: str, message: str) -> None:
    """Numbers without end, halves of characters, brackets within brackets: one clear line for each."""
    path = tmp_path / "list.json"
    path.write_text(text, encoding="ascii")
    with pytest.raises(UsageError, match=message) as caught:
        read_objects(path)
    assert str(caught.value).isprintable()
    assert caught.value.advice


def test_letters_that_json_escapes_in_pairs_are_read(tmp_path: Path) -> None:
    """Two halves are a character."""
    path = tmp_path / "list.json"
    path.write_text(json.dumps([{"ChuHoSo": "𠀋 An", "Khac": r"\\ud800"}]), encoding="ascii")
    assert read_objects(path) == [(1, {"ChuHoSo": "𠀋 An", "Khac": r"\\ud800"})]


@pytest.mark.parametrize("text", ["MaCoQuan\nH17\0", "MaCoQuan,Ten\nH17,A\u202eB", "MaCoQuan,Ten\nH17,A\x1bB"])
def test_signs_that_are_no_letters_are_told(tmp_path: Path, text: str) -> None:
    """They would stand in names of agencies, and from there in papers."""
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be read") as caught:
        read_rows(path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", [f"columns: {'[' * 200_000}", f"columns: {'1' * 5000}", "columns: 1", "\ud800"])
def test_column_names_that_are_none_are_told(tmp_path: Path, text: str) -> None:
    """A file that somebody wrote beside the list ends in one line as well."""
    path = tmp_path / "columns.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(SetupError) as caught:
        load_columns(path)
    assert caught.value.advice


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"MaCoQuan": "H１７", "TenCoQuan": "Sở", "Cap": "city"}, "MaCoQuan"),
        ({"MaCoQuan": "H17.1", "TenCoQuan": "S" * 301, "Cap": "city"}, "TenCoQuan"),
    ],
)
def test_an_agency_that_no_paper_can_name_is_told(
    made: Settings, tmp_path: Path, row: dict[str, str], column: str
) -> None:
    """Its code becomes where papers count, its name their issuer: both pass the gate of values there."""
    path = tmp_path / "list.json"
    path.write_text(json.dumps([row]), encoding="ascii")
    code, lines = run_json(made, "catalogue", "import", str(path))
    assert code == ExitCode.REFUSED
    assert column in [line.get("column") for line in lines]
