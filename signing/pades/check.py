"""The quick check of a signature that was just made, before it is given out.

It reads the file with another library than the one that wrote it, and asks what a fault in writing, a wrong key or
damage on the way would change: does the signature cover the whole file, does its digest fit, did the certificate's key
make it, does the time stamp belong to it.  Trust is the matter of ``signing.verification.verify``.
"""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

import pikepdf
from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko.sign.general import check_ess_certid
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from signing.errors import SignatureBroken
from signing.interface import PdfSource
from signing.keys.credentials import Algorithm, is_signature
from signing.pades.previous import Beginning, open_as_written

_DAMAGED = (pikepdf.PdfError, ValueError, TypeError, LookupError, AttributeError)


@dataclass(frozen=True, slots=True)
class SignedBy:
    """Who signed something: the certificate, and all those that came with it."""

    certificate: asn1_x509.Certificate
    others: tuple[asn1_x509.Certificate, ...]


_sound: dict[bytes, SignedBy] = {}  # who signed the newest time stamp tokens that were found sound, by their digest
_MOST_SOUND = 64


def check_signature(pdf: PdfSource, field: str, beginning: Beginning | None = None) -> x509.Certificate:
    """The certificate of the field's signature, which covers all of the file and stands.

    ``beginning``: what the file begins with, or all of it, as far as it is hashed already.

    Raises:
        SignatureBroken: it does not, or the file does not begin with the beginning that is given.
    """
    values, _ = read_values(pdf)
    value = next((item for item in values if item.field == field), None)
    if value is None:
        raise SignatureBroken("no_signature", place=field)
    try:
        digest = _digest(pdf, value, beginning)
        signed = value.signed
        certificate = _check_signer(signed, digest, f"the signature {field}")
        _check_time_stamp(signed, field)
    except _DAMAGED as error:
        raise SignatureBroken("signature_not_read", place=field, error=type(error).__name__) from error
    return certificate


class Value(NamedTuple):
    """The value of a filled signature field: its CMS object, and the bytes of the file that it does not cover."""

    field: str
    is_document_time_stamp: bool
    contents: bytes
    gap: tuple[int, int]
    covered: int

    @property
    def signed(self) -> cms.SignedData:
        """What the CMS object holds."""
        return cms.ContentInfo.load(self.contents)["content"]


def read_values(pdf: PdfSource) -> tuple[list[Value], bool]:
    """The values of the filled signature fields, oldest first, and whether the file has a document security store.

    Raises:
        SignatureBroken: they cannot be read.
    """
    try:
        with open_as_written(pdf) as document:
            form = document.Root.get("/AcroForm", pikepdf.Dictionary())
            fields = [item for item in form.get("/Fields", pikepdf.Array()) if item.get("/V") is not None]
            values = [_value(item) for item in fields if item.get("/FT") == "/Sig"]
            return sorted(values, key=lambda value: value.covered), "/DSS" in document.Root
    except _DAMAGED as error:
        raise SignatureBroken("signatures_not_read", error=type(error).__name__) from error


def _value(field: pikepdf.Object) -> Value:
    value = field.V
    first, start, end, rest = (int(number) for number in value.ByteRange)
    if first != 0:
        raise SignatureBroken("signature_not_from_start", place=field.get("/T"))
    is_stamp = value.get("/Type") == "/DocTimeStamp"
    return Value(str(field.get("/T")), is_stamp, bytes(value.Contents), (start, end), end + rest)


def check_document_time_stamp(pdf: PdfSource, beginning: Beginning | None = None) -> None:
    """See that the newest signature is a document time stamp that stands and covers all of the file.

    Raises:
        SignatureBroken: it is not, or the file does not begin with the beginning that is given.
    """
    values, _ = read_values(pdf)
    if not values or not values[-1].is_document_time_stamp:
        raise SignatureBroken("newest_no_stamp")
    try:
        token = values[-1].signed
        imprint = token["encap_content_info"]["content"].parsed["message_imprint"]["hashed_message"].native
        if imprint != _digest(pdf, values[-1], beginning):
            raise SignatureBroken("stamp_over_other_bytes")
        check_token(token)
    except _DAMAGED as error:
        raise SignatureBroken("stamp_not_read", error=type(error).__name__) from error


