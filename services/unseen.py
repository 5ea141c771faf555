"""What nobody is told: papers of other agencies, which reasons name; and what nobody can tell: objects not read."""

from types import MappingProxyType
from typing import Any, Final, TypeVar

from archive.errors import ObjectsUnread
from archive.interface import Paper
from archive.papers.forms import KeptField
from domain.codes import mask_code
from domain.errors import NotFound, UsageError
from domain.messages.papers import FOREIGN, other_id
from domain.messages.told import EARLIER, Reason, Told, told
from domain.owners import mask, mask_text
from domain.shown import without_places
from services.context import Services
from services.permissions import TABLE, Act, Asker, bounds, may, sees

# What can be done about a paper that is like one which nobody here may see.
_REMEDIES = MappingProxyType({"compare_both": "decide_without_other", "replace_or_release": "release_beside_other"})
# A paper waits because it may be secret: who decides nothing about it is told that, and no degree (law L8.5).
_SECRECY = {"two_decide_secrecy", "second_decides_secrecy"}
WAITS: Final = "waits_for_secrecy"
_Message = TypeVar("_Message", Told, Reason)


def bearer_of(ctx: Services, code: str) -> str:
    """The id of the document that bears a code, or bore it before it was retired; else what was given."""
    paper = ctx.catalogue.paper(code)
    if paper is not None:
        return paper.id
    withdrawn = ctx.catalogue.withdrawn.of(code)
    if withdrawn is not None:
        return withdrawn.id
    bore = ctx.catalogue.retired(code)
    return bore[0][0] if bore else code


def paper_there(ctx: Services, asker: Asker, act: Act, code: str, *, absent: NotFound | None = None) -> Paper:
    """The held paper that is meant by an id, or by a code that it bears or bore, if it is there for the asker.

    Every act that is given a code asks here: a code on a print of last year leads to its paper, whatever is done to it.

    Args:
        ctx: the services.
        asker: who asks.
        act: what for; that it is another agency's is recorded under it.
        code: what was given.
        absent: what is told where there is none, if something else than that.

    Raises:
        NotFound: no such paper is held, or another agency's.
        ObjectsUnread: the same, and it is not known of all that lies in the vault.
        UsageError: several papers bore the code, none bears it, and all of them are there: nobody knows which is meant.
    """
    paper = ctx.catalogue.paper(code)
    if paper is None:
        bore = dict.fromkeys(document for document, _ in ctx.catalogue.retired(code))
        papers = [item for item in ctx.catalogue.some(list(bore)) if may(asker, act, item.belongs, ctx.settings)]
        if len(papers) > 1:
            raise UsageError("code_of_several", remedy="give_id_of_paper", code=code, number=len(papers))
        paper = papers[0] if papers else ctx.catalogue.paper(bearer_of(ctx, code))
    if paper is None or not sees(ctx, asker, act, paper.id, dossier=paper.belongs):
        ctx.catalogue.check_read()
        raise absent or NotFound("no_paper", remedy="find_it", code=code)
    return paper


def dossier_of(ctx: Services, document_id: str) -> str | None:
    """The code of a document's dossier, as given out, read or stated; else the agency it came by, if that is known."""
    paper = ctx.catalogue.paper(document_id)
    if paper is not None:
        return paper.belongs
    withdrawn = ctx.catalogue.withdrawn.of(document_id)
    if withdrawn is not None:
        return withdrawn.belongs
    entry = ctx.ledger.entry(document_id)
    if entry is None:
        return None
    from pipeline.records import shown_record  # noqa: PLC0415 (commands that tell no paper open fast)

    return shown_record(entry.record).belongs


def without_others(ctx: Services, asker: Asker, reason: Reason) -> Reason:
    """A reason without ids and codes of papers that are not there for the asker, and with a remedy that he can follow.

    That his paper is like another agency's is told to him, as it is told that a file is known: he has the paper.  The
    sentence of an earlier release may name any paper, so that only its fixed word is told.
    """
    if reason.remedy in _SECRECY and asker.role not in TABLE["withdrawn"]:
        return Reason(word=reason.word, what=WAITS, remedy="two_decide_secrecy")
    if bounds(asker, "show") is None:
        return reason
    if reason.what == EARLIER:
        return Reason(word=reason.word, what="of_earlier_release")

    def name(item: Told | str) -> Told | str:
        other = other_id(item) if isinstance(item, Told) else None
        return item if other is None or is_there(ctx, asker, other) else told(FOREIGN)

    clean = reason.changed(name)
    if clean != reason:
        return clean.model_copy(update={"remedy": _REMEDIES.get(clean.remedy, clean.remedy)})
    return reason


def masked(message: _Message, *, places: bool = False) -> _Message:
    """A message without identity numbers and, unless ``places``, without the places of files (design law 7)."""

    def mask(item: Told | str) -> Told | str:
        return mask_text(item if places else without_places(item)) if isinstance(item, str) else item

    return message.changed(mask)


def masked_code(item: dict[str, Any]) -> dict[str, Any]:
    """A retired code, and what took its place, without identity numbers."""
    return {**item, **{name: mask_code(item[name]) for name in ("code", "instead") if item.get(name)}}


def masked_field(name: str, item: KeptField) -> KeptField:
    """A field without identity numbers."""
    return item.model_copy(update={"value": mask(item.value) if name == "owner_id" else mask_text(item.value)})


def is_there(ctx: Services, asker: Asker, name: str) -> bool:
    """Whether a document may be named to the asker, by id or code: he may see it, or nobody has it."""
    name = bearer_of(ctx, name)
    withdrawn = ctx.catalogue.withdrawn.of(name)
    if withdrawn is not None:
        return may(asker, "withdrawn", withdrawn.belongs, ctx.settings)
    is_known = ctx.catalogue.paper(name) is not None or ctx.ledger.entry(name) is not None
    return not is_known or may(asker, "show", dossier_of(ctx, name), ctx.settings)


def unread(ctx: Services) -> str:
    """Why there may be papers that nobody knows, so that a list of them may lack some; "" when all are known."""
    try:
        ctx.catalogue.check_read()
    except ObjectsUnread as error:
        return error.told.text()
    return ""
