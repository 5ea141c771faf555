"""Layers are resolved as they are seen, whatever they hang on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from config.settings import RecognitionSettings
from domain.readings import PageReading
from pipeline.ladder.ladder import Climbed, climb
from pipeline.ladder.layers import SETTLED, TURNED
from pipeline.scans.pdfs import check_pdf
from pipeline.scans.raster import open_pages
from tests.judges import verapdf


def climbed(folder: Path, make: Callable[[pikepdf.Pdf], None]) -> Climbed:
    """What the ladder makes of a page."""
    original = folder / "original.pdf"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = Dictionary(XObject=Dictionary())
        page.Contents = pdf.make_stream(b"0 0 0 rg 40 700 400 20 re f")
        make(pdf)
        pdf.save(original)
    return climb(original, original, (PageReading(number=1, words=()),), frozenset(), folder)


def hidden_layers(pdf: pikepdf.Pdf) -> None:
    """Layers that are off, in every way that a page can name one, and things between them that stay."""
    off, on = (pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(name))) for name in ("Nhap", "In"))
    any_on = pdf.make_indirect(Dictionary(Type=Name.OCMD, OCGs=Array([off, on])))
    all_on = pdf.make_indirect(Dictionary(Type=Name.OCMD, OCGs=Array([off, on]), P=Name.AllOn))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([off, on]), D=Dictionary(OFF=Array([off])))
    pdf.Root.PageMode = Name.UseOC
    square: dict[str, Any] = {"Type": Name.XObject, "Subtype": Name.Form, "BBox": [0, 0, 90, 90]}
    hidden = pdf.make_stream(b"1 0 0 rg 0 0 90 90 re f", OC=off, **square)
    within = pdf.make_stream(
        b"/OC /O BDC 1 0 0 rg 0 0 90 90 re f EMC 0 0 40 40 re f",
        Resources=Dictionary(Properties=Dictionary(O=off)),
        **square,
    )
    content = b"""/OC /OFF BDC 0 0 1 rg 60 60 90 40 re f /Span <</Lang (vi)>> BDC 60 160 90 40 re f EMC
        0 0 300 500 re W f EMC 60 260 400 40 re f /OC /ANY BDC 60 310 30 30 re f EMC /OC /ALL BDC 90 310 30 30 re f EMC
        /HIDDEN Do /WITHIN Do"""
    page = pdf.pages[0]
    page.contents_add(b"q " + content + b" Q")
    page.Resources.Properties = Dictionary(OFF=off, ANY=any_on, ALL=all_on)
    page.Resources.XObject = Dictionary(HIDDEN=hidden, WITHIN=within)
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.Square, F=4, Rect=[300, 50, 390, 90], AP=Dictionary(N=hidden), OC=off
    )
    page.obj.Annots = Array([pdf.make_indirect(note)])


def test_what_is_off_is_gone(tmp_path: Path) -> None:
    """Nothing of a layer that is off is left in the copy; what it did to the clip and the colour stays."""
    found = climbed(tmp_path, hidden_layers)
    assert found.step == "cleaned"
    assert any("layers were resolved" in str(remark) for remark in found.remarks)
    assert verapdf([found.pdf]) == [f"PASS {found.pdf} 2b"]
    with pikepdf.open(found.pdf) as pdf:
        content = pikepdf.unparse_content_stream(pikepdf.parse_content_stream(pdf.pages[0]))
        assert b"/OC " not in content
        assert b"HIDDEN" not in content
        assert b"0 0 300 500 re\nW\nn" in content
        assert not any("/OC" in item for item in pdf.objects if isinstance(item, (Dictionary, pikepdf.Stream)))


def test_a_layer_seen_by_an_expression_is_drawn(tmp_path: Path) -> None:
    """What the layers' resolution does not know is left to the next rung."""

    def make(pdf: pikepdf.Pdf) -> None:
        hidden_layers(pdf)
        layers = pdf.pages[0].obj.Resources.Properties
        layers.ALL.VE = Array([Name.Not, layers.OFF])

    assert climbed(tmp_path, make).step == "drawn"


def dark(pdf: Path) -> bool:
    """Whether PDFium draws anything."""
    with open_pages(pdf) as pages:
        return int(pages.render(0, 72).min()) < 100


@pytest.mark.parametrize("is_called", [False, True])
@pytest.mark.parametrize("category", ["View", "Print"])
@pytest.mark.parametrize(("is_off", "state"), [(False, "OFF"), (True, "ON"), (False, "ON"), (True, "OFF")])
def test_a_layer_goes_by_its_use_only_where_the_settings_call_on_it(
    tmp_path: Path, state: str, category: str, *, is_off: bool, is_called: bool
) -> None:
    """What is read, and what the copy shows, is what readers show that follow the standard."""
    path, checked = tmp_path / "layered.pdf", tmp_path / "plain.pdf"
    with pikepdf.new() as pdf:
        view = Dictionary(View=Dictionary(ViewState=Name("/" + state)))
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Chu"), Usage=view))
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = Dictionary(Properties=Dictionary(L=layer))
        page.Contents = pdf.make_stream(b"/OC /L BDC 100 400 300 200 re f EMC")
        call = Dictionary(Event=Name.View, Category=Array([Name("/" + category)]), OCGs=Array([layer]))
        shown = Dictionary(OFF=Array([layer] if is_off else []), AS=Array([call] if is_called else []))
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=shown)
        pdf.save(path)
    is_seen = state == "ON" if is_called and category == "View" else not is_off
    found = check_pdf(path, checked, RecognitionSettings())
    assert (found.remarks == (SETTLED,)) == (is_seen != (state == "ON"))
    assert dark(found.pdf) == is_seen
    copy = climb(found.pdf, found.pdf, (PageReading(number=1, words=()),), frozenset(), tmp_path)
    assert dark(copy.pdf) == is_seen


@pytest.mark.parametrize("is_direct", [False, True])
@pytest.mark.parametrize(("rule", "is_off", "is_seen"), [
    ("AllOff", True, True), ("AnyOff", True, True), ("AllOff", False, False), ("AnyOn", True, False),
])  # fmt: skip
def test_what_is_seen_where_a_layer_is_off_is_shown(
    tmp_path: Path, rule: str, *, is_off: bool, is_seen: bool, is_direct: bool
) -> None:
    """One group alone, named as such, decides like a list of one, be the rule an object or not."""
    path = tmp_path / "layered.pdf"
    with pikepdf.new() as pdf:
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Chu")))
        member = Dictionary(Type=Name.OCMD, OCGs=layer, P=Name("/" + rule))
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = Dictionary(Properties=Dictionary(L=member if is_direct else pdf.make_indirect(member)))
        page.Contents = pdf.make_stream(b"/OC /L BDC 100 400 300 200 re f EMC")
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer] if is_off else [])))
        pdf.save(path)
    found = check_pdf(path, tmp_path / "plain.pdf", RecognitionSettings())
    assert (TURNED in found.remarks) == (rule != "AnyOn")
    assert dark(found.pdf) == is_seen


def test_layers_that_cannot_be_understood_stop_nothing(tmp_path: Path) -> None:
    """Settings that are none leave the file as it is."""
    path = tmp_path / "layered.pdf"
    for odd in (Dictionary(D=Array([1])), Dictionary(D=Dictionary(AS=Array([1]))), Array([1])):
        with pikepdf.new() as pdf:
            pdf.add_blank_page(page_size=(595, 842))
            pdf.Root.OCProperties = odd
            pdf.save(path)
        assert check_pdf(path, tmp_path / "plain.pdf", RecognitionSettings()).remarks == ()
