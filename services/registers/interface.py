"""Must the citizen bring this paper, or is it held?  Answered per component of a procedure, never with the file.

Answers come from the catalogue, never from the search index, which may lag behind.
"""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from config.models import Component
from domain.record import Frozen
from domain.states import RegisterState
from domain.validity import HeldPaper, LookupAnswer, decide_reuse


class Elsewhere(Frozen):
    """What another database says of a paper; ``unavailable`` when it could not be asked, with the reason."""

    state: RegisterState
    source: str
    reason: str = ""
    issuer: str | None = None
    number_symbol: str | None = None
    issued: date | None = None
    valid_until: date | None = None


class ComponentAnswer(Frozen):
    """The answer for one component; ``why`` is a sentence for the clerk where the answer does not speak for itself."""

    component: str
    name: str
    required: bool
    answer: LookupAnswer
    why: str = ""
    paper: HeldPaper | None = None
    elsewhere: Elsewhere | None = None


class Connections(Protocol):
    """Whoever can ask the national and sector databases about one owner."""

    def ask(self, source: str, component: Component) -> Elsewhere:
        """Whether a database holds what a component asks for; never raises for a database that is away."""


_BROUGHT = {
    "declaration": "is written anew for every dossier",
    "present": "is only shown, not handed in (law L2.2)",
    "certified_copy": "is handed in as a certified paper copy (law L2.2)",
}


def answer_component(
    component: Component, held: Sequence[HeldPaper], *, connections: Connections, today: date, office: str
) -> ComponentAnswer:
    """Whether the paper of one component need not be brought; ``held`` is what is held about the owner.

    What is held and valid comes first; then what another database holds; then what is held but does not count, with
    the reason.  A database that could not be asked is named, and nothing is concluded from its silence.
    """

    def told(answer: LookupAnswer, why: str = "", **found: object) -> ComponentAnswer:
        values = {"component": component.code, "name": component.name, "required": component.required}
        return ComponentAnswer.model_validate({**values, "answer": answer, "why": why, **found})

    if component.form != "reusable":
        return told("must-be-brought", _BROUGHT[component.form])
    here = decide_reuse((paper for paper in held if paper.type_code in component.types), today, office)
    if here.answer == "held-and-valid" or component.elsewhere is None:
        return told(here.answer, paper=here.paper)
    there = connections.ask(component.elsewhere, component)
    if there.state == "found":
        return told("held-elsewhere", elsewhere=there)
    return told(here.answer, there.reason, paper=here.paper, elsewhere=there)
