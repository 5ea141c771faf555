"""Finding papers: by the search index, and by the catalogue alone when the engine is away."""

import re
from typing import NamedTuple

from archive.interface import Narrowed, Paper
from domain.errors import UsageError
from domain.events import OwnerListed
from domain.fold import fold
from domain.owners import kind_of, mask, normal_owner
from search.errors import EngineAway
from search.filters import Filters
from search.interface import Counts, Hit, Sort
from search.query import parse
from services.context import Services
from services.permissions import Asker, demand


class Answer(NamedTuple):
    """The papers found, with what the index told of each; ``away`` says why the index told nothing."""

    papers: tuple[tuple[Paper, Hit | None], ...]
    loose: bool = False
    counts: Counts | None = None
    away: str = ""


def demand_no_owner(ctx: Services, asker: Asker, text: str) -> None:
    """Who is at a desk asks about a person by `lookup`, for a purpose; an identifier typed here would list the owner.

    Raises:
        NotAllowed: the text has an identifier, and the asker is neither archivist nor auditor.
    """
    for part in re.split(r'[\s":,;()]+', text):
        owner_id = normal_owner(part)
        if kind_of(owner_id) is not None:
            demand(ctx, asker, "search by owner", mask(owner_id))


def owner_filter(ctx: Services, asker: Asker, owner_id: str, *, reason: str) -> str:
    """The keyed hash by which the papers about one owner are filtered; never for desk roles.

    Raises:
        NotAllowed: the asker is at a desk.
        UsageError: there is no reason.
    """
    shown = mask(normal_owner(owner_id))
    demand(ctx, asker, "search by owner", shown)
    if not reason.strip():
        raise UsageError("no reason is given", remedy="Say for whom and why with --reason")
    ctx.journal.record(OwnerListed(who=asker.who, subject=shown, role=asker.role, reason=reason))
    return ctx.owner_keys.of(owner_id)


def find(
    ctx: Services,
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


def _catalogued(ctx: Services, text: str, filters: Filters, limit: int) -> list[Paper]:
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
        owner_key=asked.filters.owner,
        issued_from=asked.filters.issued_from,
        issued_to=asked.filters.issued_to,
    )
    if asked.filters.types and not narrowed.types:
        return []
    return ctx.catalogue.find(runs, narrowed, limit)
