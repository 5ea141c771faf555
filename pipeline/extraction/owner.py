"""Whom a paper is about: the first person it names, and that person's number."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from domain.fold import fold
from domain.owners import OwnerKind, identifier_kind, normal_owner
from domain.readings import Box, FieldReading, Word
from pipeline.extraction.labels import LEAD, OTHER, PERSON, stands_by_another
from pipeline.extraction.layout import Page, Passage, join
from pipeline.extraction.persons import SIGNS, STATED, Persons, goes_on
from pipeline.extraction.wording import in_capitals, person_name

GRANT = re.compile(r"tiep nhan ho so cua|\bcap cho\b|\bcho phep(?= ong| ba)|\bchung nhan(?= ong| ba)|\bchu so huu\b")
ORGANISATION = re.compile(r"\bten (?:cong ty|doanh nghiep|to chuc|co so)\b[^:]{0,50}:\s*")
# A label with its name on the next line; the colon may have been lost, unless the label may be the head of a column.
LABEL_ALONE = re.compile(r"[^:]{0,20}:[ .:_-]*|\W*(?:vo|chong)\W*|(?<=dem, ten)\W*")
# Nine digits in groups are a number only where no further group stands at them: it may be twelve, misread.
NUMBER = re.compile(
    r"(?<![\d/.,-])(?:\d(?: ?\d){11}|0\d\d(?:\.\d{3}){3}|(?<!\d )\d{3} \d{3} \d{3}(?! \d)|\d{10}(?:-\d{3})?|\d{9})"
    r"(?![\d/]|[.,-]\d)"
)
# How people part the digits; any other space was seen by the recogniser only.
GROUPS = re.compile(r"(?:\d{3} ){2,3}\d{3}|\d{4} \d{4} \d{4}")
# What stands before a number says whose number it is, and how sure that is.
LABELS: tuple[tuple[re.Pattern[str], float, tuple[OwnerKind, ...]], ...] = (
    (re.compile(r"dinh danh|can cuoc|cccd"), 1.0, ("personal", "old_identity")),
    (re.compile(r"chung minh|cmnd|giay to tuy than"), 0.98, ("personal", "old_identity")),
    (re.compile(r"ma so thue|doanh nghiep|mst"), 0.97, ("tax", "personal")),
    (re.compile(r"ma so"), 0.9, ("personal", "tax")),
)
_IDENTITY = 0.98  # labels at least so sure stand by a person's own number, whom a paper of an organisation only names
_OF_OLD = 0.85  # nine digits behind a label of twelve may be a part of them
# What begins a line of its own: the next entry of a form, the next part of a decision.
ENTRY = re.compile(
    rf"(?!\w+ (?:{STATED})\b)[^.;,]{{0,60}}:"
    rf"|\W*(?:{STATED}|ho|can cu|xet|theo|kinh gui|quyet dinh|do|dien tich|thoi han)\b"
)
# So many heights below a line the next one of its paragraph begins at most.
NEXT_LINE = 1.5
BORN = re.compile(r"sinh\W{1,3}(?:\d{1,2}\D\d{1,2}\D)?((?:19|20)\d{2})")
# A number of the other kind of owner (a representative's, a shop's), and an identity number that has no check.
STRANGE, UNCHECKED = 0.7, 0.8
# A number that stands in nobody's lines may be a parent's or a declarant's; one of several that stands by no name may
# be anybody's.
BEFORE, ELSEWHERE, ONE_OF_SEVERAL = 0.8, 0.5, 0.65
# Two readers differ: one of the two cannot be such a number, or both could.
CONTRADICTED, CONTESTED = 0.85, 0.65
# Words read with less confidence than this are not what stands on the paper.
UNREAD = 0.5
# Behind the words of a name: the rest of a syllable, a dash, and what is joined by it.
JOINED = re.compile(r"([^\W\d_]*)\s*[-–—]\s*((?=[^\W\d_]|$).*)")
# A name, and one that may not be whole.
SURE_NAME, MAYBE_CUT = 0.97, 0.7


@dataclass(frozen=True)
class Owner:
    """The two fields of the owner; either may be absent.  ``label``: where the name is announced, and ends to be so."""

    name: FieldReading | None
    number: FieldReading | None
    label: tuple[Passage, int] | None = None


def find_owner(pages: Sequence[Page], *, organisation: bool) -> Owner:
    """The person or organisation that the paper is about."""
    return _organisation(pages) if organisation else _person(pages)


def _organisation(pages: Sequence[Page]) -> Owner:
    """The name and the tax number; the person whom the paper also names only represents the organisation."""
    name = number = None
    for page in pages:
        number = number or number_among(page, page.pieces, organisation=True)
        for piece in page.pieces:
            label = ORGANISATION.search(piece.folded)
            if label and not name and (text := " ".join(piece.text[label.end() :].split())):
                name = piece.cut(label.end(), len(piece.text)).reading(text, 0.9)
    return Owner(name, number)


def _person(pages: Sequence[Page]) -> Owner:
    """The first person named who is not said to be another, and that person's number.

    The number must stand in the lines between the owner's name and the next person's; one that stands in nobody's is
    given with little confidence.  What stands in the lines of another person is never proposed as the owner's.
    """
    for page in pages:
        labels = list(labels_of(page))
        own = next((i for i, (_, end) in enumerate(labels) if not OTHER.match(labels[i][0].folded, end)), None)
        if own is None:
            continue
        piece, end = labels[own]
        before, section, rest = _divide(page, piece, [p for p, _ in labels[own + 1 :] if PERSON.search(p.folded)])
        name = name_behind(page, piece, end, pages)
        who = name.value if name else ""
        is_form = PERSON.search(piece.folded) is not None
        find = partial(number_among, page, owner=who, is_form=is_form)
        number = find(section, own_first=is_form) or find(before, BEFORE) or find(rest, ELSEWHERE)
        if number and not is_form:
            number = _among_several(number, page, section, who)
        return Owner(name, number, labels[own])
    numbers = (number_among(page, page.pieces, ELSEWHERE) for page in pages)
    return Owner(None, next((number for number in numbers if number), None))


def labels_of(page: Page) -> Iterator[tuple[Passage, int]]:
    """The pieces with a label of a name, and where it ends in them."""
    for piece in page.pieces:
        for pattern in (PERSON, GRANT):
            if found := pattern.search(piece.folded):
                yield piece, found.end()
                break


def _divide(page: Page, own: Passage, others: list[Passage]) -> tuple[list[Passage], list[Passage], list[Passage]]:
    """The pieces before the owner's lines, these lines, and the rest; couples stand in two columns side by side."""
    start = page.pieces.index(own)
    beside = [p.box[0] for p in others if p.box[0] > own.middle and abs(p.box[1] - own.box[1]) < own.height]
    edge = min(beside, default=1.0)
    end = next((i for i, p in enumerate(page.pieces) if i > start and p in others and p.box[0] < edge), None)
    section = [p for p in page.pieces[start:end] if p.box[0] < edge]
    rest = [p for p in page.pieces[start:] if p not in section]
    return list(page.pieces[:start]), section, rest


