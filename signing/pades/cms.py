"""CMS signatures (RFC 5652) with the signed attributes of PAdES (ETSI EN 319 142-1, 6.3).

Between two signatures of one key only the digest, the signature and the time stamp differ.  All else is encoded once
by asn1crypto; a signature is then put together from encoded parts, which is safe because DER has one form for each
value.
"""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import hashlib
from collections.abc import Callable

from asn1crypto import algos, cms
from asn1crypto.parser import emit
from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute

from signing.keys.credentials import Credential, as_asn1

TimeStamp = Callable[[bytes], bytes]
"""Gives the RFC 3161 token for the digest of a signature, as the DER of its ContentInfo."""

_MARKER = b"\x5a" * 32  # stands where the digest goes
_SIGNED_DATA = cms.ContentType("signed_data").dump()
_SHA256 = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()  # the only digest in use (law L7.1)
_TOKEN = cms.CMSAttributeType("signature_time_stamp_token").dump()
_VARIABLE = 1024  # bytes for attributes, identifiers, lengths and a signature by up to 4096 bits


class CmsSigner:
    """Signs digests as one credential, for one kind of content."""

    def __init__(self, credential: Credential, content_type: str = "data") -> None:
        """Encode what all signatures have in common."""
        self.credential = credential
        certificate = as_asn1(credential.certificate)
        attributes = cms.CMSAttributes(
            [
                simple_cms_attribute("content_type", content_type),
                simple_cms_attribute("message_digest", _MARKER),
                simple_cms_attribute("signing_certificate_v2", as_signing_certificate_v2(certificate)),
            ]
        )
        attributes.dump(force=True)
        self._around_digest = attributes.contents.split(_MARKER)
        self._content_type = cms.ContentType(content_type).dump()
        # RFC 5652 5.1: version 3 for other content than plain data; 5.3: version 1 for issuer and serial number
        self._version = cms.CMSVersion("v1" if content_type == "data" else "v3").dump()
        self._signer = cms.CMSVersion("v1").dump() + _signer_identifier(certificate)
        self._algorithm = credential.algorithm.identifier().dump()
        chain = (certificate, *map(as_asn1, credential.chain))
        self._certificates = _tagged(0, *sorted(item.dump() for item in chain))  # DER: a SET OF is sorted

    @property
    def size(self) -> int:
        """No signature without time stamp and content has more bytes."""
        return len(self._certificates) + _VARIABLE

    def sign(self, digest: bytes, time_stamp: TimeStamp | None = None, content: bytes = b"") -> bytes:
        """The DER of the ContentInfo; ``content`` is kept inside, without it the signature is detached."""
        attributes = digest.join(self._around_digest)
        signature = self.credential.sign(_set(attributes))  # RFC 5652 5.4: signed as SET OF, kept under the tag 0
        signer_info = _sequence(
            self._signer,
            _SHA256,
            _tagged(0, attributes),
            self._algorithm,
            _octets(signature),
            _tagged(1, _sequence(_TOKEN, _set(time_stamp(hashlib.sha256(signature).digest())))) if time_stamp else b"",
        )
        signed_data = _sequence(
            self._version,
            _set(_SHA256),
            _sequence(self._content_type, _tagged(0, _octets(content)) if content else b""),
            self._certificates,
            _set(signer_info),
        )
        return _sequence(_SIGNED_DATA, _tagged(0, signed_data))


def _signer_identifier(certificate: cms.Certificate) -> bytes:
    issuer_and_serial = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    return bytes(cms.IssuerAndSerialNumber(issuer_and_serial).dump())


def _sequence(*parts: bytes) -> bytes:
    return bytes(emit(0, 1, 16, b"".join(parts)))


def _set(*parts: bytes) -> bytes:
    return bytes(emit(0, 1, 17, b"".join(parts)))


def _octets(content: bytes) -> bytes:
    return bytes(emit(0, 0, 4, content))


def _tagged(tag: int, *parts: bytes) -> bytes:
    return bytes(emit(2, 1, tag, b"".join(parts)))
