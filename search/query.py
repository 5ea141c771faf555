"""What a person looks for.  What may be typed is told in docs/search.md."""

from domain.record import Frozen
from search.filters import Filters, take_filters
from search.words import Token, numbers, tokens

MOST_WORDS = 12  # decide: no two papers have so many rare ones in common
_MOST_TYPED = 200  # different words of a pasted page among which those are chosen
_MOST_PARTS = 32  # phrases, words of a phrase, numbers
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″", '"'))


class Query(Frozen):
    """What a person looks for.  Everything in it must be found; quoted phrases word by word in order."""

    words: tuple[Token, ...] = ()
    phrases: tuple[tuple[Token, ...], ...] = ()
    numbers: tuple[str, ...] = ()
    filters: Filters = Filters()

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
        text: what was typed; the filters in it narrow the given ones.
        filters: which papers may be found at all.
    """
    typed, text = take_filters(text.translate(_QUOTES))
    pieces = text.split('"')
    closed = len(pieces) - (len(pieces) + 1) % 2
    quoted = [piece for piece in pieces[1:closed:2] if _words(piece)]
    phrases = [tuple(tokens(piece))[:_MOST_PARTS] for piece in quoted]
    words = [word for piece in (*pieces[:closed:2], *pieces[closed:]) for word in _words(piece)]
    words += [phrase[0] for phrase in phrases if len(phrase) == 1]
    found = dict.fromkeys(number.key for piece in pieces for number in numbers(piece))
    return Query(
        words=tuple({word.spelled: word for word in words}.values())[:_MOST_TYPED],
        phrases=tuple(phrase for phrase in phrases if len(phrase) > 1)[:_MOST_PARTS],
        numbers=tuple(found)[:_MOST_PARTS],
        filters=filters.narrowed(typed),
    )


def _words(text: str) -> list[Token]:
    """The words that are not part of a number."""
    taken = {place for number in numbers(text) for place in range(number.start, number.end)}
    return [word for word in tokens(text) if word.start not in taken]
