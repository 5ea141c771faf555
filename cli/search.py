"""`search`: find archived papers by what they say."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.endings import tell_lag, tell_unread
from cli.options import Home, Json, Office, Who
from cli.output import Session, say, session
from cli.words import phrase, state_word
from domain.codes import mask_code
from domain.errors import ExitCode, UsageError
from domain.messages.told import told
from domain.owners import mask_text
from domain.states import ValidityState
from search.filters import Filters, read_day
from search.interface import MOST_HITS, Counts, Sort
from services import index as act
from services.context import Services, open_services
from services.permissions import Asker
from services.search import Answer, FoundPaper
from services.search import search as look_for

_FILTERS = {
    "type": told("filter_type"),
    "agency": told("filter_agency"),
    "dossier": told("filter_dossier"),
    "day": told("filter_day"),
    "state": told("filter_state"),
}
_FITS = {
    "all": told("fit_all"),
    "rarest": told("fit_rarest"),
    "keyboard": told("fit_keyboard"),
    "asking": told("fit_asking"),
    "mentioned": told("fit_mentioned"),
    "number": told("fit_number"),
}


def search(
    words: Annotated[list[str] | None, typer.Argument(help='Words, numbers, "phrases"; see docs/search.md')] = None,
    type_: Annotated[list[str] | None, typer.Option("--type", help="Only this paper type: code or words")] = None,
    agency: Annotated[list[str] | None, typer.Option(help="Only of this issuer: words of its name")] = None,
    from_: Annotated[str, typer.Option("--from", help="Issued on or after: 2025, 6/2025, 5/6/2025")] = "",
    to: Annotated[str, typer.Option(help="Issued on or before")] = "",
    dossier: Annotated[str | None, typer.Option(help="Only of this dossier")] = None,
    owner: Annotated[str, typer.Option(help="Only about this owner; for archivists and auditors, with --reason")] = "",
    reason: Annotated[str, typer.Option(help="For whom and why papers are searched by an owner's identifier")] = "",
    state: Annotated[ValidityState | None, typer.Option(help="Only in this state today")] = None,
    sort: Annotated[Sort, typer.Option(help="Best first, or by date of issue")] = "best",
    limit: Annotated[int, typer.Option(min=1, max=MOST_HITS)] = 20,
    offset: Annotated[int, typer.Option(min=0, max=MOST_HITS - 1, help="Leave out so many of the first")] = 0,
    facets: Annotated[bool, typer.Option("--facets", help="Also count by type, agency, year and state")] = False,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Find papers by words, numbers or codes; recorded in the audit journal.

    Exit code 9: the index cannot be asked now, and the catalogue answered, which does not know what papers say.
    """
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        filters = Filters(
            types=tuple(type_ or ()),
            agencies=tuple(agency or ()),
            dossier=dossier,
            issued_from=_day(from_, last=False),
            issued_to=_day(to, last=True),
            states=(state,) if state else (),
        )
        answer = look_for(
            ctx,
            by,
            " ".join(words or ()),
            limit,
            filters=filters,
            owner=owner,
            reason=reason,
            sort=sort,
            offset=offset,
            counted=facets,
        )
        if facets and answer.counts is None:
            say("nothing_counted")
        _tell(this, ctx, by, answer)


def _day(text: str, *, last: bool) -> date | None:
    day = read_day(text, last=last)
    if text and day is None:
        raise UsageError("text_no_date", remedy="write_search_date", text=text)
    return day


