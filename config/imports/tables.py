"""CSV, XLSX and JSON files as rows of text."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from domain.errors import UsageError

Item = TypeVar("Item")

_LARGEST = 64 << 20  # thirty thousand components are 10 MB as JSON
_LARGEST_UNPACKED = 512 << 20


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
        raise UsageError(f"{path.name} is not CSV, XLSX or JSON", remedy="Save the list as .csv, .xlsx or .json")
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path.name} is larger than {_LARGEST >> 20} MiB", remedy="Import it in parts")
        rows = list(readers[path.suffix.lower()](path.read_bytes()))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", remedy="Check name and rights") from None
    except _BROKEN as error:
        what = f"{path.name} cannot be read: {error}"
        raise UsageError(what, remedy="Save the list again; text as UTF-8, one list per file") from None
    if not rows:
        raise UsageError(f"{path.name} has no rows", remedy="Check that the list is on the first sheet")
    return rows


class _Unreadable(ValueError):
    """The file has another shape than a list."""


_BROKEN = (
    UnicodeDecodeError,
    csv.Error,
    json.JSONDecodeError,
    zipfile.BadZipFile,
    NotImplementedError,  # a version of ZIP from the future
    RecursionError,  # JSON nested without end
    _Unreadable,
)


def _csv(content: bytes) -> Iterator[Row]:
    text = content.decode("utf-8-sig")
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    yield from _rows(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def _xlsx(content: bytes) -> Iterator[Row]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 (only for such files)

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(item.file_size for item in packed.infolist()) > _LARGEST_UNPACKED:
            raise _Unreadable("it unpacks to more than a list can have")
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        yield from _rows(iter(sheet.to_python(skip_empty_area=False)))
    except CalamineError as error:
        raise _Unreadable(str(error)) from None


def _rows(lines: Iterator[Any]) -> Iterator[Row]:
    """Rows under a header line."""
    header = [_text(name) for name in next(lines, [])]
    named = [name for name in header if name]
    if len(set(named)) != len(named):
        raise _Unreadable("two columns have the same name")
    for number, line in enumerate(lines, start=2):
        if len(line) > len(header) and any(map(_text, line[len(header) :])):
            raise _Unreadable(f"row {number} is longer than the header")
        cells = {name: text for name, value in zip(header, line, strict=False) if name and (text := _text(value))}
        if cells:
            yield Row(number, cells)


def _objects(content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Objects of a list, which may be the only member of an object."""
    data = json.loads(content.decode("utf-8-sig"))
    if isinstance(data, dict) and len(data) == 1:
        data = next(iter(data.values()))
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise _Unreadable("it is no list of objects")
    yield from enumerate(data, start=1)


def _json(content: bytes) -> Iterator[Row]:
    """Objects as rows; lists inside an object give a row each."""
    for number, item in _objects(content):
        plain = {name: text for name, value in item.items() if (text := _text(value))}
        inner = [part for value in item.values() if isinstance(value, list) for part in value]
        if not all(isinstance(part, dict) for part in inner):
            raise _Unreadable(f"object {number} has a list of something else than objects")
        for part in inner or [{}]:
            yield Row(number, plain | {name: text for name, value in part.items() if (text := _text(value))})


def _text(value: Any) -> str:
    """A cell as text; a day as 2025-07-01, a whole number without a point."""
    if value is None or isinstance(value, list):
        return ""
    if isinstance(value, dict):
        raise _Unreadable("an object stands where a value should")
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())
