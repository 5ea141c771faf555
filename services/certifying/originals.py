"""Of which papers no certified copy is made: what is certified is that an original was seen (law L1.3, L1.10)."""

from collections.abc import Mapping
from typing import Any

from archive.interface import Paper, StoredObject
from archive.package import TEXT, record_of
from domain.clock import today
from domain.errors import NotValid
from domain.messages.told import told
from pipeline.extraction.wording import WordIndex, folded_words
from services.context import Services
from services.permissions import Asker, refuse
from services.reuse.wording import ANSWERS
from services.verify import proof_of

_COPIES = {"certified_copy", "photocopy"}


def check_original(ctx: Services, asker: Asker, paper: Paper, stored: StoredObject, *, dossier: str) -> None:
    """See that a paper is held, in force, sound, came as paper, and that nothing says that it is a copy.

    Raises:
        NotValid: it is not so.
        VaultDamaged: its object cannot be read.
    """
    reason, error = _fault(ctx, paper, stored)
    if error is not None:
        refuse(ctx, asker, "certify", paper.id, reason, dossier=dossier)
        raise error


def _fault(ctx: Services, paper: Paper, stored: StoredObject) -> tuple[str, NotValid | None]:
    if paper.arrived_signed is not None:
        return "came_signed", NotValid("certify_electronic", remedy="use_or_copy", id=paper.id)
    if paper.standing != "in_force":
        answer = told(ANSWERS["held-but-revoked" if paper.standing == "revoked" else "held-but-replaced"])
        return paper.standing, NotValid("counts_no_more", remedy="bring_one_in_force", answer=answer)
    record = record_of(stored)
    if _is_copy(ctx, record, stored):
        return "copy", NotValid("certify_copy_of_copy", remedy="bring_original_to_certify", id=paper.id)
    proof, faults = proof_of(ctx, paper)
    if faults or proof in {"broken", "unsigned"}:
        return "damaged" if faults else proof, NotValid("certify_unproven", remedy="see_what_verify_says", id=paper.id)
    return "", None


def _is_copy(ctx: Services, record: Mapping[str, Any], stored: StoredObject) -> bool:
    """Whether it was stated or read that the paper is a copy, and nobody said since that it is an original.

    Releases that asked nothing took such papers, too; so what is written on it is looked at once more.
    """
    said = [item.get("after") for item in _items(record, "corrections") if item.get("field") == "presented"]
    if said:
        return said[-1] in _COPIES
    statement = record.get("statement")
    stated = statement.get("presented") if isinstance(statement, dict) else None
    if stated is not None:
        return stated in _COPIES
    words = WordIndex(folded_words(stored.files[TEXT].read_text(encoding="utf-8")))
    known = ctx.catalogues.profile(today()).brought_copies.statements
    return any(words.contains(folded_words(phrase)) for phrase in known)


def _items(record: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = record.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
