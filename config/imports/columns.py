"""What columns and cells of an imported list mean (``config/catalogues/columns.yaml``)."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, ValidationError

from config.loader import FOLDER
from domain.errors import SetupError, UsageError
from domain.record import Frozen

Kind = Literal["procedures", "agencies"]
Names = dict[str, tuple[str, ...]]


class Columns(Frozen):
    """Our names of columns with theirs, and per column our values with theirs."""

    procedures: Names = Field(default_factory=dict)
    agencies: Names = Field(default_factory=dict)
    values: dict[str, Names] = Field(default_factory=dict)

    def names(self, kind: Kind) -> Names:
        """The columns of a kind of list."""
        return self.procedures if kind == "procedures" else self.agencies

    def more(self, other: "Columns") -> "Columns":
        """These names and the other ones."""
        return Columns(
            procedures=_more(self.procedures, other.procedures),
            agencies=_more(self.agencies, other.agencies),
            values={
                column: _more(self.values.get(column, {}), other.values.get(column, {}))
                for column in {*self.values, *other.values}
            },
        )


class Headers:
    """The columns that a list has, and what they are here."""

    def __init__(self, columns: Columns, kind: Kind, present: Iterable[str]) -> None:
        """Find our columns among those present.

        Raises:
            UsageError: two columns mean the same.
        """
        self.kind = kind
        self.present: dict[str, str] = {}  # by our names
        self.unused: list[str] = []
        ours = {comparable_name(theirs): name for name, known in columns.names(kind).items() for theirs in known}
        for theirs in present:
            name = ours.get(comparable_name(theirs))
            if name is None:
                self.unused.append(theirs)
            elif name in self.present:
                same = {"first": self.present[name], "second": theirs, "name": name}
                raise UsageError("columns_same", remedy="take_one_out", **same)
            else:
                self.present[name] = theirs
        self._values = {
            column: {comparable_name(theirs): value for value, known in values.items() for theirs in known}
            for column, values in columns.values.items()
        }

    def has(self, name: str) -> bool:
        """Whether the list has a column."""
        return name in self.present

    def theirs(self, name: str) -> str:
        """What the list calls a column; our name when it has none."""
        return self.present.get(name, name)

    def cell(self, cells: dict[str, str], name: str) -> str:
        """A cell of a row; empty when there is none."""
        return cells.get(self.present.get(name, ""), "")

    def value(self, column: str, text: str) -> str | None:
        """What a cell means here; None when nobody said."""
        return self._values[column].get(comparable_name(text))

    def known(self, column: str) -> str:
        """The cells that are understood, for messages."""
        return ", ".join(self._values[column])


def list_kind(columns: Columns, present: Iterable[str]) -> Kind:
    """Which list has these columns: the one whose code it has.

    Raises:
        UsageError: no list, or several, has such a column.
    """
    seen = {comparable_name(name) for name in present}
    kinds: tuple[Kind, ...] = ("procedures", "agencies")
    found = [kind for kind in kinds if seen & set(map(comparable_name, columns.names(kind).get("code", ())))]
    if len(found) != 1:
        raise UsageError("list_of_nothing", remedy="name_code_column")
    return found[0]


def load_columns(own: Path | None = None) -> Columns:
    """The names of the release, with those of a file.

    Raises:
        SetupError: a file cannot be read, or says something else.
    """
    columns = _load(FOLDER / "columns.yaml", yaml.CSafeLoader)
    # What others write may be nested until the fast loader, which is C, has no stack left: this one tells.
    return columns.more(_load(own, yaml.SafeLoader)) if own else columns


def comparable_name(text: str) -> str:
    """A name without accents, case and signs, as names are compared."""
    letters = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in letters if c.isalnum())


def _load(path: Path, loader: type[yaml.SafeLoader | yaml.CSafeLoader]) -> Columns:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (both are safe ones)
        columns = Columns.model_validate(content["columns"])
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise SetupError(
            "file_says_wrong", remedy="compare_columns", path=path, place=place, why=first["msg"]
        ) from None
    except (OSError, yaml.YAMLError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise SetupError("list_of_no_columns", remedy="write_like_columns", path=path, error=error) from None
    return columns


def _more(names: Names, other: Names) -> Names:
    return {name: (*names.get(name, ()), *other.get(name, ())) for name in {*names, *other}}
