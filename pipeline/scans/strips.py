"""A TIFF page in JPEG strips becomes one JPEG with the data as they came.

TIFF (Technical Note 2) cuts a page into strips, each a JPEG of its own that shares its tables with the others.  What
each strip begins anew is what a JPEG begins anew behind a restart marker (ITU-T T.81, F.1.1.5.2), so the strips are
joined by such markers, and nothing is decoded: a page stays as small, and as good, as the scanner made it.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image, TiffImagePlugin

from pipeline.scans.codings import Fax, check_fax, check_jpeg

_COMPRESSION, _PHOTOMETRIC, _OFFSETS, _ROWS, _COUNTS, _PLANAR, _TABLES = 259, 262, 273, 278, 279, 284, 347
_JPEG, _TOGETHER = 7, 1
_MODES = {1: "L", 2: "RGB", 6: "RGB"}  # by photometric interpretation: grey, RGB, YCbCr
_YCBCR = 6
_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_SOF0, _SOS, _RESTART = 0xC0, 0xDA, 0xD0
_QUANTISATION_AND_HUFFMAN = (0xDB, 0xC4)
_MOST_UNITS = 0xFFFF  # what a restart interval can say
_FILL_ORDER, _FAX_OPTIONS, _TILES = 266, 292, (322, 323, 324, 325)
_FAX_3, _FAX_4 = 3, 4
_BACKWARD, _BOTH_WAYS = 2, 1
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class _Strip(NamedTuple):
    """The tables of a strip, its frame and scan headers, and its coded data."""

    tables: bytes
    frame: bytes
    scan: bytes
    data: bytes


def joined_strips(scan: Path, image: Image.Image) -> bytes | None:
    """The present page of an open TIFF as a JPEG; None when its strips cannot be joined, or it has none in JPEG.

    The JPEG does not tell the resolution.
    """
    tags = image.tag_v2 if isinstance(image, TiffImagePlugin.TiffImageFile) else {}
    colours = tags.get(_PHOTOMETRIC, 0)
    if tags.get(_COMPRESSION) != _JPEG or tags.get(_PLANAR, _TOGETHER) != _TOGETHER:
        return None
    if _MODES.get(colours) != image.mode:
        return None
    try:
        strips = [_parse(strip) for strip in _pieces(scan, zip(tags[_OFFSETS], tags[_COUNTS], strict=True))]
        shared = b"".join(_tables(bytes(tags.get(_TABLES, b""))))
        # Adobe's marker says whether three components are YCbCr; without it readers guess.
        marker = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes((colours == _YCBCR,))
        head = (marker if image.mode == "RGB" else b"") + shared
        return _join(strips, head, image.size, int(tags.get(_ROWS, image.height)))
    except (IndexError, KeyError, ValueError):
        return None


def check_strips(scan: Path, image: Image.Image, limit: float) -> bool:
    """Decode strictly those strips or tiles of the present page of a TIFF that libtiff fills up where they are cut.

    Those are faxes and JPEGs; True: every JPEG has its end marker.

    Raises:
        Incomplete: some of its pixels are missing.
        Refused: a JPEG has more than ``limit`` pixels.
    """
    tags = image.tag_v2 if isinstance(image, TiffImagePlugin.TiffImageFile) else {}
    kind = tags.get(_COMPRESSION)
    if kind not in {_FAX_3, _FAX_4, _JPEG}:
        return True
    is_tiled = _TILES[2] in tags
    if is_tiled:
        width, high, offsets, counts = (tags[tag] for tag in _TILES)
    else:
        width, high, offsets, counts = image.width, tags.get(_ROWS, image.height), tags[_OFFSETS], tags[_COUNTS]
    shared = b"".join(_tables(bytes(tags.get(_TABLES, b""))))
    is_ended = True
    for number, piece in enumerate(_pieces(scan, zip(offsets, counts, strict=True))):
        if kind == _JPEG:
            is_ended &= check_jpeg(_SOI + shared + piece[len(_SOI) :], limit)
            continue
        rows = high if is_tiled else min(high, image.height - number * high)
        bits = piece.translate(_REVERSED) if tags.get(_FILL_ORDER) == _BACKWARD else piece
        k = -1 if kind == _FAX_4 else tags.get(_FAX_OPTIONS, 0) & _BOTH_WAYS
        check_fax(bits, (width, rows), Fax(k, end_of_line=kind == _FAX_3))
    return is_ended


def _pieces(scan: Path, places: Iterable[tuple[int, int]]) -> Iterator[bytes]:
    """Of the file alone what the page takes: a backlog has TIFFs of hundreds of pages."""
    with scan.open("rb") as file:
        for offset, count in places:
            file.seek(offset)
            yield file.read(count)


def _join(strips: list[_Strip], head: bytes, size: tuple[int, int], rows: int) -> bytes:
    """One JPEG of all strips.

    Raises:
        ValueError: the strips differ in more than their height, or do not end where a row of coded units ends.
    """
    width, height = size
    first = strips[0]
    wide, high = _unit(first.frame)
    each = -(-width // wide) * (rows // high)
    if len(strips) > 1 and (rows % high or each > _MOST_UNITS):
        raise ValueError("a strip ends within a row of coded units")
    if any(_without_height(strip) != _without_height(first) for strip in strips):
        raise ValueError("the strips are not alike")
    if int.from_bytes(first.frame[7:9]) != width or len(strips) != -(-height // rows):
        raise ValueError("the strips are not those of the page")
    frame = first.frame[:5] + height.to_bytes(2) + first.frame[7:]
    interval = b"\xff\xdd\x00\x04" + each.to_bytes(2) if len(strips) > 1 else b""
    joined = bytearray(_SOI + head + first.tables + frame + interval + first.scan + first.data)
    for number, strip in enumerate(strips[1:]):
        joined += bytes((0xFF, _RESTART + number % 8)) + strip.data
    return bytes(joined + _EOI)


def _parse(strip: bytes) -> _Strip:
    """Take a strip apart.

    Raises:
        ValueError: it is not a baseline JPEG with one scan, or it has restart markers of its own.
    """
    tables, frame = b"", b""
    for kind, segment, end in _segments(strip):
        if kind in _QUANTISATION_AND_HUFFMAN:
            tables += segment
        elif kind == _SOF0:
            frame = segment
        elif kind == _SOS:
            data = strip[end:].rstrip(b"\x00").removesuffix(_EOI)
            # Within coded data 0xFF is always followed by 0: anything else is a marker, of a restart or a second scan.
            if not frame or data.count(b"\xff") != data.count(b"\xff\x00"):
                break
            return _Strip(tables, frame, segment, data)
        elif kind not in range(0xE0, 0xF0) and kind != 0xFE:  # application data and comments say nothing here
            break
    raise ValueError("not a strip of the usual kind")


def _tables(stream: bytes) -> Iterator[bytes]:
    """The tables that all strips share."""
    for kind, segment, _ in _segments(stream):
        if kind in _QUANTISATION_AND_HUFFMAN:
            yield segment


def _segments(stream: bytes) -> Iterator[tuple[int, bytes, int]]:
    """The marker segments after SOI up to the coded data or the end: kind, the segment with its marker, its end."""
    place = len(_SOI)
    while place + 4 <= len(stream) and stream[place] == 0xFF:
        kind, end = stream[place + 1], place + 2 + int.from_bytes(stream[place + 2 : place + 4])
        yield kind, stream[place:end], end
        place = end


def _unit(frame: bytes) -> tuple[int, int]:
    """Pixels that a coded unit takes across and down: eight for each sample of the finest component."""
    samplings = [frame[11 + 3 * number] for number in range(frame[9])]
    if len(samplings) == 1:
        return 8, 8
    return 8 * max(value >> 4 for value in samplings), 8 * max(value & 15 for value in samplings)


def _without_height(strip: _Strip) -> tuple[bytes, bytes, bytes]:
    return strip.tables, strip.frame[:5] + strip.frame[7:], strip.scan
