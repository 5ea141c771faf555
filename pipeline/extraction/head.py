"""Number and day of issue: from the lines of the head that state them, never from what the text cites (law 4B).

A paper cites others by number and day, and what is cited is printed even where the paper's own are written by hand.
So a line must be the one that states them, from its beginning to its end; when it is there and cannot be read, the
field is missing, and no other place is asked.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from domain.fold import fold
from domain.readings import FieldReading
from pipeline.extraction.layout import Page, Passage
from pipeline.extraction.stated import days_stated, numbers_stated, settled

NUMBER_LABEL = re.compile(r"\W*s[o06]\s*[:;.,]\s*|\W*so\s+(?=\d)")
# Decree 30: number, slash, type and agency; registers: number/year; business registration: 10 places, those of a branch
# with three more, with a symbol or without.
_BUSINESS = r"(?:\d{2}[A-Z]\d{7}|\d{10}(?:-\d{3})?)"
SYMBOL = re.compile(rf"(?:\d{{1,6}}[A-Za-z]?|{_BUSINESS})/[A-ZĐ][A-Za-zĐđ0-9.&-]*|\d{{1,5}}/\d{{4}}|{_BUSINESS}")
MISREAD_SYMBOL = re.compile(r"(?:\w{1,6}|\w{9,11}(?:-\w{3})?)/[^\W\d_][\w.&-]{2,}")
SUBJECT = re.compile(r"\W{0,2}(?:v\s?/\s?v|ve viec)\b")
# What goes on so behind a number cites another paper.
CITED = re.compile(r"\W*(?:ngay|cua|va|ve|do|tai|duoc)\b")
WRITTEN_DATE = re.compile(r"ngay\s*(\d{1,2})\s*thang\s*(\d{1,2})\s*nam\s*(\d{4})")
# The line of place and day, from the place to the year; what is left of it when the day cannot be read.
PLACE_AND_DAY = re.compile(r"[^\W\d_]+(?:[ .-]+[^\W\d_]+){0,5}\s?\W{0,3}\s?" + WRITTEN_DATE.pattern + r"\W*$")
A_DAY = re.compile(r"\bngay\b.{0,24}\b(?:thang|nam)\b|\bthang\b.{0,12}\bnam\b")
CITING = re.compile(r"\b(?:can cu|so|cua|luat|nghi dinh|thong tu|quyet dinh|cong van|thong bao|ke hoach|ban hanh)\b")
REGISTERED_LABEL = re.compile(r"nam\W{1,3}dang\s*ky\b")
REGISTERED = re.compile(r"nam\W{1,3}dang\s*ky\W{1,4}(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4})(?![\d/])")
REGISTRATION = re.compile(
    r"\W*dang ky (?:lan dau|thay doi lan\W{1,3}[^,\n]{1,15})\W{1,3}" + WRITTEN_DATE.pattern + r"\W*"
)
# A receipt is given when the dossier is taken in, and says when that was; many have no other day.
RECEIPT = re.compile(r"\btiep nhan ho so va hen\b")
RECEIVED = re.compile(
    r"\W*(?:thoi gian|ngay) (?:tiep )?nhan ho so\W{1,4}.{0,30}?(?<![\d/.-])"
    r"(\d{1,2})\s*(?:thang|[/.-])\s*(\d{1,2})\s*(?:nam|[/.-])\s*(\d{4})(?![\d/])"
)
MADE_AT = re.compile(r"\W*lam tai\b")
# Of different numbers in the place of the number, one may be hardly seen, or another paper's.
ONE_OF_SEVERAL = 0.6
# Above this the head ends when there is no title; below the nation's name it is so high; the foot begins at half.
HEAD, HEAD_HEIGHT, FOOT = 0.33, 0.2, 0.4
# So far left of the nation's name the line of place and day may begin.
BESIDE = 0.12


def find_number(page: Page, title: Passage | None) -> FieldReading | None:
    """Number and symbol: left under the agency (zone 3), or under the title of a certificate."""
    column = page.left_column()
    subject = next((i for i, piece in enumerate(column) if SUBJECT.match(piece.folded)), len(column))
    own = [*column[:subject], *_beside_title(page, title, column)]
    found = list(_numbers(own, column, title))
    read = found[0] if found else None
    if read and len({number.value for number in found}) > 1:
        read = read.model_copy(update={"confidence": min(read.confidence, ONE_OF_SEVERAL)})
    return settled(read, numbers_stated(page, own))


def _numbers(own: Sequence[Passage], column: Sequence[Passage], title: Passage | None) -> Iterator[FieldReading]:
    """All that stands in these pieces where the number does; a paper has one."""
    for piece in own:
        label = NUMBER_LABEL.match(piece.folded)
        # A line of the text may begin with the number of a cited paper, in small letters.
        if not label or not piece.text[: label.end()].strip().lstrip("'\"`.-_|~^*")[:1].isupper():
            continue
        value, sure, rest = _symbol(piece, label.end())
        if value and not CITED.match(rest):
            yield piece.reading(value, sure if piece in column or title else min(sure, 0.8))


def _beside_title(page: Page, title: Passage | None, column: Sequence[Passage]) -> Iterator[Passage]:
    """Pieces of the head that stand in no left column: under the title, or run together with the right column."""
    limit = title.box[3] + 0.08 if title else HEAD
    if page.two_columns and page.heading:
        limit = min(limit, page.heading.box[1] + HEAD_HEIGHT)
    for piece in page.pieces:
        if piece not in column and piece.box[1] < limit:
            yield piece


def _symbol(piece: Passage, start: int) -> tuple[str, float, str]:
    """Number and symbol from a place of a piece on, how sure they are, and what follows; empty when there is none."""
    text = piece.text[start:]
    joined = re.sub(r"\s*([/⁄-])\s*", r"\1", text).replace("⁄", "/").replace("Ð", "Đ").split()
    read = joined[0].strip(".,;:-_") if joined else ""
    rest = fold(" ".join(joined[1:]))
    # Annex III knows no type QD or ND: the bar of the Đ was lost.
    value = re.sub(r"(?<=/)([QN])D\b", r"\1Đ", read)
    if SYMBOL.fullmatch(value):
        return value, 0.97 if value == read else 0.85, rest
    return (value, 0.5, rest) if MISREAD_SYMBOL.fullmatch(value) else ("", 0.0, "")


def find_issued(pages: Sequence[Page], title: Passage | None) -> FieldReading | None:
    """The day of issue: beside the heading (zone 4), of registration, above the signature of a form, or of receipt."""
    found = _stated(pages, title)
    if found is None and title and RECEIPT.search(title.folded):
        return _received(pages)
    return found


def _received(pages: Sequence[Page]) -> FieldReading | None:
    """The day on which a receipt says that the dossier was taken in; a second one would be another dossier's."""
    days = [(piece, found) for page in pages for piece in page.pieces if (found := RECEIVED.match(piece.folded))]
    if len({found.groups() for _, found in days}) != 1:
        return None
    piece, found = days[0]
    return date_reading(piece.cut(found.start(1), found.end()), found, 0.9)


