"""Text is laid under whatever pages a scan has, or another rung of the ladder lays it."""

from collections.abc import Callable
from pathlib import Path

import ocrmypdf
import pikepdf
import pytest
from pikepdf import Array, Name
from PIL import Image

from domain.errors import Held
from domain.readings import PageReading, Word
from pipeline.recognition.engine import lay_down
from tests.support.coded_pages import Coded, fax4, jbig2, jpeg, jpx, page_of, picture, saved
from tests.support.drawn_pages import read_pages
from tests.support.scans import A4, paper

READ = {1: PageReading(number=1, words=(Word(text="giấy", box=(0.2, 0.2, 0.3, 0.22), confidence=0.9, line=0),))}


def spot_black(pdf: pikepdf.Pdf, coded: Coded) -> Coded:
    """The picture printed with one ink of a press, as prepress programs name black."""
    tint = pdf.make_stream(b"{1 exch sub dup dup}", FunctionType=4, Domain=[0, 1], Range=[0, 1] * 3)
    space = pdf.make_indirect(Array([Name.Separation, Name.Black, Name.DeviceRGB, tint]))
    return coded._replace(described={**coded.described, "ColorSpace": space})


@pytest.mark.parametrize("coding", [fax4, jbig2, jpx])
def test_text_is_laid_under_spot_colours(tmp_path: Path, coding: Callable[[Image.Image], Coded]) -> None:
    """A scan whose ink is a Separation, in whatever coding, gets its text, and its picture stays bit for bit."""
    image = paper().convert("L").resize(A4)
    coded = coding(image if coding is jpx else image.convert("1"))
    pdf = saved(tmp_path / "scan.pdf", [lambda document: page_of(document, spot_black(document, coded))])
    lay_down(pdf, tmp_path / "laid.pdf", READ)
    with pikepdf.open(tmp_path / "laid.pdf") as laid:
        (picture,) = laid.pages[0].get_images().values()
        assert picture.read_raw_bytes() == coded.data
    (page,) = read_pages(tmp_path / "laid.pdf")
    assert page.split() == ["giấy"]


@pytest.mark.parametrize("error", [NotImplementedError("not sure\nhow"), pikepdf.PdfError("odd"), KeyError("/Im0")])
def test_what_the_library_trips_over_has_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Whatever OCRmyPDF raises over a page is no traceback: the next rung of the ladder takes the file."""

    def trip(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(ocrmypdf, "ocr", trip)
    saved(tmp_path / "scan.pdf", [lambda pdf: page_of(pdf, jpeg(picture()))])
    with pytest.raises(Held) as held:
        lay_down(tmp_path / "scan.pdf", tmp_path / "laid.pdf", READ)
    assert held.value.reason == "recognition_failed"
    assert "\n" not in str(held.value)
