"""The persons of a dossier, each in his role: the one who applies, and others whose papers a procedure asks for.

Who they are is told by the one-stop system, or by who asks (``child=048…``).  A paper is looked for under the numbers
of the person whom its component concerns, and under no other.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from archive.interface import Dossier
from config.models import Component
from config.named import party_named
from config.owners import APPLICANT, mixed_up, party_called, role_name
from domain.errors import UsageError
from domain.messages.language import spoken
from domain.owners import identifier_kind, mask, normal_owner
from domain.validity import HeldPaper
from services.context import Services
from services.dossiers.owners import persons_told
from services.reuse.components import held_for


class Person(NamedTuple):
    """Somebody in a role in a dossier: by which number he is asked about, and the keys of all that are known as his.

    ``also``: his other numbers as lists show them, in the order of their keys.
    """

    role: str
    number: str
    keys: tuple[str, ...]
    also: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """That of the number by which he is asked about."""
        return self.keys[0]

    def shown(self, key: str) -> str:
        """The other number that has a key; none of that by which he is asked about."""
        return dict(zip(self.keys[1:], self.also, strict=True)).get(key, "")


class PersonsPapers(NamedTuple):
    """What is held of a person, and under which of his keys each paper was found.

    ``names``: the keys of everybody whose number a paper bears, by its id; only where a component is one of several
    persons together.
    """

    person: Person
    papers: Sequence[HeldPaper]
    found_under: Mapping[str, str]
    names: Mapping[str, frozenset[str]] = MappingProxyType({})

    def jointly_with(self, others: Iterable["PersonsPapers"]) -> "PersonsPapers":
        """Without the papers that bear somebody's number beside his own, and not that of each of the others."""
        together = [frozenset(item.person.keys) for item in others]
        own = frozenset(self.person.keys)
        fitting = [
            paper
            for paper in self.papers
            if (named := self.names[paper.id]) <= own or all(named & keys for keys in together)
        ]
        return self._replace(papers=fitting)


def persons_given(texts: Iterable[str]) -> dict[str, str]:
    """Roles and numbers of what was typed: a number is the applicant's, ``ROLE=NUMBER`` somebody else's.

    ``ROLE=applicant`` says that the applicant has this role, too; what it stands for is known later.

    Raises:
        UsageError: there is no such role, no such number, one role twice, or roles that exclude each other for one.
    """
    given: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.rpartition("=")
        role = party_named(name) if sign else APPLICANT
        number = normal_owner(value)
        if identifier_kind(number) is None:
            if role == APPLICANT or party_called(value) != APPLICANT:
                raise UsageError("owner_of_no_form", remedy="give_digits", field="owner")
            number = APPLICANT
        if role in given:
            raise UsageError("person_twice", remedy="give_one_number_each", name=role_name(role, spoken()))
        given[role] = number
    _refuse_mixed({APPLICANT: APPLICANT, **given})
    return given


def _refuse_mixed(numbers: Mapping[str, str]) -> None:
    """Let nobody be asked about in two roles of which one person has one at most.

    Raises:
        UsageError: somebody is.
    """
    if two := mixed_up(numbers):
        one, other = (role_name(role, spoken()) for role in two)
        raise UsageError("person_in_both_roles", remedy="give_each_his_number", one=one, other=other)


def persons_of(ctx: Services, given: Mapping[str, str], dossier: Dossier | None) -> dict[str, Person]:
    """The persons of a dossier by their roles: those that are given, and otherwise those whom its import names.

    An applicant with the number of an organisation is the organisation of the dossier, where no other is named.

    Raises:
        UsageError: somebody is said to be the applicant, of whom nobody knows who that is, or one person is given in
            roles that exclude each other.
    """
    told_of = persons_told(dossier) if dossier else {}
    numbers = {**{role: items[0] for role, items in told_of.items()}, **given}
    for role, number in numbers.items():
        if number == APPLICANT:
            if APPLICANT not in numbers:
                raise UsageError("applicant_not_known", remedy="give_owner_too")
            numbers[role] = numbers[APPLICANT]
    if given:
        _refuse_mixed(numbers)
    applicant = numbers.get(APPLICANT)
    if applicant and identifier_kind(applicant) == "tax":
        numbers.setdefault("organisation", applicant)
    same = [set(items) for items in told_of.values()]  # one person has an old and a new number
    return {role: _person(ctx, role, number, same) for role, number in numbers.items()}


def _person(ctx: Services, role: str, number: str, same: Iterable[set[str]]) -> Person:
    """With the other numbers that the dossier tells, and those that are linked."""
    told_too = {item for items in same if number in items for item in items} - {number}
    own = ctx.owner_keys.of(number)
    others = {ctx.owner_keys.of(item): mask(item) for item in sorted(told_too)}
    for key in (own, *others):
        others = {**ctx.desk.links.others(key), **others}
    others.pop(own, None)
    return Person(role, number, (own, *others), tuple(others.values()))


def concerned(components: Iterable[Component]) -> list[str]:
    """The roles of those whose papers are looked for."""
    return list(dict.fromkeys(role for item in components if item.is_sought for role in item.whose))


def papers_of_persons(
    ctx: Services, people: Iterable[Person], components: Sequence[Component]
) -> dict[str, PersonsPapers]:
    """What is held of each of some persons, by their roles."""
    found = {}
    for person in people:
        papers: dict[str, HeldPaper] = {}
        under: dict[str, str] = {}
        for key in person.keys:
            for paper in held_for(ctx, key, components):
                if paper.id not in papers:
                    papers[paper.id], under[paper.id] = paper, key
        found[person.role] = PersonsPapers(person, list(papers.values()), under)
    if any(component.joint for component in components):
        names = _numbers_on(ctx, {paper.id for item in found.values() for paper in item.papers})
        found = {role: item._replace(names=names) for role, item in found.items()}
    return found


def _numbers_on(ctx: Services, ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """The keys of the numbers that papers bear, of owners and of whom they only name."""
    rows = ctx.catalogue.some(sorted(ids))
    return {
        row.id: frozenset(
            ctx.owner_keys.of(number) for number in (row.owner_id, *(item.number for item in row.others)) if number
        )
        for row in rows
    }
