"""Where marks stand: how many cover print, the heading, or leave the top of the page; and a sheet to look at.

    python -m benchmarks.marks SHEET.png [--pages N] [--scans FOLDER]

N drawn pages (504), the samples, and the first pages of a folder of scans (upright where its ``truth.json`` says how)
are signed and sealed with the shortest and the longest name of an agency, by development and by real keys.  Judged is
what a reader shows: the box around what was drawn of each mark against what is printed.  Of drawn pages the print is
known; of scans it is what is darker than 60 % of the page, dust aside.  The contact sheet shows the tops of some pages
of each kind and, in red, of those that failed.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps

from benchmarks.markset import DPI, KINDS, Mask, draw
from config.loader import load_catalogues
from config.signing import SigningSettings
from domain.clock import now
from pipeline.scans.inspection import ink_of_first_page
from samples.generate import all_papers
from samples.layout import lay_out
from samples.scanner import Scanner
from signing.interface import MarkPlace
from signing.keys.software import software_keys
from signing.marks.ink import HeadingPart
from signing.signer import CredentialSigners
from signing.stamps.local import LocalTimeStamps
from tests.support.inked_pages import pdf_of

_AT: Final = now()
_OFFICERS: Final = ("Lê An", "Nguyễn Thị Ngọc Ánh")
_LONGEST: Final = "Bộ phận Tiếp nhận và Trả kết quả phường Hải Châu"  # as a department's certificate names it
_DARK: Final = 0.6
_TOUCHED: Final = 4  # pixels; fewer are grain
_DUST_MM: Final = 1.0
_TOP: Final = 0.15
_LONG_SIDE_IN: Final = 297 / 25.4
_EACH: Final = 8  # pages of each kind on the contact sheet
_TILE: Final = (420, 230)
Levels = NDArray[np.uint8]


class Page(NamedTuple):
    """A page to be signed; where nobody knows its print, that is None."""

    kind: str
    name: str
    image: Image.Image
    dpi: float
    printed: Mask | None = None
    heading: Mask | None = None


class Judged(NamedTuple):
    """What a reader shows of a page with both marks."""

    kind: str
    name: str
    keys: str
    places: tuple[MarkPlace, ...]
    tile: bytes
    over_ink: bool
    over_heading: bool
    on_top: tuple[bool, ...]
    meet: bool

    @property
    def is_odd(self) -> bool:
        """Whether a person should look at it."""
        return self.over_ink or self.over_heading or self.meet or not all(self.on_top)


def signers(folder: Path) -> dict[str, CredentialSigners]:
    """Hands by the kind of key and the length of the names."""
    agencies = sorted((agency.name for agency in load_catalogues().agencies), key=len)
    found = {}
    for length, officer, agency in (
        ("short", _OFFICERS[0], agencies[0]),
        ("long", _OFFICERS[1], max(agencies[-1], _LONGEST, key=len)),
    ):
        keys = software_keys(SigningSettings(keys=folder / length, officer=officer, officer_agency=agency))
        for kind in ("development", "real"):
            stamps = LocalTimeStamps(keys.timestamps)
            found[f"{kind}, {length}"] = CredentialSigners(
                keys.officer, keys.agency, stamps, development_only=kind == "development"
            )
    return found


def pages(number: int, scans: Path | None) -> Iterator[Page]:
    """The drawn pages, the samples, the scans."""
    for seed in range(number):
        drawn = draw(list(KINDS)[seed % len(KINDS)], seed)
        yield Page(drawn.kind, str(seed), drawn.image, DPI, drawn.printed, drawn.heading)
    for paper in all_papers():
        random = Random(paper.kind)  # noqa: S311 (the same page every time)
        yield Page("sample", paper.kind, Scanner().scan(lay_out(paper, 150, random)[0].image, random), 150)
    if scans:
        yield from _scanned(scans)


def _scanned(folder: Path) -> Iterator[Page]:
    truth = folder / "truth.json"
    known = json.loads(truth.read_text(encoding="utf-8"))["files"] if truth.exists() else []
    turns: dict[str, dict[str, int]] = {
        item["file"]: next((page for page in item["pages"] if page.get("document") is not None), {}) for item in known
    }
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in {".jpg", ".png", ".tif", ".pdf"}:
            first = turns.get(path.name, {})
            image = _picture(path, first.get("index", 0)).convert("RGB")
            upright = image.rotate(-first.get("rotate", 0), expand=True)
            yield Page("scan", path.name, upright, max(upright.size) / _LONG_SIDE_IN)


def _picture(path: Path, index: int) -> Image.Image:
    if path.suffix.lower() != ".pdf":
        image = Image.open(path)
        image.seek(index)
        return ImageOps.exif_transpose(image)
    with pypdfium2.PdfDocument(path) as document:
        page = document[index]
        shown: Image.Image = page.render(scale=150 / 72).to_pil().copy()
        page.close()
    return shown


class Seen(NamedTuple):
    """A page before it is signed: the file, what khoso takes for ink, and what a reader shows."""

    pdf: bytes
    ink: Mask
    levels: Levels


def judge(page: Page, seen: Seen, keys: str, hands: CredentialSigners) -> tuple[Judged, float]:
    """Place, sign, seal and look; and the milliseconds of placing."""
    pdf, ink, was = seen
    heading = _parts(page.heading) if page.heading is not None else ()
    began = time.process_time()
    places = hands.place_marks(pdf, ink, heading=heading)
    spent = (time.process_time() - began) * 1000
    shown = _shown(hands.seal(hands.sign_copy(pdf, _AT, places), _AT, "B-B"))
    levels = np.asarray(shown.convert("L"))
    printed = _fitted(page.printed, was) if page.printed is not None else _without_dust(was < np.median(was) * _DARK)
    boxes = [_drawn(place, was, levels, DPI / 72) for place in places]
    head = _fitted(page.heading, was) if page.heading is not None else np.zeros_like(printed)
    first, second = boxes
    meet = first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]
    found = Judged(
        page.kind,
        page.name,
        keys,
        places,
        _tile(shown),
        any(_within(printed, box) >= _TOUCHED for box in boxes),
        any(_within(head, box) >= _TOUCHED for box in boxes),
        tuple(box[3] <= _TOP * was.shape[0] + 1 for box in boxes),
        meet,
    )
    return found, spent


def _tile(shown: Image.Image) -> bytes:
    """The top of a page, small enough to keep those of all pages."""
    tile = shown.resize((_TILE[0], round(shown.height * _TILE[0] / shown.width)), Image.Resampling.LANCZOS)
    target = BytesIO()
    tile.crop((0, 0, *_TILE)).save(target, "JPEG", quality=90)
    return target.getvalue()


def _within(mask: Mask, box: tuple[int, int, int, int]) -> int:
    return int(np.count_nonzero(mask[box[1] : box[3], box[0] : box[2]]))


def _without_dust(dark: Mask) -> Mask:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark.astype(np.uint8), connectivity=8)
    is_print = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= _DUST_MM / 25.4 * DPI
    is_print[0] = False
    return np.asarray(is_print[labels])


def _fitted(mask: Mask, like: Levels) -> Mask:
    size = like.shape[::-1]
    return np.asarray(cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0)


def _drawn(place: MarkPlace, was: Levels, levels: Levels, scale: float) -> tuple[int, int, int, int]:
    """The box around what was drawn of a mark, in pixels; its field where it was drawn on black."""
    left, top = int(place.left * scale) - 2, int(place.top * scale) - 2
    right, bottom = int((place.left + place.width) * scale) + 3, int((place.top + place.height) * scale) + 3
    part = np.s_[max(0, top) : bottom, max(0, left) : right]
    rows, columns = np.nonzero(was[part].astype(int) - levels[part] > 60)
    if not len(rows):
        return left, top, right, bottom
    return (
        max(0, left) + columns.min(),
        max(0, top) + rows.min(),
        max(0, left) + columns.max() + 1,
        max(0, top) + rows.max() + 1,
    )


def _parts(mask: Mask) -> list[HeadingPart]:
    """The boxes of the words of a heading."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    high, wide = mask.shape
    return [
        HeadingPart(x / wide, y / high, (x + w) / wide, (y + h) / high) for x, y, w, h, _ in stats[1:count].tolist()
    ]


