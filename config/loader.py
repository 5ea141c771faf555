"""Reads and checks the catalogues.  Every error names file, line and remedy."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from config.models import Catalogues
from domain.errors import SetupError

FOLDER = Path(__file__).parent / "catalogues"
_FILES = {
    "types": "types.yaml",
    "agencies": "agencies.yaml",
    "retention": "retention.yaml",
    "profiles": "profiles.yaml",
}
_KEYS = {"types": "code", "agencies": "code", "retention": "id", "profiles": "id"}

Lines = dict[tuple[str | int, ...], str]


def load_catalogues(folder: Path = FOLDER) -> Catalogues:
    """Read all catalogues of a folder.

    Raises:
        SetupError: a file is missing, is no YAML, or does not say what it must; the message names file and line.
    """
    data: dict[str, Any] = {}
    lines: Lines = {}
    for key, name in _FILES.items():
        data[key] = _read(folder / name, key, lines)
    try:
        catalogues = Catalogues.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise _fault(lines, tuple(first["loc"]), first["msg"]) from None
    _check(catalogues, lines)
    return catalogues


def _read(path: Path, key: str, lines: Lines) -> Any:
    """The list under ``key``; notes the line of every value for messages."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise SetupError(f"{path} is missing", remedy="Restore it from the release") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SetupError(f"{path} is not YAML: {error}", remedy="Correct the line that is named") from None
    if node is None:
        raise SetupError(f"{path}:1: the file is empty", remedy=f"It needs the key `{key}` with a list")
    _note(node, (), path, lines)
    loader = yaml.SafeLoader("")
    try:
        content = loader.construct_document(node)
    finally:
        loader.dispose()
    if not isinstance(content, dict) or set(content) != {key}:
        raise SetupError(f"{path}:1: the only key must be `{key}`", remedy="Compare with the file of the release")
    return content[key]


def _note(node: yaml.Node, loc: tuple[str | int, ...], path: Path, lines: Lines) -> None:
    lines[loc] = f"{path}:{node.start_mark.line + 1}"
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            _note(value, (*loc, name.value), path, lines)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            _note(value, (*loc, i), path, lines)


def _fault(lines: Lines, loc: tuple[str | int, ...], what: str) -> SetupError:
    """The error for a place in the data: its line, or the line of the nearest thing around it."""
    place = loc
    while place and place not in lines:
        place = place[:-1]
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")
    where = lines.get(place, str(FOLDER))
    return SetupError(f"{where}: {name}: {what}", remedy="Correct that line; `config/models.py` tells what is allowed")


def _check(catalogues: Catalogues, lines: Lines) -> None:
    """What one file cannot know alone: unique keys, references, gapless periods."""
    for key, attribute in _KEYS.items():
        seen: set[str] = set()
        for i, item in enumerate(getattr(catalogues, key)):
            name = getattr(item, attribute)
            if name in seen:
                raise _fault(lines, (key, i, attribute), f"{name!r} stands here twice")
            seen.add(name)
    classes = {item.id for item in catalogues.retention}
    for i, type_ in enumerate(catalogues.types):
        if type_.retention is not None and type_.retention not in classes:
            raise _fault(lines, ("types", i, "retention"), f"no retention class {type_.retention!r}")
    codes = {agency.code for agency in catalogues.agencies}
    for i, agency in enumerate(catalogues.agencies):
        if agency.parent is not None and agency.parent not in codes:
            raise _fault(lines, ("agencies", i, "parent"), f"no agency {agency.parent!r}")
    for i, (earlier, later) in enumerate(zip(catalogues.profiles, catalogues.profiles[1:], strict=False)):
        if earlier.valid_until is None or earlier.valid_until + timedelta(days=1) != later.valid_from:
            raise _fault(lines, ("profiles", i + 1, "valid_from"), "must be the day after the earlier profile ends")
