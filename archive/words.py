"""The words of a paper's metadata, folded, for finding it in the catalogue when the search engine is away."""

import re

from domain.codes import normal_number
from domain.fold import fold
from domain.owners import in_one_piece

_WORD = re.compile(r"[^\W_]+")


def words_of(*parts: str | None) -> str:
    """The words of some texts and numbers with a blank around each; numbers also without leading zeros.

    Nobody finds a paper by a piece of a person's number: written in groups it is one word.
    """
    texts = [text for part in parts if part for text in dict.fromkeys((fold(part), fold(normal_number(part))))]
    return " " + " ".join(word for text in texts for word in _WORD.findall(in_one_piece(text))) + " "


def run_of(text: str) -> str:
    """Words side by side, as they stand in :func:`words_of`."""
    return " " + " ".join(_WORD.findall(in_one_piece(fold(text)))) + " "
