"""The PIN of a token: from a file that only its owner reads, or typed by a person; a refused one is never tried again.

A token counts wrong PINs over all processes and locks itself after a few.  So the login is one process's turn at a
time, the token's own flags are read first, and a note beside the keys remembers which PIN was refused until the file
with it has changed.
"""

import getpass
import multiprocessing
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from pkcs11 import Session, Token, TokenFlag
from pkcs11 import exceptions as p11
from pydantic import SecretStr

from signing.errors import KeysUnusable, PinRefused

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
_UNLOCK = "Have it unlocked with the security officer's PIN (SO-PIN) by whoever issued the token"
_BY_HAND = (
    "Correct the PIN file, then log in once with the token's own program so that its count starts anew; "
    "or leave out `pin_file` and type the PIN"
)


@dataclass(frozen=True, slots=True)
class _Pin:
    """A PIN, and which file it came from in which state; empty when it was just typed."""

    secret: SecretStr
    source: str = ""


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
    note = notes / f"refused-pin-{token.serial.hex()}"
    with FileLock(notes / "token.lock"):
        token = token.slot.get_token()  # the flags as they are now that it is our turn
        check_flags(token, is_attended=pin_file is None)
        pin = _from_file(pin_file) if pin_file else _typed(token)
        if pin.source and note.exists() and note.read_text(encoding="ascii") == pin.source:
            raise PinRefused(f"the token {token.label} refused this PIN before; it was not tried again")
        try:
            session = token.open(user_pin=pin.secret.get_secret_value())
        except _NOT_TRIED:
            raise
        except p11.PKCS11Error as error:
            if pin.source:
                note.write_text(pin.source, encoding="ascii")
            raise PinRefused(f"the token {token.label} refused the PIN ({type(error).__name__})") from None
        note.unlink(missing_ok=True)
    if not pin.source:
        _keep(token, pin.secret)
    return session


def check_flags(token: Token, *, is_attended: bool) -> None:
    """See that a PIN may be tried (PKCS #11 v2.40, 3.2: the flags of CK_TOKEN_INFO).

    Raises:
        PinRefused: it may not.
    """
    if token.flags & TokenFlag.USER_PIN_LOCKED:
        raise PinRefused(f"the PIN of the token {token.label} is locked", remedy=_UNLOCK)
    if token.flags & TokenFlag.USER_PIN_FINAL_TRY:
        raise PinRefused(
            f"one more wrong PIN would lock the token {token.label}; it was not tried",
            remedy="Make sure of the PIN and log in once with the token's own program",
        )
    if token.flags & TokenFlag.USER_PIN_COUNT_LOW and not is_attended:
        raise PinRefused(
            f"a wrong PIN was given to the token {token.label} since its last login; none was tried", remedy=_BY_HAND
        )


def _from_file(path: Path) -> _Pin:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read()
        secret = SecretStr(content.decode().rstrip("\r\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise KeysUnusable(
            f"the PIN file {path} cannot be read ({type(error).__name__})",
            remedy="Write the PIN into it, as its only line",
        ) from None
    if stat.S_IMODE(status.st_mode) & 0o077 or status.st_uid not in {0, os.geteuid()}:
        raise KeysUnusable(f"others than its owner can read the PIN file {path}", remedy=f"chmod 600 {path}")
    if not secret.get_secret_value():
        raise KeysUnusable(f"the PIN file {path} is empty", remedy="Write the PIN into it, as its only line")
    return _Pin(secret, _state(status))


def _typed(token: Token) -> _Pin:
    if held := _kept(token):
        return held
    if multiprocessing.parent_process() or not sys.stdin.isatty():
        raise KeysUnusable(
            f"no PIN for the token {token.label}: nobody is at a terminal",
            remedy="Set `pin_file` in the token's settings, or run the command at a terminal",
        )
    return _Pin(SecretStr(getpass.getpass(f"PIN of the token {token.label}: ")))


def _keep(token: Token, secret: SecretStr) -> None:
    """Keep a typed PIN, now that it is known to be right, where only processes of the same user can read it.

    It lies in memory, never on a disk; the processes that this one starts find it there (``_kept``), and it is gone
    when this process ends.
    """
    handle = os.memfd_create(_name(token))
    os.write(handle, secret.get_secret_value().encode())


def _kept(token: Token) -> _Pin | None:
    """The PIN that a person has typed into this process or the one that started it."""
    for process in (os.getpid(), os.getppid()):
        folder = f"/proc/{process}/fd"
        if not os.access(folder, os.R_OK):
            continue  # the process that started this one is another user's
        for handle in Path(folder).iterdir():
            if handle.is_symlink() and str(handle.readlink()) == f"/memfd:{_name(token)} (deleted)":
                with handle.open("rb") as file:
                    return _Pin(SecretStr(file.read().decode()), _state(os.fstat(file.fileno())))
    return None


def _name(token: Token) -> str:
    return f"khoso-pin-{token.serial.hex()}"


def _state(status: os.stat_result) -> str:
    """Tells one content of one file from every other; says nothing about the PIN."""
    return f"{status.st_dev}:{status.st_ino}:{status.st_ctime_ns}"
