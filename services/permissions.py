"""Who asks, and what the role allows (design law 7).

The command line trusts the name it is given, as it trusts whoever may read the store's files; a server gives the name
of the session.
"""

from typing import Literal

from config.settings import Role, Settings
from domain.codes import is_agency
from domain.errors import ExitCode, KhosoError, UsageError
from domain.record import Frozen
from services.context import Services


class NotAllowed(KhosoError):
    """The role does not allow it."""

    exit_code = ExitCode.REFUSED
    reason = "not_allowed"
    remedy = "Ask an archivist; roles are named under `desk.roles` in khoso.toml"


class TooManyQuestions(KhosoError):
    """More persons were asked about than a desk serves in an hour."""

    exit_code = ExitCode.REFUSED
    reason = "too_many_questions"
    remedy = "Wait, or have an archivist raise `desk.owners_per_hour`"


class Asker(Frozen):
    """Who asks, from which office, and in which role; the role comes from the settings, never from the asker."""

    who: str
    office: str
    role: Role


def asker(settings: Settings, who: str, office: str = "") -> Asker:
    """The asker of a name; without an office the installation's own.

    Raises:
        UsageError: the office is no agency identifier.
    """
    if office and not is_agency(office):
        raise UsageError(f"{office!r} is no agency identifier", remedy="Write the office as H17.12")
    return Asker(who=who, office=office or settings.agency, role=settings.desk.role(who))


def demand(ctx: Services, asker: Asker, *roles: Literal["archivist", "auditor"], act: str, subject: str) -> None:
    """Let only these roles go on; a refusal is recorded like an answer.

    Raises:
        NotAllowed: the asker has another role.
    """
    if asker.role in roles:
        return
    ctx.journal.record("refused", who=asker.who, subject=subject, act=act, role=asker.role, reason="not_allowed")
    raise NotAllowed(f"The role `{asker.role}` may not do this: {act}")
