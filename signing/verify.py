"""Check the signatures of a PDF, our own and those of papers that came signed already.

Limits: revocation is not looked up (nothing is fetched), and a file that was only valid thanks to archive time stamps
(PAdES B-LTA) counts as expired once its certificates are.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from asn1crypto import pem, x509
from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate, AdESSubIndic
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import DocumentTimestampStatus, PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from config.settings import SigningSettings
from domain import clock
from domain.errors import NotValid
from signing.errors import KeysUnusable
from signing.interface import ROLES, Anchors, SignatureVerdict
from signing.keys import DEVELOPMENT, software_anchors
from signing.sync import run
from signing.token import token_anchors

# The verdict tells everything; pyHanko's log would only repeat the signers' names, which are personal data.
logging.getLogger("pyhanko.sign.validation").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko.sign.diff_analysis").setLevel(logging.CRITICAL)

_ANCHORS: dict[str, Callable[[SigningSettings], Anchors]] = {
    "software": software_anchors,
    # the time stamps still come from the local authority
    "token": lambda settings: (*token_anchors(settings), *software_anchors(settings)),
}
_REMEDY = "Keep the file as it came, and ask its issuer for a sound copy"
_PROBLEMS: dict[AdESSubIndic, str] = {
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: "the issuer of the certificate is unknown here",
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE: "the certificate was not in force, and no trusted time stamp proves it was",
    AdESIndeterminate.REVOKED_NO_POE: "the certificate was revoked",
}


def open_anchors(settings: SigningSettings) -> Anchors:
    """The roots that this installation trusts, its own and configured ones; private keys are not touched.

    Raises:
        KeysUnusable: a configured root cannot be read.
    """
    own = _ANCHORS[settings.kind](settings)
    return own if settings.roots is None else (*own, *_configured(settings.roots))


def _configured(folder: Path) -> Iterator[bytes]:
    try:
        for path in sorted(folder.iterdir()):
            content = path.read_bytes()
            found = [der for _, _, der in pem.unarmor(content, multiple=True)] if pem.detect(content) else [content]
            for der in found:
                yield x509.Certificate.load(der, strict=True).dump()
    except (OSError, ValueError) as error:
        raise KeysUnusable(
            f"the root certificates in {folder} cannot be read ({error})",
            remedy="Keep nothing but certificates there, as PEM or DER; `signing.roots` names the folder",
        ) from None


def verify_pdf(pdf: bytes, anchors: Anchors, moment: datetime | None = None) -> tuple[SignatureVerdict, ...]:
    """Check every signature, oldest first; certificates are judged as of ``moment`` (default: now).

    A bad signature gives a bad verdict.  NotValid is raised only when the file cannot be read as a PDF at all.
    """
    roots = [x509.Certificate.load(anchor) for anchor in anchors]
    check = _Check(roots, moment or clock.now())
    try:
        return run(check.all, pdf)
    except NotValid:
        raise
    except Exception as error:
        raise NotValid(f"the file cannot be read as a PDF: {_short(error)}", remedy=_REMEDY) from error


def is_signed(path: Path) -> bool:
    """Whether a signature field of the PDF is filled; cheap, checks nothing."""
    try:
        with pikepdf.open(path) as pdf:
            form = pdf.Root.get("/AcroForm")
            return form is not None and _any_filled(form.get("/Fields"))
    except (pikepdf.PdfError, pikepdf.PasswordError, TypeError, ValueError, AttributeError) as error:
        raise NotValid(f"{path} cannot be read as a PDF: {_short(error)}", remedy=_REMEDY) from error


def _any_filled(fields: Any) -> bool:
    """Walk the fields and their kids, which inherit /FT and /V (ISO 32000-1, 12.7.3.1); loops are cut."""
    seen: set[tuple[int, int]] = set()
    waiting = [(field, False, False) for field in fields or []]
    while waiting:
        field, signature, filled = waiting.pop()
        if field.is_indirect and field.objgen in seen:
            continue
        seen.add(field.objgen)
        signature = field["/FT"] == "/Sig" if "/FT" in field else signature
        filled = filled or "/V" in field
        if signature and filled:
            return True
        waiting.extend((kid, signature, filled) for kid in field.get("/Kids", []))
    return False


@dataclass(frozen=True, slots=True)
class _Check:
    """One run over a file with the trusted roots, as of a moment."""

    roots: list[x509.Certificate]
    moment: datetime

    async def all(self, pdf: bytes) -> tuple[SignatureVerdict, ...]:
        reader = _read(pdf)
        return tuple([await self._one(signature, pdf) for signature in reader.embedded_signatures])

    async def _one(self, signature: EmbeddedPdfSignature, pdf: bytes) -> SignatureVerdict:
        field = str(signature.field_name)
        role = ROLES.get(field, "other")
        try:
            return _verdict(signature, await self._status(signature), pdf)
        except Exception as error:  # noqa: BLE001 - whatever a hostile signature brings about is its verdict
            return SignatureVerdict(field=field, role=role, problem=f"the signature cannot be checked: {_short(error)}")

    async def _status(self, signature: EmbeddedPdfSignature) -> PdfSignatureStatus | DocumentTimestampStatus:
        """The state now; or, for a certificate that has expired since, at the time that a time stamp proves."""
        if signature.sig_object_type == "/DocTimeStamp":
            return await async_validate_pdf_timestamp(signature, self._context(self.moment))
        status = await async_validate_pdf_signature(signature, self._context(self.moment))
        proven = _proven_time(status)
        if proven and status.trust_problem_indic is AdESIndeterminate.OUT_OF_BOUNDS_NO_POE:
            return await async_validate_pdf_signature(
                signature, self._context(proven), ts_validation_context=self._context(self.moment)
            )
        return status

    def _context(self, moment: datetime) -> ValidationContext:
        return ValidationContext(
            trust_roots=self.roots, moment=moment, allow_fetching=False, revocation_mode="soft-fail"
        )


def _read(pdf: bytes) -> PdfFileReader:
    """Open the file strictly, else leniently: papers from elsewhere need not keep every rule of syntax."""
    try:
        reader = PdfFileReader(BytesIO(pdf), strict=True)
    except PdfStrictReadError:
        reader = PdfFileReader(BytesIO(pdf), strict=False)
    if reader.encrypted:
        raise NotValid("the file is encrypted, so its signatures cannot be checked", remedy=_REMEDY)
    return reader


def _verdict(
    signature: EmbeddedPdfSignature, status: PdfSignatureStatus | DocumentTimestampStatus, pdf: bytes
) -> SignatureVerdict:
    *_, start, length = signature.byte_range
    stowaway = status.modification_level is ModificationLevel.NONE and pdf[start + length :].strip() != b""
    certificate = status.signing_cert
    names = (certificate.subject.native, certificate.issuer.native)
    field = str(signature.field_name)
    fault = _fault(status) or ("bytes that are no update follow the signed file" if stowaway else "")
    return SignatureVerdict(
        field=field,
        role=ROLES.get(field, "other"),
        sound=not fault,
        signer=str(names[0].get("common_name", certificate.subject.human_friendly)),
        intact=status.intact,
        valid=status.valid,
        trusted=status.trusted,
        signed_at=signature.self_reported_timestamp,
        timestamp=_proven_time(status),
        coverage=status.coverage.name if status.coverage else "UNCLEAR",
        changes=status.modification_level.name if status.modification_level else "OTHER",
        development_only=any(name.get("organizational_unit_name") == DEVELOPMENT for name in names),
        problem=fault or _distrust(status),
    )


def _fault(status: PdfSignatureStatus | DocumentTimestampStatus) -> str:
    """The gravest thing that is wrong with signature and file; empty when nothing is."""
    found = (
        (not status.intact, "the signed bytes were changed"),
        (not status.valid, "the signature does not belong to its certificate"),
        (
            status.coverage is None or status.coverage < SignatureCoverageLevel.ENTIRE_REVISION,
            "parts of the signed file are not covered by the signature",
        ),
        (not status.docmdp_ok, "the file was changed after signing in a way that the signature does not allow"),
    )
    return next((text for wrong, text in found if wrong), "")


def _distrust(status: PdfSignatureStatus | DocumentTimestampStatus) -> str:
    """Why a sound signature is not trusted; empty when it is."""
    indication = status.trust_problem_indic
    regular = status if isinstance(status, PdfSignatureStatus) else None
    stamp = regular.timestamp_validity if regular else None
    found = (
        (
            not status.trusted,
            _PROBLEMS.get(indication, f"the certificate is not trusted: {indication}") if indication else "not trusted",
        ),
        (stamp is not None and not stamp.trusted, "the time stamp is not trusted"),
        (regular is not None and not regular.bottom_line, f"the signature does not stand: {status.summary()}"),
    )
    return next((text for wrong, text in found if wrong), "")


def _proven_time(status: PdfSignatureStatus | DocumentTimestampStatus) -> datetime | None:
    """The time of a trusted time stamp, in the signature or being it."""
    stamp = status if isinstance(status, DocumentTimestampStatus) else status.timestamp_validity
    return stamp.timestamp if stamp is not None and stamp.trusted else None


def _short(error: Exception) -> str:
    """One line of a stranger's error."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:200]
