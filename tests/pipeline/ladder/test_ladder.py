"""Whatever a reader shows becomes PDF/A-2b on some rung of the ladder, and looks as it did."""

from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import ImageDraw

from domain.clock import now
from domain.readings import PageReading, Word
from pipeline.ladder.ladder import Climbed, climb
from pipeline.ladder.likeness import BOUND, similarity
from pipeline.stages.conform import is_pdfa
from signing.pades.conformance import prove_signature
from signing.signer import open_signers
from tests.judges import verapdf
from tests.support import scans
from tests.support.desk import khoso
from tests.support.signing_papers import settings

Make = Callable[[pikepdf.Pdf], None]
WORDS = (PageReading(number=1, words=(Word(text="giấy", box=(0.2, 0.2, 0.3, 0.22), confidence=0.9, line=0),)),)
HELVETICA = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


def image(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """The scan on the page."""
    return next(iter(pdf.pages[0].get_images().values()))


def font_not_used(pdf: pikepdf.Pdf) -> None:
    """A font that a foreign text layer left behind."""
    pdf.pages[0].obj.Resources.Font = Dictionary(F9=HELVETICA)


def resources_in_a_stream(pdf: pikepdf.Pdf) -> None:
    """A stream in the place of a dictionary: readers take its dictionary."""
    own = pdf.pages[0].obj.Resources
    pdf.pages[0].obj.Resources = pdf.make_stream(b"", **{name.strip("/"): value for name, value in own.items()})


def boxes_with_points(pdf: pikepdf.Pdf) -> None:
    """Sides of the page as real numbers."""
    box = [float(side) for side in pdf.pages[0].mediabox]
    pdf.pages[0].obj.MediaBox = pikepdf.Object.parse(("[" + " ".join(f"{side:.3f}" for side in box) + "]").encode())


def key(where: str, name: str, value: pikepdf.Object | int) -> Make:
    """An entry that PDF/A does not know."""

    def put(pdf: pikepdf.Pdf) -> None:
        owner = {"page": pdf.pages[0].obj, "image": image(pdf), "catalogue": pdf.Root, "trailer": pdf.trailer}[where]
        owner[name] = pdf.make_indirect(value) if isinstance(value, pikepdf.Object) and where == "trailer" else value

    put.__name__ = f"{where}{name.replace('/', '_')}"
    return put


def script(pdf: pikepdf.Pdf) -> None:
    """A script with a name."""
    action = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), action])))


def launch(pdf: pikepdf.Pdf) -> None:
    """A link that starts a program."""
    action = Dictionary(S=Name.Launch, F=String("calc.exe"))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])


def opening(pdf: pikepdf.Pdf) -> None:
    """The place at which the file opens."""
    pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])


def attachment_of_a_page(pdf: pikepdf.Pdf) -> None:
    """A file that hangs on a note of the page."""
    file = pdf.make_indirect(pikepdf.Dictionary(Type=Name.Filespec, UF="so-do.xlsx", EF=pikepdf.Dictionary()))
    note = pikepdf.Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=[9, 9, 30, 30], FS=file)
    pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(note)])


def attachment(pdf: pikepdf.Pdf) -> None:
    """An embedded file."""
    pdf.attachments["so-lieu.xlsx"] = b"PK"


def field(pdf: pikepdf.Pdf) -> None:
    """A filled form field with its look."""
    look = pdf.make_stream(b"0 0 1 rg 5 5 120 20 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 130, 30])
    widget = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("ten"),
            V=String("An"),
            F=4,
            Rect=[100, 100, 230, 130],
            AP=Dictionary(N=look),
            P=pdf.pages[0].obj,
        )
    )
    pdf.pages[0].obj.Annots = Array([widget])
    pdf.Root.AcroForm = Dictionary(Fields=Array([widget]))


def empty_signature(pdf: pikepdf.Pdf) -> None:
    """A signature field that nobody has filled."""
    widget = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String("ky"), F=4, Rect=[100, 100, 230, 130]
    )
    made = pdf.make_indirect(widget)
    pdf.pages[0].obj.Annots = Array([made])
    pdf.Root.AcroForm = Dictionary(Fields=Array([made]), SigFlags=3)


def stamp(pdf: pikepdf.Pdf) -> None:
    """A note of text over the page, with its look."""
    look = pdf.make_stream(b"1 0 0 rg 0 0 90 40 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 90, 40])
    note = Dictionary(Type=Name.Annot, Subtype=Name.FreeText, F=4, Rect=[50, 50, 140, 90], AP=Dictionary(N=look))
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])


def drawn_with(content: bytes, **resources: object) -> Make:
    """Something drawn over the scan."""

    def put(pdf: pikepdf.Pdf) -> None:
        for name, value in resources.items():
            pdf.pages[0].obj.Resources[f"/{name}"] = value
        pdf.pages[0].contents_add(b"q " + content + b" Q")

    return put


