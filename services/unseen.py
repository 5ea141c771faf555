"""What nobody is told: papers of other agencies, which reasons name; and what nobody can tell: objects not read."""

import re
from types import MappingProxyType
from typing import Final

from archive.errors import ObjectsUnread
from pipeline.errors import LongerScan, SameDocument
from services.context import Services
from services.permissions import Asker, bounds, may

# A document, and its code where that is told too; no code has a blank.
_NAMED = re.compile(r"(?:\bdocument )?\b([0-9a-f]{16}(?:-\d+)?)\b(?: \(\S*\))?")
_FOREIGN: Final = "one of another agency"
# What can be done about a paper that is like one which nobody here may see.
_REMEDIES = MappingProxyType(
    {
        SameDocument.remedy: "`review ID --release` if it is a paper of its own, else `--discard`; who runs the program"
        " can compare both",
        LongerScan.remedy: "`review ID --release` archives it beside that one; `review ID --discard --reason"
        ' "…"` ends it; who runs the program may let it take the place of that one',
    }
)


def dossier_of(ctx: Services, document_id: str) -> str | None:
    """The code of a document's dossier, as given out, read or stated; else the agency it came by, if that is known."""
    paper = ctx.catalogue.paper(document_id)
    if paper is not None:
        return paper.dossier
    entry = ctx.ledger.entry(document_id)
    if entry is None:
        return None
    from pipeline.records import shown_record  # noqa: PLC0415 (commands that tell no paper open fast)

    return shown_record(entry.record).belongs


def without_others(ctx: Services, asker: Asker, text: str) -> str:
    """A text without ids and codes of papers that are not there for the asker, and with remedies that he can follow.

    That his paper is like another agency's is told to him, as it is told that a file is known: he has the paper.
    """
    if bounds(asker, "show") is None:
        return text

    def name(found: re.Match[str]) -> str:
        return found[0] if is_there(ctx, asker, found[1]) else _FOREIGN

    clean = _NAMED.sub(name, text)
    if clean != text:
        for given, left in _REMEDIES.items():
            clean = clean.replace(given, left)
    return clean


def is_there(ctx: Services, asker: Asker, name: str) -> bool:
    """Whether a document may be named to the asker, by id or code: he may see it, or nobody has it."""
    is_known = ctx.catalogue.paper(name) is not None or ctx.ledger.entry(name) is not None
    return not is_known or may(asker, "show", dossier_of(ctx, name), ctx.settings)


def unread(ctx: Services) -> str:
    """Why there may be papers that nobody knows, so that a list of them may lack some; "" when all are known."""
    try:
        ctx.catalogue.check_read()
    except ObjectsUnread as error:
        return error.explain()
    return ""
