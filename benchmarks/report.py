"""From the results of single files to the rows of the tables, by level, by kind, by field and in total."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.engines import COLD, WARM
from benchmarks.scoring import Judged, Letters, Score, calibrate, sure_and_wrong
from benchmarks.tables import Row

ALL: Final = "all"
Cells = dict[str, str | int | float | None]


@dataclass(frozen=True)
class Result:
    """What one engine made of one file, judged; fields, type and turns are those of our engines only.

    ``has_type`` is False for a kind that the catalogue has no type for: ``type_right`` then says that none was given.
    """

    file: str
    level: str
    kind: str
    engine: str
    pages: int
    cpu_s: float
    words: Score
    letters: Letters
    judged: tuple[Judged, ...] = ()
    type_right: bool | None = None
    has_type: bool = True
    upright: Score = field(default_factory=Score)
    failure: str = ""

    @property
    def row(self) -> Row:
        """The numbers of this file alone."""
        fields = sum((item.score for item in self.judged), Score())
        return {
            "file": self.file,
            "level": self.level,
            "kind": self.kind,
            "engine": self.engine,
            "pages": self.pages,
            "CPU s": self.cpu_s,
            "words found": self.words.recall,
            "words right": self.words.precision,
            "CER": self.letters.error_rate,
            "extra": self.letters.extra_rate,
            "type right": self.type_right,
            "fields printed": fields.wanted,
            "fields read": fields.given,
            "fields right": fields.right,
            "pages upright": self.upright.right,
            "failure": self.failure,
        }


Key = Callable[[Result], str]


def speed_rows(results: Sequence[Result], key: Key) -> list[Row]:
    """Speed, words and letters of the one-page papers, group by group, with ratios to stock."""
    rows: list[Row] = []
    for group, members in _groups([item for item in results if item.pages == 1], key):
        totals = {engine: _Total(items) for engine, items in _groups(members, lambda item: item.engine)}
        cold, warm = totals.get(COLD), totals.get(WARM)
        rows += [
            {
                "group": group,
                "engine": engine,
                "files": total.files,
                "CPU s/page": total.cpu,
                "CPU : command": _ratio(total, cold, lambda item: item.cpu),
                "CPU : warm": _ratio(total, warm, lambda item: item.cpu),
                "words found": total.words.recall,
                "found : stock": _ratio(total, warm, lambda item: item.words.recall),
                "words right": total.words.precision,
                "CER": total.letters.error_rate,
                "CER : stock": _ratio(total, warm, lambda item: item.letters.error_rate),
                "extra": total.letters.extra_rate,
            }
            for engine, total in totals.items()
        ]
    return rows


def paper_rows(results: Sequence[Result], key: Key) -> list[Row]:
    """Types, fields and turns of our engines, group by group."""
    rows: list[Row] = []
    for group, members in _groups(_ours(results), key):
        for engine, items in _groups(members, lambda item: item.engine):
            judged = [one for item in items for one in item.judged]
            typed = [item for item in items if item.has_type]
            types = Score(sum(bool(item.type_right) for item in typed), len(typed), len(typed))
            upright = sum((item.upright for item in items), Score())
            row: Cells = {"group": group, "engine": engine, "papers": len(items), "type right": types.recall}
            rows.append(row | _fields(judged) | {"upright": upright.recall})
    return rows


def untyped_rows(results: Sequence[Result]) -> list[Row]:
    """Papers whose type nobody can find, for the catalogue has none: how often a type was given all the same."""
    return [
        {"kind": kind, "engine": engine, "papers": len(members), "given a type": sum(not m.type_right for m in members)}
        for kind, items in _groups((item for item in _ours(results) if not item.has_type), lambda item: item.kind)
        for engine, members in _groups(items, lambda item: item.engine)
    ]


def field_rows(results: Sequence[Result]) -> list[Row]:
    """Each field of our engines."""
    rows: list[Row] = []
    for engine, items in _groups(_ours(results), lambda item: item.engine):
        judged = [one for item in items for one in item.judged]
        names = dict.fromkeys(one.name for one in judged)
        rows += [
            {"field": name, "engine": engine} | _fields([one for one in judged if one.name == name]) for name in names
        ]
    return rows


def calibration_rows(results: Sequence[Result]) -> list[Row]:
    """What a confidence is worth: of the fields read with it, the share that is right."""
    return [
        {
            "confidence": f"{bin_.low:.2f}..{bin_.high:.2f}",
            "engine": engine,
            "fields": bin_.count,
            "right": bin_.right / bin_.count,
        }
        for engine, items in _groups(_ours(results), lambda item: item.engine)
        for bin_ in calibrate(one for item in items for one in item.judged)
    ]


def cut_rows(cuts: Sequence[tuple[str, Score, str]]) -> list[Row]:
    """Each stack (file, score, what went wrong), and all of them."""
    total = sum((score for _, score, _ in cuts), Score())
    return [
        {
            "stack": file,
            "papers": score.wanted,
            "given": score.given,
            "cut right": score.right,
            "precision": score.precision,
            "recall": score.recall,
            "problem": problem,
        }
        for file, score, problem in (*cuts, (ALL, total, ""))
    ]


def with_total(results: Sequence[Result], rows: Callable[[Sequence[Result], Key], list[Row]], key: Key) -> list[Row]:
    """The rows by some key and in total."""
    return rows(results, key) + rows(results, lambda _: ALL)


class _Total:
    """The sums over some files of one engine; shares are of all their words and letters together."""

    def __init__(self, items: Sequence[Result]) -> None:
        self.files = len(items)
        self.cpu = sum(item.cpu_s for item in items) / sum(item.pages for item in items)
        self.words = sum((item.words for item in items), Score())
        self.letters = sum((item.letters for item in items), Letters())


def _fields(judged: Sequence[Judged]) -> Cells:
    score = sum((item.score for item in judged), Score())
    wrong, sure = sure_and_wrong(judged)
    return {
        "printed": score.wanted,
        "precision": score.precision,
        "recall": score.recall,
        "F1": score.f1,
        "sure": sure,
        "sure and wrong": wrong / sure if sure else None,
    }


def _ours(results: Iterable[Result]) -> list[Result]:
    return [item for item in results if item.type_right is not None]


def _groups(results: Iterable[Result], key: Key) -> list[tuple[str, list[Result]]]:
    groups: dict[str, list[Result]] = {}
    for item in results:
        groups.setdefault(key(item), []).append(item)
    return list(groups.items())


def _ratio(ours: _Total, stock: _Total | None, number: Callable[[_Total], float | None]) -> float | None:
    """Ours to stock; None where stock was not measured or has none of it."""
    mine, theirs = number(ours), number(stock) if stock else None
    return mine / theirs if mine is not None and theirs else None
