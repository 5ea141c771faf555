"""Sampling plans of ISO 2859-1 = TCVN 7790-1 as data (law L5.18), and which of them is for a lot."""

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field, model_validator

from config.loader import FOLDER
from config.release import read_release
from domain.errors import UsageError
from domain.record import Frozen

SamplingLevel = Literal["S-1", "S-2", "S-3", "S-4", "I", "II", "III"]

_FILE = FOLDER / "sampling.yaml"
_DOWN, _UP = "v", "^"


class LotSizes(Frozen):
    """A row of table 1: lots of up to so many units (None: of any size), and their code letters by level."""

    up_to: int | None
    letters: tuple[str, ...]


class PlanRow(Frozen):
    """A row of table 2-A: a code letter, its sample, and by AQL the acceptance number or an arrow."""

    letter: str
    sample: int = Field(ge=1)
    accept: tuple[int | Literal["v", "^"], ...]


class SamplingPlan(NamedTuple):
    """How many units of a lot are looked at, and how many of them may have a fault.

    ``letter`` is that of the plan which is used, behind the arrows; empty where the whole lot is looked at.
    """

    letter: str
    sample: int
    allowed: int


class SamplingTables(Frozen):
    """Both tables of single sampling under normal inspection; ``standard`` is how minutes name them."""

    standard: str
    source: str
    confirmed: bool
    levels: tuple[SamplingLevel, ...]
    lots: tuple[LotSizes, ...] = Field(min_length=1)
    aqls: tuple[float, ...]
    plans: tuple[PlanRow, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _hang_together(self) -> "SamplingTables":
        sizes = [row.up_to for row in self.lots[:-1]]
        known = {row.letter for row in self.plans}
        if self.lots[-1].up_to is not None or None in sizes or any(a >= b for a, b in pairwise(map(int, sizes))):  # type: ignore[arg-type]
            raise ValueError("`lots` rise, and the last one alone has no end")
        if any(len(row.letters) != len(self.levels) or not known.issuperset(row.letters) for row in self.lots):
            raise ValueError("each row of `lots` has a letter of `plans` for each level")
        if any(len(row.accept) != len(self.aqls) for row in self.plans):
            raise ValueError("each row of `plans` has a number or an arrow for each AQL")
        for column in range(len(self.aqls)):
            for number in range(len(self.plans)):
                self._followed(number, column)
        return self

    def plan(self, size: int, aql: float, level: SamplingLevel) -> SamplingPlan:
        """The plan for a lot of so many units; the sample may be larger than the lot, which is then looked at whole.

        Raises:
            UsageError: the tables have no such AQL.
        """
        if aql not in self.aqls:
            known = tuple(f"{item:g}" for item in self.aqls)
            raise UsageError("no_plan_for_aql", remedy="one_of_known", aql=aql, known=known)
        row = next(row for row in self.lots if row.up_to is None or size <= row.up_to)
        letter = row.letters[self.levels.index(level)]
        start = next(number for number, item in enumerate(self.plans) if item.letter == letter)
        return self._followed(start, self.aqls.index(aql))

    def plan_of_whole(self, size: int, aql: float) -> SamplingPlan:
        """The whole lot is looked at: without chance in it, no more than the AQL itself is allowed."""
        return SamplingPlan("", size, size * round(aql * 1000) // 100_000)

    def _followed(self, number: int, column: int) -> SamplingPlan:
        """The plan to which the arrows lead.

        Raises:
            ValueError: they lead nowhere.
        """
        seen = set()
        while 0 <= number < len(self.plans) and number not in seen:
            seen.add(number)
            row = self.plans[number]
            cell = row.accept[column]
            if isinstance(cell, int):
                return SamplingPlan(row.letter, row.sample, cell)
            number += 1 if cell == _DOWN else -1
        raise ValueError("an arrow of `plans` leads to no plan")


@cache
def load_sampling(path: Path = _FILE) -> SamplingTables:
    """The tables of the release.

    Raises:
        SetupError: the file is missing, or does not say what it must.
    """
    return read_release(path, "sampling", SamplingTables.model_validate)