def _among_several(number: FieldReading, page: Page, section: Sequence[Passage], owner: str) -> FieldReading:
    """The number of a person whom a sentence names, doubted when others stand on the page and none by that name."""
    several = {normal_owner(found[0]) for found in NUMBER.finditer(page.whole.text)}
    text = join(list(section))
    persons = Persons(text, owner)
    places = (found.span() for found in NUMBER.finditer(text.text) if normal_owner(found[0]) == number.value)
    if sum(identifier_kind(value) is not None for value in several) < 2 or any(
        persons.whose(*s) == "owner" for s in places
    ):
        return number
    return number.model_copy(update={"confidence": min(number.confidence, ONE_OF_SEVERAL)})


def number_among(
    page: Page,
    pieces: Sequence[Passage],
    sureness: float = 1.0,
    *,
    organisation: bool = False,
    owner: str = "",
    is_form: bool = False,
    own_first: bool = False,
) -> FieldReading | None:
    """The best labelled number of the pieces, the first of equals; none that is another person's.

    ``own_first``: the pieces begin with the label of the person whose number is sought.
    """
    if not pieces:
        return None
    text = join(list(pieces))
    persons = Persons(text, owner, is_form=is_form)
    best: FieldReading | None = None
    for found in NUMBER.finditer(text.text):
        place = text.cut(*found.span())
        value, agreed = _settled(normal_owner(found[0]), place, page.others)
        kind = identifier_kind(value)
        weight, kinds = _announced(text.folded[max(0, found.start() - 50) : found.start()])
        if kind is None or kind not in kinds or persons.whose(*found.span()) == "another":
            continue
        if organisation and kind != "tax" and weight >= _IDENTITY:  # who represents it
            continue
        if not organisation and stands_by_another(text, found.start(), owner, own_first=own_first):
            continue
        sure = sureness * agreed * weight * _suits(kind, organisation) * _fits_birth(value, text.folded)
        sure *= _OF_OLD if kind == "old_identity" and weight > _IDENTITY else 1.0
        sure *= 1.0 if " " not in found[0] or GROUPS.fullmatch(found[0]) else 0.8
        field = place.reading(value, sure)
        if best is None or field.confidence > best.confidence + 0.1:
            best = field
    return best