def _shown(pdf: bytes) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        page = document[0]
        picture: Image.Image = page.render(scale=DPI / 72).to_pil().convert("RGB").copy()
        page.close()
    return picture


def report(found: Sequence[Judged], spent: Sequence[float]) -> None:
    """Print the shares by kind of page and by keys."""
    print(f"{'':<24}{'papers':>8}{'over heading':>14}{'over ink':>10}{'marks on top':>14}{'in corner':>11}{'meet':>6}")
    rows = {"all": list(found)}
    for kind in dict.fromkeys(item.kind for item in found):
        rows[kind] = [item for item in found if item.kind == kind]
    for keys in dict.fromkeys(item.keys for item in found):
        rows[keys] = [item for item in found if item.keys == keys]
    for name, items in rows.items():
        states = Counter(place.state for item in items for place in item.places)
        marks, tops = 2 * len(items), sum(sum(item.on_top) for item in items)
        heads, inks = sum(item.over_heading for item in items), sum(item.over_ink for item in items)
        print(
            f"{name:<24}{len(items):>8}{heads / len(items):>14.1%}{inks / len(items):>10.1%}{tops / marks:>14.1%}"
            f"{states['in_corner'] / marks:>11.1%}{sum(item.meet for item in items):>6}"
        )
    print(f"placing both marks: {np.median(spent):.1f} ms, at most {max(spent):.1f} ms of CPU time")


