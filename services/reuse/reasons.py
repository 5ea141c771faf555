"""Why a held paper does not count, as a clerk is told it: until when, where, by what decision, what came after it."""

from archive.errors import VaultDamaged
from archive.interface import Paper
from archive.package import object_id_of
from domain.messages.told import Told, told
from domain.owners import mask_text
from domain.validity import HeldPaper, LookupAnswer
from services.context import Services


def why_not(ctx: Services, paper: HeldPaper, answer: LookupAnswer, use: str) -> Told | None:
    """What is behind an answer by which a held paper is to be brought; ``use`` is what it is asked for as.

    None where nobody wrote down why.
    """
    match answer:
        case "held-but-expired":
            if paper.own_term == paper.valid_until or paper.own_term is None:
                return told("last_day_of_paper", day=paper.valid_until)
            return told("last_day_of_use", day=paper.valid_until, use=use)
        case "held-but-not-here":
            return told("counts_only_at", agency=_agency(ctx, paper.scope or ""))
        case "held-but-untrusted":
            return told("signer_not_trusted")
        case "held-but-revoked":
            return _decided(ctx, paper)
        case "held-but-replaced":
            later = ctx.catalogue.paper(paper.replaced_by) if paper.replaced_by else None
            return _replaced_by(later) if later else None
    return None


def _agency(ctx: Services, code: str) -> str:
    try:
        return ctx.catalogues.agency(code).name
    except KeyError:
        return code


def _decided(ctx: Services, paper: HeldPaper) -> Told | None:
    """By what decision it was revoked; the object remembers that, also after a rebuild."""
    try:
        said = ctx.vault.messages(object_id_of(paper.id))
    except VaultDamaged:
        return None  # the answer stands without it
    sign = f"{paper.standing}: "
    why = next((text.removeprefix(sign) for text in said if text.startswith(sign)), "")
    return told("revoked_by_decision", why=mask_text(why)) if why else None


def _replaced_by(later: Paper) -> Told:
    number = later.number_symbol or later.title or later.id
    return told("later_paper_counts", number=mask_text(number), day=later.issued or told("day_not_known"))
