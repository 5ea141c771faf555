"""CSV, XLSX and JSON files as rows of text."""

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from domain.errors import UsageError
from domain.messages.told import told
from domain.values import excerpt, plain

Item = TypeVar("Item")

_LARGEST = 64 << 20  # thirty thousand components are 10 MB as JSON
_LARGEST_UNPACKED = 512 << 20
_MOST_CELLS = 4_000_000  # a hundred thousand rows of forty columns; the reader takes 32 bytes for each, empty or not
# A row or cell of a sheet and its place, which may be left out.
_CELL = re.compile(
    rb"<(?:[\w.-]+:)?(?P<kind>row|c)(?=[\s/>])"
    rb"(?:[^<>]*?\sr\s*=\s*[\"'](?P<letters>[A-Za-z]{0,3})(?P<digits>[0-9]{0,7})[\"'])?"
)
_ODD = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class Row(NamedTuple):
    """A row: its number as a spreadsheet counts (the first is the header's), in JSON the number of the object."""

    number: int
    cells: dict[str, str]


def read_rows(path: Path) -> list[Row]:
    """The rows of a list, by the names of its columns; empty cells are left out.

    Raises:
        UsageError: the file is too large, of another kind or damaged, or two columns have one name.
    """
    return _read(path, {".csv": _csv, ".xlsx": _xlsx, ".json": _json})


def read_objects(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a JSON list as they are, or the rows of another list, with their numbers.

    Raises:
        UsageError: the file is too large, of another kind or damaged, or two columns have one name.
    """
    return _read(path, {".csv": _csv, ".xlsx": _xlsx, ".json": _objects})


def _read(path: Path, readers: Mapping[str, Callable[[bytes], Iterable[Item]]]) -> list[Item]:
    if path.suffix.lower() not in readers:
        raise UsageError("list_of_other_kind", remedy="save_as_list", name=path.name)
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError("file_too_large", remedy="import_in_parts", file=path.name, most=_LARGEST >> 20)
        rows = list(readers[path.suffix.lower()](path.read_bytes()))
    except OSError as error:
        raise UsageError("list_not_read", remedy="check_name_rights", name=path, error=error.strerror) from None
    except _BROKEN as error:
        raise UsageError("list_not_read", remedy="save_list_again", name=path.name, error=error) from None
    if not rows:
        raise UsageError("list_no_rows", remedy="check_first_sheet", name=path.name)
    return rows


class _Unreadable(ValueError):
    """The file has another shape than a list; ``inner`` is what is told of it, as of an error of khoso."""

    def __init__(self, code: str, **params: object) -> None:
        self.inner = told(code, **params)
        super().__init__(self.inner.text("en"))


_BROKEN = (
    ValueError,  # no UTF-8, no JSON, a number of thousands of digits
    csv.Error,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,  # a version of ZIP from the future
    RuntimeError,  # JSON nested without end, or a member of the ZIP that needs a password
)


def _csv(content: bytes) -> Iterator[Row]:
    text = content.decode("utf-8-sig")
    if "\0" in text:
        raise _Unreadable("list_holds_nul")
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    yield from _rows(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def _xlsx(content: bytes) -> Iterator[Row]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 (only for such files)

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(item.file_size for item in packed.infolist()) > _LARGEST_UNPACKED:
            raise _Unreadable("list_unpacks_large")
        if not _is_bounded(packed):
            raise _Unreadable("list_spans_cells", millions=_MOST_CELLS // 1_000_000)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        yield from _rows(iter(sheet.to_python(skip_empty_area=False)))
    except CalamineError as error:
        raise ValueError(str(error)) from None


def _is_bounded(packed: zipfile.ZipFile) -> bool:
    """Whether the sheets of a workbook are small: the reader makes room for all cells between the first and the last.

    Raises:
        _Unreadable: it is another kind of workbook, whose cells are written otherwise.
    """
    names = {item.filename for item in packed.infolist()}
    if "xl/workbook.xml" not in names or names & {"content.xml", "xl/workbook.bin"}:
        raise _Unreadable("list_no_workbook")
    for name in names:
        rows = columns = row = column = 0
        for found in _CELL.finditer(packed.read(name)):  # of any member: a workbook may name any of them as a sheet
            letters, digits = found["letters"] or b"", found["digits"]
            if found["kind"] == b"row":
                row, column = int(digits) if digits and not letters else row + 1, 0
            else:
                column = _number_of(letters) if letters else column + 1
                row = int(digits) if digits else max(row, 1)
            rows, columns = max(rows, row), max(columns, column)
        if rows * columns > _MOST_CELLS:
            return False
    return True


def _number_of(letters: bytes) -> int:
    """The number of a column, from 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _rows(lines: Iterator[Any]) -> Iterator[Row]:
    """Rows under a header line."""
    header = [_text(name) for name in next(lines, [])]
    named = [name for name in header if name]
    if len(set(named)) != len(named):
        raise _Unreadable("list_columns_twice")
    for number, line in enumerate(lines, start=2):
        if len(line) > len(header) and any(map(_text, line[len(header) :])):
            raise _Unreadable("list_row_longer", row=number)
        cells = {name: text for name, value in zip(header, line, strict=False) if name and (text := _text(value))}
        if cells:
            yield Row(number, cells)


def _objects(content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Objects of a list, which may be the only member of an object."""
    data = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    if _ODD.search(content):
        _check_texts(data)
    if isinstance(data, dict) and len(data) == 1:
        data = next(iter(data.values()))
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise _Unreadable("list_no_objects")
    yield from enumerate(data, start=1)


def _no_number(name: str) -> None:
    raise _Unreadable("list_no_number", name=name)


def _check_texts(data: Any) -> None:
    """Refuse halves of characters and NUL, which JSON can escape, and no database holds."""
    if isinstance(data, dict):
        for name, value in data.items():
            _check_texts(name)
            _check_texts(value)
    elif isinstance(data, list):
        for value in data:
            _check_texts(value)
    elif isinstance(data, str) and any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in data):
        raise _Unreadable("list_no_letter", text=excerpt(data))


def _json(content: bytes) -> Iterator[Row]:
    """Objects as rows; lists inside an object give a row each."""
    for number, item in _objects(content):
        plain = {name: text for name, value in item.items() if (text := _text(value))}
        inner = [part for value in item.values() if isinstance(value, list) for part in value]
        if not all(isinstance(part, dict) for part in inner):
            raise _Unreadable("list_of_others", number=number)
        for part in inner or [{}]:
            yield Row(number, plain | {name: text for name, value in part.items() if (text := _text(value))})


def _text(value: Any) -> str:
    """A cell as text; a day as 2025-07-01, a whole number without a point."""
    if value is None or isinstance(value, list):
        return ""
    if isinstance(value, dict):
        raise _Unreadable("list_object_as_value")
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, float) and not isfinite(value):
        raise _Unreadable("list_number_large")
    text = " ".join(str(value).split())
    if text.isprintable():
        return text
    try:
        return plain("cell", text)
    except UsageError:
        raise _Unreadable("list_cell_odd", text=excerpt(text)) from None
