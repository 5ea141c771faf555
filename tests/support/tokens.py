"""Tokens for the tests: SoftHSM2, a PKCS#11 module that keeps its tokens in a folder."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pkcs11 import Attribute, Mechanism, TokenFlag
from pkcs11._pkcs11 import lib as Library  # noqa: N812 - a class, whatever its name
from pkcs11.util.x509 import decode_x509_certificate

from config.signing import SigningSettings, TokenSettings
from signing.keys.credentials import Credential, PrivateKey, SoftwareKey
from signing.keys.software import make_keys
from tests.support.signing_papers import program, settings

PIN = "739157"
WRONG_PIN = "864203"
_SO_PIN = "558811"
_MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/lib/pkcs11/libsofthsm2.so")
MODULE = next((Path(path) for path in _MODULES if Path(path).exists()), Path(_MODULES[0]))


def rsa_key(bits: int = 2048) -> PrivateKey:
    """A new RSA key."""
    return rsa.generate_private_key(65537, bits)


def ec_key() -> PrivateKey:
    """A new key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


class Shelf:
    """The tokens of one test, and a development authority that gives their keys certificates.

    SoftHSM finds its settings by the variable SOFTHSM2_CONF, which must name ``conf``.
    """

    def __init__(self, folder: Path, new_key: Callable[[], PrivateKey] = rsa_key) -> None:
        """Begin without tokens."""
        self.folder = folder
        self.conf = folder / "softhsm2.conf"
        self.tokens = folder / "tokens"
        self.tokens.mkdir()
        self.configure()
        self.pin_file = folder / "pin"
        self.write_pin(PIN)
        self.keys = settings(folder).keys
        make_keys(settings(folder), new_key)
        for role in ("officer", "agency"):
            certificates = [(self.keys / name).read_bytes() for name in (f"{role}.pem", "root.pem")]
            self.certificates(role).write_bytes(b"".join(certificates))

    def configure(self, *lines: str) -> None:
        """Write SoftHSM's own settings."""
        got = (f"directories.tokendir = {self.tokens}", "objectstore.backend = file", "log.level = ERROR", *lines)
        self.conf.write_text("\n".join(got) + "\n", encoding="utf-8")

    def forget_mechanisms(self, *names: str) -> None:
        """Let the tokens not know some mechanisms; SoftHSM 2.6 overlooks the first of the list."""
        self.configure(f"slots.mechanisms = -NONE,{','.join(f'CKM_{name}' for name in names)}")
        with module() as lib:
            known = lib.get_slots()[0].get_mechanisms()
        assert not known & {Mechanism[name] for name in names}

    def write_pin(self, pin: str) -> None:
        """Write the PIN file anew."""
        self.pin_file.unlink(missing_ok=True)
        self.pin_file.touch(0o600)
        self.pin_file.write_text(f"{pin}\n", encoding="utf-8")

    def certificates(self, role: str) -> Path:
        """The file with the certificate of a role and its root."""
        return self.folder / f"{role}.chain.pem"

    def certify(self, role: str, credential: Credential) -> None:
        """Let a role have the key and the certificates of another authority."""
        if not isinstance(credential.key, SoftwareKey):
            raise TypeError("only a software key can be put on a token")
        key = credential.key.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.keys / f"{role}.key").write_bytes(key)
        chain = (item.public_bytes(Encoding.PEM) for item in (credential.certificate, *credential.chain))
        self.certificates(role).write_bytes(b"".join(chain))

    def add(self, label: str, *roles: str) -> None:
        """Make a token with the keys of some roles."""
        _softhsm("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", _SO_PIN)
        with module() as lib:
            serial = max(lib.get_tokens(token_label=label), key=lambda token: token.slot.slot_id).serial.decode()
        for number, role in enumerate(roles, 1):
            key = self.keys / f"{role}.key"
            got = ("--import", key, "--serial", serial, "--label", role, "--id", f"{number:02x}", "--pin", PIN)
            _softhsm(*got, "--no-public-key")

    def take_out(self) -> Callable[[], None]:
        """Take the only token out; gives what puts it in again."""
        (token,) = self.tokens.iterdir()
        elsewhere = self.folder / "taken out"
        token.rename(elsewhere)

        def put_back() -> None:
            elsewhere.rename(token)

        return put_back

    def put_certificate(self, label: str, pem: Path) -> None:
        """Put the certificates of a file on a token."""
        with module() as lib, lib.get_token(token_label=label).open(rw=True, user_pin=PIN) as session:
            for item in x509.load_pem_x509_certificates(pem.read_bytes()):
                template = decode_x509_certificate(item.public_bytes(Encoding.DER))
                session.create_object(template | {Attribute.TOKEN: True})

    def flags(self, label: str) -> TokenFlag:
        """What a token says of itself."""
        with module() as lib:
            return TokenFlag(lib.get_token(token_label=label).flags)

    def serials(self, label: str) -> list[str]:
        """The serial numbers of the tokens of a label."""
        with module() as lib:
            return [token.serial.decode() for token in lib.get_tokens(token_label=label)]

    def token(self, role: str, label: str = "desk", **values: object) -> TokenSettings:
        """Settings of a role's key."""
        got = {
            "module": MODULE,
            "label": label,
            "key": role,
            "certificates": self.certificates(role),
            "pin_file": self.pin_file,
            "patience_s": 5,
        }
        return TokenSettings.model_validate(got | values)

    def settings(self, officer_label: str = "desk", agency_label: str = "desk", **values: object) -> SigningSettings:
        """Settings with the keys of both roles on tokens; values are for both."""
        officer = self.token("officer", officer_label, **values)
        agency = self.token("agency", agency_label, **values)
        got = {"kind": "token", "officer_token": officer, "agency_token": agency}
        return SigningSettings.model_validate(settings(self.folder).model_dump() | got)


@contextmanager
def module() -> Iterator[Library]:
    """SoftHSM, while nothing else of this process uses it."""
    lib = pkcs11.lib(str(MODULE))
    try:
        yield lib
    finally:
        lib.finalize()


def _softhsm(*arguments: str | Path) -> None:
    subprocess.run([program("softhsm2-util"), *arguments], check=True, capture_output=True)
