"""Whether coded pixels are all there: readers draw half a picture, or none at all, without a word.

Each function decodes what a filter or a compression holds once, where that is the only way to know; no pixel is kept.
"""

import io
import random
import struct
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cache
from hashlib import sha256
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pikepdf
import pypdfium2
from numpy.typing import NDArray
from PIL import Image
from pypdfium2 import raw

from domain.errors import Refused
from pipeline.scans.incomplete import Incomplete

Image.MAX_IMAGE_PIXELS = None  # our own limit is checked from the header, before a pixel is read
TOO_LARGE = "scan_at_300_one_sheet"
_JPX_SHARE = 4  # JPEG 2000 takes 16 bytes a pixel while it is unpacked: four times as much as others
_EOI = b"\xff\xd9"
_FIRST_SOF, _SOF_PROGRESSIVE, _RST, _SOI, _SOS, _FILL = 0xC0, 0xC2, 0xD0, 0xD8, 0xDA, 0xFF

_JPX_SOC, _JPX_SIZ, _JPX_SOT = 0xFF4F, 0xFF51, 0xFF90

_END_OF_BLOCK, _END_OF_LINE = "000000000001" * 2, "000000000001"
_TAIL = 32  # bytes; the longest end mark, six ends of line, has 10

_JBIG2_PAGE, _JBIG2_END_OF_PAGE = 48, 49
_JBIG2_REGIONS = {4, 6, 7, 20, 22, 23, 36, 38, 39, 40, 42, 43}
_JBIG2_GENERIC = {36, 38, 39}
_UNKNOWN = 0xFFFFFFFF

_LZW_CLEAR, _LZW_END, _LZW_LONGEST = 256, 257, 4096


class Fax(NamedTuple):
    """How rows of a fax are coded: ``k`` as in PDF, whether each begins at a byte, and behind an end of line."""

    k: int
    aligned: bool = False
    end_of_line: bool = False


def check_pixels(size: tuple[int, int], limit: float) -> None:
    """Refuse a picture of more than ``limit`` pixels before any of them is made.

    Raises:
        Refused: it has more.
    """
    width, height = size
    if width * height > limit:
        raise Refused("page_pixels", reason="too_large", remedy=TOO_LARGE, width=width, height=height)


def check_jpeg(data: bytes, limit: float) -> bool:
    """Decode a JPEG strictly; tell whether its end marker is there.

    libjpeg fills what is missing with grey and only warns.  qpdf takes every warning for an error, also those over
    bytes between two segments or a header that says too much; then it counts whether anything is missing.

    Raises:
        Incomplete: some of its pixels are missing.
        Refused: it has more than ``limit`` pixels.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            check_pixels(image.size, limit)
        is_fine = _has_all_scans(data)
    except (OSError, IndexError, ValueError):
        raise Incomplete("no_jpeg") from None
    if not is_fine:
        raise Incomplete("jpeg_coarse")
    if _is_jpeg(data):
        return True
    body = data.removesuffix(_EOI)
    if _is_jpeg(body + _EOI) or _is_indifferent(body):
        return body != data
    raise Incomplete("jpeg_short")


def _has_all_scans(data: bytes) -> bool:
    """Whether a progressive JPEG brings every coefficient to its last bit (ITU-T T.81, annex G).

    Where its last steps are missing the picture is whole, and coarse; any other JPEG has one step.
    """
    parts: set[int] = set()
    left: dict[tuple[int, int], int] = {}  # how many bits each coefficient of a component still lacks
    for marker, body in _segments(data):
        if marker == _SOF_PROGRESSIVE:
            parts = set(body[6::3])
        elif marker == _SOS and parts:
            first, last, bits = body[-3:]
            left |= dict.fromkeys(product(body[1:-3:2], range(first, last + 1)), bits & 15)
    return all(left.get(place, 1) == 0 for place in product(parts, range(64)))


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The marker and the body of each segment of a JPEG that has one; coded pixels are passed over."""
    place = 2
    while 0 <= (place := data.find(b"\xff", place)) < len(data) - 4 and (marker := data[place + 1]) != _EOI[1]:
        length = int.from_bytes(data[place + 2 : place + 4])
        if _FIRST_SOF <= marker < _FILL and not _RST <= marker <= _SOI and place + 2 + length <= len(data):
            yield marker, data[place + 4 : place + 2 + length]
            place += 2 + length
        else:
            place += 1 if marker == _FILL else 2


