"""Reads and checks the catalogues.  Every error names file, line and remedy."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import pairwise, product
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from config.models import DESK_COPY, Catalogues, Period, Procedures, RuleProfile
from config.national import OurTable, RowUnknown, load_listed, load_results, national_procedure
from config.versions import Overlay, Versions
from domain.codes import parse_file_code, write_file_code
from domain.errors import SetupError, UsageError
from domain.messages.told import Told, told

FOLDER = Path(__file__).parent / "catalogues"
_FILES = {
    "types": "types.yaml",
    "agencies": "agencies.yaml",
    "retention": "retention.yaml",
    "profiles": "profiles.yaml",
    "algorithms": "algorithms.yaml",
    "signing": "signing.yaml",
    "procedures": "procedures.yaml",
}
_NATIONAL = TypeAdapter(tuple[OurTable, ...])
_KEYS = {"types": "code", "retention": "id", "profiles": "id", "algorithms": "id", "signing": "id"}
_AGENCY_FORMS = ("H17.12", "000.00.12.H17")  # law L3.1 and L3.2: a code may carry either
_YEAR = 1998

Valid = TypeVar("Valid")
Loc = tuple[str | int, ...]
Lines = dict[Loc, str]


class _Loader(yaml.CSafeLoader):
    """Leaves days as text: the models then refuse 2025-02-30 with its place, where YAML would only crash."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (PyYAML's own class attribute)
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def load_catalogues(folder: Path = FOLDER, *, imported: Path | None = None) -> Catalogues:
    """Read all catalogues of a folder, and what a store imported over them.

    Raises:
        SetupError: a file is missing, is no YAML, or does not say what it must; the message names file and line.
    """
    catalogues = _of_release(folder)
    return overlaid(catalogues, Versions(imported).present()) if imported else catalogues


def overlaid(catalogues: Catalogues, overlay: Overlay) -> Catalogues:
    """The catalogues with what was imported in place of what has the same code.

    It was checked when it was imported, and has a digest since.
    """
    types, agencies = ({item.code for item in items} for items in (overlay.types, overlay.agencies))
    entries = {
        "types": (*(item for item in catalogues.types if item.code not in types), *overlay.types),
        "agencies": (*(item for item in catalogues.agencies if item.code not in agencies), *overlay.agencies),
        "procedures": catalogues.procedures.overlaid(overlay.procedures),
    }
    return catalogues.model_copy(update=entries)


def _of_release(folder: Path) -> Catalogues:
    data: dict[str, Any] = {}
    lines: Lines = {}
    for key, name in _FILES.items():
        data[key] = _read(folder / name, key, lines)
    ours = _valid(_NATIONAL.validate_python, _read(folder / "national.yaml", "national", lines), ("national",), lines)
    catalogues = _valid(Catalogues.model_validate, data, (), lines)
    catalogues = _with_national(catalogues, ours, folder, lines)
    _check_keys(catalogues, lines)
    _check_codes(catalogues, lines)
    _check_references(catalogues, lines)
    _check_profiles(catalogues.profiles, lines)
    _check_periods(catalogues, lines)
    return catalogues


