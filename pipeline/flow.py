"""The flow: read this file first.  What a paper passes, in order, from a file to a findable document.

Each stage takes the record of the stage before it and gives the next one; ``Flow`` refuses to be built when the types
do not chain.  The embedded runner, the workers, ``run_pipeline.py flow`` and the README's table are made from it.
"""

from collections.abc import Callable
from itertools import pairwise
from pkgutil import resolve_name
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from files.sources import promise
from pipeline.errors import RecordUnreadable
from pipeline.records import (
    Archived,
    Coded,
    Conformed,
    Described,
    Extended,
    Indexed,
    Prepared,
    Received,
    Recognized,
    Reviewed,
    Sealed,
    Signed,
    Source,
)


class Stage(NamedTuple):
    """A stage: the function of its name, imported when it is first run, for what it works with takes long to import.

    Attributes:
        name: of the stage and of its function.
        takes: the record that it takes.
        gives: the record that it gives; a stage that splits gives several of them.
        time_limit_s: the longest it may take, beside what its pages may (``[work] page_limit_s``).
        in_order: whether papers of a batch pass it in order of intake.
        module: where its function is, below ``pipeline.stages``, when not in the module of its name.
    """

    name: str
    takes: type[Source | Received]
    gives: type[Received]
    time_limit_s: int = 300
    in_order: bool = False
    module: str = ""

    @property
    def run(self) -> Callable[..., Any]:
        """Its function.

        Raises:
            TypeError: the function takes or gives other records than the flow says.
        """
        function: Callable[..., Any] = resolve_name(f"{self._module}:{self.name}")
        hints = get_type_hints(function)
        given = hints["return"]
        several = get_args(given)[0] if get_origin(given) is tuple else given
        if next(iter(hints.values())) is not self.takes or several is not self.gives:
            raise TypeError(f"{self.name} does not take {self.takes.__name__} and give {self.gives.__name__}")
        return function

    @property
    def promise(self) -> str:
        """The first line of its function's docstring."""
        return promise(self._module, self.name)

    @property
    def _module(self) -> str:
        return f"pipeline.stages.{self.module or self.name}"


class Flow:
    """Stages in order; documents stand after the last stage they passed."""

    def __init__(self, *stages: Stage) -> None:
        """Chain the stages.

        Raises:
            TypeError: a name stands twice, or a stage does not take what the one before it gives.
        """
        for before, after in pairwise(stages):
            if before.gives is not after.takes:
                raise TypeError(
                    f"{before.name} gives {before.gives.__name__}, but {after.name} takes {after.takes.__name__}"
                )
        self.stages = stages
        self._places = {stage.name: place for place, stage in enumerate(stages)}
        if len(self._places) != len(stages):
            raise TypeError("a stage stands twice in the flow")

    def __contains__(self, name: str) -> bool:
        """Whether there is a stage of that name; the ledger may have one of another release."""
        return name in self._places

    def stage(self, name: str) -> Stage:
        """The stage of that name.

        Raises:
            RecordUnreadable: there is none.
        """
        if name not in self:
            raise RecordUnreadable("stage_unknown", stage=name)
        return self.stages[self._places[name]]

    def after(self, name: str) -> Stage | None:
        """The stage that follows; None after the last, and after one that there is not."""
        place = self._places.get(name, len(self.stages)) + 1
        return self.stages[place] if place < len(self.stages) else None

    def before(self, name: str) -> tuple[str, ...]:
        """The names of the stages in front of a stage."""
        return tuple(stage.name for stage in self.stages[: self._places[name]])

    def has_passed(self, name: str, stood: str) -> bool:
        """Whether a document that stands after stage ``stood`` has passed stage ``name``, or may have done so."""
        return stood not in self or self._places[stood] >= self._places[name]


DIGITISE = Flow(
    Stage("receive", Source, Received),
    Stage("prepare", Received, Prepared, time_limit_s=1800),  # nobody has counted the pages before
    Stage("recognize", Prepared, Recognized),
    Stage("conform", Recognized, Conformed),
    Stage("sign", Conformed, Signed),
    Stage("describe", Signed, Described),
    Stage("review", Described, Reviewed, in_order=True),
    Stage("code", Reviewed, Coded, in_order=True, module="coding"),
    Stage("seal", Coded, Sealed, time_limit_s=900),  # a time stamp of the state took up to 131 s (law L7.2)
    Stage("extend", Sealed, Extended, time_limit_s=900),
    Stage("archive", Extended, Archived),
    Stage("index", Archived, Indexed),
)
