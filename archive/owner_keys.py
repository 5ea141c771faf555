"""The keyed hash under which owners are looked up, so that no list of identifiers can be tried against a stolen index.

Twelve digits are soon counted through: a plain hash would hide nothing.  The secret lies in a file of its own, readable
by its user alone or with the store's group, and is not kept with the data it protects when these are copied.
"""

import hashlib
import hmac
import secrets
from pathlib import Path

from domain.errors import SetupError
from domain.owners import normal_owner
from files.durable import OWN, whole
from files.rights import shut_out

_BYTES = 32


class OwnerKeys:
    """Keyed hashes of owner ids: HMAC-SHA256 in hexadecimal."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, owner_id: str) -> str:
        """The hash of an owner id, however it is written."""
        return self._hash(f"owner:{normal_owner(owner_id)}")

    @property
    def check(self) -> str:
        """By what a database knows whether it was written with this secret."""
        return self._hash("check")

    def _hash(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()


def open_owner_keys(path: Path, *, group: bool = False, made: bool = True) -> OwnerKeys:
    """The secret of a file, which its group may read too when all of the store is shared so.

    Args:
        path: the file.
        group: whether its group may read it.
        made: whether it is made where there is none, and else is lost: owners were entered under it.

    Raises:
        SetupError: it is lost, the file is not such a secret, or others may read it.
    """
    if not path.exists():
        if not made:
            raise SetupError("secret_gone", remedy="put_backup_back", reason="owner_secret", path=path)
        _make(path, OWN | OWN >> 3 if group else OWN)
    secret = path.read_bytes()
    if len(secret) != _BYTES:
        raise SetupError(
            "secret_of_wrong_size", remedy="put_secret_back_or_aside", reason="owner_secret", path=path, bytes=_BYTES
        )
    if path.stat().st_mode & shut_out(group=group):
        raise SetupError("read_by_others", remedy="change_mode", path=path, mode=660 if group else 600)
    return OwnerKeys(secret)


def _make(path: Path, mode: int) -> None:
    """Write a fresh secret: of two processes that begin together, one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path, mode=mode, first=True) as file:
        file.write(secrets.token_bytes(_BYTES))
