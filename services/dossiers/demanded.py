"""Which papers citizens brought although they were held, by office and procedure (law L2.15).

Whether somebody asked for a paper is written nowhere; that it was handed in is: by the one-stop system (`TaiLieuNop`),
or by a copy that was digitised with the dossier.  What was taken from here or from the national store was not brought.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from archive.answers.answers import KeptAnswer, last_round
from archive.interface import Dossier
from config.models import Procedure
from config.named import agency_named, procedure_named
from config.owners import with_roles
from domain.clock import Moment, today
from domain.codes import agency_of, code_key, is_within
from domain.dossiers.events import DossierShown, DossiersListed
from domain.errors import NotFound
from domain.messages.language import spoken
from domain.owners import mask_text
from domain.record import Frozen, PublicView
from domain.validity import LookupAnswer
from services.context import Services
from services.dossiers.owners import persons_told, portal_fields
from services.permissions import Asker, bounds, demand, may, sees
from services.reuse.answers import number_needed
from services.reuse.components import procedure_of
from services.reuse.on_way import UNCHECKED
from services.secrecy.unsaid import stopped, uses_for

Handing = Literal["demanded", "reused", "not_brought"]
"""What became of a component whose paper was held: brought all the same, taken from here, or neither is known."""

_USED = ("DuocTaiSuDung", "DuocLayTuKhoDMQG", "MaKetQuaThayThe")  # flags of a paper that nobody had to bring
_NO = {"", "0", "None", "False"}


class DossierLine(PublicView):
    """A dossier in a list; how many of its ``components`` were ``held`` before it came, and brought all the same."""

    dossier: str
    office: str
    procedure: str
    received: date
    finished: date | None
    portal_state: str
    components: int
    held: int
    demanded: int


class DemandedPaper(PublicView):
    """A paper that was brought for a dossier although it was held: as ``paper``, where that is still there."""

    dossier: str
    office: str
    procedure: str
    received: date
    component: str
    name: str
    paper: str | None


class DemandedCount(PublicView):
    """How many papers of an office's dossiers of a procedure were ``held``, and ``demanded`` all the same.

    ``dossiers`` are those for which something was held, ``troubled`` those for which something of it was brought.
    """

    office: str
    procedure: str
    dossiers: int
    troubled: int
    held: int
    demanded: int
    share: float


class AnswerView(PublicView):
    """What was answered of a component when the dossier came; ``handing`` is empty where nothing was held."""

    round: int
    at: Moment
    rules_from: date
    component: str
    name: str
    answer: LookupAnswer
    why: str
    paper: str | None
    handing: Handing | Literal[""]


class DossierView(PublicView):
    """A dossier as it is known here, and what was answered of it, the last round of answers first."""

    dossier: str
    office: str
    procedure: str
    name: str
    owner: str
    received: date
    finished: date | None
    portal_state: str
    answers: tuple[AnswerView, ...]


class DossierFilter(Frozen):
    """Which dossiers are listed: of an office and those below it, of a procedure, received between two days."""

    office: str = ""
    procedure: str = ""
    since: date | None = None
    until: date | None = None


def list_dossiers(ctx: Services, asker: Asker, chosen: DossierFilter) -> list[DossierLine]:
    """The dossiers that the asker may see.

    Raises:
        NotAllowed: the role may not.
        UsageError: no office or procedure is called so, or several are.
        ObjectsUnread: papers that were held are missing, and it is not known of all that lies in the vault.
    """
    demand(ctx, asker, "dossiers_list")
    lines = [
        DossierLine(
            dossier=dossier.code,
            office=office,
            procedure=dossier.procedure,
            received=dossier.received,
            finished=dossier.finished,
            portal_state=dossier.state,
            components=len(answers),
            held=len(handings),
            demanded=sum(handing == "demanded" for handing in handings.values()),
        )
        for dossier, office, answers, handings in _chosen(ctx, asker, chosen)
    ]
    _tell(ctx, asker, chosen, "all", len(lines))
    return lines


def list_demanded(
    ctx: Services, asker: Asker, chosen: DossierFilter
) -> tuple[Sequence[DemandedPaper], Sequence[DemandedCount]]:
    """The papers that were brought although they were held, and their numbers by office and procedure.

    Raises:
        NotAllowed: the role may not.
        UsageError: no office or procedure is called so, or several are.
        ObjectsUnread: papers that were held are missing, and it is not known of all that lies in the vault.
    """
    demand(ctx, asker, "dossiers_list")
    papers: list[DemandedPaper] = []
    numbers: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for dossier, office, answers, handings in _chosen(ctx, asker, chosen):
        brought = [item for item in answers if handings.get(item.number) == "demanded"]
        counts = (bool(handings), bool(brought), len(handings), len(brought))
        of = numbers[office, dossier.procedure]
        of[:] = [one + other for one, other in zip(of, counts, strict=True)]
        papers += [
            DemandedPaper(
                dossier=dossier.code,
                office=office,
                procedure=dossier.procedure,
                received=dossier.received,
                component=item.component,
                name=item.name,
                paper=_named(ctx, asker, item.held_before),
            )
            for item in brought
        ]
    _tell(ctx, asker, chosen, "demanded", len(papers), [paper.paper for paper in papers if paper.paper])
    names = ("dossiers", "troubled", "held", "demanded")
    return papers, [
        DemandedCount(office=office, procedure=procedure, share=of[3] / of[2], **dict(zip(names, of, strict=True)))
        for (office, procedure), of in sorted(numbers.items())
        if of[2]
    ]


def show_dossier(ctx: Services, asker: Asker, code: str) -> DossierView:
    """A dossier with what was answered when it came; another agency's is not there.

    Raises:
        NotAllowed: the role may not.
        NotFound: no such dossier was imported, or it is another agency's.
        ObjectsUnread: as of a list.
    """
    demand(ctx, asker, "dossiers_show", code)
    dossier = ctx.desk.dossier(code)
    if dossier is None or not sees(ctx, asker, "dossiers_show", code, dossier=code):
        raise NotFound("no_dossier", remedy="import_dossier_first", code=code)
    answers = ctx.desk.answers.of(code).get(code, [])
    handings = _handings(ctx, dossier, last := last_round(answers))
    procedure, there = procedure_of(ctx, dossier), _there(ctx, answers)
    views = tuple(
        _view(
            _without_gone(item, there, dossier, procedure),
            _named(ctx, asker, item.paper_id),
            handings.get(item.number, "") if item in last else "",
        )
        for item in sorted(answers, key=lambda item: (-item.round, item.number))
    )
    papers = ",".join(sorted({view.paper for view in views if view.paper}))
    ctx.journal.record(DossierShown(**dict(asker), subject=code, answers=len(answers), papers=papers))
    return DossierView(
        dossier=code,
        office=agency_of(code, ctx.settings.agency),
        procedure=dossier.procedure,
        name=procedure.name if procedure else "",
        owner=dossier.owner_shown,
        received=dossier.received,
        finished=dossier.finished,
        portal_state=dossier.state,
        answers=views,
    )


def _tell(
    ctx: Services,
    asker: Asker,
    chosen: DossierFilter,
    what: Literal["all", "demanded"],
    count: int,
    papers: Sequence[str] = (),
) -> None:
    """Record that a list was shown, before it is."""
    since, until = (str(day) if day else "" for day in (chosen.since, chosen.until))
    ctx.journal.record(
        DossiersListed(
            **dict(asker),
            subject=chosen.office,
            what=what,
            procedure=chosen.procedure,
            since=since,
            until=until,
            count=count,
            papers=",".join(papers),
        )
    )


def _chosen(
    ctx: Services, asker: Asker, chosen: DossierFilter
) -> Iterator[tuple[Dossier, str, list[KeptAnswer], dict[int, Handing]]]:
    """The dossiers that are meant and may be seen, each with its office, its answers, and what became of what was held.

    Of dossiers that nobody answered nothing is known, and so nothing was held of them.
    """
    office = agency_named(chosen.office, ctx.catalogues) if chosen.office else ""
    procedure = procedure_named(chosen.procedure, ctx.catalogues, today()) if chosen.procedure else ""
    within = bounds(asker, "dossiers_list")
    found = ctx.desk.answers.dossiers(procedure=procedure, since=chosen.since, until=chosen.until)
    for dossier, answers in found:
        agency = agency_of(dossier.code, ctx.settings.agency)
        if all(is_within(agency, item) for item in (within, office) if item):
            yield dossier, agency, answers, _handings(ctx, dossier, answers)


def _handings(ctx: Services, dossier: Dossier, answers: Sequence[KeptAnswer]) -> dict[int, Handing]:
    """What became of the components whose paper was held before the dossier came, by the numbers of their answers."""
    there = _there(ctx, answers)
    held = [item for item in answers if item.held_before in there]
    if not held:
        return {}
    procedure = procedure_of(ctx, dossier)
    uses, brought = uses_for(ctx, dossier.code), _brought_types(ctx, dossier, procedure)
    handings: dict[int, Handing] = {}
    for item in held:
        component = procedure.component(item.component) if procedure else None
        codes = {item.component, *(component.aliases if component else ())}
        listed = [part for part in _handed_in(dossier) if code_key(str(part.get("MaThanhPhanHoSo"))) in codes]
        of_others = {other.held_before for other in held} - {item.held_before}  # each of a couple has his own
        mine = [use for use in uses if use.paper_id not in of_others]
        if any(use.paper_id == item.held_before or code_key(use.asked_for) in codes for use in mine) or any(
            str(part.get(name, "")) not in _NO for part in listed for name in _USED
        ):
            handings[item.number] = "reused"
        elif listed or (component and brought & {*ctx.catalogues.serving(component.types)}):
            handings[item.number] = "demanded"
        else:
            handings[item.number] = "not_brought"
    return handings


def _handed_in(dossier: Dossier) -> Iterator[Mapping[str, Any]]:
    """The entries of the dossier's papers that have a file and were not taken away."""
    for part in portal_fields(dossier).get("TaiLieuNop", []):
        has_file = any(part.get(name) for name in ("TepDinhKemId", "TenTepDinhKem", "DuongDanTaiTepTin"))
        if has_file and str(part.get("IsDeleted", "")) in _NO:
            yield part


