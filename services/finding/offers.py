"""What may be asked where nothing is found: without the filter that emptied it, or with words as papers spell them.

Each is a question of its own: what may not be asked or listed is not offered either.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from domain.fold import canonical
from domain.owners import mask_text
from domain.record import PublicView
from search.filters import Filters, take_filters
from search.interface import Near
from search.query import LONGEST, parse
from search.words import numbers, tokens

if TYPE_CHECKING:
    from services.search import Answer

OFFERED = 20  # papers that are looked for
_MOST_ASKED = 6  # spellings of a question that are tried
_MOST_OFFERED = 3

Ask = Callable[[str, Filters], "Answer"]
"""How the asker asks; at most ``OFFERED`` papers."""


class Offer(PublicView):
    """That papers would be found without one of the filters, or without a ``word`` (``without`` is `word` then).

    How many, and whether there may be more.
    """

    without: str
    found: int
    more: bool
    word: str = ""


class Spelling(PublicView):
    """That papers would be found for a question spelled otherwise: how many, and whether there may be more."""

    question: str
    found: int
    more: bool


_LOOSENED = {
    "type": ("types",),
    "agency": ("agencies",),
    "dossier": ("dossier",),
    "day": ("issued_from", "issued_to"),
    "state": ("states",),
}


def offers(ask: Ask, text: str, filters: Filters) -> Iterator[Offer]:
    """The filters without which the asker would find papers that have everything else."""
    typed, rest = take_filters(text[:LONGEST])
    every = filters.narrowed(typed)
    for name, fields in _LOOSENED.items():
        less = every.model_copy(update={field: Filters.model_fields[field].default for field in fields})
        if less != every and (found := _found(ask, rest, less)):
            yield Offer(without=name, found=found, more=found == OFFERED)


def without_words(ask: Ask, text: str, filters: Filters, emptying: Sequence[str]) -> Iterator[Offer]:
    """The words and numbers without any one of which the asker would find papers that have everything else."""
    for part in emptying:
        if found := _found(ask, _less(text[:LONGEST], part), filters):
            yield Offer(without="word", word=mask_text(part), found=found, more=found == OFFERED)


def _less(text: str, part: str) -> str:
    """A text without a word, or the number that has this key."""
    text = canonical(text)
    spans = [(item.start, item.end) for item in numbers(text) if item.key == part]
    spans = spans or [(item.start, item.end) for item in tokens(text) if item.spelled == part]
    made, place = "", 0
    for start, end in spans:
        made, place = f"{made}{text[place:start]} ", end
    return made + text[place:]


def spellings(ask: Ask, text: str, filters: Filters, near: Sequence[Near]) -> tuple[Spelling, ...]:
    """The question with words as papers spell them, where the asker would find papers that have all of it."""
    offered: list[Spelling] = []
    for chosen in list(product(*(item.spelled for item in near)))[:_MOST_ASKED]:
        question = _spelled(text[:LONGEST], dict(zip((item.word for item in near), chosen, strict=True)))
        if near and (found := _found(ask, question, filters)):
            offered.append(Spelling(question=mask_text(question), found=found, more=found == OFFERED))
    return tuple(offered[:_MOST_OFFERED])


def _found(ask: Ask, text: str, filters: Filters) -> int:
    asked = parse(text, filters)
    if asked.empty or asked.owners:
        return 0
    answer = ask(text, filters)
    return 0 if answer.loose or answer.read_as else len(answer.papers)


def _spelled(text: str, instead: dict[str, str]) -> str:
    text, made, place = canonical(text), "", 0
    for token in tokens(text):
        if token.folded in instead:
            made += text[place : token.start] + instead[token.folded]
            place = token.end
    return made + text[place:]
