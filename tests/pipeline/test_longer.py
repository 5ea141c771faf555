"""A longer scan of the same file is offered in the place of the paper that was taken in too early."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from config.settings import load_settings
from domain.errors import ExitCode
from pipeline.records import Statement
from services.context import open_services
from services.rebuild import rebuild_catalogue
from tests.support.desk import STATED, run_json
from tests.support.rewritten import metadata_of, rewrite
from tests.support.scans import as_pdf, as_tiff
from tests.support.walks import Walker, archived, got, slip

PAGES = ("notice", "official_letter", "birth_certificate")


@pytest.fixture
def walker(tmp_path: Path) -> Walker:
    """Somebody at an empty store that reads fast."""
    quick = {"KHOSO_RECOGNITION__MODE": "fast", "KHOSO_WORK__PAUSE_S": "0"}
    return Walker(load_settings(tmp_path / "home", quick), tmp_path / "in")


def drawn(count: int) -> list[Image.Image]:
    """The first pages of a scan."""
    return [slip(kind) for kind in PAGES[:count]]


def group4(path: Path, *pages: Image.Image) -> None:
    """A TIFF in black and white, as a scanner's program writes it."""
    as_tiff(path, *pages, compression="group4")


def jpegs(path: Path, *pages: Image.Image) -> None:
    """A PDF of JPEG pages, each written with its losses."""
    as_pdf(path, *pages)


@pytest.mark.parametrize(("name", "write"), [("a.tif", group4), ("a.pdf", jpegs)])
def test_a_longer_scan_takes_its_place(walker: Walker, name: str, write: Callable[..., None]) -> None:
    """Page 1 was archived alone; the whole file names it, and replaces it when a person says so, for ever."""
    path = walker.path(name)
    write(path, *drawn(1))
    first = walker.put_one(path)
    archived(first)
    write(path, *drawn(3))
    longer = got(walker.put_one(path), "held", "longer_scan", "`review ID --replaces`")
    assert f"all pages of {first['id']} ({first['code']})" in longer["reason"]
    assert "and 2 more" in longer["reason"]
    after = walker.review(longer, "--replaces")
    archived(after)
    assert after["pages"] == 3
    with open_services(walker.settings) as ctx:
        former, later = ctx.catalogue.paper(first["id"]), ctx.catalogue.paper(longer["id"])
        assert former is not None
        assert later is not None
        assert (former.standing, former.replaced_by, later.standing) == (
            "replaced",
            later.digitisation_code,
            "in_force",
        )
        assert rebuild_catalogue(ctx).papers == 2
        assert ctx.catalogue.paper(first["id"]) == former
        events = [item for item in ctx.journal.events() if item["event"] == "standing"]
        told_of = [(item["subject"], item["who"], item["role"], item["office"]) for item in events]
        assert told_of == [(first["id"], "Lê Thị Hoa", "desk", walker.settings.agency)]


@pytest.mark.parametrize(
    "changed",
    [{"batch_id": None}, {"source": 7}, {"dpi": "fine"}, {"facts": [{"number": 1}]}, {"new": {"a": 1}}],
    ids=repr,
)
def test_whatever_another_release_says_of_the_former(walker: Walker, changed: dict[str, object]) -> None:
    """What an object says that this release lacks, or says otherwise, lets no paper be archived beside it."""
    path = walker.path("a.tif")
    group4(path, *drawn(1))
    first = walker.put_one(path)
    archived(first)
    with open_services(walker.settings) as ctx:
        folder = ctx.vault.path(f"urn:khoso:{first['id']}")
    metadata = metadata_of(folder)
    kept = {name: value for name, value in {**metadata["record"], **changed}.items() if value is not None}
    rewrite(folder, metadata | {"record": kept})
    group4(path, *drawn(2))
    got(walker.put_one(path), "held", "longer_scan", "`review ID --replaces`")


def test_it_may_be_a_paper_of_its_own(walker: Walker) -> None:
    """What a person tells apart is archived beside the other one, which goes on to count."""
    path = walker.path("a.tif")
    group4(path, *drawn(1))
    first = walker.put_one(path)
    group4(path, *drawn(2))
    longer = got(walker.put_one(path), "held", "longer_scan", "--release")
    archived(walker.review(longer, "--release"))
    with open_services(walker.settings) as ctx:
        former = ctx.catalogue.paper(first["id"])
        assert former is not None
        assert former.standing == "in_force"


def test_what_still_waits_is_ended(walker: Walker) -> None:
    """A paper that waits for a person when the longer scan comes is ended by it: nobody is asked twice."""
    path = walker.path("a.tif")
    group4(path, *drawn(1))
    first = got(walker.put_one(path, Statement(type_code="KQ.G15.000031")), "held", "review", "--set")
    group4(path, *drawn(2))
    longer = got(walker.put_one(path), "held", "longer_scan", "`review ID --replaces`")
    assert first["id"] in longer["reason"]
    archived(walker.review(longer, "--replaces"))
    assert run_json(walker.settings, "review") == (ExitCode.OK, [])
    assert run_json(walker.settings, "show", first["id"])[1][0]["state"] == "discarded"


@pytest.mark.parametrize(
    "kinds",
    [("official_letter", "birth_certificate"), ("official_letter",), ("notice",)],
    ids=["another paper", "of one page", "no longer"],
)
def test_other_scans_of_the_path_are_none(walker: Walker, kinds: tuple[str, ...]) -> None:
    """A scanner that gives every file the same name brings other papers, and none of them replaces the former."""
    path = walker.path("a.tif")
    group4(path, *drawn(1))
    archived(walker.put_one(path))
    as_tiff(path, *(slip(kind).convert("L") for kind in kinds))
    other = Statement(type_code="TP.H17.990103", fields={**STATED.fields, "number_symbol": "77/TB-UBND"})
    assert not walker.put_one(path, other)["reason"].startswith("longer_scan")


def test_replacing_needs_a_longer_scan(walker: Walker) -> None:
    """A paper that is held for something else replaces nothing."""
    archived(walker.put_scan("a.png"))
    second = got(walker.put_scan("b.jpg", "official_letter"), "held", "same_document", "--release")
    assert run_json(walker.settings, "review", second["id"], "--replaces")[0] == ExitCode.USAGE
    assert run_json(walker.settings, "review", second["id"], "--replaces", "--release")[0] == ExitCode.USAGE
