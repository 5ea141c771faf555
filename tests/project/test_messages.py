"""Every message has both languages and is used, and no error is made of a sentence (issue 21, 11)."""

import ast
import re
import string
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from pydantic import BaseModel

from archive.interface import Arrival, LedgerEntry, SourceEntry, StageTry
from archive.papers.forms import KeptWay
from domain.errors import KhosoError
from domain.messages.language import LOCALE, Language, languages
from domain.messages.told import EARLIER, Reason, Told
from domain.readings import PageReading
from pipeline.records import Indexed, ShownRecord
from tests.support.reason_words import errors
from tests.support.source import MODULES, ROOT

_CODE = re.compile(r"[a-z][a-z0-9_]*")
_MADE_UP = (
    r"same_by_\w+",
    r"\w+_at",
    r"state_\w+",
    r"closing_\w+",
    r"(stage|role|owner_role|called|act|came|event|origin|colour|imported|entry)_\w+",
    r"trust_\w+",
    r"changed_\w+",
    r"part_\w+",
    r"differs_\w+",
    r"mark_\w+",
    r"(outcome|time|trusted|change)_\w+",
)  # codes that are put together from words of closed sets


def _catalogue(language: Language) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "khoso.po").open("rb") as file:
        return read_po(file)


def _texts(language: Language) -> dict[str, tuple[str, ...]]:
    """Every code with its forms."""
    texts: dict[str, tuple[str, ...]] = {}
    for message in _catalogue(language):
        ids, forms = (item if isinstance(item, list | tuple) else (item,) for item in (message.id, message.string))
        if ids[0]:
            texts[str(ids[0])] = tuple(map(str, forms))
    return texts


def _params(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", languages())
def test_what_is_compiled_is_what_is_written(language: Language) -> None:
    """`make messages` was run after the last change."""
    compiled = BytesIO()
    write_mo(compiled, _catalogue(language))
    assert (LOCALE / language / "LC_MESSAGES" / "khoso.mo").read_bytes() == compiled.getvalue()


def test_both_languages_say_the_same() -> None:
    """Every code has words in both, with the same parameters in all forms."""
    first, second = (_texts(language) for language in languages())
    assert first.keys() == second.keys()
    for code, forms in first.items():
        assert all((*forms, *second[code])), code
        assert len({frozenset(_params(form) - {"count"}) for form in (*forms, *second[code])}) == 1, code


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in MODULES:
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _words(node: ast.expr | None) -> Iterator[str]:
    """The constant texts that an expression may be."""
    if isinstance(node, ast.IfExp):
        yield from (*_words(node.body), *_words(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.JoinedStr | ast.BinOp):
        yield ast.unparse(node)


def _told_at(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """What stands as a code: of messages, of reasons, and of errors."""
    for node in ast.walk(tree):
        name = _name(node.func) if isinstance(node, ast.Call) else node.name if isinstance(node, ast.ClassDef) else ""
        codes: list[ast.expr] = []
        if isinstance(node, ast.Call) and name in {"told", "Reason"}:
            codes = [*node.args[:1], *(item.value for item in node.keywords if item.arg in {"what", "remedy"})]
        elif name in errors():
            if isinstance(node, ast.Call):
                codes = [*node.args[:1], *(item.value for item in node.keywords if item.arg == "remedy")]
            elif isinstance(node, ast.ClassDef):
                stated = [item for item in node.body if isinstance(item, ast.Assign)]
                codes = [item.value for item in stated if _name(item.targets[0]) in {"what", "remedy"}]
        for code in codes:
            yield from ((word, code.lineno) for word in _words(code))


def test_what_is_told_is_a_code() -> None:
    """No sentence stands where a reason, a doubt, a remark or an error is made: it would be in one language."""
    known = _texts("en").keys()
    strays = [
        f"{path}:{line}: {word}"
        for path, tree in _trees()
        for word, line in _told_at(tree)
        if word not in known
        and not re.match(r"f['\"](same_by_|trust_|changed_|came_|state_|role_|act_|\{why\.what\}_at)", word)
    ]
    assert strays == []


def test_an_error_without_a_message_of_its_own_has_a_code() -> None:
    """Who raises the bare class tells what the class says, and that is no sentence."""
    bare = set()
    for _, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name):
                bare.add(node.exc.id)
            elif isinstance(node, ast.Call) and not node.args:
                bare.add(_name(node.func))
    for path, tree in _trees():
        if any(isinstance(node, ast.ClassDef) and node.name in errors() for node in ast.walk(tree)):
            import_module(".".join(path.with_suffix("").parts))
    classes = {kind.__name__: kind for kind in _kinds(KhosoError)}
    assert bare & classes.keys()
    assert {name for name in bare & classes.keys() if not classes[name].what} == set()


def _kinds(kind: type[KhosoError]) -> Iterator[type[KhosoError]]:
    """An error class with all that come from it, of whatever module."""
    yield kind
    for derived in kind.__subclasses__():
        yield from _kinds(derived)


def test_every_code_is_used() -> None:
    """Nobody translates what is told nowhere."""
    used = {
        node.value
        for _, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    left = _texts("en").keys() - used
    assert {code for code in left if not any(re.fullmatch(form, code) for form in _MADE_UP)} == set()


@pytest.mark.parametrize(
    "kind", [Indexed, ShownRecord, KeptWay, PageReading, Arrival, SourceEntry, StageTry, LedgerEntry]
)
def test_a_record_has_no_place_for_a_sentence(kind: type[BaseModel]) -> None:
    """Reasons, doubts and remarks are stored as codes, in every record that has them."""
    told = {"doubts", "remarks", "reason", "error", "fault", "remark"} & kind.model_fields.keys()
    assert told
    for name in told:
        assert "Told" in str(kind.model_fields[name].annotation) or kind.model_fields[name].annotation is Reason, name


@pytest.mark.parametrize("language", languages())
def test_what_an_earlier_release_wrote_is_told_as_it_was_written(language: Language) -> None:
    """A sentence stays one, with its fixed word, and goes back into the ledger as it came."""
    sentence = "dpi_below_200: Page 1 has 150 dpi, fewer than 200. Scan the paper again."
    reason = Reason.model_validate(sentence)
    assert (reason.word, reason.kind, reason.what) == ("dpi_below_200", "dpi_below", EARLIER)
    assert reason.text(language) == reason.stored() == sentence
    assert Told.model_validate("issuer: missing").about == "issuer"


def test_a_message_of_another_release_is_shown() -> None:
    """A code that nobody here knows is told with its parameters, and so is one whose parameters changed."""
    assert Told(code="of_tomorrow", params={"page": 3}).text("vi") == "of_tomorrow (3)"
    assert Told(code="page_lacks", params={"seite": 3}).text("en") == "page_lacks (3)"


def test_a_reason_is_stored_and_told_in_both_languages() -> None:
    """What the ledger keeps is neither language, and each is made of it."""
    error = KhosoError("page_few_dots", reason="dpi_below_200", remedy="scan_again", page=2, dpi=150, least=200)
    kept = Reason.model_validate(error.told.stored())
    assert kept == error.told
    assert (
        kept.text("en") == error.explain() == "dpi_below_200: Page 2 has 150 dpi, fewer than 200. Scan the paper again."
    )
    assert kept.text("vi") == "dpi_below_200: Trang 2 có 150 dpi, thấp hơn 200. Quét lại giấy tờ."
