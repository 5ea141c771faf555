"""Papers drawn as real ones are: number and day in cursive hands over dots, abstracts and titles as offices set them.

And scanned as offices scan: with a dark border where the sheet ends, and with punch holes.  Of two papers of a row the
second one is held back: nothing is to be tuned on it (``python -m benchmarks.real --held-back``).
"""

from dataclasses import replace
from datetime import date
from functools import cache
from itertools import takewhile
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.valueset import changed
from domain.errors import SetupError
from domain.readings import FieldName
from samples.generate import all_papers
from samples.handwriting import Hand, any_hand
from samples.layout import lay_out
from samples.papers import Paper, Paragraph, day_in_words, text
from samples.scanner import Scanner

# Faces by Debian package, all free: no two of them write a digit alike.
FACES: Final = {
    "fonts-breip": "truetype/breip/Breip.ttf",
    "fonts-bwht": "opentype/bwht/BecauseWeConnect-Regular.otf",
    "fonts-dancingscript": "opentype/dancingscript/DancingScript-Regular.otf",
    "fonts-dkg-handwriting": "truetype/fifthhorseman/dkg.ttf",
    "fonts-ecolier-court": "truetype/ecolier-court/Ecolier-court.ttf",
    "fonts-femkeklaver": "truetype/femkeklaver/femkeklaver.ttf",
    "fonts-humor-sans": "truetype/humor-sans/Humor-Sans.ttf",
    "fonts-kaushanscript": "opentype/kaushanscript/KaushanScript-Regular.otf",
    "fonts-kristi": "truetype/kristi/Kristi.ttf",
    "fonts-rufscript": "truetype/rufscript/Rufscript010.ttf",
}
_FOLDER: Final = Path("/usr/share/fonts")
_BY_STROKES = 0.2  # of the hands: strokes instead of a face
_BROKEN: Final = ("TÌNH TRẠNG", "ĐĂNG KÝ", "CẤP BẢN SAO", "VÀ HẸN", "CHO PHÉP")


class Drawn(NamedTuple):
    """What a paper says, in whose hand its number and day are, None in print, and what was done to it.

    ``filled_in``: fields for which print leaves room; ``printed``, ``written``: lines, the latter with handwriting.
    """

    paper: Paper
    hand: str | None
    kinds: frozenset[str]
    filled_in: frozenset[FieldName]
    printed: tuple[str, ...]
    written: tuple[str, ...]


