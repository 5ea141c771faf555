"""How a word that no paper has may be spelled in papers: with two slips, where nothing else has found anything."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Protocol

from search.fit import MatchedPaper
from search.interface import Near
from search.plan import Plan, QueryTerm, Slip
from search.query import Query
from search.words import tokens

_SHORTEST = 4  # letters; shorter words are near to half of all words
_MOST_WORDS = 3
_MOST_FORMS = 3  # of one word
_LOOKED_AT = 10  # papers, for each word
_ALIKE = 0.6  # of the letters: five letters of which two are other


class Finds(Protocol):
    """What an engine is asked."""

    def known(self, terms: Sequence[QueryTerm]) -> list[int]:
        """How many documents have each of some words, about."""

    def best(self, asked: Plan, limit: int, offset: int) -> Sequence[MatchedPaper]:
        """The documents that a tree finds."""


def nearest(asks: Finds, asked: Query) -> tuple[Near, ...]:
    """The nearest spellings of the words that are in no paper; those that have none are left out."""
    words = sorted({word.folded for word in asked.words if len(word.folded) >= _SHORTEST and word.folded.isalpha()})
    known = asks.known([QueryTerm("folded", word) for word in words]) if words else ()
    strange = [word for word, papers in zip(words, known, strict=True) if not papers][:_MOST_WORDS]
    near = (Near(word=word, spelled=_forms(asks, word)) for word in strange)
    return tuple(item for item in near if item.spelled)


def _forms(asks: Finds, word: str) -> tuple[str, ...]:
    forms: dict[str, str] = {}
    for paper in asks.best(Plan(Slip("folded", word, slips=2), None), _LOOKED_AT, 0):
        for token in tokens(f"{paper.title}\f{paper.body}"):
            forms.setdefault(token.folded, token.spelled)
    return tuple(forms[form] for form in get_close_matches(word, forms, _MOST_FORMS, _ALIKE))
