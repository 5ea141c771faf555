"""Logging in to a token; a PIN that it refused is never tried again.

A token counts wrong PINs over all processes and locks itself after a few.  So the login is one process's turn at a
time, the token's own flags are read first, and a note beside the keys remembers which PIN was refused until the file
with it has changed.
"""

from pathlib import Path

from filelock import FileLock
from pkcs11 import Session, Token, TokenFlag
from pkcs11 import exceptions as p11

from domain.messages.told import told
from signing.errors import PinRefused
from signing.keys.pins import Note, from_file, keep_secret, kept, typed

_NOT_TRIED = (  # the token was not there to count a try; any other answer may mean a wrong PIN
    p11.DeviceRemoved,
    p11.SessionClosed,
    p11.SessionCount,
    p11.SessionHandleInvalid,
    p11.SlotIDInvalid,
    p11.TokenNotPresent,
    p11.TokenNotRecognised,
    p11.UserAlreadyLoggedIn,
)
_UNLOCK = "have_unlocked"
_BY_HAND = "correct_then_log_in"


def log_in(token: Token, pin_file: Path | None, notes: Path) -> Session:
    """Open a session as the token's user, with at most one try of the PIN.

    Args:
        token: what to log in to.
        pin_file: holds the PIN; without it a person is asked, once for all processes of a run.
        notes: the folder that remembers refused PINs; one for all processes of the installation.

    Raises:
        PinRefused: the PIN is wrong, or the token is so close to locking itself that it was not tried.
        KeysUnusable: there is no PIN.
    """
    notes.mkdir(parents=True, exist_ok=True)
    key, name = token.serial.hex(), told("named_token", name=token.label)
    note = Note(notes, key, name)
    with FileLock(notes / "token.lock"):
        token = token.slot.get_token()  # the flags as they are now that it is our turn
        check_flags(token, is_attended=pin_file is None)
        pin = from_file(pin_file) if pin_file else kept(key) or typed(name)
        note.check(pin)
        try:
            session = token.open(user_pin=pin.value.get_secret_value())
        except _NOT_TRIED:
            raise
        except p11.PKCS11Error as error:
            note.refused(pin)
            raise PinRefused("pin_refused", name=name, error=type(error).__name__) from None
        note.taken()
    if not pin.source:
        keep_secret(key, pin.value)
    return session


def check_flags(token: Token, *, is_attended: bool) -> None:
    """See that a PIN may be tried (PKCS #11 v2.40, 3.2: the flags of CK_TOKEN_INFO).

    Raises:
        PinRefused: it may not.
    """
    if token.flags & TokenFlag.USER_PIN_LOCKED:
        raise PinRefused("pin_locked", remedy=_UNLOCK, token=token.label)
    if token.flags & TokenFlag.USER_PIN_FINAL_TRY:
        raise PinRefused("pin_last_try", remedy="make_sure_pin", token=token.label)
    if token.flags & TokenFlag.USER_PIN_COUNT_LOW and not is_attended:
        raise PinRefused("pin_wrong_since", remedy=_BY_HAND, token=token.label)
