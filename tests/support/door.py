"""Files that wait at the door for somebody's decision."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import io
from pathlib import Path

import pikepdf
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, sign_pdf

from tests.support.scans import as_pdf, paper
from tests.support.strangers import Issuer
from tests.support.written_pdfs import page

SECRET = "Mật khẩu 7391"


def coarse(folder: Path, dpi: int = 150) -> Path:
    """A scan with fewer dots than the rules ask for."""
    path = folder / "old.jpg"
    paper().resize((1240, 1754)).save(path, dpi=(dpi, dpi), quality=85)
    return path


def without_resolution(folder: Path) -> Path:
    """A picture of half a sheet that tells no resolution."""
    path = folder / "half.png"
    paper().crop((0, 0, 1165, 1654)).save(path)
    return path


def locked(folder: Path, user: str = SECRET) -> Path:
    """A scan that opens with a password only."""
    path = folder / "locked.pdf"
    with pikepdf.open(as_pdf(folder / "open.pdf", paper())) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(user=user, owner="o"))
    (folder / "open.pdf").unlink()
    return path


def keys(folder: Path, *passwords: str) -> Path:
    """A file of passwords."""
    path = folder.parent / f"{folder.name}-keys.txt"
    path.write_text("\n".join(passwords) + "\n", encoding="utf-8")
    return path


def signed_and_locked(issuer: Issuer, user: str) -> bytes:
    """A paper that was signed after it was locked."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(page())) as pdf:
        pdf.save(target, encryption=pikepdf.Encryption(user=user, owner="o"))
    writer = IncrementalPdfFileWriter(io.BytesIO(target.getvalue()))
    writer.encrypt(user)
    signed = sign_pdf(writer, PdfSignatureMetadata(field_name="S1", md_algorithm="sha256"), issuer.signer)
    return bytes(signed.getvalue())
