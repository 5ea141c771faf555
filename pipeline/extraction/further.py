"""Whom a form of civil status names besides the owner by whom its code is made: role, name, and number."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from config.owners import load_roles
from config.papers import DocumentType
from domain.readings import FieldName, FieldReading
from domain.roles import PaperOwner, write_owners
from pipeline.extraction.families import settle_family
from pipeline.extraction.labels import PERSON
from pipeline.extraction.layout import Page, Passage
from pipeline.extraction.owner import ELSEWHERE, Owner, labels_of, name_behind, number_among
from pipeline.extraction.seconded import seconded
from pipeline.extraction.spelling import agree

# What is less sure of a person whom the paper only names is left out, for nobody is asked for it.
_SURE_NAME, _SURE_NUMBER = 0.7, 0.9
_ALONE = 0.85  # see `agree`


class _Found(NamedTuple):
    role: str
    name: FieldReading | None
    number: FieldReading | None


def find_further(pages: Sequence[Page], owner: Owner, type_: DocumentType) -> dict[FieldName, FieldReading]:
    """The role of the owner, and its further owners in theirs, as fields; none of a type that has no roles."""
    if not type_.roles or owner.label is None:
        return {}
    fields: dict[FieldName, FieldReading] = {}
    own = _role_at(*owner.label, type_) or (type_.roles[0] if len(type_.roles) == 1 else None)
    if own is not None:
        fields["owner_role"] = owner.label[0].reading(own, 0.97)
    found = [item for page in pages for item in _named(page, pages, owner, type_) if item.role != own]
    shared = _shared(owner.number, found)
    if owner.number and owner.number.value in shared:
        fields["owner_id"] = owner.number.model_copy(update={"confidence": min(owner.number.confidence, ELSEWHERE)})
    if line := _line(found, shared, type_):
        fields["further_owners"] = line
    return fields


def _named(page: Page, pages: Sequence[Page], owner: Owner, type_: DocumentType) -> Iterator[_Found]:
    labels = [(piece, end) for piece, end in labels_of(page) if PERSON.search(piece.folded)]
    others = [piece for piece, _ in labels]
    for piece, end in labels:
        role = _role_at(piece, end, type_)
        if role is None or (owner.label is not None and piece is owner.label[0]):
            continue
        name = name_behind(page, piece, end, pages)
        if name is not None:
            name = settle_family(agree(name, pages, alone=_ALONE))
        lines = _lines(page, piece, others)
        number = number_among(page, lines, owner=name.value if name else "", is_form=True, own_first=True)
        number = seconded(number, pages) if number else None
        yield _Found(role, name, number)


def _role_at(label: Passage, end: int, type_: DocumentType) -> str | None:
    """The role that the words behind a label of a name tell."""
    for role in (*type_.roles, *type_.named):
        for words in load_roles()[role].labels:
            if re.compile(rf"\W*(?:cua\s+)?{words}\b").match(label.folded, end):
                return role
    return None


def _lines(page: Page, own: Passage, labels: Sequence[Passage]) -> list[Passage]:
    """A person's lines: from the label to the next one in its column; couples stand in two columns side by side."""
    beside = [p for p in labels if p is not own and abs(p.box[1] - own.box[1]) < own.height]
    right = min(((own.box[2] + p.box[0]) / 2 for p in beside if p.box[0] > own.box[0]), default=1.0)
    left = max(((p.box[2] + own.box[0]) / 2 for p in beside if p.box[0] < own.box[0]), default=0.0)
    column = [p for p in page.pieces if left <= p.middle < right]
    below = (p.box[1] for p in column if p in labels and p.box[1] > own.box[1] + own.height)
    bottom = min(below, default=1.0)
    return [p for p in column if own.box[1] - own.height / 2 <= p.box[1] < bottom]


def _shared(own: FieldReading | None, found: Sequence[_Found]) -> set[str]:
    """Numbers that were read in the lines of two persons: one of them has another, and a person says which."""
    numbers = [own, *(item.number for item in found)]
    read = Counter(number.value for number in numbers if number)
    return {value for value, times in read.items() if times > 1}


def _line(found: Sequence[_Found], shared: Collection[str], type_: DocumentType) -> FieldReading | None:
    """The field of all of them, as sure as what is least sure of the owners among them."""
    taken = set[str]()
    kept: list[PaperOwner] = []
    read: list[FieldReading] = []
    sure = 1.0
    for item in found:
        is_owner = item.role in type_.roles
        name = item.name if item.name and (is_owner or item.name.confidence >= _SURE_NAME) else None
        is_shared = item.number is not None and item.number.value in shared
        number = item.number if item.number and (is_owner or is_shared or _is_sure(item.number)) else None
        if number and number.value in taken:
            number = None
        parts = [part for part in (name, number) if part]
        if not parts:
            continue
        read += parts
        sure = min(sure, *(part.confidence for part in parts)) if is_owner else sure
        sure = min(sure, ELSEWHERE) if is_shared else sure
        taken |= {number.value} if number else set()
        kept.append(PaperOwner(role=item.role, name=name and name.value, number=number and number.value))
    if not kept:
        return None
    first, line = read[0], write_owners(kept)
    doubted = {"read_once": any(part.read_once for part in read), "unlike": any(part.unlike for part in read)}
    return FieldReading(value=line, confidence=sure, page=first.page, box=first.box, **doubted)


def _is_sure(number: FieldReading) -> bool:
    """Whether the number of a person whom the paper only names is taken: it finds the paper for whose it is."""
    return number.confidence >= _SURE_NUMBER and not number.read_once
