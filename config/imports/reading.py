"""The rows of a list as entries of the catalogues.  All that is wrong is told at once, by row and column."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from config.imports.columns import Columns, Headers, list_kind
from config.imports.tables import Row
from config.models import Agency, Catalogues, Component, Entry, ListNote, Procedure
from config.papers import DocumentType, Validity
from domain.codes import code_key
from domain.days import parse_day
from domain.messages.told import Told, told

EntryT = TypeVar("EntryT", bound=Entry)

_FAR = date(2000, 1, 1)  # stands for a first day that is not decided yet


@dataclass(frozen=True)
class Fault:
    """What is wrong in a row, and what to do about it."""

    row: int
    column: str
    what: Told
    remedy: Told


@dataclass(frozen=True)
class Stated(Generic[EntryT]):
    """An entry as a list states it; its first day counts only when it was stated."""

    row: int
    entry: EntryT
    starts: date | None


@dataclass
class Incoming:
    """What a list brings, what is wrong with it, its columns by our names, and those that nobody understood."""

    procedures: list[Stated[Procedure]] = field(default_factory=list)
    agencies: list[Stated[Agency]] = field(default_factory=list)
    types: dict[str, DocumentType] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)


def read_list(
    rows: Sequence[Row], columns: Columns, known: Catalogues, *, source: str, add_types: bool = False
) -> Incoming:
    """Read a list of procedures or of agencies; its columns tell which it is.

    Args:
        rows: the rows of the file.
        columns: what their columns and cells mean.
        known: the catalogues in force; what the list has no column for stays as it is there.
        source: where the entries say that they come from.
        add_types: add paper types that the catalogues do not have, by code and name.
    """
    present = list(dict.fromkeys(name for row in rows for name in row.cells))
    headers = Headers(columns, list_kind(columns, present), present)
    reader = _Reader(headers, known, source, add_types=add_types)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if code := headers.cell(row.cells, "code"):
            groups.setdefault(code, []).append(row)
        else:
            reader.fault(row.number, "code", "row_code_missing", "fill_in_or_take_out")
    read: Callable[[str, list[Row]], None] = reader.agency if headers.kind == "agencies" else reader.procedure
    for code, group in groups.items():
        read(code, group)
    return reader.done()


class _Reader:
    """Reads group after group, and collects."""

    def __init__(self, headers: Headers, known: Catalogues, source: str, *, add_types: bool) -> None:
        self._headers = headers
        self._known = known
        self._source = source
        self._add_types = add_types
        self._agencies = {item.code: item for item in sorted(known.agencies, key=lambda item: item.valid_from)}
        self._incoming = Incoming()

    def fault(self, row: int, column: str, what: str, remedy: str, /, **params: object) -> None:
        fault = Fault(row, self._headers.theirs(column), told(what, **params), told(remedy))
        self._incoming.faults.append(fault)

    def done(self) -> Incoming:
        of_codes = {"type_name": "type", "result_name": "result"}
        idle = [name for name, code in of_codes.items() if self._headers.has(name) and not self._headers.has(code)]
        self._incoming.columns = self._headers.present
        self._incoming.unused = [*self._headers.unused, *map(self._headers.theirs, idle)]
        return self._incoming

    def procedure(self, code: str, rows: list[Row]) -> None:
        """One procedure: a row for each component and each result, or for several of them."""
        last = next(reversed(self._known.procedures.periods(code)), None)
        content: dict[str, Any] = {"code": code, "confirmed": True, "source": self._source}
        for name in ("name", "field", "level"):
            content[name] = self._one(rows, name, getattr(last, name, None))
        if self._headers.has("component_code"):
            content["components"] = self._components(rows, last)
        else:
            content["components"] = last.components if last else ()
        if self._headers.has("result"):
            content["results"] = tuple(dict.fromkeys(self._codes(rows, "result", "result_name")))
        else:
            content["results"] = last.results if last else ()
        content["notes"] = self._notes(rows, last)
        if stated := self._stated(Procedure, rows, content):
            self._incoming.procedures.append(stated)

    def agency(self, code: str, rows: list[Row]) -> None:
        """One agency: one row."""
        for row in rows[1:]:
            self.fault(row.number, "code", "row_code_twice", "take_one_out", code=code, row=rows[0].number)
        last = self._agencies.get(code)
        content: dict[str, Any] = {"code": code, "confirmed": True, "source": self._source}
        for name in ("name", "level"):
            content[name] = self._one(rows, name, getattr(last, name, None))
        content["parent"] = self._one(rows, "parent", last.parent if last else None, required=False)
        if stated := self._stated(Agency, rows, content):
            self._incoming.agencies.append(stated)

    def _stated(self, kind: type[EntryT], rows: list[Row], content: dict[str, Any]) -> Stated[EntryT] | None:
        starts, ends = (self._day(rows, name) for name in ("valid_from", "valid_until"))
        if starts and ends and ends < starts:
            self.fault(rows[0].number, "valid_until", "row_ends_early", "correct_one_day")
        try:
            entry = kind.model_validate({**content, "valid_from": starts or _FAR, "valid_until": ends})
        except ValidationError as error:
            for fault in error.errors():
                name = str(fault["loc"][0])
                if content.get(name) is not None:  # what is missing was told
                    wrong = {"value": content[name], "why": fault["msg"]}
                    remedy = _REMEDIES.get(name, "correct_cell")
                    self.fault(rows[0].number, name, "row_value_impossible", remedy, **wrong)
            return None
        return Stated(rows[0].number, entry, starts)

    def _one(self, rows: list[Row], name: str, present: str | None, *, required: bool = True) -> str | None:
        """What all rows of an entry say of it; what is there already when the list has no such column."""
        if not self._headers.has(name):
            if required and present is None:
                self.fault(rows[0].number, name, "row_column_missing", "add_column")
            return present
        seen = [(row.number, text) for row in rows if (text := self._headers.cell(row.cells, name))]
        if not seen:
            if required:
                self.fault(rows[0].number, name, "row_cell_empty", "fill_cell")
            return None
        for number, text in seen:
            if text != seen[0][1]:
                other = {"text": text, "row": seen[0][0], "other": seen[0][1]}
                self.fault(number, name, "row_contradicts", "write_same_in_rows", **other)
        return self._meaning(seen[0][0], name, seen[0][1])

    def _meaning(self, row: int, name: str, text: str) -> str | None:
        """What a cell means where the meanings are listed; else the text."""
        if name not in {"level", "form", "required", "elsewhere"}:
            return text
        meaning = self._headers.value(name, text)
        if meaning is None:
            known = self._headers.known(name)
            self.fault(row, name, "row_value_unknown", "write_known_value", text=text, known=known)
        return meaning

    def _day(self, rows: list[Row], name: str) -> date | None:
        text = self._one(rows, name, None, required=False)
        if not text:
            return None
        if day := parse_day(text):
            return day
        self.fault(rows[0].number, name, "row_no_day", "write_listed_day", text=text)
        return None

    def _components(self, rows: list[Row], last: Procedure | None) -> tuple[Component, ...]:
        """The components in the order of the list; several rows of one name its papers.

        One that the list calls by another code of it is that one, and keeps its main code.
        """
        before = {item.code: item for item in last.components} if last else {}
        groups: dict[str, list[Row]] = {}
        for row in rows:
            if self._is_note(row):
                continue
            code, name = (self._headers.cell(row.cells, column) for column in ("component_code", "component_name"))
            known = last.component(code) if last else None
            code = known.code if known else code_key(code)
            if code:
                groups.setdefault(code, []).append(row)
            elif name:
                self.fault(row.number, "component_code", "row_component_no_code", "fill_cell")
        found = [self._component(code, group, before.get(code)) for code, group in groups.items()]
        return tuple(item for item in found if item)

    def _is_note(self, row: Row) -> bool:
        """Whether a row of the list is no paper: no original and no copy of it is wanted (law table 2B)."""
        stated = [self._headers.cell(row.cells, name) for name in ("originals", "copies") if self._headers.has(name)]
        return bool(stated) and all(not text.strip("0") for text in stated)

    def _notes(self, rows: list[Row], last: Procedure | None) -> tuple[ListNote, ...]:
        """The rows that are no papers; what is known of them stays when the list tells no quantities."""
        notes: dict[str, ListNote] = {}
        for row in rows:
            code, text = (self._headers.cell(row.cells, column) for column in ("component_code", "component_name"))
            if code and text and self._is_note(row):
                notes[code_key(code)] = ListNote(code=code_key(code), text=text)
        tells = self._headers.has("originals") or self._headers.has("copies")
        return tuple(notes.values()) if tells or last is None else last.notes

    def _component(self, code: str, rows: list[Row], before: Component | None) -> Component | None:
        old = before or Component(code=code, name="?")
        content = old.model_dump(exclude={"name", "types", "elsewhere"})
        content["name"] = self._one(rows, "component_name", before.name if before else None)
        content["types"] = tuple(dict.fromkeys(self._codes(rows, "type", "type_name")))
        if not self._headers.has("type"):
            content["types"] = old.types
        if form := self._one(rows, "form", None, required=False):
            content["form"] = form
        if required := self._one(rows, "required", None, required=False):
            content["required"] = required == "yes"
        content["elsewhere"] = self._one(rows, "elsewhere", old.elsewhere, required=False)
        if content["name"] is None:
            return None
        try:
            return Component.model_validate(content)
        except ValidationError as error:
            fault = error.errors()[0]
            why = {"name": str(fault["loc"][0]), "why": fault["msg"]}
            self.fault(rows[0].number, "component_code", "row_component_wrong", "correct_cell", **why)
            return None

    def _codes(self, rows: list[Row], column: str, name_column: str) -> Iterable[str]:
        """Paper types that rows name, several in a cell between ``;`` or ``,``."""
        for row in rows:
            for code in self._apart(self._headers.cell(row.cells, column)):
                if self._is_type(code) or self._added(row, code, column, name_column):
                    yield code

    def _is_type(self, code: str) -> bool:
        return code in self._incoming.types or self._known.find_type(code) is not None

    def _apart(self, cell: str) -> Iterator[str]:
        """The codes of a cell.  A code may hold blanks and commas itself: one that is known is not torn apart."""
        for part in filter(None, map(code_key, cell.split(";"))):
            pieces = [piece for piece in re.split(r"[,\s]+", part) if piece]
            if self._is_type(part) or not all(self._is_type(piece) or _USUAL.fullmatch(piece) for piece in pieces):
                yield part
            else:
                yield from pieces

    def _added(self, row: Row, code: str, column: str, name_column: str) -> bool:
        """Whether an unknown paper type could be added."""
        name = self._headers.cell(row.cells, name_column)
        if not self._add_types:
            self.fault(row.number, column, "row_type_unknown", "correct_or_add_types", code=code)
            return False
        if not name:
            self.fault(row.number, name_column, "row_type_unnamed", "fill_cell", code=code)
            return False
        try:
            self._incoming.types[code] = DocumentType(
                code=code,
                name=name,
                name_en=name,
                kind="result" if column == "result" else "component",
                confirmed=True,
                titles=(name.upper(),),
                owner="person",
                required=("issued_date", "owner_id"),
                validity=Validity(kind="unknown"),
                retention=None,  # its papers are held until somebody says how long they are kept (law L6.3)
                source=self._source,
            )
        except ValidationError:
            self.fault(row.number, column, "row_type_impossible", "write_type", code=code)
            return False
        return True


_USUAL = re.compile(r"[A-Z]{2}\.[A-Z][0-9]{2}\.[0-9]{6}")  # what most codes look like (law table 2B)
_REMEDIES = {
    "code": "write_listed_code",
    "parent": "write_agency_above",
}
