"""How papers fit a question that none answers in full: the words that each lacks, and those it has with a slip."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

from domain.fold import canonical, fold
from domain.owners import in_one_piece
from search.equal import Equal, equals
from search.highlight import within_one_slip
from search.interface import Fit, Fits
from search.plan import All, Node, Plan, Some, same_nodes, word_node
from search.query import Query
from search.words import WORD, Token, tokens

_MOST_FORMS = 3  # in which a paper has one word with a slip


class MatchedPaper(Protocol):
    """A paper that an engine found."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def title(self) -> str:
        """Its title as snippets show it."""

    @property
    def body(self) -> str:
        """Its text as snippets show it."""


class Asks(Protocol):
    """What an engine is asked."""

    def having(self, ids: Sequence[str], node: Node) -> set[str]:
        """Which of some papers a tree finds."""


class _Part(NamedTuple):
    """A word of the question, or several, and what says the same."""

    words: tuple[Token, ...]
    equal: Equal | None = None

    @property
    def folded(self) -> set[str]:
        """The words without accents."""
        return {word.folded for word in self.words}

    @property
    def runs(self) -> tuple[tuple[str, ...], ...]:
        """What a text may have in the place of the words."""
        return self.equal.runs if self.equal else ()


def fits(asks: Asks, asked: Query, found: Sequence[MatchedPaper], planned: Plan, *, asking: bool) -> list[Fit]:
    """How each of the papers fits that a plan of a further attempt found; ``asking``: words of asking were left out.

    Titles and texts are looked through here.  What is in neither may be in a paper's other names, which the engine has.
    """
    texts = [in_one_piece(f"{paper.title}\f{paper.body}") for paper in found]
    split = [WORD.findall(fold(text)) for text in texts]
    known = [set(words) for words in split]
    padded = [f" {' '.join(words)} " for words in split]
    lacking: list[list[_Part]] = [[] for _ in found]
    for part in _parts(asked):
        unseen = [
            place
            for place, text in enumerate(padded)
            if not (part.folded <= known[place] or any(f" {' '.join(run)} " in text for run in part.runs))
        ]
        if unseen:
            named = asks.having([found[place].id for place in unseen], _node(part))
            for place in unseen:
                if found[place].id not in named:
                    lacking[place].append(part)
    full: Fits = "all"
    if planned.in_part:
        full = "number"
    elif asking:
        full = "asking"
    elif asked.filters.numbers or asked.filters.dossier:
        full = "mentioned"
    return [
        _fit(_absent(parts, words), text, planned, full)
        for parts, words, text in zip(lacking, known, texts, strict=True)
    ]


def spelled_otherwise(
    asks: Asks, asked: Query, found: Sequence[MatchedPaper], exact: Node | None, fit: Fit
) -> list[Fit]:
    """How papers fit that have all words typed: ``fit``, but where a word has other accents, and stands alone.

    `Tú` of a name is not the `từ` of a sentence.  Beside a word of the question it is, for papers spell names in their
    ways.  A word that is in neither title nor text is in the paper's other names.
    """
    if exact is None or not found:
        return [fit] * len(found)
    same = asks.having([paper.id for paper in found], exact)
    return [fit if paper.id in same else _unlike(asked, paper) or fit for paper in found]


def _unlike(asked: Query, paper: MatchedPaper) -> Fit | None:
    has = list(tokens(in_one_piece(f"{paper.title}\f{paper.body}")))
    forms: dict[str, set[str]] = {}
    for token in has:
        forms.setdefault(token.folded, set()).add(token.spelled)
    beside = {(one.folded, other.folded) for one, other in pairwise(has)}
    apart = []
    for place, word in enumerate(asked.words):
        near = {(one.folded, other.folded) for one, other in pairwise(asked.words[max(0, place - 1) : place + 2])}
        spelled = {canonical(form) for form in forms.get(word.folded, ())}
        if spelled and word.accented and canonical(word.spelled) not in spelled and not near & beside:
            apart.append((word.spelled, min(forms[word.folded])))
    return Fit(how="accents", slips=tuple(apart)) if apart else None


def _absent(parts: Sequence[_Part], words: set[str]) -> list[Token]:
    return [word for part in parts for word in part.words if word.folded not in words]


def _fit(lacking: Sequence[Token], text: str, planned: Plan, full: Fits) -> Fit:
    lacks: list[str] = []
    slips: list[tuple[str, str]] = []
    for word in lacking:
        forms = _forms(word, text, planned)
        slips += [(word.spelled, form) for form in forms]
        if not forms and planned.misses:
            lacks.append(word.spelled)
        elif not forms:  # with a slip in the paper's other names
            slips.append((word.spelled, ""))
    return Fit(how="missing" if lacks else "letter" if slips else full, lacks=tuple(lacks), slips=tuple(slips))


def _forms(word: Token, text: str, planned: Plan) -> tuple[str, ...]:
    """In which a text has a word with one slip."""
    meant = {form for typed, form in planned.corrected if typed == word.folded}
    if not meant and not (planned.slips and word.fuzzy):
        return ()
    near = {
        other.folded: other.spelled
        for other in tokens(text)
        if other.folded in meant or (planned.slips and word.fuzzy and within_one_slip(other.folded, word.folded))
    }
    return tuple(near.values())[:_MOST_FORMS]


def _parts(asked: Query) -> Iterator[_Part]:
    place = 0
    for equal in equals(asked.words, asked.dotted):
        yield from (_Part((word,)) for word in asked.words[place : equal.start])
        yield _Part(asked.words[equal.start : equal.start + equal.length], equal)
        place = equal.start + equal.length
    yield from (_Part((word,)) for word in asked.words[place:])


def _node(part: _Part) -> Node:
    own = All(tuple(map(word_node, part.words)))
    return Some((own, *same_nodes(part.equal))) if part.equal else own
