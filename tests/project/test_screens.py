"""Headings, help and words of tables have Vietnamese, and nothing is translated that stands nowhere (issue 21, 11)."""

import ast
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, get_args

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from typer.main import get_command

from cli import main
from cli.flow import HEADINGS
from cli.words import DOMAIN, LOCALE
from config.desk import Role
from config.imports.difference import EntryOutcome
from config.models import Agency, Procedure
from config.papers import DocumentType
from domain import states
from domain.messages.language import worded
from domain.readings import FieldSource
from pipeline.flow import DIGITISE
from services.document import DocumentView
from services.permissions import TABLE
from tests.support.source import MODULES, ROOT

_EVENT = re.compile(r'event: Literal\["(\w+)"\]')
_FOLDER = LOCALE / "vi" / "LC_MESSAGES"
_OF_THE_LIBRARY = {
    "Arguments", "Options", "Commands", "Error", "Aborted.", "Aborted!", "[required]", "[default: {}]",
    "[env var: {}]", "required", "default: {default}", "env var: {var}", "Missing command.",
    "Try [blue]'{command_path} {help_option}'[/] for help.", "No such command {name!r}.",
}  # fmt: skip
_OF_SHOW = {"retired {}", "signature {}", "mark {}", "scan page {}", "all", "type", "agency", "year", "state"}
_OF_STATUS = {
    "files",
    "archived",
    "waiting",
    "held",
    "refused",
    "duplicate",
    "discarded",
    "secret",
    "quality",
}  # by name


def _catalogue() -> Catalog:
    with (_FOLDER / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file)


def _constants(node: ast.expr) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner.value[:1].isalnum():
            yield inner.value


def _headings() -> Iterator[str]:
    """Headings of tables, first cells of facts, and what is put into words by itself."""
    for path in MODULES:
        if path.relative_to(ROOT).parts[0] != "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == "table" and isinstance(node.args[0], ast.List):
                yield from (
                    text
                    for item in node.args[0].elts
                    if not isinstance(item, ast.JoinedStr)
                    for text in _constants(item)
                )
            elif name == "facts":
                for row in ast.walk(node.args[0]):
                    if isinstance(row, ast.List) and row.elts and isinstance(row.elts[0], ast.Constant):
                        yield from _constants(row.elts[0])
            elif name == "phrase":
                yield from _constants(node.args[0])


def _helps(command: Any) -> Iterator[str]:
    yield from filter(None, [command.help, *(getattr(param, "help", None) for param in command.params)])
    for inner in getattr(command, "commands", {}).values():
        yield from _helps(inner)


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """All English texts of screens."""
    monkeypatch.setattr(main, "put_into_words", lambda command: command)
    root: Any = get_command(main.app)
    commands = [root, *(root.get_command(None, name) for name in root.list_commands(None))]
    found = {text for command in commands for text in _helps(command)}
    found |= {stage.promise for stage in DIGITISE.stages} | set(HEADINGS) | _OF_SHOW
    return found | set(_headings()) | set(DocumentView.model_fields) | _OF_STATUS | _OF_THE_LIBRARY


_UNSHOWN = {
    "belongs",
    "brought_by",
    "fields",
    "marks",
    "retired",
    "asked",
}  # of a document: lines of their own, or none


def test_every_text_of_a_screen_has_vietnamese_and_no_other_has(texts: set[str]) -> None:
    """Whoever adds a heading, an option or a command gives its words; whoever takes one away takes them, too."""
    known = {str(message.id): str(message.string) for message in _catalogue() if message.id}
    assert texts - _UNSHOWN - known.keys() == set()
    assert known.keys() - texts == set()
    assert all(known.values())


def test_what_is_compiled_is_what_is_written() -> None:
    """`make messages` was run after the last change."""
    compiled = BytesIO()
    write_mo(compiled, _catalogue())
    assert (_FOLDER / f"{DOMAIN}.mo").read_bytes() == compiled.getvalue()


@pytest.mark.parametrize("kind", ["ShownState", "Standing", "ValidityState", "LotState", "CaseState", "PartState"])
def test_every_state_that_is_shown_has_words(kind: str) -> None:
    """In both languages; a heading above a word in English helps nobody."""
    words = set(_words_of(getattr(states, kind)))
    assert words
    for word in words:
        assert worded(f"state_{word.replace(' ', '_')}", None, "en") == word
        assert worded(f"state_{word.replace(' ', '_')}", None, "vi") not in {None, word}


def test_every_word_of_a_closed_set_has_words() -> None:
    """Of stages, roles, outcomes, events, origins of values, colours, and parts of catalogues."""
    events = {word for path in MODULES if "domain" in path.parts for word in _EVENT.findall(path.read_text("utf-8"))}
    fields = {name for kind in (Procedure, Agency, DocumentType) for name in kind.model_fields}
    sets: dict[str, set[str]] = {
        "stage": {stage.name for stage in DIGITISE.stages},
        "role": {role for roles in TABLE.values() for role in roles} | set(get_args(Role)),
        "came": set(get_args(states.PassageOutcome)),
        "event": events,
        "origin": set(get_args(FieldSource)),
        "colour": {"bitonal", "grey", "colour"},
        "imported": set(get_args(EntryOutcome)) | {"import", "undo"},
        "entry": fields - {"components"},
    }
    assert "shown" in events
    missing = [
        f"{kind}_{word}"
        for kind, words in sets.items()
        for word in words
        if worded(f"{kind}_{word}", None, "vi") is None
    ]
    assert missing == []


def _words_of(kind: Any) -> Iterator[str]:
    for item in kind.__args__:
        yield from _words_of(item) if hasattr(item, "__args__") else [item]
