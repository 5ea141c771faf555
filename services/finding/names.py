"""Whether words list the papers of a person by his name, as a desk may not."""

from collections.abc import Sequence
from itertools import pairwise

from archive.interface import Paper
from domain.roles import owners_of_line
from pipeline.records import Described
from search.filters import Filters, take_filters
from search.highlight import within_one_slip
from search.interface import Hit
from search.keyboard import typed_anew
from search.query import LONGEST, parse
from search.words import Token, number_key, tokens


class Names:
    """Whether papers are found by the name of an owner, so that they would be a list of a person's papers.

    So is a paper whose number, code or dossier was not typed, when two words typed side by side stand so in an owner's
    name, when all words of the name were typed, or nothing but words of it.  Where words were loosened, one is enough.
    """

    def __init__(self, text: str, filters: Filters) -> None:
        asked = parse(text, filters)
        typed = tuple(tokens(take_filters(text[:LONGEST])[1]))
        meant = typed_anew(asked)  # typed otherwise the name is the same
        self._readings = (typed, meant.words) if meant else (typed,)
        self._numbers = {*asked.numbers, *(number_key(number) for number in asked.filters.numbers)}
        self._dossier = asked.filters.dossier

    def find(self, paper: Paper, hit: Hit | None, *, loose: bool) -> bool:
        """Whether this paper is found so; what words of it were read for those that were typed counts as typed."""
        names = [item.name for item in paper.owners if item.name]
        own = (paper.number_symbol, paper.digitisation_code, paper.result_code, paper.file_code, paper.dossier)
        read = tuple(word for _, form in (hit.fit.slips if hit else ()) for word in tokens(form))
        return self._find(names, own, read, loose=loose)

    def find_on_way(self, record: Described) -> bool:
        """Whether a paper that is not archived yet is found so."""
        said = record.description
        others = owners_of_line(said.value("further_owners"))
        names = [name for name in (said.value("owner_name"), *(item.name for item in others)) if name]
        own = (said.value("number_symbol"), said.value("result_code"), said.value("dossier_code"))
        return self._find(names, own, (), loose=False)

    def _find(self, names: Sequence[str], own: Sequence[str | None], read: tuple[Token, ...], *, loose: bool) -> bool:
        if not names:
            return False
        if self._numbers & {number_key(item) for item in own if item} or self._dossier in {*own} - {None}:
            return False
        return any(_is_typed(name, (*words, *read), loose=loose) for name in names for words in self._readings)


def _is_typed(owner_name: str, words: Sequence[Token], *, loose: bool) -> bool:
    """Whether words list the papers of a person of that name."""
    name, typed = [word.folded for word in tokens(owner_name)], [word.folded for word in words]
    if loose:  # a word that was looked for with a slip is the name's
        slipping = [word.folded for word in words if word.fuzzy]
        return any(word in typed or any(within_one_slip(word, slip) for slip in slipping) for word in name)
    common = set(name) & set(typed)
    side_by_side = set(pairwise(name)) & set(pairwise(typed))
    return bool(common and (side_by_side or len(common) in {len(set(name)), len(set(typed))}))
