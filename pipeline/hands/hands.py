"""The pair that signs a paper: the officer's key, and the seal of the paper's agency in a clerk's hands (law L1.9)."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from config.models import SigningProfile
from config.signing import KeyPlace, SealSettings
from domain.clock import VIETNAM, now
from domain.codes import agency_of
from domain.levels import Level
from pipeline.context import Context
from pipeline.errors import NoSigner, OfficerKeyUnusable
from pipeline.hands.keys import kept_apart
from pipeline.hands.officers import check_seal, officer_for, row_of
from pipeline.profiles import level_of
from pipeline.records import Coded, Conformed, Sealed
from signing.interface import Provable, Signers


class Hands(NamedTuple):
    """Who signs and who seals: by their names in the tables, empty for the store's own, and by their keys."""

    officer: str
    clerk: str
    agency: KeyPlace
    person: KeyPlace

    @property
    def seal(self) -> str:
        """The key of the seal as records name it."""
        return _name(self.agency)

    def opened(self, ctx: Context) -> Signers:
        """Both keys, ready to sign.

        Raises:
            OfficerKeyUnusable: one of the tables cannot be used.
            KeysUnusable, PinRefused: one of the store's own cannot be used.
            TokenAway, RemoteAway: one is away.
        """
        if not ctx.settings.signing.is_tabled:
            return ctx.signers
        keyring, places = ctx.keyring, (self.person, self.agency)
        for place in places:
            with kept_apart(place):
                keyring.credential(place)
        return keyring.signers(*places)


def hands_to_sign(conformed: Conformed, profile: SigningProfile, ctx: Context) -> Hands:
    """Who signs a copy before it is read, and whose seal its field is made for.

    Raises:
        NoSigner: nobody may.
        OfficerKeyUnusable, RemoteAway: the key cannot be used now.
    """
    agency = agency_of(conformed.statement.dossier or conformed.within, ctx.settings.agency)
    who = conformed.officer or officer_for(conformed, ctx)
    person = _person(who, agency, profile, now().date(), ctx)
    return Hands(who, *_seal(conformed, agency, ctx), person)


def hands_to_seal(coded: Coded, profile: SigningProfile, ctx: Context) -> tuple[Hands, bool]:
    """Who signs and seals a paper whose agency is known now, and whether the copy that is there may stay.

    It may not when it is by another officer or profile, or its field was made for another seal.

    Raises:
        NoSigner: nobody may.
        OfficerKeyUnusable, RemoteAway: the key cannot be used now.
    """
    agency, signing = agency_of(coded.codes.dossier or coded.within, ctx.settings.agency), ctx.settings.signing
    clerk, seal = _seal(coded, agency, ctx)
    who = (coded.officer or coded.signed_by) if signing.officers else ""
    stays = (who, _name(seal), profile.id) == (coded.signed_by, coded.seal, coded.signing)
    if stays and (not who or coded.signed_at is None):  # by the store's own officer, before there was a table
        return Hands(who, clerk, seal, signing.place("officer")), True
    day = coded.signed_at.astimezone(VIETNAM).date() if stays and coded.signed_at else now().date()
    who = who or officer_for(coded, ctx)
    return Hands(who, clerk, seal, _person(who, agency, profile, day, ctx)), stays


def extended(sealed: Sealed, before: Path, ctx: Context) -> Provable:
    """The sealed copy at the level that its type asks for, as far as its keys reach.

    Raises:
        OfficerKeyUnusable: a certificate of the tables was revoked.
        TemporaryFailure, SetupError: an authority does not answer, or cannot be used.
    """
    signing = ctx.settings.signing
    officers = [signing.place_of(row) for row in signing.rows_of(sealed.signed_by)] or [signing.place("officer")]
    seals = [place for place in map(signing.place_of, signing.seals) if place.title == sealed.seal]
    places = [*officers, *(seals or [signing.place("agency")])]
    prover = ctx.keyring if signing.is_tabled else ctx.signers
    with kept_apart(next((place for place in places if place.is_own), places[0])):
        return prover.extend(before, level_of(sealed, places, ctx))


def level_by(coded: Coded, hands: Hands, ctx: Context) -> Level:
    """The level that the document's type asks for, as far as the keys that sign it reach."""
    return level_of(coded, (hands.person, hands.agency), ctx)


def _person(who: str, agency: str, profile: SigningProfile, day: date, ctx: Context) -> KeyPlace:
    signing = ctx.settings.signing
    return signing.place_of(row_of(who, agency, profile.id, day, ctx)) if who else signing.place("officer")


def _seal(conformed: Conformed, agency: str, ctx: Context) -> tuple[str, KeyPlace]:
    """The clerk and the key that seal papers of an agency."""
    signing = ctx.settings.signing
    if not signing.seals:
        return "", signing.place("agency")
    check_seal(agency, ctx)
    row = _clerk(conformed, agency, ctx)
    return row.who, signing.place_of(row)


def _name(seal: KeyPlace) -> str:
    """The key of a seal as records name it."""
    return seal.title if seal.is_own else ""


def _clerk(conformed: Conformed, agency: str, ctx: Context) -> SealSettings:
    """The clerk who seals: who was meant when the copy was signed, who put the paper in, or one whose key is there.

    Raises:
        OfficerKeyUnusable: nobody's key can be used.
        RemoteAway: its service is away.
    """
    signing, meant = ctx.settings.signing, getattr(conformed, "seal", "")
    rows = signing.seals_for(agency, now().date())
    keyring, first = ctx.keyring, None
    for row in sorted(rows, key=lambda row: (signing.place_of(row).title != meant, row.who != conformed.scanned_by)):
        place = signing.place_of(row)
        try:
            with kept_apart(place):
                keyring.credential(place)
        except OfficerKeyUnusable as error:
            first = first or error
        else:
            return row
    raise first or NoSigner
