"""Small files that ask for gigabytes or hours: each is drawn here, and no larger than a few megabytes."""

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.support.broken_files import written_png
from tests.support.coded_pages import POINTS, Coded, page_of, saved

_MIB = 1 << 20


def _packed(pieces: Iterable[bytes]) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join([*(packer.compress(piece) for piece in pieces), packer.flush()])


def _picture(path: Path, data: bytes, **described: object) -> None:
    saved(path, [lambda pdf: page_of(pdf, Coded(data, described))])


def picture(path: Path) -> None:
    """A page that is a picture of 32 000 times 32 000 pixels in three colours; all rows but ten are missing."""
    side = 32_000
    data = _packed(b"\xff" * (side * 3) for _ in range(10))
    _picture(
        path, data, Width=side, Height=side, BitsPerComponent=8, ColorSpace=Name.DeviceRGB, Filter=Name.FlateDecode
    )


def jpeg2000(path: Path) -> None:
    """A page that is a JPEG 2000 picture, which claims 60 000 times 60 000 pixels."""
    stream = io.BytesIO()
    Image.new("RGB", (64, 64)).save(stream, "JPEG2000", no_jp2=True)
    data = bytearray(stream.getvalue())
    struct.pack_into(">II", data, 8, 60_000, 60_000)
    _picture(path, bytes(data), Width=60_000, Height=60_000, Filter=Name.JPXDecode)


def jbig2(path: Path) -> None:
    """A page that is a JBIG2 picture, which says 10 times 10 outside, and claims 60 000 times 60 000 inside."""
    page = struct.pack(">IBBBI", 0, 48, 0, 1, 19) + struct.pack(">IIIIBH", 60_000, 60_000, 0, 0, 0, 0)
    region = struct.pack(">IBBBI", 1, 38, 0, 1, 26) + struct.pack(">IIIIB", 60_000, 60_000, 0, 0, 0) + b"\0" * 9
    end = struct.pack(">IBBBI", 2, 49, 0, 1, 0)
    _picture(
        path, page + region + end, Width=10, Height=10, BitsPerComponent=1, ColorSpace=Name.DeviceGray,
        Filter=Name.JBIG2Decode,
    )  # fmt: skip


@contextmanager
def _page(path: Path) -> Iterator[tuple[pikepdf.Pdf, pikepdf.Page]]:
    """An empty page of a PDF, which is then written as it is."""
    with pikepdf.new() as pdf:
        yield pdf, pdf.add_blank_page(page_size=POINTS)
        pdf.save(
            path,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )


def forms(path: Path, levels: int = 10, times: int = 10) -> None:
    """A page whose form draws another ten times, which draws another ten times, and so on."""
    with _page(path) as (pdf, page):
        inner = pdf.make_stream(b"0 0 1 1 re f")
        for level in range(levels):
            if level:
                form = pdf.make_stream(b"/F Do\n" * times)
                form.Resources = Dictionary(XObject=Dictionary(F=inner))
                inner = form
            inner.Type, inner.Subtype, inner.BBox = Name.XObject, Name.Form, Array([0, 0, *POINTS])
        page.Resources = Dictionary(XObject=Dictionary(F=inner))
        page.Contents = pdf.make_stream(b"/F Do\n" * times)


