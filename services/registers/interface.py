"""Must the citizen bring this paper, or is it held?  Answered per component of a procedure, never with the file.

Answers come from the catalogue, never from the search index, which may lag behind.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import reduce
from typing import Literal, Protocol

from config.models import Component
from config.owners import APPLICANT, with_roles
from domain.messages.language import spoken
from domain.messages.told import Told, told
from domain.record import Frozen, PublicView
from domain.states import DocumentState, RegisterState
from domain.validity import HeldPaper, LookupAnswer, ReuseAnswer, decide_reuse


class Elsewhere(Frozen):
    """What another database says of a paper; ``unavailable`` when it could not be asked, with the reason."""

    state: RegisterState
    source: str
    reason: Told | None = None
    issuer: str | None = None
    number_symbol: str | None = None
    issued: date | None = None
    valid_until: date | None = None


class PaperOnWayView(PublicView):
    """What people are told of a paper that waits for review or is on its way; who may not see it has no ``id``."""

    id: str | None
    type: str
    since: date
    state: DocumentState
    stage: str | None
    batch: str | None


class PaperOnWay(Frozen):
    """A paper that waits for review, or is on its way: nothing that anybody may take.

    ``what`` says what it is, since when, and where it stands; ``is_named``: whether who asks may see it.
    """

    id: str
    is_named: bool
    type_code: str
    since: date
    state: DocumentState
    stage: str
    batch: str
    owner_key: str
    what: Told

    @property
    def view(self) -> PaperOnWayView:
        """As people are told it."""
        return PaperOnWayView(
            id=self.id if self.is_named else None,
            type=self.type_code,
            since=self.since,
            state=self.state,
            stage=self.stage if self.is_named else None,
            batch=self.batch if self.is_named else None,
        )

    @property
    def hurry(self) -> Told | None:
        """Who can see to it that it is done, for those who may see it."""
        if not self.is_named:
            return None
        code = "on_way_hurry" if self.state == "held" else "on_way_batch"
        return told(code, id=self.id, batch=self.batch)


class ComponentView(PublicView):
    """What people are told about one component: of the paper that is held, or of the one that another database holds.

    ``reference`` is the number of the answer, by which `use` takes the paper.  ``signatures`` are as of archiving:
    ours, or whether those with which the paper came were trusted.  ``source`` is the other database, if one was asked.
    ``role`` is that in the dossier of the person whose paper it is; ``ask_with`` are the roles of those whose number to
    ask with, where it is not known.  ``also`` are the person's other numbers, masked, under which it was
    looked for, too.  ``on_way`` is a paper that waits for review or is on its way, which would serve.
    """

    component: str
    name: str
    required: bool
    answer: LookupAnswer
    why: str
    id: str | None
    code: str | None
    type: str | None
    issuer: str | None
    number: str | None
    issued: date | None
    valid_until: date | Literal["permanent"] | None
    scope: str | None
    replaced_by: str | None
    signatures: str | None
    source: str | None
    reference: int
    role: str
    ask_with: tuple[str, ...]
    also: tuple[str, ...]
    on_way: PaperOnWayView | None


class ComponentAnswer(Frozen):
    """The answer for one component; ``why`` tells the clerk more of the paper, or of what is to be brought."""

    component: str
    name: str
    required: bool
    answer: LookupAnswer
    why: Told | None = None
    paper: HeldPaper | None = None
    elsewhere: Elsewhere | None = None
    role: str = APPLICANT
    ask_with: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    on_way: PaperOnWay | None = None

    @property
    def paper_id(self) -> str | None:
        """The paper by which it was answered, or for which to wait: that it is recorded hands it to nobody."""
        if self.answer == "held-unchecked" and self.on_way is not None:
            return self.on_way.id
        return self.paper.id if self.paper else None

    @property
    def reason(self) -> Told | None:
        """Why it is answered so: what the paper says of it, what another database did, and for what to wait."""
        other = self.elsewhere.reason if self.elsewhere else None
        found = [item for item in (self.why, other, self.on_way and self.on_way.what) if item]
        return reduce(lambda one, other: told("both_reasons", one=one, other=other), found) if found else None

    def view(self, reference: int) -> ComponentView:
        """The answer as people are told it, under its number."""
        paper, elsewhere = self.paper, self.elsewhere
        found = elsewhere if elsewhere is not None and elsewhere.state == "found" else paper
        return ComponentView(
            reference=reference,
            component=self.component,
            name=self.name,
            required=self.required,
            answer=self.answer,
            why="; ".join(with_roles(item, spoken()) for item in (self.reason, self._hurry) if item),
            id=paper.id if paper else None,
            code=paper.code if paper else None,
            type=paper.type_code if paper else None,
            issuer=found.issuer if found else None,
            number=found.number_symbol if found else None,
            issued=found.issued if found else None,
            valid_until=(found.valid_until or "permanent") if found else None,
            scope=paper.scope if paper else None,
            replaced_by=paper.replaced_by if paper else None,
            signatures=_signatures_of(paper) if paper else None,
            source=elsewhere.source if elsewhere else None,
            role=self.role,
            ask_with=self.ask_with,
            also=self.also,
            on_way=self.on_way.view if self.on_way else None,
        )

    @property
    def _hurry(self) -> Told | None:
        return self.on_way.hurry if self.on_way else None


def _signatures_of(paper: HeldPaper) -> str:
    if paper.level is not None:
        return f"ours, {paper.level}"
    return "trusted" if paper.trusted else "untrusted"


class Connections(Protocol):
    """Whoever can ask the national and sector databases about one owner."""

    def ask(self, source: str, component: Component) -> Elsewhere:
        """Whether a database holds what a component asks for; never raises for a database that is away."""


_BROUGHT = {  # law L2.2
    "declaration": "brought_declaration",
    "present": "brought_present",
    "certified_copy": "brought_certified_copy",
}


def serving(component: Component, papers: Iterable[HeldPaper]) -> Iterator[HeldPaper]:
    """Those of some papers that are of a component's types, with the days on which they serve as that component."""
    rule = component.validity
    for paper in papers:
        if paper.type_code in component.types:
            yield paper.used_for(rule.kind, rule.months) if rule else paper


