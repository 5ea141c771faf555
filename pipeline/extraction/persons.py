"""Persons whom a text names: whose a number is, and how a name goes on where the paper names the person again."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

from domain.fold import fold
from domain.readings import Word
from pipeline.extraction.families import is_family
from pipeline.extraction.layout import Page, Passage

Whose = Literal["owner", "another", "unsaid"]

# Signs that stand at a word and do not belong to it.
SIGNS = ".,;:_|()/\"'"
LETTERS = re.compile(r"[^\W\d_]+")
COURTESY = frozenset({"ông", "bà"})
# Between a courtesy and the name: `ông/bà: `, `Ông (bà) `.
AFTER_COURTESY = re.compile(r"[\s/:().]{1,4}")
# Before the name of a street or a place that was named after a person, or begins like a courtesy.
PLACE = re.compile(r"\b(?:đường|phố|quận)\s*$")
OF_A_PLACE = re.compile(
    r"(?:\d|\b(?:đường|phố|phường|xã|quận|huyện|tỉnh|trường|bệnh viện|công viên|chợ|hồ|thpt|thcs|tnhh|ngõ|hẻm|kiệt|"
    r"ấp))\s*$"
)
PLACES = frozenset({"ria", "na", "den", "diem"})
# From a number to the person whose it is said to be: `… của ông Lê Văn Bình`, `… (ông Lê Văn Bình)`.
OF = re.compile(r"\W{0,3}\bcua\W|\s?\(")
# Bare names are told from other words in capitals by their family and by so many syllables, or by what the person is.
SYLLABLES, MOST = 3, 5
ROLE = re.compile(r"(?<!tên )\b(?:người|bên|đại diện|chồng|vợ|cha|mẹ|bố)\b[^:.;,\n]{0,30}:\s*$")
# So many letters behind a person's name a number is still in what is said of that person.
REACH = 250
# What is stated of a person behind the name, by its first words.
STATED = (
    r"so|sinh (?:ngay|nam|tai)|ngay|nam sinh|noi (?:sinh|cap|cu|o|dang)|dia chi|gioi tinh|quoc tich|dan toc|thuong tru|"
    r"giay (?:to|chung)|can cuoc|ma so|cccd|cmnd|dieu \d+|chuc vu|ong|va|ho khau|dien thoai"
)
_STATED = re.compile(rf"\W*(?:{STATED})\b")


class Persons:
    """The persons that a text names, by their places in it."""

    def __init__(self, text: Passage, owner: str, *, is_form: bool = False) -> None:
        """``owner`` is the name of the person sought; without one nobody is said to be another.

        In a form the labels tell who is who, and lines of its columns may run together: a bare name says nothing.
        """
        self._text = text
        self._owner = tuple(fold(owner).split())
        self._named = list(_named(text, is_form=is_form)) if owner else []

    def whose(self, start: int, end: int) -> Whose:
        """Whose a number is that stands at ``start..end`` of the text: of the person named last before it."""
        behind = OF.match(self._text.folded, end)
        if behind:
            for place, last, name in self._named:
                if behind.end() - 1 <= place <= behind.end() + 6 and last > end:
                    return self._is(name)
        last_before = bisect_right([last for _, last, _ in self._named], start) - 1
        if last_before < 0:
            return "unsaid"
        _, last, name = self._named[last_before]
        whose = self._is(name)
        return "unsaid" if whose == "owner" and start - last > REACH else whose

    def _is(self, name: tuple[str, ...]) -> Whose:
        """Whether a name is the owner's: the whole of it, or its last words, as in `bà Minh`."""
        return "owner" if name == self._owner[-len(name) :] else "another"


def _named(text: Passage, *, is_form: bool) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Start, end and folded words of each name: behind a courtesy, or of three words and more with a family first."""
    words = list(LETTERS.finditer(text.text))
    folded = [fold(word[0]) for word in words]
    gaps = [text.text[one.end() : other.start()] for one, other in pairwise(words)]
    last = -1
    for i, word in enumerate(words):
        if i <= last:
            continue
        is_polite = word[0].lower() in COURTESY and i < len(gaps) and AFTER_COURTESY.fullmatch(gaps[i]) is not None
        first = i + 1 if is_polite and folded[i + 1] not in PLACES else i
        end = first
        while end < min(len(words), first + MOST) and words[end][0][0].isupper():
            if _STATED.match(text.folded, words[end].start()) or (end > first and not gaps[end - 1].isspace()):
                break
            end += 1
        before = text.text[max(0, word.start() - 50) : word.start()].lower()
        is_long = (end - first >= SYLLABLES and not is_form) or (end - first > 1 and ROLE.search(before))
        is_bare = is_long and is_family(words[first][0]) and not OF_A_PLACE.search(before)
        if end > first and ((first > i and not PLACE.search(before)) or is_bare):
            yield word.start(), words[end - 1].end(), tuple(folded[first:end])
            last = end - 1


def goes_on(name: Sequence[Word], pages: Sequence[Page]) -> set[tuple[str, ...]]:
    """How the name goes on within its line in the other places where the paper has it, by one or two words.

    The empty tuple stands for a place where the name surely ends: before a sign, or a word in small letters.
    """
    wanted = [fold(word.text.strip(SIGNS)) for word in name]
    return {
        found
        for page in pages
        for piece in page.pieces
        for i in range(len(piece.words) - len(wanted) + 1)
        if piece.words[i] is not name[0]
        and [fold(word.text.strip(SIGNS)) for word in piece.words[i : i + len(wanted)]] == wanted
        if (found := _rest(piece.words[i + len(wanted) - 1 :])) is not None
    }


def _rest(words: Sequence[Word]) -> tuple[str, ...] | None:
    """The capitalised words behind the first one; None when they are too many, or the line ends with that one."""
    run: list[str] = []
    for before, word in pairwise(words):
        letters = word.text.strip(SIGNS)
        if not before.text[-1].isalpha() or not letters.isalpha() or not letters[0].isupper():
            break
        run.append(letters)
    if _STATED.match(fold(" ".join(word.text for word in words[1:3]))):
        run = []
    elif not run and len(words) == 1 and words[0].text[-1].isalpha():
        return None
    return tuple(run) if len(run) <= 2 else None
