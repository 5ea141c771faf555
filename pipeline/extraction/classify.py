"""Which paper type it is: the printed title first, then the phrases that only this type has."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.papers import DocumentType
from domain.readings import FieldReading
from pipeline.extraction.layout import Page, Passage, titles
from pipeline.extraction.wording import WordIndex, folded_words, text_similarity

# What an official letter would be called; it bears its subject instead of a title (law 4B zone 5b).
LETTER = "CÔNG VĂN"
# Below this likeness two titles are different titles, not one title misread.
SAME_TITLE = 0.78
# So much less like it than to another title, a line is that other title.
ANOTHER_TITLE = 0.03
TITLE_WEIGHT = 0.65
# The winner's score that is needed at all, and the lead over the next type that leaves no doubt.
ENOUGH, CLEAR_LEAD = 0.25, 0.12


@dataclass(frozen=True)
class TitleFound:
    """A line that is a title of a type: how like it is, what to write down, and where it stands."""

    like: float
    reading: FieldReading
    place: Passage


@dataclass(frozen=True)
class TypeMatch:
    """How well a type fits, and the title that was found for it."""

    type: DocumentType
    score: float
    title: FieldReading | None
    place: Passage | None


@dataclass(frozen=True)
class Choice:
    """The type that fits best, if any, and how sure that is."""

    match: TypeMatch | None
    confidence: float


def choose_type(pages: Sequence[Page], types: Sequence[DocumentType]) -> Choice:
    """The best type for the paper; a close runner-up or a weak match lowers the confidence."""
    candidates = list(titles(pages[0]))
    letter = any(piece.folded.lstrip(" (").startswith("v/v") for piece in pages[0].left_column())
    words = WordIndex([token for page in pages for token in page.whole.tokens])
    printed = [type_ for type_ in types if type_.titles]
    found = _titles_of(candidates, printed)
    ranking = sorted((_match(type_, found.get(type_.code), letter, words) for type_ in printed), key=lambda m: -m.score)
    if not ranking or ranking[0].score < ENOUGH:
        return Choice(None, 0.0)
    lead = ranking[0].score - (ranking[1].score if len(ranking) > 1 else 0.0)
    strength = min(1.0, ranking[0].score / 0.8)
    return Choice(ranking[0], round(strength * (0.55 + 0.45 * min(1.0, lead / CLEAR_LEAD)), 3))


def _match(type_: DocumentType, best: TitleFound | None, letter: bool, words: WordIndex) -> TypeMatch:
    """Score one type: title and keywords, weighted."""
    found = [phrase for phrase in type_.keywords if words.contains(folded_words(phrase))]
    speaks = len(found) / len(type_.keywords) if type_.keywords else 0.5
    like = best.like if best else 0.0
    if letter and best is None and LETTER in type_.titles:
        like = 0.9
    score = TITLE_WEIGHT * like + (1 - TITLE_WEIGHT) * speaks
    return TypeMatch(type_, score, best.reading if best else None, best.place if best else None)


def _titles_of(candidates: Sequence[Passage], types: Sequence[DocumentType]) -> dict[str, TitleFound]:
    """The best title for each type, by its code.

    The topmost line that is a title is the paper's; what is called so further down (``QUYẾT ĐỊNH … DỰ ÁN …``) is what
    it is about.  A line stands for the title that it is most like alone: ``QUYẾT ĐỊNH`` is no misread ``QUY ĐỊNH``.
    """
    found: dict[str, TitleFound] = {}
    top = None
    for candidate in candidates:
        likes = {type_.code: max((_compare(candidate, name) for name in type_.titles), key=_like) for type_ in types}
        most = max(map(_like, likes.values()), default=0.0)
        if most < SAME_TITLE:
            continue
        top = top or candidate.words[0]
        if candidate.words[0] is not top:
            break
        for code, (like, value) in likes.items():
            # A title that goes on is taken with all its lines.
            if like >= max(SAME_TITLE, most - ANOTHER_TITLE) and (code not in found or like >= found[code].like):
                found[code] = TitleFound(like, candidate.reading(value, like), candidate)
    return found


def _like(compared: tuple[float, str]) -> float:
    return compared[0]


def _compare(candidate: Passage, printed: str) -> tuple[float, str]:
    """Likeness to a printed title, and the title to write down.

    Nearly the whole title: the catalogue's spelling is better than the recogniser's.  Only the title's first words
    (``TỜ KHAI …``): as it was read.
    """
    wanted = folded_words(printed)
    whole = text_similarity("".join(candidate.tokens), "".join(wanted))
    if len(candidate.tokens) <= len(wanted):
        return whole, printed
    start = 0.95 * text_similarity("".join(candidate.tokens[: len(wanted)]), "".join(wanted))
    read = " ".join(candidate.text.split())
    return (whole, printed) if whole >= start else (start, read)
