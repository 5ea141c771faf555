"""What becomes of a withdrawn paper: two different persons say that it is not secret, or that it is (law L8.5, L8.6).

Who withdrew it may be one of them: he held it back without a judgement, and two persons are two.  Who scanned it is
neither: he stands by what he did.
"""

from typing import Final, Literal, NamedTuple, get_args

from archive.interface import StoredObject
from archive.package import Package, read_package, revise
from archive.papers.forms import KeptStep
from archive.withdrawn.apart import WithdrawnPaper
from domain.clock import now
from domain.errors import NotFound, UsageError
from domain.secrecy.events import PaperGivenBack, WithdrawalDecided, WithdrawalVerdict
from domain.secrecy.persons import person_of
from pipeline.indexing import drain_if_possible
from pipeline.secrecy.stop import NEEDED
from services.context import Services
from services.permissions import Asker, NotAllowed, demand, refuse, sees
from services.secrecy.decisions import given_reason
from services.secrecy.erasing import erase, finish_erasing
from services.secrecy.withdrawing import withdrawn_there
from services.unseen import bearer_of

_VERDICTS: Final = get_args(WithdrawalVerdict)


class WithdrawalOutcome(NamedTuple):
    """What came of a decision: ``second_needed``, what both decided, or ``opposed`` by those who say it is secret."""

    id: str
    came: Literal["second_needed", "opposed", "given_back", "erased"]
    by: tuple[str, ...] = ()


def decide_withdrawn(ctx: Services, asker: Asker, code: str, verdict: WithdrawalVerdict, why: str) -> WithdrawalOutcome:
    """Say of a withdrawn paper whether it is secret; when two persons say the same, it is given back, or erased.

    Who says the other thing takes back what he said; while somebody's last word is that it is secret, it is not given
    back, whoever says otherwise.  The same command goes on where it was cut off.

    Raises:
        NotAllowed: the role may not, or the asker scanned the paper.
        NotFound: no such paper is withdrawn, or it is not there for the asker.
        UsageError: no reason is given; or its object is of an earlier day, and must be withdrawn once more.
        VaultDamaged: its object cannot be read.
    """
    demand(ctx, asker, "secrecy", code)
    row = ctx.catalogue.withdrawn.of(code)
    if row is None and verdict == "not_secret" and (name := _given_back_by(ctx, asker, code)):
        drain_if_possible(ctx)  # where he was cut off before that
        return WithdrawalOutcome(name, "given_back")
    row = withdrawn_there(ctx, asker, "secrecy", code)
    reason = given_reason(why)
    if row.state == "erased":
        return _erased_before(ctx, asker, row, code, verdict)
    with ctx.vault.sole(row.object_id) as stored:
        package = read_package(stored, withdrawn=True)
        if not package.is_withdrawn and package.decided_at("given_back") < row.at:
            raise UsageError("withdrawn_object_older", remedy="withdraw_again", id=row.id)
        if package.is_withdrawn:
            package = _said(ctx, asker, row, stored, package, verdict, reason)
            if verdict == "not_secret" and (others := agreed(package, "secret")):
                return WithdrawalOutcome(row.id, "opposed", tuple(sorted(others.values())))
            if len(agreed(package, verdict)) < NEEDED:
                return WithdrawalOutcome(row.id, "second_needed")
            if verdict == "not_secret":
                _open_again(ctx, asker, row, package)
        given_back = verdict == "not_secret" or not package.is_withdrawn  # by two others, since the row was read
        if given_back:
            ctx.ledger.withdrawals.give_back(row.id)  # first: a catalogue that holds what the ledger does not is behind
            ctx.catalogue.withdrawn.give_back(package.paper, package.identity)
    if not given_back:
        erase(ctx, asker, row, package)
    drain_if_possible(ctx)
    return WithdrawalOutcome(row.id, "given_back" if given_back else "erased")


def _erased_before(
    ctx: Services, asker: Asker, row: WithdrawnPaper, code: str, verdict: WithdrawalVerdict
) -> WithdrawalOutcome:
    if verdict != "secret":
        raise NotFound("none_withdrawn", remedy="list_withdrawn", code=code)
    finish_erasing(ctx, asker, row)
    return WithdrawalOutcome(row.id, "erased")


def agreed(package: Package, verdict: WithdrawalVerdict) -> dict[str, str]:
    """Who says so of a withdrawn paper by now, by person: the last word of each since it was withdrawn counts."""
    last: dict[str, KeptStep] = {}
    for item in package.secrecy:  # in the order in which they were said: two may be of the same moment
        if item.word == "withdrawn":
            last = {}
        elif item.word in _VERDICTS:
            last[person_of(item.who)] = item
    return {person: item.who for person, item in last.items() if item.word == verdict}


def _said(
    ctx: Services,
    asker: Asker,
    row: WithdrawnPaper,
    stored: StoredObject,
    package: Package,
    verdict: WithdrawalVerdict,
    reason: str,
) -> Package:
    """The object with what the asker says, once."""
    if person_of(asker.who) in agreed(package, verdict):
        return package
    if person_of(asker.who) == person_of(package.record.scanned_by):
        refuse(ctx, asker, "secrecy", row.id, "same_person")
        raise NotAllowed("secrecy_same_person", remedy="another_decides_withdrawn", id=row.id, who=asker.who)
    with ctx.journal.once(row.id, "decided") as record:
        record(WithdrawalDecided(**dict(asker), subject=row.id, verdict=verdict, reason=reason))
        _enter(ctx, asker, stored, package, KeptStep(word=verdict, at=now(), **dict(asker), reason=reason))
    return read_package(ctx.vault.get(row.object_id), withdrawn=True)


def _open_again(ctx: Services, asker: Asker, row: WithdrawnPaper, package: Package) -> None:
    with ctx.journal.once(row.id, "given back") as record:
        record(PaperGivenBack(**dict(asker), subject=row.id))
        stored = ctx.vault.get(row.object_id)
        _enter(ctx, asker, stored, package, KeptStep(word="given_back", at=now(), **dict(asker)))


def _enter(ctx: Services, asker: Asker, stored: StoredObject, package: Package, step: KeptStep) -> None:
    said = step.word
    revise(ctx.vault, stored, package.paper, stage=said, at=step.at, who=asker.who, message=said, step=step)


def _given_back_by(ctx: Services, asker: Asker, code: str) -> str:
    """The paper that is held again because the asker was one of the two; "" when there is none."""
    paper = ctx.catalogue.paper(bearer_of(ctx, code))
    if paper is None or not sees(ctx, asker, "secrecy", paper.id, dossier=paper.belongs):
        return ""
    package = read_package(ctx.vault.get(paper.object_id))
    return paper.id if package.secrecy and person_of(asker.who) in agreed(package, "not_secret") else ""
