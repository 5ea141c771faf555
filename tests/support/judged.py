"""The judged set (tests/saved/judged): its papers put into a store as they are, its questions asked, and its goals."""

import time
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from archive.interface import Paper
from pipeline.indexing import drain
from search.filters import Filters
from services.context import Services
from services.permissions import Asker
from services.search import search
from tests.support.held_papers import hold

_FOLDER = Path(__file__).parent.parent / "saved" / "judged"
SHOWN = 10
ARCHIVIST = Asker(who="lan", office="H17", role="archivist")
DESK = Asker(who="an", office="H17", role="desk")
# What a desk may type: what papers bear themselves.  A name finds no paper of a person there.
OF_PAPERS = (
    "numbers as printed",
    "numbers with blanks",
    "numbers with other separators",
    "numbers run together",
    "numbers with O for 0 and l for 1",
    "zeros before numbers",
    "dossier codes",
)


class Question(NamedTuple):
    """What is typed, of which kind; which papers may come first, and which more answer in full.

    Without ``first`` nothing may be shown as a full match.
    """

    kind: str
    text: str
    first: frozenset[str]
    also: frozenset[str]


class Told(NamedTuple):
    """The papers that were shown, best first; those shown as full matches; and what asking took of a processor."""

    shown: tuple[str, ...]
    full: tuple[str, ...]
    cpu_ms: float


class Row(NamedTuple):
    """How the questions of a kind were answered.

    ``wrong``: questions that were answered with a wrong paper as a full match; ``none``: with nothing, wrongly.
    """

    asked: int
    first: int
    three: int
    wrong: int
    none: int
    cpu_ms: float


@cache
def questions() -> tuple[Question, ...]:
    """All questions in order."""
    kinds = yaml.load((_FOLDER / "questions.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 (makes strings only)
    return tuple(
        Question(kind, text, *(frozenset(ids.split()) for ids in (*answers, "")[:2]))
        for kind, rows in kinds.items()
        for text, *answers in rows
    )


def hold_papers(ctx: Services, folder: Path) -> int:
    """Put the papers into vault, catalogue and index; returns how many there are."""
    content = yaml.safe_load((_FOLDER / "papers.yaml").read_text(encoding="utf-8"))
    for paper in content["papers"]:
        _hold(ctx, folder, paper, content["forms"][paper["form"]])
    return drain(ctx)


def _hold(ctx: Services, folder: Path, paper: dict[str, Any], form: dict[str, str]) -> None:
    stated: dict[str, Any] = {"title": form.get("title"), "abstract": None, **paper}
    owner_id, dossier = stated.get("owner_id") or "H17", stated["dossier"]
    printed = {name: "" if value is None else value for name, value in stated.items()}
    text = form["text"].format_map({**printed, "day": _in_words(paper["issued"])}).replace("\n===\n", "\f")
    wife = f"wife: {stated.get('wife')}, {stated.get('wife_id')}"
    hold(
        ctx,
        folder,
        paper["id"],
        text=text,
        type_code=form["type"],
        owner_id=owner_id,
        dossier=dossier,
        digitisation_code=f"{owner_id}.{form['type']}.{stated['number'] or paper['id']}.{paper['issued'].year}",
        **{name: stated.get(key) for name, key in _STATED.items()},
        **({"owner_role": "husband", "further_owners": wife} if "wife_id" in stated and _TWO_OWNERS else {}),
    )


_TWO_OWNERS = "further_owners" in Paper.model_fields  # as in all code but a former one that is compared
_STATED = {
    "number_symbol": "number",
    "issued": "issued",
    "issuer": "issuer",
    "title": "title",
    "abstract": "abstract",
    "owner_name": "owner",
}


def _in_words(day: date) -> str:
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def ask(ctx: Services, question: Question, asker: Asker = ARCHIVIST) -> Told:
    """Ask one question as the command does."""
    before = time.process_time()
    answer = search(ctx, asker, question.text, SHOWN, filters=Filters(), reason="đơn ngày 3/2")
    cpu_ms = (time.process_time() - before) * 1000
    shown = tuple(paper.id for paper, _ in answer.papers)
    told_otherwise = answer.loose or bool(getattr(answer, "read_as", ""))  # a former code reads nothing so
    full = tuple(paper.id for paper, hit in answer.papers if getattr(getattr(hit, "fit", None), "how", "") != "accents")
    return Told(shown, () if told_otherwise else full, cpu_ms)


def is_first(question: Question, told: Told) -> bool:
    """Whether the right paper comes first, or nothing where nothing is right."""
    return told.shown[0] in question.first if question.first and told.shown else question.first == frozenset(told.full)


def is_in_three(question: Question, told: Told) -> bool:
    """Whether a right paper is among the first three."""
    return bool(question.first & {*told.shown[:3]}) if question.first else not told.full


def wrong(question: Question, told: Told) -> set[str]:
    """The papers shown as full matches that are none."""
    return {*told.full} - question.first - question.also


def table(answers: Iterable[tuple[Question, Told]]) -> dict[str, Row]:
    """The rows by kind, and of all."""
    kept = list(answers)
    kinds = dict.fromkeys(question.kind for question, _ in kept)
    rows = {kind: _row([item for item in kept if item[0].kind == kind]) for kind in kinds}
    return {**rows, "all": _row(kept)}


def _row(answers: Sequence[tuple[Question, Told]]) -> Row:
    return Row(
        len(answers),
        sum(is_first(*item) for item in answers),
        sum(is_in_three(*item) for item in answers),
        sum(bool(wrong(*item)) for item in answers),
        sum(bool(question.first) and not told.shown for question, told in answers),
        sum(told.cpu_ms for _, told in answers) / len(answers) if answers else 0.0,
    )


def told(rows: dict[str, Row]) -> list[dict[str, str | int | float | None]]:
    """The rows as they are printed."""
    return [
        {
            "kind": kind,
            "asked": row.asked,
            "right first": row.first,
            "first three": row.three,
            "wrong as full": row.wrong,
            "nothing found": row.none,
            "CPU ms": row.cpu_ms,
        }
        for kind, row in rows.items()
    ]
