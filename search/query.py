"""What can be looked for: words, phrases and numbers, found alike in papers and in what people type.

A number is a run of letters and digits held together by ``/``, ``.``, ``-`` or ``&`` with a digit in it:
``12/QĐ-UBND``, ``KQ.G15.000031``, ``H17.12-250901-0001``, ``05/06/2025``.  It is compared as a whole, so that
``12/QĐ-UBND`` is never found in ``112/QĐ-UBND``.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from domain.codes import normal_number
from domain.fold import canonical, fold
from domain.readings import Frozen

WORD = re.compile(r"[^\W_]+")  # in folded text
# Blanks around the slash are usual: the number is written by hand into "Số:    /QĐ-UBND".
# Possessive and starting at a word only: linear on any junk.
_JOINED_RUNS = re.compile(r"(?<![^\W_])[^\W_]++(?:(?:\s?/\s?|[.&-])[^\W_]++)++")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″", '"'))
_FUZZY_LENGTHS = range(5, 33)  # a slip in a shorter syllable hits dozens of others; no Vietnamese word is longer


class Token(NamedTuple):
    """One word at its place in the NFC text: as it was spelled (lower case) and folded."""

    start: int
    end: int
    spelled: str
    folded: str

    @property
    def accented(self) -> bool:
        """Whether folding takes something away."""
        return self.spelled != self.folded

    @property
    def fuzzy(self) -> bool:
        """Whether the word can be looked for with one slip."""
        return len(self.folded) in _FUZZY_LENGTHS and self.folded.isalpha()


class Number(NamedTuple):
    """One number at its place in the NFC text, and the key by which it is compared."""

    start: int
    end: int
    key: str


class Query(Frozen):
    """What a person looks for.  Everything in it must be found; quoted phrases word by word in order."""

    words: tuple[Token, ...] = ()
    phrases: tuple[tuple[Token, ...], ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.words or self.phrases or self.numbers)

    @property
    def fuzzy(self) -> bool:
        """Whether a second attempt with slips can find more."""
        return any(word.fuzzy for word in self.words)


def tokens(text: str) -> Iterator[Token]:
    """The words of a text in order."""
    spelled, folded = canonical(text), fold(text)
    for word in WORD.finditer(folded):
        start, end = word.span()
        yield Token(start, end, spelled[start:end].lower(), word.group())


def numbers(text: str) -> Iterator[Number]:
    """The numbers of a text in order."""
    for run in _JOINED_RUNS.finditer(fold(text)):
        if any(character.isdigit() for character in run.group()):
            yield Number(run.start(), run.end(), number_key(run.group()))


def number_key(number: str) -> str:
    """The form in which numbers are compared: the normal number without accents, as QD is often typed for QĐ."""
    return normal_number(fold(number))


def parse(text: str) -> Query:
    """The query in what a person typed; there is no wrong query, and an open quote is no quote."""
    pieces = text.translate(_QUOTES).split('"')
    closed = len(pieces) - (len(pieces) + 1) % 2
    quoted = [piece for piece in pieces[1:closed:2] if _words(piece)]
    phrases = [tuple(tokens(piece)) for piece in quoted]
    words = [word for piece in (*pieces[:closed:2], *pieces[closed:]) for word in _words(piece)]
    words += [phrase[0] for phrase in phrases if len(phrase) == 1]
    return Query(
        words=tuple({word.spelled: word for word in words}.values()),
        phrases=tuple(phrase for phrase in phrases if len(phrase) > 1),
        numbers=tuple(dict.fromkeys(number.key for piece in pieces for number in numbers(piece))),
    )


def _words(text: str) -> list[Token]:
    """The words that are not part of a number."""
    taken = {place for number in numbers(text) for place in range(number.start, number.end)}
    return [word for word in tokens(text) if word.start not in taken]
