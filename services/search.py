"""Finding papers: by the search index, and by the catalogue alone when the engine is away or its index unsound."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import Field

from archive.interface import Paper, PaperFilter
from domain.codes import code_key, mask_code
from domain.errors import UsageError
from domain.events import OwnerListed, PapersSearched
from domain.fold import fold
from domain.owners import mask, mask_text, normal_owner
from domain.record import PublicView
from pipeline.indexing import sound_index
from search.errors import UNUSABLE, IndexMissing
from search.filters import Filters, take_filters
from search.interface import MOST_HITS, Counts, Fit, Fits, FoundPassage, Hit, Near, Sort
from search.query import LONGEST, MOST_WORDS, parse, rest_of_owner
from services.context import Services
from services.finding.names import Names
from services.finding.offers import OFFERED, Offer, Spelling, offers, spellings, without_words
from services.permissions import TABLE, Asker, demand, may
from services.unseen import unread

if TYPE_CHECKING:
    from services.finding.under_way import PaperUnderWay

_SHOWN = 40  # characters of what is left out behind the end of a long text


class FoundPaper(PublicView):
    """A paper that was found; its ``score`` and what the index told of it, if it was the index that found it.

    ``match`` says how it fits: a paper that lacks words (``lacks``) or has them with another letter (``slips``) is
    never told like one that has all that was typed.
    """

    id: str
    code: str
    type: str
    number: str | None
    issued: date | None
    title: str | None
    score: float | None
    page: int | None
    snippet: str
    passages: tuple[FoundPassage, ...]
    found_by: Literal["index", "catalogue"] = Field(serialization_alias="from")
    match: Fits
    lacks: tuple[str, ...]
    slips: tuple[tuple[str, str], ...]


class Answer(NamedTuple):
    """The papers found, with what the index told of each; ``away`` says why the index told nothing.

    ``has_more``: perhaps there are others behind them.  ``left_out``: words that were not looked for.  ``unread`` says
    why there may be papers that neither the catalogue nor the index knows.  ``read_as``: how it was read
    when the keyboard seemed to be set wrong.  ``asking``: words of asking that were left out.  ``offers``: where
    nothing is found, which filter or word emptied it; ``spellings``: as papers may spell it.  ``near``: the words
    of which they are made.  ``under_way``: where nothing has all that was typed, what waits for
    review or is on its way and has it; None where nobody can tell.
    """

    papers: tuple[tuple[Paper, Hit | None], ...]
    loose: bool = False
    counts: Counts | None = None
    away: str = ""
    has_more: bool = False
    left_out: tuple[str, ...] = ()
    unread: str = ""
    read_as: str = ""
    offers: tuple[Offer, ...] = ()
    spellings: tuple[Spelling, ...] = ()
    near: tuple[Near, ...] = ()
    emptying: tuple[str, ...] = ()
    asking: tuple[str, ...] = ()
    under_way: tuple["PaperUnderWay", ...] | None = ()

    def found(self) -> list[FoundPaper]:
        """The papers as people are told them; texts of papers without identity numbers (design law 7)."""
        return [_found(paper, hit, self.left_out) for paper, hit in self.papers]


def _found(paper: Paper, hit: Hit | None, left_out: tuple[str, ...]) -> FoundPaper:
    fit = hit.fit if hit else Fit(how="rarest" if left_out else "all")
    passages = tuple(
        item.model_copy(update={"snippet": mask_text(item.snippet)}) for item in (hit.passages if hit else ())
    )
    return FoundPaper(
        id=paper.id,
        code=paper.digitisation_code,
        type=paper.type_code,
        number=paper.number_symbol,
        issued=paper.issued,
        title=paper.title,
        score=round(hit.score, 3) if hit else None,
        page=passages[0].page if passages else None,
        snippet=passages[0].snippet if passages else "",
        passages=passages,
        found_by="index" if hit else "catalogue",
        match=fit.how,
        lacks=tuple(map(mask_text, fit.lacks)),
        slips=tuple((mask_text(typed), mask_text(read)) for typed, read in fit.slips),
    )


def search(
    ctx: Services,
    asker: Asker,
    text: str,
    limit: int,
    *,
    filters: Filters,
    owner: str = "",
    reason: str = "",
    sort: Sort = "best",
    offset: int = 0,
    counted: bool = False,
) -> Answer:
    """Find papers by what they say, those that the asker may see; limit and offset count only these.

    Args:
        ctx: the services.
        asker: who looks.
        text: words, numbers, phrases and filters as they are typed.
        limit: how many papers at most.
        filters: further filters.
        owner: identifier of the only owner whose papers are looked for, with a ``reason``.
        reason: for whom and why papers are looked for by an owner, given or named in the text.
        sort: best first, or by date of issue.
        offset: how many of the first are left out.
        counted: count by type, agency, year and state too: all papers of the store.

    Raises:
        NotAllowed: the role may not, or an owner is named and the asker is neither archivist nor auditor.
        UsageError: an owner is named without a reason.
    """
    demand(ctx, asker, "search", "index")
    if counted:
        demand(ctx, asker, "count", "index")
    asked = parse(text, filters)
    for named in asked.owners:
        _list_owner(ctx, asker, named, reason)
    if owner:
        filters = filters.model_copy(update={"owners": owner_filter(ctx, asker, owner, reason=reason)})

    def ask(limit: int, offset: int) -> Answer:
        answer = find(ctx, text, limit, filters=filters, sort=sort, offset=offset, counted=counted)
        if (answer.papers and not answer.loose) or len(asked.owners) != 1 or (rest := rest_of_owner(asked)) is None:
            return answer
        about = filters.narrowed(asked.filters).model_copy(update={"owners": _keys_of(ctx, asked.owners[0])})
        return find(ctx, rest, limit, filters=about, sort=sort, offset=offset, counted=counted)

    is_free = TABLE["search"][asker.role] == "all"
    names = _names(ctx, asker, text, filters)
    answer = ask(limit, offset) if is_free else _in_scope(ctx, asker, ask, limit, offset, names)
    if not answer.papers and not offset and not asked.owners:
        again = partial(_ask_again, ctx, asker)
        spelled = spellings(again, text, filters, answer.near)
        less = (*offers(again, text, filters), *without_words(again, text, filters, answer.emptying))
        answer = answer._replace(offers=less, spellings=spelled)
    if (not answer.papers or answer.loose) and not (offset or owner):
        answer = answer._replace(under_way=_under_way(ctx, asker, text, filters, names))
    ctx.journal.record(PapersSearched(**dict(asker), subject="index", hits=len(answer.papers), papers=_ids(answer)))
    visible = tuple((_visible(ctx, asker, paper), hit) for paper, hit in answer.papers)
    return answer._replace(papers=visible, unread=unread(ctx))


def _under_way(
    ctx: Services, asker: Asker, text: str, filters: Filters, names: Names | None
) -> tuple["PaperUnderWay", ...] | None:
    from services.finding.under_way import under_way  # noqa: PLC0415 (most questions are answered without it)

    if names is None:
        return under_way(ctx, asker, text, filters, names=True)
    return under_way(ctx, asker, text, filters, names=False, hides=names.find_on_way)


def _names(ctx: Services, asker: Asker, text: str, filters: Filters) -> Names | None:
    """What of the owners' names is in a question; None for who may list persons."""
    lists_persons = bool({"search by owner", "disclose"} & {act for act, roles in TABLE.items() if asker.role in roles})
    return None if lists_persons else Names(text, filters, ctx.catalogues.type_name)


