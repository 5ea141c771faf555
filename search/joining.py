"""The numbers that words and numbers side by side may be: `641 / TB - UBND`, `641TBUBND`, `CS 00871`, `25O9O1`."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from domain.owners import identifier_kind
from search.words import Number, Token, bare_key, evened_key

_LONGEST_IDENTIFIER = 12
_MOST_PARTS = 7  # H17.40.36-250616-0163 has five
_MOST_TERMS = 40
_JOINT = re.compile(r"\s?[/\\._&-]?\s?")
_LOOKS_LIKEDIGITS = re.compile(
    r"(?<![a-z0-9])(?=[oil]*[0-9])[0-9oil]+(?![a-z0-9])|(?<=[0-9])[oil]+(?=[0-9])"  # 32d8oo7761
)
_BEHIND_A_SERIES = re.compile(r"(?<=^[a-z])(?=[oil]*[0-9])[0-9oil]+$|(?<=^[a-z]{2})(?=[oil]*[0-9])[0-9oil]+$")
_SERIES = re.compile(r"[a-z]{1,3}|[bcdfghjklmnpqrstvwxz]{4,6}")  # CS 00871, GPXD 512: before nothing but digits
_SYMBOL = re.compile(r"[bcdfghjklmnpqrstvwxz]{2,6}")  # that of a number, typed before it
# Of a dossier's code: the day of receipt and the number of that day (law section 8A).
END_OF_DOSSIER = re.compile(r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-\d{4,5}", re.ASCII)
DIGITS = str.maketrans("oil", "011")


class Joined(NamedTuple):
    """The key of a number without its signs, and the words and numbers of the question that are its parts."""

    key: str
    words: tuple[str, ...]
    numbers: tuple[str, ...]


def joined_in(
    folded: str,
    terms: Sequence[Token],
    words: Collection[Token],
    numbers: Collection[Number],
) -> Iterator[Joined]:
    """What the terms of a stretch of the question may be the parts of, the longest first.

    Args:
        folded: the stretch.
        terms: its words, those within numbers too, but no days.
        words: those of them that are part of no number.
        numbers: its numbers.
    """
    if len(terms) > _MOST_TERMS:
        return  # a page that was pasted
    for first in range(len(terms)):
        for last in range(_last(folded, terms, first), first - 1, -1):
            part = terms[first : last + 1]
            start, end = part[0].start, part[-1].end
            inside = [number for number in numbers if number.end > start and number.start < end]
            if any(number.start < start or number.end > end for number in inside):
                continue
            covered = tuple(word.spelled for word in words if start <= word.start < end)
            for key in dict.fromkeys(_keys([word.folded for word in part])):
                yield Joined(key, covered, tuple(number.key for number in inside))


def _last(folded: str, terms: Sequence[Token], first: int) -> int:
    """The last of the terms that may be parts of one number with the first; one before the first when there is none."""
    if not any(map(str.isdigit, terms[first].folded)):
        after = terms[first + 1].folded if first + 1 < len(terms) else ""
        is_series = _SERIES.fullmatch(terms[first].folded) and digits_meant(after).isdecimal()
        apart = folded[terms[first].end : terms[first + 1].start] if is_series else ""
        return first + 1 if is_series and _JOINT.fullmatch(apart) else first - 1
    last = first
    while last + 1 < min(first + _MOST_PARTS, len(terms)):
        if not _JOINT.fullmatch(folded[terms[last].end : terms[last + 1].start]):
            break
        last += 1
    return last


def _keys(parts: Sequence[str]) -> Iterator[str]:
    meant = [_BEHIND_A_SERIES.sub(_as_digits, digits_meant(part)) for part in parts]
    for spelled in (parts, meant):
        typed = "".join(spelled)
        if (len(parts) == 1 and typed.isdecimal()) or not any(map(str.isdigit, typed)):
            continue  # a word as it stands
        if len(spelled) == 2 and _SYMBOL.fullmatch(spelled[0]):
            yield bare_key(spelled[1] + spelled[0])
        key = bare_key(typed)
        if not any(map(identifier_kind, (typed, key[1:], key[1:].zfill(_LONGEST_IDENTIFIER)))):
            yield key
            yield evened_key(" ".join(spelled))
        elif END_OF_DOSSIER.fullmatch("-".join(spelled)):
            yield evened_key(" ".join(spelled))  # no paper has an owner's number in this form


def digits_meant(text: str) -> str:
    """A folded text in which letters among digits are the digits that they look like: o, i and l."""
    return _LOOKS_LIKEDIGITS.sub(_as_digits, text)


def _as_digits(run: re.Match[str]) -> str:
    return run.group().translate(DIGITS)
