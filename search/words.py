"""Words and numbers, split and compared alike in papers and in what people type.

A number is a run of letters and digits held together by ``/``, ``.``, ``-`` or ``&`` with a digit in it:
``12/QĐ-UBND``, ``KQ.G15.000031``, ``H17.12-250901-0001``, ``05/06/2025``.  It is compared as a whole, so that
``12/QĐ-UBND`` is never found in ``112/QĐ-UBND``.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple
from unicodedata import normalize

from domain.codes import normal_number
from domain.fold import USUAL, canonical, fold, from_bytes, to_bytes

# In folded text.  No Vietnamese word is as long: junk is cut into pieces, in papers and queries alike.
_LONGEST_WORD = 64
WORD = re.compile(rf"[^\W_]{{1,{_LONGEST_WORD}}}")
_BLANKED = bytes(ord(fold(letter)) if letter.isalnum() else 0x20 for letter in USUAL)  # folded, signs as blanks
_LOWERED = bytes(USUAL.index(letter.lower() if letter.isalnum() else " ") for letter in USUAL)
_LONGEST_NUMBER = 200
# Blanks around the slash are usual: the number is written by hand into "Số:    /QĐ-UBND".
# Possessive: linear on any junk.
_JOINED_RUN = re.compile(r"[^\W_]++(?:(?:\s?/\s?|[.&-])[^\W_]++)++")
_JOINT = re.compile(r"[/.&-]")
# Whatever folding makes joints and blanks of is no letter of Latin writing.
_FOREIGN = re.compile("[\u0300-\u1dff\u1f00-\U0010ffff]")
_SIGNS = re.compile(r"[\W_]")
_LEADING_ZEROS = re.compile(r"^0+(?=[0-9])")
BARE = "~"  # before keys without signs: no number begins so
EVENED = "~~"
_GROUP = re.compile(r"[0-9]+|[^\W\d_]+")
_FUZZY_LENGTHS = range(5, 33)  # a slip in a shorter syllable hits dozens of others; no Vietnamese word is longer

_HEADING = re.compile(  # Decree 30/2020/NĐ-CP, Annex I, part II.1
    r"cộng\s+h(?:òa|oà)\s+xã\s+hội\s+chủ\s+nghĩa\s+việt\s+nam|độc\s+lập[\W_]+tự\s+do[\W_]+hạnh\s+phúc", re.IGNORECASE
)
_SHORT_YEAR = re.compile(r"(?P<number>[0-9]+)/(?P<year>[0-9]{2})", re.ASCII)


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


def without_heading(text: str) -> str:
    """A text without the nation's name and motto, which head nearly every paper: they tell nothing, and hold names."""
    return _HEADING.sub(" ", text)


def number_readings(key: str) -> tuple[str, ...]:
    """A number's key, and that with the year in full where it was typed with two digits: 147/21."""
    short = _SHORT_YEAR.fullmatch(key)
    return (key, *(f"{short['number']}/{century}{short['year']}" for century in (20, 19))) if short else (key,)


def tokens(text: str) -> Iterator[Token]:
    """The words of a text in order."""
    spelled, folded = canonical(text), fold(text)
    for word in WORD.finditer(folded):
        start, end = word.span()
        yield Token(start, end, spelled[start:end].lower(), word.group())


class Split(NamedTuple):
    """All words of a text: folded; as spelled in lower case, with blanks between; and whether no sign in it is odd."""

    folded: list[str]
    spelled: str
    plain: bool


def split_words(text: str) -> Split:
    """The words of a canonical text as ``tokens`` finds them.

    Texts of usual characters go through tables over bytes, as in ``fold``.
    """
    code, plain = to_bytes(text), True
    if code is None:
        known = "".join(letter if letter in USUAL or letter.isalnum() else " " for letter in text)
        code, plain = to_bytes(known), False
    if code is None:
        return _split_any(text)
    folded = code.translate(_BLANKED).decode("ascii").split()
    if max(map(len, folded), default=0) > _LONGEST_WORD:
        return _split_any(text)
    return Split(folded, from_bytes(code.translate(_LOWERED)), plain)


def _split_any(text: str) -> Split:
    words = list(tokens(text))
    return Split([word.folded for word in words], " ".join(word.spelled for word in words), plain=False)


def numbers(text: str, *, plain: bool = False) -> Iterator[Number]:
    """The numbers of a text in order; ``plain``: an NFC text without odd signs, as ``split_words`` says."""
    if not plain:
        text = normalize("NFC", text)
        if _FOREIGN.search(text):  # rare, and folding all of a text takes long
            text = fold(text)
    end = 0
    for joint in _JOINT.finditer(text):  # there are few of them, and many words
        if joint.start() < end:
            continue
        start = joint.start()
        if joint.group() == "/" and text[start - 1 : start].isspace():
            start -= 1
        while start and text[start - 1].isalnum():
            start -= 1
        if run := _JOINED_RUN.match(text, start):
            end = run.end()
            if len(run.group()) <= _LONGEST_NUMBER and any(map(str.isdigit, run.group())):
                yield Number(start, end, number_key(run.group()))


def number_key(number: str) -> str:
    """The form in which numbers are compared: the normal number without accents, as QD is often typed for QĐ."""
    folded = number if number.isascii() else fold(number)
    if folded.isascii():  # nearly always: what normal_number does then, at a tenth of the cost
        return _LEADING_ZEROS.sub("", "".join(folded.split())).upper()
    return normal_number(folded)


def bare_key(number: str) -> str:
    """A number's key without the signs that hold it together, which people leave out or take for others."""
    return BARE + _LEADING_ZEROS.sub("", _SIGNS.sub("", number_key(number)))


def evened_key(number: str) -> str:
    """A number's key in which its signs are all alike, and no group has the zeros that people leave out."""
    groups = _GROUP.findall(fold(number).upper())
    return EVENED + ".".join(group.lstrip("0") or "0" for group in groups)
