"""What can go wrong when a document is signed or its keys are opened."""

from domain.errors import INSTEAD, ExitCode, Held, NotValid, SetupError, TemporaryFailure


class AlreadySigned(Held):
    """The document already bears this signature."""

    reason = "already_signed"
    remedy = "Go on with the next stage; a signed document is never signed twice by the same hand"


class CannotSign(Held):
    """The document cannot take a signature."""

    reason = "cannot_sign"
    remedy = f"Scan the paper again; {INSTEAD}"


class SignatureBroken(NotValid):
    """The signature just made does not stand the check; nothing was kept of it."""

    reason = "signing_failed"
    remedy = "`review ID --release` (or `renew`) signs again; report the message when that fails too"


class SignedByOthers(SignatureBroken):
    """The digitiser's signature stands, but was made with a key of which nothing is known."""


class KeysUnusable(SetupError):
    """The signing keys cannot be used."""

    reason = "keys_unusable"


class CertificateExpired(SetupError):
    """The certificate is not valid at the time of signing."""

    reason = "certificate_expired"
    remedy = (
        "Check the clock; then renew the certificate, or empty the folder of the development keys to have new ones made"
    )


class PinRefused(SetupError):
    """The token did not take the PIN, or is close to locking itself; no PIN is tried twice."""

    reason = "pin_refused"
    remedy = "Correct the PIN file; then log in once with the token's own program so that its count starts anew"


class TokenAway(TemporaryFailure):
    """The token with the key was taken out."""

    exit_code = ExitCode.SETUP
    reason = "token_away"
    remedy = "Put the token in again; the document is tried again by itself, or by `review ID --release` when held"


class RemoteAway(TemporaryFailure):
    """The signing service does not answer."""

    exit_code = ExitCode.SETUP
    reason = "remote_away"
    remedy = "The document is tried again by itself, or by `review ID --release` when held; look at the network"


class TimeStampAway(TemporaryFailure):
    """No time stamp authority answers."""

    reason = "time_stamp_away"
    remedy = "The document is tried again by itself, or by `review ID --release` when held; look at the network"


class TimeStampUnusable(SetupError):
    """No time stamp authority gives a token that can be used."""

    reason = "time_stamp_unusable"
    remedy = "Correct `signing.time_stamps` and the certificates in `signing.roots`; deploy/pki/README.md tells how"


class ClockWrong(SetupError):
    """The clock of this machine and the time stamps differ."""

    reason = "clock_wrong"
    remedy = "Set the clock by NTP; marks and signatures would show a wrong time"


class RevocationAway(TemporaryFailure):
    """Nobody says whether a certificate was revoked."""

    reason = "revocation_away"
    remedy = "The document is tried again by itself, or by `review ID --release` when held; look at the network"


class CertificateRevoked(SetupError):
    """A certificate was revoked."""

    reason = "certificate_revoked"
    remedy = "Stop using the key, find out since when, and look at what was signed with it after that"


class TooLate(NotValid):
    """The proof has ended already."""

    reason = "too_late"
    remedy = "A time stamp made now proves nothing about the past; an archivist decides on the document"


class StampTooShort(SetupError):
    """A new time stamp would not last longer than the one that is there."""

    reason = "stamp_too_short"
    remedy = "Put an authority with a younger certificate first in `signing.time_stamps`"


class NotConforming(Held):
    """The file cannot be proven to be PDF/A-2b."""

    reason = "not_pdfa"
    remedy = f"Scan the paper again as an image, for a file that is not PDF/A is not signed; {INSTEAD}"


class NotChecked(NotConforming):
    """The checker of PDF/A does not know all that is in the file, and finds nothing wrong in the rest."""
