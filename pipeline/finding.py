"""Finding papers: by the search index, and by the catalogue alone when the engine is away."""

from typing import NamedTuple

from archive.interface import Narrowed, Paper
from domain.fold import fold
from pipeline.context import Context
from search.errors import EngineAway
from search.filters import Filters
from search.interface import Counts, Hit, Sort
from search.query import parse


class Answer(NamedTuple):
    """The papers found, with what the index told of each; ``away`` says why the index told nothing."""

    papers: tuple[tuple[Paper, Hit | None], ...]
    loose: bool = False
    counts: Counts | None = None
    away: str = ""


def find(
    ctx: Context,
    text: str,
    limit: int,
    *,
    filters: Filters,
    sort: Sort = "best",
    offset: int = 0,
    counted: bool = False,
) -> Answer:
    """See ``search.interface.SearchIndex.search``; the index may lag behind, so the catalogue has the last word."""
    try:
        with ctx.index() as index:
            found = index.search(text, limit, filters=filters, sort=sort, offset=offset, counted=counted)
    except EngineAway as error:
        papers = _catalogued(ctx, text, filters, limit + offset)[offset:]
        return Answer(tuple((paper, None) for paper in papers), away=error.explain())
    held = {paper.id: paper for paper in ctx.catalogue.some([hit.id for hit in found.hits])}
    known = tuple((held[hit.id], hit) for hit in found.hits if hit.id in held)
    return Answer(known, loose=found.loose, counts=found.counts)


def _catalogued(ctx: Context, text: str, filters: Filters, limit: int) -> list[Paper]:
    """What the titles, names, numbers and codes of the catalogue tell."""
    asked = parse(text, filters)
    if asked.empty:
        return []
    runs = [word.folded for word in asked.words] + [*asked.numbers, *asked.filters.numbers, *asked.filters.agencies]
    runs += [" ".join(word.folded for word in phrase) for phrase in asked.phrases]
    narrowed = Narrowed(
        types=tuple(
            item.code
            for item in ctx.catalogues.types
            if any(value == item.code or fold(value) in fold(item.name) for value in asked.filters.types)
        ),
        dossier=asked.filters.dossier,
        issued_from=asked.filters.issued_from,
        issued_to=asked.filters.issued_to,
    )
    if asked.filters.types and not narrowed.types:
        return []
    return ctx.catalogue.find(runs, narrowed, limit)
