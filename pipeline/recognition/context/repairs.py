"""Small repairs of words that were read: two that were joined, a day or a year that sticks to its word, a mail address.

What is repaired has no more confidence than a word that was changed, and what was read is kept beside it.  No letter
and no digit is put in or taken out, so nothing is said that the reader did not read; only ``(`` may become ``@``.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from domain.fold import fold
from domain.readings import Settled
from pipeline.recognition.context.lattice import CHANGED, SURE
from pipeline.recognition.context.model import LanguageModel
from pipeline.recognition.context.syllables import Syllables
from pipeline.recognition.context.tokens import token
from pipeline.recognition.language import bare, is_word
from pipeline.recognition.tesseract import ReadToken

_SHORTEST = 2  # letters of each of two words that are parted
_SEALED, _SEALED_SYLLABLE, _HARDLY = 0.93, 0.85, 0.5
_ADDRESS = re.compile(r"([a-z0-9._+-]{2,})\(((?:[a-z0-9-]+\.)+[a-z]{2,})([.,;]?)", re.IGNORECASE)
_DATE = re.compile(r"(ngày|tháng|năm)(\d{1,4}[.,;/]?)", re.IGNORECASE)
_DATE_AFTER = re.compile(r"(\d{1,2})((?:tháng|năm)[.,;]?)", re.IGNORECASE)


def repair(
    words: Sequence[ReadToken],
    settled: Sequence[Settled],
    alike: Sequence[int],
    model: LanguageModel,
    syllables: Syllables,
) -> tuple[tuple[ReadToken, ...], tuple[Settled, ...], tuple[int, ...]]:
    """The words as they were meant, with the places of what was settled and read alike as they are then."""
    said, same = {item.word: item for item in settled}, set(alike)
    result: list[ReadToken] = []
    told: list[Settled] = []
    moved: list[int] = []
    for place, word in enumerate(words):
        parts = [word.text] if word.confidence >= SURE else _meant(word.text, model, syllables)
        item = said.get(place)
        if place in same:
            moved.append(len(result))
        if parts == [word.text]:
            told += [item.model_copy(update={"word": len(result)})] if item else []
            result.append(word)
            continue
        first, second = (item.first, item.second) if item else (word.text, word.text)
        for text, box in zip(parts, _shared(word, parts), strict=True):
            told.append(Settled(word=len(result), first=first, second=second, chosen="context", written=text))
            result.append(word._replace(text=text, box=box, confidence=min(CHANGED, word.confidence)))
    return tuple(result), tuple(told), tuple(moved)


def under_seal(word: ReadToken, syllables: Syllables) -> ReadToken | None:
    """A word that a seal lies over, as far as it is believed: a syllable that is hardly sure keeps a low confidence.

    None: it is rather the seal that was read.  Short words in capitals (PHÓ, CHI) are lost else.
    """
    if word.confidence >= _SEALED:
        return word
    if word.confidence >= _SEALED_SYLLABLE and len(bare(word.text)) > 1 and word.text in syllables:
        return word._replace(confidence=_HARDLY)
    return None


def _meant(text: str, model: LanguageModel, syllables: Syllables) -> list[str]:
    if found := _ADDRESS.fullmatch(text):
        return [f"{found[1]}@{found[2]}{found[3]}"]
    if found := _DATE.fullmatch(text) or _DATE_AFTER.fullmatch(text):
        return [found[1], found[2]]
    return _parted(unicodedata.normalize("NFC", text), model, syllables)


def _parted(text: str, model: LanguageModel, syllables: Syllables) -> list[str]:
    """Two syllables that are known to stand side by side, where the whole is none; of several ways none is taken."""
    core = bare(text)
    if not is_word(text) or not core.isalpha() or text in syllables or len(core) < 2 * _SHORTEST:
        return [text]
    start = text.lower().find(core)
    ways = [
        [text[: start + cut], text[start + cut :]]
        for cut in range(_SHORTEST, len(core) - _SHORTEST + 1)
        if core[:cut] in syllables
        and core[cut:] in syllables
        and model.stand_together(token(core[:cut]), token(core[cut:]))
    ]
    # Foreign words without marks are made of syllables by chance: Canada, logo.
    return ways[0] if len(ways) == 1 and fold(core) != core else [text]


def _shared(word: ReadToken, parts: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """The box of a word, shared by its parts as they have letters."""
    left, top, right, bottom = word.box
    edges, total, reached = [left], sum(map(len, parts)), 0
    for part in parts:
        reached += len(part)
        edges.append(left + round((right - left) * reached / total))
    return [(start, top, end, bottom) for start, end in pairwise(edges)]