def contact_sheet(found: Sequence[Judged]) -> Image.Image:
    """The tops of some pages of each kind, then of every page that is odd, told by a red frame."""
    chosen: list[Judged] = []
    for kind in dict.fromkeys(item.kind for item in found):
        of_kind = [item for item in found if item.kind == kind and item.keys != "real, short"]
        chosen += of_kind[:: max(1, len(of_kind) // _EACH)][:_EACH]
    chosen += [item for item in found if item.is_odd and item not in chosen][: 6 * _EACH]
    across, down = 4, -(-len(chosen) // 4)
    sheet = Image.new("RGB", (across * (_TILE[0] + 8), down * (_TILE[1] + 22)), "grey")
    pen = ImageDraw.Draw(sheet)
    for number, item in enumerate(chosen):
        x, y = number % across * (_TILE[0] + 8), number // across * (_TILE[1] + 22)
        sheet.paste(Image.open(BytesIO(item.tile)), (x, y + 16))
        states = " ".join(place.state for place in item.places)
        pen.text((x, y + 2), f"{item.kind} {item.name} {item.keys}: {states}", "white")
        if item.is_odd:
            pen.rectangle((x, y + 16, x + _TILE[0], y + 16 + _TILE[1]), outline="red", width=3)
    return sheet


def main() -> None:
    """Print the table and write the contact sheet."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--pages", type=int, default=504)
    parser.add_argument("--scans", type=Path)
    asked = parser.parse_args()
    found: list[Judged] = []
    spent: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hands = signers(folder)
        for page in pages(asked.pages, asked.scans):
            pdf = pdf_of(page.image, dpi=page.dpi)
            path = folder / "page.pdf"
            path.write_bytes(pdf)
            seen = Seen(pdf, ink_of_first_page(path), np.asarray(_shown(pdf).convert("L")))
            for keys, pair in hands.items():
                judged, took = judge(page, seen, keys, pair)
                found.append(judged)
                spent.append(took)
    report(found, spent)
    contact_sheet(found).save(asked.sheet)
    sys.stdout.write(f"{asked.sheet}\n")


if __name__ == "__main__":
    main()
