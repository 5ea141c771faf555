"""Whether words list the papers of a person by his name, as a desk may not."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise

from archive.interface import Paper
from config.questions import load_abbreviations, load_asking
from domain.fold import fold
from domain.roles import owners_of_line
from pipeline.records import Described
from search.filters import Filters, take_filters
from search.highlight import within_one_slip
from search.interface import Hit
from search.loosening.keyboard import typed_anew
from search.query import LONGEST, parse
from search.words import Token, number_key, tokens


class Names:
    """Whether papers are found by the name of an owner, so that they would be a list of a person's papers.

    So is a paper whose number, code or dossier was not typed, when two words typed side by side stand in an owner's
    name, in whatever order; when all words of the name were typed; or when nothing else was than words of owners'
    names, those that say what kind of paper it is and who issued it, words of asking and of forms.  What stands side
    by side but for words of forms does so, too.  Where words were loosened, one is enough.
    """

    def __init__(self, text: str, filters: Filters, type_name: Callable[[str], str]) -> None:
        asked = parse(text, filters)
        typed = tuple(tokens(take_filters(text[:LONGEST])[1]))
        meant = typed_anew(asked)  # typed otherwise the name is the same
        telling = (*asked.words, *(word for phrase in asked.phrases for word in phrase))
        self._readings = ((typed, telling), (meant.words, meant.words)) if meant else ((typed, telling),)
        self._numbers = {*asked.numbers, *(number_key(number) for number in asked.filters.numbers)}
        self._dossier = asked.filters.dossier
        self._type_name = type_name

    def find(self, paper: Paper, hit: Hit | None, *, loose: bool) -> bool:
        """Whether this paper is found so; what words of it were read for those that were typed counts as typed."""
        names = [item.name for item in paper.owners if item.name]
        own = (paper.number_symbol, paper.digitisation_code, paper.result_code, paper.file_code, paper.dossier)
        read = tuple(word for _, form in (hit.fit.slips if hit else ()) for word in tokens(form))
        about = (self._type_name(paper.type_code), paper.issuer)
        as_typed = hit is not None and hit.fit.how == "all"
        return self._find(names, own, read, about, loose=loose, as_typed=as_typed)

    def find_on_way(self, record: Described) -> bool:
        """Whether a paper that is not archived yet is found so."""
        said = record.description
        others = owners_of_line(said.value("further_owners"))
        names = [name for name in (said.value("owner_name"), *(item.name for item in others)) if name]
        own = (said.value("number_symbol"), said.value("result_code"), said.value("dossier_code"))
        about = (self._type_name(said.type_code or ""), said.value("issuer"))
        return self._find(names, own, (), about, loose=False, as_typed=False)

    def _find(
        self,
        names: Sequence[str],
        own: Sequence[str | None],
        read: tuple[Token, ...],
        about: tuple[str, str | None],
        *,
        loose: bool,
        as_typed: bool,
    ) -> bool:
        if not names:
            return False
        if self._numbers & {number_key(item) for item in own if item} or self._dossier in {*own} - {None}:
            return False
        owners = [tuple(tokens(name)) for name in names]
        if loose:
            return any(_has_one(owner, (*typed, *read)) for owner in owners for typed, _ in self._readings)
        kind = _Kind(*about)
        return any(
            _tells_only_names(owners, (*telling, *read), kind, as_typed=as_typed)
            or any(_is_typed(owner, (*typed, *read), kind) for owner in owners)
            for typed, telling in self._readings
        )


class _Kind:
    """What a paper is besides whose it is: the words of its type and issuer."""

    def __init__(self, type_name: str, issuer: str | None) -> None:
        said = [tuple(tokens(text)) for text in (type_name, issuer) if text]
        self._words = {form for words in said for word in words for form in (word.spelled, word.folded)}
        self._pairs = {pair for words in said for pair in pairwise(word.folded for word in words)}

    def has(self, word: Token) -> bool:
        """Whether the type or issuer has the word, with the accents with which it was typed."""
        return (word.spelled if word.accented else word.folded) in self._words

    def has_beside(self, one: Token, other: Token) -> bool:
        """Whether two words stand side by side in what the paper is."""
        return (one.folded, other.folded) in self._pairs


def _has_one(owner: Sequence[Token], typed: Sequence[Token]) -> bool:
    """Whether a word of a name was typed; one that was looked for with a slip is the name's."""
    words, slipping = {word.folded for word in typed}, [word.folded for word in typed if word.fuzzy]
    return any(word.folded in words or any(within_one_slip(word.folded, slip) for slip in slipping) for word in owner)


def _is_typed(owner: Sequence[Token], typed: Sequence[Token], kind: _Kind) -> bool:
    """Whether two words typed side by side, or all words, are a name's, and not only what the paper is."""
    name = [word.folded for word in owner]
    in_order = set(pairwise(name))
    bare = [word for word in typed if _is_of(word, owner) or not _is_asking(word)]
    for one, other in (*pairwise(typed), *pairwise(bare)):
        pair = one.folded, other.folded
        both = pair in in_order or (pair[0] != pair[1] and _is_of(one, owner) and _is_of(other, owner))
        if both and not kind.has_beside(one, other):
            return True
    return {*name} <= {word.folded for word in typed} and any(
        word.folded in name and not kind.has(word) for word in typed
    )


def _is_of(word: Token, owner: Sequence[Token]) -> bool:
    """Whether a word is a name's, with the accents with which it was typed: `đẳng` is not `Đặng`."""
    forms = {item.spelled for item in owner}
    return word.spelled in forms or word.folded in ({item.folded for item in owner} if not word.accented else forms)


def _tells_only_names(
    owners: Sequence[Sequence[Token]], typed: Sequence[Token], kind: _Kind, *, as_typed: bool
) -> bool:
    """Whether words of owners' names are all that was typed besides what the paper is, and words of asking.

    ``as_typed``: the paper has all words with the accents that they were typed with.
    """
    every = [word for owner in owners for word in owner]
    spelled, folded = {word.spelled for word in every}, {word.folded for word in every}
    is_found = False
    for word in typed:
        is_kind, is_asking = kind.has(word), _is_asking(word)
        is_name = (_is_of(word, every) if as_typed else word.folded in folded) and not is_kind
        if is_name and not (is_asking and word.accented and word.spelled not in spelled):  # `nhà` is not `Nhã`
            is_found = True
        elif not (is_kind or is_asking):
            return False
    return is_found


def _is_asking(word: Token) -> bool:
    """Whether a word tells nothing of a paper: one of asking or of forms, an abbreviation, a year."""
    exact, bare = _fillers()
    return word.folded.isdecimal() or (word.spelled in exact if word.accented else word.folded in bare)


@cache
def _fillers() -> tuple[frozenset[str], frozenset[str]]:
    """Words of asking and of forms, and abbreviations, with their accents, and without."""
    shorts = {word.spelled for short in load_abbreviations() for word in tokens(short)}
    asking = (*load_asking(), *load_asking(key="issuing"), *load_asking(key="of_forms"))
    words = {*(word for run in asking for word in run), *shorts, "ngày", "tháng", "năm", "số"}
    return frozenset(words), frozenset(map(fold, words))
