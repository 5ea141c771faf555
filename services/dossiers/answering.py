"""Look-up without asking: what a dossier's procedure asks for is answered when the dossier comes, and kept (law L2.15).

Only what is held here is looked for.  Other databases are asked when a clerk looks up: an import of thousands is no
purpose to ask them about as many people whom nobody is serving.
"""

from collections.abc import Iterable, Sequence
from functools import partial

from archive.answers.answers import KeptAnswer, last_round
from archive.errors import ObjectsUnread
from archive.interface import Dossier, Paper
from config.models import Component
from config.registers import database_name
from domain.clock import now, today
from domain.codes import agency_of
from domain.messages.told import told
from domain.validity import HeldPaper, decide_reuse
from services.context import Services
from services.dossiers.owners import persons_told
from services.registers.interface import Elsewhere, serving
from services.reuse.answers import Asking, answers_of
from services.reuse.components import components_of, procedure_of
from services.reuse.on_way import papers_on_way
from services.reuse.persons import papers_of_persons, persons_of
from services.reuse.reasons import why_not


class _NotAsked:
    """Other databases, of which none is asked."""

    def ask(self, source: str, component: Component) -> Elsewhere:  # noqa: ARG002 (the interface)
        """Nothing is concluded from what nobody asked."""
        return Elsewhere(
            state="unavailable", source=source, reason=told("register_not_asked", source=database_name(source))
        )


def unasked_answers(ctx: Services, dossiers: Sequence[Dossier]) -> list[KeptAnswer]:
    """The answers of those dossiers that were not answered yet, or are another owner's, procedure's or day's now.

    So are those of a dossier that names more of the persons whose papers it asks for than it did.

    None of a dossier whose owner or whose rules are not known, and of none while it is not known of all that lies in
    the vault: an answer is kept for good, and must not be guessed.
    """
    try:
        ctx.catalogue.check_read()
    except ObjectsUnread:
        return []
    known = ctx.desk.answers.of(*(item.code for item in dossiers))
    answers: list[KeptAnswer] = []
    for dossier in dossiers:
        last = last_round(known.get(dossier.code, []))
        if not last or not last[0].is_about(dossier):
            answers += _answers(ctx, dossier, round_=last[0].round + 1 if last else 1)
        elif _unknown(last) and len(persons_told(dossier)) > 1:
            anew = _answers(ctx, dossier, round_=last[0].round + 1)
            answers += anew if _unknown(anew) < _unknown(last) else []
    return answers


def _unknown(answers: Sequence[KeptAnswer]) -> int:
    """To how many components nothing could be answered, for nobody knew whose paper it is."""
    return sum(item.answer == "owner-unknown" for item in answers)


def _answers(ctx: Services, dossier: Dossier, *, round_: int) -> list[KeptAnswer]:
    procedure = procedure_of(ctx, dossier)
    people = persons_of(ctx, {}, dossier)
    if procedure is None or not people:
        return []
    components = components_of(ctx, procedure)
    office = agency_of(dossier.code, ctx.settings.agency)
    found = papers_of_persons(ctx, people.values(), components)
    rows = {row.id: row for row in ctx.catalogue.some([paper.id for item in found.values() for paper in item.papers])}
    held = {
        role: item._replace(papers=[paper for paper in item.papers if rows[paper.id].dossier != dossier.code])
        for role, item in found.items()
    }
    kept = []
    on_way = papers_on_way(ctx, today(), office, but_of=dossier.code)
    asking = Asking(today(), office, lambda _: _NotAsked(), partial(why_not, ctx), on_way)
    answers = answers_of(components, held, asking)
    for number, (component, got, _) in enumerate(answers, start=1):
        theirs = {paper.id: paper for role in component.whose if role in held for paper in held[role].papers}
        kept.append(
            KeptAnswer(
                dossier=dossier.code,
                round=round_,
                number=number,
                at=now(),
                owner_key=dossier.owner_key,
                procedure=dossier.procedure,
                received=dossier.received,
                rules_from=procedure.valid_from,
                component=component.code,
                name=component.name,
                answer=got.answer,
                why=got.reason,
                paper_id=got.paper_id,
                held_before=_held_before(dossier, component, theirs.values(), rows, office),
            )
        )
    return kept


def _held_before(
    dossier: Dossier, component: Component, held: Iterable[HeldPaper], rows: dict[str, Paper], office: str
) -> str | None:
    """The paper that made it needless to bring one: held before the day of reception, and counting on that day.

    One that was archived on the day itself may have been brought with the dossier.
    """
    if component.form != "reusable":
        return None
    before = (item for item in serving(component, held) if rows[item.id].archived_at.date() < dossier.received)
    best = decide_reuse(before, dossier.received, office)
    return best.paper.id if best.paper and best.answer == "held-and-valid" else None
