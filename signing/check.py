"""The quick check of a signature that was just made, before it is given out.

It reads the file with another library than the one that wrote it, and asks what a fault in writing, a wrong key or
damage on the way would change: does the signature cover the whole file, does its digest fit, did the certificate's key
make it, does the time stamp belong to it.  Trust is the matter of ``signing.verify``.
"""

import hashlib
from io import BytesIO

import pikepdf
from asn1crypto import cms
from cryptography import x509

from signing.credentials import Algorithm, is_signature
from signing.errors import SignatureBroken

_DAMAGED = (pikepdf.PdfError, ValueError, TypeError, LookupError, AttributeError)


def check_signature(pdf: bytes, field: str) -> x509.Certificate:
    """The certificate of the field's signature, which covers all of the file and stands.

    Raises:
        SignatureBroken: it does not.
    """
    try:
        start, end = _gap(pdf, field)
        bytes_signed = memoryview(pdf)
        digest = hashlib.sha256(bytes_signed[:start])
        digest.update(bytes_signed[end:])
        signed = cms.ContentInfo.load(bytes.fromhex(pdf[start + 1 : end - 1].decode("ascii")))["content"]
        certificate = _check_signer(signed, digest.digest(), f"the signature {field}")
        _check_time_stamp(signed, field)
    except _DAMAGED as error:
        raise SignatureBroken(f"the signature {field} cannot be read: {type(error).__name__}") from error
    return certificate


def _gap(pdf: bytes, field: str) -> tuple[int, int]:
    """Where the signature's own value lies: the only bytes that it does not cover (PDF/A-2, 6.4.3)."""
    with pikepdf.open(BytesIO(pdf), attempt_recovery=False) as document:
        value = next(item.V for item in document.Root.AcroForm.Fields if item.get("/T") == field)
        first, start, end, rest = (int(number) for number in value.ByteRange)
    if first != 0 or end + rest != len(pdf) or pdf[start : start + 1] + pdf[end - 1 : end] != b"<>":
        raise SignatureBroken(f"the signature {field} does not cover the whole file")
    return start, end


def _check_signer(signed: cms.SignedData, digest: bytes, what: str) -> x509.Certificate:
    """See that the digest is the one that was signed, and the certificate the one of the key that signed."""
    (info,) = signed["signer_infos"]  # PAdES and RFC 3161 allow one only
    if _attribute(info["signed_attrs"], "message_digest").native != digest:
        raise SignatureBroken(f"{what} is over other bytes")
    serial = info["sid"].chosen["serial_number"].native
    held = next(item.chosen for item in signed["certificates"] if item.chosen.serial_number == serial)
    certificate = x509.load_der_x509_certificate(held.dump())
    algorithm = Algorithm(info["signature_algorithm"]["algorithm"].native)
    if not is_signature(info["signature"].native, info["signed_attrs"].untag().dump(), certificate, algorithm):
        raise SignatureBroken(f"{what} does not belong to its certificate")
    return certificate


def _check_time_stamp(signed: cms.SignedData, field: str) -> None:
    """See that the time stamp, where there is one, is over this signature."""
    (info,) = signed["signer_infos"]
    if not len(info["unsigned_attrs"]):
        return
    token = _attribute(info["unsigned_attrs"], "signature_time_stamp_token")["content"]
    content = token["encap_content_info"]["content"]
    _check_signer(token, hashlib.sha256(bytes(content)).digest(), f"the time stamp of {field}")
    if content.parsed["message_imprint"]["hashed_message"].native != hashlib.sha256(info["signature"].native).digest():
        raise SignatureBroken(f"the time stamp of {field} is over another signature")


def _attribute(attributes: cms.CMSAttributes, name: str) -> cms.CMSAttribute:
    return next(item["values"][0] for item in attributes if item["type"].native == name)