def font_not_embedded(pdf: pikepdf.Pdf) -> None:
    """Text in a font that every reader has, and the file has not."""
    drawn_with(b"BT /F9 30 Tf 100 400 Td (Thong bao) Tj ET", Font=Dictionary(F9=HELVETICA))(pdf)


def drawn_font(pdf: pikepdf.Pdf) -> None:
    """A Type 3 font."""
    letter = pdf.make_stream(b"800 0 0 0 700 700 d1 0 0 700 700 re f")
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=[0, 0, 700, 700],
        FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
        CharProcs=Dictionary(a=letter),
        Encoding=Dictionary(Type=Name.Encoding, Differences=[97, Name.a]),
        FirstChar=97,
        LastChar=97,
        Widths=[800],
        Resources=Dictionary(),
    )
    drawn_with(b"BT /F9 30 Tf 100 400 Td (aaa) Tj ET", Font=Dictionary(F9=pdf.make_indirect(font)))(pdf)


def shading(pdf: pikepdf.Pdf) -> None:
    """Colours that run into each other."""
    function = Dictionary(FunctionType=2, Domain=[0, 1], C0=[1, 0, 0], C1=[0, 0, 1], N=1)
    run = Dictionary(ShadingType=2, ColorSpace=Name.DeviceRGB, Coords=[0, 0, 300, 0], Function=function)
    drawn_with(b"50 50 200 60 re W n /S9 sh", Shading=Dictionary(S9=run))(pdf)


def layer(pdf: pikepdf.Pdf) -> None:
    """A layer that is shown."""
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Dau")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(Order=Array([group])))
    drawn_with(b"/OC /P9 BDC 1 0 0 rg 60 60 90 40 re f EMC", Properties=Dictionary(P9=group))(pdf)


def title_elsewhere(pdf: pikepdf.Pdf) -> None:
    """An outline whose title is an object of its own."""
    pdf.Root.Outlines = outline(pdf)
    pdf.Root.Outlines.First.Title = pdf.make_indirect(String("Muc"))


def outline_without_title(pdf: pikepdf.Pdf) -> None:
    """An outline whose line says nothing."""
    pdf.Root.Outlines = outline(pdf)


