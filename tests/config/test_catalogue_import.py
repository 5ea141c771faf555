"""Lists of procedures and agencies become versions of the catalogues: told first, then kept, and taken back."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from archive.journal import Journal
from config.imports.columns import Columns, load_columns
from config.imports.difference import compare_lists
from config.imports.plan import RowsRefused
from config.imports.reading import Incoming, Stated
from config.imports.tables import read_rows
from config.loader import load_catalogues
from config.models import Procedure
from config.settings import Settings, load_settings
from config.versions import Versions
from domain.errors import ExitCode, SetupError, UsageError
from services.context import open_services
from tests.support.desk import WHY, run_json
from tests.support.desk import given as given_by
from tests.support.held_papers import hold

pytestmark = pytest.mark.usefixtures("made")

MARRIAGE = [
    {
        "MaTTHC": "1.000894",
        "TenTTHC": "Thủ tục đăng ký kết hôn",
        "TenLinhVuc": "Hộ tịch",
        "CapThucHien": "Cấp Xã",
        "MaThanhPhanHoSo": code,
        "TenThanhPhanHoSo": name,
        "MaGiayTo": types,
        "HinhThucNop": form,
        "MaGiayToKetQua": "KQ.G15.000032",
    }
    for code, name, types, form in (
        ("TK", "Tờ khai đăng ký kết hôn", "TP.H17.990101", "Kê khai"),
        ("XNHN", "Giấy xác nhận tình trạng hôn nhân", "KQ.G15.000038", "Nộp"),
        ("CCCD", "Thẻ căn cước của hai bên", "", "Xuất trình"),
    )
]
"""The entry of the release without two of its components."""

NEW = {
    "MaTTHC": "2.002621",
    "TenTTHC": "Đăng ký khai sinh, đăng ký thường trú, cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi",
    "TenLinhVuc": "Hộ tịch",
    "CapThucHien": "Cấp xã",
    "MaThanhPhanHoSo": "000.00.00.G15-KQ000001",
    "TenThanhPhanHoSo": "Giấy chứng sinh",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty store that Lan tends."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "khoso.toml").write_text('[desk.roles]\nLan = "operator"\n', encoding="utf-8")
    return load_settings(tmp_path / "home", {})


def as_csv(folder: Path, rows: list[dict[str, str]], name: str = "list.csv") -> Path:
    """The rows as a file of a desk: with the mark of a spreadsheet program, and semicolons."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    (folder / name).write_text(text.getvalue(), encoding="utf-8-sig")
    return folder / name


