"""Separator sheets and labels of other systems split a stack when the settings name them."""

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from config.settings import load_settings
from domain.errors import Held, SetupError
from pipeline.records import Prepared
from services.context import open_services
from tests.support.scans import as_pdf, blank, coded, page_numbers, paper, prepared, sheet

BARS = zxingcpp.BarcodeFormat.Code128
NAMED = '[recognition.separators]\ndrop = ["PATCHT"]\nkeep = ["ASN[0-9]+"]\n'


def split(folder: Path, pages: list[Image.Image], named: str) -> tuple[Prepared, ...]:
    """The papers of a stack under some settings."""
    path = as_pdf(folder / "stack.pdf", *pages)
    home = folder / "home"
    home.mkdir()
    (home / "khoso.toml").write_text(named, encoding="utf-8")
    with open_services(load_settings(home, {})) as ctx:
        return prepared(ctx, path)


@pytest.mark.parametrize("kind", [BARS, zxingcpp.BarcodeFormat.Code39, zxingcpp.BarcodeFormat.QRCode])
def test_a_patch_sheet_is_dropped(tmp_path: Path, kind: zxingcpp.BarcodeFormat) -> None:
    """The sheet splits and belongs to no paper, and so does its blank back not begin one."""
    pages = [paper(), coded("PATCHT", kind), blank(), paper("official_letter")]
    first, second = split(tmp_path, pages, NAMED)
    assert page_numbers([first, second]) == [[1], [4]]
    assert first.stack is not None
    assert first.stack.sheets == (2,)


def test_a_labelled_page_stays(tmp_path: Path) -> None:
    """A page with an archive number begins a paper and is its first page; each vault object has its own pages only."""
    pages = [
        coded("ASN00012", BARS, on=paper()),
        paper("official_letter"),
        coded("ASN00013", BARS, on=paper("birth_certificate")),
    ]
    first, second = split(tmp_path, pages, NAMED)
    assert page_numbers([first, second]) == [[1, 2], [3]]
    assert all(part.stack is not None and part.stack.sheets == () for part in (first, second))


def test_our_sheets_split_as_before(tmp_path: Path) -> None:
    """Sheets of several systems may lie in one stack."""
    pages = [paper(), sheet(), paper("official_letter"), coded("PATCHT", BARS), paper("birth_certificate")]
    assert page_numbers(split(tmp_path, pages, NAMED)) == [[1], [3], [5]]


def test_nothing_splits_unless_it_is_named(tmp_path: Path) -> None:
    """Without the settings such a sheet is a page like any other."""
    (only,) = split(tmp_path, [paper(), coded("PATCHT", BARS), coded("ASN00012", BARS, on=paper())], "")
    assert only.pages == 3
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    (other,) = split(other_folder, [paper(), coded("PATCHT2", BARS)], NAMED)
    assert other.pages == 2


def test_a_page_of_text_is_not_dropped(tmp_path: Path) -> None:
    """A page of text that bears a sheet's code is told, and nothing of the stack is lost."""
    with pytest.raises(Held, match="Page 2 bears a separator's code and a page of text") as caught:
        split(tmp_path, [paper("official_letter"), coded("PATCHT", BARS, on=paper())], NAMED)
    assert caught.value.reason == "separator_unreadable"


@pytest.mark.parametrize("pattern", ["[", ".*", "(ASN)?"])
def test_patterns_that_cannot_be(tmp_path: Path, pattern: str) -> None:
    """What is no regular expression, or is met by anything, is an error of the settings that names it."""
    (tmp_path / "khoso.toml").write_text(f"[recognition.separators]\ndrop = ['{pattern}']\n", encoding="utf-8")
    with pytest.raises(SetupError, match=r"recognition.separators.drop.*(no regular expression|says nothing)"):
        load_settings(tmp_path, {})
