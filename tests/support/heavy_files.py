"""Small files that ask for gigabytes or hours: each is drawn here, and no larger than a few megabytes."""

import io
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image

from tests.support.broken_files import png_header

_A4 = (595, 842)
_MIB = 1 << 20


def _packed(pieces: Iterable[bytes]) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join([*(packer.compress(piece) for piece in pieces), packer.flush()])


def _picture(path: Path, data: bytes, **described: object) -> Path:
    """A page that a picture fills."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=_A4)
        picture = Stream(pdf, data)
        for key, value in {"Type": Name.XObject, "Subtype": Name.Image, **described}.items():
            picture[f"/{key}"] = value
        page.Resources = Dictionary(XObject=Dictionary(I=picture))
        page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /I Do Q")
        pdf.save(path, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    return path


def picture(path: Path, side: int = 32_000) -> Path:
    """A page that is a picture of so many pixels in three colours each way; all rows but ten are missing."""
    data = _packed(b"\xff" * (side * 3) for _ in range(10))
    return _picture(
        path, data, Width=side, Height=side, BitsPerComponent=8, ColorSpace=Name.DeviceRGB, Filter=Name.FlateDecode
    )


def jpeg2000(path: Path) -> Path:
    """A page that is a JPEG 2000 picture, which claims 60 000 times 60 000 pixels."""
    stream = io.BytesIO()
    Image.new("RGB", (64, 64)).save(stream, "JPEG2000", no_jp2=True)
    data = bytearray(stream.getvalue())
    struct.pack_into(">II", data, 8, 60_000, 60_000)
    return _picture(path, bytes(data), Width=60_000, Height=60_000, Filter=Name.JPXDecode)


def jbig2(path: Path) -> Path:
    """A page that is a JBIG2 picture, which says 10 times 10 outside, and claims 60 000 times 60 000 inside."""
    page = struct.pack(">IBBBI", 0, 48, 0, 1, 19) + struct.pack(">IIIIBH", 60_000, 60_000, 0, 0, 0, 0)
    region = struct.pack(">IBBBI", 1, 38, 0, 1, 26) + struct.pack(">IIIIB", 60_000, 60_000, 0, 0, 0) + b"\0" * 9
    end = struct.pack(">IBBBI", 2, 49, 0, 1, 0)
    return _picture(
        path, page + region + end, Width=10, Height=10, BitsPerComponent=1, ColorSpace=Name.DeviceGray,
        Filter=Name.JBIG2Decode,
    )  # fmt: skip


def forms(path: Path, levels: int = 10, times: int = 10) -> Path:
    """A page whose form draws another ten times, which draws another ten times, and so on."""
    with pikepdf.new() as pdf:
        inner = pdf.make_stream(b"0 0 1 1 re f")
        for level in range(levels):
            if level:
                form = pdf.make_stream(b"/F Do\n" * times)
                form.Resources = Dictionary(XObject=Dictionary(F=inner))
                inner = form
            inner.Type, inner.Subtype, inner.BBox = Name.XObject, Name.Form, Array([0, 0, *_A4])
        page = pdf.add_blank_page(page_size=_A4)
        page.Resources = Dictionary(XObject=Dictionary(F=inner))
        page.Contents = pdf.make_stream(b"/F Do\n" * times)
        pdf.save(path)
    return path


def orders(path: Path, order: bytes, size: int) -> Path:
    """A page that repeats a drawing order, packed; ``size`` in bytes when it is unpacked."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=_A4)
        piece = order * (_MIB // len(order))
        page.Contents = Stream(pdf, _packed(piece for _ in range(size // len(piece))))
        page.Contents.Filter = Name.FlateDecode
        pdf.save(path, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    return path


def tiles(path: Path) -> Path:
    """A page that is painted with a tile of a thousandth of a point."""
    with pikepdf.new() as pdf:
        tile = pdf.make_stream(b"0 0 .0005 .0005 re f")
        for key, value in {
            "Type": Name.Pattern, "PatternType": 1, "PaintType": 1, "TilingType": 1, "BBox": Array([0, 0, 1, 1]),
            "XStep": 0.001, "YStep": 0.001, "Resources": Dictionary(),
        }.items():  # fmt: skip
            tile[f"/{key}"] = value
        page = pdf.add_blank_page(page_size=_A4)
        page.Resources = Dictionary(Pattern=Dictionary(P=tile))
        page.Contents = pdf.make_stream(b"/Pattern cs /P scn 0 0 595 842 re f")
        pdf.save(path)
    return path


def _written(path: Path, *objects: bytes, table: bytes | None = None) -> Path:
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
    return path


_CATALOG = b"<</Type/Catalog/Pages 2 0 R%s>>"
_PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents[]%s>>"


def nested(path: Path, opens: bytes, closes: bytes, depth: int = 10_000) -> Path:
    """A page with an entry that is an array in an array and so on."""
    return _written(path, _CATALOG % b"", _PAGES, _PAGE % (b"/PieceInfo<</X " + opens * depth + closes * depth + b">>"))


def nested_orders(path: Path, depth: int = 100_000) -> Path:
    """A page whose drawing orders have an array in an array and so on."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=_A4)
        page.Contents = pdf.make_stream(b"[" * depth + b"]" * depth + b" TJ 0 0 300 300 re f")
        pdf.save(path, compress_streams=False)
    return path


def page_tree(path: Path, depth: int = 10_000) -> Path:
    """A page that lies in a list of pages within a list of pages and so on."""
    kids = [b"<</Type/Pages/Parent %d 0 R/Kids[%d 0 R]/Count 1>>" % (max(2, n - 1), n + 1) for n in range(2, depth + 2)]
    return _written(path, _CATALOG % b"", *kids, _PAGE % b"")


def outline(path: Path, depth: int = 10_000) -> Path:
    """A page, and an outline within an outline and so on."""
    items = [
        b"<</Title(x)/Parent %d 0 R/First %d 0 R/Last %d 0 R/Count 1>>" % (n - 1, n + 1, n + 1)
        for n in range(5, depth + 5)
    ]
    root = b"<</Type/Outlines/First 5 0 R/Last 5 0 R/Count 1>>"
    return _written(path, _CATALOG % b"/Outlines 4 0 R", _PAGES, _PAGE % b"", root, *items, b"<</Title(x)>>")


def table(path: Path, entries: int = 2_000_000_000) -> Path:
    """A page, and a table of contents that claims entries which are not there."""
    return _written(path, _CATALOG % b"", _PAGES, _PAGE % b"", table=b"xref\n0 %d\n0000000000 65535 f \n" % entries)


def objects(path: Path, number: int = 300_000) -> Path:
    """A page among objects that nothing refers to."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=_A4)
        pdf.Root.Extra = Array([pdf.make_indirect(Array()) for _ in range(number)])
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return path


def pages(path: Path, number: int = 100_000) -> Path:
    """One page, which a list names a hundred thousand times."""
    kids = b"<</Type/Pages/Count %d/Kids[%s]>>" % (number, b"3 0 R " * number)
    return _written(path, _CATALOG % b"", kids, _PAGE % b"")


def notes(path: Path, number: int = 100_000) -> Path:
    """A page with so many notes."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=_A4)
        note = {"/Type": Name.Annot, "/Subtype": Name.Square, "/Rect": Array([0, 0, 9, 9]), "/C": Array([1, 0, 0])}
        page.Annots = Array([pdf.make_indirect(Dictionary(note)) for _ in range(number)])
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return path


def directories(path: Path, number: int) -> Path:
    """A TIFF of so many pages, which are all the same pixels."""
    side, count = 400, 9
    data = _packed([b"\xff" * (side * side // 8)])
    content = bytearray(b"II*\0" + struct.pack("<I", 8 + len(data)) + data)
    for place in range(number):
        tags = [
            (256, 4, side), (257, 4, side), (258, 3, 1), (259, 3, 8), (262, 3, 1), (273, 4, 8), (277, 3, 1),
            (278, 4, side), (279, 4, len(data)),
        ]  # fmt: skip
        entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
        here = len(content)
        behind = here + 2 + 12 * count + 4
        content += struct.pack("<H", count) + entries + struct.pack("<I", behind if place + 1 < number else 0)
    path.write_bytes(content)
    return path


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_text(path: Path, size: int = 256 << 20) -> Path:
    """A PNG with a packed text of a quarter of a gigabyte before its pixels."""
    text = b"Comment\0\0" + _packed(b"x" * _MIB for _ in range(size // _MIB))
    picture = io.BytesIO()
    Image.new("L", (1654, 2339), 255).save(picture, "PNG", dpi=(200, 200))
    content = picture.getvalue()
    path.write_bytes(content[:33] + _chunk(b"zTXt", text) + content[33:])
    return path


def png(path: Path, side: int) -> Path:
    """A PNG of so many white pixels."""
    data = _packed(b"\0" + b"\xff" * (side * 3) for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    resolution = struct.pack(">IIB", 23622, 23622, 1)
    chunks = _chunk(b"IHDR", head) + _chunk(b"pHYs", resolution) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    return path


def jpeg(path: Path, side: int = 15_000, steps: int = 600) -> Path:
    """A JPEG in many steps: each brings nothing, and makes a reader go through all pixels."""
    small = io.BytesIO()
    Image.new("L", (8, 8), 255).save(small, "JPEG", progressive=True, dpi=(600, 600))
    data = bytearray(small.getvalue())
    size = data.index(b"\xff\xc2") + 5
    struct.pack_into(">HH", data, size, side, side)
    first = data.index(b"\xff\xda", size)
    path.write_bytes(bytes(data[:first]) + bytes(data[first:-2]) * steps + b"\xff\xd9")
    return path


def claimed_png(path: Path) -> Path:
    """A PNG that claims 60 000 times 60 000 pixels."""
    return png_header(path, 60_000, 60_000)
