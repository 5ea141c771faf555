"""By what a copy on paper is known, and what is none though the word stands on it."""

import pytest

from config.copies import presented_as
from config.loader import load_catalogues
from domain.clock import today
from domain.errors import UsageError
from domain.readings import DocumentReading, PageReading, Word
from pipeline.extraction.copies import copy_seen


def reading(*lines: str, framed: str = "") -> DocumentReading:
    """A page with these lines, and perhaps a stamp in a frame."""
    words = []
    for number, line in enumerate(lines):
        left, top = 0.1, 0.1 + number * 0.04
        for text in line.split():
            right = left + 0.012 * len(text)
            words.append(Word(text=text, box=(left, top, right, top + 0.018), confidence=0.9, line=number))
            left = right + 0.008
    stamp = Word(text=framed, box=(0.1, 0.02, 0.25, 0.06), confidence=0.6, line=0)
    return DocumentReading(pages=(PageReading(number=1, words=tuple(words), framed=(stamp,) if framed else ()),))


TEXT = ("Ủy ban nhân dân phường Hải Châu chứng nhận ông Nguyễn Văn An", "đã nộp đủ giấy tờ theo quy định.")


def seen(page: DocumentReading) -> str | None:
    """The mark of a copy, "" for a statement; None: it is taken for an original."""
    found = copy_seen(page, load_catalogues().profile(today()).brought_copies)
    return None if found is None else found.mark


@pytest.mark.parametrize(
    ("page", "mark"),
    [
        (reading("BẢN SAO", *TEXT), "BẢN SAO"),
        (reading("SAO Y", *TEXT), "SAO Y"),
        (reading(*TEXT, framed="BẢN SAO"), "BẢN SAO"),
        (reading(*TEXT, "Chứng thực bản sao đúng với bản chính"), ""),
        (reading("TRÍCH LỤC KHAI TỬ", *TEXT, "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH"), ""),
    ],
    ids=["line", "sao y", "frame", "statement", "copy of an extract"],
)
def test_a_copy_is_known(page: DocumentReading, mark: str) -> None:
    """By its stamp alone in a line or a frame, or by the statement, whatever it is a copy of."""
    assert seen(page) == mark


@pytest.mark.parametrize(
    "page",
    [
        reading(*TEXT),
        reading("GIẤY KHAI SINH", "(BẢN SAO)", *TEXT),
        reading("TRÍCH LỤC KHAI TỬ", "BẢN SAO", *TEXT),
        reading("BẢN SAO", *TEXT, "Sao từ sổ gốc đăng ký khai sinh"),
        reading(*TEXT, "Hồ sơ gồm bản sao giấy khai sinh và bản sao sổ hộ khẩu."),
        reading(*TEXT, "Nơi nhận: như trên; lưu bản sao."),
    ],
    ids=["nothing", "form", "extract", "register", "list", "line of text"],
)
def test_an_original_is_not_asked_about(page: DocumentReading) -> None:
    """Copies and extracts of a register are originals in law, and the word within a sentence says nothing."""
    assert seen(page) is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Bản chính", "original"),
        ("trích lục", "original"),
        ("bản sao chứng thực", "certified_copy"),
        (" PHOTOCOPY ", "photocopy"),
        ("bản chụp", "photocopy"),
    ],
)
def test_it_is_stated_as_people_write_it(text: str, what: str) -> None:
    """In Vietnamese or as the settings name it."""
    assert presented_as(text) == what


@pytest.mark.parametrize("text", ["bản sao", ""])
def test_a_word_that_may_mean_either_is_not_guessed_at(text: str) -> None:
    """It is refused with the words that are known."""
    with pytest.raises(UsageError, match="no way in which papers are handed in"):
        presented_as(text)
