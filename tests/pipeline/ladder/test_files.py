"""However a file is built and described, the ladder takes it: protection, tables, page trees, metadata."""

import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from domain.readings import PageReading
from pipeline.ladder.ladder import Climbed, climb
from tests.judges import verapdf

XMP = (
    '<?xpacket begin="{mark}" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{inner}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
PART_1 = '<rdf:Description rdf:about="" xmlns:p="http://www.aiim.org/pdfa/ns/id/" p:part="1" p:conformance="A"/>'
PRIVATE = (
    '<rdf:Description rdf:about="" xmlns:k="urn:khac"><k:May><rdf:Seq><rdf:li>x</rdf:li></rdf:Seq></k:May>'
    "</rdf:Description>"
)
UNKNOWN = (
    '<rdf:Description rdf:about="" xmlns:pdfx="http://ns.adobe.com/pdfx/1.3/"><pdfx:So>45</pdfx:So></rdf:Description>'
)


def sheet() -> pikepdf.Pdf:
    """A page that draws."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(300, 200)).Contents = pdf.make_stream(b"0 0 1 rg 20 30 100 60 re f")
    return pdf


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    """As bytes."""
    target = BytesIO()
    pdf.save(target, **options)  # type: ignore[arg-type]
    return target.getvalue()


def protected() -> bytes:
    """Nobody asks for a password, and changes are forbidden."""
    return saved(sheet(), encryption=pikepdf.Encryption(owner="x", user="", allow=pikepdf.Permissions(extract=False)))


def described(content: bytes) -> Callable[[], bytes]:
    """With metadata."""

    def make() -> bytes:
        pdf = sheet()
        pdf.Root.Metadata = pdf.make_stream(content, Type=Name.Metadata, Subtype=Name.XML)
        return saved(pdf)

    return make


def xmp(inner: str, encoding: str = "utf-8") -> Callable[[], bytes]:
    """With metadata in a spelling and an encoding."""
    return described(XMP.format(mark="\ufeff", inner=inner).encode(encoding))


def deep_tree() -> bytes:
    """Every node of the tree has one kid, forty deep, and only the root has a box."""
    pdf = sheet()
    page, root = pdf.pages[0].obj, pdf.Root.Pages
    root.MediaBox, kid = page.MediaBox, page
    del page["/MediaBox"]
    for _ in range(40):
        node = pdf.make_indirect(Dictionary(Type=Name.Pages, Count=1, Kids=Array([kid])))
        kid.Parent, kid = node, node
    root.Kids, kid.Parent = Array([kid]), root
    return saved(pdf)


def wrong_count() -> bytes:
    """The tree says that it has seven pages."""
    return saved(sheet()).replace(b"/Count 1", b"/Count 7")


def no_types() -> bytes:
    """Neither tree nor page says what it is."""
    return saved(sheet(), object_stream_mode=pikepdf.ObjectStreamMode.disable).replace(b"/Type /Page", b"/Typo /Page")


def same_page_twice() -> bytes:
    """One page stands twice in the tree."""
    pdf = sheet()
    pdf.Root.Pages.Kids, pdf.Root.Pages.Count = Array([pdf.pages[0].obj] * 2), 2
    return saved(pdf)


def hybrid() -> bytes:
    """A table that old readers know, and what the page draws only in one that they do not."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources 5 0 R >>",
        b"<< /Length 20 >> stream\n/G gs 20 30 9 9 re f\nendstream",
    ]
    body, places = b"%PDF-1.5\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    packed = zlib.compress(b"5 0 << /ExtGState << /G << /Type /ExtGState /LW 2 >> >> >>")
    head = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>" % len(packed)
    stream_at = len(body)
    body += b"6 0 obj\n%s stream\n%s\nendstream\nendobj\n" % (head, packed)
    table = b"\x02\x00\x06\x00" + b"\x01" + stream_at.to_bytes(2, "big") + b"\x00"
    hidden_at = len(body)
    head = b"<< /Type /XRef /Size 8 /W [1 2 1] /Index [5 2] /Root 1 0 R /Length %d >>" % len(table)
    body += b"7 0 obj\n%s stream\n%s\nendstream\nendobj\n" % (head, table)
    lines = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size 8 /Root 1 0 R /XRefStm %d >>\nstartxref\n%d\n%%%%EOF" % (hidden_at, len(body))
    return body + b"xref\n0 5\n0000000000 65535 f \n" + lines + trailer


CASES: list[tuple[Callable[[], bytes], str]] = [
    (protected, "as_it_is"),
    (hybrid, "as_it_is"),
    (deep_tree, "as_it_is"),
    (wrong_count, "as_it_is"),
    (no_types, "cleaned"),
    (same_page_twice, "as_it_is"),
    (xmp(PART_1), "as_it_is"),
    (xmp(PRIVATE), "as_it_is"),
    (xmp(UNKNOWN), "as_it_is"),
    (xmp(PART_1, "utf-16-be"), "as_it_is"),
    (xmp(UNKNOWN, "utf-16-le"), "as_it_is"),
    (xmp(PART_1, "utf-8-sig"), "as_it_is"),
    (described(b""), "as_it_is"),
    (described(b"<x:xmpmeta><rdf"), "as_it_is"),
    (described(XMP.format(mark="", inner=PRIVATE.replace("x<", "\x00<")).encode()), "as_it_is"),
]


@pytest.fixture(scope="module")
def all_climbed(tmp_path_factory: pytest.TempPathFactory) -> list[Climbed]:
    """Every file, climbed."""
    found = []
    for make, _ in CASES:
        folder = tmp_path_factory.mktemp("file")
        original = folder / "original.pdf"
        original.write_bytes(make())
        with pikepdf.open(original) as pdf:
            readings = tuple(PageReading(number=number, words=()) for number in range(1, len(pdf.pages) + 1))
        found.append(climb(original, original, readings, frozenset(), folder))
    return found


def test_each_takes_its_rung(all_climbed: list[Climbed]) -> None:
    """Nothing of these needs a picture."""
    assert {n: found.step for n, found in enumerate(all_climbed)} == {n: step for n, (_, step) in enumerate(CASES)}


def test_verapdf_passes_every_file(all_climbed: list[Climbed]) -> None:
    """The official veraPDF finds every one of them PDF/A-2b."""
    files: list[Path] = [found.pdf for found in all_climbed]
    assert verapdf(files) == sorted(f"PASS {path} 2b" for path in files)