def _ask_again(ctx: Services, asker: Asker, text: str, filters: Filters) -> Answer:
    """What the asker would find for another question."""

    def ask(limit: int, offset: int) -> Answer:
        return find(ctx, text, limit, filters=filters, offset=offset)

    if TABLE["search"][asker.role] == "all":
        return ask(OFFERED, 0)
    return _in_scope(ctx, asker, ask, OFFERED, 0, _names(ctx, asker, text, filters))


def _ids(answer: Answer) -> str:
    """The papers that were named, for the journal: of one that turns out to be secret it must tell who saw it."""
    return ",".join((*(paper.id for paper, _ in answer.papers), *(item.id for item in answer.under_way or ())))


def _visible(ctx: Services, asker: Asker, paper: Paper) -> Paper:
    """The paper as the asker may see it: without the owner's identifier for who may not see that (design law 7)."""
    if may(asker, "disclose", paper.belongs, ctx.settings):
        return paper
    hidden = {"digitisation_code": mask_code(paper.digitisation_code), "owner_id": mask(paper.owner_id)}
    texts = {name: mask_text(text) for name in ("title", "further_owners") if (text := getattr(paper, name))}
    return paper.model_copy(update={**hidden, **texts})


def _in_scope(
    ctx: Services, asker: Asker, ask: Callable[[int, int], Answer], limit: int, offset: int, names: Names | None
) -> Answer:
    """A page of the papers that the asker may see, drawn from pages of all of them; none that ``names`` find."""
    kept: list[tuple[Paper, Hit | None]] = []
    place, step = 0, min(limit + offset, MOST_HITS)
    while True:
        answer = ask(step, place)
        kept += [
            item
            for item in answer.papers
            if may(asker, "search", item[0].belongs, ctx.settings)
            and not (names and names.find(*item, loose=answer.loose))
        ]
        place += step
        step = min(2 * step, MOST_HITS - place)
        if len(kept) >= limit + offset or not answer.has_more or step <= 0:
            return answer._replace(papers=tuple(kept[offset : offset + limit]), loose=answer.loose and bool(kept))


