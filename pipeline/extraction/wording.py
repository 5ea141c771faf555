"""Comparing Vietnamese words with accents, case and small slips of recognition forgiven."""

from collections import defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from domain.fold import fold

# Two texts less alike than this are not compared in full.
LEAST_LIKE = 0.6
# Words after which the name of an organ or a place goes on with a capital.
LEVELS = ("thành phố", "thị trấn", "thị xã", "tỉnh", "quận", "huyện", "phường", "xã", "đặc khu")
BODIES = (
    "ủy ban nhân dân",
    "hội đồng nhân dân",
    "văn phòng",
    "chi nhánh",
    "chi cục",
    "trung tâm",
    "ban quản lý",
    "tòa án nhân dân",
    "công an",
    "tổng cục",
    "cục",
    "sở",
    "phòng",
    "ban",
    "bộ",
    "thanh tra",
)


@lru_cache(maxsize=8192)
def folded_words(text: str) -> tuple[str, ...]:
    """The folded words and numbers of a text."""
    return tuple("".join(c if c.isalnum() else " " for c in fold(text)).split())


def text_similarity(one: str, other: str) -> float:
    """How alike two folded texts are, 0..1; 0 when a quick look already says they are not."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() > LEAST_LIKE and matcher.quick_ratio() > LEAST_LIKE else 0.0


class WordIndex:
    """The words of a paper, and where each of them stands."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(words):
            self._places[word].append(place)

    def contains(self, phrase: Sequence[str]) -> bool:
        """Whether the phrase stands among the words; from four words on, one of them may be misread."""
        slips = 1 if len(phrase) >= 4 else 0
        # With one slip allowed, the first or the second word of the phrase is right.
        starts = {place - lead for lead in range(slips + 1) for place in self._places.get(phrase[lead], ())}
        for start in starts:
            if not 0 <= start <= len(self._words) - len(phrase):
                continue
            odd = [(a, b) for a, b in zip(self._words[start:], phrase, strict=False) if a != b]
            if len(odd) <= slips and all(SequenceMatcher(None, a, b).ratio() >= 0.5 for a, b in odd):
                return True
        return False


def locate(words: Sequence[str], phrase: str, beyond: float = LEAST_LIKE) -> tuple[int, int, float]:
    """The run of words most like the phrase: start, end, likeness; words may be run together.

    Only runs that are more alike than ``beyond`` count: the more is asked for, the sooner it is answered.
    """
    wanted = "".join(folded_words(phrase))
    count = len(folded_words(phrase))
    read = ["".join(folded_words(word)) for word in words]
    matcher = SequenceMatcher(None, "", wanted, autojunk=False)
    least = max(LEAST_LIKE, beyond)
    best = (0, 0, 0.0)
    for start in range(len(words)):
        for end in range(start + max(1, count - 3), min(len(words), start + count + 1) + 1):
            matcher.set_seq1("".join(read[start:end]))
            if matcher.real_quick_ratio() > least and matcher.quick_ratio() > least:
                found = matcher.ratio()
                if found > least:
                    best, least = (start, end, found), found
    return best


def in_capitals(text: str) -> bool:
    """Whether nearly all letters are capitals."""
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and sum(c.isupper() for c in letters) >= 0.8 * len(letters)


def person_name(text: str) -> str:
    """A name in normal case: every syllable with a capital."""
    return " ".join(syllable.capitalize() for syllable in text.split())


def agency_name(text: str) -> str:
    """The name of an agency in normal case, as it stands inside a sentence.

    ``UBND QUẬN HẢI CHÂU`` becomes ``Ủy ban nhân dân quận Hải Châu``: bodies and levels are known by their words, a
    place has capitals throughout, and a field of work at its start and after ``và``, a comma and a dash.
    """
    rest = text.lower().replace("ubnd", "ủy ban nhân dân").replace("uỷ ban", "ủy ban").split()
    done: list[str] = []
    place = capital = False
    while rest:
        # At the start of a name a misread accent is put right; inside a place only true words of level count.
        if body := _leading(rest, LEVELS, exact=place):
            place, capital = True, True
        elif body := "" if place else _leading(rest, BODIES, exact=bool(done) and len(done) > 1):
            capital = True
        if body:
            rest = rest[len(body.split()) :]
            done.append(body)
            continue
        word = rest.pop(0).strip("._|~^")
        if not word:
            continue
        joint = word in {"và", "-", "–"}
        done.append(word.capitalize() if (place or capital) and not joint else word)
        capital = joint or word.endswith(",")
    name = " ".join(done).strip(" -,")
    return name[:1].upper() + name[1:]


def _leading(words: Sequence[str], phrases: Sequence[str], *, exact: bool) -> str:
    """The first of the phrases with which the words begin, or nothing."""
    spell = str if exact else fold
    return next(
        (p for p in phrases if [spell(w.strip(".-_")) for w in words[: len(p.split())]] == spell(p).split()), ""
    )