def _stated(pages: Sequence[Page], title: Passage | None) -> FieldReading | None:
    lines = [piece for piece in pages[0].pieces if _is_of_head(piece, pages[0], title)]
    by_template = days_stated(pages[0], lambda place: _is_of_head(place, pages[0], title))
    dated = [piece for piece in lines if A_DAY.search(piece.folded)]
    if dated or by_template:
        return settled(_day_of(dated[0], 0.97) if dated else None, by_template)
    for page in pages:
        if REGISTERED_LABEL.search(page.whole.folded):
            found = REGISTERED.search(page.whole.folded)
            return date_reading(page.whole.cut(found.start(1), found.end()), found, 0.95) if found else None
        # The last change that a business registration lists is the one that the certificate was issued for.
        changes = [(piece, found) for piece in page.pieces if (found := REGISTRATION.fullmatch(piece.folded))]
        if changes:
            piece, found = changes[-1]
            return date_reading(piece.cut(found.start(1), found.end()), found, 0.9)
    if pages[0].two_columns:
        return None  # a letterhead has its day in the head (zone 4), or it could not be read there
    return _at_foot(pages)


def _at_foot(pages: Sequence[Page]) -> FieldReading | None:
    """The day above the signature of a form."""
    for page in reversed(pages):
        by_template = days_stated(page, lambda place: place.box[1] > FOOT and _closes(place))
        dated = (p for p in reversed(page.pieces) if p.box[1] > FOOT and A_DAY.search(p.folded) and _closes(p))
        piece = next(dated, None)
        if piece or by_template:
            return settled(_day_of(piece, 0.92) if piece else None, by_template)
    return None


def _is_of_head(piece: Passage, page: Page, title: Passage | None) -> bool:
    """Whether the piece stands where the line of place and day does: in the right column, above the title."""
    bottom = title.box[1] if title else HEAD
    top, edge = 0.0, 0.3
    if page.heading:
        top, edge = page.heading.box[1], page.heading.box[0] - BESIDE
        bottom = bottom if title else min(bottom, top + HEAD_HEIGHT)
    # A sentence begins at the left margin; the number in the left column may run together with this line.
    in_column = piece.box[0] > edge or NUMBER_LABEL.match(piece.folded) is not None
    return top < piece.box[1] < bottom and piece.box[2] > 0.5 and in_column


def _closes(piece: Passage) -> bool:
    """Whether the line stands by itself on the right, or says that the paper was made there: no end of a sentence."""
    return bool(MADE_AT.match(piece.folded)) or (piece.middle > 0.5 and piece.box[0] > 0.3)


def _day_of(piece: Passage, sureness: float) -> FieldReading | None:
    """The day of a line of place and day; None when it is no such line from end to end."""
    found = PLACE_AND_DAY.search(piece.folded)
    if not found or not piece.text[found.start()].isupper() or CITING.search(piece.folded, *found.span()):
        return None
    return date_reading(piece.cut(piece.folded.rindex("ngay", 0, found.start(1)), found.end()), found, sureness)


def date_reading(place: Passage, found: re.Match[str], sureness: float) -> FieldReading | None:
    """The day of three groups, day, month and year, as a field; None when the calendar has no such day."""
    day = _date(found[1], found[2], found[3])
    return place.reading(day.isoformat(), sureness) if day else None


def _date(day: str, month: str, year: str) -> date | None:
    """The day, if the calendar has it and the state existed (1945)."""
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if 1945 <= found.year < 2100 else None
