"""Signed files as programs of other makers write them, each made here; whoever signed them changed nothing since."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import pikepdf
from cryptography import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.stamp import StaticStampStyle

from signing.keys.credentials import Algorithm, Credential, PrivateKey, SoftwareKey
from signing.pades.cms import CmsSigner
from tests.support.issuers import Issuer, rsa_key
from tests.support.signing_papers import paper

_ROOM = 8192
_RANGE = b"/ByteRange [ 0 111111111 222222222 333333333 ]"


@dataclass(frozen=True)
class Maker:
    """A person's key with its certificate, and who issued that."""

    issuer: Issuer
    key: PrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls) -> "Maker":
        """One with a fresh key."""
        issuer, key = Issuer(), rsa_key()
        return cls(issuer, key, issuer.certificate(key))

    def value(self, signed: bytes) -> bytes:
        """The CMS over these bytes."""
        credential = Credential(self.certificate, (self.issuer.root,), SoftwareKey(self.key), Algorithm.PSS)
        return CmsSigner(credential).sign(hashlib.sha256(signed).digest())

    def update(self, pdf: bytes, field: str = "Signature1", **spec: object) -> bytes:
        """The file with a signature in an update, read as readers do that forgive much."""
        writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
        if writer.prev.encrypted:
            writer.encrypt("")
        meta = PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED)
        signer = self.issuer.signer(self.key, self.certificate)
        look = spec.pop("look", None)
        made = PdfSigner(
            meta,
            signer,
            stamp_style=look if isinstance(look, StaticStampStyle) else None,
            new_field_spec=SigFieldSpec(field, **spec) if spec else None,  # type: ignore[arg-type]
        )
        return bytes(made.sign_pdf(writer).getvalue())


def with_room(change: Callable[[pikepdf.Pdf], None] = lambda _: None, **saved: object) -> bytes:
    """A file that is written once, with a signature field, and room for its value."""
    target = BytesIO()
    with pikepdf.open(BytesIO(paper())) as document:
        value = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Sig,
                Filter=pikepdf.Name("/Adobe.PPKLite"),
                SubFilter=pikepdf.Name("/adbe.pkcs7.detached"),
                ByteRange=[0, 111111111, 222222222, 333333333],
                Contents=pikepdf.String(b"\xff" * _ROOM),
            )
        )
        field = document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Sig,
                T="Signature1",
                V=value,
                Rect=[0, 0, 0, 0],
                F=132,
                P=document.pages[0].obj,
            )
        )
        document.pages[0].obj.Annots = pikepdf.Array([field])
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[field], SigFlags=3)
        change(document)
        document.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable, **saved)  # type: ignore[arg-type]
    return target.getvalue()


def filled(maker: Maker, pdf: bytes) -> bytes:
    """A file with room, signed where it is: nothing is added behind it."""
    found = re.search(rb"<(?:ff){%d}>" % _ROOM, pdf, re.IGNORECASE)
    assert found is not None
    start, end = found.span()
    text = b"/ByteRange [ 0 %d %d %d ]" % (start, end, len(pdf) - end)
    assert pdf.count(_RANGE) == 1
    pdf = pdf.replace(_RANGE, text.ljust(len(_RANGE)))
    value = maker.value(pdf[:start] + pdf[end:]).hex().encode()
    return pdf[: start + 1] + value.ljust(end - start - 2, b"0") + pdf[end - 1 :]


def hybrid(pdf: bytes) -> bytes:
    """The file with a table as programs from before 1.5 read it, and a stream beside it for packed objects.

    As Word writes them (ISO 32000-1, 7.5.8.4): the table's trailer names the stream by /XRefStm.
    """
    start = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    assert pdf[start : start + 4] == b"xref"
    size = int(re.findall(rb"/Size (\d+)", pdf)[-1])
    packed = b"%d 0 (packed)" % (size + 1)
    body = pdf[:start]
    holder = len(body)
    body += b"%d 0 obj\n<< /Type /ObjStm /N 1 /First %d /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        size, packed.index(b"("), len(packed), packed,
    )  # fmt: skip
    stream = len(body)
    rows = b"\x01" + holder.to_bytes(4, "big") + b"\0" + b"\x02" + size.to_bytes(4, "big") + b"\0"
    body += b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 1] /Index [%d 2] /Length %d >>\nstream\n" % (
        size + 2, size + 3, size, len(rows),
    )  # fmt: skip
    body += rows + b"\nendstream\nendobj\n"
    table = pdf[start : pdf.rindex(b"startxref")].replace(
        b"/Size %d" % size, b"/Size %d /XRefStm %d" % (size + 3, stream)
    )
    return body + table + b"startxref\n%d\n%%%%EOF\n" % len(body)


def appended(pdf: bytes, objects: bytes = b"") -> bytes:
    """The file with something behind it that ends as an update would, and names the table of before."""
    start = re.findall(rb"startxref\s+(\d+)", pdf)[-1]
    return bytes(pdf + objects + b"startxref\n" + start + b"\n%%EOF\n")


def updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with one more update."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    target = BytesIO()
    writer.write(target)
    return target.getvalue()
