"""Keys that a remote service holds for a person or an agency: it signs digests, once it is authorised to.

An authorisation is for many signatures, so that the person is asked once for a batch.  All processes of an installation
share it: it lies in a private file beside the keys, with what is left of it, until it is used up or has ended.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import urllib3
from cryptography.hazmat.primitives.asymmetric import rsa
from filelock import FileLock
from pydantic import SecretStr

from config.signing import KeyPlace, RemoteSettings
from domain.messages.told import told
from files.durable import OWN, whole
from signing.errors import NobodyThere, PinRefused
from signing.keys.chains import chain_of, read_certificates
from signing.keys.credentials import Algorithm, Credential, SigningKey, name_of
from signing.keys.csc import CredentialInfo, Refusal, Service
from signing.keys.kinds import KeyKind, roots_of
from signing.keys.pins import OTP, Note, Secret, from_file, keep_secret, kept, secret_of, typed

_CORRECT_PIN = "correct_service_pin"
_MARGIN_S = 10.0  # an authorisation that ends sooner is not begun with
_PADDINGS = {"pss": Algorithm.PSS, "pkcs1": Algorithm.PKCS1}


@dataclass(frozen=True, slots=True)
class _Leave:
    """An authorisation, the moment of its end, and for how many signatures it is still good."""

    sad: str
    until: float
    left: int


class RemoteKey(SigningKey):
    """A private key with a service; it cannot be read, only asked to sign.  Usable from any thread."""

    def __init__(self, service: Service, info: CredentialInfo, settings: RemoteSettings, notes: Path) -> None:
        """Know the key; nobody is asked yet."""
        self._service = service
        self._info = info
        self._settings = settings
        self._key = hashlib.sha256(f"{settings.url} {settings.credential}".encode()).hexdigest()[:16]
        self._name = told("named_service", name=settings.name)
        self._note = Note(notes, self._key, self._name, remedy=_CORRECT_PIN)
        self._file = notes / f"authorisation-{self._key}"
        self._lock = FileLock(notes / f"authorisation-{self._key}.lock")

    def raw_sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """The signature of the data.

        Raises:
            RemoteAway: the service does not answer; later it may.
            PinRefused: it did not take the PIN or the one-time password.
            KeysUnusable: it will not sign.
        """
        (signature,) = self.sign_all([hashlib.sha256(data).digest()], algorithm)
        return signature

    def sign_all(self, digests: Sequence[bytes], algorithm: Algorithm) -> list[bytes]:
        """The signatures of SHA-256 digests, as many in one request as the service takes."""
        made: list[bytes] = []
        most = min(self._info.most, self._settings.batch)
        for start in range(0, len(digests), most):
            made += self._sign(digests[start : start + most], algorithm)
        return made

    def get_ready(self) -> None:
        """Have an authorisation now when a person must be asked for it: the processes of a pool cannot ask."""
        if not self._asks_person:
            return
        if self._info.is_pinned:
            raise NobodyThere("service_wants_person", remedy="set_pin_or_scal1", service=self._settings.name)
        with self._lock:
            if self._held(1) is None:
                self._authorise(None)

    @property
    def _asks_person(self) -> bool:
        return self._info.needs_otp or (self._info.needs_pin and self._settings.pin_file is None)

    def _sign(self, digests: Sequence[bytes], algorithm: Algorithm) -> list[bytes]:
        """Sign by the authorisation that is there; when the service knows it no more, once more by a new one."""
        for is_last in (False, True):
            sad, is_new = self._take(digests)
            try:
                return self._service.sign(sad, digests, algorithm, self._info.algorithms)
            except Refusal:
                if is_new or is_last:
                    raise
                self._drop(sad)
        raise AssertionError

    def _take(self, digests: Sequence[bytes]) -> tuple[str, bool]:
        """An authorisation for so many signatures, and whether it was just given."""
        with self._lock:
            if self._info.is_pinned:
                return self._authorise(digests).sad, True
            held = self._held(len(digests))
            leave = held or self._authorise(None)
            self._write(_Leave(leave.sad, leave.until, leave.left - len(digests)))
            return leave.sad, held is None

    def _held(self, number: int) -> _Leave | None:
        try:
            held = _Leave(**json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, RecursionError):
            return None
        return held if held.left >= number and held.until - _MARGIN_S > time.time() else None

    def _drop(self, sad: str) -> None:
        with self._lock:
            held = self._held(0)
            if held is not None and held.sad == sad:
                self._file.unlink(missing_ok=True)

    def _write(self, leave: _Leave) -> None:
        with whole(self._file, mode=OWN) as file:
            file.write(json.dumps(asdict(leave)).encode())

    def _authorise(self, digests: Sequence[bytes] | None) -> _Leave:
        """Ask the service; a PIN that it refuses is never sent again, nor is a one-time password."""
        number = min(self._info.most, self._settings.batch) if digests is None else len(digests)
        pin = self._pin() if self._info.needs_pin else None
        otp = self._otp() if self._info.needs_otp else None
        try:
            given = self._service.authorise(number, digests, pin.value if pin else None, otp)
        except Refusal as error:
            if pin is None and otp is None:
                raise
            if pin is not None and "otp" not in error.code:
                self._note.refused(pin)
            remedy = _CORRECT_PIN if otp is None else "try_again"
            raise PinRefused("pin_or_otp_refused", remedy=remedy, name=self._name, error=error.code) from None
        if pin is not None:
            self._note.taken()
            if not pin.source:
                keep_secret(self._key, pin.value)
        leave = _Leave(given.sad, time.time() + given.lasts_s, number)
        if digests is None:
            self._write(leave)
        return leave

    def _pin(self) -> Secret:
        file = self._settings.pin_file
        pin = from_file(file, secret_of(self._name)) if file else kept(self._key) or typed(self._name)
        self._note.check(pin)
        return pin

    def _otp(self) -> SecretStr:
        """A fresh one-time password; the processes of a pool cannot ask for it when the first one is used up."""
        if self._info.is_otp_sent:
            self._service.send_otp()
        return typed(self._name, OTP).value


@contextmanager
def open_remote(settings: RemoteSettings, notes: Path) -> Iterator[Credential]:
    """The key with a service, with its certificate as the service tells it.

    Raises:
        RemoteAway: the service does not answer.
        KeysUnusable: it has no such key, or certificate and issuers do not belong together.
    """
    notes.mkdir(parents=True, exist_ok=True)
    with open_service(settings) as service:
        info = service.credential()
        own = info.certificates[0]
        pool = [*info.certificates, *read_certificates(settings.certificates)]
        is_rsa = isinstance(own.public_key(), rsa.RSAPublicKey)
        algorithm = _PADDINGS[settings.padding] if is_rsa else Algorithm.ECDSA
        chain = chain_of(own, pool, told("named_service", name=settings.name))
        yield Credential(own, chain, RemoteKey(service, info, settings, notes), algorithm)


@contextmanager
def open_service(settings: RemoteSettings) -> Iterator[Service]:
    """The service, by a connection that is kept."""
    roots = str(settings.tls_roots) if settings.tls_roots else None
    with urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=roots) as pool:
        yield Service(settings, pool)


def service_state(settings: RemoteSettings) -> str:
    """Whose key the service has, and until when; nothing is authorised.

    Raises:
        RemoteAway, KeysUnusable: see ``open_remote``.
    """
    with open_service(settings) as service:
        own = service.credential().certificates[0]
        return told("key_until", name=name_of(own), day=f"{own.not_valid_after_utc:%Y-%m-%d}").text()


def _settings(place: KeyPlace) -> RemoteSettings:
    service = place.remote
    assert service is not None  # noqa: S101 (the settings were refused without it)
    return service


REMOTE = KeyKind(
    name="remote key of the {role}",
    open=lambda _, place: open_remote(_settings(place), place.notes),
    present=lambda _, place: service_state(_settings(place)),
    certificates=lambda _, place: read_certificates(_settings(place).certificates),
    anchors=lambda _, place: roots_of(read_certificates(_settings(place).certificates)),
)