def _tell(this: Session, ctx: Services, by: Asker, answer: Answer) -> None:
    found = answer.found()
    if this.json:
        _tell_lines(this, answer, found)
    else:
        rows = [
            [
                item.id,
                mask_code(item.code),
                str(item.number or ""),
                str(item.issued or ""),
                item.title or "",
                _fitting(item),
                str(item.page or ""),
                " ".join(item.snippet.split())[:80],
            ]
            for item in found
        ]
        this.table(["id", "code", "number", "issued", "title", "match", "page", "text"], rows)
        if answer.counts:
            _tell_counts(this, ctx, answer.counts)
    _tell_how(answer)
    known = tell_unread(answer.unread)
    say("number_found", count=len(found))
    _tell_offers(answer)
    if not this.json:
        _tell_under_way(this, ctx, answer)
    if not found and by.role == "desk":
        say("persons_by_lookup")
    tell_lag(act.lag(ctx, by))
    raise typer.Exit(ExitCode.INCOMPLETE if answer.away else known)


def _tell_lines(this: Session, answer: Answer, found: Sequence[FoundPaper]) -> None:
    for item in found:
        this.line(item.line())
    if answer.counts:
        this.line({"counts": answer.counts.model_dump(mode="json")})
    if answer.offers:
        this.line({"offers": [item.line() for item in answer.offers]})
    if answer.spellings:
        this.line({"spellings": [item.line() for item in answer.spellings]})
    if answer.under_way != ():
        this.line({"under_way": [item.line() for item in answer.under_way] if answer.under_way else None})


def _tell_offers(answer: Answer) -> None:
    """What would be found for another question."""
    for offer in answer.offers:
        if offer.word:
            say("more_without_word" if offer.more else "found_without_word", word=offer.word, count=offer.found)
            continue
        said = "more_without_filter" if offer.more else "found_without_filter"
        say(said, filter=_FILTERS[offer.without], count=offer.found)
    for spelling in answer.spellings:
        said = "more_spelled_otherwise" if spelling.more else "spelled_otherwise"
        say(said, question=spelling.question, count=spelling.found)


def _tell_under_way(this: Session, ctx: Services, answer: Answer) -> None:
    """What fits and is not checked yet, apart from what was found."""
    if answer.under_way is None:
        say("on_way_not_known")
    if not answer.under_way:
        return
    say("under_way_found", count=len(answer.under_way))
    rows = [
        [
            item.id,
            ctx.catalogues.type_name(item.type),
            str(item.since),
            told("on_way_in_review" if item.state == "held" else "on_way_worked").text(),
            item.batch,
        ]
        for item in answer.under_way
    ]
    this.table(["id", "type", "received", "state", "batch"], rows)


def _tell_how(answer: Answer) -> None:
    """What was looked for, where it is not all as it was typed."""
    if answer.away:
        say("found_without_index", why=str(answer.away))
    if answer.left_out:
        left = mask_text(" ".join(answer.left_out))
        say("words_left_out", words=left)
    if answer.read_as:
        say("words_read_as", words=mask_text(answer.read_as))
    if answer.asking:
        say("asking_left_out", words=mask_text(" ".join(answer.asking)))
    if answer.loose:
        say("near_matches")


def _fitting(item: FoundPaper) -> str:
    """How a paper fits, so that none is taken for one that has all that was typed."""
    if not (item.lacks or item.slips):
        return _FITS[item.match].text()
    parts = [
        told("fit_letter" if read else "fit_letter_unseen", typed=typed, read=read).text() for typed, read in item.slips
    ]
    if item.match == "accents":
        return told("fit_accents", words="; ".join(parts)).text()
    if item.lacks:
        parts.append(told("fit_lacks", words=", ".join(item.lacks)).text())
    return "; ".join(parts)


def _tell_counts(this: Session, ctx: Services, counts: Counts) -> None:
    types = [(ctx.catalogues.type_name(code), number) for code, number in counts.types]
    states = [(state_word(str(word)), number) for word, number in counts.states]
    groups = (("type", types), ("agency", counts.agencies), ("year", counts.years), ("state", states))
    rows = [[phrase(what), str(value), str(number)] for what, values in groups for value, number in values]
    this.table(
        ["by", "value", "about" if counts.estimated else "papers"], [[phrase("all"), "", str(counts.total)], *rows]
    )
