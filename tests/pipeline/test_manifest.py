"""What a manifest says is understood, or refused with the line before anything is done."""

import errno
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from domain.errors import UsageError
from pipeline.decisions import read_passwords
from pipeline.intake import find_files, take_in
from pipeline.manifest import read_manifest, statement_of
from pipeline.records import Statement
from services.context import Services


def manifest(folder: Path, *lines: str) -> Path:
    """A manifest of these lines."""
    path = folder / "manifest.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read(path: Path, ctx: Services, *names: str) -> dict[str, Statement]:
    """What a manifest says of these files."""
    return read_manifest(path, ctx, [path.parent / name for name in names or ("a.pdf",)])


def test_days_are_read_as_people_write_them(ctx: Services, tmp_path: Path) -> None:
    """12/03/2026 and 2026-03-12 are the same day."""
    path = manifest(tmp_path, "file,issued_date,valid_until", "a.pdf,12/03/2026,2027-03-12")
    fields = read(path, ctx)["a.pdf"].fields
    assert fields == {"issued_date": "2026-03-12", "valid_until": "2027-03-12"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a.pdf,31/02/2026", ":2: issued_date: '31/02/2026' is no day"),
        ("a.pdf,12-03-26", ":2: issued_date: '12-03-26' is no day"),
        (",12/03/2026", ":2: no file is named"),
        ("a.pdf,12/03/2026,more", ":2: more values than columns"),
        ("a.pdf,12/03/2026\na.pdf,13/03/2026", ":3: a second row for a.pdf"),
    ],
)
def test_a_row_that_cannot_be_is_named(ctx: Services, tmp_path: Path, row: str, message: str) -> None:
    """The message names the line."""
    with pytest.raises(UsageError, match=message):
        read(manifest(tmp_path, "file,issued_date", row), ctx)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("number_symbol", "../../etc/passwd"),
        ("number_symbol", '"12/QĐ\n-UBND"'),
        ("number_symbol", "1" * 81),
        ("abstract", "a" * 100_000),
        ("owner_name", "An\u202e Văn"),
        ("dossier", "hồ sơ 17"),
        ("dossier", "HS-2025/17"),
        ("dossier_code", f"H17-250901-{'1' * 5000}"),
        ("procedure_code", "17"),
        ("scope", "Da Nang"),
        ("issued_date", "03-13-2026"),
        ("issued_date", "0026-03-12"),
        ("owner_id", "48201000123"),
        ("abstract", "a\0b"),
        ("dossier", "H17/../12"),
        ("owner_id", "04821900127x"),
    ],
)
def test_a_value_that_cannot_be_is_named(ctx: Services, tmp_path: Path, column: str, value: str) -> None:
    """What would get into codes or paths is refused with its row and column, and so are control characters."""
    with pytest.raises(UsageError, match=rf":[23]: {column}: "):
        read(manifest(tmp_path, f"file,{column}", f"a.pdf,{value}"), ctx)


def test_what_people_write_is_understood(ctx: Services, tmp_path: Path) -> None:
    """A type and an issuer by name, a day in words; a name that is none is refused with likely ones."""
    path = manifest(tmp_path, "file;type;issuer;issued_date", "a.pdf;giấy khai sinh;H17.02;ngày 20 tháng 01 năm 2026")
    stated = read(path, ctx)["a.pdf"]
    assert (stated.type_code, stated.fields) == (
        "KQ.G15.000031",
        {"issuer": "Sở Tư pháp", "issued_date": "2026-01-20"},
    )
    with pytest.raises(UsageError, match=":2: type: ") as caught:
        read(manifest(tmp_path, "file,type", "a.pdf,khai sinh"), ctx)
    assert "KQ.G15.000031 (Giấy khai sinh)" in caught.value.advice


def test_a_spreadsheet_writes_semicolons(ctx: Services, tmp_path: Path) -> None:
    """The head tells how values are parted; a comma in a value is then no matter."""
    path = manifest(tmp_path, "file;number_symbol;abstract", "a.pdf;12/QĐ-UBND;Về đất, nhà")
    assert read(path, ctx)["a.pdf"].fields == {"number_symbol": "12/QĐ-UBND", "abstract": "Về đất, nhà"}


def test_two_columns_of_one_name_are_refused(ctx: Services, tmp_path: Path) -> None:
    """Nobody knows which of them counts."""
    with pytest.raises(UsageError, match=":1: two columns of one name"):
        read(manifest(tmp_path, "file,dossier,dossier", "a.pdf,H17.12-261124-0001,"), ctx)


def test_a_missing_reason_is_asked_for_by_its_column(ctx: Services, tmp_path: Path) -> None:
    """The way out is one of the manifest, not an option of another command."""
    with pytest.raises(UsageError) as message:
        read(manifest(tmp_path, "file,accept", "a.pdf,resolution"), ctx)
    assert "column `reason`" in message.value.advice


