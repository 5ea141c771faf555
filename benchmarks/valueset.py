"""Papers drawn anew at random and scanned, whose values are known: in print, filled in by hand, citing others, layered.

Names, numbers, days and places of the samples are exchanged for others, throughout the paper.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import takewhile
from pathlib import Path
from random import Random
from typing import Final

import img2pdf
import numpy as np
import pikepdf
from PIL import Image, ImageFilter

from domain.readings import PageReading, Word
from domain.validity import add_months
from pipeline.recognition.layer import write_layer
from samples.generate import all_papers
from samples.handwriting import any_hand
from samples.layout import Sheet, lay_out
from samples.papers import Paper, Row, day_in_words, text
from samples.scanner import Scanner

# fmt: off
_FAMILIES: Final = (
    "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Tạ", "Đoàn",
)
_MIDDLE: Final = ("Văn", "Thị", "Đức", "Ngọc", "Bá", "Thị Kim", "Hữu", "Thanh", "Xuân", "Quốc", "Thị Thu", "Minh")
_GIVEN: Final = (
    "Toàn", "Hoa", "Hùng", "Yến", "Khánh", "Quý", "Thảo", "Sơn", "Ánh", "Phước", "Hạnh", "Lộc", "Vy", "Tuấn",
)
_WARDS: Final = (
    "Hải Châu", "Thanh Khê", "Hòa Xuân", "Sơn Trà", "Liên Chiểu", "An Khê", "Ngũ Hành Sơn", "Hòa Cường", "Cẩm Lệ",
)
# fmt: on
_BACKGROUND_DPI: Final = 100


def _printed(paper: Paper, random: Random, path: Path) -> Paper:
    sheets = lay_out(paper, dpi := random.choice((200, 300)), random)
    _scanner(dpi, random).write(_scanned(sheets, dpi, random), path)
    return paper


def _written(paper: Paper, random: Random, path: Path) -> Paper:
    return _printed(replace(paper, hand=any_hand(random)), random, path)


def _citing(paper: Paper, random: Random, path: Path) -> Paper:
    """Cites other papers by number and day in print, while its own are often written."""
    day, other = (day_in_words(_day(random)) for _ in range(2))
    cited = text(
        f"Căn cứ Quyết định số {random.randint(1, 3000)}/QĐ-UBND ngày {day[5:]} của Ủy ban nhân dân thành phố Đà Nẵng;",
        f"Thực hiện Công văn số {random.randint(1, 900)}/STP-HCTP {other} của Sở Tư pháp.",
    )
    hand = any_hand(random) if random.random() < 0.7 else None
    return _printed(replace(paper, body=(*cited, *paper.body), hand=hand), random, path)


def _layered(paper: Paper, random: Random, path: Path) -> Paper:
    """A background of 100 dpi without letters, and the letters as a mask of 300 dpi over it."""
    with pikepdf.new() as pdf:
        for sheet in lay_out(paper, 300, random):
            _add_layers(pdf, _scanner(300, random).scan(sheet.image, random))
        pdf.save(path, deterministic_id=True)
    return paper


def _hiding_another(paper: Paper, random: Random, path: Path) -> Paper:
    """A scan with the text of another paper laid over it unseen, as if it were its own."""
    _printed(paper, random, path)
    other = lay_out(changed(random.choice(_papers(letters=bool(paper.agency))), random), 100, random)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for number, (page, sheet) in enumerate(zip(pdf.pages, other, strict=False), 1):
            hidden = path.with_suffix(f".{number}.pdf")
            width, height = (float(side) for side in page.mediabox[2:])
            write_layer(_as_read(sheet, number), width, height, hidden)
            with pikepdf.open(hidden) as layer:
                page.add_overlay(layer.pages[0], pikepdf.Rectangle(0, 0, width, height))
        pdf.save(path)
    return paper


def _poor(paper: Paper, random: Random, path: Path) -> Paper:
    """So few dots that digits run together, blown up to as many as are asked for."""
    dpi = random.randint(56, 84)
    pages = [
        scan.resize((scan.width * 200 // dpi, scan.height * 200 // dpi), Image.Resampling.BICUBIC)
        for scan in _scanned(lay_out(paper, dpi, random), dpi, random)
    ]
    _scanner(200, random).write(pages, path)
    return paper


KINDS: Final[Mapping[str, Callable[[Paper, Random, Path], Paper]]] = {
    "print": _printed,
    "number and day by hand": _written,
    "cites others": _citing,
    "layered scan": _layered,
    "hidden text of another": _hiding_another,
}
POOR: Final = {"poor scan": _poor}


def draw(kind: str, seed: int, path: Path) -> Paper:
    """Write a paper of a kind as a PDF, the same for the same seed; what it says."""
    random = Random(f"{kind} {seed}")  # noqa: S311  a drawing, no secret
    papers = _papers(letters=kind in {"number and day by hand", "cites others"})
    return {**KINDS, **POOR}[kind](changed(papers[seed % len(papers)], random), random, path)


def _papers(*, letters: bool) -> list[Paper]:
    """The samples; with ``letters``, those whose day stands in the head."""
    return [paper for paper in all_papers() if paper.agency or not letters]


def changed(paper: Paper, random: Random) -> Paper:
    """The paper of somebody else, with another number and day, of another place."""
    day = _day(random)
    number = paper.number or ""
    digits = "".join(takewhile(str.isdigit, number))
    fresh = f"{random.randint(1, 10 ** len(digits) - 1):02d}{number[len(digits) :]}" if paper.number else None
    words = {day_in_words(paper.issued): day_in_words(day), f"{paper.issued:%d/%m/%Y}": f"{day:%d/%m/%Y}"}
    if paper.owner_name and paper.owner_id:
        name = " ".join(random.choice(part) for part in (_FAMILIES, _MIDDLE, _GIVEN))
        words |= {paper.owner_name: name, paper.owner_name.upper(): name.upper()}
        words[paper.owner_id] = paper.owner_id[:6] + f"{random.randrange(10**6):06d}"  # place, sex and year of birth
    ward, old = random.choice(_WARDS), (paper.issuer or "").rpartition("phường ")[2]
    if "phường " in (paper.issuer or ""):
        words |= {f"phường {old}": f"phường {ward}", f"PHƯỜNG {old.upper()}": f"PHƯỜNG {ward.upper()}"}
    months = 0
    if paper.valid_until:
        months = 12 * (paper.valid_until.year - paper.issued.year) + paper.valid_until.month - paper.issued.month
    return replace(
        paper,
        issued=day,
        number=fresh,
        valid_until=add_months(day, months) if months else None,
        body=tuple(
            Row(tuple(_with(words, cell) for cell in block.cells))
            if isinstance(block, Row)
            else replace(block, text=_with(words, block.text), lead=_with(words, block.lead))
            for block in paper.body
        ),
        parent=tuple(_with(words, line) for line in paper.parent),
        agency=tuple(_with(words, line) for line in paper.agency),
        issuer=_with(words, paper.issuer) if paper.issuer else None,
        abstract=_with(words, paper.abstract) if paper.abstract else None,
        owner_name=words.get(paper.owner_name or ""),
        owner_id=words.get(paper.owner_id or ""),
    )


def _with(words: Mapping[str, str], line: str) -> str:
    for old, new in words.items():
        line = line.replace(old, new)
    return line


def _day(random: Random) -> date:
    return date(2016, 1, 1) + timedelta(days=random.randrange(3900))


def _scanner(dpi: int, random: Random) -> Scanner:
    tint = (random.randint(240, 255),) * 2 + (random.randint(232, 250),)
    return Scanner("pdf", dpi, grey=random.random() < 0.5, tint=tint, noise=random.uniform(1, 6), max_skew=0.8)


def _scanned(sheets: list[Sheet], dpi: int, random: Random) -> list[Image.Image]:
    scanner = _scanner(dpi, random)
    return [scanner.scan(sheet.image, random) for sheet in sheets]


def _add_layers(pdf: pikepdf.Pdf, scan: Image.Image) -> None:
    """A page as programs for small files write it; the letters' colour is black."""
    width, height = scan.size
    is_ink = np.asarray(scan.convert("L")) < 140
    paper = scan.filter(ImageFilter.MaxFilter(9)).resize((width // 3, height // 3), Image.Resampling.BOX)
    stream = io.BytesIO()
    paper.save(stream, "JPEG", quality=40, dpi=(_BACKGROUND_DPI, _BACKGROUND_DPI))
    with pikepdf.open(io.BytesIO(img2pdf.convert(stream.getvalue(), nodate=True))) as background:
        pdf.pages.extend(background.pages)
    page = pdf.pages[-1]
    page.Resources.XObject.Ink = pdf.make_stream(
        np.packbits(~is_ink, axis=1).tobytes(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=width,
        Height=height,
        ImageMask=True,
        BitsPerComponent=1,
    )
    across, down = (float(side) for side in page.mediabox[2:])
    page.contents_add(f"q 0.1 g {across} 0 0 {down} 0 0 cm /Ink Do Q".encode())


def _as_read(sheet: Sheet, number: int) -> PageReading:
    """The lines of a sheet as a recogniser would tell them, one below the other."""
    words = []
    for place, line in enumerate(sheet.lines):
        x, top = 0.14, 0.06 + 0.8 * place / len(sheet.lines)
        for word in line.split():
            box = (x, top, min(1.0, x + 0.009 * len(word)), top + 0.012)
            words.append(Word(text=word, box=box, confidence=1.0, line=place))
            x = min(0.98, box[2] + 0.006)
    return PageReading(number=number, words=tuple(words))
