"""Software keys: made by a local authority when they are first needed, for development only.

A folder holds ``root.pem`` and, for each role, a certificate and an unencrypted PKCS#8 key.  The root's own key is
thrown away once it has issued them, so nobody can issue another one in its name; so each officer and seal of the tables
has a folder with a root of its own, within that of the store's keys.
"""

import logging
import stat
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from filelock import FileLock

from config.signing import KeyPlace, SigningSettings
from domain.messages.told import told
from files.durable import OWN, whole
from files.rights import running_user
from signing.errors import KeysUnusable
from signing.keys.authority import LONGEST_COMMON_NAME, LONGEST_NAME, ROOT, make_folder, shortened, subject
from signing.keys.credentials import Algorithm, Credential, PrivateKey, SoftwareKey
from signing.keys.kinds import KeyKind

_log = logging.getLogger("khoso.keys")
_Role = Literal["officer", "agency", "timestamps"]
_ROLES: tuple[_Role, ...] = ("officer", "agency", "timestamps")


def _rsa_key() -> PrivateKey:
    return rsa.generate_private_key(65537, 2048)


@dataclass(frozen=True, slots=True)
class SoftwareKeys:
    """The local authority's root and the credentials it issued."""

    root: x509.Certificate
    officer: Credential
    agency: Credential
    timestamps: Credential


def software_keys(settings: SigningSettings) -> SoftwareKeys:
    """All keys; see ``software_key``."""
    officer, agency, timestamps = (software_key(settings, role) for role in _ROLES)
    return SoftwareKeys(officer.chain[-1], officer, agency, timestamps)


def software_key(settings: SigningSettings, role: _Role) -> Credential:
    """Load a key; all are made on first run, and two processes that start at once end up with the same ones.

    Raises:
        KeysUnusable: the keys cannot be read or made, or were made for other names than the settings say.
    """
    folder = settings.keys
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(folder.name + ".lock")):
            if not _are_made(folder):
                make_keys(settings)
        credential = _load_credential(folder, role, _load_certificate(folder / ROOT))
    except PermissionError as error:
        raise _closed(folder, error) from None
    except (OSError, ValueError) as error:
        raise KeysUnusable("keys_not_used", remedy="put_keys_back", folder=folder, error=error) from error
    _check_name(credential, role, settings)
    return credential


def software_anchors(settings: SigningSettings) -> tuple[bytes, ...]:
    """The root certificate in DER, and none before the keys are made; needs no private key, and makes nothing.

    Raises:
        KeysUnusable: the keys have been made, but their root cannot be read.
    """
    return _anchors(settings.keys)


def software_certificates(settings: SigningSettings, *roles: _Role) -> list[x509.Certificate]:
    """The certificates of the keys, if there are any yet."""
    return _certificates(settings.keys, *roles)


def _anchors(folder: Path) -> tuple[bytes, ...]:
    path = folder / ROOT
    try:
        if not _are_made(folder):
            return ()
        return (_load_certificate(path).public_bytes(serialization.Encoding.DER),)
    except PermissionError as error:
        raise _closed(folder, error) from None
    except (OSError, ValueError) as error:
        raise KeysUnusable("no_root", remedy="sign_first", path=path) from error


def _certificates(folder: Path, *roles: _Role) -> list[x509.Certificate]:
    paths = [folder / f"{role}.pem" for role in roles]
    try:
        return [_load_certificate(path) for path in paths if path.exists()]
    except PermissionError as error:
        raise _closed(folder, error) from None
    except (OSError, ValueError) as error:
        raise KeysUnusable("keys_not_used", remedy="put_folder_back", folder=folder, error=error) from error


def keys_open_to_others(settings: SigningSettings) -> list[Path]:
    """The development keys that others on this machine can read, and so could sign with; no key is read."""
    folders = dict.fromkeys((settings.keys, *(place.folder for place in settings.places())))
    keys = (path for folder in folders for path in sorted(folder.glob("*.key")))
    return [path for path in keys if _is_open(path)]