def draw(seed: int, path: Path) -> Drawn:
    """Write a paper as a PDF, the same for the same seed."""
    random = Random(f"real {seed}")  # noqa: S311  a drawing, no secret
    papers = [paper for paper in all_papers() if paper.number]
    paper = _numbered(changed(papers[seed // 2 % len(papers)], random), random)
    name, hand = _hand(random) if random.random() < 0.75 else (None, None)
    shown, paper, kinds = _as_set(paper, random)
    shown = replace(shown, hand=hand, file="paper.pdf")
    dpi = random.choice((150, 200, 300))
    tint = (random.randint(235, 255),) * 2 + (random.randint(228, 250),)
    scanner = Scanner("pdf", dpi, grey=random.random() < 0.5, tint=tint, noise=random.uniform(1, 6), max_skew=0.8)
    border, holes = random.random() < 0.35, random.random() < 0.35
    sheets = lay_out(shown, dpi, random)
    pages = [scanner.scan(sheet.image, random) for sheet in sheets]
    pages = [_on_glass(page, dpi, random, border=border, holes=holes) for page in pages]
    scanner.write(pages, path)
    kinds |= {kind for kind, is_so in (("dark border", border), ("punch holes", holes)) if is_so}
    written = [line for sheet in sheets for line in sheet.written]
    printed = [line for sheet in sheets for line in sheet.lines if line not in written]
    filled_in: set[FieldName] = {"number_symbol", "issued_date"} if paper.agency else {"number_symbol"}
    return Drawn(paper, name, frozenset(kinds), frozenset(filled_in), tuple(printed), tuple(written))


def faces() -> dict[str, Path]:
    """The faces by the name of their package.

    Raises:
        SetupError: one of them is not installed.
    """
    found = {package: _FOLDER / file for package, file in FACES.items()}
    missing = [package for package, file in found.items() if not file.is_file()]
    if missing:
        raise SetupError(f"faces are missing: {', '.join(missing)}", remedy=f"apt-get install {' '.join(missing)}")
    return found


@cache
def _faces() -> tuple[tuple[str, Path], ...]:
    return tuple(faces().items())


def _hand(random: Random) -> tuple[str, Hand]:
    hand = any_hand(random)
    dotted = random.random() < 0.6
    if random.random() < _BY_STROKES:
        return "strokes", replace(hand, dotted=dotted)
    name, face = random.choice(_faces())
    return name, replace(hand, face=face, dotted=dotted, slant=random.uniform(-0.2, 0.5))


def _numbered(paper: Paper, random: Random) -> Paper:
    """With a number of one to four digits."""
    number = paper.number or ""
    digits = "".join(takewhile(str.isdigit, number))
    if len(digits) > 4:
        return paper
    fresh = random.randint(1, 10 ** random.choice((1, 2, 2, 3, 3, 3, 4)) - 1)
    return replace(paper, number=f"{fresh:02d}{number[len(digits) :]}")


def _as_set(paper: Paper, random: Random) -> tuple[Paper, Paper, set[str]]:
    """The paper as it is printed, as it is read, and in which ways it differs from a plain one."""
    shown, kinds = paper, set[str]()
    if paper.abstract and not paper.title and random.random() < 0.6:
        shown = replace(shown, abstract=f"({paper.abstract})")
        kinds.add("V/v in brackets")
    elif paper.abstract and paper.title and random.random() < 0.5:
        plain = paper.abstract.removeprefix("Về việc ").capitalize() if paper.abstract.isupper() else paper.abstract
        plain = plain.removeprefix("Về việc ")
        plain = plain[0].upper() + plain[1:]
        shown, paper = replace(shown, abstract=plain), replace(paper, abstract=plain)
        kinds.add("plain abstract")
    cut = next((words for words in _BROKEN if paper.title and words in paper.title[3:]), None)
    if cut and paper.title and random.random() < 0.6:
        place = paper.title.index(cut, 3)
        shown = replace(shown, title=f"{paper.title[:place].strip()}\n{paper.title[place:]}")
        kinds.add("broken title")
    if paper.agency and random.random() < 0.5:
        shown = replace(shown, body=(*_citing(random), *shown.body))
        kinds.add("cites others")
    return shown, paper, kinds


def _citing(random: Random) -> tuple[Paragraph, ...]:
    day, other = (
        day_in_words(date(random.randint(2015, 2025), random.randint(1, 12), random.randint(1, 28))) for _ in range(2)
    )
    return text(
        f"Căn cứ Quyết định số {random.randint(1, 3000)}/QĐ-UBND {day} của Ủy ban nhân dân thành phố Đà Nẵng;",
        f"Thực hiện Công văn số {random.randint(1, 900)}/STP-HCTP {other} của Sở Tư pháp.",
    )


def _on_glass(page: Image.Image, dpi: int, random: Random, *, border: bool, holes: bool) -> Image.Image:
    """The scan with dark stripes where the sheet ended, and with holes through the left margin."""
    scan, unit = page.copy(), dpi / 25.4
    pen = ImageDraw.Draw(scan)
    if holes:
        across = random.uniform(7, 11) * unit
        shade = random.choice((20, 90, 255))
        for down in (scan.height / 2 - 40 * unit, scan.height / 2 + 40 * unit):
            box = (across - 2.75 * unit, down - 2.75 * unit, across + 2.75 * unit, down + 2.75 * unit)
            pen.ellipse(box, shade if scan.mode == "L" else (shade,) * 3)
    if not border:
        return scan
    pixels = np.asarray(scan).copy()
    rows, columns = np.indices(pixels.shape[:2])
    height, width = pixels.shape[:2]
    for side in random.sample(("left", "right", "top", "bottom"), random.randint(1, 3)):
        # How far the stripe reaches in, and by how much more at its other end.
        wide, more = random.uniform(2, 9) * unit, random.uniform(-3, 3) * unit
        inward = {"left": columns, "right": width - columns, "top": rows, "bottom": height - rows}[side]
        along = rows / height if side in {"left", "right"} else columns / width
        pixels[inward < wide + more * along] = random.randint(5, 70)
    return Image.fromarray(pixels)