def _valid(validate: Callable[[Any], Valid], data: Any, loc: Loc, lines: Lines) -> Valid:
    try:
        return validate(data)
    except ValidationError as error:
        # A misspelt key is the cause, the required key that is then missing only its effect.
        first = min(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
        raise _fault(lines, (*loc, *first["loc"]), first["msg"]) from None


def _with_national(catalogues: Catalogues, ours: Sequence[OurTable], folder: Path, lines: Lines) -> Catalogues:
    """The catalogues with the national list behind what was written down by hand."""
    listed, made = load_listed(folder), []
    for i, item in enumerate(ours):
        loc = ("national", i)
        lines["procedures", len(catalogues.procedures) + i] = lines[loc]
        if item.code not in listed:
            raise _fault(lines, (*loc, "code"), told("national_no_procedure", code=item.code))
        try:
            made.append(national_procedure(item, listed[item.code]))
        except RowUnknown as error:
            raise _fault(lines, (*loc, "rows"), told("national_no_row", row=error.row)) from None
        except ValidationError as error:
            raise _fault(lines, (*loc, "rows"), error.errors()[0]["msg"]) from None
    procedures = Procedures((*catalogues.procedures, *made))
    return catalogues.model_copy(update={"procedures": procedures, "results": load_results(folder)})


def _read(path: Path, key: str, lines: Lines) -> Any:
    """The list under ``key``; notes the line of every value for messages."""
    try:
        text = path.read_text(encoding="utf-8")
        loader = _Loader(text)
        node = loader.get_single_node()
        content = loader.construct_document(node) if node else None  # of the same nodes: parsed once
    except FileNotFoundError:
        raise SetupError("release_file_missing", remedy="restore_from_release", path=path) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SetupError("not_yaml", remedy="correct_that_line", path=path, line=line, error=error.problem) from None
    except (yaml.YAMLError, ValueError) as error:
        raise SetupError("not_yaml_utf8", remedy="save_as_utf8", path=path, error=error) from None
    if not isinstance(content, dict) or set(content) != {key}:
        raise SetupError("only_key", remedy="compare_with_release", path=path, key=key)
    _note(node, (), path, lines)
    return content[key]


def _note(node: yaml.Node | None, loc: Loc, path: Path, lines: Lines) -> None:
    """Write down the line of every value; YAML lets a key stand twice and forgets the first, which we refuse."""
    if node is None:
        return
    lines[loc] = f"{path}:{node.start_mark.line + 1}"
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if (*loc, name.value) in lines:
                lines[loc] = f"{path}:{name.start_mark.line + 1}"
                raise _fault(lines, loc, told("key_stands_twice", key=name.value))
            _note(value, (*loc, name.value), path, lines)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            _note(value, (*loc, i), path, lines)


def _fault(lines: Lines, loc: Loc, what: Told | str) -> SetupError:
    """The error for a place in the data: its line, or the line of the nearest thing around it.

    A text is what the check of the model says, in its own words.
    """
    place = loc
    while place and place not in lines:
        place = place[:-1]
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")
    where = lines.get(place, str(FOLDER))
    return SetupError("catalogue_fault", remedy="correct_line_of_models", where=where, name=name, what=what)


def _check_keys(catalogues: Catalogues, lines: Lines) -> None:
    for key, attribute in _KEYS.items():
        seen: set[str] = set()
        for i, item in enumerate(getattr(catalogues, key)):
            name = getattr(item, attribute)
            if name in seen:
                raise _fault(lines, (key, i, attribute), told("stands_twice", name=name))
            seen.add(name)


def _check_codes(catalogues: Catalogues, lines: Lines) -> None:
    """A code leads to one paper type, whichever of its codes it is."""
    seen: set[str] = set()
    for i, type_ in enumerate(catalogues.types):
        for name in ("codes", "former"):
            for code in getattr(type_, name):
                if code in seen or any(item.code == code for item in catalogues.types):
                    raise _fault(lines, ("types", i, name), told("code_of_another_type", code=code))
                seen.add(code)
        if type_.given_as is not None and catalogues.find_type(type_.given_as) is None:
            raise _fault(lines, ("types", i, "given_as"), told("no_such_type_here", code=type_.given_as))


def _check_references(catalogues: Catalogues, lines: Lines) -> None:
    classes = {item.id for item in catalogues.retention}
    signing = {item.id for item in catalogues.signing}
    if DESK_COPY not in signing:
        raise _fault(lines, ("signing",), told("needs_profile", profile=DESK_COPY))
    for i, type_ in enumerate(catalogues.types):
        if type_.retention is not None and type_.retention not in classes:
            raise _fault(lines, ("types", i, "retention"), told("no_such_class", name=type_.retention))
        if type_.signing is not None and type_.signing not in signing:
            raise _fault(lines, ("types", i, "signing"), told("no_such_signing", name=type_.signing))
        if type_.signing is not None and catalogues.signing_profile(type_.signing).certifies:
            raise _fault(lines, ("types", i, "signing"), told("type_certifies", name=type_.signing))
    _check_procedures(catalogues, lines)
    codes = {agency.code for agency in catalogues.agencies}
    for i, agency in enumerate(catalogues.agencies):
        if agency.parent is not None and agency.parent not in codes:
            raise _fault(lines, ("agencies", i, "parent"), told("no_such_agency_here", code=agency.parent))


def _check_procedures(catalogues: Catalogues, lines: Lines) -> None:
    for i, procedure in enumerate(catalogues.procedures):
        named: list[tuple[Loc, str]] = [(("results", k), code) for k, code in enumerate(procedure.results)]
        for j, component in enumerate(procedure.components):
            named += [(("components", j, "types", k), code) for k, code in enumerate(component.types)]
        for place, type_code in named:
            if catalogues.find_type(type_code) is None:
                raise _fault(lines, ("procedures", i, *place), told("no_such_type_here", code=type_code))


def _check_periods(catalogues: Catalogues, lines: Lines) -> None:
    """Every period ends after it begins, no two of a code overlap, and no agency outlives its level."""
    for key in ("agencies", "profiles", "procedures"):
        for i, item in enumerate(getattr(catalogues, key)):
            if item.valid_until is not None and item.valid_until < item.valid_from:
                raise _fault(lines, (key, i, "valid_until"), told("ends_before_begins"))
    for key in ("agencies", "procedures"):
        known: dict[str, list[Period]] = {}
        for i, item in enumerate(getattr(catalogues, key)):
            if any(item.overlaps(other) for other in known.setdefault(item.code, [])):
                raise _fault(lines, (key, i, "code"), told("stands_twice_days", code=item.code))
            known[item.code].append(item)
    for i, agency in enumerate(catalogues.agencies):
        if profile := catalogues.lacks_level(agency):
            what = told("no_level_from", level=agency.level, day=profile.valid_from)
            raise _fault(lines, ("agencies", i, "level"), what)


def _check_profiles(profiles: Sequence[RuleProfile], lines: Lines) -> None:
    """Profiles follow one another day by day, the last one is open, and each can make file codes."""
    if not profiles:
        raise _fault(lines, ("profiles",), told("needs_a_profile"))
    for i, (earlier, later) in enumerate(pairwise(profiles), start=1):
        if earlier.valid_until is None or earlier.valid_until + timedelta(days=1) != later.valid_from:
            raise _fault(lines, ("profiles", i, "valid_from"), told("must_follow_profile"))
    if profiles[-1].valid_until is not None:
        raise _fault(lines, ("profiles", len(profiles) - 1, "valid_until"), told("must_stay_open"))
    for i, profile in enumerate(profiles):
        _check_grammar(profile, ("profiles", i), lines)


def _check_grammar(profile: RuleProfile, loc: Loc, lines: Lines) -> None:
    """The pattern is one; the template makes file codes that are read back, and that no dossier code can be."""
    try:
        re.compile(profile.dossier_pattern)
    except re.error as error:
        raise _fault(lines, (*loc, "dossier_pattern"), told("no_expression", error=error)) from None
    for agency, serial in product(_AGENCY_FORMS, (1, 999_999)):
        try:
            code = write_file_code(profile.file_code, agency, _YEAR, serial)
        except (LookupError, ValueError, AttributeError) as error:
            raise _fault(lines, (*loc, "file_code"), told("no_template", error=repr(error))) from None
        try:
            read = parse_file_code(code)
        except UsageError as error:
            raise _fault(lines, (*loc, "file_code"), told("not_read_back", error=error)) from None
        if (read.agency, read.year, read.serial) != (agency, _YEAR, serial):
            raise _fault(lines, (*loc, "file_code"), told("tells_not_parts", code=code))
