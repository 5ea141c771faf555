"""Under the settings as they come, nothing ends as a duplicate unless the archive holds every page as it looks."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from config.settings import load_settings
from pipeline.records import Statement
from services.context import open_services
from services.document import document_view
from tests.support.desk import STATED, run_json
from tests.support.scans import as_pdf, paper
from tests.support.walks import View, Walker, archived, got, slip

Pages = list[Image.Image]


@pytest.fixture
def walker(tmp_path: Path) -> Walker:
    """Somebody at an empty store that reads fast."""
    quick = {"KHOSO_RECOGNITION__MODE": "fast", "KHOSO_WORK__PAUSE_S": "0"}
    return Walker(load_settings(tmp_path / "home", quick), tmp_path / "in")


def pages() -> Pages:
    """A paper of two pages."""
    return [slip(), paper().crop((0, 800, 1654, 2000))]


def put(walker: Walker, name: str, drawn: Pages, stated: Statement = STATED) -> View:
    """Put pages in as a file of that name."""
    return walker.put_one(as_pdf(walker.path(name), *drawn), stated)


def one_page_more(drawn: Pages) -> Pages:
    """A correction is put to the paper."""
    return [*drawn, paper().crop((0, 1000, 1654, 2200))]


def stamped(drawn: Pages) -> Pages:
    """The last page has a pale red stamp."""
    pen = ImageDraw.Draw(drawn[-1])
    pen.ellipse((1200, 900, 1400, 1100), outline=(236, 190, 190), width=6)
    return drawn


def another_figure(drawn: Pages) -> Pages:
    """One figure in the last page is another one."""
    pen = ImageDraw.Draw(drawn[-1])
    pen.rectangle((800, 1010, 1100, 1060), fill="white")
    pen.text((810, 1015), "950 m2", fill="black", font_size=36)
    return drawn


def other_order(drawn: Pages) -> Pages:
    """The same first page, and the last page in other places."""
    first, last = drawn
    return [first, last.transpose(Image.Transpose.ROTATE_180)]


@pytest.mark.parametrize("change", [one_page_more, stamped, another_figure, other_order])
def test_what_differs_anywhere_waits_for_a_person(walker: Walker, change: Callable[[Pages], Pages]) -> None:
    """A page more, a stamp or a figure on the last page: the keys agree, and still a person compares."""
    first = put(walker, "1.pdf", pages())
    archived(first)
    other = got(put(walker, "2.pdf", change(pages())), "held", "same_document", "--release")
    assert f"The same paper as {first['id']}" in other["reason"]
    archived(walker.review(other, "--release"))


def test_the_same_pages_are_linked(walker: Walker) -> None:
    """Pages that look the same everywhere, saved anew, end as a duplicate: files of work go, the journal says so."""
    first = put(walker, "1.pdf", pages())
    archived(first)
    path = walker.path("2.tif")
    page, *others = pages()
    page.save(path, save_all=True, append_images=others, compression="tiff_lzw", dpi=(200, 200))
    again = got(walker.put_one(path), "duplicate", "same_document", first["id"])
    with open_services(walker.settings) as ctx:
        view = document_view(ctx, str(again["id"])).line()
        assert (view["state"], view["pdf"], view["text"]) == ("duplicate", None, None)
        assert not (ctx.settings.work_folder / str(again["id"])).exists()
        assert [item["subject"] for item in ctx.journal.events() if item["event"] == "linked"] == [again["id"]]


def test_a_good_scan_is_not_lost_to_a_bad_one(walker: Walker) -> None:
    """A scan is held beside one that is only held; ended as its duplicate, it begins anew when that one goes."""
    no_issuer = STATED.model_copy(update={"type_code": "KQ.G15.000031"})
    bad = put(walker, "bad.pdf", pages()[:1], no_issuer)
    assert bad["state"] == "held"
    path = walker.path("good.tif")
    slip().save(path, compression="tiff_lzw", dpi=(200, 200))
    good = got(walker.put_one(path, no_issuer), "held", "same_document", "--discard")
    assert bad["id"] in good["reason"]
    assert walker.review(good, "--discard")["state"] == "duplicate"
    assert walker.put_one(path, no_issuer)["state"] == "duplicate"
    assert walker.review(bad, "--discard", "--reason", "nhiễu")["state"] == "discarded"
    assert walker.put_one(path, STATED)["state"] == "archived"
    assert run_json(walker.settings, "review") == (0, [])
    assert walker.put_one(path, STATED)["state"] == "archived"