def _brought_types(ctx: Services, dossier: Dossier, procedure: Procedure | None) -> set[str]:
    """The types of papers that were digitised with the dossier, but those with which its procedure ends."""
    results = {*ctx.catalogues.serving(procedure.results)} if procedure else set()
    papers = ctx.catalogue.of_dossier(dossier.code)
    return {paper.type_code for paper in papers if paper.result_code is None} - results


def _there(ctx: Services, answers: Sequence[KeptAnswer]) -> set[str]:
    """The papers of answers that are held; one that was withdrawn was never there for who asks.

    Raises:
        ObjectsUnread: some are missing, and it is not known of all that lies in the vault.
    """
    ids = {name for item in answers for name in (item.paper_id, item.held_before) if name}
    there = {paper.id for paper in ctx.catalogue.some(sorted(ids))} if ids else set()
    on_way = {item.paper_id for item in answers if item.answer == UNCHECKED and item.paper_id} - there
    if not there | on_way >= ids:
        ctx.catalogue.check_read()
    return there | (on_way - stopped(ctx, on_way))


def _named(ctx: Services, asker: Asker, paper_id: str | None) -> str | None:
    """A paper's id where it is still held, and of an agency whose papers the asker may see."""
    paper = ctx.catalogue.paper(paper_id) if paper_id else None
    return paper.id if paper and may(asker, "show", paper.belongs, ctx.settings) else None


def _without_gone(item: KeptAnswer, there: set[str], dossier: Dossier, procedure: Procedure | None) -> KeptAnswer:
    """An answer, or what it would have been had a paper that was withdrawn never been there."""
    if item.paper_id is None or item.paper_id in there:
        return item
    component = procedure.component(item.component) if procedure else None
    missing = [role for role in component.whose if role not in persons_told(dossier)] if component else []
    if component is None or component.each or not missing:
        return item.model_copy(update={"answer": "not-held", "why": None})
    return item.model_copy(update={"answer": "owner-unknown", "why": number_needed(missing, None)})


def _view(item: KeptAnswer, paper: str | None, handing: Handing | Literal[""]) -> AnswerView:
    return AnswerView(
        round=item.round,
        at=item.at,
        rules_from=item.rules_from,
        component=item.component,
        name=mask_text(item.name),
        answer=item.answer,
        why=with_roles(item.why, spoken()) if item.why else "",
        paper=paper,
        handing=handing,
    )
