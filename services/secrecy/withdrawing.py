"""A paper that is found secret after it was archived is withdrawn at once, by one person (law L8.5, L8.6).

To hold a paper back needs no second opinion.  Catalogue and index forget it first, for they are what people ask; the
ledger remembers it, for it outlives them; then its object says so, which stays where it is and is read by nobody but
for the decision.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from archive.errors import VaultDamaged
from archive.interface import Paper
from archive.package import object_id_of, read_package, revise
from archive.papers.forms import KeptStep
from archive.withdrawn.apart import WithdrawnPaper
from domain.clock import now
from domain.codes import mask_code
from domain.errors import NotFound
from domain.messages.told import Told
from domain.record import PublicView
from domain.secrecy.events import PaperWithdrawn, WithdrawnListed
from domain.states import WithdrawnState
from pipeline.indexing import drain_if_possible
from services.context import Services
from services.permissions import Act, Asker, demand, may, sees
from services.quality.redrawing import take_out_withdrawn
from services.secrecy.decisions import given_reason
from services.secrecy.remembering import remember
from services.secrecy.sights import Sight, sights_of
from services.unseen import bearer_of


class WithdrawalStep(PublicView):
    """What somebody decided of a withdrawn paper."""

    word: str
    at: datetime
    who: str
    reason: str


class WithdrawnView(PublicView):
    """A withdrawn paper for those who decide about it: nothing that it says but its code, masked.

    ``unread``: why its object does not tell what was decided.
    """

    id: str
    code: str
    state: WithdrawnState | Literal["given_back"]
    at: datetime
    steps: tuple[WithdrawalStep, ...] = ()
    unread: str = ""


class Withdrawn(NamedTuple):
    """A paper that is withdrawn now, whose it is, and whether it was so before."""

    id: str
    belongs: str | None
    was_before: bool


def withdraw(ctx: Services, asker: Asker, code: str, why: str) -> Withdrawn:
    """Withdraw an archived paper that may be secret; what was cut off is completed by the same command.

    Raises:
        NotAllowed: the role may not.
        NotFound: no such paper is held, or another agency's; also when somebody else withdrew it before.
        ObjectsUnread: the same, and it is not known of all that lies in the vault.
        UsageError: no reason is given.
        VaultDamaged: its object cannot be read; the paper is found by nobody all the same.
    """
    demand(ctx, asker, "withdraw", code)
    paper = ctx.catalogue.paper(bearer_of(ctx, code))
    row = None if paper is not None else ctx.catalogue.withdrawn.of(code)
    found = paper or row
    if found is None or not sees(ctx, asker, "withdraw", found.id, dossier=found.belongs):
        raise _no_paper(ctx, code)
    reason = given_reason(why)
    if row is not None and (row.state == "erased" or _is_sealed(ctx, row)):
        if not may(asker, "withdrawn", row.belongs, ctx.settings) and not _withdrew(ctx, asker, row):
            raise _no_paper(ctx, code)
        remember(ctx)
        drain_if_possible(ctx)  # whoever withdrew it may have been cut off before that
        take_out_withdrawn(ctx, asker, row.id)
        return Withdrawn(row.id, row.belongs, was_before=True)
    with ctx.journal.once(found.id, "withdrawn") as record:
        record(PaperWithdrawn(**dict(asker), subject=found.id, reason=reason))
        if isinstance(found, Paper):
            ctx.catalogue.withdrawn.put(found, now())
        remember(ctx)
        _seal(ctx, asker, found.object_id, reason)
    drain_if_possible(ctx)
    take_out_withdrawn(ctx, asker, found.id)
    return Withdrawn(found.id, found.belongs, was_before=False)


def _no_paper(ctx: Services, code: str) -> NotFound:
    ctx.catalogue.check_read()
    return NotFound("no_paper", remedy="find_it", code=code)


def _seal(ctx: Services, asker: Asker, object_id: str, reason: str) -> None:
    """Let the object say that it is withdrawn; whatever reads objects refuses it from then on."""
    with ctx.vault.sole(object_id) as stored:
        package, at = read_package(stored, withdrawn=True), now()
        if package.is_withdrawn:
            return
        step = KeptStep(word="withdrawn", at=at, **dict(asker), reason=reason)
        said = "withdrawn"
        revise(ctx.vault, stored, package.paper, stage=said, at=at, who=asker.who, message=said, step=step)


def _is_sealed(ctx: Services, row: WithdrawnPaper) -> bool:
    """Whether the object says that it is withdrawn; an earlier copy of it that was put back does not."""
    return read_package(ctx.vault.get(row.object_id), withdrawn=True).is_withdrawn


def _withdrew(ctx: Services, asker: Asker, row: WithdrawnPaper) -> bool:
    return row.state == "withdrawn" and any(step.who == asker.who for step in steps_of(ctx, row)[0])


def list_withdrawn(ctx: Services, asker: Asker) -> tuple[WithdrawnView, ...]:
    """The papers that were withdrawn or erased, the last first.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "withdrawn", "withdrawn")
    rows = [row for row in ctx.catalogue.withdrawn.all() if may(asker, "withdrawn", row.belongs, ctx.settings)]
    ctx.journal.record(WithdrawnListed(**dict(asker), subject="withdrawn", count=len(rows)))
    return tuple(_view(ctx, row) for row in rows)