def _settled(read: str, place: Passage, others: Mapping[Box, str]) -> tuple[str, float]:
    """The number of two readers who differ, and how sure it is.

    The second one reads digits better (docs/decisions/0006), but only a number that can be one (law 8B) outweighs
    another.
    """
    other = normal_owner(others.get(place.words[0].box, read).strip(".,;:()|")) if len(place.words) == 1 else read
    if other == read:
        return read, 1.0
    if identifier_kind(other) is None:
        return read, CONTRADICTED
    return other, CONTESTED if identifier_kind(read) else CONTRADICTED


def _suits(kind: OwnerKind, organisation: bool) -> float:
    """How well a kind of number suits a person or an organisation."""
    if (kind == "tax") != organisation:
        return STRANGE
    return UNCHECKED if kind == "old_identity" else 1.0


def _announced(before: str) -> tuple[float, tuple[OwnerKind, ...]]:
    """How sure the label nearest before a number is, and the kinds of number that it announces."""
    found = [(m.end(), weight, kinds) for label, weight, kinds in LABELS for m in label.finditer(before)]
    _, weight, kinds = max(found, default=(0, 0.0, ()))
    return weight, kinds


def _fits_birth(number: str, text: str) -> float:
    """Doubt when a personal number and the printed year of birth disagree (law 8B: digits 4 to 6)."""
    born = BORN.search(text)
    if len(number) != 12 or not born:
        return 1.0
    year = 1900 + int(number[3]) // 2 * 100 + int(number[4:6])
    return 1.0 if year == int(born[1]) else 0.6


def name_behind(page: Page, label: Passage, end: int, pages: Sequence[Page]) -> FieldReading | None:
    """The name behind its label, which may go on, or only begin, on the next line of the column."""
    lead = LEAD.match(label.folded, end)
    name = _run(label.cut(lead.end() if lead else end, len(label.text)))
    under = page.below(label)
    below = _run(under) if under else []
    rest = label.words[label.words.index(name[-1]) + 1 :] if name else ()
    sureness, longer = SURE_NAME, ""
    is_last = not rest or any(word.text.endswith(":") for word in rest)
    if name and is_last and in_capitals(name[-1].text) and under and _is_end_in_capitals(below, under):
        name += below
    elif name and not rest and name[-1].text.isalpha():
        end_of_name, longer, sureness = _end_of(page, label, name, below, pages)
        name += end_of_name
    elif under and not name and LABEL_ALONE.fullmatch(label.folded, end):
        name, rest = below, under.words[len(below) :]
    text = person_name(re.sub(r"[^\w\s]|_", "", " ".join((*(word.text for word in name), longer))))
    if not 2 <= len(text.split()) <= 7:
        return None
    # A capital that cannot be read, or ink that nobody read, right behind the name may be its last syllable.
    lost = rest and rest[0].text[0].isupper() and rest[0].confidence < UNREAD
    if lost or _is_joined(rest) or any(word.box in page.cut_short for word in name):
        sureness = MAYBE_CUT
    return Passage(tuple(name), page.number).reading(text, sureness)