def test_a_name_is_found_in_any_spelling(ctx: Services, tmp_path: Path) -> None:
    """A Mac takes letters and accents of a name apart; the manifest need not."""
    statements = read(manifest(tmp_path, "file,dossier", "Thông báo.pdf,H17.12-261124-0001"), ctx, "Thông báo.pdf")
    for form in ("NFC", "NFD"):
        path = tmp_path / unicodedata.normalize(form, "Thông báo.pdf")
        assert statement_of(statements, path).dossier == "H17.12-261124-0001"


def test_a_row_of_no_file_is_refused(ctx: Services, tmp_path: Path) -> None:
    """A misspelt name does not go unseen: its paper would be signed without what is stated of it."""
    path = manifest(tmp_path, "file,dossier", "a.pdf,H17.12-261124-0001", "b.pfd,H17.12-261124-0002")
    with pytest.raises(UsageError, match=r":3: 'b\.pfd' is not among the files"):
        read(path, ctx, "a.pdf", "b.pdf")


def test_two_rows_of_one_file_are_refused(ctx: Services, tmp_path: Path) -> None:
    """By its name and by its path it is the same file; of its two rows one would be lost."""
    for rows in (("a.pdf", str(tmp_path / "a.pdf")), (str(tmp_path / "a.pdf"), "a.pdf")):
        path = manifest(tmp_path, "file,abstract", *(f"{name},x" for name in rows))
        with pytest.raises(UsageError, match=r":3: a second row for .*a\.pdf \(the first is line 2\)"):
            read(path, ctx)


def test_a_row_of_two_files_is_refused(ctx: Services, tmp_path: Path) -> None:
    """What is stated of one paper is not stated of another one that has its name by chance; its path tells."""
    names = ("x/a.pdf", "y/a.pdf")
    path = manifest(tmp_path, "file,abstract", "a.pdf,x")
    with pytest.raises(UsageError, match=r":2: 2 files are named 'a\.pdf'"):
        read(path, ctx, *names)
    path = manifest(tmp_path, "file,abstract", *(f"{tmp_path / name},{name}" for name in names))
    statements = read(path, ctx, *names)
    assert [statement_of(statements, tmp_path / name).fields["abstract"] for name in names] == list(names)


def test_a_file_nobody_may_read_is_refused(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the right to read a file it is refused, and the command goes on."""
    path = tmp_path / "a.png"
    path.write_bytes(b"x")

    real = os.open

    def denied(what: Any, *given: Any, **named: Any) -> Any:
        if what == path:
            raise PermissionError(errno.EACCES, "Permission denied", str(what))
        return real(what, *given, **named)

    monkeypatch.setattr(os, "open", denied)  # root may read everything
    seen = take_in(ctx, path, "b", Statement())
    assert (seen.state, seen.reason.text()) == (
        "refused",
        f"unreadable: {path} cannot be read (Permission denied). Check the file and its rights.",
    )


def test_a_folder_nobody_may_read_is_refused(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed folder among others is refused by its name, and the files beside it are found."""
    files = [tmp_path / "in" / name for name in ("a.pdf", "closed/b.pdf", "open/c.pdf")]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    closed, real = files[1].parent, os.scandir

    def denied(path: Any = ".") -> Any:
        if Path(path) == closed:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", denied)  # root may read everything
    assert find_files([tmp_path / "in"], ctx.settings.home) == [files[0], closed, files[2]]
    seen = take_in(ctx, closed, "b", Statement())
    assert (seen.state, seen.reason.text()) == (
        "refused",
        f"unreadable: {closed} cannot be read (Permission denied). Check the file and its rights.",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("file" + ",x" * 400_000, ":1: two columns of one name"),
        ("file," + ",".join(f"c{number}" for number in range(100_000)), ":1: columns must be"),
        ("file,type\n" + "a" * 3_000_000, ":2: longer than any row"),
        ("x" * 3_000_000, ":1: longer than any row"),
    ],
    ids=["one name", "many names", "a long row", "a long head"],
)
def test_what_is_much_too_long_is_refused_soon(ctx: Services, tmp_path: Path, content: str, message: str) -> None:
    """It costs no more than to read it once (a table of 200 000 columns of one name took hours)."""
    path = tmp_path / "manifest.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read(path, ctx)


@pytest.mark.parametrize("name", ["/dev/zero", "pipe", "."])
def test_what_is_no_file_is_no_manifest(ctx: Services, tmp_path: Path, name: str) -> None:
    """A pipe is not waited for, and a device not read to its end."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="is no file"):
        read(tmp_path / name, ctx)


@pytest.mark.parametrize("name", ["/dev/zero", "pipe", "."])
def test_what_is_no_file_is_no_list_of_passwords(tmp_path: Path, name: str) -> None:
    """A pipe is not waited for, and a device not read to its end."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="is no file"):
        read_passwords(tmp_path / name)


def test_what_is_too_long_is_no_list_of_passwords(tmp_path: Path) -> None:
    """Nobody has so many."""
    (tmp_path / "passwords").write_text("x" * 2_000_000, encoding="utf-8")
    with pytest.raises(UsageError, match="no list of passwords"):
        read_passwords(tmp_path / "passwords")
