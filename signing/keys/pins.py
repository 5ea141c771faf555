"""Secrets of keys (PINs, one-time passwords): from a file that only its owner reads, or typed by a person.

A note beside the keys remembers which content of which file was refused, so that no PIN is tried twice.
"""

import getpass
import multiprocessing
import os
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from domain.messages.told import Told, told
from signing.errors import KeysUnusable, NobodyThere, PinRefused

PIN, PASSWORD, OTP, ACCESS = map(told, ("secret_pin", "secret_password", "secret_otp", "secret_access"))


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, and which file it came from in which state; ``source`` is empty when it was just typed."""

    value: SecretStr
    source: str = ""


def from_file(path: Path, what: Told = PIN) -> Secret:
    """The only line of a private file.

    Raises:
        KeysUnusable: it cannot be read, is empty, or others can read it.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read()
        secret = SecretStr(content.decode().rstrip("\r\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise KeysUnusable(
            "secret_file_not_read", remedy="write_only_line", what=what, path=path, error=type(error).__name__
        ) from None
    if stat.S_IMODE(status.st_mode) & 0o077 or status.st_uid not in {0, os.geteuid()}:
        raise KeysUnusable("secret_file_open", remedy="change_mode_600", what=what, path=path)
    if not secret.get_secret_value():
        raise KeysUnusable("secret_file_empty", remedy="write_only_line", what=what, path=path)
    return Secret(secret, _state(status))


def typed(name: Told, what: Told = PIN) -> Secret:
    """What a person types; ``name`` tells the thing that it is for, such as ``the token desk``.

    Raises:
        NobodyThere: nobody is there to type.
    """
    if multiprocessing.parent_process() or not sys.stdin.isatty():
        raise NobodyThere("nobody_at_terminal", remedy="set_pin_file", what=what, name=name)
    return Secret(SecretStr(getpass.getpass(f"{secret_of(name, what)}: ")))


def secret_of(name: Told, what: Told = PIN) -> Told:
    """What people call the secret of a thing."""
    return told("secret_of", what=what, name=name)


def keep_secret(key: str, secret: SecretStr) -> None:
    """Keep a typed secret, now that it is known to be right, where only processes of the same user can read it.

    It lies in memory, never on a disk; the processes that this one starts find it there (``kept``), and it is gone
    when this process ends.
    """
    handle = os.memfd_create(_name(key))
    os.write(handle, secret.get_secret_value().encode())


def kept(key: str) -> Secret | None:
    """The secret that a person has typed into this process or the one that started it."""
    for process in (os.getpid(), os.getppid()):
        with suppress(PermissionError):  # the process that started this one is another user's, or the system's first
            for handle in Path(f"/proc/{process}/fd").iterdir():
                if handle.is_symlink() and str(handle.readlink()) == f"/memfd:{_name(key)} (deleted)":
                    with handle.open("rb") as file:
                        return Secret(SecretStr(file.read().decode()), _state(os.fstat(file.fileno())))
    return None


class Note:
    """Remembers the secret that a key refused."""

    def __init__(self, folder: Path, key: str, name: Told, remedy: str = "") -> None:
        """Keep the note in a folder that all processes of the installation share; ``remedy`` if it is not a token's."""
        self._path = folder / f"refused-pin-{key}"
        self._name = name
        self._remedy = remedy

    def check(self, secret: Secret) -> None:
        """See that the secret was not refused before.

        Raises:
            PinRefused: it was.
        """
        if secret.source and self._path.exists() and self._path.read_text(encoding="ascii") == secret.source:
            raise PinRefused("pin_refused_before", remedy=self._remedy, name=self._name)

    def refused(self, secret: Secret) -> None:
        """Remember it until its file has changed."""
        if secret.source:
            self._path.write_text(secret.source, encoding="ascii")

    def taken(self) -> None:
        """Forget what was refused before."""
        self._path.unlink(missing_ok=True)


def _name(key: str) -> str:
    return f"khoso-pin-{key}"


def _state(status: os.stat_result) -> str:
    """Tells one content of one file from every other; says nothing about the secret."""
    return f"{status.st_dev}:{status.st_ino}:{status.st_ctime_ns}"
