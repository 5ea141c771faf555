"""Old and new numbers of one person, linked by a decision that is recorded and can be undone.

A paper that shows both is no such decision: none of the types that are read here names both numbers of one person.
"""

from collections.abc import Sequence
from datetime import datetime

from archive.links.links import NumberLink
from domain.clock import now
from domain.errors import NotFound, UsageError
from domain.events import NumbersLinked
from domain.owners import identifier_kind, mask, mask_text, normal_owner
from domain.record import PublicView
from domain.values import checked
from services.context import Services
from services.permissions import Asker, demand


class LinkView(PublicView):
    """A link as it is told: the numbers masked; ``counts``: it was not undone, and its secret is there."""

    old: str
    new: str
    at: datetime
    who: str
    office: str
    reason: str
    counts: bool
    undone_at: datetime | None
    undone_by: str
    undone_reason: str


def link_numbers(ctx: Services, asker: Asker, old: str, new: str, *, reason: str) -> LinkView:
    """Enter that an old number of 9 digits and a new one of 12 are one person's; the same again changes nothing.

    Raises:
        NotAllowed: the role may not.
        UsageError: they are no such numbers, there is no reason, or the old one is linked with another one.
    """
    old_id, new_id, why = _stated(ctx, asker, old, new, reason)
    link = NumberLink(
        old_key=ctx.owner_keys.of(old_id),
        new_key=ctx.owner_keys.of(new_id),
        old_shown=mask(old_id),
        new_shown=mask(new_id),
        secret=ctx.owner_keys.check,
        at=now(),
        who=asker.who,
        office=asker.office,
        reason=why,
    )
    with (
        ctx.journal.once("numbers linked", link.old_key, link.new_key) as record,
        ctx.desk.links.link(link) as (entered, is_new),
    ):
        if entered.new_key != link.new_key:
            raise UsageError("old_number_linked", remedy="unlink_first", old=link.old_shown, new=entered.new_shown)
        if is_new:
            record(NumbersLinked(**dict(asker), subject=link.old_shown, other=link.new_shown, reason=why))
    return link_view(ctx, entered)


def unlink_numbers(ctx: Services, asker: Asker, old: str, new: str, *, reason: str) -> LinkView:
    """Undo a link; lookups find under each number what is its own again, and what was answered before stays.

    Raises:
        NotAllowed: the role may not.
        UsageError: they are no such numbers, or there is no reason.
        NotFound: they are not linked.
    """
    old_id, new_id, why = _stated(ctx, asker, old, new, reason)
    keys = (ctx.owner_keys.of(old_id), ctx.owner_keys.of(new_id))
    link = next((item for item in ctx.desk.links.of(keys[0]) if (item.old_key, item.new_key) == keys), None)
    if link is None:
        raise NotFound("numbers_not_linked", remedy="see_links", old=mask(old_id), new=mask(new_id))
    undone = link.model_copy(update={"undone_at": now(), "undone_by": asker.who, "undone_reason": why})
    with ctx.journal.once("numbers unlinked", *keys) as record:
        record(
            NumbersLinked(
                event="numbers_unlinked", **dict(asker), subject=link.old_shown, other=link.new_shown, reason=why
            )
        )
        ctx.desk.links.undo(link, undone.undone_at or now(), asker.who, why)
    return link_view(ctx, undone)


def list_links(ctx: Services, asker: Asker) -> Sequence[LinkView]:
    """Every link that was ever made.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "links")
    return [link_view(ctx, link) for link in ctx.desk.links.all()]


def link_view(ctx: Services, link: NumberLink) -> LinkView:
    """A link as it is told."""
    return LinkView(
        old=link.old_shown,
        new=link.new_shown,
        at=link.at,
        who=link.who,
        office=link.office,
        reason=link.reason,
        counts=link.undone_at is None and link.secret == ctx.owner_keys.check,
        undone_at=link.undone_at,
        undone_by=link.undone_by,
        undone_reason=link.undone_reason,
    )


def _stated(ctx: Services, asker: Asker, old: str, new: str, reason: str) -> tuple[str, str, str]:
    old, new = normal_owner(old), normal_owner(new)
    demand(ctx, asker, "link", mask(old))
    if (identifier_kind(old), identifier_kind(new)) != ("old_identity", "personal"):
        raise UsageError("no_numbers_to_link", remedy="give_old_and_new")
    if not reason.strip():
        raise UsageError("no_reason_given", remedy="say_why_one_person")
    return old, new, mask_text(checked("reason", reason))
