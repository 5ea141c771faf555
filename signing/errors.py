"""What can go wrong when a document is signed or its keys are opened."""

from domain.errors import ExitCode, Held, NotValid, SetupError, TemporaryFailure


class AlreadySigned(Held):
    """The document already bears this signature."""

    reason = "already_signed"
    remedy = "go_on_next"


class CannotSign(Held):
    """The document cannot take a signature."""

    reason = "cannot_sign"
    remedy = "scan_then_end"


class SignatureBroken(NotValid):
    """The signature just made does not stand the check; nothing was kept of it."""

    reason = "signing_failed"
    remedy = "sign_again"


class SignedByOthers(SignatureBroken):
    """The digitiser's signature stands, but was made with a key of which nothing is known."""


class KeysUnusable(SetupError):
    """The signing keys cannot be used."""

    reason = "keys_unusable"


class NobodyThere(KeysUnusable):
    """The key wants a person, and nobody is at a terminal."""


class CertificateExpired(SetupError):
    """The certificate is not valid at the time of signing."""

    reason = "certificate_expired"
    remedy = "renew_certificate"


class PinRefused(SetupError):
    """The token did not take the PIN, or is close to locking itself; no PIN is tried twice."""

    reason = "pin_refused"
    remedy = "correct_pin"


class TokenAway(TemporaryFailure):
    """The token with the key was taken out."""

    exit_code = ExitCode.SETUP
    reason = "token_away"
    remedy = "put_token_in"


class RemoteAway(TemporaryFailure):
    """The signing service does not answer."""

    exit_code = ExitCode.SETUP
    reason = "remote_away"
    remedy = "tried_again_network"


class TimeStampAway(TemporaryFailure):
    """No time stamp authority answers."""

    reason = "time_stamp_away"
    what = "no_authority_answers"
    remedy = "tried_again_network"


class TimeStampOdd(TimeStampAway):
    """What the time stamp authorities answer now is no time stamp; a gateway or a fault of theirs may pass."""

    reason = "time_stamp_odd"
    remedy = "tried_again_authority"


class TimeStampUnusable(SetupError):
    """The time stamp authorities are none, or not those that are trusted here."""

    reason = "time_stamp_unusable"
    remedy = "correct_stamps"


class ClockWrong(SetupError):
    """The clock of this machine, which nothing keeps right, and the time stamps differ."""

    reason = "clock_wrong"
    remedy = "set_clock"


class RevocationAway(TemporaryFailure):
    """Nobody says whether a certificate was revoked."""

    reason = "revocation_away"
    remedy = "tried_again_network"


class CertificateRevoked(SetupError):
    """A certificate was revoked."""

    reason = "certificate_revoked"
    remedy = "stop_using_key"


class TooLate(NotValid):
    """The proof has ended already."""

    reason = "too_late"
    remedy = "archivist_decides"


class StampTooShort(NotValid):
    """A new time stamp, by whichever authority, would not last longer than the one that is there."""

    reason = "stamp_too_short"
    what = "stamp_too_short"
    remedy = "list_further_authority"


class NotConforming(Held):
    """The file cannot be proven to be PDF/A-2b."""

    reason = "not_pdfa"
    remedy = "scan_as_image"


class NotChecked(NotConforming):
    """The checker of PDF/A does not know all that is in the file, and finds nothing wrong in the rest."""
