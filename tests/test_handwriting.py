"""What a hand wrote into print, and what was cut short, is never given without doubt; print is."""

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from config.loader import load_catalogues
from config.settings import RecognitionSettings
from domain.readings import Description, DocumentReading
from pipeline.extraction import describe, laid_out
from pipeline.recognition.coverage import letters_of
from pipeline.recognition.handwriting import not_believed
from pipeline.recognition.ink import to_read
from pipeline.recognition.page import read_page
from pipeline.recognition.raster import open_pages
from pipeline.recognition.tesseract import Token
from samples.handwriting import HANDS, Hand, any_hand
from samples.layout import Sheet, lay_out
from samples.letters import correspondence, decisions
from samples.papers import Paper
from samples.scanner import Scanner

FAST = RecognitionSettings(mode="fast")
DPI, REVIEWED = 150, 0.75
LETTERS = {paper.kind: paper for paper in decisions() + correspondence() if paper.agency}


def _described(paper: Paper, seed: int, folder: Path) -> Description:
    """The paper's first page, scanned in grey or colour and read."""
    random = Random(seed)  # noqa: S311  a drawing, no secret
    scanner = Scanner("pdf", dpi=DPI, grey=seed % 2 == 1)
    pdf = folder / "page.pdf"
    scanner.write([scanner.scan(lay_out(paper, DPI, random)[0].image, random)], pdf)
    with open_pages(pdf) as pages:
        page = read_page(pages, 0, FAST)
    return describe(laid_out(DocumentReading(pages=(page,))), load_catalogues().types)


@pytest.mark.parametrize("hand", [*HANDS.values(), *map(any_hand, map(Random, range(6)))], ids=str)
def test_what_a_hand_wrote_is_never_sure(hand: Hand, tmp_path: Path) -> None:
    """A number and a day that were written into print stay below the limit of review, whatever they were read as."""
    for seed, paper in enumerate(list(LETTERS.values())[:2]):
        fields = _described(replace(paper, hand=hand), seed, tmp_path).fields
        for name in ("number_symbol", "issued_date"):
            assert name not in fields or fields[name].confidence < REVIEWED, (name, fields[name])


@pytest.mark.parametrize("kind", LETTERS)
def test_print_stays_as_sure_as_it_was_read(kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same papers in print throughout keep the confidence that the recogniser gave."""
    fields = _described(LETTERS[kind], 1, tmp_path).fields
    monkeypatch.setattr("pipeline.recognition.page.not_believed", lambda *_: frozenset())
    plain = _described(LETTERS[kind], 1, tmp_path).fields
    for name in ("number_symbol", "issued_date"):
        assert fields[name] == plain[name]


@pytest.mark.parametrize("blot", [False, True])
def test_a_word_beside_ink_that_nobody_read(blot: bool) -> None:
    """A name with ink of a letter's size right behind it, which may be its last syllable, is not believed."""
    sheet = Sheet(DPI)
    sheet.write("Tạ Bá", 30, 51, sheet.font(13), "ls")
    left, bottom = sheet.px(30), sheet.px(51)
    right = left + round(sheet.font(13).getlength("Tạ Bá"))
    if blot:
        sheet.write("n", 42.5, 51, sheet.font(13), "ls")
    pixels = np.asarray(sheet.image).copy()
    ink = to_read(pixels, DPI)
    name = Token("Bá", (left + (right - left) // 2, bottom - 20, right, bottom), 0.97, 0)
    first = Token("Tạ", (left, bottom - 20, left + (right - left) // 2 - 5, bottom + 5), 0.97, 0)
    found = not_believed((first, name), pixels, ink.grey, letters_of(ink, DPI))
    assert found == ({1} if blot else set())
