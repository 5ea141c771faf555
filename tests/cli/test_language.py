"""In which language a command tells what was stored in none."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from config.settings import Settings
from domain.errors import ExitCode
from domain.messages.language import Language, language_of, speak
from tests.support.desk import given, run_json, screen


@pytest.fixture(autouse=True)
def spoken() -> object:
    """Other tests go on in English."""
    yield
    speak("en")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "vi"),
        ({"LANG": "C.UTF-8"}, "vi"),
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, "vi"),
        ({"LANG": "vi_VN", "LC_MESSAGES": "en_GB"}, "en"),
    ],
)
def test_the_locale_tells_the_language(environment: dict[str, str], language: Language) -> None:
    """English where the locale is an English one; Vietnamese else, and where it says nothing."""
    assert language_of(environment) == language


def test_a_reason_is_told_in_the_language_of_who_asks(settings: Settings, tmp_path: Path) -> None:
    """What was refused under one language is told in another; word, codes and parameters are the same."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"")
    told = {}
    for language in ("en", "vi"):
        assert run_json(settings, "--lang", language, "ingest", str(folder))[0] == ExitCode.REFUSED
        (line,) = [line for line in run_json(settings, "--lang", language, "status")[1] if line.get("reason")]
        told[language] = line
    assert told["en"]["reason"] == "empty_file: a.pdf is empty. Scan the paper again."
    assert told["vi"]["reason"] == "empty_file: a.pdf trống. Quét lại giấy tờ."
    assert told["en"]["told"] == told["vi"]["told"]
    assert told["vi"]["told"] == {
        "word": "empty_file",
        "what": "file_empty",
        "remedy": "scan_again",
        "params": {"file": "a.pdf"},
    }


def test_a_language_that_nobody_speaks_is_told(settings: Settings) -> None:
    """It is an error of usage."""
    assert given(settings, "--lang", "fr", "status").exit_code == ExitCode.USAGE


def test_a_batch_ends_with_what_is_left_to_do(settings: Settings, tmp_path: Path) -> None:
    """Numbers by state, how many wait for whom and why, and which files are scanned again, in the reader's language."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"")
    told = {
        language: given(settings, "--lang", language, "ingest", str(folder)).stderr.splitlines()
        for language in ("vi", "en")
    }
    assert told["vi"][-3:] == [
        "1 tệp: 1 từ chối; mới 0.",
        "1 không nhận được như hiện có: 1 empty_file. Bảng trên cho biết việc phải làm.",
        "Phải quét lại: 1 (a.pdf).",
    ]
    assert told["en"][-3:] == [
        "1 files: 1 refused; 0 new.",
        "1 cannot be taken as they are: 1 empty_file. The table above says what to do.",
        "To be scanned again: 1 (a.pdf).",
    ]


def test_headings_states_and_help_are_in_the_language_of_the_reader(settings: Settings, tmp_path: Path) -> None:
    """Also help that is asked for before a command, by the surroundings alone."""
    (tmp_path / "a.pdf").write_bytes(b"")
    given(settings, "ingest", str(tmp_path / "a.pdf"))
    read = screen(settings, "--lang", "vi", "status")
    assert "trạng thái" in read
    assert "từ chối" in read
    assert "a.pdf" in read
    assert "Liệt kê giấy tờ chờ người" in CliRunner().invoke(app, ["--lang", "vi", "--help"]).stdout
    assert "Chỉ lô này" in screen(settings, "--lang", "vi", "status", "--help")
    assert language_of({"KHOSO_LANG": "en", "LANG": "vi_VN"}) == "en"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("--bad", "Không có tùy chọn --bad"),
        ("nothing", "Không có lệnh 'nothing'."),
        ("catalogue nothing", "Không có lệnh 'nothing'."),
        ("status --bad", "Không có tùy chọn --bad"),
        ("status --jsn", "Không có tùy chọn --jsn (tùy chọn gần giống: --json)"),
        ("status --json=3", "Tùy chọn '--json' không nhận giá trị."),
        ("status --home", "Tùy chọn '--home' cần có giá trị."),
        ("status --home=", "Giá trị không hợp lệ cho '--home' (biến 'KHOSO_HOME'): chưa nêu thư mục nào"),
        ("separators", "Thiếu tùy chọn '-o' / '--output'."),
        ("show", "Thiếu 'ID|CODE'."),
        ("flow more words", "Thừa phần sau cùng của lệnh (more words)"),
        ("search x --limit 0", "Giá trị không hợp lệ cho '--limit': nhỏ nhất là 1"),
        ("search x --limit 9999", "Giá trị không hợp lệ cho '--limit': lớn nhất là 1000"),
        ("search x --limit x", "Giá trị không hợp lệ cho '--limit': cần một số nguyên"),
        ("search x --sort odd", "Giá trị không hợp lệ cho '--sort': 'odd' không thuộc 'best', 'newest', 'oldest'."),
        ("quality open B --aql x", "Giá trị không hợp lệ cho '--aql': cần một số"),
        (
            "renew --due-before x",
            "Giá trị không hợp lệ cho '--due-before': 'x' không phải là ngày viết theo dạng 2024-01-31",
        ),
    ],
)
def test_a_wrong_command_line_is_told_in_the_language_of_the_reader(line: str, told: str) -> None:
    """What the library of the command line says in English is told in words of the catalogue."""
    surroundings = {"KHOSO_LANG": "vi", "COLUMNS": "200"}
    got = CliRunner().invoke(app, line.split(), env=surroundings)
    assert got.exit_code == ExitCode.USAGE
    assert told in got.stderr
