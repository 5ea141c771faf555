"""The flow: read this file first.  What a paper passes, in order, from a file to a findable document.

Each stage takes the record of the stage before it and gives the next one; ``Flow`` refuses to be built when the types
do not chain.  The embedded runner, the workers, ``run_pipeline.py flow`` and the README's table are made from it.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from pipeline.records import Received
from pipeline.stages.archive import archive
from pipeline.stages.coding import code
from pipeline.stages.conform import conform
from pipeline.stages.describe import describe
from pipeline.stages.extend import extend
from pipeline.stages.index import index
from pipeline.stages.prepare import prepare
from pipeline.stages.receive import receive
from pipeline.stages.recognize import recognize
from pipeline.stages.review import review
from pipeline.stages.seal import seal
from pipeline.stages.sign import sign


class Stage(NamedTuple):
    """A stage: its function, the longest it may take, and whether papers of a batch pass it in order of intake."""

    run: Callable[..., Any]
    time_limit_s: int = 300
    in_order: bool = False

    @property
    def name(self) -> str:
        """The stage's name is its function's."""
        return self.run.__name__

    @property
    def takes(self) -> type[Any]:
        """The record it takes."""
        return next(iter(get_type_hints(self.run).values()))  # type: ignore[no-any-return]

    @property
    def gives(self) -> type[Received]:
        """The record it gives; a stage that splits gives several of them."""
        hint = get_type_hints(self.run)["return"]
        return get_args(hint)[0] if get_origin(hint) is tuple else hint  # type: ignore[no-any-return]

    @property
    def promise(self) -> str:
        """The first line of its docstring."""
        return (self.run.__doc__ or "").strip().splitlines()[0]


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

    def stage(self, name: str) -> Stage:
        """The stage of that name."""
        return self.stages[self._places[name]]

    def after(self, name: str) -> Stage | None:
        """The stage that follows; None after the last."""
        place = self._places[name] + 1
        return self.stages[place] if place < len(self.stages) else None

    def before(self, name: str) -> tuple[str, ...]:
        """The names of the stages in front of a stage."""
        return tuple(stage.name for stage in self.stages[: self._places[name]])

    def has_passed(self, name: str, stood: str) -> bool:
        """Whether a document that stands after stage ``stood`` has passed stage ``name``."""
        return self._places[stood] >= self._places[name]


DIGITISE = Flow(
    Stage(receive),
    Stage(prepare),
    Stage(recognize, time_limit_s=3600),
    Stage(conform),
    Stage(sign),
    Stage(describe),
    Stage(review, in_order=True),
    Stage(code, in_order=True),
    Stage(seal, time_limit_s=900),  # a time stamp of the state's authority took up to 131 s (law L7.2)
    Stage(extend, time_limit_s=900),
    Stage(archive),
    Stage(index),
)
