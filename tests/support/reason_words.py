"""Every reason word that the project can tell, found in its source."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from domain.messages.language import LOCALE
from tests.support.source import MODULES, ROOT

_BASE = "KhosoError"
_WORDS = LOCALE / "en" / "LC_MESSAGES" / "khoso.po"
_DOUBT = re.compile(r'msgstr "([a-z]+(?:_[a-z]+)*): ')  # doubts begin with their word
_OF_FIELDS = {  # doubts that begin with a field
    "type": "type_unknown",
    "dossier_code": "dossier_of_another_agency",
    "result_code": "result_of_another_dossier",
    "owner_id": "number_not_of_dossier",
    "owner_name": "name_not_of_dossier",
}
# Classes that are told by the words of those derived from them, or by a word given where they are raised.
BARE = ("KhosoError", "Refused", "Held", "TemporaryFailure")


class Unknown(ValueError):
    """A reason is given in a way that cannot be read from the source."""


@cache
def _trees() -> dict[Path, ast.Module]:
    return {path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


@cache
def errors() -> dict[str, str]:
    """The names of all error classes with the reason that each states itself, "" for none."""
    found: dict[str, str] = {}
    before = -1
    while before != len(found):
        before = len(found)
        for tree in _trees().values():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and (
                    node.name == _BASE or found.keys() & set(map(_name, node.bases))
                ):
                    found[node.name] = _stated(node)
    return found


def _stated(node: ast.ClassDef) -> str:
    for item in node.body:
        if isinstance(item, ast.Assign) and [_name(target) for target in item.targets] == ["reason"]:
            return _text(item.value)
    return ""


def reasons() -> dict[str, set[str]]:
    """Every reason word and where it stands: of classes, given to errors, of reasons, at the beginning of doubts."""
    found: dict[str, set[str]] = {}
    for name, word in errors().items():
        if word and name not in BARE:
            found.setdefault(word, set()).add(name)
    for path, tree in _trees().items():
        for word, line in _given(tree):
            found.setdefault(word, set()).add(f"{path}:{line}")
    for line, text in enumerate(_WORDS.read_text(encoding="utf-8").splitlines(), 1):
        if match := _DOUBT.match(text):
            found.setdefault(match[1], set()).add(f"{_WORDS.name}:{line}")
    for word, code in _OF_FIELDS.items():
        found.setdefault(word, set()).add(code)
    return found


def without_reason() -> list[str]:
    """Where an error is made of a class that says nothing, and without a word of its own."""
    return [
        f"{path}:{node.lineno}"
        for path, tree in _trees().items()
        for node in _made(tree)
        if _name(node.func) in BARE and not any(item.arg == "reason" for item in node.keywords)
    ]


def without_remedy() -> list[str]:
    """Where an error is made that says nothing of what to do, nor does its class; what is only linked needs nothing."""
    return [
        f"{path}:{node.lineno}"
        for path, tree in _trees().items()
        for node in _made(tree)
        if _name(node.func) not in _advised() | {"Linked"}
        and not any(item.arg in {"remedy", None} for item in node.keywords)
    ]


@cache
def _advised() -> frozenset[str]:
    """The error classes that have a remedy, of their own or of the class that they come from."""
    found: set[str] = set()
    before = -1
    while before != len(found):
        before = len(found)
        for tree in _trees().values():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and (_has_remedy(node) or found & set(map(_name, node.bases))):
                    found.add(node.name)
    return frozenset(found)


def _has_remedy(node: ast.ClassDef) -> bool:
    stated = (item for item in node.body if isinstance(item, ast.Assign))
    return any(_name(item.targets[0]) == "remedy" and ast.unparse(item.value) not in {"''", '""'} for item in stated)


def _made(tree: ast.Module) -> Iterator[ast.Call]:
    """The places where an error is made."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in errors():
            yield node


def _given(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in _made(tree):
        for item in node.keywords:
            if item.arg == "reason" and not (isinstance(item.value, ast.Attribute) and item.value.attr == "reason"):
                yield _text(item.value), node.lineno
    for made in ast.walk(tree):
        if isinstance(made, ast.Call) and _name(made.func) == "Reason":
            words = (item.value for item in made.keywords if item.arg == "word")
            yield from ((_text(word), made.lineno) for word in words if isinstance(word, ast.Constant) and word.value)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _text(node: ast.expr) -> str:
    """A constant, or the constant beginning of a text that is put together."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    raise Unknown(f"line {node.lineno}: {ast.unparse(node)}")
