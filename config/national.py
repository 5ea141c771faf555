"""The national list of procedures and results, as a crawl of the portal saw it, with what our table knows besides.

``national.json`` and ``results.csv`` are the portal's words.  ``national.yaml`` says, row by row, which of our paper
types serve, how the paper is given, and by which short codes clerks know it; rows that it does not name are read by the
list's own signs: nothing wanted of a row is a note, and what stands under "phải xuất trình" is only shown (table 2B).
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json

from config.models import AdministrativeLevel, Component, ListNote, Procedure
from config.owners import APPLICANT
from config.papers import ResultCode, UseValidity
from domain.codes import code_key
from domain.errors import SetupError
from domain.record import Frozen

_SHOWN = "phải xuất trình"


class _ListedRow(BaseModel):
    """A row of the list: a paper with how many originals and copies are wanted, a heading, or a note."""

    group: str
    code: str
    original: int
    copy_: int
    name: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "_ListedRow":
        return cls.model_validate({**row, "copy_": row["copy"]})


class Listed(BaseModel):
    """A procedure as the list has it."""

    code: str
    name: str
    decision: str
    results: list[dict[str, str]]
    components: list[dict[str, Any]]


class OurRow(Frozen):
    """What our table knows of a row: of a ``note`` that it is none, else what a component says."""

    name: str | None = None
    aliases: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    form: str | None = None
    required: bool = False
    elsewhere: str | None = None
    whose: tuple[str, ...] = (APPLICANT,)
    each: bool = False
    joint: bool = False
    validity: UseValidity | None = None
    note: bool = False


class RowUnknown(LookupError):
    """Our table names a row that the list has not."""

    def __init__(self, row: str) -> None:
        super().__init__(row)
        self.row = row


class OurTable(Frozen):
    """What our table says of a procedure of the list; ``more`` are papers that the list does not name."""

    code: str
    field: str
    level: AdministrativeLevel
    valid_from: date
    valid_until: date | None = None
    rows: dict[str, OurRow]
    more: tuple[Component, ...] = ()


_LISTED = TypeAdapter(list[Listed])


def load_results(folder: Path) -> tuple[ResultCode, ...]:
    """The codes of the national list of result papers.

    Raises:
        SetupError: the file is missing, or no such list.
    """
    path = folder / "results.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(
                ResultCode(code=row["code"], name=row["name"], procedures=tuple(row["procedures"].split()))
                for row in csv.DictReader(file, strict=True)
            )
    except (OSError, ValueError, KeyError, AttributeError, csv.Error) as error:
        raise SetupError("no_list_of_results", remedy="restore_from_release", path=path, error=error) from None


def load_listed(folder: Path) -> dict[str, Listed]:
    """The procedures of the national list, by code.

    Raises:
        SetupError: the file is missing, or no such list.
    """
    path = folder / "national.json"
    try:
        found = _LISTED.validate_python(from_json(path.read_bytes()))
    except (OSError, ValueError, ValidationError) as error:
        raise SetupError("no_list_of_procedures", remedy="restore_from_release", path=path, error=error) from None
    return {item.code: item for item in found}


def national_procedure(ours: OurTable, listed: Listed) -> Procedure:
    """A procedure of the list with what our table knows.

    Raises:
        RowUnknown: our table names a row that the list has not.
    """
    rows = [_ListedRow.of(row) for row in listed.components]
    if unknown := set(ours.rows) - {code_key(row.code) for row in rows}:
        raise RowUnknown(min(unknown))
    components: dict[str, Component] = {}
    notes: dict[str, ListNote] = {}
    for row in rows:
        key = code_key(row.code)
        known = ours.rows.get(key, OurRow())
        group = (row.group.strip(),) if row.group.strip() else ()
        if known.note or (key not in ours.rows and not row.original + row.copy_):
            groups = notes[key].groups if key in notes else ()
            notes[key] = ListNote(code=key, text=row.name.strip(), groups=_with(groups, group))
        else:
            groups = components[key].groups if key in components else ()
            components[key] = _component(key, row, known, _with(groups, group))
    return Procedure(
        code=ours.code,
        name=listed.name,
        field=ours.field,
        level=ours.level,
        components=(*_in_order(components, ours.rows), *ours.more),
        notes=tuple(notes.values()),
        results=tuple(code_key(item["code"]) for item in listed.results),
        valid_from=ours.valid_from,
        valid_until=ours.valid_until,
        confirmed=False,
        source=f"national portal as seen on {ours.valid_from}; {listed.decision}",
    )


def _in_order(components: Mapping[str, Component], rows: Iterable[str]) -> Iterator[Component]:
    """What our table names first, in its order: the list has none."""
    first = [name for name in rows if name in components]
    return map(components.__getitem__, dict.fromkeys([*first, *components]))


def _component(key: str, row: _ListedRow, known: OurRow, groups: tuple[str, ...]) -> Component:
    form = known.form or ("present" if any(_SHOWN in group for group in groups) else "reusable")
    return Component.model_validate(
        {
            "code": key,
            "name": known.name or row.name.strip(" -+."),
            "words": row.name.strip() if known.name else "",
            "groups": groups,
            "form": form,
            **known.model_dump(
                include={"aliases", "types", "required", "elsewhere", "whose", "each", "joint", "validity"}
            ),
        }
    )


def _with(groups: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*groups, *more]))
