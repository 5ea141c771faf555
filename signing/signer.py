"""Sign a copy and seal it: PAdES by incremental updates, each checked before it is given out."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko,pyhanko_certvalidator"

import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from io import BytesIO

from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import ExpiredError, NotYetValidError

from config.settings import SigningSettings
from domain.clock import VIETNAM
from signing.errors import AlreadySigned, CannotSign, CertificateExpired, SignatureBroken
from signing.interface import COPY_FIELD, SEAL_FIELD, Anchors, Signers
from signing.keys import DEVELOPMENT, LoadedSigner, SoftwareKeys, as_asn1, software_keys
from signing.marks import Corner, MarkStyle, VisiblePage
from signing.sync import run
from signing.timestamps import LocalTimeStamper
from signing.verify import verify_pdf

CORNERS: dict[str, Corner] = {COPY_FIELD: "left", SEAL_FIELD: "right"}  # law L2.4, L4.3

_BYTES_RESERVED = 12_000  # hex digits; certificates, signature and time stamp token take about 8200
_DEVELOPMENT_LINE = f"Khóa thử nghiệm ({DEVELOPMENT})"
_DAMAGED = (  # what pyHanko lets through from a damaged file; zlib's error has no better base
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
    zlib.error,
)


@contextmanager
def _open_software(settings: SigningSettings) -> Iterator[Signers]:
    yield SoftwareSigners(software_keys(settings))


_OPENERS: dict[str, Callable[[SigningSettings], AbstractContextManager[Signers]]] = {"software": _open_software}


def open_signers(settings: SigningSettings) -> AbstractContextManager[Signers]:
    """Open the keys that the settings name; they are read once and serve every document inside the ``with``."""
    return _OPENERS[settings.kind](settings)


class SoftwareSigners:
    """Signers whose keys lie in memory, read once."""

    development_only = True

    def __init__(self, keys: SoftwareKeys) -> None:
        """Make the keys ready for work."""
        self._keys = keys
        self._officer = LoadedSigner(keys.officer, keys.root)
        self._agency = LoadedSigner(keys.agency, keys.root)
        self._timestamps = LocalTimeStamper(LoadedSigner(keys.timestamps, keys.root))

    def anchors(self) -> Anchors:
        """The local root."""
        return (self._keys.root.public_bytes(serialization.Encoding.DER),)

    def sign_copy(self, pdf: bytes, at: datetime) -> bytes:
        """The PDF signed by the digitiser; the agency's field is made in the same update, before any signature."""
        time = _iso(at)
        with _readable(pdf) as writer:
            if filled := _fields(writer, filled=True):
                raise AlreadySigned(f"the document is signed already, in the field {filled[0]}")
            page = _first_page(writer)
            for field, corner in CORNERS.items():
                append_signature_field(writer, SigFieldSpec(field, on_page=0, box=page.mark_box(corner)))  # type: ignore[arg-type]
                # pyHanko asks for whole numbers but writes what it gets; whole units are too coarse under /UserUnit
            lines = (f"Người số hóa: {self._keys.officer.person}", time, _DEVELOPMENT_LINE)  # law L2.4
            return self._sign(writer, pdf, COPY_FIELD, self._officer, lines, at)

    def seal(self, pdf: bytes, at: datetime) -> bytes:
        """The copy signed by the agency in the field left for it, with a time stamp."""
        time = _iso(at)
        with _readable(pdf) as writer:
            filled = _fields(writer, filled=True)
            if SEAL_FIELD in filled:
                raise AlreadySigned("the document is sealed already")
            if COPY_FIELD not in filled or SEAL_FIELD not in _fields(writer, filled=False):  # law L1.9: person first
                raise CannotSign("the digitiser has not signed this copy", remedy="Run the stage `sign` first")
            lines = ("SAO Y", self._keys.agency.organisation, time, _DEVELOPMENT_LINE)  # law L4.3
            return self._sign(writer, pdf, SEAL_FIELD, self._agency, lines, at, self._timestamps)

    def _sign(
        self,
        writer: IncrementalPdfFileWriter,
        pdf: bytes,
        field: str,
        signer: LoadedSigner,
        lines: tuple[str, ...],
        at: datetime,
        timestamper: TimeStamper | None = None,
    ) -> bytes:
        """Fill the field, and give the result out only when it stands the check."""
        metadata = PdfSignatureMetadata(
            field_name=field,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            validation_context=ValidationContext(  # without one pyHanko signs with an expired certificate
                trust_roots=[as_asn1(self._keys.root)], moment=at, allow_fetching=False, revocation_mode="soft-fail"
            ),
        )
        style = MarkStyle(border_width=0, lines=lines, corner=CORNERS[field], rotate=_first_page(writer).rotate)
        pdf_signer = _PdfSignerAt(at.astimezone(VIETNAM), metadata, signer, timestamper=timestamper, stamp_style=style)
        output = BytesIO()
        run(
            pdf_signer.async_sign_pdf,
            writer,
            existing_fields_only=True,
            bytes_reserved=_BYTES_RESERVED,
            output=output,
        )
        signed = output.getvalue()
        self._check(signed, pdf, field, at)
        return signed

    def _check(self, signed: bytes, before: bytes, field: str, at: datetime) -> None:
        """Every signature in the file stands, the new one covers all of it, and the old bytes are its beginning."""
        if not signed.startswith(before):
            raise SignatureBroken("the signed file does not begin with the file that was to be signed")
        verdicts = verify_pdf(signed, self.anchors(), at)
        for verdict in verdicts:
            if verdict.problem:
                raise SignatureBroken(f"signature {verdict.field}: {verdict.problem}")
        if not verdicts or verdicts[-1].field != field or verdicts[-1].coverage != "ENTIRE_FILE":
            raise SignatureBroken(f"the signature {field} does not cover the whole file")


class _PdfSignerAt(PdfSigner):
    """A signer that writes a given time into /M; pyHanko itself asks the machine's clock in the machine's zone."""

    def __init__(
        self,
        at: datetime,
        metadata: PdfSignatureMetadata,
        signer: LoadedSigner,
        *,
        timestamper: TimeStamper | None,
        stamp_style: MarkStyle,
    ) -> None:
        super().__init__(metadata, signer, timestamper=timestamper, stamp_style=stamp_style)
        self._at = at

    def init_signing_session(self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._at
        return session


@contextmanager
def _readable(pdf: bytes) -> Iterator[IncrementalPdfFileWriter]:
    """Open the file for an update; pyHanko's refusals become errors that say what to do."""
    try:
        yield IncrementalPdfFileWriter(BytesIO(pdf), strict=True)
    except (SigningError, PdfError) as error:
        if isinstance(error.__cause__, ExpiredError | NotYetValidError):
            raise CertificateExpired(str(error.__cause__)) from error
        raise CannotSign(f"the document cannot be signed: {error}") from error
    except _DAMAGED as error:
        raise CannotSign(f"the document is damaged: {type(error).__name__}: {error}") from error


def _fields(writer: IncrementalPdfFileWriter, *, filled: bool) -> list[str]:
    return [str(name) for name, _, _ in enumerate_sig_fields(writer, filled_status=filled)]


def _first_page(writer: IncrementalPdfFileWriter) -> VisiblePage:
    reference, _ = writer.find_page_for_modification(0)
    return VisiblePage.of(reference.get_object())


def _iso(at: datetime) -> str:
    """The time as the mark shows it: the same second as /M (law L4.3)."""
    if at.tzinfo is None:
        raise ValueError("the time of signing needs a time zone")
    return at.astimezone(VIETNAM).isoformat(timespec="seconds")
