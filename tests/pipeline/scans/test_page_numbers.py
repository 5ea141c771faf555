"""A file of more pages than a process may work on is refused before anybody looks at them."""

from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from config.settings import RecognitionSettings
from domain.errors import Refused
from pipeline.scans import pdfs
from pipeline.scans.images import pdf_of_images
from pipeline.scans.pdfs import check_pdf

LIMITS = RecognitionSettings(max_pages=4)


def many_pages(path: Path, number: int) -> Path:
    """A PDF of so many empty pages."""
    with pikepdf.new() as pdf:
        for _ in range(number):
            pdf.add_blank_page(page_size=(595, 842))
        pdf.save(path)
    return path


def test_a_pdf_of_too_many_pages_is_refused_unseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred thousand pages fit into a megabyte; the limit is looked at before the first page is."""
    assert check_pdf(many_pages(tmp_path / "4.pdf", 4), tmp_path / "plain.pdf", LIMITS).pdf == tmp_path / "4.pdf"
    monkeypatch.setattr(pdfs, "check_filters", lambda _: pytest.fail("it looks at pages"))
    with pytest.raises(Refused, match="more than 4 pages") as got:
        check_pdf(many_pages(tmp_path / "5.pdf", 5), tmp_path / "plain.pdf", LIMITS)
    assert got.value.reason == "too_large"
    assert "in parts" in got.value.advice
    with pytest.raises(Refused, match="more than 1000 pages"):
        check_pdf(many_pages(tmp_path / "1001.pdf", 1001), tmp_path / "plain.pdf", RecognitionSettings())


def test_a_tiff_of_too_many_pages_is_refused_unseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each directory would be compared with each, to see which is a thumbnail of which."""
    page = Image.new("1", (1654, 2339), 1)
    for number in (4, 5):
        page.save(tmp_path / f"{number}.tif", save_all=True, append_images=[page] * (number - 1), dpi=(200, 200))
    pdf_of_images(tmp_path / "4.tif", "tiff", tmp_path / "4.pdf", LIMITS)
    monkeypatch.setattr("pipeline.scans.images.page_directories", lambda *_: pytest.fail("it looks at pages"))
    with pytest.raises(Refused, match="more than 4 pages") as got:
        pdf_of_images(tmp_path / "5.tif", "tiff", tmp_path / "5.pdf", LIMITS)
    assert got.value.reason == "too_large"
