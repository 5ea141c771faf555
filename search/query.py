"""What a person looks for.  What may be typed is told in docs/search.md."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from domain.fold import fold
from domain.owners import identifier_kind, identifiers_in
from domain.record import Frozen
from search.filters import Filters, take_filters
from search.words import Number, Token, numbers, tokens

MOST_WORDS = 12  # decide: no two papers have so many rare ones in common
_MOST_TYPED = 200  # different words of a pasted page among which those are chosen
LONGEST = 6000  # characters that are read at all: a pasted page and a half
_MOST_PARTS = 32  # phrases, words of a phrase, numbers
_LONGEST_IDENTIFIER = 12
# One beside a number is not the beginning of an identifier: "123 5/6/2025".
_DATE = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d", re.ASCII)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″", '"'))


class Query(Frozen):
    """What a person looks for.  Everything in it must be found; quoted phrases word by word in order.

    ``owners``: the identifiers of persons and organisations that the words, numbers and filters are or make up, however
    they were typed.
    """

    words: tuple[Token, ...] = ()
    phrases: tuple[tuple[Token, ...], ...] = ()
    numbers: tuple[str, ...] = ()
    filters: Filters = Filters()
    owners: tuple[str, ...] = ()

    @property
    def wordless(self) -> bool:
        """Whether only filters are given, if anything."""
        return not (self.words or self.phrases or self.numbers)

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return self.wordless and self.filters == Filters()

    @property
    def accented(self) -> bool:
        """Whether the spelling matters: some accent was typed."""
        return any(word.accented for word in (*self.words, *(word for phrase in self.phrases for word in phrase)))


def parse(text: str, filters: Filters = Filters()) -> Query:  # noqa: B008 (frozen)
    """The query in what a person typed; there is no wrong query, and an open quote is no quote.

    Args:
        text: what was typed, of which only the beginning counts (``LONGEST``); the filters in it narrow the given ones.
        filters: which papers may be found at all.
    """
    typed, text = take_filters(text[:LONGEST].translate(_QUOTES))
    pieces = [_piece(piece) for piece in text.split('"')]
    closed = len(pieces) - (len(pieces) + 1) % 2
    phrases = [piece.tokens[:_MOST_PARTS] for piece in pieces[1:closed:2] if piece.words]
    words = [word for piece in (*pieces[:closed:2], *pieces[closed:]) for word in piece.words]
    words += [phrase[0] for phrase in phrases if len(phrase) == 1]
    found = dict.fromkeys(number.key for piece in pieces for number in piece.numbers)
    filters = filters.narrowed(typed)
    values = (*filters.numbers, *filters.types, *filters.agencies, filters.dossier or "")
    owners = (*_owners(pieces), *(owner for value in values for owner in _owners([_piece(value)])))
    return Query(
        words=tuple({word.spelled: word for word in words}.values())[:_MOST_TYPED],
        phrases=tuple(phrase for phrase in phrases if len(phrase) > 1)[:_MOST_PARTS],
        numbers=tuple(found)[:_MOST_PARTS],
        filters=filters,
        owners=tuple(dict.fromkeys(owners)),
    )


class _Piece(NamedTuple):
    """What is typed from one quote to the next: folded; ``words`` are those that are not part of a number."""

    folded: str
    tokens: tuple[Token, ...]
    words: tuple[Token, ...]
    numbers: tuple[Number, ...]


def _piece(text: str) -> _Piece:
    every, found = tuple(tokens(text)), tuple(numbers(text))
    taken = {place for number in found for place in range(number.start, number.end)}
    return _Piece(fold(text), every, tuple(word for word in every if word.start not in taken), found)


def _owners(pieces: Iterable[_Piece]) -> Iterator[str]:
    """The identifiers that an engine would look for: in a word or number, or made up by several side by side.

    Papers print them in groups too, and forms digit by digit: whatever signs stand between the groups that are typed,
    an engine finds the same groups in a paper.  Letters between them are words of their own.
    """
    groups: list[str] = []  # digits of the words and numbers in order; "" for one with letters in it, or a date
    for piece in pieces:
        terms: list[Token | Number] = [*piece.words, *piece.numbers]
        for term in sorted(terms, key=lambda term: term.start):
            text = piece.folded[term.start : term.end]
            digits = re.sub(r"[\W_]", "", text)
            yield from identifiers_in(text)
            groups.append(digits if digits.isdecimal() and not _DATE.fullmatch(text) else "")
            if isinstance(term, Number) and groups[-1] and identifier_kind(zeroed := _first_zeros(text)):
                yield zeroed
    place = 0
    while place < len(groups):
        made, longest, end, after = "", "", place, place + 1
        while end < len(groups) and groups[end] and len(made) < _LONGEST_IDENTIFIER:
            made, end = made + groups[end], end + 1
            if identifier_kind(made):
                longest, after = made, end
        if longest:
            yield longest
        place = after


def _first_zeros(number: str) -> str:
    """The digits of a number whose first group has the zeros without which numbers are compared: 48.219.001.275."""
    first, *others = re.split(r"[\W_]+", number)
    return first.zfill(len(others[-1])) + "".join(others)