def outline(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """An outline of one line."""
    root = pdf.make_indirect(Dictionary(Type=Name.Outlines, Count=1))
    root.First = root.Last = pdf.make_indirect(Dictionary(Parent=root))
    return root


PRIVATE = Dictionary(Khac=1)
CASES: list[tuple[Make, str]] = [
    (font_not_used, "as_it_is"),
    (resources_in_a_stream, "drawn"),
    (boxes_with_points, "as_it_is"),
    *(
        (key(where, name, value), "cleaned")
        for where, name, value in (
            ("trailer", "/DocChecksum", String("AB")),
            ("trailer", "/Scanner", Dictionary(Model=String("x"))),
            ("image", "/ImageName", String("Im1")),
            ("image", "/Epson", PRIVATE),
            ("image", "/Measure", PRIVATE),
            ("page", "/Trans", Dictionary(S=Name.Wipe)),
            ("page", "/Dur", 3),
            ("page", "/PieceInfo", PRIVATE),
            ("page", "/AA", Dictionary()),
            ("page", "/Canon", PRIVATE),
            ("page", "/PZ", 2),
            ("catalogue", "/AA", Dictionary()),
            ("catalogue", "/PieceInfo", PRIVATE),
            ("catalogue", "/SpiderInfo", PRIVATE),
            ("catalogue", "/Collection", Dictionary()),
            ("catalogue", "/OpenAction", Dictionary(S=Name.JavaScript, JS=String("1"))),
            ("catalogue", "/Requirements", Array()),
            ("catalogue", "/Xerox", PRIVATE),
            ("catalogue", "/PageMode", Name.UseAttachments),
        )
    ),
    (script, "cleaned"),
    (launch, "cleaned"),
    (opening, "cleaned"),
    (attachment, "cleaned"),
    (field, "cleaned"),
    (empty_signature, "cleaned"),
    (stamp, "cleaned"),
    (font_not_embedded, "rewritten"),
    (drawn_font, "drawn"),
    (shading, "drawn"),
    (layer, "cleaned"),
    (title_elsewhere, "cleaned"),
    (outline_without_title, "cleaned"),
    (drawn_with(b"0 1 1 0 k 60 60 90 40 re f"), "drawn"),
]


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A scanned paper, as scanners write it."""
    return scans.as_pdf(tmp_path_factory.mktemp("scan") / "scan.pdf", scans.paper()).read_bytes()


def climbed(scan: bytes, make: Make, folder: Path, *, version: str = "1.6") -> tuple[Path, Climbed]:
    """The file that a case makes of the scan, and what the ladder makes of that, read from its pixels."""
    original = folder / "original.pdf"
    with pikepdf.open(BytesIO(scan)) as pdf:
        make(pdf)
        pdf.save(original, force_version=version)
    return original, climb(original, original, WORDS, frozenset({1}), folder)


@pytest.fixture(scope="module")
def all_climbed(scan: bytes, tmp_path_factory: pytest.TempPathFactory) -> list[Climbed]:
    """Every case, climbed."""
    return [climbed(scan, make, tmp_path_factory.mktemp("case"))[1] for make, _ in CASES]


def test_each_takes_its_rung(all_climbed: list[Climbed]) -> None:
    """Every oddity ends on the lowest rung that takes it, and the pages look as they did."""
    got = {number: found.step for number, found in enumerate(all_climbed)}
    assert got == {number: step for number, (_, step) in enumerate(CASES)}
    assert all(found.likeness is None or found.likeness >= BOUND for found in all_climbed)
    assert all(bool(found.remarks) == (found.step != "as_it_is") for found in all_climbed)


def test_verapdf_passes_every_rung(all_climbed: list[Climbed]) -> None:
    """The official veraPDF finds every one of them PDF/A-2b."""
    files = [found.pdf for found in all_climbed]
    assert verapdf(files) == sorted(f"PASS {path} 2b" for path in files)


def test_every_rung_can_be_signed(all_climbed: list[Climbed], tmp_path: Path) -> None:
    """What the ladder gives can be signed, and stays what it is."""
    with open_signers(settings(tmp_path)) as signers:
        for found in all_climbed:
            before = found.pdf.read_bytes()
            prove_signature(before, signers.sign_copy(before, now()))


@pytest.mark.parametrize("version", ["1.3", "1.7", "2.0"])
def test_version(scan: bytes, tmp_path: Path, version: str) -> None:
    """A header above 1.7 is lowered, with a remark."""
    _, found = climbed(scan, font_not_used, tmp_path, version=version)
    assert any(f"from {version} to 1.7" in str(remark) for remark in found.remarks) == (version == "2.0")
    with pikepdf.open(found.pdf) as pdf:
        assert pdf.pdf_version <= "1.7"


def test_what_is_taken_off_is_told(scan: bytes, tmp_path: Path) -> None:
    """Scripts, embedded files by their names, fields and empty signature fields are told in remarks."""
    for number, (make, said) in enumerate(
        (
            (script, "scripts or actions"),
            (launch, "scripts or actions"),
            (opening, "the place at which"),
            (attachment, "so-lieu.xlsx"),
            (attachment_of_a_page, "so-do.xlsx"),
            (field, "form fields"),
            (empty_signature, "empty signature field"),
            (layer, "layers were resolved"),
            (outline_without_title, "the outline, page labels"),
        )
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        _, found = climbed(scan, make, folder)
        assert said in " ".join(map(str, found.remarks))


def test_a_lost_word_is_noticed() -> None:
    """One short word less anywhere on a page is below the bound; the same page compressed again is above it."""
    page = scans.paper().convert("RGB").resize((620, 877))
    pixels = np.asarray(page, np.uint8)
    _, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 92])
    again = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    assert similarity(pixels, again) > BOUND
    for place in ((60, 60), (300, 420), (500, 820)):
        more = page.copy()
        ImageDraw.Draw(more).text(place, "xa", fill="black")
        assert similarity(np.asarray(more, np.uint8), pixels) < BOUND / 2


def test_a_drawn_page_can_be_searched(scan: bytes, tmp_path: Path) -> None:
    """The drawn page carries the words that were read, where they were read."""
    _, found = climbed(scan, shading, tmp_path)
    assert found.step == "drawn"
    with closing(pypdfium2.PdfDocument(found.pdf)) as document:
        page = document[0]
        text = page.get_textpage()
        assert text.get_text_range().strip() == "giấy"
        left, bottom, _, _ = text.get_charbox(0)
        place = (left / page.get_width(), 1 - bottom / page.get_height())
    assert place == pytest.approx((0.2, 0.22), abs=0.01)


def test_status_tells_and_the_original_stays(scan: bytes, tmp_path: Path) -> None:
    """`status` counts papers that were changed in form; the vault has the source bit for bit."""
    source, home = tmp_path / "in" / "scan.pdf", tmp_path / "home"
    source.parent.mkdir()
    with pikepdf.open(BytesIO(scan)) as pdf:
        script(pdf)
        pdf.save(source)
    _, (line,), _ = khoso(home, "ingest", str(source.parent))
    assert any("scripts or actions" in remark for remark in line["remarks"])
    _, _, chatter = khoso(home, "status")
    assert "1 cleaned" in chatter
    assert line["state"] == "archived"
    (kept,) = home.glob("vault/**/original/scan.pdf")
    assert kept.read_bytes() == source.read_bytes()


def test_not_checked_is_not_no(scan: bytes, tmp_path: Path) -> None:
    """A file that breaks a rule is no PDF/A; of one with what the checker does not know that cannot be told."""
    _, found = climbed(scan, font_not_used, tmp_path)
    changed = tmp_path / "changed.pdf"
    assert is_pdfa(found.pdf) is True
    for make, got in ((key("page", "/Canon", PRIVATE), None), (launch, False)):
        with pikepdf.open(found.pdf) as pdf:
            make(pdf)
            pdf.save(changed)
        assert is_pdfa(changed) is got
