"""Further fields that an agency puts on its papers, found by their place in the layout of Decree 30 (law 4B)."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import takewhile

from domain.codes import parse_dossier
from domain.errors import UsageError
from domain.fold import fold
from domain.readings import FieldReading
from domain.validity import add_months
from pipeline.extraction.head import NUMBER_LABEL, SUBJECT, date_reading
from pipeline.extraction.layout import Page, Passage, join
from pipeline.extraction.spelling import CORRECTED, agree, respell
from pipeline.extraction.wording import agency_name, in_capitals

REGISTRY = re.compile(r"(?:noi|co quan)\s+(?:dang ky[^:]{0,20}|cap)\s*:\s*((?:u[yi] ban|ubnd)[^,\n.;]+)")
BODY = re.compile(r"\W*(?:can cu|kinh gui|thuc hien|dieu \d|thuc hien|[1-9ivx]+[.)]|[a-d]\)|\()")
FORCE = r"(?:hieu luc|gia tri)"
TERM = re.compile(
    FORCE + r"[^.;]{0,60}?thoi han\D{0,15}(\d{1,3})\s*(?:\([^)]*\)\s*)?(thang|nam)\b"
    r"|" + FORCE + r"\D{0,30}?(\d{1,3})\s*(?:\([^)]*\)\s*)?(thang|nam)\W{1,2}(?:ke\s*)?tu ngay (?:ky|cap)"
)
UNTIL = re.compile(
    rf"(?:{FORCE}|thoi han)[^.;]{{0,40}}?den (?:het )?ngay:?\s*"
    r"(\d{1,2})\s*(?:[/.-]|thang)\s*(\d{1,2})\s*(?:[/.-]|nam)\s*(\d{4})"
)
DOSSIER = re.compile(
    r"(?:\d{3}\s?\.\s?\d{2}\s?\.\s?\d{2}\s?\.\s?[A-Y]\d{2}|[A-Y]\d{2}(?:\s?\.\s?\d{1,3}){0,2})\s?-\s?\d{6}\s?-\s?\d{4,}"
)
DESK = "bộ phận"
# A name that ends so goes on in a line that was not read.
UNFINISHED = re.compile(r"(?:\bva|,|-|\b(?:quan|phuong|xa|huyen|thanh pho|phong|so))$")
# What specks and frames are taken for.
SPECKS = frozenset("^|~_¦`'\"")
VOWEL = re.compile(r"[aeiouy]")
CARRIERS = re.compile(
    r"(?:uy ban|ubnd|hoi dong|so|phong|ban|bo|cuc|chi cuc|trung tam|van phong|cong an|toa an|thanh tra|tong cuc|vien"
    r"|truong|benh vien|kho bac|bao hiem xa hoi|chi nhanh|ngan hang|hat kiem lam|tram y te|mat tran)\b"
)
# An office that is named after its council, or a name that has no end yet, goes on in the next line, whoever it names.
GOES_ON = re.compile(r"(?:\bva|,|-|^van phong|^doan)$")
# Kinds of papers that have an abstract under their name (Annex III of Decree 30/2020, law 4B).
KIND = re.compile(
    r"\W*(?:nghi quyet|quyet dinh|chi thi|quy che|quy dinh|thong cao|thong bao|huong dan|chuong trinh|ke hoach"
    r"|phuong an|de an|du an|bao cao|bien ban|to trinh|hop dong|cong dien|ban ghi nho|ban thoa thuan)\W*"
)
LETTER = 0.8  # the least confidence of a letter of a name that stands alone
# A plain abstract is sure enough to be shown, and not as sure as one that says what it is.
PLAIN = 0.88
# An abstract stands in the middle of the text's width, away from both its edges.
INSET, EVEN = 0.02, 0.03
PLACE = re.compile(r"(?:thành phố|thị xã|thị trấn|tỉnh|quận|huyện|phường|xã) (.+)$", re.IGNORECASE)


def find_issuer(pages: Sequence[Page]) -> FieldReading | None:
    """The issuing agency: the last agency above the number (zone 2), or the registry that a certificate names."""
    header = _header(pages[0])
    if header:
        units = _units(header)
        names = [agency_name(" ".join(unit.text.split())) for unit in units]
        if len(names) > 1 and names[-1].lower().startswith(DESK):
            # The one-stop desk is a part of its agency, and papers are issued by the agency.
            units, names = units[:-1], names[:-1]
        name, place = names[-1], units[-1]
        lost = not _clean(pages[0], header) or UNFINISHED.search(fold(" ".join(place.text.split())))
        parent = PLACE.search(names[-2]) if len(names) > 1 else None
        if name.startswith("Phòng ") and parent and not PLACE.search(name):
            name, place = f"{name} {parent[0]}", join(units[-2:])
        return _spelled(place.reading(name, 0.7 if lost else 0.95), pages)
    for page in pages:
        if found := REGISTRY.search(page.whole.folded):
            place = page.whole.cut(*found.span(1))
            name = agency_name(" ".join(page.whole.text[slice(*found.span(1))].split()))
            return _spelled(place.reading(name, 0.95), pages)
    return None


def _spelled(field: FieldReading, pages: Sequence[Page]) -> FieldReading:
    """The name with its place as most of the paper spells it."""
    place = PLACE.search(field.value)
    return agree(field, pages, start=place.start(1), alone=0.74) if place else field


def _above_number(page: Page) -> list[Passage]:
    """The pieces of zone 2 with a letter in them."""
    lines = takewhile(lambda piece: not NUMBER_LABEL.match(piece.folded), page.left_column())
    return [line for line in lines if any(len(token) > 1 for token in line.tokens)]


def _header(page: Page) -> list[Passage]:
    """The lines of zone 2: capitals in the left column above the number, without specks and rules."""
    cleaned = []
    for line in _above_number(page):
        words = [
            word
            for place, word in enumerate(line.words)
            if (_capital_word(word.text) and word.confidence > 0.1) or _is_letter_within(line, place)
        ]
        while words and words[0].text == "-":
            words.pop(0)
        if words and (2 * len(words) >= len(line.words) or words[0].confidence > 0.85):
            cleaned.append(Passage(tuple(words), page.number))
    return cleaned if cleaned and CARRIERS.match(cleaned[0].folded) else []


def _clean(page: Page, header: list[Passage]) -> bool:
    """Whether the header holds all that was read above the number; otherwise a part of the name may be lost."""
    return sum(len(line.words) for line in header) == sum(len(line.words) for line in _above_number(page))


def _capital_word(text: str) -> bool:
    letters = text.strip(",.-_")
    return text == "-" or (
        len(letters) > 1 and letters.isalpha() and letters.isupper() and bool(VOWEL.search(fold(letters)))
    )


def _is_letter_within(line: Passage, place: int) -> bool:
    """Whether a word is a single letter of a name (SỞ Y TẾ, BỆNH VIỆN C ĐÀ NẴNG) and no speck: sure, amid its words."""
    word, beside = line.words[place], line.words[max(0, place - 1) : place + 2]
    is_letter = len(word.text) == 1 and word.text.isupper() and word.confidence > LETTER
    return is_letter and len(beside) == 3 and all(_capital_word(other.text) for other in (beside[0], beside[2]))


def _units(lines: list[Passage]) -> list[Passage]:
    """The agencies of the header, each with the lines that its name takes."""
    units: list[list[Passage]] = []
    for line in lines:
        before = " ".join(join(units[-1]).folded.split()) if units else ""
        if not units or (CARRIERS.match(line.folded) and not GOES_ON.search(before)):
            units.append([line])
        else:
            units[-1].append(line)
    return [join(unit) for unit in units]


def find_abstract(page: Page, title: Passage | None, *, administrative: bool) -> FieldReading | None:
    """The abstract: centred under the title (zone 5a), or left under the number of a letter (zone 5b)."""
    sureness = 0.95
    if title is None:
        lines = page.left_column()
        start = next((i for i, piece in enumerate(lines) if SUBJECT.match(piece.folded)), None)
        block = _block(lines[start:]) if start is not None else []
    else:
        under = [p for p in page.pieces if p.box[1] > (title.box[1] + title.box[3]) / 2]
        centred = list(takewhile(lambda p: _goes_on(p, title), under))
        block = _block(centred)
        if block and not SUBJECT.match(block[0].folded) and not (administrative and in_capitals(block[0].text)):
            is_plain = KIND.fullmatch(title.folded) is not None and _is_plain(block, under)
            block, sureness = (block, PLAIN) if is_plain else ([], 0.0)
    if not block:
        return None
    place = join(block)
    words = [word for word in place.text.split() if word not in SPECKS]
    spelled = respell(words) if in_capitals(" ".join(words)) else words
    value = " ".join(spelled).strip(" .,:;-_'\"`‘’“”")
    if value.startswith("("):
        value = value[1:].removesuffix(")").strip(" .,:;-_")
    return place.reading(value, sureness if spelled == words else CORRECTED)


def _goes_on(piece: Passage, title: Passage) -> bool:
    is_body = BODY.match(piece.folded) and not SUBJECT.match(piece.folded)  # `(V/v …)` begins as a list does
    return abs(piece.middle - title.middle) < 0.06 and not is_body


def _is_plain(block: Sequence[Passage], under: Sequence[Passage]) -> bool:
    """Whether a block is an abstract that does not say so: its lines are centred between the edges of the text.

    A paragraph reaches one of the edges.  It begins with a capital: small letters go on from something unread, and
    capitals throughout name who decides.
    """
    left, right = min(piece.box[0] for piece in under), max(piece.box[2] for piece in under)
    gaps = [(line.box[0] - left, right - line.box[2]) for line in block]
    even = all(before > INSET and after > INSET and abs(before - after) < EVEN for before, after in gaps)
    begins = block[0].text[:1].isupper() and not in_capitals(block[0].text) and not NUMBER_LABEL.match(block[0].folded)
    return even and begins


def _block(lines: list[Passage]) -> list[Passage]:
    """The first lines that follow one another closely and are alike in capitals."""
    block = lines[:1]
    for line in lines[1:]:
        close = line.box[1] - block[-1].box[3] < 0.9 * block[-1].height
        # A number such as III may end a block in small letters.
        other = len(line.tokens) > 1 and in_capitals(line.text) != in_capitals(block[0].text)
        if not close or other or BODY.match(line.folded):
            break
        block.append(line)
    return block


def find_valid_until(pages: Sequence[Page], issued: FieldReading | None) -> FieldReading | None:
    """The last day, printed as such or as a term from the day of issue."""
    for page in pages:
        text = " ".join(page.whole.folded.split("\n"))
        if found := UNTIL.search(text):
            return date_reading(page.whole.cut(*found.span()), found, 0.92)
        found = TERM.search(text)
        if found and issued:
            number, unit = next((found[i], found[i + 1]) for i in (1, 3) if found[i])
            last = add_months(date.fromisoformat(issued.value), int(number) * (12 if unit == "nam" else 1))
            term = page.whole.cut(*found.span()).reading(last.isoformat(), 0.95)
            return term.model_copy(update={"confidence": min(term.confidence, issued.confidence)})
    return None


def find_dossier_code(pages: Sequence[Page]) -> FieldReading | None:
    """The code of the dossier in a grammar of 2018 or 2025 (law table 2B); several different ones are in doubt."""
    found: dict[str, FieldReading] = {}
    for page in pages:
        for match in DOSSIER.finditer(page.whole.text):
            code = "".join(match[0].split())
            try:
                parse_dossier(code)
            except UsageError:
                continue
            labelled = "ma ho so" in fold(page.whole.text[max(0, match.start() - 25) : match.start()])
            found.setdefault(code, page.whole.cut(*match.span()).reading(code, 0.98 if labelled else 0.8))
    first = next(iter(found.values()), None)
    return first.model_copy(update={"confidence": min(first.confidence, 0.5)}) if first and len(found) > 1 else first
