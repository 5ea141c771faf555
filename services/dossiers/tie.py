"""A held paper is entered in a dossier, or taken out of one: by a person who knows, with a reason (law L2.13)."""

from collections.abc import Callable

from archive.errors import AlreadyDecided
from archive.interface import Paper
from archive.package import read_package, revise
from domain.clock import now
from domain.codes import agency_of, write_file_code
from domain.dossiers.events import DossierTied, DossierUntied
from domain.errors import UsageError
from domain.owners import mask_text
from domain.values import checked
from pipeline.indexing import drain_if_possible
from services.context import Services
from services.dossiers.owners import AnothersDossier, is_of_another
from services.dossiers.terms import count_terms
from services.permissions import Asker, NotAllowed, demand, may, refuse
from services.unseen import paper_there


def tie(ctx: Services, asker: Asker, code: str, dossier: str, *, reason: str, other_owner: bool = False) -> Paper:
    """Enter a held paper in a dossier; its own codes stay as they are.

    Args:
        ctx: the services.
        asker: who says so.
        code: document id, or a code of the paper.
        dossier: code of the dossier, as the one-stop system gave it.
        reason: how that is known; kept in the audit journal and with the object.
        other_owner: the dossier is somebody else's, and the paper belongs there; given again for a paper that is in it
            already, it confirms that.

    Raises:
        NotAllowed: the role may not, or the dossier is of an agency whose papers it may not see.
        NotFound: no such paper is held, or another agency's.
        ObjectsUnread: the same, and it is not known of all that lies in the vault.
        UsageError: no reason is given, the code is none of a dossier, or the paper is in another one.
        AnothersDossier: the dossier is of another owner, and that is not confirmed.
    """
    demand(ctx, asker, "tie", code, dossier=dossier)
    reason, dossier = _reason(reason), checked("dossier", dossier)
    paper = paper_there(ctx, asker, "tie", code)
    if not may(asker, "tie", dossier, ctx.settings):
        refuse(ctx, asker, "tie", paper.id, "other_agency", dossier=dossier)
        raise NotAllowed("dossier_elsewhere", remedy="officer_there_enters", dossier=dossier)
    known = ctx.desk.dossier(dossier)
    is_anothers = is_of_another(ctx, paper.owner_ids, known)
    if is_anothers and not (other_owner or (paper.dossier == dossier and paper.other_owner)):
        refuse(ctx, asker, "tie", paper.id, AnothersDossier.reason, dossier=dossier)
        raise AnothersDossier("dossier_of_other_owner", dossier=dossier)

    def tied(held: Paper) -> Paper:
        if held.dossier not in {None, dossier}:
            raise UsageError("in_another_dossier", remedy="untie_first", id=held.id, dossier=held.dossier)
        is_confirmed = other_owner or (held.dossier == dossier and held.other_owner)
        return held.model_copy(update={"dossier": dossier, "other_owner": is_confirmed})

    event = DossierTied(**dict(asker), subject=paper.id, dossier=dossier, other_owner=other_owner, reason=reason)
    row = _enter(ctx, paper, tied, event, reason)
    if known is not None and known.finished:  # from that day its papers are kept (law L6.1)
        count_terms(ctx, asker, [known])
    return ctx.catalogue.paper(row.id) or row


def untie(ctx: Services, asker: Asker, code: str, *, reason: str) -> Paper:
    """Take a held paper out of the dossier that it is in, and its result code off it; it gets a file code.

    Raises:
        NotAllowed: the role may not.
        NotFound: no such paper is held, or another agency's.
        ObjectsUnread: the same, or no code is given out while it is not known of all that lies in the vault.
        UsageError: no reason is given, or the paper never was in a dossier.
    """
    demand(ctx, asker, "tie", code)
    reason = _reason(reason)
    paper = paper_there(ctx, asker, "tie", code)

    def free(held: Paper) -> Paper:
        if held.dossier is None and held.tied_at is not None:
            return held  # it was taken out before: the command may have been cut off
        if held.dossier is None:
            raise UsageError("never_in_dossier", remedy="see_show", id=held.id)
        left = agency_of(held.belongs, ctx.settings.agency)
        agency = held.agency or (left if left != ctx.settings.agency else None)
        return held.model_copy(
            update={
                "dossier": None,
                "result_code": None,
                "other_owner": False,
                "agency": agency,
                "file_code": held.file_code or _file_code(ctx, held, left),
            }
        )

    left, result = paper.dossier or "", paper.result_code or ""
    event = DossierUntied(**dict(asker), subject=paper.id, dossier=left, result=result, reason=reason)
    return _enter(ctx, paper, free, event, reason)


def _file_code(ctx: Services, paper: Paper, agency: str) -> str:
    """The file code of a paper that came with a dossier: of its agency and its year, as if it had come without."""
    received = paper.archived_at.date()
    template = ctx.catalogues.profile(received).file_code
    year = (paper.issued or received).year
    return ctx.catalogue.mint_file(paper.id, lambda serial: write_file_code(template, agency, year, serial))


def _enter(
    ctx: Services,
    paper: Paper,
    change: Callable[[Paper], Paper],
    event: DossierTied | DossierUntied,
    reason: str,
) -> Paper:
    """Vault first, then the catalogue; once, however often it is begun.

    Raises:
        AlreadyDecided: somebody else tied the paper otherwise since it was seen.
    """
    with ctx.vault.sole(paper.object_id) as stored, ctx.journal.once(paper.object_id) as record:
        held = read_package(stored).paper
        known = ctx.catalogue.paper(paper.id) or paper  # somebody may have put something else right meanwhile
        changed = change(held)
        if changed != held and (held.dossier, held.other_owner) != (paper.dossier, paper.other_owner):
            ctx.catalogue.retire(_row(known, held))  # who entered it may have been cut off before
            raise AlreadyDecided("dossier_changed", id=paper.id)
        if changed != held:
            record(event)
            at = now()
            changed = changed.model_copy(update={"tied_at": at})
            note = f"{event.event}: {mask_text(reason)}"
            revise(ctx.vault, stored, changed, stage=event.event, at=at, who=event.who, message=note)
        row = _row(known, changed)
        if row != known:  # also where an earlier run was cut off before the catalogue heard of its version
            ctx.catalogue.retire(row)
    drain_if_possible(ctx)
    return row


def _row(known: Paper, held: Paper) -> Paper:
    """The catalogue's row of a paper that is held so; a code that another paper bears too stays as it is there."""
    return known.model_copy(
        update={
            "dossier": held.dossier,
            "result_code": known.result_code if held.result_code else None,
            "file_code": known.file_code or held.file_code,
            "agency": held.agency,
            "tied_at": held.tied_at,
            "other_owner": held.other_owner,
        }
    )


def _reason(reason: str) -> str:
    if not reason.strip():
        raise UsageError("no_reason_given", remedy="say_how_known")
    return checked("reason", reason)
