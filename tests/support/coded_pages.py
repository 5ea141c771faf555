"""PDF pages whose pictures are coded in every way that producers use, whole or cut."""

import base64
import io
import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

Make = Callable[[Image.Image], "Coded"]
SIZE = (413, 585)  # pixels of an A4 page at 50 dpi
POINTS = (595, 842)


class Coded(NamedTuple):
    """What a filter holds, and what the PDF says of it."""

    data: bytes
    described: dict[str, Any]


def picture(mode: str = "L") -> Image.Image:
    """A small page with lines of ink from top to bottom, so that nothing of it can be missing unseen."""
    page = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(page)
    for y in range(20, SIZE[1] - 5, 14):
        draw.line((30, y, 380 - y % 90, y), "black", 4)
        draw.text((35, y + 3), f"dòng {y}", "navy")
    grey = page.convert("L")
    return grey.point(lambda level: 255 * (level > 128), "1") if mode == "1" else page.convert(mode)


def _described(image: Image.Image, **more: Any) -> dict[str, Any]:
    space = {"1": Name.DeviceGray, "L": Name.DeviceGray, "RGB": Name.DeviceRGB, "CMYK": Name.DeviceCMYK}[image.mode]
    bits = 1 if image.mode == "1" else 8
    return {"Width": image.width, "Height": image.height, "ColorSpace": space, "BitsPerComponent": bits, **more}


def _encoded(image: Image.Image, kind: str, **how: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **how)
    return stream.getvalue()


def raw(image: Image.Image) -> Coded:
    """Pixels as they are."""
    return Coded(image.tobytes(), _described(image))


def flate(image: Image.Image) -> Coded:
    """Deflate, as most programs write."""
    return Coded(zlib.compress(image.tobytes()), _described(image, Filter=Name.FlateDecode))


def flate_in_a_list(image: Image.Image) -> Coded:
    """One filter spelt as a list of one."""
    return Coded(zlib.compress(image.tobytes()), _described(image, Filter=Array([Name.FlateDecode])))


def predicted(image: Image.Image) -> Coded:
    """Deflate over PNG's rows, as img2pdf keeps PNG files."""
    step = len(image.tobytes()) // image.height
    pixels = image.tobytes()
    rows = b"".join(b"\x00" + pixels[place : place + step] for place in range(0, len(pixels), step))
    parms = Dictionary(Predictor=15, Colors=len(image.getbands()), BitsPerComponent=8, Columns=image.width)
    return Coded(zlib.compress(rows), _described(image, Filter=Name.FlateDecode, DecodeParms=parms))


def twice_deflated(image: Image.Image) -> Coded:
    """Deflate over deflate."""
    packed = zlib.compress(zlib.compress(image.tobytes()))
    return Coded(packed, _described(image, Filter=Array([Name.FlateDecode, Name.FlateDecode])))


def in_letters(image: Image.Image) -> Coded:
    """Deflate spelt in ASCII85."""
    text = base64.a85encode(zlib.compress(image.tobytes())) + b"~>"
    return Coded(text, _described(image, Filter=Array([Name.ASCII85Decode, Name.FlateDecode])))


def in_digits(image: Image.Image) -> Coded:
    """Pixels spelt in hexadecimal digits."""
    return Coded(image.tobytes().hex().encode() + b">", _described(image, Filter=Name.ASCIIHexDecode))


def jpeg_in_digits(image: Image.Image) -> Coded:
    """A JPEG spelt in hexadecimal digits."""
    plain = jpeg(image)
    filters = Array([Name.ASCIIHexDecode, Name.DCTDecode])
    return Coded(plain.data.hex().encode() + b">", plain.described | {"Filter": filters})


def fax_in_letters(image: Image.Image) -> Coded:
    """A fax spelt in ASCII85."""
    plain = fax4(image)
    more = {
        "Filter": Array([Name.ASCII85Decode, Name.CCITTFaxDecode]),
        "DecodeParms": Array([Dictionary(), plain.described["DecodeParms"]]),
    }
    return Coded(base64.a85encode(plain.data) + b"~>", plain.described | more)


def lzw(image: Image.Image) -> Coded:
    """LZW, as a TIFF holds it too."""
    data, _ = strip_of(image, "tiff_lzw")
    return Coded(data, _described(image, Filter=Name.LZWDecode))


def runs(image: Image.Image) -> Coded:
    """Run lengths."""
    data, _ = strip_of(image, "packbits")
    return Coded(data + b"\x80", _described(image, Filter=Name.RunLengthDecode))