def orders(path: Path) -> None:
    """A page that repeats a drawing order, packed: half a gigabyte when it is unpacked."""
    with _page(path) as (pdf, page):
        page.Contents = Stream(pdf, _packed(b"q Q " * (_MIB // 4) for _ in range(500)))
        page.Contents.Filter = Name.FlateDecode


def tiles(path: Path) -> None:
    """A page that is painted with a tile of a thousandth of a point."""
    with _page(path) as (pdf, page):
        tile = pdf.make_stream(b"0 0 .0005 .0005 re f")
        for key, value in {
            "Type": Name.Pattern, "PatternType": 1, "PaintType": 1, "TilingType": 1, "BBox": Array([0, 0, 1, 1]),
            "XStep": 0.001, "YStep": 0.001, "Resources": Dictionary(),
        }.items():  # fmt: skip
            tile[f"/{key}"] = value
        page.Resources = Dictionary(Pattern=Dictionary(P=tile))
        page.Contents = pdf.make_stream(b"/Pattern cs /P scn 0 0 595 842 re f")


def nested_orders(path: Path) -> None:
    """A page whose drawing orders have an array in an array and so on."""
    with _page(path) as (pdf, page):
        page.Contents = pdf.make_stream(b"[" * 100_000 + b"]" * 100_000 + b" TJ 0 0 300 300 re f")


def notes(path: Path) -> None:
    """A page with twenty thousand notes."""
    with _page(path) as (pdf, page):
        note = {"/Type": Name.Annot, "/Subtype": Name.Square, "/Rect": Array([0, 0, 9, 9]), "/C": Array([1, 0, 0])}
        page.Annots = Array([pdf.make_indirect(Dictionary(note)) for _ in range(20_000)])


def objects(path: Path) -> None:
    """A page among objects that nothing refers to."""
    with _page(path) as (pdf, _):
        pdf.Root.Extra = Array([pdf.make_indirect(Array()) for _ in range(300_000)])


def _written(path: Path, *objects: bytes, table: bytes | None = None) -> None:
    """A PDF of these objects, the first of which is its root."""
    content, places = b"%PDF-1.7\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    start = len(content)
    entries = b"".join(b"%010d 00000 n \n" % place for place in places)
    content += table or b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, entries)
    content += b"trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    path.write_bytes(content)


_DEPTH = 10_000
_CATALOG = b"<</Type/Catalog/Pages 2 0 R%s>>"
_PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents[]%s>>"


def arrays(path: Path) -> None:
    """A page with an entry that is an array in an array and so on."""
    _nested(path, b"[", b"]")


def dictionaries(path: Path) -> None:
    """A page with an entry that is a dictionary in a dictionary and so on."""
    _nested(path, b"<</X ", b">>")


def _nested(path: Path, opens: bytes, closes: bytes) -> None:
    entry = b"/PieceInfo<</X %s%s>>" % (opens * _DEPTH, closes * _DEPTH)
    _written(path, _CATALOG % b"", _PAGES, _PAGE % entry)


def page_tree(path: Path) -> None:
    """A page that lies in a list of pages within a list of pages and so on."""
    kids = [
        b"<</Type/Pages/Parent %d 0 R/Kids[%d 0 R]/Count 1>>" % (max(2, n - 1), n + 1) for n in range(2, _DEPTH + 2)
    ]
    _written(path, _CATALOG % b"", *kids, _PAGE % b"")


def outline(path: Path) -> None:
    """A page, and an outline within an outline and so on."""
    items = [
        b"<</Title(x)/Parent %d 0 R/First %d 0 R/Last %d 0 R/Count 1>>" % (n - 1, n + 1, n + 1)
        for n in range(5, _DEPTH + 5)
    ]
    root = b"<</Type/Outlines/First 5 0 R/Last 5 0 R/Count 1>>"
    _written(path, _CATALOG % b"/Outlines 4 0 R", _PAGES, _PAGE % b"", root, *items, b"<</Title(x)>>")


def table(path: Path) -> None:
    """A page, and a table of contents that claims two milliard entries which are not there."""
    claim = b"xref\n0 2000000000\n0000000000 65535 f \n"
    _written(path, _CATALOG % b"", _PAGES, _PAGE % b"", table=claim)


def pages(path: Path) -> None:
    """One page, which a list names a hundred thousand times."""
    kids = b"<</Type/Pages/Count 100000/Kids[%s]>>" % (b"3 0 R " * 100_000)
    _written(path, _CATALOG % b"", kids, _PAGE % b"")


def directories(path: Path) -> None:
    """A TIFF of a hundred thousand pages, which are all the same pixels."""
    side, number = 400, 100_000
    data = _packed([b"\xff" * (side * side // 8)])
    tags = [
        (256, 4, side), (257, 4, side), (258, 3, 1), (259, 3, 8), (262, 3, 1), (273, 4, 8), (277, 3, 1),
        (278, 4, side), (279, 4, len(data)),
    ]  # fmt: skip
    entries = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, is_) for tag, kind, is_ in tags
    )
    content = bytearray(b"II*\0" + struct.pack("<I", 8 + len(data)) + data)
    for left in reversed(range(number)):
        behind = len(content) + len(entries) + 4
        content += entries + struct.pack("<I", behind if left else 0)
    path.write_bytes(content)


def png_text(path: Path) -> None:
    """A PNG with a packed text of a quarter of a gigabyte before its pixels."""
    texts = PngInfo()
    texts.add_text("Comment", "x" * (256 * _MIB), zip=True)
    Image.new("L", (1654, 2339), 255).save(path, "PNG", dpi=(200, 200), pnginfo=texts)


def large_png(path: Path) -> None:
    """A PNG of 15 800 times 15 800 white pixels: fewer than are refused, and more than a process has room for."""
    side = 15_800
    written_png(path, side, side, _packed(b"\0" + b"\xff" * (side * 3) for _ in range(side)))


def claimed_png(path: Path) -> None:
    """A PNG that claims 60 000 times 60 000 pixels."""
    written_png(path, 60_000, 60_000)


def jpeg(path: Path) -> None:
    """A JPEG in many steps: each brings nothing, and makes a reader go through all pixels."""
    small = io.BytesIO()
    Image.new("L", (8, 8), 255).save(small, "JPEG", progressive=True, dpi=(600, 600))
    data = bytearray(small.getvalue())
    size = data.index(b"\xff\xc2") + 5
    struct.pack_into(">HH", data, size, 15_000, 15_000)
    first = data.index(b"\xff\xda", size)
    path.write_bytes(bytes(data[:first]) + bytes(data[first:-2]) * 600 + b"\xff\xd9")