def _is_joined(rest: Sequence[Word]) -> bool:
    """Whether a dash and more letters follow a name, as in ``Nguyễn Thị Thu Hà - Anna``; the next entry is none."""
    found = JOINED.match(fold(" ".join(word.text for word in rest)))
    return found is not None and (bool(found[1]) or not ENTRY.match(found[2]))


def _is_end_in_capitals(below: Sequence[Word], under: Passage) -> bool:
    """Only a line that holds nothing else can be the end of a name in capitals; another label may stand between."""
    return len(below) == len(under.words) <= 2 and in_capitals(under.text)


def _end_of(
    page: Page, label: Passage, name: list[Word], below: list[Word], pages: Sequence[Page]
) -> tuple[list[Word], str, float]:
    """What belongs to a name that ends its line: words below it, or else in another place of the paper; how sure."""
    under = page.below(label)
    others = goes_on(name, pages)
    longer = max(others, key=len, default=())
    if longer and tuple(map(fold, _bare(below)))[: len(longer)] == tuple(map(fold, longer)):
        return below[: len(longer)], "", SURE_NAME
    end_of_name, sureness = list[Word](), SURE_NAME
    if under and below and not in_capitals(below[0].text) and not in_capitals(name[-1].text):
        end_of_name, sureness = _end_below(page, label, name[0], under, below)
    elif under and below and in_capitals(under.text) and in_capitals(name[-1].text):
        sureness = _unless_next(label, under)
    if longer and not end_of_name:
        return [], " ".join(longer), MAYBE_CUT
    is_told = not end_of_name and () in others
    return end_of_name, "", SURE_NAME if is_told else sureness


def _bare(words: Sequence[Word]) -> list[str]:
    return [word.text.strip(SIGNS) for word in words]


def _end_below(page: Page, label: Passage, first: Word, under: Passage, below: list[Word]) -> tuple[list[Word], float]:
    """What belongs to a name that ends its line, of the words with capitals below it; and how sure that is.

    A name goes on where its next word had no room, or right under its first word; there a new entry has a label, and
    a sentence goes on.  Where the line was ended earlier, nothing tells whether the name was.
    """
    width = below[0].box[2] - below[0].box[0]
    is_full = label.box[2] + width > max(piece.box[2] for piece in page.pieces)
    is_alone = len(below) == len(under.words) <= 3
    is_hanging = is_alone and abs(below[0].box[0] - first.box[0]) < width / 2
    if is_hanging or (is_full and (is_alone or not below[-1].text[-1].isalpha())):
        return below, SURE_NAME
    if is_full or is_alone:
        return below, MAYBE_CUT
    return [], _unless_next(label, under)


def _unless_next(label: Passage, under: Passage) -> float:
    """How sure it is that a name ended with its line: not when the next line of its paragraph may go on with it."""
    is_next = under.box[1] - label.box[3] < NEXT_LINE * label.height
    return MAYBE_CUT if is_next and not ENTRY.match(under.folded) else SURE_NAME


def _run(piece: Passage) -> list[Word]:
    """The words of a name at the start of a piece: capitals throughout, or each with a capital."""
    run: list[Word] = []
    for word in piece.words:
        letters = word.text.strip(SIGNS)
        if (
            not letters.isalpha()
            or not letters[0].isupper()
            or (run and run[0].text.isupper() and not letters.isupper())
        ):
            break
        run.append(word)
        if letters != word.text:
            break
    return run
