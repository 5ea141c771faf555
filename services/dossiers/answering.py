"""Look-up without asking: what a dossier's procedure asks for is answered when the dossier comes, and kept (law L2.15).

Only what is held here is looked for.  Other databases are asked when a clerk looks up: an import of thousands is no
purpose to ask them about as many people whom nobody is serving.
"""

from collections.abc import Sequence

from archive.answers.answers import KeptAnswer, last_round
from archive.errors import ObjectsUnread
from archive.interface import Dossier, Paper
from config.models import Component
from domain.clock import now, today
from domain.codes import agency_of
from domain.messages.told import told
from domain.validity import HeldPaper, decide_reuse
from services.context import Services
from services.dossiers.owners import owners_told
from services.registers.interface import Elsewhere, answer_component
from services.reuse.components import components_of, held_for, procedure_of


class _NotAsked:
    """Other databases, of which none is asked."""

    def ask(self, source: str, component: Component) -> Elsewhere:  # noqa: ARG002 (the interface)
        """Nothing is concluded from what nobody asked."""
        return Elsewhere(state="unavailable", source=source, reason=told("register_not_asked", source=source))


def unasked_answers(ctx: Services, dossiers: Sequence[Dossier]) -> list[KeptAnswer]:
    """The answers of those dossiers that were not answered yet, or are another owner's, procedure's or day's now.

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
    return answers


def _answers(ctx: Services, dossier: Dossier, *, round_: int) -> list[KeptAnswer]:
    procedure = procedure_of(ctx, dossier)
    keys = dict.fromkeys(map(ctx.owner_keys.of, owners_told(dossier)))  # one person has an old and a new number
    if procedure is None or not keys:
        return []
    components, day = components_of(ctx, procedure), today()
    office = agency_of(dossier.code, ctx.settings.agency)
    papers = {item.id: item for key in keys for item in held_for(ctx, key, components)}
    rows = {row.id: row for row in ctx.catalogue.some(list(papers))}
    held = [item for item in papers.values() if rows[item.id].dossier != dossier.code]
    kept = []
    for number, component in enumerate(components, start=1):
        got = answer_component(component, held, connections=_NotAsked(), today=day, office=office)
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
                why=got.why,
                paper_id=got.paper.id if got.paper else None,
                held_before=_held_before(dossier, component, held, rows, office),
            )
        )
    return kept


def _held_before(
    dossier: Dossier, component: Component, held: Sequence[HeldPaper], rows: dict[str, Paper], office: str
) -> str | None:
    """The paper that made it needless to bring one: held before the day of reception, and counting on that day.

    One that was archived on the day itself may have been brought with the dossier.
    """
    if component.form != "reusable":
        return None
    fitting = (item for item in held if item.type_code in component.types)
    before = (item for item in fitting if rows[item.id].archived_at.date() < dossier.received)
    best = decide_reuse(before, dossier.received, office)
    return best.paper.id if best.paper and best.answer == "held-and-valid" else None
