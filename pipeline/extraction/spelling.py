"""The accents of what was read: readings of one name vote on them, and word pairs of the language settle titles."""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from domain.fold import fold
from domain.readings import FieldReading
from pipeline.extraction.layout import Page
from pipeline.recognition.language import bare, fitness

# A spelling that the other places outvote, or that they only contest.
CORRECTED, CONTESTED = 0.9, 0.7
# Grave, acute, tilde, hook and the dot below.
TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
# What a reading of capitals counts.
CAPITALS = 0.5


def agree(field: FieldReading, pages: Sequence[Page], *, start: int = 0, alone: float) -> FieldReading:
    """Let every place of the paper that has the same letters vote on the accents of ``value[start:]``.

    Recognisers lose or change accents much more often than letters, and most of all in capitals; the same name stands
    again in the body, in the signature or over the seal.  Capitals stay where the field has them.

    Args:
        field: The name as it was read first.
        pages: The whole paper.
        start: Where in the value the part begins that is compared.
        alone: The most confidence for a name that stands in capitals only and has letters with two accents.
    """
    own = field.value[start:].split()
    letters = [fold(syllable) for syllable in own]
    votes: defaultdict[tuple[str, ...], float] = defaultdict(float)
    small = False
    for page in pages:
        words = page.whole.words
        texts = [word.text.strip("(),.;:/'\"").lower() for word in words]
        folded = list(map(fold, texts))
        for i in range(len(words) - len(own) + 1):
            if folded[i : i + len(own)] == letters:
                capitals = all(word.text.isupper() for word in words[i : i + len(own)])
                small, weight = small or not capitals, CAPITALS if capitals else 1.0
                votes[tuple(texts[i : i + len(own)])] += weight * min(w.confidence for w in words[i : i + len(own)])
    if not votes:
        return field
    winner = max(votes, key=lambda spelling: votes[spelling])
    spelled = [_in_case_of(old, new) for old, new in zip(own, winner, strict=True)]
    value = field.value[:start] + " ".join(spelled)
    if len(votes) > 1:
        limit = CORRECTED if votes[winner] > 0.6 * sum(votes.values()) else CONTESTED
    else:
        limit = 1.0 if small or not _stacked(value[start:]) else alone
    return field.model_copy(update={"value": value, "confidence": min(field.confidence, limit)})


def respell(words: Sequence[str]) -> list[str]:
    """Words in capitals with a tone put right that makes no sense beside its neighbours, when just one other does.

    The accents of capitals run into the line above and are the first to be misread (GIẦY TỜ for GIẤY TỜ).
    """
    spelled = [bare(word) for word in words]
    for i, word in enumerate(spelled):
        before, after = spelled[i - 1] if i else "", spelled[i + 1] if i + 1 < len(spelled) else ""
        own = fitness(before, word, after)
        better = [other for other in _other_tones(word) if fitness(before, other, after) >= own + 1]
        if len(better) == 1 and bare(words[i]) == words[i].lower():
            spelled[i] = better[0]
    return [old if bare(old) == new else _in_case_of(old, new) for old, new in zip(words, spelled, strict=True)]


def _other_tones(word: str) -> list[str]:
    """The word with each other tone on the letter that bears one."""
    for i, letter in enumerate(word):
        shape, *marks = tuple(unicodedata.normalize("NFD", letter))
        if tone := TONES & set(marks):
            kept = [mark for mark in marks if mark not in tone]
            return [
                word[:i] + unicodedata.normalize("NFC", shape + "".join(kept) + other) + word[i + 1 :]
                for other in TONES - tone
            ]
    return []


def without_tones(text: str) -> str:
    """The letters without the marks of the tones: ``nguyên`` for ``nguyễn``."""
    marks = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in TONES))


def _in_case_of(old: str, new: str) -> str:
    """The new spelling with the capitals of the old one."""
    if old.isupper():
        return new.upper()
    return new.capitalize() if old[:1].isupper() else new


def _stacked(text: str) -> bool:
    """Whether a letter bears two accents: above capitals, hook, tilde and acute are taken for one another."""
    return any(len(unicodedata.normalize("NFD", letter)) > 2 for letter in text)
