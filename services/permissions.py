"""Who may do what: one table of acts, roles and scopes, and the only ``demand`` (design law 7).

Every act of ``services/`` asks here before it does anything; a refusal is recorded like an answer, always in the same
shape.  The command line trusts the name it is given, as it trusts whoever may read the store's files; a server gives
the name of the session.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from config.desk import Role
from config.settings import Settings
from domain.codes import agency_of, agency_over, is_agency, is_within
from domain.errors import ExitCode, KhosoError, UsageError
from domain.events import AccessRefused, Actor
from domain.messages.told import told
from files.rights import running_user
from services.context import Services

Act = Literal[
    "ingest",
    "status",
    "show",
    "disclose",
    "search",
    "count",
    "search by owner",
    "lookup",
    "use",
    "copy",
    "copies",
    "certify",
    "certified",
    "doubts",
    "owner",
    "link",
    "links",
    "verify",
    "review_list",
    "review",
    "secrecy",
    "withdraw",
    "withdrawn",
    "standing",
    "renew",
    "index",
    "rebuild",
    "upgrade",
    "catalogue_list",
    "catalogue_import",
    "catalogue_undo",
    "dossiers_import",
    "dossiers_list",
    "dossiers_show",
    "dossiers_export",
    "terms",
    "tie",
    "correct",
    "case_open",
    "case_list",
    "case_decide",
    "quality_open",
    "quality_check",
    "quality_show",
    "quality_minutes",
]
Scope = Literal["own", "all", "brought"]


def _table() -> dict[Act, Mapping[Role, Scope]]:
    everybody: dict[Role, Scope] = {"desk": "own", "operator": "all", "archivist": "own", "auditor": "all"}
    anywhere: dict[Role, Scope] = dict.fromkeys((*everybody, "postal"), "all")
    brought: dict[Role, Scope] = {"postal": "brought"}
    staff: dict[Role, Scope] = {"desk": "own", "operator": "all", "archivist": "own"}
    asking: dict[Role, Scope] = {"desk": "all", "operator": "all", "archivist": "all"}
    tending: dict[Role, Scope] = {"operator": "all", "archivist": "all"}
    return {
        "ingest": {**staff, "postal": "own"},
        "status": anywhere,
        "show": {**everybody, **brought},
        "disclose": {"operator": "all", "archivist": "own"},
        "search": everybody,
        "count": {"operator": "all", "archivist": "all", "auditor": "all"},
        "search by owner": {"archivist": "own", "auditor": "all"},
        "lookup": asking,
        "use": asking,
        "copy": staff,
        "copies": {"operator": "all", "archivist": "all", "auditor": "all"},
        "certify": {"desk": "own"},
        "certified": {"desk": "own", "operator": "all", "archivist": "all", "auditor": "all"},
        "doubts": {"operator": "all", "archivist": "all", "auditor": "all"},
        "owner": {"archivist": "all", "auditor": "all"},
        "link": {"archivist": "all"},
        "links": {"archivist": "all", "auditor": "all"},
        "verify": everybody,
        "review_list": staff,
        "review": staff,
        "secrecy": {"operator": "all", "archivist": "own"},
        "withdraw": staff,
        "withdrawn": {"operator": "all", "archivist": "own", "auditor": "all"},
        "standing": {"archivist": "own"},
        "renew": tending,
        "index": tending,
        "rebuild": tending,
        "upgrade": tending,
        "catalogue_list": anywhere,
        "catalogue_import": tending,
        "catalogue_undo": tending,
        "dossiers_import": asking,
        "dossiers_list": everybody,
        "dossiers_show": everybody,
        "dossiers_export": {"archivist": "all"},
        "terms": {"operator": "all", "archivist": "all", "auditor": "all"},
        "tie": staff,
        "correct": {"archivist": "own"},
        "case_open": {"desk": "own", "archivist": "own"},
        "case_list": {"desk": "own", "archivist": "own", "auditor": "all"},
        "case_decide": {"archivist": "own"},
        "quality_open": tending,
        "quality_check": {"operator": "all", "archivist": "own"},
        "quality_show": {"operator": "all", "archivist": "all", "auditor": "all"},
        "quality_minutes": tending,
    }


TABLE: Final = MappingProxyType(_table())
"""Act → roles → scope: papers of the own office and those below it (an archivist's are those of the whole agency),
those that the asker himself put in, or all.

What a role lacks, it may not.

``disclose`` goes with ``show``: identity numbers in full, and where the files lie.  ``count`` goes with ``search``: how
many papers of every agency there are by type, agency, year and state.  A question for a dossier goes to all agencies:
that is what reuse is for, and it answers about one owner and hands over what was asked for.
"""


class NotAllowed(KhosoError):
    """The role does not allow it."""

    exit_code = ExitCode.REFUSED
    reason = "not_allowed"
    remedy = "ask_archivist"


class TooManyQuestions(KhosoError):
    """More persons were asked about than a desk serves in an hour."""

    exit_code = ExitCode.REFUSED
    reason = "too_many_questions"
    remedy = "wait_or_raise_owners"


class Asker(Actor):
    """Who asks, from which office, and in which role; the role comes from the settings, never from the asker."""

    who: str
    office: str
    role: Role


class Advice(NamedTuple):
    """A remedy, with what it names."""

    remedy: str
    params: Mapping[str, Any]


_NOBODY: Final = Advice("", MappingProxyType({}))


def asker(settings: Settings, who: str, office: str = "") -> Asker:
    """The asker of a name; without an office the installation's own.

    Raises:
        UsageError: the office is no agency identifier.
    """
    return Asker(who=who, office=_office(settings, office), role=settings.desk.role(who))


def user_of_the_machine(settings: Settings, office: str = "") -> Asker:
    """Who runs the program without saying who: an operator, unless the settings say otherwise.

    The files of the store are that user's already.  A name that somebody gives never makes an operator.

    Raises:
        UsageError: the office is no agency identifier.
    """
    who = running_user()
    return Asker(who=who, office=_office(settings, office), role=settings.desk.roles.get(who, "operator"))


def _office(settings: Settings, office: str) -> str:
    if office and not is_agency(office):
        raise UsageError("no_agency_identifier", remedy="write_office", office=office)
    return office or settings.agency


def demand(
    ctx: Services, asker: Asker, act: Act, subject: str = "", *, dossier: str | None = None, advice: Advice = _NOBODY
) -> None:
    """Let only those go on whose role may do this; subject and dossier are what a refusal is recorded with.

    ``advice`` names whom else to ask, where an archivist is of no help.

    Raises:
        NotAllowed: the role may not.
    """
    if asker.role not in TABLE[act]:
        refuse(ctx, asker, act, subject, "not_allowed", dossier=dossier)
        role, what = told(f"role_{asker.role}"), told(f"act_{act.replace(' ', '_')}")
        raise NotAllowed("role_may_not", remedy=advice.remedy, role=role, act=what, **advice.params)


def may(asker: Asker, act: Act, dossier: str | None, settings: Settings, *, by: str | None = None) -> bool:
    """Whether the role may do this with a paper of that dossier; None: nobody knows, and so the installation's.

    ``by``: who put the paper in, where that is known.
    """
    scope = TABLE[act].get(asker.role)
    if scope == "brought":
        return by == asker.who
    return scope == "all" or (scope == "own" and is_within(agency_of(dossier, settings.agency), _own(asker)))


def bounds(asker: Asker, act: Act) -> str | None:
    """The agency within which the role may do this, those below it included; None: with papers of all."""
    return None if TABLE[act].get(asker.role) == "all" else _own(asker)


def _own(asker: Asker) -> str:
    """The agency whose papers are the asker's own: an archive is the agency's, in whatever office of it he sits."""
    return agency_over(asker.office) if asker.role == "archivist" else asker.office


def sees(ctx: Services, asker: Asker, act: Act, subject: str, *, dossier: str | None, by: str | None = None) -> bool:
    """Whether a paper of that dossier is there for the asker at all; when not, that is recorded as a refusal.

    The act then answers as if there were none: that another agency holds such a paper is told to nobody.
    """
    if may(asker, act, dossier, ctx.settings, by=by):
        return True
    refuse(ctx, asker, act, subject, "other_agency")
    return False


def refuse(ctx: Services, asker: Asker, act: Act, subject: str, reason: str, *, dossier: str | None = None) -> None:
    """Record a refusal; every one has this shape."""
    ctx.journal.record(
        AccessRefused(
            who=asker.who,
            subject=subject,
            act=act,
            role=asker.role,
            office=asker.office,
            dossier=dossier,
            reason=reason,
        )
    )