class SeenBy(NamedTuple):
    """A withdrawn paper and everybody who saw it; ``broken``: why the journal does not tell all of them."""

    view: WithdrawnView
    sights: tuple[Sight, ...]
    broken: Told | None


def who_saw(ctx: Services, asker: Asker, code: str) -> SeenBy:
    """Who saw a withdrawn paper, when and why, by the audit journal, the first one first; also one that was given back.

    Raises:
        NotAllowed: the role may not.
        NotFound: no such paper was withdrawn, or another agency's.
    """
    demand(ctx, asker, "withdrawn", code)
    view = _given_back(ctx, asker, code) or _view(ctx, withdrawn_there(ctx, asker, "withdrawn", code))
    sights, broken = sights_of(ctx, view.id, view.at)
    ctx.journal.record(WithdrawnListed(**dict(asker), subject=view.id, count=len(sights)))
    return SeenBy(view, sights, broken)


def _given_back(ctx: Services, asker: Asker, code: str) -> WithdrawnView | None:
    """What was decided of a paper that is held again."""
    paper = ctx.catalogue.paper(bearer_of(ctx, code))
    if paper is None or not sees(ctx, asker, "withdrawn", paper.id, dossier=paper.belongs):
        return None
    package = read_package(ctx.vault.get(paper.object_id))
    if not package.secrecy:
        return None
    known, at = mask_code(paper.digitisation_code), package.decided_at("withdrawn")
    return WithdrawnView(id=paper.id, code=known, state="given_back", at=at, steps=_told_steps(package.secrecy))


def withdrawn_there(ctx: Services, asker: Asker, act: Act, code: str) -> WithdrawnPaper:
    """The withdrawn paper of an id or a code.

    Raises:
        NotFound: there is none, or it is not there for the asker.
    """
    row = ctx.catalogue.withdrawn.of(code)
    if row is None or not sees(ctx, asker, act, row.id, dossier=row.belongs):
        ctx.catalogue.check_read()
        raise NotFound("none_withdrawn", remedy="list_withdrawn", code=code)
    return row


def _view(ctx: Services, row: WithdrawnPaper) -> WithdrawnView:
    """What is told of a withdrawn paper."""
    steps, unread = steps_of(ctx, row)
    said = _told_steps(steps)
    return WithdrawnView(id=row.id, code=mask_code(row.code), state=row.state, at=row.at, steps=said, unread=unread)


def _told_steps(steps: Iterable[KeptStep]) -> tuple[WithdrawalStep, ...]:
    return tuple(WithdrawalStep(word=item.word, at=item.at, who=item.who, reason=item.reason) for item in steps)


def steps_of(ctx: Services, row: WithdrawnPaper) -> tuple[tuple[KeptStep, ...], str]:
    """What was decided of a withdrawn paper, as its object says; else why it does not."""
    if row.state == "erased":
        return ctx.catalogue.withdrawn.tombstone(row.id).secrecy, ""
    try:
        return read_package(ctx.vault.get(object_id_of(row.id)), withdrawn=True).secrecy, ""
    except VaultDamaged as error:
        return (), error.told.text()
