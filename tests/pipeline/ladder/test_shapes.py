"""Pages of every shape and colour that PDFium draws end on the ladder, whatever drew them."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from domain.readings import PageReading
from pipeline.ladder.ladder import Climbed, climb
from pipeline.ladder.likeness import BOUND
from tests.judges import verapdf

# Only the drawn rung takes a shading; black on pure green is what JPEG smears.
CONTENT = b"0 1 0 rg 10 10 180 180 re f 0 g 20 20 m 160 170 l 150 180 l f 60 20 20 9 re f q 40 90 30 30 re W n /S sh Q"
Change = Callable[[pikepdf.Page], None]


def shading() -> Dictionary:
    """Colours that run into each other."""
    run = Dictionary(FunctionType=2, Domain=[0, 1], C0=[1, 0, 0], C1=[0, 0, 1], N=1)
    return Dictionary(ShadingType=2, ColorSpace=Name.DeviceRGB, Coords=[0, 0, 150, 0], Function=run)


def boxes(**sides: list[float]) -> Change:
    """Boxes of a page."""

    def put(page: pikepdf.Page) -> None:
        for name, box in sides.items():
            page.obj[f"/{name}"] = Array(box)

    return put


def entry(name: str, value: float) -> Change:
    """A number in the page."""

    def put(page: pikepdf.Page) -> None:
        page.obj[f"/{name}"] = value

    return put


def inherited(page: pikepdf.Page) -> None:
    """Turn, box and resources in the node above."""
    parent = page.obj.Parent
    parent.Rotate, parent.MediaBox, parent.Resources = 270, page.obj.MediaBox, page.obj.Resources
    del page.obj["/MediaBox"], page.obj["/Resources"]


def enlarged(page: pikepdf.Page) -> None:
    """A poster larger than PDF/A allows."""
    page.obj.MediaBox = Array([0, 0, 20_000, 16_000])
    page.contents_add(b"q 100 0 0 80 0 0 cm", prepend=True)


def tiny(page: pikepdf.Page) -> None:
    """A page smaller than PDF/A allows."""
    page.obj.MediaBox = Array([0, 0, 2, 2])
    page.contents_add(b"q .01 0 0 .01 0 0 cm", prepend=True)


CHANGES: list[Change] = [
    boxes(MediaBox=[0, 0, 200, 200]),
    boxes(MediaBox=[0, 0, 200.2755, 199.8897]),
    boxes(MediaBox=[-50, -60, 190, 180]),
    boxes(MediaBox=[200, 200, 0, 0]),
    boxes(MediaBox=[0, 0, 0, 0]),
    boxes(MediaBox=[0, 0, 200, 200], CropBox=[15, 15, 150, 190]),
    boxes(MediaBox=[0, 0, 200, 200], CropBox=[-90, -90, 900, 100]),
    entry("UserUnit", 3),
    entry("UserUnit", 0.5),
    entry("Rotate", 90),
    entry("Rotate", -90),
    inherited,
    enlarged,
    tiny,
]


def climbed(change: Change, folder: Path) -> Climbed:
    """A page with a change of shape, and where it ends."""
    original = folder / "original.pdf"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(200, 200))
        page.obj.Resources = Dictionary(Shading=Dictionary(S=shading()))
        page.obj.Contents = pdf.make_stream(CONTENT)
        change(page)
        pdf.save(original)
    return climb(original, original, (PageReading(number=1, words=()),), frozenset(), folder)


@pytest.fixture(scope="module")
def all_climbed(tmp_path_factory: pytest.TempPathFactory) -> list[Climbed]:
    """Every shape, climbed."""
    return [climbed(change, tmp_path_factory.mktemp("shape")) for change in CHANGES]


def test_every_shape_is_drawn_as_it_was(all_climbed: list[Climbed]) -> None:
    """Odd boxes, turns and units are drawn in place, and colours that JPEG smears are kept."""
    assert [found.step for found in all_climbed] == ["drawn"] * len(CHANGES)
    assert all(found.likeness is not None and found.likeness >= (1 + BOUND) / 2 for found in all_climbed)


def test_verapdf_passes_every_shape(all_climbed: list[Climbed]) -> None:
    """The official veraPDF finds every one of them PDF/A-2b."""
    files = [found.pdf for found in all_climbed]
    assert verapdf(files) == sorted(f"PASS {path} 2b" for path in files)


@pytest.mark.parametrize(("unit", "change"), [(3, entry("UserUnit", 3)), (100, enlarged), (0.01, tiny)])
def test_the_size_on_paper_stays(unit: float, change: Change, tmp_path: Path) -> None:
    """Whatever the unit, the paper is as large as it was."""
    found = climbed(change, tmp_path)
    with pikepdf.open(found.pdf) as pdf:
        page = pdf.pages[0]
        width = float(page.mediabox[2]) * float(page.obj.get("/UserUnit", 1))
    assert width == pytest.approx(200 * unit, rel=1e-4)
    assert 3 <= float(page_width(found.pdf)) <= 14_400


def page_width(path: Path) -> float:
    """The width of the first page, in its unit."""
    with pikepdf.open(BytesIO(path.read_bytes())) as pdf:
        return float(pdf.pages[0].mediabox[2])