def _is_jpeg(data: bytes) -> bool:
    with pikepdf.new() as pdf:
        stream = pikepdf.Stream(pdf, data)
        stream.Filter = pikepdf.Name.DCTDecode
        try:
            stream.get_stream_buffer(pikepdf.StreamDecodeLevel.all)
        except (RuntimeError, pikepdf.PdfError, pikepdf.DataDecodingError):
            return False
    return True


def _is_indifferent(body: bytes) -> bool:
    """Whether nothing that follows a JPEG's data changes a pixel, be it behind any of the restart markers."""
    looks = set()
    for behind in (b"\x55\xaa", b"\x0f\xc3\x96"):
        tail = b"".join(bytes((0xFF, 0xD0 + number)) + behind * 64 for number in range(8))
        try:
            with Image.open(io.BytesIO(body + behind * 64 + tail + _EOI), formats=("JPEG",)) as image:
                looks.add(sha256(image.tobytes()).digest())
        except OSError:
            return False
    return len(looks) == 1


def check_jpx(data: bytes, limit: float) -> None:
    """Decode a JPEG 2000 picture by PDFium, which draws all of it or nothing, but for tiles: it leaves out what lacks.

    Raises:
        Incomplete: it ends too early, tiles or parts of some are missing, or it cannot be drawn.
        Refused: it has more than a quarter of ``limit`` pixels.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG2000",)) as image:
            width, height = image.size
    except (OSError, ValueError, SyntaxError):
        raise Incomplete("no_jpx") from None
    check_pixels((width, height), limit / _JPX_SHARE)
    try:
        _check_tiles(_codestream(data))
    except (struct.error, ZeroDivisionError):
        raise Incomplete("jpx_short") from None
    if drawn_pixels(data, {"/Width": width, "/Height": height, "/Filter": "/JPXDecode"}) is None:
        raise Incomplete("jpx_short")


def _codestream(data: bytes) -> bytes:
    """The coded pixels, which stand alone or in a box (ISO 15444-1, annex I.4)."""
    place = 0
    while struct.unpack_from(">H", data, place)[0] != _JPX_SOC:
        length, kind = struct.unpack_from(">I4s", data, place)
        head = 8
        if length == 1:
            (length,), head = struct.unpack_from(">Q", data, place + 8), 16
        if kind == b"jp2c":
            return data[place + head : place + length if length else len(data)]
        if length < head:
            raise Incomplete("jpx_no_pixels")
        place += length
    return data[place:]


def _check_tiles(data: bytes) -> None:
    """Whether each tile is there with all of its parts (ISO 15444-1, annexes A.4.2 and A.5.1).

    Raises:
        Incomplete: one is not.
    """
    if struct.unpack_from(">H", data, 2)[0] != _JPX_SIZ:
        raise Incomplete("jpx_no_size")
    right, bottom, *_, across, down, left, top = struct.unpack_from(">8I", data, 8)
    expected = -((left - right) // across) * -((top - bottom) // down)
    place = 2
    while (segment := struct.unpack_from(">HH", data, place))[0] != _JPX_SOT:
        place += 2 + segment[1]
    parts: dict[int, set[int]] = {}
    claimed: dict[int, int] = {}
    while place + 12 <= len(data):
        marker, _, tile, length, part, count = struct.unpack_from(">HHHIBB", data, place)
        if marker != _JPX_SOT:
            break
        parts.setdefault(tile, set()).add(part)
        claimed[tile] = max(claimed.get(tile, 0), count)  # 0 where the writer did not know it yet
        length = length or len(data) - place  # 0 where it is the last part
        if length < 12 or place + length > len(data):
            raise Incomplete("jpx_tile_cut_off")
        place += length
    is_whole = all(found == set(range(max(len(found), claimed[tile]))) for tile, found in parts.items())
    if set(parts) != set(range(expected)) or not is_whole:
        raise Incomplete("jpx_tiles_missing")


def check_fax(data: bytes, size: tuple[int, int], fax: Fax) -> None:
    """Whether the rows of a fax are all there.

    Nothing in a fax counts its rows, and every decoder fills those that are missing.  So it is decoded three times with
    different bits behind its end: where all rows are there, those bits change no pixel.

    Raises:
        Incomplete: rows are missing.
    """
    bits = _without_end(data, fax)
    follows = size[1] // 2 + 64
    first = _fax_pixels(bits, "1" * 8 * follows, size, fax)
    for behind in _behind(follows):
        again = _fax_pixels(bits, behind, size, fax)
        if first is None or again is None or not np.array_equal(first, again):
            raise Incomplete("fax_short")


class _Bits(NamedTuple):
    """The bytes of a fax and the bits of its last ones, without its end mark."""

    whole: bytes
    rest: str


def _without_end(data: bytes, fax: Fax) -> _Bits:
    body = data.rstrip(b"\x00")
    tail = "".join(f"{byte:08b}" for byte in body[-_TAIL:]).rstrip("0")
    if fax.k < 0:
        rest = tail.removesuffix(_END_OF_BLOCK)
    else:
        marks = (_END_OF_LINE,) if fax.k == 0 else (_END_OF_LINE + "1", _END_OF_LINE + "0", _END_OF_LINE)
        rest = tail
        while mark := next((mark for mark in marks if rest.endswith(mark)), ""):
            rest = rest.removesuffix(mark)
    if rest == tail:  # no end mark: what follows the data may begin at a byte
        return _Bits(data, "")
    return _Bits(body[:-_TAIL], rest)


@cache
def _behind(follows: int) -> tuple[str, str]:
    """Two kinds of bits that draw something: a run of black at the beginning of each row, and any bits."""
    chance = random.Random(1)  # noqa: S311 (bits of no meaning)
    return ("0010011010111" * follows)[: 8 * follows], "".join(f"{byte:08b}" for byte in chance.randbytes(follows))


def _fax_pixels(bits: _Bits, behind: str, size: tuple[int, int], fax: Fax) -> NDArray[np.uint8] | None:
    rest = bits.rest + behind
    rest = rest[: len(rest) // 8 * 8]
    parameters = pikepdf.Dictionary(
        K=fax.k,
        Columns=size[0],
        Rows=size[1],
        EncodedByteAlign=fax.aligned,
        EndOfLine=fax.end_of_line,
        EndOfBlock=False,
    )
    described = {"/Filter": "/CCITTFaxDecode", "/DecodeParms": parameters, "/Width": size[0], "/Height": size[1]}
    data = bits.whole + int(rest, 2).to_bytes(len(rest) // 8)
    return drawn_pixels(data, {**described, "/BitsPerComponent": 1, "/ColorSpace": "/DeviceGray"})


def check_jbig2(data: bytes, limit: float) -> None:
    """Follow the segments of a JBIG2 picture as a PDF holds it (ITU-T T.88, 7.2): each tells its length.

    Raises:
        Incomplete: a segment is cut off, or none draws anything.
        Refused: it has more than ``limit`` pixels.
    """
    place, draws, has_page = 0, False, False
    try:
        while place < len(data):
            kind, begin, length = _jbig2_segment(data, place)
            if kind == _JBIG2_PAGE:
                width, height = struct.unpack(">II", data[begin : begin + 8])
                check_pixels((width, 1 if height == _UNKNOWN else height), limit)
                has_page = True
            if length == _UNKNOWN:
                length = _jbig2_generic_length(data, begin) if kind in _JBIG2_GENERIC else len(data)
            draws |= kind in _JBIG2_REGIONS or kind == _JBIG2_END_OF_PAGE
            place = begin + length
    except (struct.error, IndexError):
        raise Incomplete("jbig2_cut_off") from None
    if place != len(data) or not (draws and has_page):
        raise Incomplete("jbig2_cut_off")


def _jbig2_segment(data: bytes, place: int) -> tuple[int, int, int]:
    """The kind of the segment at a place, where its data begin, and their length."""
    number, flags, refers = struct.unpack_from(">IBB", data, place)
    place += 5
    count = refers >> 5
    if count == 7:
        count = struct.unpack_from(">I", data, place)[0] & 0x1FFFFFFF
        place += 4 + (count + 8) // 8
    else:
        place += 1
    place += count * (1 if number <= 256 else 2 if number <= 65536 else 4)
    place += 4 if flags & 0x40 else 1
    return flags & 0x3F, place + 4, struct.unpack_from(">I", data, place)[0]


def _jbig2_generic_length(data: bytes, begin: int) -> int:
    """The length of a generic region that does not tell it: an end mark and the number of rows follow (7.2.7)."""
    mark = b"\x00\x00" if data[begin + 17] & 1 else b"\xff\xac"
    end = data.find(mark, begin + 18)
    if end < 0:
        raise IndexError
    return end + len(mark) + 4 - begin


def drawn_pixels(data: bytes, described: Mapping[str, Any]) -> NDArray[np.uint8] | None:
    """The pixels that PDFium makes of a coded picture, or None when it makes nothing of it."""
    target = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(72, 72))
        picture = pikepdf.Stream(pdf, data)
        for name, value in described.items():
            picture[name] = pikepdf.Name(value) if isinstance(value, str) else value
        picture["/Type"], picture["/Subtype"] = pikepdf.Name.XObject, pikepdf.Name.Image
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
        page.Contents = pdf.make_stream(b"q 72 0 0 72 0 0 cm /I Do Q")
        pdf.save(target, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    with closing(pypdfium2.PdfDocument(target.getvalue())) as document:
        opened = document[0]
        try:
            image = next(opened.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]))
            bitmap = image.get_bitmap(render=False)  # frees itself
            pixels: NDArray[np.uint8] = bitmap.to_numpy().copy()
        except (StopIteration, pypdfium2.PdfiumError):
            return None
        finally:
            opened.close()
    return pixels


def bomb() -> Refused:
    """What is said of a stream that grows beyond all measure."""
    return Refused("page_unpacks_too_large", reason="too_large", remedy=TOO_LARGE)


def runs_length(data: bytes, limit: float) -> tuple[int, bool]:
    """How many bytes run lengths stand for, and whether their end is marked (ISO 32000, 7.4.5)."""
    place = made = 0
    while place < len(data) and made <= limit:
        length = data[place]
        if length == 128:
            return made, True
        if length < 128:
            made += min(length + 1, len(data) - place - 1)
            place += length + 2
        else:
            made += (257 - length) if place + 1 < len(data) else 0
            place += 2
    if made > limit:
        raise bomb()
    return made, False


def lzw_length(data: bytes, early: int, limit: float) -> tuple[int, bool]:
    """How many bytes LZW codes stand for, and whether their end is marked (ISO 32000, 7.4.4)."""
    lengths: list[int] = []
    made = held = bits = last = 0
    width = 9
    for byte in data:
        held, bits = (held << 8 | byte) & 0xFFFFFF, bits + 8
        if bits < width:
            continue
        bits -= width
        code = held >> bits & ((1 << width) - 1)
        if code == _LZW_CLEAR:
            lengths, last, width = [], 0, 9
            continue
        if code == _LZW_END:
            return made, True
        length = 1 if code < _LZW_CLEAR else lengths[code - 258] if code - 258 < len(lengths) else last + 1
        if last and len(lengths) < _LZW_LONGEST:
            lengths.append(last + 1)
        made, last = made + length, length
        count = 258 + len(lengths) + early
        width = 9 if count < 512 else 10 if count < 1024 else 11 if count < 2048 else 12
        if made > limit:
            raise bomb()
    return made, False