def as_xlsx(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """The rows as a workbook."""
    book = openpyxl.Workbook()
    header = list(dict.fromkeys(key for row in rows for key in row))
    for line in (header, *([row.get(name) for name in header] for row in rows)):
        book.active.append(line)
    book.save(folder / "list.xlsx")
    return folder / "list.xlsx"


def as_json(folder: Path, rows: list[dict[str, str]]) -> Path:
    """The rows as the portal nests them: the components inside their procedure."""
    inner = ("MaThanhPhanHoSo", "TenThanhPhanHoSo", "MaGiayTo", "HinhThucNop")
    outer = {name: value for name, value in rows[0].items() if name not in inner}
    parts = [{name: value for name, value in row.items() if name in inner} for row in rows]
    (folder / "list.json").write_text(json.dumps({"DanhSachTTHC": [outer | {"ThanhPhanHoSo": parts}]}))
    return folder / "list.json"


def bring(settings: Settings, file: Path, *options: str) -> tuple[int, list[dict[str, Any]]]:
    """Import a file."""
    return run_json(settings, "catalogue", "import", str(file), "--who", "Lan", *options)


def in_force(settings: Settings, code: str, day: date) -> Procedure:
    """A procedure of the store on a day."""
    return load_catalogues(imported=settings.imported).procedure(code, day)


@pytest.mark.parametrize("write", [as_csv, as_xlsx, as_json])
def test_the_difference_is_told_first(settings: Settings, tmp_path: Path, write: Any) -> None:
    """Whatever the form of the file, the same changes are told, field by field; nothing is changed or written."""
    code, got = bring(settings, write(tmp_path, MARRIAGE), "--from", "2026-12-01")
    assert code == 0
    change, sums = got
    assert (change["code"], change["outcome"]) == ("1.000894", "changed")
    fields = {item["field"]: (item["before"], item["after"]) for item in change["fields"]}
    assert fields["components.KT.types"] == ("KQ.G15.000034", None)
    assert fields["components.000.00.00.G15-KQ004428.name"] == ("Trích lục ghi chú ly hôn", None)
    entry = load_catalogues().procedure("1.000894", date(2026, 11, 30))
    named = [part.code for part in map(entry.component, ("TK", "XNHN", "CCCD")) if part]
    assert len(named) == 3
    assert not any(name.startswith(("name", *(f"components.{code}." for code in named))) for name in fields)
    assert sums["version"] is None
    assert (sums["added"], sums["changed"], sums["unchanged"]) == (0, 1, 0)
    assert not settings.imported.exists()
    assert in_force(settings, "1.000894", date(2027, 1, 1)).confirmed is False


def test_what_changed_gets_a_new_period(settings: Settings, tmp_path: Path) -> None:
    """The old period ends the day before, so that old dossiers are judged by it; what the list leaves out stays."""
    file = as_csv(tmp_path, [*MARRIAGE, NEW])
    code, got = bring(settings, file, "--apply", "--from", "2026-12-01")
    assert code == 0
    assert got[-1]["version"] == 1
    before, after = (
        in_force(settings, "1.000894", date(2026, 11, 30)),
        in_force(settings, "1.000894", date(2026, 12, 1)),
    )
    assert (len(before.components), len(after.components)) == (7, 3)
    assert before.valid_until == date(2026, 11, 30)
    assert after.valid_until is None
    assert after.confirmed
    assert after.components[2].form == "present"
    assert after.components[2].elsewhere == "population", "the list has no such column"
    assert in_force(settings, "2.002621", date(2026, 12, 1)).components[0].name == "Giấy chứng sinh"
    with pytest.raises(KeyError, match="no procedure in force"):
        in_force(settings, "2.002621", date(2026, 11, 30))
    assert in_force(settings, "1.000656", date(2026, 12, 1)).name == "Thủ tục đăng ký khai tử"
    again, got = bring(settings, file, "--apply", "--from", "2026-12-01")
    assert (again, got[-1]["version"], got[-1]["unchanged"]) == (0, None, 2)


def test_the_import_is_on_record(settings: Settings, tmp_path: Path) -> None:
    """Version and audit journal tell who imported which file, by its digest, and when."""
    file = as_csv(tmp_path, [NEW])
    bring(settings, file, "--apply")
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    (event,) = Journal(settings.journal).events()
    assert (event["event"], event["who"], event["subject"], event["sha256"]) == (
        "catalogue_imported",
        "Lan",
        "list.csv",
        sha256,
    )
    _, (version,) = run_json(settings, "catalogue", "versions")
    assert version["origin"] | {"starts": None} == {
        "who": "Lan",
        "action": "import",
        "source": "list.csv",
        "sha256": sha256,
        "starts": None,
        "counts": {"added": 1, "changed": 0, "ended": 0, "confirmed": 0, "unchanged": 0, "types": 0},
    }


def test_imports_are_taken_back(settings: Settings, tmp_path: Path) -> None:
    """Undo goes back version by version to the release, and no version is lost by it."""
    bring(settings, as_csv(tmp_path, [NEW]), "--apply")
    renamed = NEW | {"TenTTHC": "Liên thông khai sinh"}
    bring(settings, as_csv(tmp_path, [renamed]), "--apply", "--from", "2030-01-01")
    names = []
    for _ in range(3):
        names.append([item.name for item in load_catalogues(imported=settings.imported).procedures.periods("2.002621")])
        code, _ = run_json(settings, "catalogue", "undo", "--who", "Lan")
    assert names == [[NEW["TenTTHC"], "Liên thông khai sinh"], [NEW["TenTTHC"]], []]
    assert code == ExitCode.NOT_FOUND
    assert run_json(settings, "catalogue", "undo", "--who", "clerk")[0] == ExitCode.REFUSED
    _, versions = run_json(settings, "catalogue", "versions")
    assert [(item["number"], item["origin"]["action"]) for item in versions] == [
        (1, "import"),
        (2, "import"),
        (3, "undo"),
        (4, "undo"),
    ]
    bring(settings, as_csv(tmp_path, [NEW]), "--apply")
    assert run_json(settings, "catalogue", "show", "2.002621")[1][0]["name"] == NEW["TenTTHC"]


def test_every_fault_is_told_at_once(settings: Settings, tmp_path: Path) -> None:
    """Wrong rows are refused with row, column and remedy, all in one go, and nothing is imported."""
    rows = [
        NEW | {"MaTTHC": "1.00089"},  # a spreadsheet took it for a number
        NEW | {"MaTTHC": ""},
        NEW | {"CapThucHien": "Cấp phường"},
        NEW | {"MaTTHC": "2.002622", "MaGiayTo": "KQ.G15.777777"},
        NEW | {"MaTTHC": "2.002623", "TenTTHC": ""},
        NEW | {"MaTTHC": "2.002624", "NgayHieuLuc": "31/02/2026"},
        NEW | {"MaTTHC": "2.002625", "TenTTHC": "Một"},
        NEW | {"MaTTHC": "2.002625", "TenTTHC": "Hai"},
        NEW | {"MaTTHC": "2.002626", "MaThanhPhanHoSo": ""},
        NEW | {"MaTTHC": "2.002627", "NgayHieuLuc": "2026-01-02", "NgayHetHieuLuc": "2026-01-01"},
        NEW | {"MaTTHC": "1.000894", "NgayHieuLuc": "2015-01-01"},
    ]
    code, got = bring(settings, as_csv(tmp_path, rows), "--apply")
    assert code == RowsRefused.exit_code == ExitCode.REFUSED
    assert [(item["row"], item["column"]) for item in got] == [
        (2, "MaTTHC"),
        (3, "MaTTHC"),
        (4, "CapThucHien"),
        (5, "MaGiayTo"),
        (6, "TenTTHC"),
        (7, "NgayHieuLuc"),
        (9, "TenTTHC"),
        (10, "MaThanhPhanHoSo"),
        (11, "NgayHetHieuLuc"),
        (12, "NgayHieuLuc"),
    ]
    assert all(item["remedy"] and item["fault"] for item in got)
    assert "formatted as text" in got[0]["remedy"]
    assert Versions(settings.imported).present().number == 0
    assert not list(Journal(settings.journal).events())


def test_a_number_in_a_workbook_is_no_code(settings: Settings, tmp_path: Path) -> None:
    """A code that the spreadsheet program took for a number has lost its zeros, and is refused with the remedy."""
    code, (fault,) = bring(settings, as_xlsx(tmp_path, [NEW | {"MaTTHC": 2.00262}]))
    assert code == ExitCode.REFUSED
    assert fault["fault"].startswith("'2.00262' is not possible")
    assert "formatted as text" in fault["remedy"]


def test_paper_types_are_added_when_wanted(settings: Settings, tmp_path: Path) -> None:
    """With --types a result type comes by code and name; its papers are held until it has a retention class."""
    row = NEW | {"MaGiayToKetQua": "KQ.G15.000777", "TenGiayToKetQua": "Thẻ bảo hiểm y tế"}
    code, got = bring(settings, as_csv(tmp_path, [row]), "--apply", "--types")
    assert code == 0
    assert got[-1]["types"] == 1
    catalogues = load_catalogues(imported=settings.imported)
    added = catalogues.type("KQ.G15.000777")
    assert (added.name, added.kind, added.retention, added.validity.kind) == (
        "Thẻ bảo hiểm y tế",
        "result",
        None,
        "unknown",
    )
    assert catalogues.procedures.periods("2.002621")[0].results == ("KQ.G15.000777",)


def test_a_complete_list_ends_what_is_not_on_it(settings: Settings, tmp_path: Path) -> None:
    """With --complete the rest ends the day before; what has ended already is left alone."""
    code, got = bring(settings, as_csv(tmp_path, MARRIAGE), "--apply", "--complete", "--from", "2027-01-01")
    assert code == 0
    release = load_catalogues().procedures.codes()
    assert got[-1]["ended"] == len(release) - 1
    catalogues = load_catalogues(imported=settings.imported)
    assert [item.code for item in catalogues.procedures if item.covers(date(2027, 1, 1))] == ["1.000894"]
    assert {item.code for item in catalogues.procedures if item.covers(date(2026, 12, 31))} == set(release)


def test_a_list_confirms_what_it_repeats(settings: Settings, tmp_path: Path) -> None:
    """An entry that the official list has word for word keeps its period and is no placeholder any more."""
    release = load_catalogues().procedure("2.000884", date(2026, 1, 1))
    rows = [
        {
            "MaTTHC": release.code,
            "TenTTHC": release.name,
            "TenLinhVuc": release.field,
            "CapThucHien": "Xã",
            "MaThanhPhanHoSo": part.code,
            "TenThanhPhanHoSo": part.name,
        }
        for part in release.components
    ]
    _, got = bring(settings, as_csv(tmp_path, rows), "--apply")
    assert got[0]["outcome"] == "confirmed"
    found = in_force(settings, release.code, release.valid_from)
    assert found.confirmed
    assert found.source.startswith("list.csv (SHA-256 ")
    assert found.components == release.components


def test_the_tree_of_agencies(settings: Settings, tmp_path: Path) -> None:
    """A ward under the city is added; a district, an orphan and a circle are refused (law section 0)."""
    ward = {
        "MaCoQuan": "H17.99",
        "TenCoQuan": "Ủy ban nhân dân xã Hòa Tiến",
        "CapHanhChinh": "Xã",
        "MaCoQuanCha": "H17",
    }
    bad = [
        ward | {"MaCoQuan": "H17.98", "CapHanhChinh": "Quận"},
        ward | {"MaCoQuan": "H17.97", "MaCoQuanCha": "H17.41"},
        ward | {"MaCoQuan": "H17.96", "MaCoQuanCha": "H17.95"},
        ward | {"MaCoQuan": "H17.95", "MaCoQuanCha": "H17.96"},
    ]
    code, got = bring(settings, as_csv(tmp_path, [ward, *bad]), "--apply")
    assert code == ExitCode.REFUSED
    assert {(item["row"], item["column"]) for item in got} == {
        (3, "CapHanhChinh"),
        (4, "MaCoQuanCha"),
        (5, "MaCoQuanCha"),
        (6, "MaCoQuanCha"),
    }
    renamed = ward | {"MaCoQuan": "H17.12", "TenCoQuan": "Ủy ban nhân dân phường Hải Châu I"}
    code, _ = bring(settings, as_csv(tmp_path, [ward, renamed]), "--apply", "--from", "2027-01-01")
    assert code == 0
    catalogues = load_catalogues(imported=settings.imported)
    assert catalogues.agency("H17.99").parent == "H17"
    assert [item.valid_until for item in catalogues.agencies if item.code == "H17.12"] == [date(2026, 12, 31), None]
    assert catalogues.agency("H17.12").name.endswith("Hải Châu I")
    _, listed = run_json(settings, "catalogue", "list", "agencies", "--on", "2025-06-30")
    assert "district" in {item["level"] for item in listed}
    _, listed = run_json(settings, "catalogue", "list", "agencies", "--on", "2027-01-01")
    assert {item["level"] for item in listed} == {"city", "commune"}


def test_a_city_names_its_own_columns(settings: Settings, tmp_path: Path) -> None:
    """A file of column names adds to the known ones; a column that nobody knows is told, not passed over."""
    names = tmp_path / "names.yaml"
    names.write_text(
        "columns:\n  procedures:\n    name: [Tên TT]\n  values:\n    level:\n      commune: [Cấp phường]\n"
    )
    row = {"Tên TT" if key == "TenTTHC" else key: value for key, value in NEW.items()}
    row |= {"CapThucHien": "cấp phường", "Ghi chú": "x"}
    assert bring(settings, as_csv(tmp_path, [row]))[0] == ExitCode.REFUSED
    code, got = bring(settings, as_csv(tmp_path, [row]), "--columns", str(names))
    assert code == 0
    assert got[-1]["unused_columns"] == ["Ghi chú"]
    names.write_text("columns:\n  procedure: {}\n")
    with pytest.raises(SetupError, match=f"{names}: procedure"):
        load_columns(names)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.pdf", b"%PDF", "is not CSV, XLSX or JSON"),
        ("a.csv", b"", "has no rows"),
        ("a.csv", b"MaTTHC\n\xff\n", "cannot be read"),
        ("a.csv", b"MaTTHC,MaTTHC\n1,2\n", "two columns have the same name"),
        ("a.csv", b"MaTTHC\n1,2\n", "row 2 is longer than the header"),
        ("a.xlsx", b"PK\x03\x04", "cannot be read"),
        ("a.json", b"{", "cannot be read"),
        ("a.json", b"[" * 100_000, "cannot be read"),
        ("a.json", b'[{"MaTTHC": {"a": 1}}]', "an object stands where a value should"),
        ("a.json", b'{"a": 1, "b": []}', "it is no list of objects"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """A file of another kind, a damaged one and an empty one are errors that name the file."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=message) as caught:
        read_rows(tmp_path / name)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace(b"TenTTHC", b"tenTTHC").replace("Giấy".encode(), b"Giay"), "was changed after"),
        (lambda text: text[20:], "its first line is no head"),
    ],
)
def test_a_damaged_version_names_its_file(settings: Settings, tmp_path: Path, change: Any, message: str) -> None:
    """What was written and does not fit its digest stops the line with file and remedy, and is never half believed."""
    bring(settings, as_csv(tmp_path, [NEW]), "--apply")
    (file,) = settings.imported.glob("*.tsv")
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(SetupError, match=message) as caught:
        load_catalogues(imported=settings.imported)
    assert str(file) in str(caught.value)
    assert caught.value.advice
    assert run_json(settings, "catalogue", "list")[0] == ExitCode.SETUP


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda body: body.replace(b"types\t", b"kinds\t"), "it has no line of 'types'"),
        (lambda body: body + b"no tab\n", "no name with its JSON"),
        (lambda body: body + b"\xff\t[]\n", "no name with its JSON"),
        (lambda body: body.replace(b"agencies\t", b"agencies\t7 "), "this release cannot read it"),
    ],
)
def test_a_version_of_another_form_names_its_file(
    settings: Settings, tmp_path: Path, change: Callable[[bytes], bytes], message: str
) -> None:
    """One that fits its digest and that nobody of this release wrote."""
    bring(settings, as_csv(tmp_path, [NEW]), "--apply")
    (file,) = settings.imported.glob("*.tsv")
    head, _, body = file.read_bytes().partition(b"\n")
    before, after = (hashlib.sha256(text).hexdigest().encode() for text in (body, change(body)))
    file.write_bytes(head.replace(before, after) + b"\n" + change(body))
    with pytest.raises(SetupError, match=message) as caught:
        load_catalogues(imported=settings.imported)
    assert str(file) in str(caught.value)


def test_a_missing_version_is_noticed(settings: Settings, tmp_path: Path) -> None:
    """A version that was taken out between others does not shift the numbers in silence."""
    for name in ("A", "B"):
        bring(settings, as_csv(tmp_path, [NEW | {"TenTTHC": name}]), "--apply")
    (settings.imported / "0001.tsv").unlink()
    with pytest.raises(SetupError, match="a version is missing"):
        load_catalogues(imported=settings.imported)


@pytest.mark.parametrize("kept", [0, 1])
def test_no_answer_by_the_release_alone_once_lists_are_lost(settings: Settings, tmp_path: Path, kept: int) -> None:
    """The folder of the lists deleted, or of an earlier day: whatever asks them says so, until one is there again."""
    for rows in (MARRIAGE, [NEW]):
        assert bring(settings, as_csv(tmp_path, rows), "--apply")[0] == ExitCode.OK
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "1", title="Giấy khai sinh")
    assert run_json(settings, "index")[0] == ExitCode.OK
    for number in range(kept + 1, 3):
        (settings.imported / f"{number:04}.tsv").unlink()
    asked = (
        "lookup",
        "--reason",
        WHY,
        "--owner",
        "048219001275",
        "--dossier",
        "H17.12-260101-0001",
        "--procedure",
        "1.000894",
    )
    said = given_by(settings, *asked)
    assert (said.exit_code, "lists_missing" in said.stderr) == (ExitCode.INCOMPLETE, True)
    assert run_json(settings, "catalogue", "undo", "--who", "Lan")[0] == ExitCode.INCOMPLETE

    def is_found() -> bool:
        code, lines = run_json(settings, "search", "khai sinh")
        return (code, [line["id"] for line in lines]) == (ExitCode.OK, ["1"])

    assert is_found()

    def is_told() -> bool:
        return any("versions of imported lists" in line["detail"] for line in run_json(settings, "doctor")[1])

    assert is_told()
    code, (counts,) = run_json(settings, "rebuild")
    assert (code, "lists_missing" in counts["index_waits"]) == (ExitCode.SETUP, True)
    assert bring(settings, as_csv(tmp_path, [NEW]))[0] == ExitCode.OK  # only told, and so nothing is mended
    assert run_json(settings, *asked)[0] == ExitCode.INCOMPLETE
    assert bring(settings, as_csv(tmp_path, [NEW]), "--apply")[0] == ExitCode.OK
    assert run_json(settings, *asked)[0] == ExitCode.OK
    assert not is_told()
    assert run_json(settings, "reindex")[0] == ExitCode.OK
    assert is_found()


def test_five_thousand_procedures(settings: Settings, tmp_path: Path) -> None:
    """A national list is imported at once, and a command that needs one procedure reads that one alone."""
    rows = [
        NEW | {"MaTTHC": f"1.{100000 + i}", "MaThanhPhanHoSo": f"KQ{j}", "MaGiayTo": "KQ.G15.000038"}
        for i in range(5000)
        for j in range(6)
    ]
    code, got = bring(settings, as_csv(tmp_path, rows), "--apply")
    assert (code, got[-1]["added"]) == (0, 5000)
    catalogues = load_catalogues(imported=settings.imported)
    assert len(catalogues.procedures.periods("1.104999")[0].components) == 6
    assert len(catalogues.procedures._periods) == len(load_catalogues().procedures.codes()) + 1
    assert len(catalogues.procedures) == 5000 + len(load_catalogues().procedures)


@given(st.lists(st.tuples(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.sampled_from("ABC")), max_size=8))
@hypothesis_settings(max_examples=60)
def test_periods_never_overlap(imports: list[tuple[date, str]]) -> None:
    """Whatever is imported in whatever order, a day has at most one entry, and what has begun is not rewritten."""
    known = load_catalogues()
    for day, name in imports:
        entry = known.procedures.periods("1.000656")[-1].model_copy(update={"name": name, "valid_until": None})
        incoming = Incoming(procedures=[Stated(2, entry, day)])
        before = known.procedures.periods("1.000656")
        difference = compare_lists(known, incoming, day)
        after = difference.procedures.get("1.000656", before)
        assert not any(a.overlaps(b) for i, a in enumerate(after) for b in after[:i])
        assert [item.name for item in after[: len(before) - 1]] == [item.name for item in before[:-1]]
        if difference.faults:
            assert day < before[-1].valid_from
        else:
            assert after[-1].name == name
        kept = [item for item in known.procedures if item.code != "1.000656"]
        known = known.model_copy(update={"procedures": type(known.procedures)([*kept, *after])})
    assert isinstance(load_columns(), Columns)
