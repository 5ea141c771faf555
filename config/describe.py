"""Writes ``docs/settings.md`` from the models of the settings: ``make docs``.

A setting's sentence is the docstring under its field; a section's are those of its class.
"""

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.settings import Settings, defaults

_HEAD = """# Settings

Written by `make docs` from the models in `config/`; do not edit.

A store is set up by a file `khoso.toml` in its folder, which you write, and by variables, which outrank the file:
`officer` in `[signing]` is `KHOSO_SIGNING__OFFICER`, `tries` in `[work]` is `KHOSO_WORK__TRIES`; a list or a table is
given as TOML has it in one line: `KHOSO_DESK__ROLES='{Lan = "archivist"}'`. Whatever has no default is *needed*,
where its section is used. A name that nobody knows, or a value that cannot be, stops every command with exit code 5 and
says which it is. `HOME` stands for the folder of the store.

```toml
%s```
"""
EXAMPLE = """\
agency = "H17.12"

[signing]
officer = "Nguyễn Văn An"
officer_agency = "UBND phường Hải Châu"
roots = "/etc/khoso/roots"

[[signing.time_stamps]]
url = "https://tsa.example.vn"

[recognition]
mode = "fast"

[recognition.separators]      # bar codes of other systems that begin a paper
drop = ["PATCHT"]
keep = ["ASN[0-9]+"]

[duplicates]
image = "link"

[work]
workers = 2

[desk.roles]
lan = "archivist"

[elsewhere.population]
url = "https://lgsp.example.vn/dan-cu"
"""
_UNITS = {  # by how the name of a number ends
    "_s": "seconds",
    "_days": "days",
    "_mib": "MiB",
    "_megapixels": "million pixels",
    "_inches": "inches",
    "_pages": "pages",
    "owners_per_hour": "owners",
    "workers": "processes",
    "tries": "tries",
    "failures": "failures",
    "batch": "signatures",
    "replicas": "copies",
    "aql": "percent",
    "whole_up_to": "papers",
    "critical_allowed": "papers",
}
_KINDS = {
    bool: "`true` or `false`",
    str: "text",
    Path: "path",
    date: "date",
    tuple: "list of texts",
    dict: "texts by name",
}
_FORMS: dict[type, str] = {dict: "[{}.NAME]", tuple: "[[{}]]"}
_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most"}


class Section(NamedTuple):
    """A model and the titles that it has in the file; ``given`` is what is in force without a word."""

    model: type[BaseModel]
    titles: list[str]
    given: dict[str, Any]


def settings_page() -> str:
    """The page, as Markdown."""
    return "".join([_HEAD % EXAMPLE, *_described(Section(Settings, [], defaults(Path("HOME"))), {})])


def _described(section: Section, seen: dict[type[BaseModel], str]) -> Iterator[str]:
    """A section's own settings, then the sections within it; what is like one that was ``seen`` says so."""
    titles = ", ".join(f"`{title}`" for title in section.titles)
    if titles:
        yield f"\n## {titles}\n"
    if (before := seen.setdefault(section.model, titles)) != titles:
        yield f"\nAs {before}.\n"
        return
    yield f"\n{inspect.getdoc(section.model)}\n"
    meanings = sentences(section.model)
    rows = [
        f"| `{name}` | {_value(name, field)} | {_default(field, section.given.get(name))} | {meanings[name]} |\n"
        for name, field in section.model.model_fields.items()
        if _inner(field) is None and name != "home"
    ]
    if rows:
        yield "\n| setting | value | default | what it is |\n|---|---|---|---|\n"
        yield from rows
    for inner in _sections(section):
        yield from _described(inner, seen)


def _sections(section: Section) -> Iterable[Section]:
    """The sections within a section; those of one model together."""
    path = section.titles[0].strip("[]") + "." if section.titles else ""
    found: dict[type[BaseModel], Section] = {}
    for name, field in section.model.model_fields.items():
        if (model := _inner(field)) is not None:
            entry = found.setdefault(model, Section(model, [], section.given.get(name, {})))
            form = _FORMS.get(_origin(field), "[{}]")
            entry.titles.append(form.format(path + name))
    return found.values()


def sentences(model: type[BaseModel]) -> dict[str, str]:
    """The docstring under each field of a model, and of those from which it is derived."""
    base, found = model.__base__, dict[str, str]()
    if base is not None and issubclass(base, BaseModel) and base.__module__ == model.__module__:
        found |= sentences(base)
    (cls,) = ast.parse(inspect.getsource(model)).body
    for field, text in pairwise(cls.body if isinstance(cls, ast.ClassDef) else ()):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            found[ast.unparse(field.target)] = " ".join(str(text.value.value).split())
    return found


def _origin(field: FieldInfo) -> type:
    origin = get_origin(field.annotation)
    return origin if isinstance(origin, type) else object


def _inner(field: FieldInfo) -> type[BaseModel] | None:
    """The model in a field: alone, or in a list or table of them."""
    kinds = (field.annotation, *get_args(field.annotation))
    return next((item for item in kinds if isinstance(item, type) and issubclass(item, BaseModel)), None)


def _value(name: str, field: FieldInfo) -> str:
    """What may stand there: words, or the kind of value with its unit and bounds."""
    kinds = [item for item in (get_args(field.annotation) or (field.annotation,)) if item is not NoneType]
    words = [item for kind in kinds for item in (kind, *get_args(kind)) if isinstance(item, str)]
    if words:
        return ("by name: " if _origin(field) is dict else "") + ", ".join(f"`{word}`" for word in words)
    if kinds[0] in {int, float}:
        unit = next(unit for end, unit in _UNITS.items() if name.endswith(end))
        bounds = ((word, getattr(item, sign, None)) for item in field.metadata for sign, word in _BOUNDS.items())
        return ", ".join([unit, *(f"{word} {bound:g}" for word, bound in bounds if bound is not None)])
    kind = _origin(field)
    return _KINDS[kind] if kind in _KINDS else _KINDS[kinds[0]]


def _default(field: FieldInfo, given: object) -> str:
    if given is not None:
        return f"`{given}`"
    if field.is_required():
        return "*needed*"
    if field.default_factory not in {None, dict}:
        return (field.default_factory.__doc__ or "").strip(".").lower()
    if isinstance(field.default, bool):
        return f"`{field.default}`".lower()
    if isinstance(field.default, tuple) and field.default:
        return f"`{list(field.default)}`".replace("'", '"')
    return "none" if field.default_factory is dict or field.default in {None, "", ()} else f"`{field.default}`"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