_TERMS = {"works": "term_of_works", None: "term_of_paper"}


def _though_over(component: Component, here: ReuseAnswer, today: date) -> Told | None:
    """Why a paper serves whose own term is over."""
    term = here.paper.own_term if here.paper else None
    if here.answer != "held-and-valid" or term is None or term >= today:
        return None
    what = component.validity.instead_of if component.validity else None
    return told("own_term_over", what=told(_TERMS[what]), day=term, use=component.name)


def answer_component(
    component: Component, held: Sequence[HeldPaper], *, connections: Connections | None, today: date, office: str
) -> ComponentAnswer:
    """Whether the paper of one component need not be brought; ``held`` is what is held about the owner.

    What is held and valid comes first; then what another database holds; then what is held but does not count.  A
    database that could not be asked is named, and nothing is concluded from its silence; one that is not connected
    only where nobody else can have the paper.  None is asked where there are no ``connections``, for nobody is known
    about whom.
    """

    def component_answer(answer: LookupAnswer, why: Told | None = None, **found: object) -> ComponentAnswer:
        values = {"component": component.code, "name": component.name, "required": component.required}
        return ComponentAnswer.model_validate({**values, "answer": answer, "why": why, **found})

    if component.form != "reusable":
        return component_answer("must-be-brought", told(_BROUGHT[component.form]))
    here = decide_reuse(serving(component, held), today, office)
    if here.answer == "held-and-valid" or component.elsewhere is None or connections is None:
        return component_answer(here.answer, _though_over(component, here, today), paper=here.paper)
    there = connections.ask(component.elsewhere, component)
    if there.state == "found":
        return component_answer("held-elsewhere", elsewhere=there)
    has_part = there.state != "not_connected" or not component.types
    return component_answer(here.answer, paper=here.paper, elsewhere=there if has_part else None)