def jpeg(image: Image.Image) -> Coded:
    """A baseline JPEG."""
    return Coded(_encoded(image, "JPEG", quality=80), _described(image, Filter=Name.DCTDecode))


def progressive(image: Image.Image) -> Coded:
    """A progressive JPEG."""
    return Coded(_encoded(image, "JPEG", progressive=True), _described(image, Filter=Name.DCTDecode))


def deflated_jpeg(image: Image.Image) -> Coded:
    """A JPEG that is deflated once more."""
    packed = zlib.compress(_encoded(image, "JPEG"))
    return Coded(packed, _described(image, Filter=Array([Name.FlateDecode, Name.DCTDecode])))


def jpx(image: Image.Image) -> Coded:
    """JPEG 2000 with its boxes."""
    return Coded(_encoded(image, "JPEG2000"), _described(image, Filter=Name.JPXDecode))


def codestream(image: Image.Image) -> Coded:
    """JPEG 2000 without boxes."""
    return Coded(_encoded(image, "JPEG2000", no_jp2=True), _described(image, Filter=Name.JPXDecode))


def fax4(image: Image.Image) -> Coded:
    """CCITT Group 4."""
    data, _ = strip_of(image, "group4")
    parms = Dictionary(K=-1, Columns=image.width, Rows=image.height)
    return Coded(data, _described(image, Filter=Name.CCITTFaxDecode, DecodeParms=parms))


def fax3(image: Image.Image) -> Coded:
    """CCITT Group 3 in one dimension."""
    data, _ = strip_of(image, "group3")
    parms = Dictionary(K=0, Columns=image.width, Rows=image.height, EndOfLine=True)
    return Coded(data, _described(image, Filter=Name.CCITTFaxDecode, DecodeParms=parms))


def deflated_fax(image: Image.Image) -> Coded:
    """Group 4 that is deflated once more; the parameters stand in a list."""
    coded = fax4(image)
    parms = Array([Dictionary(), coded.described["DecodeParms"]])
    filters = Array([Name.FlateDecode, Name.CCITTFaxDecode])
    return Coded(zlib.compress(coded.data), {**coded.described, "Filter": filters, "DecodeParms": parms})


def jbig2(image: Image.Image) -> Coded:
    """JBIG2: a page, and one region of Group 4 rows (ITU-T T.88, 6.2.6)."""
    rows, _ = strip_of(image, "group4")
    page = struct.pack(">IIIIBH", *image.size, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", *image.size, 0, 0, 0, 1) + rows
    data = (
        struct.pack(">IBBBI", 0, 48, 0, 1, len(page)) + page + struct.pack(">IBBBI", 1, 38, 0, 1, len(region)) + region
    )
    return Coded(data, _described(image, Filter=Name.JBIG2Decode))


def unknown(image: Image.Image) -> Coded:
    """A filter that no reader here knows."""
    return Coded(zlib.compress(image.tobytes()), _described(image, Filter=Name.BrotliDecode))


def strip_of(image: Image.Image, compression: str) -> tuple[bytes, dict[int, Any]]:
    """The only strip of a TIFF, and its tags."""
    data = _encoded(image, "TIFF", compression=compression, tiffinfo={278: image.height})
    with Image.open(io.BytesIO(data)) as tiff:
        tags = dict(tiff.tag_v2)  # type: ignore[attr-defined]
    (offset,), (count,) = tags[273], tags[279]
    return data[offset : offset + count], tags


def cut(coded: Coded, share: float = 0.6) -> Coded:
    """The coded picture without its last part."""
    return coded._replace(data=coded.data[: int(len(coded.data) * share)])


def drawn(pdf: pikepdf.Pdf, coded: Coded) -> pikepdf.Stream:
    """The picture as an object of a PDF."""
    stream = pikepdf.Stream(pdf, coded.data)
    stream.stream_dict = Dictionary(Type=Name.XObject, Subtype=Name.Image, **coded.described)
    return stream


def page_of(pdf: pikepdf.Pdf, coded: Coded) -> pikepdf.Page:
    """A page that the picture fills."""
    page = pdf.add_blank_page(page_size=POINTS)
    page.Resources = Dictionary(XObject=Dictionary(Im0=drawn(pdf, coded)))
    page.Contents = pdf.make_stream(b"q %d 0 0 %d 0 0 cm /Im0 Do Q" % POINTS)
    return page


def saved(path: Path, build: Sequence[Callable[[pikepdf.Pdf], object]]) -> Path:
    """A PDF with a page for each builder; its streams are written as they are."""
    with pikepdf.new() as pdf:
        for each in build:
            each(pdf)
        pdf.save(path, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    return path
