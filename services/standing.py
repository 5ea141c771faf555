"""Whether a held paper still counts: an agency revokes it, or another paper replaces it (law L1.2: it stays stored)."""

from archive.interface import Paper
from domain.errors import UsageError
from domain.states import Standing
from domain.values import checked
from pipeline.standing import enter_standing
from services.context import Services
from services.permissions import Asker, demand
from services.unseen import paper_there


def change_standing(
    ctx: Services, asker: Asker, code: str, standing: Standing, *, reason: str, by: str | None = None
) -> Paper:
    """Enter that a paper was revoked, replaced ``by`` another, or counts again; vault first, then the catalogue.

    Args:
        ctx: the services.
        asker: who enters it; not for desk roles.
        code: document id, digitisation code or result code of the paper.
        standing: what it is from now on.
        reason: why, as the agency's decision says it; kept in the audit journal and with the object.
        by: code of the paper that replaces it (`MaKetQuaThayThe`), with ``replaced`` and only then.

    Raises:
        NotFound: no such paper is held, or another agency's.
        ObjectsUnread: the same, and it is not known of all that lies in the vault.
        UsageError: no reason is given, or ``by`` does not go with ``standing``.
        NotAllowed: the role may not.
        AlreadyDecided: somebody else entered another standing since it was read.
    """
    demand(ctx, asker, "standing", code)
    if not reason.strip():
        raise UsageError("no_reason_given", remedy="name_decision")
    reason = checked("reason", reason)
    if (standing == "replaced") != (by is not None):
        raise UsageError("replaced_by_other", remedy="give_by_then")
    paper = paper_there(ctx, asker, "standing", code)
    successor = paper_there(ctx, asker, "standing", by) if by else None
    if successor is not None and successor.id == paper.id:
        raise UsageError("replaces_itself", remedy="give_other_code")
    return enter_standing(ctx, paper, standing, successor, reason, **dict(asker))
