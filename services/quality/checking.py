"""The second look at a paper of a sample."""

from collections.abc import Sequence
from contextlib import suppress
from typing import get_args

from archive.errors import VaultDamaged
from archive.inspections.records import Defect, Inspection, LotPaper, PaperCheck
from archive.interface import Paper
from archive.package import PDF, read_whole, record_of
from config.quality import DEFECT_KINDS
from domain.clock import now
from domain.codes import mask_code
from domain.errors import NotFound, UsageError
from domain.events import PaperChecked
from domain.owners import mask, mask_text
from domain.readings import FieldName
from domain.secrecy.persons import person_of
from domain.values import checked
from services.context import Services
from services.permissions import Asker, demand, refuse
from services.quality.errors import SamePerson
from services.quality.kept import signed_minutes
from services.quality.redrawing import lot_decided, redraw
from services.quality.tally import Tally, newest_checks, tally
from services.unseen import paper_there
from signing.verification.copier import copier_of


def check_paper(
    ctx: Services, asker: Asker, code: str, defects: Sequence[tuple[str, str]], *, reason: str = ""
) -> tuple[Inspection, Tally]:
    """Enter what a person found when he compared a paper of a sample with the original: nothing wrong, or defects.

    Args:
        ctx: the services.
        asker: who looked; somebody else than who put the paper in, confirmed or signed it.
        code: document id or code of the paper.
        defects: what is wrong, and what would be right; of the image, what is wrong with it.
        reason: why a paper is checked again; the newest check counts, all are kept.

    Raises:
        NotAllowed: the role may not.
        NotFound: no such paper is held, or another agency's.
        SamePerson: he had a hand in it.
        UsageError: the paper is in no open sample, was checked before, or the minutes are signed; what is given as
            right cannot be, or is what the archive has.
    """
    demand(ctx, asker, "quality_check", code)
    paper = paper_there(ctx, asker, "quality_check", code, absent=NotFound("no_paper", remedy="see_sample", code=code))
    found = ctx.quality.of_paper(paper.id)
    if found is None:
        raise UsageError("paper_in_no_sample", remedy="see_sample", paper=paper.id)
    inspection, place = redraw(ctx, asker, found[0]), found[1]
    _see_that_it_is_another(ctx, asker, paper, place)
    check = PaperCheck(
        paper_id=paper.id,
        at=now(),
        who=asker.who,
        office=asker.office,
        role=asker.role,
        defects=tuple(_defect(ctx, paper, kind, right) for kind, right in defects),
        reason=mask_text(checked("reason", reason)) if reason else "",
    )
    return inspection, _entered(ctx, asker, inspection, check)


def _entered(ctx: Services, asker: Asker, inspection: Inspection, check: PaperCheck) -> Tally:
    """Enter a check; one that the same person entered last, and was cut off or gave again, stands already."""
    with ctx.journal.once(inspection.name, check.paper_id) as tell:
        known = ctx.quality.checks(inspection)
        if _says_the_same(newest_checks(known).get(check.paper_id), check):
            return tally(inspection, known)
        with ctx.quality.check(inspection, check) as before:
            _see_that_it_may_be(ctx, inspection, check, before)
            was, now_is = tally(inspection, before), tally(inspection, [*before, check])
            tell(
                PaperChecked(
                    **dict(asker),
                    subject=check.paper_id,
                    batch=inspection.batch_id,
                    round=inspection.round,
                    defects=", ".join(item.kind for item in check.defects),
                    told="; ".join(f"{item.kind}: {item.found} → {item.right}" for item in check.defects),
                    reason=check.reason,
                )
            )
            if was.state != now_is.state:
                tell(lot_decided(asker, inspection, now_is))
        return now_is


def _says_the_same(known: PaperCheck | None, check: PaperCheck) -> bool:
    return known is not None and known.model_copy(update={"at": check.at}) == check


def _see_that_it_may_be(ctx: Services, inspection: Inspection, check: PaperCheck, before: Sequence[PaperCheck]) -> None:
    """See that the lot is open for it, and that a second look has its reason.

    Raises:
        UsageError: the minutes are signed, it left the sample meanwhile, was checked before, or was not and a reason is
            given.
    """
    if ctx.quality.of_paper(check.paper_id) is None:
        raise UsageError("paper_in_no_sample", remedy="see_sample", paper=check.paper_id)
    if signed_minutes(ctx, inspection) is not None:
        raise UsageError("minutes_signed", remedy="open_lot_again", batch=inspection.batch_id)
    is_again = any(item.paper_id == check.paper_id for item in before)
    if is_again != bool(check.reason):
        what = "paper_checked_before" if is_again else "paper_not_checked"
        raise UsageError(what, remedy="reason_for_second_check", paper=check.paper_id)


def _see_that_it_is_another(ctx: Services, asker: Asker, paper: Paper, place: LotPaper) -> None:
    """See that who looks is not who put the paper in, decided about it, confirmed its fields, or signed the copy.

    Raises:
        SamePerson: he is.
        VaultDamaged: the object of the paper cannot be read.
    """
    stored = ctx.vault.get(paper.object_id)
    record = record_of(stored)
    decisions = record.get("decisions")
    others = {
        *place.hands,
        str(record.get("confirmed_by") or ""),
        *(str(item.get("who") or "") for item in (decisions if isinstance(decisions, list) else ())),
        copier_of(stored.files[PDF]),
    }
    if person_of(asker.who) in {person_of(name) for name in others if name}:
        refuse(ctx, asker, "quality_check", paper.id, SamePerson.reason, dossier=paper.dossier)
        raise SamePerson("checker_had_a_hand", who=asker.who, paper=paper.id)


def _defect(ctx: Services, paper: Paper, kind: str, right: str) -> Defect:
    """A defect, with what the archive has and what is right; identity numbers are masked in both.

    Raises:
        UsageError: there is no such kind, the image's is not told, or what is right cannot be.
    """
    if kind not in DEFECT_KINDS:
        raise UsageError("no_defect_kind", remedy="one_of_known", kind=kind, known=DEFECT_KINDS)
    if kind == "image":
        return Defect(kind=kind, right=mask_text(checked("reason", right)))
    has = _held(ctx, paper, kind)
    if kind in get_args(FieldName):
        right = checked(kind, right) if right else ""  # type: ignore[arg-type] # one of them
    elif right:
        right = checked("reason", right)
    if right and right == has:
        raise UsageError("archive_has_that", remedy="look_or_name_another", kind=kind)
    hide = mask if kind == "owner_id" else mask_code if kind == "code" else mask_text
    return Defect(kind=kind, found=mask_text(hide(has)), right=mask_text(hide(right)))


def _held(ctx: Services, paper: Paper, kind: str) -> str:
    """What the archive has there."""
    if kind in {"type", "code"}:
        return paper.type_code if kind == "type" else paper.digitisation_code
    with suppress(VaultDamaged):
        fields = read_whole(ctx.vault.get(paper.object_id)).record.description.fields
        if kind in fields:
            return fields[kind].value
    return str(getattr(paper, {"issued_date": "issued", "dossier_code": "dossier"}.get(kind, kind), None) or "")
