"""PKCS#11 modules: a token is found by its name, a session on it opened once, and opened anew after it was taken out.

A process has one session on each token and one lock over all of them: several sessions in several threads crash the
modules that were tried.  More power is more processes.  A session whose token was taken out never recovers; the module
is then started anew, which voids all its sessions, and each is opened again when it is next asked for.
"""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pkcs11
from pkcs11 import TokenFlag
from pkcs11 import exceptions as p11

from config.signing import TokenSettings
from signing.errors import KeysUnusable
from signing.keys.token_pin import check_flags, log_in

LOCK = threading.RLock()
os.register_at_fork(before=LOCK.acquire, after_in_parent=LOCK.release, after_in_child=LOCK.release)

_AWAY = (  # what modules answer when a token was taken out, or is being put in
    p11.DeviceError,
    p11.DeviceRemoved,
    p11.FunctionFailed,
    p11.GeneralError,
    p11.KeyHandleInvalid,
    p11.NoSuchToken,
    p11.ObjectHandleInvalid,
    p11.SessionClosed,
    p11.SessionHandleInvalid,
    p11.SlotIDInvalid,
    p11.TokenNotPresent,
    p11.TokenNotRecognised,
    p11.UserAlreadyLoggedIn,
    p11.UserNotLoggedIn,
)


def means_away(error: p11.PKCS11Error) -> bool:
    """Whether the token may be back in a moment; python-pkcs11 gives codes of makers' own without a class."""
    return isinstance(error, _AWAY) or type(error) is p11.PKCS11Error


class Module:
    """A PKCS#11 module in this process, and its sessions.  Whoever uses it holds ``LOCK``."""

    def __init__(self, path: Path) -> None:
        """Load the module and start it."""
        self._path = path
        self._sessions: dict[bytes, pkcs11.Session] = {}
        self.users = 0
        self.starts = 0
        self._start()

    def session(self, token: pkcs11.Token, pin_file: Path | None, notes: Path) -> pkcs11.Session:
        """The session on a token, logged in; opened when there is none."""
        if token.serial not in self._sessions:
            self._sessions[token.serial] = log_in(token, pin_file, notes)
        return self._sessions[token.serial]

    def find(self, settings: TokenSettings) -> pkcs11.Token:
        """The token by serial number or label; its slot's number changes with the socket that it is put into.

        Raises:
            NoSuchToken: it is not there.
            KeysUnusable: there are several.
        """
        serial = settings.serial.encode() or None
        found = list(self._lib.get_tokens(token_label=settings.label or None, token_serial=serial))
        if not found:
            raise p11.NoSuchToken
        if len(found) > 1:
            serials = ", ".join(token.serial.decode(errors="replace") for token in found)
            raise KeysUnusable(
                "tokens_alike", remedy="set_serial", number=len(found), token=settings.name, serials=serials
            )
        return found[0]

    def tokens(self) -> list[pkcs11.Token]:
        """All tokens that are there and in use."""
        return list(self._lib.get_tokens(token_flags=TokenFlag.TOKEN_INITIALIZED))

    def restart(self) -> None:
        """Void all sessions and start anew, so that the tokens are seen that are there now."""
        self.stop()
        self._start()

    def stop(self) -> None:
        """Log out of all tokens."""
        self._sessions.clear()
        with contextlib.suppress(p11.PKCS11Error):  # when it lost its token, or is a fork's: nothing is left to stop
            self._lib.finalize()

    def is_of_this_process(self) -> bool:
        """Whether it was started here; a started module does not survive a fork (PKCS #11 v2.40, 2.4)."""
        return self._process == os.getpid()

    def _start(self) -> None:
        try:
            self._lib = pkcs11.lib(str(self._path))
        except p11.PKCS11Error as error:
            if self.starts:
                raise
            raise KeysUnusable(
                "module_not_loaded", remedy="install_token_software", path=self._path, error=type(error).__name__
            ) from None
        self._process = os.getpid()
        self.starts += 1


_modules: dict[Path, Module] = {}


@contextlib.contextmanager
def open_module(path: Path) -> Iterator[Module]:
    """The module of this process; stopped when nobody uses it any more."""
    with LOCK:
        if path not in _modules:
            _modules[path] = Module(path)
        module = _modules[path]
        module.users += 1
    try:
        yield module
    finally:
        with LOCK:
            module.users -= 1
            if not module.users:
                _modules.pop(path).stop()


def present(settings: TokenSettings) -> str:
    """What the token says of itself, without a login.

    Raises:
        KeysUnusable: module or token is not there.
        PinRefused: the token takes no PIN any more, or none without a person.
    """
    with open_module(settings.module) as module, LOCK:
        try:
            token = module.find(settings)
        except p11.NoSuchToken:
            there = ", ".join(f"{item.label} ({item.serial.decode(errors='replace')})" for item in module.tokens())
            raise KeysUnusable(
                "token_not_there", remedy="put_in_now_there", token=settings.name, there=there or "none"
            ) from None
        except p11.PKCS11Error as error:
            raise KeysUnusable(
                "token_silent", remedy="try_token", token=settings.name, error=type(error).__name__
            ) from None
        check_flags(token, is_attended=settings.pin_file is None)
        return f"{token.label} ({token.serial.decode(errors='replace')}), {token.manufacturer_id} {token.model}"
