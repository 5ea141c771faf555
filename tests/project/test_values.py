"""A small run of ``benchmarks.values``: what is given without doubt on papers whose values are hard to come by."""

from functools import cache
from itertools import chain
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from benchmarks.scoring import judge_fields
from benchmarks.values import Value, owner_rows, rows, values
from benchmarks.valueset import KINDS, changed
from config.loader import load_catalogues
from config.settings import RecognitionSettings
from domain.readings import FieldReading
from samples.generate import all_papers
from samples.layout import lay_out
from samples.papers import Paper, day_in_words

SURE, REVIEWED = 0.9, 0.75
LEAST = {"number and day by hand": 3, "cites others": 3}


@cache
def found(kind: str) -> list[Value]:
    """The values of two papers of a kind."""
    settings, catalogues = RecognitionSettings(mode="fast"), load_catalogues()
    with TemporaryDirectory(prefix="khoso-values-") as folder:
        return [*chain.from_iterable(values(kind, seed, settings, catalogues, Path(folder)) for seed in (1, 2))]


@pytest.mark.parametrize("kind", KINDS)
def test_no_value_without_doubt_is_wrong(kind: str) -> None:
    """Values with 0.9 and more are right, and there are some: nothing is right by doubting all."""
    sure = [item for item in found(kind) if item.read and item.read.confidence >= SURE]
    assert [item for item in sure if not item.judged.right] == []
    assert len(sure) >= LEAST.get(kind, 6)


def test_what_was_written_by_hand_is_asked_for() -> None:
    """Number and day that a hand filled in are never given without doubt."""
    filled = [item.read for item in found("number and day by hand") if item.field in {"number_symbol", "issued_date"}]
    assert len(filled) == 4
    assert all(read is None or read.confidence < REVIEWED for read in filled)


def test_the_table_counts_what_was_given() -> None:
    """The last row is the sum of the rows before it."""
    *parts, total = rows(found("print"), "field")
    for column in ("printed", "given", "right", "0.9 and more", "of these wrong"):
        assert total[column] == sum(int(row[column] or 0) for row in parts)


def test_the_table_of_owners_tells_who_waits_and_what_nobody_looks_at() -> None:
    """Unsure ones wait, sure ones when they were read once; a wrong one that does not wait is counted by itself."""
    numbers = [
        ("1", 0.9, False),
        ("1", 0.9, True),
        ("2", 0.9, True),
        ("2", 0.9, False),
        ("2", 0.5, True),
        (None, 0, False),
    ]
    given = []
    for number, sure, once in numbers:
        read = FieldReading(value=number, confidence=sure, read_once=once) if number else None
        (judged,) = judge_fields({"owner_id": "1"}, {"owner_id": read} if read else {})
        given.append(Value("print", 0, judged, "1", read))
    row, total = owner_rows(given)
    assert {**row, "kind": "all"} == total
    counts = {"papers": 6, "given": 5, "wrong": 3, "unsure": 2, "unsure or read once": 4}
    assert row == {"kind": "print", **counts, "wrong and sure": 2, "wrong, and nobody looks": 1}


@pytest.mark.parametrize("paper", all_papers(), ids=lambda paper: paper.kind)
def test_a_changed_paper_prints_its_own_values(paper: Paper) -> None:
    """Number, day and owner of the sample are gone from what is printed, and the new ones stand there."""
    new = changed(paper, Random(3))  # noqa: S311  a drawing, no secret
    printed = "\n".join(line for sheet in lay_out(new, 50, Random(3)) for line in sheet.lines)  # noqa: S311
    assert (new.number or "") in printed
    assert (new.owner_id or "") in printed
    assert (new.owner_name or "").upper() in printed.upper()
    assert day_in_words(new.issued) in printed or f"{new.issued:%d/%m/%Y}" in printed
    assert paper.owner_id is None or paper.owner_id not in printed
    assert day_in_words(paper.issued) not in printed
    assert new.issuer != paper.issuer or "phường" not in (paper.issuer or "")
