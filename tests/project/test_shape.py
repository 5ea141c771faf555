"""The shape of the code: small modules, short functions, one name for one thing, one way for imports."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.source import MODULES, ROOT

_MOST_LINES, _LONGEST_FUNCTION, _MOST_MODULES = 400, 60, 16
_VENDORS = {  # a library, and the only package that may import it
    "dramatiq": "workers",
    "sqlalchemy": "archive",
    "alembic": "archive",
    "ocfl": "archive",
    "pyhanko": "signing",
    "pkcs11": "signing",
    "tantivy": "search/engines",
    "elasticsearch": "search/engines",
    "ocrmypdf": "pipeline/recognition",
    "tesserocr": "pipeline/recognition",
    "onnxruntime": "pipeline/recognition",
    "typer": "cli",
}
_SAME_BY_DESIGN = {  # public functions of one name that do the same thing, each in its module
    "about",  # what `--help` says of a group of commands
    "query",  # a node of a question for an engine; each engine has its own form of it
    "upgrade",  # a migration, as Alembic calls it
}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_small(path: Path) -> None:
    """A module has at most 400 lines, and its functions 60."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= _MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < _LONGEST_FUNCTION, node.name


def test_a_folder_is_small() -> None:
    """Beside the commands, a folder holds at most 16 modules: more of them are several things."""
    counts: dict[str, int] = defaultdict(int)
    for path in MODULES:
        if path.name != "__init__.py":
            counts[str(path.parent.relative_to(ROOT))] += 1
    del counts["cli"]
    assert {folder: count for folder, count in counts.items() if count > _MOST_MODULES} == {}


def test_a_library_is_used_in_one_package() -> None:
    """What a library is like is known in one place, so that it can be changed for another."""
    strays = []
    for path in MODULES:
        for name in re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            home = _VENDORS.get(name)
            if home is not None and not path.is_relative_to(ROOT / home):
                strays.append(f"{path.relative_to(ROOT)} imports {name}")
    assert strays == []


def test_a_class_has_a_name_of_its_own() -> None:
    """No two public classes or closed sets of words have the same name."""
    homes: dict[str, list[str]] = defaultdict(list)
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            name = _kind_named(node)
            if name and not name.startswith("_"):
                homes[name].append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def test_a_function_has_a_name_of_its_own() -> None:
    """No two public functions have the same name; only a command is called as the act, or the stage, that it calls."""
    homes: dict[tuple[bool, str], list[str]] = defaultdict(list)
    for path in MODULES:
        is_command = path.is_relative_to(ROOT / "cli")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                homes[is_command, node.name].append(str(path.relative_to(ROOT)))
    several = {name: paths for (_, name), paths in homes.items() if len(paths) > 1}
    assert several.keys() == _SAME_BY_DESIGN, several


def _kind_named(node: ast.stmt) -> str:
    """The name of what a statement defines, when that is a class, a set of words, or one of several classes."""
    if isinstance(node, ast.ClassDef):
        return node.name
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return ""
    is_words = isinstance(node.value, ast.Subscript) and ast.unparse(node.value.value) == "Literal"
    is_choice = isinstance(node.value, ast.BinOp) and isinstance(node.value.op, ast.BitOr)
    return node.targets[0].id if is_words or is_choice else ""
