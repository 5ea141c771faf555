"""Every stream that a page draws, unpacked once to its full size.

Readers draw what they can of a stream that is cut off and say nothing: half a picture, or an empty page.  So each
stream that a page draws is unpacked here before anybody looks at the page: its contents, pictures with their masks,
inline pictures, forms, patterns, shadings, letters drawn by streams, fonts, and the looks of annotations and fields.
"""

import re
import zlib
from collections import Counter
from collections.abc import Collection, Hashable, Iterator
from itertools import zip_longest
from types import MappingProxyType
from typing import Any, NamedTuple

import pikepdf

from config.settings import RecognitionSettings
from domain.messages.told import Told
from pipeline.bounds.drawing import Weights, check_notes
from pipeline.scans.codings import (
    Fax,
    bomb,
    check_fax,
    check_jbig2,
    check_jpeg,
    check_jpx,
    check_pixels,
    lzw_length,
    runs_length,
)
from pipeline.scans.incomplete import ENDS, LACKS, Incomplete

_CHUNK = 1 << 20
_FLUSHED = b"\0\0\xff\xff"  # how Adobe Reader ends what it saves of a form, instead of with a last block
_BYTES_PER_PIXEL = 4
_LONG = {
    "/Fl": "/FlateDecode", "/LZW": "/LZWDecode", "/RL": "/RunLengthDecode", "/A85": "/ASCII85Decode",
    "/AHx": "/ASCIIHexDecode", "/DCT": "/DCTDecode", "/CCF": "/CCITTFaxDecode",
}  # fmt: skip
_CODINGS = {"/DCTDecode", "/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode"}
_NAME = re.compile(rb"/([^\x00\t\n\f\r ()<>\[\]{}/%]*)")
_DRAWN = re.compile(rb"/([^\x00\t\n\f\r ()<>\[\]{}/%]+)\s+Do(?![^\x00\s()<>\[\]/%])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_NUMBER = re.compile(r"\d+")
_INLINE = re.compile(rb"(?:^|\s)BI\s")
_COMPONENTS = {
    "/DeviceGray": 1, "/G": 1, "/CalGray": 1, "/Indexed": 1, "/I": 1, "/Separation": 1, "/DeviceRGB": 3, "/RGB": 3,
    "/CalRGB": 3, "/Lab": 3, "/DeviceCMYK": 4, "/CMYK": 4,
}  # fmt: skip
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


class _Drawn(NamedTuple):
    """A stream; ``is_picture``: its pixels tell how long it must be; else it must come to its end.

    ``spaces`` are the colour spaces that an inline picture may name; ``has_orders``: it is read as drawing orders.
    """

    stream: Any
    is_picture: bool
    spaces: Any = MappingProxyType({})
    has_orders: bool = False


class StreamCheck:
    """Checks the pages of one open PDF; what many pages draw is unpacked once."""

    def __init__(self, settings: RecognitionSettings) -> None:
        self._limit = settings.max_megapixels * 1_000_000
        self._weights = Weights(settings.max_drawing_mib)
        self._seen: set[tuple[int, int]] = set()
        self._lacks = False

    def page(self, page: pikepdf.Page) -> tuple[Told, ...]:
        """Unpack all that a page draws; return what is to be told of it: ``ENDS``, ``LACKS``.

        Raises:
            Incomplete: something ends too early, cannot be unpacked, or is not in the file.
            Refused: something unpacks to more than any page needs.
        """
        is_ended, self._lacks = True, False
        for drawn in self._walk(page):
            is_ended &= self._check(drawn)
        return (*(() if is_ended else (ENDS,)), *((LACKS,) if self._lacks else ()))

    # What a page draws

    def _walk(self, page: pikepdf.Page) -> Iterator[_Drawn]:
        resources = _dictionary(page.resources)
        orders = bytearray()
        _check_there(page.obj, {"/Contents"})
        for piece in _items(page.obj.get("/Contents")):
            yield from self._first(piece, has_orders=True)
            orders += piece.read_bytes() + b"\n"
            self._weights.weigh(page.obj.objgen, len(orders), ())
        yield from self._used(bytes(orders), resources, page.obj)
        notes = page.obj.get("/Annots", ())
        check_notes(len(notes))
        for note in notes:
            looks = _dictionary(_dictionary(note).get("/AP")).get("/N")
            for look in [looks] if isinstance(looks, pikepdf.Stream) else _dictionary(looks).values():
                if not isinstance(look, pikepdf.Dictionary):  # an empty one is how pdfTeX says that nothing is drawn
                    yield from self._form(look, resources)

    def _first(self, stream: Any, *, is_picture: bool = False, has_orders: bool = False) -> Iterator[_Drawn]:
        """The stream, when it was not looked at before."""
        if not isinstance(stream, pikepdf.Stream):
            raise Incomplete("lost_stream")
        if stream.objgen not in self._seen:
            self._seen.add(stream.objgen)
            yield _Drawn(stream, is_picture, has_orders=has_orders)

    def _used(self, orders: bytes, resources: Any, holder: Any) -> Iterator[_Drawn]:
        """What the drawing orders of their holder use of their resources: what they do not name is not drawn."""
        named = {_plain(name): times for name, times in Counter(found[1] for found in _NAME.finditer(orders)).items()}
        pictures = _dictionary(resources.get("/XObject"))
        drawn = {"/" + _plain(name) for name in {found[1] for found in _DRAWN.finditer(orders)}}
        _check_there(pictures, drawn)
        lacks = {name for name in drawn if name.isascii() and name not in pictures}
        if {_NUMBER.sub("", name) for name in lacks} & {_NUMBER.sub("", name) for name in drawn - lacks}:
            raise Incomplete("lost_in_row")
        self._lacks |= bool(lacks)
        draws: list[tuple[Hashable, int]] = []
        for kind, follow in (
            ("/XObject", self._object),
            ("/Pattern", self._pattern),
            ("/Shading", self._shading),
            ("/ExtGState", self._state),
            ("/Font", self._font),
        ):
            for name, item in _dictionary(resources.get(kind)).items():
                if name[1:] in named or not name.isascii():
                    yield from follow(item, resources)
                    draws.append((_drawn_by(item).objgen, named.get(name[1:], 1)))
        self._weights.weigh(holder.objgen, len(orders), draws)
        spaces = _dictionary(resources.get("/ColorSpace"))
        yield from (_Drawn(picture, is_picture=True, spaces=spaces) for picture in _inline(orders))

    def _object(self, item: Any, resources: Any) -> Iterator[_Drawn]:
        if _dictionary(item).get("/Subtype") == pikepdf.Name.Image:
            yield from self._first(item, is_picture=True)
            for mask in (item.get("/SMask"), item.get("/Mask")):
                if isinstance(mask, pikepdf.Stream):
                    yield from self._first(mask, is_picture=True)
        elif _dictionary(item).get("/Subtype") == pikepdf.Name.Form:
            yield from self._form(item, resources)

    def _form(self, form: Any, resources: Any) -> Iterator[_Drawn]:
        for drawn in self._first(form, has_orders=True):
            yield drawn
            own = form.get("/Resources")
            with self._weights.deeper():
                yield from self._used(form.read_bytes(), resources if own is None else _dictionary(own), form)

    def _pattern(self, pattern: Any, resources: Any) -> Iterator[_Drawn]:
        if isinstance(pattern, pikepdf.Stream):
            yield from self._form(pattern, resources)
        else:
            yield from self._shading(_dictionary(pattern).get("/Shading"), resources)

    def _shading(self, shading: Any, _resources: Any) -> Iterator[_Drawn]:
        if isinstance(shading, pikepdf.Stream):
            yield from self._first(shading)

    def _state(self, state: Any, resources: Any) -> Iterator[_Drawn]:
        group = _dictionary(_dictionary(state).get("/SMask")).get("/G")
        if isinstance(group, pikepdf.Stream):
            yield from self._form(group, resources)

    def _font(self, font: Any, resources: Any) -> Iterator[_Drawn]:
        font = _dictionary(font)
        letters = _dictionary(font.get("/CharProcs"))
        own = font.get("/Resources")
        for letter in letters.values():
            for drawn in self._first(letter, has_orders=True):
                yield drawn
                with self._weights.deeper():
                    yield from self._used(letter.read_bytes(), resources if own is None else _dictionary(own), letter)
        for item in (font, *_items(font.get("/DescendantFonts"))):
            descriptor = _dictionary(_dictionary(item).get("/FontDescriptor"))
            for name in _FONT_FILES:
                if (program := descriptor.get(name)) is not None:
                    yield from self._first(program)

    # Whether it is whole

    def _check(self, drawn: _Drawn) -> bool:
        described, data = _contents(drawn.stream)
        size = int(described.get("/Width", 0)), int(described.get("/Height", 0))
        if drawn.is_picture:
            check_pixels(size, self._limit)
        filters = _filters(described)
        most = self._weights.most if drawn.has_orders else self._limit * _BYTES_PER_PIXEL
        if drawn.is_picture and not filters and len(data) < (_needed(described, "", {}, drawn.spaces) or 0):
            raise Incomplete("picture_short")
        is_ended = True
        for number, (name, parms) in enumerate(filters, 1):
            is_last = number == len(filters)
            if drawn.is_picture and is_last and name in _CODINGS:
                is_ended &= self._picture(name, data, parms, size)
            else:
                needed = _needed(described, name, parms, drawn.spaces) if drawn.is_picture and is_last else None
                data, is_whole = _unpack(name, data, parms, _Wanted(needed, most, keep=not is_last))
                is_ended &= is_whole
        return is_ended

    def _picture(self, name: str, data: bytes, parms: Any, size: tuple[int, int]) -> bool:
        match name:
            case "/DCTDecode":
                return check_jpeg(data, self._limit)
            case "/JPXDecode":
                check_jpx(data, self._limit)
            case "/JBIG2Decode":
                check_jbig2(data, self._limit)
                if (shared := parms.get("/JBIG2Globals")) is not None:
                    self._check(_Drawn(shared, is_picture=False))
            case _:
                columns = int(parms.get("/Columns", 1728))
                check_pixels((columns, size[1]), self._limit)
                aligned, ends = bool(parms.get("/EncodedByteAlign")), bool(parms.get("/EndOfLine"))
                check_fax(data, (columns, size[1]), Fax(int(parms.get("/K", 0)), aligned=aligned, end_of_line=ends))
        return True


class _Wanted(NamedTuple):
    """What is wanted of unpacked data: so many bytes, where that is known, ``most`` at most; whether to keep them."""

    needed: int | None
    most: int
    keep: bool


def _unpack(name: str, data: bytes, parms: Any, wanted: _Wanted) -> tuple[bytes, bool]:
    """Undo a filter; the bytes themselves are kept for the next one only.  True: they had their end mark."""
    match name:
        case "/FlateDecode":
            return _inflate(data, wanted)
        case "/LZWDecode" | "/RunLengthDecode":
            return _expand(data, name, parms, wanted)
        case "/ASCII85Decode" | "/ASCIIHexDecode":
            is_ended = b">" in data[-8:]
            if not (is_ended or wanted.keep or wanted.needed is not None):  # else the next filter, or the size, tells
                raise Incomplete("text_end_missing")
            unpacked = _decoded(data, name, None)
            if wanted.needed is not None and len(unpacked) < wanted.needed:
                raise Incomplete("picture_short")
            return unpacked, is_ended
        case "/Crypt":
            return data, True
    raise Incomplete("packed_unknown", name=name[1:])


def _inflate(packed: bytes, wanted: _Wanted) -> tuple[bytes, bool]:
    """Unpack zlib data (RFC 1950); True: they have their checksum.

    Where the number of bytes is known it decides; else the last block must be there.
    """
    needed, most, keep = wanted
    if not packed and needed is None:
        return b"", True
    if len(packed) < 2 or packed[0] & 15 != 8 or int.from_bytes(packed[:2]) % 31:
        raise Incomplete("packed_spoilt")
    reader, rest, made, checksum, kept = zlib.decompressobj(-zlib.MAX_WBITS), packed[2:], 0, 1, []
    try:
        while not reader.eof and ((piece := reader.decompress(rest, _CHUNK)) or reader.unconsumed_tail):
            made, checksum = made + len(piece), zlib.adler32(piece, checksum)
            kept += [piece] if keep else []
            rest = reader.unconsumed_tail
            if made > most:
                raise bomb()
    except zlib.error:
        if needed is None or made < needed:
            raise Incomplete("packed_spoilt") from None
        return b"".join(kept), False
    if made < needed if needed is not None else not (reader.eof or packed.endswith(_FLUSHED)):
        raise Incomplete("packed_short")
    stated = reader.unused_data[:4]
    if reader.eof and len(stated) == 4 and int.from_bytes(stated) != checksum:
        raise Incomplete("packed_spoilt")
    return b"".join(kept), packed.endswith(_FLUSHED) or (reader.eof and len(stated) == 4)


def _expand(data: bytes, name: str, parms: Any, wanted: _Wanted) -> tuple[bytes, bool]:
    """Unpack what may grow a thousandfold: counted first, made only when something is made of it."""
    needed, most, keep = wanted
    early = int(parms.get("/EarlyChange", 1))
    made, is_ended = lzw_length(data, early, most) if name == "/LZWDecode" else runs_length(data, most)
    if made < needed if needed is not None else not is_ended:
        raise Incomplete("picture_short" if needed is not None else "packed_short")
    return (_decoded(data, name, parms) if keep else b""), is_ended


def _check_there(dictionary: Any, names: Collection[str]) -> None:
    """Find names that stand for nothing, mostly for an object that the file has lost.

    For readers that is the same as no entry (ISO 32000-1, 7.3.10), and the page looks empty.

    Raises:
        Incomplete: there are some.
    """
    if any(item is None and name in names for name, item in dictionary.items()):
        raise Incomplete("lost_drawn")


def _plain(name: bytes) -> str:
    return _ESCAPED.sub(lambda found: bytes((int(found[1], 16),)), name).decode("latin-1")


def _drawn_by(item: Any) -> Any:
    """What holds the drawing orders of a resource: the group of a mask, else the resource itself."""
    mask = _dictionary(_dictionary(item).get("/SMask"))
    return item if isinstance(item, pikepdf.Stream) else mask.get("/G", item)


def _dictionary(item: Any) -> Any:
    if isinstance(item, pikepdf.Stream):
        return item.stream_dict
    return item if isinstance(item, pikepdf.Dictionary) else {}


def _inline(orders: bytes) -> Iterator[pikepdf.PdfInlineImage]:
    """The pictures amid drawing orders.

    Raises:
        Incomplete: the orders cannot be read.
    """
    if not _INLINE.search(orders):
        return
    with pikepdf.new() as pdf:
        try:
            parsed = pikepdf.parse_content_stream(pikepdf.Stream(pdf, orders))
        except pikepdf.PdfError:
            raise Incomplete("orders_unreadable") from None
        for order in parsed:
            if isinstance(order, pikepdf.ContentStreamInlineImage):
                yield order.iimage
            elif str(order.operator) in {"BI", "ID"}:
                raise Incomplete("inline_cut_off")


def _contents(stream: Any) -> tuple[Any, bytes]:
    described = stream.obj if isinstance(stream, pikepdf.PdfInlineImage) else stream.stream_dict
    return described, stream.read_raw_bytes()


def _filters(described: Any) -> list[tuple[str, Any]]:
    """The filters of a stream in the order in which they are undone, each with its parameters."""
    names, parameters = _items(described.get("/Filter")), _items(described.get("/DecodeParms", described.get("/DP")))
    return [
        (_LONG.get(str(name), str(name)), _dictionary(parms))
        for name, parms in zip_longest(names, parameters[: len(names)])
    ]


def _items(item: Any) -> list[Any]:
    return list(item) if isinstance(item, pikepdf.Array) else [] if item is None else [item]


def _needed(described: Any, name: str, parms: Any, spaces: Any) -> int | None:
    """How many bytes the pixels of a picture take when it is unpacked, None where nothing tells."""
    width, height = int(described.get("/Width", 0)), int(described.get("/Height", 0))
    if name in {"/FlateDecode", "/LZWDecode"} and int(parms.get("/Predictor", 1)) >= 10:
        bits = int(parms.get("/Colors", 1)) * int(parms.get("/BitsPerComponent", 8))
        return height * (1 + (bits * int(parms.get("/Columns", 1)) + 7) // 8)
    if described.get("/ImageMask"):
        return height * ((width + 7) // 8)
    space = described.get("/ColorSpace")
    if isinstance(space, pikepdf.Name) and str(space) in spaces:
        space = spaces[str(space)]
    components = _components(space)
    bits = int(described.get("/BitsPerComponent", 8))
    return None if components is None else height * ((width * components * bits + 7) // 8)


def _components(space: Any) -> int | None:
    if not isinstance(space, pikepdf.Array):
        return _COMPONENTS.get(str(space))
    family = str(space[0])
    if family == "/ICCBased":
        return int(_dictionary(space[1]).get("/N", 0)) or None
    if family == "/DeviceN":
        return len(space[1])
    return _COMPONENTS.get(family)


def _decoded(data: bytes, name: str, parms: Any) -> bytes:
    with pikepdf.new() as pdf:
        stream = pikepdf.Stream(pdf, data)
        stream.Filter = pikepdf.Name(name)
        if parms:
            stream.DecodeParms = pikepdf.Dictionary({key: parms[key] for key in parms})
        try:
            return stream.read_bytes()
        except (pikepdf.PdfError, RuntimeError):
            raise Incomplete("packed_spoilt") from None
