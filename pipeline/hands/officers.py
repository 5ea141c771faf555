"""Who signs a copy: whoever scanned it, where he may and can, else the officer who is named for it (law L2.4).

All of this is for stores with a table `signing.officers`; in others the store's one officer signs every copy.
"""

from datetime import date

from config.signing import OfficerSettings
from domain.clock import now
from domain.codes import agency_of
from domain.messages.told import Told, told
from files.rights import running_user
from pipeline.context import Context
from pipeline.errors import NoSigner, OfficerKeyUnusable
from pipeline.hands.keys import kept_apart
from pipeline.profiles import profile_of
from pipeline.records import Received
from signing.errors import NobodyThere


def officer_for(received: Received, ctx: Context) -> str:
    """The officer who signs the copy of a paper that was put in, as far as it can be known before it is read.

    Whoever scanned it, when he is an officer whose key needs no person beside it, or has one; else who is named for it;
    else the default officer, for a key that lacks its person and for what the machine's own user put in.

    Raises:
        NoSigner: nobody may sign it.
        OfficerKeyUnusable: his key cannot be used.
        RemoteAway: its service is away.
    """
    signing, agency = ctx.settings.signing, _known_agency(received, ctx)
    check_seal(agency, ctx)
    if not signing.officers:
        return ""
    profile = profile_of(received, received.statement.type_code, ctx).id
    why: Told | None = None
    for who in _asked(received, ctx):
        try:
            row = row_of(who, agency, profile, now().date(), ctx)
            if is_usable(row, ctx):
                return who
            why = why or told("key_wants_person", name=row.name)
        except (NoSigner, OfficerKeyUnusable) as error:
            if received.statement.officer in {None, who}:  # nobody is named who comes after him
                raise
            why = why or error.inner
    if why:
        raise NoSigner("signs_not", why=why)
    if received.scanned_by:
        raise NoSigner("scanner_no_officer", who=received.scanned_by)
    raise NoSigner


def _asked(received: Received, ctx: Context) -> list[str]:
    """Who may be the one, in their order; of a postal operator only himself, and of a paper let go on who did so."""
    signing, scanner, named = ctx.settings.signing, received.scanned_by, received.statement.officer
    if received.officer:
        return [received.officer]
    own = [scanner] if signing.rows_of(scanner) else []
    if ctx.settings.desk.role(scanner) == "postal":
        return own
    if named:
        return [*own, named]
    is_nobody = scanner in {"", running_user()}  # earlier releases kept no name
    return [*own, *([signing.default_officer] if signing.default_officer and (own or is_nobody) else [])]


def row_of(who: str, agency: str, profile: str, day: date, ctx: Context) -> OfficerSettings:
    """The row by which an officer signs a copy.

    Raises:
        NoSigner: none allows it.
    """
    rows = ctx.settings.signing.rows_of(who)
    whys = [(row.why_not(agency, profile, day), row) for row in rows]
    for why, row in whys:
        if why is None:
            return row
    why = next((why for why, _ in whys), None) or told("no_officer", who=who)
    raise NoSigner("signs_not", why=why)


def is_usable(row: OfficerSettings, ctx: Context) -> bool:
    """Whether a key signs now: it needs no person, or one is there who gives the PIN.

    Raises:
        OfficerKeyUnusable: it cannot be used at all.
        RemoteAway: its service is away.
    """
    place, keyring = ctx.settings.signing.place_of(row), ctx.keyring
    with kept_apart(place):
        try:
            keyring.credential(place).key.get_ready()
        except NobodyThere:
            return False
    return True


def check_seal(agency: str, ctx: Context) -> None:
    """See that somebody seals papers of an agency.

    Raises:
        NoSigner: nobody does.
    """
    signing = ctx.settings.signing
    if signing.seals and not signing.seals_for(agency, now().date()):
        raise NoSigner("nobody_seals", remedy="enter_seal", agency=agency)


def _known_agency(received: Received, ctx: Context) -> str:
    """The agency of a paper that is not read yet: of the dossier that is stated, or from which it was put in."""
    return agency_of(received.statement.dossier or received.within, ctx.settings.agency)
