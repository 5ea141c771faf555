"""Where the lines of number and day are, by the print on them: ``Số: …/QĐ-UBND``, ``ngày … tháng … năm``."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from domain.fold import fold
from pipeline.recognition.ink import Rectangle
from pipeline.recognition.tesseract import ReadToken

StatedKind = Literal["number", "day"]

_LABEL = re.compile(r"\W*s[o06](?:\W*|\W+\w.*)")
_SYMBOL = re.compile(r"[/⁄](?:[A-ZĐ][\w.&-]+|(?:19|20)\d\d\W*$)")
_YEAR = re.compile(r"\W*((?:19|20)\d\d)\W*")
_LAST_OF_DAY = re.compile(r"\W*(?:nam\W*)?[\dOolI]{2,4}\W*")
# Heights of the label or of the words, unless told.
_ABOVE, _BELOW, _BEFORE, _BEHIND = 0.30, 0.25, 0.25, 0.15
_JOINED, _FIRST = 0.45, 1.2
_WIDEST_NUMBER, _WIDEST_DAY, _YEAR_BEHIND = 14.0, 9.0, 3.6
_HEAD, _LEFT_PART = 0.5, 0.62  # of the page


class StatedLine(NamedTuple):
    """A line that states a number or a day: its box in pixels, the places of its words, and what ends it as read.

    ``end`` is the symbol with its stroke, or the year; empty when it was not read: the line may go on then.
    """

    kind: StatedKind
    box: Rectangle
    places: tuple[int, ...]
    end: str = ""


def lines_of(words: Sequence[ReadToken], width: int, height: int) -> Iterator[StatedLine]:
    """The lines of a page of that size, in pixels; which of them are the paper's own is for others to say."""
    for place, word in enumerate(words):
        if _is_label(word) and word.box[1] < _HEAD * height and word.box[0] < _LEFT_PART * width:
            row = _row(words, place)
            if not _has_before(words, row, place):
                yield _number_line(words, [other for other in row if words[other].box[0] >= word.box[0]], width)
    taken = set[int]()
    for place, word in enumerate(words):
        if place in taken or _plain(word) not in {"ngay", "thang"}:
            continue
        row = _row(words, place)
        line = _day_line(words, row, row.index(place), width)
        if line is not None:
            taken |= set(line.places)
            yield line


def _is_label(word: ReadToken) -> bool:
    """``Số``: neither ``SỞ`` nor the small letters of a cited paper, which have no colon."""
    text = word.text.lstrip("'\"`.-_|~^*")
    begins = text[:1] == "S" or (text[:1] == "s" and ":" in text)
    return begins and not text[1:2].isupper() and _LABEL.fullmatch(fold(text)) is not None


def _plain(word: ReadToken) -> str:
    return "".join(letter for letter in fold(word.text) if letter.isalpha())


def _row(words: Sequence[ReadToken], place: int) -> list[int]:
    """The places of the words on one height, from left to right."""
    _, top, _, bottom = words[place].box
    middle, reach = (top + bottom) / 2, 0.6 * (bottom - top)
    row = [
        other
        for other, word in enumerate(words)
        if abs((word.box[1] + word.box[3]) / 2 - middle) < reach
        or (word.line == words[place].line and word.box[1] < middle < word.box[3])
    ]
    return sorted(row, key=lambda other: words[other].box[0])


def _has_before(words: Sequence[ReadToken], row: Sequence[int], place: int) -> bool:
    left, top, _, bottom = words[place].box
    return any(0 <= left - words[other].box[2] < _FIRST * (bottom - top) for other in row if other != place)


def _number_line(words: Sequence[ReadToken], row: Sequence[int], width: int) -> StatedLine:
    left, top, _, bottom = words[row[0]].box
    tall = bottom - top
    for at, other in enumerate(row):
        if words[other].box[2] > left + _WIDEST_NUMBER * tall * 1.4:
            break
        found = _SYMBOL.search(words[other].text.replace(" ", ""))
        if found:
            last, end = other, found[0]
            for following in row[at + 1 :]:
                if words[following].box[0] - words[last].box[2] > _JOINED * tall:
                    break
                last, end = following, end + words[following].text
            box = _around(words[row[0]].box, words[last].box[2] + round(_BEHIND * tall), tall)
            return StatedLine(
                "number", box, tuple(row[: row.index(last) + 1]), end.replace("⁄", "/").rstrip(".,;:-_'\" ")
            )
    right = min(width, left + round(_WIDEST_NUMBER * tall))
    kept: list[int] = []
    for other in row:
        if other != row[0] and words[other].box[0] > right:
            break
        if (
            kept
            and words[other].text[:1].isupper()
            and words[other].text.isalpha()
            and len(words[other].text) < 8
            and (words[other].box[0] - words[kept[-1]].box[2] > 1.5 * tall)
        ):
            right = min(right, words[other].box[0] - round(0.3 * tall))
            break
        kept.append(other)
    return StatedLine("number", _around(words[row[0]].box, right, tall), tuple(kept))


def _day_line(words: Sequence[ReadToken], row: Sequence[int], at: int, width: int) -> StatedLine | None:
    first, tall = words[row[at]], words[row[at]].box[3] - words[row[at]].box[1]
    keys = {_plain(words[other]): place for place, other in enumerate(row[at:], at)}
    names = [name for name in ("ngay", "thang", "nam") if name in keys]
    if len(names) < 2:
        return None
    last = max(keys[name] for name in names)
    if last + 1 < len(row) and _LAST_OF_DAY.fullmatch(fold(words[row[last + 1]].text)):
        last += 1
    behind = [words[other] for other in row[last + 1 :] if words[other].box[0] - words[row[last]].box[2] < 2.5 * tall]
    if any(any(letter.isalpha() for letter in word.text) for word in behind):
        return None  # a cited day goes on: ... của Ủy ban nhân dân
    end = _YEAR.fullmatch(words[row[last]].text)
    right = words[row[last]].box[2] + round((_BEHIND if end else _YEAR_BEHIND) * tall)
    left = first.box[0] if "ngay" in keys and keys["ngay"] == at else first.box[0] - round(_WIDEST_DAY * tall)
    box = _around((left, first.box[1], first.box[2], first.box[3]), min(width, right), tall)
    return StatedLine("day", box, tuple(row[at : last + 1]), end[1] if end else "")


def _around(first: Rectangle, right: int, tall: int) -> Rectangle:
    left, top, _, bottom = first
    return (
        max(0, left - round(_BEFORE * tall)),
        max(0, top - round(_ABOVE * tall)),
        right,
        bottom + round(_BELOW * tall),
    )
