"""The API of the Cloud Signature Consortium, version 1.0.4: what a remote signing service is asked and answers.

Secrets go out in the body of a request only: nothing of a body is ever logged or told.
"""

import base64
import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import urllib3
from cryptography import x509
from pydantic import SecretStr

from config.signing import RemoteSettings
from files.exchange import HttpAnswer, Unanswered, post
from signing.errors import KeysUnusable, RemoteAway
from signing.keys.credentials import Algorithm
from signing.keys.pins import ACCESS, from_file

_SHA256 = "2.16.840.1.101.3.4.2.1"
_OIDS = {  # the first that a credential names is taken; the second names no digest
    Algorithm.PSS: ("1.2.840.113549.1.1.10",),
    Algorithm.PKCS1: ("1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1"),
    Algorithm.ECDSA: ("1.2.840.10045.4.3.2",),
}
_LARGEST = 4 << 20  # an answer has a chain of certificates at most
_HOUR_S = 3600  # CSC 11.6: how long an authorisation lasts when the service does not say
_LOOK = "correct_service"


class Refusal(KeysUnusable):
    """The service refuses a request; ``code`` is its word for why."""

    code = ""


class CredentialInfo(NamedTuple):
    """What a service says of a credential; ``is_pinned``: each authorisation is for given digests only (SCAL 2)."""

    certificates: tuple[x509.Certificate, ...]
    algorithms: frozenset[str]
    most: int
    is_pinned: bool
    needs_pin: bool
    needs_otp: bool
    is_otp_sent: bool


class Authorisation(NamedTuple):
    """A service's leave to sign (signature activation data), and for how many seconds."""

    sad: str
    lasts_s: float


class Service:
    """A signing service, as one credential's client."""

    def __init__(self, settings: RemoteSettings, pool: urllib3.PoolManager) -> None:
        """Ask the service that the settings name."""
        self._settings = settings
        self._pool = pool

    def credential(self) -> CredentialInfo:
        """What it says of the credential (CSC 11.5).

        Raises:
            KeysUnusable: it cannot be used.
        """
        reply = self._ask("credentials/info", {"certificates": "chain"})
        try:
            ders = [base64.b64decode(item, validate=True) for item in reply["cert"]["certificates"]]
            info = CredentialInfo(
                certificates=tuple(map(x509.load_der_x509_certificate, ders)),
                algorithms=frozenset(map(str, reply["key"]["algo"])),
                most=max(1, int(reply.get("multisign", 1))),
                is_pinned=str(reply.get("SCAL", "1")) == "2",
                needs_pin=_is_present(reply, "PIN"),
                needs_otp=_is_present(reply, "OTP"),
                is_otp_sent=reply.get("OTP", {}).get("type") == "online",
            )
            status, mode = str(reply["key"]["status"]), str(reply.get("authMode", "implicit"))
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise self._odd() from error
        if status != "enabled" or not info.certificates:
            raise KeysUnusable("service_key_state", remedy=_LOOK, service=self._name, status=status)
        if mode not in {"implicit", "explicit"}:
            raise KeysUnusable("service_authorises", remedy="ask_credential", service=self._name, mode=mode)
        return info

    def send_otp(self) -> None:
        """Let it send the person a one-time password (CSC 11.8)."""
        self._ask("credentials/sendOTP", {})

    def authorise(
        self, number: int, digests: Sequence[bytes] | None, pin: SecretStr | None, otp: SecretStr | None
    ) -> Authorisation:
        """Its leave for so many signatures, or for these digests only (CSC 11.6); waits while a person is asked.

        Raises:
            Refusal: it gives none.
        """
        body: dict[str, Any] = {"numSignatures": number, "description": "khoso"}
        if digests is not None:
            body["hash"] = list(map(_base64, digests))
        for name, secret in (("PIN", pin), ("OTP", otp)):
            if secret is not None:
                body[name] = secret.get_secret_value()
        reply = self._ask("credentials/authorize", body)
        try:
            return Authorisation(str(reply["SAD"]), float(reply.get("expiresIn", _HOUR_S)))
        except (ValueError, TypeError, LookupError) as error:
            raise self._odd() from error

    def sign(self, sad: str, digests: Sequence[bytes], algorithm: Algorithm, known: frozenset[str]) -> list[bytes]:
        """The signatures of SHA-256 digests (CSC 11.9).

        Raises:
            Refusal: the authorisation is not for them, has ended or is used up.
        """
        oid = next((oid for oid in _OIDS[algorithm] if oid in known), None)
        if oid is None:
            raise KeysUnusable("service_cannot_sign", remedy="set_padding", service=self._name, algorithm=algorithm)
        body: dict[str, Any] = {"SAD": sad, "hash": list(map(_base64, digests)), "hashAlgo": _SHA256, "signAlgo": oid}
        if algorithm is Algorithm.PSS:
            body["signAlgoParams"] = _base64(algorithm.identifier()["parameters"].dump())
        reply = self._ask("signatures/signHash", body)
        try:
            signatures = [base64.b64decode(item, validate=True) for item in reply["signatures"]]
        except (ValueError, TypeError, LookupError) as error:
            raise self._odd() from error
        if len(signatures) != len(digests):
            raise self._odd()
        return signatures

    @property
    def _name(self) -> str:
        return self._settings.name

    def _ask(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if self._settings.access_file is not None:  # read anew each time: whoever renews it writes the file
            secret = from_file(self._settings.access_file, ACCESS).value
            headers["Authorization"] = f"Bearer {secret.get_secret_value()}"
        try:
            answer = post(
                self._pool,
                f"{self._settings.url.rstrip('/')}/csc/v1/{method}",
                json.dumps({"credentialID": self._settings.credential, **body}).encode(),
                headers,
                within_s=self._settings.timeout_s,
                at_most=_LARGEST,
            )
        except Unanswered as error:
            if error.is_distrusted:
                raise RemoteAway("service_not_trusted", remedy="tls_roots_name_pem", service=self._name) from error
            raise RemoteAway("service_silent", service=self._name, error=error.how) from None
        if answer.status in {408, 425, 429} or answer.status >= 500:
            raise RemoteAway("service_busy", service=self._name, status=answer.status)
        if answer.status == 401:
            raise KeysUnusable("service_lets_nobody_in", remedy="write_access", service=self._name)
        if answer.status >= 400:
            raise self._refusal(method, answer)
        try:
            reply = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise self._odd() from error
        if answer.status != 200 or not isinstance(reply, dict):
            raise self._odd()
        return reply

    def _refusal(self, method: str, answer: HttpAnswer) -> Refusal:
        """Its code (CSC 10.1) is told when it looks like one; its free text might repeat what it was sent."""
        try:
            code = str(json.loads(answer.body)["error"])
        except (ValueError, TypeError, LookupError, RecursionError):
            code = ""
        known = code if re.fullmatch("[a-z_]{1,40}", code) else f"HTTP {answer.status}"
        error = Refusal("service_refuses", remedy=_LOOK, service=self._name, method=method, known=known)
        error.code = known
        return error

    def _odd(self) -> RemoteAway:
        return RemoteAway("service_odd_answer", remedy="tried_again_service", service=self._name)


def _is_present(reply: dict[str, Any], name: str) -> bool:
    """Whether an authorisation needs a PIN or a one-time password; what is optional is not given (CSC 11.5)."""
    return reply.get("authMode") == "explicit" and str(reply.get(name, {}).get("presence", "false")).lower() == "true"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
