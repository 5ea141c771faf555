"""A mistake in an archived paper is put right: by a person who knows, with a reason (law L8.3).

The object gets a new version: vault first, then the catalogue, then the index.  The signed copy stays bit for bit
(design law 2); its marks name who signed and when, and nothing that can be put right.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from archive.cases.cases import OwnerCase
from archive.errors import AlreadyDecided
from archive.interface import Paper, RetiredCode, StoredObject
from archive.package import Package, read_package, revise
from archive.papers.forms import KeptChange, KeptCorrection
from domain.clock import now
from domain.codes import mask_code
from domain.corrections.events import PaperCorrected
from domain.messages.told import Told, told
from domain.owners import mask, mask_text
from domain.values import checked
from pipeline.indexing import drain_if_possible
from services.context import Services
from services.copies.book import copies_of
from services.corrections.cases import case_about, settle_case
from services.corrections.errors import CannotCorrect
from services.corrections.plan import PutRight, checked_values, planned, recoded
from services.dossiers.owners import is_of_another
from services.permissions import Asker, demand
from services.unseen import paper_there

_OWNERS = ("owner_id", "owner_name", "owner_role", "further_owners")
_SEEN = ("type_code", "title", "number_symbol", "issued", "issuer", "abstract", *_OWNERS, "valid_until")
_ROW = (*_SEEN, "scope", "retention_class", "retention_until", "other_owner")


class Corrected(NamedTuple):
    """The paper as it is now, what was put right, which codes it bears no more, and what is to be done besides.

    No ``changes``: it was so already.
    """

    paper: Paper
    changes: tuple[KeptChange, ...]
    retired: tuple[RetiredCode, ...]
    remarks: tuple[Told, ...]


def correct(
    ctx: Services, asker: Asker, code: str, values: Mapping[str, str], *, reason: str, case: int | None = None
) -> Corrected:
    """Put fields of an archived paper right; codes that were made of what was wrong are retired, and lead to it.

    Args:
        ctx: the services.
        asker: who says so.
        code: document id, or a code that the paper bears or bore.
        values: field names, or ``type``, with what is right; "" where nothing stands.
        reason: how that is known; kept in the audit journal and with the object.
        case: the number of the owner's request that is granted so.

    Raises:
        NotAllowed: the role may not.
        NotFound: no such paper is held, or another agency's.
        ObjectsUnread: the same, or no code is given out while it is not known of all that lies in the vault.
        UsageError: no reason is given, or a name or value cannot be; nothing was changed.
        AlreadyDecided: somebody else corrected it since it was seen, or the request was refused.
    """
    demand(ctx, asker, "correct", code)
    if not reason.strip():
        raise CannotCorrect("no_reason", remedy="say_how_known")
    reason = checked("reason", reason)
    paper = paper_there(ctx, asker, "correct", code)
    asked = case_about(ctx, asker, case, paper) if case is not None else None
    wanted = checked_values(ctx, values)
    with ctx.vault.sole(paper.object_id) as stored, ctx.journal.once(paper.object_id) as record:
        package = read_package(stored)
        known = ctx.catalogue.paper(paper.id) or paper
        plan = planned(ctx, package, wanted)
        held, gone = package.paper, package.retired
        if plan.changes and _differs(held, paper):
            if _row(known, held) != known:  # who corrected it may have been cut off before the catalogue heard of it
                ctx.catalogue.correct(_row(known, held), package.identity, *gone)
            raise AlreadyDecided("corrected_meanwhile", id=paper.id)
        if plan.changes:
            plan, gone = _enter(ctx, asker, stored, package, plan, record, reason=reason, case=case)
        row = _row(known, plan.paper)
        if row != known:  # also where an earlier run was cut off before the catalogue heard of its version
            ctx.catalogue.correct(row, plan.identity, *gone)
    drain_if_possible(ctx)
    if asked is not None:
        _grant(ctx, asker, asked, plan, package, reason)
    return Corrected(row, plan.changes, gone if plan.changes else (), _remarks(ctx, row, plan.changes))


def _enter(
    ctx: Services,
    asker: Asker,
    stored: StoredObject,
    package: Package,
    plan: PutRight,
    record: Callable[..., None],
    *,
    reason: str,
    case: int | None,
) -> tuple[PutRight, tuple[RetiredCode, ...]]:
    """Give the paper the codes of what is right, tell the journal, and store the version; the codes that are gone."""
    changed, gone = recoded(ctx, package.paper, plan.paper)
    plan, at = plan._replace(paper=changed), now()
    record(_event(asker, plan, gone, reason, case))
    revise(
        ctx.vault,
        stored,
        changed,
        stage="corrected",
        at=at,
        who=asker.who,
        message=f"corrected: {mask_text(reason)}",
        retired=gone,
        correction=KeptCorrection(at=at, **dict(asker), reason=reason, case=case, changes=plan.changes),
        identity=plan.identity,
    )
    return plan, gone


def _grant(ctx: Services, asker: Asker, asked: OwnerCase, plan: PutRight, package: Package, reason: str) -> None:
    """Settle the request for which something was put right, now or before this run was cut off."""
    if not plan.changes and all(item.case != asked.number for item in package.corrections):
        raise CannotCorrect("case_changes_nothing", remedy="refuse_case_instead", number=asked.number)
    if asked.state == "pending":
        settle_case(ctx, asker, asked, "granted", reason)


def _differs(held: Paper, seen: Paper) -> bool:
    """Whether a paper was corrected since it was seen."""
    return any(getattr(held, name) != getattr(seen, name) for name in _SEEN)


def _row(known: Paper, held: Paper) -> Paper:
    """The catalogue's row of a paper that is held so; a code that another paper bears too stays as it is there."""
    update = {name: getattr(held, name) for name in _ROW}
    for name in ("digitisation_code", "file_code"):
        bears, says = getattr(known, name), getattr(held, name)
        update[name] = bears if bears and bears.removesuffix(f"#{known.id}") == says else says
    return known.model_copy(update=update)


def _event(asker: Asker, plan: PutRight, gone: Sequence[RetiredCode], reason: str, case: int | None) -> PaperCorrected:
    changes = "; ".join(
        f"{item.field}: {shown_value(item, item.old)} → {shown_value(item, item.new)}" for item in plan.changes
    )
    codes = "; ".join(f"{mask_code(item.code)} → {mask_code(item.instead or '')}" for item in gone)
    said = {"changes": changes, "codes": codes, "reason": reason}
    return PaperCorrected(**dict(asker), subject=plan.paper.id, **said, case=case)


def shown_value(change: KeptChange, value: str | None) -> str:
    """A value as lists and the journal show it (design law 7)."""
    return "-" if value is None else mask(value) if change.field == "owner_id" else mask_text(value)


def _remarks(ctx: Services, paper: Paper, changes: Sequence[KeptChange]) -> tuple[Told, ...]:
    """What a person has to see to besides."""
    found: list[Told] = []
    dossier = ctx.desk.dossier(paper.dossier) if paper.dossier else None
    if not paper.other_owner and is_of_another(ctx, paper.owner_ids, dossier):
        found.append(told("corrected_not_its_dossier", id=paper.id, dossier=paper.dossier or ""))
    used = [use.dossier for use in ctx.desk.uses_of(paper.id)] if changes else []
    if used:
        found.append(told("corrected_was_used", dossiers=used))
    made = copies_of(ctx, paper.id) if changes else []
    if made:  # the code that stands on them may be retired, and what they were made for may have to be told
        copies = [f"{item.number} ({item.office}, {item.dossier})" for item in made]
        found.append(told("corrected_was_copied", copies=copies))
    return tuple(found)