def _is_open(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _are_made(folder: Path) -> bool:
    """Whether there are keys, or what is left of them; an empty folder is one that new ones are to be made for."""
    return folder.exists() and any(folder.iterdir())


def _closed(folder: Path, error: PermissionError) -> KeysUnusable:
    """The keys are in order, and are another user's, who answers for what is signed with them."""
    place = Path(error.filename or folder)
    owner, user = _owner(place), running_user()
    remedy = "open_folder" if owner == user else "run_as_owner"
    return KeysUnusable("keys_of_another_user", remedy=remedy, place=place, owner=owner, user=user, folder=folder)


def _owner(path: Path) -> str:
    """To whom a file belongs, or the folder in which nobody else may see it."""
    for place in (path, *path.parents):
        with suppress(OSError):
            try:
                return place.owner()
            except KeyError:  # a user without a name
                return str(place.stat().st_uid)
    return "?"


def _check_name(credential: Credential, role: _Role, settings: SigningSettings) -> None:
    """The marks show the certificate's names, so a changed setting must not go unnoticed."""
    checked = {
        "officer": ("officer", settings.officer, credential.person),
        "agency": ("officer_agency", settings.officer_agency, credential.organisation),
    }
    setting, wanted, held = checked.get(role, ("", "", ""))
    if unicodedata.normalize("NFC", wanted) != held:
        raise KeysUnusable(
            "keys_of_another_name",
            remedy="set_old_name",
            folder=settings.keys,
            held=held,
            setting=setting,
            wanted=wanted,
        )


def make_keys(settings: SigningSettings, new_key: Callable[[], PrivateKey] = _rsa_key) -> None:
    """Make the store's own keys: all are there, or none."""
    officer, agency = (unicodedata.normalize("NFC", name) for name in (settings.officer, settings.officer_agency))
    _check_lengths(officer, agency, "shorten_names_to")
    subjects: dict[str, tuple[x509.Name, PrivateKey]] = {
        "officer": (subject(officer, agency), new_key()),
        "agency": (subject(shortened(agency), agency), new_key()),
        "timestamps": (subject("khoso development time stamps"), ec.generate_private_key(ec.SECP256R1())),
    }
    make_folder(settings.keys, subjects)
    _made(settings).unlink(missing_ok=True)  # an emptied folder asks for all keys anew


def _check_lengths(person: str, organisation: str, remedy: str) -> None:
    if not 1 <= len(person.encode()) <= LONGEST_COMMON_NAME or not 1 <= len(organisation) <= LONGEST_NAME:
        raise KeysUnusable(
            "name_not_for_certificate",
            remedy=remedy,
            officer=person,
            agency=organisation,
            bytes=LONGEST_COMMON_NAME,
            letters=LONGEST_NAME,
        )


def own_key(settings: SigningSettings, place: KeyPlace) -> Credential:
    """Load the development key of an officer or a seal of the tables; it is made when it is first asked for, and once.

    Raises:
        KeysUnusable: it cannot be read, or was made and is gone: nobody makes another one in its place.
    """
    software_key(settings, "timestamps")  # the folder in which it lies is made with the store's own keys
    folder = place.folder
    try:
        with FileLock(settings.keys.with_name(settings.keys.name + ".lock")):
            known = _names_made(settings)
            if not folder.exists() and folder.name in known:
                raise KeysUnusable("own_key_gone", remedy="put_keys_back", folder=folder, key=place.title)
            if not _are_made(folder):
                _make_own(place)
            if folder.name not in known:
                with whole(_made(settings), mode=OWN) as file:
                    file.write("".join(f"{name}\n" for name in (*known, folder.name)).encode())
        return _load_credential(folder, place.role, _load_certificate(folder / ROOT))
    except PermissionError as error:
        raise _closed(folder, error) from None
    except (OSError, ValueError) as error:
        raise KeysUnusable("keys_not_used", remedy="put_keys_back", folder=folder, error=error) from error


def _make_own(place: KeyPlace) -> None:
    person = place.person or shortened(place.organisation)
    _check_lengths(person, place.organisation, "shorten_name_to")
    make_folder(place.folder, {place.role: (subject(person, place.organisation), _rsa_key())})


def _made(settings: SigningSettings) -> Path:
    """What tells which keys of the tables were made; beside the keys, so that it is not lost with them."""
    return settings.keys.with_name(settings.keys.name + ".made")


def _names_made(settings: SigningSettings) -> list[str]:
    made = _made(settings)
    return made.read_text(encoding="ascii").splitlines() if made.exists() else []


def _load_certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _load_credential(folder: Path, role: _Role, root: x509.Certificate) -> Credential:
    path = folder / f"{role}.key"
    if _is_open(path):
        _log.warning("%s", told("key_open_to_others", path=path).text())
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError(f"{role}.key is neither RSA nor EC")  # noqa: TRY004 - told to the operator by the caller
    algorithm = Algorithm.PSS if isinstance(key, rsa.RSAPrivateKey) else Algorithm.ECDSA
    return Credential(_load_certificate(folder / f"{role}.pem"), (root,), SoftwareKey(key), algorithm)


@contextmanager
def _open(settings: SigningSettings, place: KeyPlace) -> Iterator[Credential]:
    yield own_key(settings, place) if place.is_own else software_key(settings, place.role)


def _present(settings: SigningSettings, place: KeyPlace) -> str:
    if place.is_own and not place.folder.exists() and place.folder.name in _names_made(settings):
        raise KeysUnusable("own_key_gone", remedy="put_keys_back", folder=place.folder, key=place.title)
    return told("key_for_development").text()


SOFTWARE = KeyKind(
    name="keys",
    open=_open,
    present=_present,
    certificates=lambda _, place: _certificates(place.folder, place.role),
    anchors=lambda _, place: _anchors(place.folder),
    advice="key_real_ones",
    is_made_here=True,
)
