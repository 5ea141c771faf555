"""Reading hOCR: words, boxes, confidences and lines."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Disposition
from pipeline.recognition.hocr import UnreadableHocr, read_hocr

PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title></title></head><body>
<div class='ocr_page' id='page_1' title='image "a b.png"; bbox 0 0 1000 2000; ppageno 0'>{body}</div>
</body></html>
"""


def line(kind: str, *words: tuple[str, str]) -> str:
    """One line of hOCR of the given class, with the titles and contents of its words."""
    spans = "".join(f"<span class='ocrx_word' title='{title}'>{text}</span>" for title, text in words)
    return f"<p class='ocr_par'><span class='{kind}' title='bbox 0 0 9 9'>{spans}</span></p>"


def write(folder: Path, body: str) -> Path:
    """The file of a page."""
    path = folder / "page.hocr"
    path.write_text(PAGE.format(body=body), encoding="utf-8")
    return path


def test_words(tmp_path: Path) -> None:
    """A word has its text, its box as fractions of the page, and its confidence as a fraction of one."""
    path = write(tmp_path, line("ocr_line", ("bbox 100 200 300 240; x_wconf 96", "Giấy")))
    page = read_hocr(path, 3)
    assert page.number == 3
    (word,) = page.words
    assert (word.text, word.box, word.confidence) == ("Giấy", (0.1, 0.1, 0.3, 0.12), 0.96)


def test_lines(tmp_path: Path) -> None:
    """Lines, headers, captions and floating text all count as lines, in their order."""
    kinds = ["ocr_header", "ocr_line", "ocr_caption", "ocr_textfloat"]
    body = "".join(line(kind, *[("bbox 0 0 10 10; x_wconf 90", kind)] * 2) for kind in kinds)
    page = read_hocr(write(tmp_path, body), 1)
    assert page.text.split("\n") == [f"{kind} {kind}" for kind in kinds]


def test_blank_words(tmp_path: Path) -> None:
    """Words of white space only are left out."""
    body = line("ocr_line", ("bbox 0 0 10 10; x_wconf 95", "  "), ("bbox 20 0 30 10; x_wconf 95", "Số:"))
    assert [word.text for word in read_hocr(write(tmp_path, body), 1).words] == ["Số:"]


def test_markup_and_entities(tmp_path: Path) -> None:
    """Emphasis inside a word and escaped letters do not break it."""
    body = line("ocr_line", ("bbox 0 0 10 10; x_wconf 95", "<strong><em>A&amp;B&lt;</em></strong>"))
    assert [word.text for word in read_hocr(write(tmp_path, body), 1).words] == ["A&B<"]


def test_normal_form(tmp_path: Path) -> None:
    """Words are in NFC whatever the recogniser wrote."""
    body = line("ocr_line", ("bbox 0 0 10 10; x_wconf 95", "e\u0302\u0301"))
    assert [word.text for word in read_hocr(write(tmp_path, body), 1).words] == ["ế"]


def test_first_page_only(tmp_path: Path) -> None:
    """Words of a second page are not mixed into the first."""
    word = line("ocr_line", ("bbox 0 0 10 10; x_wconf 95", "một"))
    second = f"</div><div class='ocr_page' title='bbox 0 0 5 5'>{word}"
    assert len(read_hocr(write(tmp_path, word + second), 1).words) == 1


def test_no_page(tmp_path: Path) -> None:
    """A file without a page is held with the advice to recognise it again."""
    path = tmp_path / "empty.hocr"
    path.write_text("<html></html>", encoding="utf-8")
    with pytest.raises(UnreadableHocr) as caught:
        read_hocr(path, 1)
    assert caught.value.disposition is Disposition.HOLD
    assert "empty.hocr" in caught.value.explain()


@given(st.lists(st.integers(-3000, 3000), min_size=4, max_size=4))
def test_boxes_stay_on_the_page(tmp_path_factory: pytest.TempPathFactory, box: list[int]) -> None:
    """Whatever box the recogniser gives, the fractions lie between 0 and 1."""
    title = f"bbox {' '.join(map(str, box))}; x_wconf 90"
    path = write(tmp_path_factory.mktemp("hocr"), line("ocr_line", (title, "chữ")))
    assert all(0 <= value <= 1 for word in read_hocr(path, 1).words for value in word.box)
