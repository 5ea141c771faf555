"""Which pages are taken for blank, over drawn ones: ``python -m benchmarks.blank [PAGES [SEED]]`` (default 2 000, 0).

Pages whose picture is cut off look empty, and count as inked.  Ends with 1 when a page with ink would be left out, or
fewer than 95 % of the blank ones are found.
"""

import io
import sys
import tempfile
import zlib
from pathlib import Path

import img2pdf
import numpy as np
import pikepdf
from PIL import Image

from benchmarks.blankset import BLANK, DPI, INKED, draw
from benchmarks.tables import Row, render
from config.settings import RecognitionSettings
from domain.errors import Held
from pipeline.scans.inspection import look_at_pages
from pipeline.scans.pdfs import check_pdf

_SPOILT = "picture cut off"


def main(number: int, first: int) -> int:
    """Draw from a seed on, look, print the table."""
    kinds = [*BLANK, *INKED, _SPOILT]
    rows: list[Row] = []
    for place, kind in enumerate(kinds):
        pages = number // len(kinds) + (place < number % len(kinds))
        found = sum(is_blank(kind, seed) for seed in range(first, first + pages))
        rows.append({"kind": kind, "is": "blank" if kind in BLANK else "inked", "pages": pages, "left out": found})
    print(render(f"Blank pages, {number} drawn", rows))
    blank, kept = ([row for row in rows if row["is"] == kind] for kind in ("blank", "inked"))
    share = _sum(blank, "left out") / max(1, _sum(blank, "pages"))
    lost = _sum(kept, "left out")
    print(f"\nblank pages found: {share:.1%}; pages with ink left out: {lost} of {_sum(kept, 'pages')}")
    return int(lost > 0 or share < 0.95)


def is_blank(kind: str, seed: int) -> bool:
    """Whether a page drawn of a kind would be left out of the copy."""
    with tempfile.TemporaryDirectory(prefix="khoso-blank-") as folder:
        path = Path(folder) / "page.pdf"
        if kind == _SPOILT:
            _write_spoilt(path, seed)
        else:
            path.write_bytes(img2pdf.convert(_scanned(draw(kind, seed), seed), nodate=True))
        try:
            checked = check_pdf(path, Path(folder) / "plain.pdf", RecognitionSettings())
        except Held:
            return False
        (look,) = look_at_pages(checked.pdf, checked.kept)
    return look.facts.is_blank


def _scanned(image: Image.Image, seed: int) -> bytes:
    """The page as a JPEG of a scanner: packed more or less, in grey or on tinted paper, sometimes of 300 dpi."""
    chance = np.random.default_rng((seed, 1))
    dpi = DPI if chance.random() < 0.7 else 300
    seen = image.resize((image.width * dpi // DPI, image.height * dpi // DPI), Image.Resampling.BICUBIC)
    if chance.random() < 0.5:
        tint = chance.uniform(0.96, 1, 3)
        seen = Image.merge("RGB", [seen.point([round(level * share) for level in range(256)]) for share in tint])
    stream = io.BytesIO()
    seen.save(stream, "JPEG", quality=int(chance.integers(40, 91)), dpi=(dpi, dpi))
    return stream.getvalue()


def _write_spoilt(path: Path, seed: int) -> None:
    """A page whose picture ends too early, anywhere, in one of the codings that readers draw in part or not at all."""
    image = draw("short line", seed)
    name, coded = (("JPXDecode", "JPEG2000"), ("FlateDecode", ""), ("DCTDecode", "JPEG"))[seed % 3]
    stream = io.BytesIO(b"" if coded else zlib.compress(image.tobytes()))
    if coded:
        image.save(stream, coded)
    share = np.random.default_rng(seed).uniform(0.02, 0.98)
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        picture = pikepdf.Stream(pdf, stream.getvalue()[: int(len(stream.getvalue()) * share)])
        picture.stream_dict = pikepdf.Dictionary(
            Subtype=pikepdf.Name.Image, Width=image.width, Height=image.height, ColorSpace=pikepdf.Name.DeviceGray,
            BitsPerComponent=8, Filter=pikepdf.Name(f"/{name}"),
        )  # fmt: skip
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
        page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /I Do Q")
        pdf.save(path, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)


def _sum(rows: list[Row], column: str) -> int:
    return sum(int(row[column] or 0) for row in rows)


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*given, *(2_000, 0)[len(given) :]))
