"""The keys of officers and seals: made ready before a batch, and each apart from the others when it fails."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from config.signing import KeyPlace
from domain.clock import now
from domain.errors import SetupError, TemporaryFailure
from domain.messages.told import Told
from pipeline.context import Context
from pipeline.errors import OfficerKeyUnusable
from signing.errors import CertificateExpired, CertificateRevoked, KeysUnusable, NobodyThere, PinRefused, TokenAway
from signing.keys.terms import warn_of_ends

_log = logging.getLogger("khoso.keys")


@contextmanager
def kept_apart(place: KeyPlace) -> Iterator[None]:
    """What is wrong with a key of the tables holds the papers that it signs; the line goes on with those of others.

    So does a token that was taken out: its officer went home with it, and all that wait at a stage would wait with his
    papers.  A service that is away is away for all, and is waited for.

    Raises:
        OfficerKeyUnusable: something is wrong with it.
    """
    try:
        yield
    except (KeysUnusable, PinRefused, CertificateExpired, CertificateRevoked, TokenAway) as error:
        if not place.is_own:
            raise
        name = place.person or place.organisation
        after = Told(code=error.remedy, params=error.params) if error.remedy else ""
        remedy = "then_release" if after and not isinstance(error, TokenAway) else ""
        raise OfficerKeyUnusable(
            "hands_cannot_sign", remedy=remedy, name=name, key=place.title, why=error, after=after
        ) from None


def get_keys_ready(ctx: Context, whos: Collection[str] | None = None) -> None:
    """Open the keys that will sign, ask now for what only a person can give, and warn of certificates that end.

    Args:
        ctx: the services.
        whos: the officers who will sign, the default one where these are none; all of them, if it is not said.

    Raises:
        SetupError, TemporaryFailure: the store's own keys cannot sign; of one of the tables it is logged, and its
            papers are held.
    """
    signing = ctx.settings.signing
    if not signing.is_tabled:
        warn_of_ends(ctx.signers.terms(), now())
        ctx.signers.get_ready()
        return
    rows = [row for row in signing.officers if whos is None or row.who in whos]
    rows = rows or list(signing.rows_of(signing.default_officer))
    officers = [signing.place_of(row) for row in rows] if signing.officers else [signing.place("officer")]
    seals = [signing.place_of(row) for row in signing.seals] or [signing.place("agency")]
    keyring = ctx.keyring
    for place in (*officers, *seals):
        try:
            credential = keyring.credential(place)
            warn_of_ends([credential.term], now())
            credential.key.get_ready()
        except NobodyThere as error:
            _log.info("The %s signs when somebody is there: %s", place.title, error)
        except (SetupError, TemporaryFailure) as error:
            if not place.is_own:
                raise
            _log.error("The %s cannot sign: %s", place.title, error.explain())
