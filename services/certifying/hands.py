"""Who certifies: an officer in the capacity that the settings give him, and a seal of his office (law L1.9, L1.10)."""

from typing import NamedTuple

from config.models import CERTIFIED_COPY
from config.signing import KeyPlace, OfficerSettings
from domain.clock import today
from domain.errors import KhosoError, SetupError
from services.context import Services
from services.permissions import Act, Advice, Asker, NotAllowed, refuse
from signing.interface import Signers


class CertifyingHands(NamedTuple):
    """The keys of the officer and of the seal, ready to sign, where they lie, and what the statement says of him."""

    signers: Signers
    places: tuple[KeyPlace, KeyPlace]
    name: str
    title: str


def whom_to_ask(ctx: Services, office: str) -> Advice:
    """The officers who certify at an office today; how one is entered, where there is none."""
    rows = (row for row in ctx.settings.signing.officers if row.why_not(office, CERTIFIED_COPY, today()) is None)
    names = list(dict.fromkeys(f"{row.name} (--who {row.who})" for row in rows))
    return Advice("ask_certifier", {"certifiers": names, "office": office}) if names else Advice("enter_certifier", {})


def certifier(
    ctx: Services, asker: Asker, act: Act, subject: str = "", *, dossier: str | None = None
) -> OfficerSettings:
    """The row that lets the asker certify at his office today: without it he makes no copy and gets none that was made.

    Raises:
        NotAllowed: there is none.
    """
    rows = ctx.settings.signing.rows_of(asker.who)
    whys = [row.why_not(asker.office, CERTIFIED_COPY, today()) for row in rows]
    for row, why in zip(rows, whys, strict=True):
        if why is None:
            return row
    refuse(ctx, asker, act, subject, "no_certifier", dossier=dossier)
    advice = whom_to_ask(ctx, asker.office)
    if not rows:
        raise NotAllowed("certifier_no_officer", remedy=advice.remedy, who=asker.who, **advice.params)
    raise NotAllowed("certifier_may_not", remedy=advice.remedy, who=asker.who, why=whys[0], **advice.params)


def hands_to_certify(ctx: Services, asker: Asker, row: OfficerSettings) -> CertifyingHands:
    """The asker's own key, and the seal of the office where he is; nobody certifies in another's name.

    Raises:
        SetupError: his row names no capacity, nobody seals for the office, or a key cannot be used.
        TemporaryFailure: a key is away.
    """
    if not row.title:
        raise SetupError("certifier_without_title", remedy="enter_title", who=asker.who)
    signing, day = ctx.settings.signing, today()
    if signing.seals and not signing.seals_for(asker.office, day):
        raise SetupError("nobody_seals", remedy="enter_office_seal", agency=asker.office)
    person = signing.place_of(row)
    clerks = sorted(signing.seals_for(asker.office, day), key=lambda item: item.who != asker.who)
    places = [signing.place_of(item) for item in clerks] or [signing.place("agency")]
    ctx.keyring.credential(person)
    seal = _usable(ctx, places)
    signers = ctx.keyring.signers(person, seal)
    signers.get_ready()
    return CertifyingHands(signers, (person, seal), row.name, row.title)


def _usable(ctx: Services, places: list[KeyPlace]) -> KeyPlace:
    """The first seal whose key is there; what is wrong with the first one, when none is."""
    first: KhosoError | None = None
    for place in places:
        try:
            ctx.keyring.credential(place)
        except KhosoError as error:
            first = first or error
        else:
            return place
    assert first is not None  # noqa: S101 (there is always a place)
    raise first
