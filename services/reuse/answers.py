"""Each component of a procedure answered about the person whose paper it is; never "not held" of whom nobody knows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from config.models import Component
from config.owners import APPLICANT, role_name
from domain.messages.told import Told, told
from domain.owners import company_of
from domain.validity import HeldPaper, LookupAnswer, decide_reuse
from services.registers.interface import ComponentAnswer, Connections, answer_component, serving
from services.reuse.on_way import UNCHECKED, OnItsWay, with_on_way
from services.reuse.persons import Person, PersonsPapers
from services.reuse.wording import NOT_BROUGHT


class AboutPerson(NamedTuple):
    """What was found out about a person, None where nobody was asked about; ``key``: under which key."""

    person: Person | None
    answer: ComponentAnswer
    key: str = ""


class Answered(NamedTuple):
    """The answer to one component, of one person or of those any of whom may have the paper; all that were asked."""

    component: Component
    told: ComponentAnswer
    asked: Sequence[AboutPerson]


class Asking(NamedTuple):
    """On which day, for which office, how other databases are asked about a person, and why a paper does not count.

    ``on_way``: what is on its way of a person.
    """

    today: date
    office: str
    about: Callable[[Person], Connections]
    why_not: Callable[[HeldPaper, LookupAnswer, str], Told | None]
    on_way: OnItsWay


def answers_of(components: Sequence[Component], held: Mapping[str, PersonsPapers], asking: Asking) -> list[Answered]:
    """The answers in the order of the components; where every one brings his own, one for each of them."""
    found = []
    for component in components:
        if component.is_sought and component.each:
            found += [_answered(_of(component, role), held, asking) for role in component.whose]
        else:
            found.append(_answered(component, held, asking))
    return found


def _of(component: Component, role: str) -> Component:
    """The component of one of those of whom each brings his own."""
    name = component.name if role == APPLICANT else f"{component.name} ({role_name(role, 'vi')})"
    return component.model_copy(update={"whose": (role,), "name": name})


def _answered(component: Component, held: Mapping[str, PersonsPapers], asking: Asking) -> Answered:
    if not component.is_sought:
        return _unsought(component, held.get(APPLICANT), asking)
    known: dict[str, PersonsPapers] = {}
    for role in component.whose:
        if item := held.get(role):
            known.setdefault(item.person.key, item)  # one person may have several roles
    missing = tuple(role for role in component.whose if role not in held)
    people = list(known.values())
    if component.joint:
        people = [item.jointly_with(other for other in people if other is not item) for item in people]
    asked = _asked(component, people, asking)
    best = min(asked, key=_rank, default=None)
    if best is not None and not (missing and best.answer.answer == "not-held"):
        if component.joint and best.answer.paper:
            best = best._replace(answer=_joint(best.answer, people, missing))
        return Answered(component, best.answer, [best, *(item for item in asked if item.person is not best.person)])
    unknown = ComponentAnswer(
        component=component.code,
        name=component.name,
        required=component.required,
        answer="owner-unknown",
        why=number_needed(missing, best.answer if best else None),
        role=missing[0],
        ask_with=missing,
    )
    return Answered(component, unknown, [AboutPerson(None, unknown), *asked])


def _joint(got: ComponentAnswer, people: Sequence[PersonsPapers], missing: Sequence[str]) -> ComponentAnswer:
    """The answer by a paper of several persons together, of whom not all were compared: the clerk is told."""
    names_all = all(got.paper and item.names[got.paper.id] & {*item.person.keys} for item in people)
    if names_all and not missing:
        return got
    doubt = told("joint_number_missing", roles=missing) if missing else told("joint_not_compared")
    why = told("both_reasons", one=got.why, other=doubt) if got.why else doubt
    return got.model_copy(update={"why": why, "ask_with": tuple(missing)})


def number_needed(missing: Sequence[str], before: ComponentAnswer | None = None) -> Told:
    """By whose number to ask, where nobody was asked about or nothing is known of who was."""
    if before is None:
        return told("owner_number_needed", roles=missing)
    if before.reason is None:
        return told("owner_number_needed_too", roles=missing)
    return told("owner_number_needed_and", roles=missing, why=before.reason)


def _unsought(component: Component, applicant: PersonsPapers | None, asking: Asking) -> Answered:
    """What nobody can hold is answered alike, whoever it is."""
    got = answer_component(component, (), connections=None, today=asking.today, office=asking.office)
    got = got.model_copy(update={"role": component.whose[0]})
    person = applicant.person if applicant else None
    return Answered(component, got, [AboutPerson(person, got, person.key if person else "")])


def _asked(component: Component, known: Sequence[PersonsPapers], asking: Asking) -> list[AboutPerson]:
    """What is answered about each, whoever has a paper that counts first, until one has it."""

    def has_none(item: PersonsPapers) -> bool:
        return decide_reuse(serving(component, item.papers), asking.today, asking.office).answer != "held-and-valid"

    asked: list[AboutPerson] = []
    for item in sorted(known, key=has_none):
        person = item.person
        got = answer_component(
            component, item.papers, connections=asking.about(person), today=asking.today, office=asking.office
        )
        key = item.found_under[got.paper.id] if got.paper else person.key
        changes: dict[str, object] = {"role": person.role, "also": person.also}
        if got.paper and got.answer not in NOT_BROUGHT:
            changes["why"] = asking.why_not(got.paper, got.answer, component.name)
        elif got.paper and got.why is None and (number := person.shown(key)):
            changes["why"] = told("found_under_other_number", number=number)
        elif got.answer == "not-held" and (company := company_of(person.number)):
            changes["why"] = told("branch_asked_alone", number=company)
        got = got.model_copy(update=changes)
        if got.answer not in NOT_BROUGHT:
            got = with_on_way(got, asking.on_way(component, person))
            key = got.on_way.owner_key if got.on_way and got.answer == UNCHECKED else key
        asked.append(AboutPerson(person, got, key))
        if got.answer in NOT_BROUGHT:
            break
    return asked


def _rank(item: AboutPerson) -> int:
    answer = item.answer.answer
    if answer in NOT_BROUGHT:
        return 0
    return {UNCHECKED: 1, "not-held": 3}.get(answer, 2)
