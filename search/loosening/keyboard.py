"""Words typed while the keyboard's Vietnamese input was off: Telex (``Ddoanf Taans Loocj``) and VNI (``Doan2 Ta61n``).

Questions are compared without accents, so it is enough to take away the letters and digits that stand for them.  A word
that is a syllable as it stands is never taken for typing.

And slips in short syllables: a letter missing, doubled, swapped with its neighbour, or beside it on the keyboard.  Each
has dozens of neighbours, so only those count that some paper has beside a word of the question.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from string import ascii_lowercase
from typing import Protocol

from search.fields import pair
from search.plan import Meant, QueryTerm
from search.query import Query
from search.words import Token

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|ch|kh|ph|qu|th|tr|[bcdghklmnprstvx])?"
    r"(?:uye|uya|uyu|oai|oay|oao|oeo|uay|uoi|uou|ieu|yeu|[aeiouy]|ai|ao|au|ay|eo|eu|ia|ie|iu|oa|oe|oi|ua|ue|ui|uo|uu|uy|ye)"
    r"(?:ch|ng|nh|[cmnpt])?"
)
_TONE = re.compile(r"(?<=[aeiouyw])[sfrxj](?=[a-z]*$)|(?<=[a-z])[sfrxj]$")
_DOUBLED = (("dd", "d"), ("aa", "a"), ("ee", "e"), ("oo", "o"), ("aw", "a"), ("ow", "o"), ("uw", "u"))
_BEHIND = re.compile(r"^(?P<first>[a-z]*?)(?P<letter>[aeod])(?P<rest>[a-z]*)(?P=letter)$")  # tana for tân, dod for đo
_VNI = re.compile(r"[a-z]+[1-9][a-z1-9]*")
_SHORTEST_TYPED = 3  # letters: `or` may be anything
_SHORT = range(2, 5)  # letters; a slip in a longer word is found by the engine
_MOST_WORDS = 3  # of a question that may be wrong, one at a time
_MOST_TRIED = 60  # spellings of one word
_MOST_MEANT = 3  # of one word
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def is_syllable(word: str) -> bool:
    """Whether a folded word has the form of a Vietnamese syllable."""
    return _SYLLABLE.fullmatch(word) is not None


def typed_anew(asked: Query) -> Query | None:
    """The question as it was meant, when some of its words were typed so; None when none was."""
    words = tuple(_meant(word) for word in asked.words)
    return asked.model_copy(update={"words": words, "joined": ()}) if words != asked.words else None


def _meant(word: Token) -> Token:
    if word.accented or is_syllable(word.folded) or len(word.folded) < _SHORTEST_TYPED:
        return word
    forms = list(_forms(word.folded))
    once = [re.sub(r"(.)\1+", r"\1", form) for form in forms if form != word.folded]  # a letter of Telex too many
    found = next((form for form in (*forms, *once) if is_syllable(form)), None)
    return word if found is None else word._replace(spelled=found, folded=found)


def _forms(word: str) -> Iterator[str]:
    """What a word may be without its tone and the marks of its vowels."""
    if _VNI.fullmatch(word):
        yield re.sub(r"[1-9]", "", word)
        return
    for toneless in dict.fromkeys((word, _TONE.sub("", word, count=1))):
        plain = toneless
        for typed, letter in _DOUBLED:
            plain = plain.replace(typed, letter)
        yield plain
        if behind := _BEHIND.match(plain):
            yield f"{behind['first']}{behind['letter']}{behind['rest']}"


class Lengths(Protocol):
    """What an engine is asked."""

    def known(self, terms: Sequence[QueryTerm]) -> list[int]:
        """How many documents have each of some words, about."""


def corrections(asks: Lengths, asked: Query) -> list[Meant]:
    """What may be meant by short words of the question; two lots of words are looked up."""
    words = [word.folded for word in asked.words]
    if not any(len(word) in _SHORT for word in words):
        return []
    beside = [QueryTerm("pairs", pair(*two)) for two in pairwise(words)]
    counted = asks.known([*(QueryTerm("folded", word) for word in words), *beside])
    alone, together = counted[: len(words)], [0, *counted[len(words) :], 0]
    doubtful = [
        place
        for place, word in enumerate(words)
        if len(word) in _SHORT and word.isalpha() and not (together[place] or together[place + 1])
    ]
    doubtful.sort(key=lambda place: (alone[place], place))
    tried = [item for place in doubtful[:_MOST_WORDS] for item in _tried(words, place)]
    terms = [QueryTerm("pairs", term) for item in tried for term in item.pairs]
    counts = iter(asks.known(terms) if terms else ())
    found: dict[int, list[tuple[int, Meant]]] = {}
    for item in tried:
        times = [next(counts) for _ in item.pairs]
        if kept := tuple(term for term, time in zip(item.pairs, times, strict=True) if time):
            found.setdefault(item.place, []).append((sum(times), item._replace(pairs=kept)))
    return [
        item
        for items in found.values()
        for _, item in sorted(items, key=lambda one: (-len(one[1].pairs), -one[0], one[1].meant))[:_MOST_MEANT]
    ]


def _tried(words: Sequence[str], place: int) -> Iterator[Meant]:
    before, behind = words[place - 1 : place] if place else (), words[place + 1 : place + 2]
    for meant in list(_slipped(words[place]))[:_MOST_TRIED]:
        yield Meant(place, meant, (*(pair(word, meant) for word in before), *(pair(meant, word) for word in behind)))


def _slipped(word: str) -> Iterator[str]:
    """Syllables that one slip makes such a word of, the likeliest slips first."""
    spots = range(len(word) + 1)
    exchanged = (word.replace("y", "i"), word.replace("i", "y"))  # Trý is an old spelling of Trí
    doubled = (word[:i] + word[i + 1 :] for i in range(1, len(word)) if word[i] == word[i - 1])
    swapped = (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1))
    missing = (word[:i] + letter + word[i:] for i in spots for letter in ascii_lowercase)
    beside = (word[:i] + letter + word[i + 1 :] for i in range(len(word)) for letter in neighbours(word[i]))
    more = (word[:i] + word[i + 1 :] for i in range(len(word)))
    every = (form for forms in (exchanged, doubled, swapped, beside, missing, more) for form in forms)
    return (form for form in dict.fromkeys(every) if form != word and len(form) > 1 and is_syllable(form))


def neighbours(letter: str) -> str:
    """The letters beside one on the keyboard, in its row and in those above and below it."""
    for number, row in enumerate(_ROWS):
        if (place := row.find(letter)) >= 0:
            around = [row[place - 1 : place] if place else "", row[place + 1 : place + 2]]
            around += [_ROWS[number - 1][place : place + 2]] if number else []
            around += [_ROWS[number + 1][max(place - 1, 0) : place + 1]] if number + 1 < len(_ROWS) else []
            return "".join(around)
    return ""