def owner_filter(ctx: Services, asker: Asker, owner_id: str, *, reason: str) -> tuple[str, ...]:
    """The keyed hashes by which the papers about one owner are filtered; never for desk roles.

    Raises:
        NotAllowed: the asker is at a desk.
        UsageError: there is no reason.
    """
    _list_owner(ctx, asker, normal_owner(owner_id), reason)
    return _keys_of(ctx, owner_id)


def _keys_of(ctx: Services, owner_id: str) -> tuple[str, ...]:
    """Of a number, and of what is linked with it as the same person's."""
    own = ctx.owner_keys.of(owner_id)
    return (own, *ctx.desk.links.others(own))


def _list_owner(ctx: Services, asker: Asker, owner_id: str, reason: str) -> None:
    """Who is at a desk asks about a person by `lookup`, for a purpose: an identifier here would list the owner."""
    demand(ctx, asker, "search by owner", mask(owner_id))
    if not reason.strip():
        raise UsageError("no_reason_given", remedy="say_for_whom")
    ctx.journal.record(OwnerListed(**dict(asker), subject=mask(owner_id), reason=reason))


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
    text, filters = _by_any_code(ctx, text, filters)
    behind = (f"… {text[LONGEST:][:_SHOWN]} …",) if len(text) > LONGEST else ()
    try:
        with sound_index(ctx) as index:
            found = index.search(text, limit, filters=filters, sort=sort, offset=offset, counted=counted)
    except UNUSABLE as error:
        if isinstance(error, IndexMissing) and not ctx.catalogue.count():
            return Answer(())  # a new store has none yet
        papers = _catalogued(ctx, text, filters, limit + offset)[offset:]
        found_papers = tuple((paper, None) for paper in papers)
        left = tuple(word.spelled for word in parse(text, filters).words[MOST_WORDS:])
        return Answer(found_papers, away=error.told.text(), has_more=len(papers) == limit, left_out=(*left, *behind))
    held = {paper.id: paper for paper in ctx.catalogue.some([hit.id for hit in found.hits])}
    known = tuple((held[hit.id], hit) for hit in found.hits if hit.id in held)
    left = (*found.left_out, *behind)
    counts = found.counts and _counted_together(ctx, found.counts)
    has_more = len(found.hits) == limit
    return Answer(
        known,
        found.loose,
        counts,
        has_more=has_more,
        left_out=left,
        read_as=found.read_as,
        asking=found.asking,
        near=found.near,
        emptying=found.emptying,
    )


def _by_any_code(ctx: Services, text: str, filters: Filters) -> tuple[str, Filters]:
    """The text and the filters, with the other codes of the types that they name.

    An index that an earlier release made knows papers by the placeholders of that time.
    """
    typed, rest = take_filters(text)
    if not (types := typed.types or filters.types):
        return text, filters
    known = {value: (value, *ctx.catalogues.spellings(value)) for value in types if ctx.catalogues.find_type(value)}
    every = tuple(dict.fromkeys(code for value in types for code in known.get(value, (value,))))
    return (rest if typed.types else text), filters.narrowed(typed).model_copy(update={"types": every})


def _counted_together(ctx: Services, counts: Counts) -> Counts:
    """The counts with former codes as the codes of today."""
    types: dict[str, int] = {}
    for code, number in counts.types:
        present = ctx.catalogues.present_code(code)
        types[present] = types.get(present, 0) + number
    return counts.model_copy(update={"types": tuple(sorted(types.items(), key=lambda item: -item[1]))})


def _catalogued(ctx: Services, text: str, filters: Filters, limit: int) -> list[Paper]:
    """What the titles, names, numbers and codes of the catalogue tell."""
    asked = parse(text, filters)
    if asked.empty:
        return []
    runs = [word.folded for word in asked.words[:MOST_WORDS]] + [
        *asked.numbers,
        *asked.filters.numbers,
        *asked.filters.agencies,
    ]
    runs += [" ".join(word.folded for word in phrase) for phrase in asked.phrases]
    lows = [day.low for day in asked.days if day.low]
    highs = [day.high for day in asked.days if day.high]
    narrowed = PaperFilter(
        types=tuple(
            code
            for item in ctx.catalogues.types
            for code in item.all_codes
            if code in asked.filters.types or any(fold(value) in fold(item.name) for value in asked.filters.types)
        )
        + tuple(
            item.key
            for item in ctx.catalogues.results
            if any(item.key == code_key(value) or fold(value) in fold(item.name) for value in asked.filters.types)
        ),
        dossier=asked.filters.dossier,
        owner_keys=asked.filters.owners,
        issued_from=max(filter(None, (asked.filters.issued_from, *lows)), default=None),
        issued_to=min(filter(None, (asked.filters.issued_to, *highs)), default=None),
    )
    if (asked.filters.types and not narrowed.types) or (asked.days and not lows):
        return []  # the catalogue knows days of issue, and no day without its year
    return ctx.catalogue.find(runs, narrowed, limit)
