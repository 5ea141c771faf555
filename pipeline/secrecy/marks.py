"""The marks of secrecy on a page: degrees in frames, in type, behind their label (law 4B zone 10a).

To hold a paper for nothing costs two people a look; to digitise a secret one is unlawful (law L2.2).  So what reads
like a degree stops a paper too, where it stands as a degree does: in a frame, or alone in its line.  Words of running
text (``bí mật``, ``mật độ``) are never alone.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from config.secrecy import SecrecyWords
from domain.fold import fold
from domain.readings import PageReading
from pipeline.extraction.layout import Page, Passage, lay_out
from pipeline.extraction.wording import in_capitals

Where = Literal["frame", "line", "label", "zone", "copy", "hidden"]

# What the recogniser makes of a stamp whose frame touches the letters or the line beside it.
_SMEARED = re.compile(r"\W*m[a4]\W?[yvi1]?t\W*")
_LIKE_T = frozenset("t17ilfyjr")  # what is taken for the T of a worn stamp, and never the U of MẪU
_LEFT, _HEAD = 0.5, 0.45  # zone 10a: left, below the number


class Sighting(NamedTuple):
    """A degree that was seen, on which page and where it stands; not ``is_sure``: it may be something else."""

    degree: str
    page: int
    where: Where
    is_sure: bool


def find_secrecy(pages: Iterable[PageReading], words: SecrecyWords, *, hidden: bool = False) -> Sighting | None:
    """The gravest degree that stands on the pages; what is sure goes before what may be one."""
    found = [item for page in pages for item in _on_page(page, words)]
    if hidden:
        found = [item._replace(where="hidden") for item in found]
    grave = {degree: place for place, degree in enumerate(words.degrees)}
    return min(found, key=lambda item: (not item.is_sure, grave[item.degree], item.page), default=None)


def _on_page(reading: PageReading, words: SecrecyWords) -> Iterator[Sighting]:
    for stamp in reading.framed:
        if found := _degree_like(_letters(stamp.text), words, framed=True):
            yield Sighting(found[0], reading.number, "frame", found[1])
    for stamp in reading.coloured:
        if found := _in_colour(stamp.text, words):
            yield Sighting(found[0], reading.number, "frame", found[1])
    page = lay_out(reading)
    for line in reading.lines():
        if degree := _labelled(Passage(line, reading.number), words):
            yield Sighting(degree, reading.number, "label", is_sure=True)
    for piece in page.pieces:
        if degree := _labelled(piece, words):
            yield Sighting(degree, reading.number, "label", is_sure=True)
        elif alone := _alone(piece, page, words):
            yield Sighting(alone[0], reading.number, alone[1], alone[2])


def _alone(piece: Passage, page: Page, words: SecrecyWords) -> tuple[str, Where, bool] | None:
    """A degree that has its line, or its column of one, for itself."""
    letters = _letters(piece.text)
    if in_capitals(piece.text):
        if found := _degree_like(letters, words, framed=False):
            return found[0], "line", found[1]
        for heading in map(_letters, words.headings):
            if letters.startswith(heading) and (degree := _degree_of(letters[len(heading) :], words)):
                return degree, "line", True
        if letters in map(_letters, words.copies):
            return words.degrees[-1], "copy", True
    is_head = page.number == 1 and piece.box[1] < _HEAD
    if is_head and piece.middle < _LEFT and piece.text[:1].isupper() and (degree := _degree_of(letters, words)):
        return degree, "zone", True
    if page.number == 1 and piece.box[1] < _LEFT and _begins_smeared(piece):
        return words.degrees[-1], "zone", False
    return None


def _in_colour(text: str, words: SecrecyWords) -> tuple[str, bool] | None:
    """A degree in coloured capitals; strokes of a pen beside it or through it are taken for letters."""
    if not in_capitals(text):
        return None
    said = [_letters(word) for word in text.split()]
    for letters in ("".join(said), "".join(word for word in said if len(word) > 1)):
        if found := _degree_like(letters, words, framed=False):
            return found
    if len(said) > 1 and said[-1] == _letters(words.degrees[-1]):
        for degree in words.degrees[:-1]:
            wanted = _letters(degree)
            if _distance("".join(said), wanted) < len(wanted) // 2:
                return degree, False
    return None


def _labelled(piece: Passage, words: SecrecyWords) -> str | None:
    """The degree behind a label that begins the line: ``Độ mật: Tối mật``."""
    for label in words.labels:
        begun = re.match(rf"\W*{re.escape(fold(label))}\s*[:.\-–]\s*", piece.folded)
        if begun:
            rest = piece.folded[begun.end() :]
            for degree in words.degrees:
                if re.match(rf"\W*{fold(degree)}\b", rest):
                    return degree
    return None


def _begins_smeared(piece: Passage) -> bool:
    first, *others = piece.words
    is_mark = in_capitals(first.text) and _SMEARED.fullmatch(fold(first.text)) is not None
    return is_mark and not (others and others[0].text.isupper())


def _letters(text: str) -> str:
    return "".join(letter for letter in fold(text) if letter.isalnum())


def _degree_of(letters: str, words: SecrecyWords) -> str | None:
    return next((degree for degree in words.degrees if _letters(degree) == letters), None)


def _degree_like(letters: str, words: SecrecyWords, *, framed: bool) -> tuple[str, bool] | None:
    """The degree that letters are, or are nearly; the short one is nearly read only where a frame says what it is."""
    if degree := _degree_of(letters, words):
        return degree, True
    for degree in words.degrees:
        wanted = _letters(degree)
        is_long = len(wanted) > len(_letters(words.degrees[-1]))
        if (
            (is_long or framed)
            and letters
            and letters[-1] in _LIKE_T
            and _distance(letters, wanted) <= len(wanted) // 3
        ):
            return degree, False
    return None


def _distance(one: str, other: str) -> int:
    """How many letters must be changed, put in or left out to make one of the other."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]
