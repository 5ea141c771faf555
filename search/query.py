"""What a person looks for.  What may be typed is told in docs/search.md."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from domain.fold import canonical, fold
from domain.owners import Group, digits_in, identifier_kind, identifiers_among, in_one_piece, passports_in
from domain.record import Frozen
from search.days import Day, Placed, find_asked, find_days
from search.filters import Filters, take_filters
from search.joining import DIGITS, Joined, digits_meant, joined_in
from search.words import Number, Token, numbers, tokens, without_heading

MOST_WORDS = 12  # decide: no two papers have so many rare ones in common
_MOST_TYPED = 200  # different words of a pasted page among which those are chosen
LONGEST = 6000  # characters that are read at all: a pasted page and a half
_MOST_PARTS = 32  # phrases, words of a phrase, numbers
_MOST_JOINED = 16
_ALONE = re.compile("(?<![a-z0-9])[oil]{1,3}(?![a-z0-9])")
_MAY_BE_DIGIT, _FEWEST_DIGITS = re.compile("[0-9oil]"), 7  # of a passport
_LABEL = re.compile(r"(?<![a-z0-9])(?:cccd|cmnd|cmt|cc|mst|mddcn|mdd|sddcn|sdd|so)(?=[0-9oil])")  # CCCD048…
# One beside a number is not the beginning of an identifier: "123 5/6/2025".
_DATE = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d", re.ASCII)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
# Words that only say what kind of number follows: the paper calls it otherwise, or nothing at all.
_NAMES_NUMBER = re.compile(
    r"(?<![^\W_])(?:"
    r"(?:ma |so )?(?:ho so|hs)(?: so)?\s?:?\s?"
    r"(?=[0-9o.]*(?:h[0-9.]+\s?[-–]?\s?)?[0-9]{6}\s?[-–]?\s?[0-9]{1,5}(?![0-9]))"
    r"|(?:so )?(?:(?:the )?cccd|cmnd|cmtnd|cmt|can cuoc(?: cong dan)?|dinh danh(?: ca nhan)?"
    r"|chung minh(?: nhan dan| thu)?|mst|ma so(?: thue| doanh nghiep)?)(?: so)?\s?:?\s?"
    r"(?=[0-9o](?:[ .-]{0,3}[0-9oil]){7})"
    r")"
)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″", '"'))


class Query(Frozen):
    """What a person looks for.  Everything in it must be found; quoted phrases word by word in order.

    ``days``: days, months and spans of days that were typed without quotes; ``joined``: words and numbers that may be
    the parts of one number; ``dotted``: words with a dot behind them.
    ``owners``: the identifiers of persons and organisations that the words, numbers and filters are or make up, however
    they were typed.
    """

    words: tuple[Token, ...] = ()
    phrases: tuple[tuple[Token, ...], ...] = ()
    numbers: tuple[str, ...] = ()
    filters: Filters = Filters()
    days: tuple[Day, ...] = ()
    joined: tuple[Joined, ...] = ()
    dotted: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    @property
    def wordless(self) -> bool:
        """Whether only filters are given, if anything."""
        return not (self.words or self.phrases or self.numbers or self.days)

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return self.wordless and self.filters == Filters()

    @property
    def accented(self) -> bool:
        """Whether the spelling matters: some accent was typed."""
        return any(word.accented for word in (*self.words, *(word for phrase in self.phrases for word in phrase)))


def parse(text: str, filters: Filters = Filters()) -> Query:  # noqa: B008 (frozen)
    """The query in what a person typed; there is no wrong query, and an open quote is no quote.

    Args:
        text: what was typed, of which only the beginning counts (``LONGEST``); the filters in it narrow the given ones.
        filters: which papers may be found at all.
    """
    whole = text[:LONGEST].translate(_QUOTES)
    whole = without_heading(whole) if without_heading(whole).strip() else whole
    typed, text = take_filters(in_one_piece(canonical(whole)))
    split = text.split('"')
    closed = len(split) - (len(split) + 1) % 2
    pieces = [_piece(piece, quoted=place in range(1, closed, 2)) for place, piece in enumerate(split)]
    phrases = [piece.tokens[:_MOST_PARTS] for piece in pieces[1:closed:2] if piece.words]
    words = [word for piece in (*pieces[:closed:2], *pieces[closed:]) for word in piece.words]
    words += [phrase[0] for phrase in phrases if len(phrase) == 1]
    found = dict.fromkeys(number.key for piece in pieces for number in piece.numbers)
    filters = filters.narrowed(typed)
    values = (*filters.numbers, *filters.types, *filters.agencies, filters.dossier or "")
    owners = [*_owners(pieces), *(owner for value in values for owner in _owners([_piece(value)]))]
    if any(placed.day.is_open for piece in pieces for placed in piece.days):  # `sau 2012 34567` holds a number, too
        owners += _owners([_piece(piece, bare=True) for piece in split])
    if canonical(whole) != text:  # a number may begin in a filter and go on behind it
        owners += _owners([_piece(piece) for piece in whole.split('"')])
    return Query(
        words=tuple({word.spelled: word for word in words}.values())[:_MOST_TYPED],
        phrases=tuple(phrase for phrase in phrases if len(phrase) > 1)[:_MOST_PARTS],
        numbers=tuple(found)[:_MOST_PARTS],
        filters=filters,
        days=tuple(dict.fromkeys(placed.day for piece in pieces for placed in piece.days))[:_MOST_PARTS],
        joined=tuple(dict.fromkeys(joined for piece in pieces for joined in _joined(piece)))[:_MOST_JOINED],
        dotted=tuple({word.folded for piece in pieces for word in piece.words if piece.has_dot(word)}),
        owners=tuple(dict.fromkeys(owners)),
    )


class _Piece(NamedTuple):
    """What is typed from one quote to the next: folded; ``words`` are those that are part of no number and no day."""

    folded: str
    tokens: tuple[Token, ...]
    words: tuple[Token, ...]
    numbers: tuple[Number, ...]
    days: tuple[Placed, ...]

    def has_dot(self, word: Token) -> bool:
        """Whether a dot stands right behind a word."""
        return self.folded[word.end : word.end + 1] == "."


def _piece(text: str, *, quoted: bool = False, bare: bool = False) -> _Piece:
    """A stretch of the question; in quotes words stay words.  ``bare``: a year behind `trước` stays a number."""
    every, folded = tuple(tokens(text)), fold(text)
    placed_days = () if quoted else find_days(folded) if bare else find_asked(text, folded)
    days = tuple(_typed_so(placed, text) for placed in placed_days)
    said = {place for day in days for place in range(day.start, day.end)}
    found = tuple(number for number in numbers(text) if number.start not in said)
    taken = said.union(place for number in found for place in range(number.start, number.end))
    if not quoted:
        labels = [label.span() for label in _NAMES_NUMBER.finditer(folded)]
        taken |= {word.start for word in every if any(start <= word.start and word.end <= end for start, end in labels)}
    return _Piece(folded, every, tuple(word for word in every if word.start not in taken), found, days)


def _typed_so(placed: Placed, text: str) -> Placed:
    """A day with what was typed as a number, too: 12.5.21 may be one."""
    typed = tuple(number.key for number in numbers(text[placed.start : placed.end]))
    is_one = placed.day.low == placed.day.high and not placed.day.both
    keys = tuple(dict.fromkeys((*placed.day.keys, *typed))) if is_one else () if placed.day.both else placed.day.keys
    return placed._replace(day=placed.day._replace(keys=keys))


def _joined(piece: _Piece) -> Iterator[Joined]:
    said = {place for day in piece.days for place in range(day.start, day.end)}
    terms = [token for token in piece.tokens if token.start not in said]
    return joined_in(piece.folded, terms, piece.words, piece.numbers)


def _owners(pieces: Sequence[_Piece]) -> list[str]:
    """The identifiers that an engine would look for; if there are none, those with digits for letters that stand alone.

    A sign that nobody sees parted such a letter from its neighbours, perhaps.
    """
    if sum(len(_MAY_BE_DIGIT.findall(piece.folded)) for piece in pieces) < _FEWEST_DIGITS:
        return []
    return [*_made_up(pieces, alone=False)] or [*_made_up(pieces, alone=True)]


def _made_up(pieces: Sequence[_Piece], *, alone: bool) -> Iterator[str]:
    """The identifiers in a word or number, or made up by several side by side.

    Papers print them in groups too, and forms digit by digit: whatever signs stand between the groups that are typed,
    an engine finds the same groups in a paper.  Letters between them are words of their own.
    """
    texts = [_with_digits(piece.folded, alone=alone) for piece in pieces]
    groups: list[Group] = []
    within: list[Group] = []  # digits beside letters or signs, in one word or number
    first = 0
    for piece, text in zip(pieces, texts, strict=True):
        terms: list[Token | Number | Placed] = [*piece.words, *piece.numbers, *piece.days]
        for term in sorted(terms, key=lambda term: term.start):
            typed = text[term.start : term.end].lstrip()
            start, end = first + term.end - len(typed), first + term.end
            digits = re.sub(r"[\W_]", "", typed)
            is_day = (isinstance(term, Placed) and not typed.isdecimal()) or _DATE.fullmatch(typed)
            groups.append(Group(start, end, "" if is_day or not digits.isdecimal() else digits))
            for form in {typed, piece.folded[term.end - len(typed) : term.end]} if not is_day else ():
                within += [run._replace(start=run.start + start, end=run.end + start) for run in digits_in(form)]
        first += len(text) + 1
    apart = [*groups]
    for run in within:
        groups += [Group(run.start, run.start, ""), run]
    named = '"'.join(_with_labels(piece.folded, text) for piece, text in zip(pieces, texts, strict=True))
    yield from (found.owner_id for found in identifiers_among(named, groups, anyhow=True))
    yield from _among_words(named, apart)
    yield from passports_in('"'.join(texts))


def _among_words(text: str, groups: Sequence[Group]) -> Iterator[str]:
    """The identifiers of persons that groups of digits make up, whatever words stand between them."""
    terms = [(group, text[group.start : group.end]) for group in groups]
    digits = [
        group._replace(digits="") if _YEAR.fullmatch(term) else group for group, term in terms if not term.isalpha()
    ]
    for found in identifiers_among(text, digits, anyhow=False):
        if not text[found.start : found.end].isdecimal():
            yield found.owner_id


def _with_digits(folded: str, *, alone: bool) -> str:
    """The text as long as it was, without labels, and with digits for letters that look like them.

    ``alone``: for those that stand apart, too.
    """
    text = digits_meant(_LABEL.sub(lambda label: " " * len(label.group()), folded))
    return _ALONE.sub(lambda letters: letters.group().translate(DIGITS), text) if alone else text


def _with_labels(folded: str, text: str) -> str:
    labels = {place for label in _LABEL.finditer(folded) for place in range(*label.span())}
    return "".join(sign if place in labels else text[place] for place, sign in enumerate(folded)) if labels else text


def rest_of_owner(asked: Query) -> str | None:
    """The words of a question beside an owner's identifier; None when it has other numbers, or says more than words.

    Papers print the number in one way only: whoever may look for it finds them by the owner, too, however it was typed.
    """
    typed = [digits_meant(term) for term in (*(word.folded for word in asked.words), *map(str.lower, asked.numbers))]
    digits = [re.sub(r"\D", "", term) for term in typed]
    wanted = re.sub(r"\D", "", asked.owners[0]).lstrip("0") if asked.owners else ""
    is_known = len(asked.owners) > 0 and identifier_kind(asked.owners[0])
    if not is_known or asked.phrases or asked.days or "".join(digits).lstrip("0") != wanted:
        return None
    return " ".join(word.spelled for word, own in zip(asked.words, digits, strict=False) if not own)
