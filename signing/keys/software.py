"""Software keys: a local authority made on first run, for development only.

The folder holds ``root.pem`` and, for each role, a certificate and an unencrypted PKCS#8 key.  The root's own key is
thrown away once it has issued the three certificates, so nobody can issue another one in its name.
"""

import os
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from filelock import FileLock

from config.signing import KeyRole, SigningSettings
from domain import clock
from files.durable import flush_folder
from files.rights import running_user
from signing.errors import KeysUnusable
from signing.keys.credentials import Algorithm, Credential, PrivateKey, SoftwareKey
from signing.keys.kinds import DEVELOPMENT, KeyKind

_ROOT = "root.pem"
_Role = Literal["officer", "agency", "timestamps"]
_ROLES: tuple[_Role, ...] = ("officer", "agency", "timestamps")
_TERM = timedelta(days=3652)
_LONG_TERM = 2 * _TERM  # root and time stamps outlive the signers, so that a time stamp can prove an expired one
_LONGEST_NAME = 64  # letters: X.520's bound for commonName and organizationName
_LONGEST_COMMON_NAME = 64  # bytes: how `cryptography` reads that bound
_README = """Keys of khoso for DEVELOPMENT ONLY.

Made by this program on its first run; the private keys are not encrypted.  Signatures made with them have no legal
value.  Keep root.pem as long as documents signed with these keys are to be checked.
"""


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
        credential = _load_credential(folder, role, _load_certificate(folder / _ROOT))
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
    path = settings.keys / _ROOT
    try:
        if not _are_made(settings.keys):
            return ()
        return (_load_certificate(path).public_bytes(serialization.Encoding.DER),)
    except PermissionError as error:
        raise _closed(settings.keys, error) from None
    except (OSError, ValueError) as error:
        raise KeysUnusable("no_root", remedy="sign_first", path=path) from error


def software_certificates(settings: SigningSettings, *roles: _Role) -> list[x509.Certificate]:
    """The certificates of the keys, if there are any yet."""
    paths = [settings.keys / f"{role}.pem" for role in roles]
    try:
        return [_load_certificate(path) for path in paths if path.exists()]
    except PermissionError as error:
        raise _closed(settings.keys, error) from None
    except (OSError, ValueError) as error:
        raise KeysUnusable("keys_not_used", remedy="put_folder_back", folder=settings.keys, error=error) from error


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
    """Make all keys in a folder beside, then rename it: the keys are there whole or not at all."""
    officer, agency = (unicodedata.normalize("NFC", name) for name in (settings.officer, settings.officer_agency))
    if not 1 <= len(officer.encode()) <= _LONGEST_COMMON_NAME or not 1 <= len(agency) <= _LONGEST_NAME:
        raise KeysUnusable(
            "name_not_for_certificate",
            remedy="shorten_names_to",
            officer=officer,
            agency=agency,
            bytes=_LONGEST_COMMON_NAME,
            letters=_LONGEST_NAME,
        )
    root_key = ec.generate_private_key(ec.SECP256R1())
    root_name = _subject("khoso development root")
    root = _certificate(root_name, root_name, root_key, root_key, is_authority=True)
    folder = settings.keys.with_name(settings.keys.name + ".new")
    shutil.rmtree(folder, ignore_errors=True)  # left by a crash; the lock says nobody is at work on it
    folder.mkdir(mode=0o700)
    _write(folder / _ROOT, root.public_bytes(serialization.Encoding.PEM))
    _write(folder / "README.txt", _README.encode())
    subjects: dict[str, tuple[x509.Name, PrivateKey]] = {
        "officer": (_subject(officer, agency), new_key()),
        "agency": (_subject(_shortened(agency), agency), new_key()),
        "timestamps": (_subject("khoso development time stamps"), ec.generate_private_key(ec.SECP256R1())),
    }
    for role, (subject, key) in subjects.items():
        certificate = _certificate(subject, root_name, key, root_key, is_timestamper=role == "timestamps")
        _write(folder / f"{role}.pem", certificate.public_bytes(serialization.Encoding.PEM))
        _write(
            folder / f"{role}.key",
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )
    flush_folder(folder)
    folder.rename(settings.keys)
    flush_folder(settings.keys.parent)


def _shortened(name: str) -> str:
    """The name, cut after a word and marked with an ellipsis when it is too long for a common name."""
    words = name.split()
    while len(short := " ".join(words) + "…") > 1 and len(short.encode()) > _LONGEST_COMMON_NAME:
        words.pop()
    return name if len(name.encode()) <= _LONGEST_COMMON_NAME else short


def _subject(name: str, organisation: str = "khoso") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, DEVELOPMENT),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: PrivateKey,
    issuer_key: PrivateKey,
    *,
    is_authority: bool = False,
    is_timestamper: bool = False,
) -> x509.Certificate:
    """A certificate for ten years, or twenty; in force since yesterday so that clocks may differ a little."""
    since: datetime = clock.now() - timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + (_LONG_TERM if is_authority or is_timestamper else _TERM))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .add_extension(_key_usage(is_authority=is_authority), critical=True)
    )
    if is_timestamper:  # RFC 3161 2.3: this usage alone, and critical
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, down to the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _load_certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _load_credential(folder: Path, role: _Role, root: x509.Certificate) -> Credential:
    key = serialization.load_pem_private_key((folder / f"{role}.key").read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError(f"{role}.key is neither RSA nor EC")  # noqa: TRY004 - told to the operator by the caller
    algorithm = Algorithm.PSS if isinstance(key, rsa.RSAPrivateKey) else Algorithm.ECDSA
    return Credential(_load_certificate(folder / f"{role}.pem"), (root,), SoftwareKey(key), algorithm)


@contextmanager
def _open(settings: SigningSettings, role: KeyRole) -> Iterator[Credential]:
    yield software_key(settings, role)


SOFTWARE = KeyKind(
    name="keys",
    open=_open,
    present=lambda _settings, _role: "development only",
    certificates=software_certificates,
    anchors=lambda settings, _role: software_anchors(settings),
    advice="Real keys: deploy/tokens.md, deploy/remote.md",
    is_made_here=True,
)
