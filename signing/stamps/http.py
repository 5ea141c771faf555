"""RFC 3161 time stamps over HTTP, from the first of several authorities that gives a good one."""

import hashlib
import logging
import secrets
import time
from collections.abc import Sequence
from datetime import timedelta

import urllib3
from asn1crypto import algos, parser, tsp

from config.signing import TimeStampAuthority
from domain import clock
from domain.errors import KhosoError, SetupError
from domain.messages.told import told
from files.exchange import Unanswered, post
from signing.errors import ClockWrong, SignatureBroken, TimeStampAway, TimeStampOdd, TimeStampUnusable
from signing.pades.check import SignedBy, check_token
from signing.pades.revocation import Revocation

_log = logging.getLogger("khoso.time_stamps")
_SHA256 = algos.DigestAlgorithm({"algorithm": "sha256"})
_LARGEST_SKEW = timedelta(seconds=60)
_REST_S = 60.0  # an authority that failed is asked again after this, or when all others failed too
_NO_AUTHORITY = {401, 403, 404, 405, 407, 410}  # of an address or a leave that a person has to mend
_LARGEST_ANSWER = 1 << 20  # a token with its certificates has some 8 KB
_ROOM = 256  # bytes by which a token may be longer than the longest so far: serial, accuracy, fractions of a second
_TRIAL = hashlib.sha256(b"khoso: trial of a time stamp authority; this is no document").digest()


class HttpTimeStamps:
    """Time stamp authorities in the order in which they are asked."""

    def __init__(
        self, authorities: Sequence[TimeStampAuthority], revocation: Revocation, pool: urllib3.PoolManager
    ) -> None:
        """Stamp by these authorities; their certificates must lead to the roots that ``revocation`` knows."""
        self._authorities = authorities
        self._revocation = revocation
        self._pool = pool
        self._resting: dict[str, float] = {}
        self._longest = 0
        self._promised = 0
        self._stamper: SignedBy | None = None

    @property
    def number(self) -> int:
        """How many authorities there are."""
        return len(self._authorities)

    @property
    def size(self) -> int:
        """No token has more bytes, unless another authority has to step in."""
        if not self._longest:
            self._ask_all(_TRIAL)
        self._promised = self._longest + _ROOM
        return self._promised

    def stamper(self) -> SignedBy:
        """Who signed the newest token, and will sign the next one unless another authority has to step in."""
        if self._stamper is None:
            self._ask_all(_TRIAL)
        if self._stamper is None:
            raise TimeStampAway
        return self._stamper

    def token(self, digest: bytes) -> bytes:
        """The token for a SHA-256 digest, as the DER of its ContentInfo.

        Raises:
            TimeStampAway, TimeStampOdd: no authority answers, or none as it should; later one may.
            TimeStampUnusable: they are none, or not ours.
            ClockWrong: they say that it is another time than this machine says, which nothing keeps right.
        """
        token = self._ask_all(digest)
        if len(token) > self._promised:
            raise TimeStampAway("authority_stepped_in")
        return token

    def _ask_all(self, digest: bytes) -> bytes:
        """The first good token; an authority that failed a moment ago is asked last."""
        failures: list[KhosoError] = []
        for authority in sorted(self._authorities, key=lambda item: self._resting.get(item.url, 0) > time.monotonic()):
            try:
                token = self._ask(authority, digest)
            except KhosoError as error:
                _log.error("%s: %s", authority.url, error)
                self._resting[authority.url] = time.monotonic() + _REST_S
                failures.append(error)
            else:
                self._resting.pop(authority.url, None)
                self._longest = max(self._longest, len(token))
                return token
        raise next((error for error in failures if not isinstance(error, SetupError)), failures[0])

    def _ask(self, authority: TimeStampAuthority, digest: bytes) -> bytes:
        nonce = secrets.randbits(63)
        imprint = {"hash_algorithm": _SHA256, "hashed_message": digest}
        request = {"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}
        if authority.policy:
            request["req_policy"] = authority.policy
        answer = self._post(authority, tsp.TimeStampReq(request).dump())
        try:
            return self._checked(authority, answer, digest, nonce)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise TimeStampOdd("authority_answers_oddly", url=authority.url) from error

    def _post(self, authority: TimeStampAuthority, body: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}
        try:
            answer = post(
                self._pool, authority.url, body, headers, within_s=authority.timeout_s, at_most=_LARGEST_ANSWER
            )
        except Unanswered as error:
            raise TimeStampAway("authority_silent", url=authority.url, error=error.how) from error
        if answer.status in _NO_AUTHORITY:
            raise TimeStampUnusable("no_authority_at", url=authority.url, status=answer.status, kind=answer.kind)
        if answer.status != 200:
            raise TimeStampAway("authority_busy", url=authority.url, status=answer.status)
        if answer.kind != "application/timestamp-reply":
            raise TimeStampOdd("no_authority_at", url=authority.url, status=answer.status, kind=answer.kind)
        return answer.body

    def _checked(self, authority: TimeStampAuthority, answer: bytes, digest: bytes, nonce: int) -> bytes:
        """The token, seen to be the answer to this request (RFC 3161, 2.2, 2.3 and 2.4.2)."""
        *_, content, _ = parser.parse(answer, strict=True)
        status = tsp.PKIStatusInfo.load(content)  # asn1crypto takes no answer without a token
        if status["status"].native not in {"granted", "granted_with_mods"}:
            status_text = ", ".join([status["status"].native, *sorted(status["fail_info"].native or ())])
            raise TimeStampAway("authority_refuses", url=authority.url, status=status_text)
        token = tsp.TimeStampResp.load(answer, strict=True)["time_stamp_token"]
        signed = token["content"]
        info = signed["encap_content_info"]["content"].parsed
        imprint = info["message_imprint"]
        found = (
            (imprint["hash_algorithm"]["algorithm"].native != "sha256", "stamp_other_digest"),
            (imprint["hashed_message"].native != digest, "stamp_other_content"),
            (info["nonce"].native != nonce, "stamp_other_request"),
        )
        if fault := next((text for is_wrong, text in found if is_wrong), ""):
            raise TimeStampOdd("stamp_fault", url=authority.url, fault=told(fault))
        if authority.policy and info["policy"].native != authority.policy:
            raise TimeStampUnusable("stamp_fault", url=authority.url, fault=told("stamp_other_policy"))
        try:
            stamper = check_token(signed)
        except SignatureBroken as error:
            raise TimeStampOdd("authority_odd", url=authority.url, error=error) from error
        self._revocation.check_stamper(stamper.certificate, stamper.others)
        skew = abs(info["gen_time"].native - clock.now())
        if skew > _LARGEST_SKEW:
            wrong = TimeStampOdd if clock.is_synchronised() else ClockWrong
            raise wrong("clocks_differ", url=authority.url, seconds=skew.total_seconds())
        self._stamper = stamper
        return bytes(token.dump())