def _digest(pdf: PdfSource, value: Value, beginning: Beginning | None) -> bytes:
    """The digest of all but the signature's own value: the only bytes that it does not cover (PDF/A-2, 6.4.3)."""
    start, end = value.gap
    whole = Beginning(pdf) if beginning is None or beginning.source is not pdf else beginning
    if value.covered != whole.size or whole.at(start, 1) + whole.at(end - 1, 1) != b"<>":
        raise SignatureBroken("signature_not_whole", place=value.field)
    if beginning is None or not isinstance(pdf, bytes) or beginning is whole:
        return whole.digest(start, end)
    beginning.check(pdf)
    return beginning.digest(start, end, memoryview(pdf))


def _check_signer(signed: cms.SignedData, digest: bytes, what: str) -> x509.Certificate:
    """See that the digest is the one that was signed, and the certificate the one of the key that signed."""
    (info,) = signed["signer_infos"]  # PAdES and RFC 3161 allow one only
    if _attribute(info["signed_attrs"], "message_digest").native != digest:
        raise SignatureBroken("over_other_bytes", what=what)
    meant = info["sid"].chosen  # serial numbers are unique for each issuer only
    held = next(
        (
            item.chosen
            for item in signed["certificates"]
            if item.chosen.serial_number == meant["serial_number"].native
            and item.chosen.issuer.dump() == meant["issuer"].dump()
        ),
        None,
    )
    if held is None:  # the file was damaged there
        raise SignatureBroken("without_its_certificate", what=what)
    certificate = x509.load_der_x509_certificate(held.dump())
    algorithm = Algorithm(info["signature_algorithm"]["algorithm"].native)
    if not is_signature(info["signature"].native, info["signed_attrs"].untag().dump(), certificate, algorithm):
        raise SignatureBroken("not_of_certificate", what=what)
    return certificate


def _check_time_stamp(signed: cms.SignedData, field: str) -> None:
    """See that the time stamp, where there is one, is over this signature."""
    (info,) = signed["signer_infos"]
    if not len(info["unsigned_attrs"]):
        return
    token = _attribute(info["unsigned_attrs"], "signature_time_stamp_token")["content"]
    check_token(token)
    content = token["encap_content_info"]["content"]
    if content.parsed["message_imprint"]["hashed_message"].native != hashlib.sha256(info["signature"].native).digest():
        raise SignatureBroken("stamp_of_another", place=field)


def _attribute(attributes: cms.CMSAttributes, name: str) -> cms.CMSAttribute:
    return next(item["values"][0] for item in attributes if item["type"].native == name)


def signer_of(signed: cms.SignedData) -> SignedBy | None:
    """The certificate of the only signer, with those that came with it; None when it is not among them."""
    (signer,) = signed["signer_infos"]
    certificates = tuple(item.chosen for item in signed["certificates"] if item.name == "certificate")
    own = next((item for item in certificates if _is_meant(signer["sid"], item)), None)
    return SignedBy(own, certificates) if own is not None else None


def check_token(signed: cms.SignedData) -> SignedBy:
    """Who signed a time stamp token, whose signature stands and names the signer's certificate (RFC 5816).

    Authorities use digests and paddings that ours never do, so pyHanko checks.  A token is checked when it comes and
    again in the file that it was put into; the same bytes need no second judgement.

    Raises:
        SignatureBroken: it does not.
    """
    key = hashlib.sha256(signed.dump()).digest()
    if key not in _sound:
        signer = _check_token(signed)
        if len(_sound) >= _MOST_SOUND:
            _sound.clear()
        _sound[key] = signer
    return _sound[key]


def _check_token(signed: cms.SignedData) -> SignedBy:
    signer = signer_of(signed)
    if signer is None:
        raise SignatureBroken("stamp_certificate_missing")
    (info,) = signed["signer_infos"]
    is_named = any(
        check_ess_certid(signer.certificate, value["certs"][0])
        for attribute in info["signed_attrs"]
        if attribute["type"].native in {"signing_certificate", "signing_certificate_v2"}
        for value in attribute["values"]
    )
    content = bytes(signed["encap_content_info"]["content"])
    digest = hashlib.new(info["digest_algorithm"]["algorithm"].native, content).digest()
    if not is_named or not all(validate_sig_integrity(info, signer.certificate, "tst_info", digest)):
        raise SignatureBroken("stamp_not_by_certificate")
    return signer


def _is_meant(signer: cms.SignerIdentifier, certificate: asn1_x509.Certificate) -> bool:
    """Whether a CMS signer identifier names the certificate; names are compared as bytes, which costs a tenth."""
    named = signer.chosen
    if signer.name == "issuer_and_serial_number":
        is_serial = named["serial_number"].native == certificate.serial_number
        return bool(is_serial and named["issuer"].dump() == certificate.issuer.dump())
    return bool(named.native == certificate.key_identifier)
