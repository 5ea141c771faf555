"""Scans that the tests of prepare make for themselves: drawn papers, blank backs, separator sheets, files of them."""

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random

import cv2
import img2pdf
import numpy as np
import pypdfium2
import zxingcpp
from PIL import Image, ImageDraw

from pipeline.records import Prepared, Received, Source, Statement
from pipeline.scans.inspection import Look, look_at_pages
from pipeline.scans.sheets import draw_sheets
from pipeline.stages.prepare import prepare
from pipeline.stages.receive import receive
from samples.generate import all_papers
from samples.layout import lay_out
from samples.scanner import Scanner
from services.context import Services

DPI = 200
A4 = (1654, 2339)


@cache
def paper(kind: str = "notice") -> Image.Image:
    """The first page of a drawn paper, in colour, with a scanner's noise."""
    wanted = next(item for item in all_papers() if item.kind == kind)
    random = Random(kind)  # noqa: S311 (drawing)
    return Scanner().scan(lay_out(wanted, DPI, random)[0].image, random)


def sheet(dossier: str | None = None) -> Image.Image:
    """A printed separator sheet, scanned in grey at 200 dpi."""
    pdf = pypdfium2.PdfDocument(draw_sheets([dossier]))
    page = pdf[0]
    printed: Image.Image = page.render(scale=DPI / 72, grayscale=True).to_pil().resize(A4)
    page.close()
    pdf.close()
    return printed


def blank(front: Image.Image | None = None, seed: int = 1) -> Image.Image:
    """The back of a sheet: tinted, noisy, with holes, a staple, a dark border and what shines through."""
    chance = np.random.default_rng(seed)
    pixels = np.full((A4[1], A4[0]), 244, np.float32)
    if front is not None:
        other = np.asarray(front.convert("L").resize(A4), np.float32)[:, ::-1]
        pixels -= (255 - cv2.GaussianBlur(other, (0, 0), 2)) * 0.12
    pixels += chance.normal(0, 3, pixels.shape)
    specks = chance.integers(0, (A4[1], A4[0]), (60, 2))
    pixels[specks[:, 0], specks[:, 1]] = 40
    for y in (850, 1480):
        cv2.circle(pixels, (90, y), 22, 30, -1)  # 5.6 mm
    cv2.line(pixels, (60, 40), (150, 70), 60, 3)
    pixels[:, -12:] = 20
    pixels[:9, :] = 35
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def coded(
    text: str, kind: zxingcpp.BarcodeFormat = zxingcpp.BarcodeFormat.QRCode, on: Image.Image | None = None
) -> Image.Image:
    """A page with a code at its top left, on white or on a paper."""
    page = (on or Image.new("L", A4, 255)).copy()
    code = Image.fromarray(zxingcpp.create_barcode(text, kind).to_image())
    page.paste(code.resize((code.width * 4, code.height * 4), Image.Resampling.NEAREST).convert(page.mode), (120, 60))
    return page


def as_pdf(path: Path, *pages: Image.Image) -> Path:
    """A PDF of JPEG pages, as scanners write it."""
    pictures = []
    for page in pages:
        stream = io.BytesIO()
        page.save(stream, "JPEG", quality=80, dpi=(DPI, DPI))
        pictures.append(stream.getvalue())
    path.write_bytes(img2pdf.convert(pictures, nodate=True))
    return path


def as_tiff(path: Path, *pages: Image.Image, compression: str = "tiff_lzw") -> Path:
    """A TIFF of several pages; ``group4`` makes them black and white."""
    ready = [page.point(lambda level: 255 * (level > 150), "1") for page in (page.convert("L") for page in pages)]
    first, *others = ready if compression == "group4" else pages
    first.save(path, "TIFF", save_all=True, append_images=others, compression=compression, dpi=(DPI, DPI))
    return path


def looks(path: Path, *pages: Image.Image) -> list[Look]:
    """What is seen on pages."""
    return list(look_at_pages(as_pdf(path, *pages)))


def received(ctx: Services, path: Path, statement: Statement | None = None) -> Received:
    """A file, taken in."""
    return receive(Source(path=str(path), batch_id="b", statement=statement or Statement()), ctx)


def prepared(ctx: Services, path: Path, statement: Statement | None = None) -> tuple[Prepared, ...]:
    """A file, taken in and prepared."""
    return prepare(received(ctx, path, statement), ctx)


def page_numbers(parts: Sequence[Prepared]) -> list[list[int]]:
    """The numbers of the pages of each document that are not blank."""
    return [[item.number for item in part.facts if not item.is_blank] for part in parts]


def spoilt(page: Image.Image) -> Image.Image:
    """A sheet somebody wrote on: pen strokes through the bars, the square code torn out."""
    page = page.copy()
    pen = ImageDraw.Draw(page)
    for step in range(8):
        pen.line((300 + 130 * step, 560, 380 + 130 * step, 900), fill=15, width=14)
    pen.rectangle((400, 930, 1300, 1560), fill=255)
    return page
