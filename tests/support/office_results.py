"""A result as an office writes it, and the pictures to sign it with: PNG with transparent ground, at real size."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from random import Random

import pikepdf
from PIL import Image, ImageOps

from samples.ink import SEAL_MM, press_seal, write_signature
from tests.support.written_pdfs import NOTICE, page

DPI = 300
SIGNATURE_MM = (40.0, 16.0)
PERSON = "Nguyễn Thị Thu Hà"  # who signs the notice
RESULT = (*NOTICE[:-1], "", "", NOTICE[-1])  # with room for the signature


def result(lines: Sequence[str] = RESULT) -> bytes:
    """The notice with its font as PDF/A wants it, which PDFium leaves out (PDF/A-2, 6.2.11.3.2)."""
    target = BytesIO()
    with pikepdf.open(BytesIO(page(lines))) as document:
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Subtype") == "/CIDFontType2":
                item.CIDToGIDMap = pikepdf.Name.Identity
        document.save(target)
    return target.getvalue()


def write_pictures(folder: Path) -> tuple[Path, Path]:
    """A blue signature and a red seal."""
    side = _px(SEAL_MM)
    seal = Image.new("RGB", (side, side), "white")
    press_seal(seal, (side / 2, side / 2), side, "ỦY BAN NHÂN DÂN PHƯỜNG HẢI CHÂU", Random(1))  # noqa: S311 - no secret
    signature = Image.new("RGB", (_px(SIGNATURE_MM[0]), _px(SIGNATURE_MM[1])), "white")
    write_signature(signature, (0, 0, signature.width, signature.height), Random(1))  # noqa: S311 - no secret
    return clear(signature, folder / "signature.png"), clear(seal, folder / "seal.png")


def clear(image: Image.Image, path: Path, dpi: float | None = DPI) -> Path:
    """Save ink on white as ink on nothing."""
    image.putalpha(ImageOps.invert(image.convert("L")).point(lambda level: min(255, 2 * level)))
    image.save(path, dpi=(dpi, dpi) if dpi else None)
    return path


def _px(mm: float) -> int:
    return round(mm / 25.4 * DPI)
