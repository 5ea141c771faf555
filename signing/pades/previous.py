"""The file that an update is added to, as bytes or where it lies: read once, by qpdf, and hashed once.

pyHanko's own reader takes a third of a signature's time, for it reads tables and pages in Python.  What an update looks
at is a handful of objects: qpdf reads them, strictly, and they are handed over as they are written.
"""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import parse_catalog_version
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.pdf_utils.xref import TrailerDictionary

from signing.errors import SignatureBroken
from signing.interface import PdfSource

_CHUNK = 1 << 20  # bytes
_TAIL = 1024  # bytes, in which a file says where its newest table is (ISO 32000-1, Annex H.3)
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF")


@contextmanager
def open_as_written(source: PdfSource) -> Iterator[pikepdf.Pdf]:
    """The PDF as it is written: nothing is repaired, and pages have what they say themselves.

    Raises:
        pikepdf.PdfError: it cannot be read so.
    """
    with pikepdf.open(
        BytesIO(source) if isinstance(source, bytes) else source,
        attempt_recovery=False,
        inherit_page_attributes=False,
        conversion_mode="explicit",
    ) as pdf:
        yield pdf


def bytes_of(source: PdfSource) -> bytes:
    """All bytes of a PDF."""
    return source if isinstance(source, bytes) else source.read_bytes()


class Beginning:
    """The bytes that an update is added to; hashed once, for all signatures that end in it or behind it."""

    def __init__(self, source: PdfSource) -> None:
        """Nothing is read yet."""
        self.source = source
        self.size = len(source) if isinstance(source, bytes) else source.stat().st_size
        self._hashed = [(0, hashlib.sha256())]  # how far, and the state then

    def digest(self, start: int, end: int, whole: bytes | memoryview | None = None) -> bytes:
        """The digest of this file, or of a whole that begins with it, without what lies between two places."""
        place = min(start, self.size)
        digest = self._up_to(place)
        if whole is None:
            for chunk in self._chunks(end):
                digest.update(chunk)
        else:
            digest.update(whole[place:start])
            digest.update(whole[end:])
        return digest.digest()

    def check(self, whole: bytes) -> None:
        """See that a file begins with this one.

        Raises:
            SignatureBroken: it does not.
        """
        place = 0
        for chunk in self._chunks():
            if not whole.startswith(chunk, place):
                raise SignatureBroken("signed_begins_otherwise")
            place += len(chunk)

    def at(self, place: int, number: int = _TAIL) -> bytes:
        """So many bytes from a place, which counts from the end when it is below 0."""
        first = place if place >= 0 else max(0, self.size + place)
        if isinstance(self.source, bytes):
            return self.source[first : first + number]
        with self.source.open("rb") as file:
            file.seek(first)
            return file.read(number)

    def _up_to(self, place: int) -> "hashlib._Hash":
        """The state of the digest at a place, from the nearest one before it that is known."""
        known, state = max((item for item in self._hashed if item[0] <= place), key=lambda item: item[0])
        if known < place:
            state = state.copy()
            for chunk in self._chunks(known, place):
                state.update(chunk)
            self._hashed.append((place, state))
        return state.copy()

    def _chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes | memoryview]:
        end = self.size if end is None else end
        if isinstance(self.source, bytes):
            yield self.source if (start, end) == (0, self.size) else memoryview(self.source)[start:end]
            return
        with self.source.open("rb") as file:
            file.seek(start)
            while start < end and (chunk := file.read(min(_CHUNK, end - start))):
                start += len(chunk)
                yield chunk


class Previous(PdfHandler):
    """What pyHanko's writer of updates asks its reader."""

    security_handler = None  # what is encrypted is not updated
    encrypted = False

    def __init__(self, pdf: pikepdf.Pdf, beginning: Beginning) -> None:
        """Read the trailer; the PDF is open as long as objects are asked for.

        Raises:
            PdfReadError: it is encrypted, or does not say where its table is.
        """
        found = _START.findall(beginning.at(-_TAIL))
        if pdf.is_encrypted or not found or beginning.at(0, 5) != b"%PDF-":
            raise PdfReadError("encrypted, or without its beginning or end")
        self._pdf = pdf
        self._beginning = beginning
        self._objects: dict[tuple[int, int], generic.PdfObject] = {}
        self.last_startxref = int(found[-1])
        self.has_xref_stream = beginning.at(self.last_startxref, 4) != b"xref"
        trailer = self._read(pdf.trailer, generic.TrailerReference(self))
        if not isinstance(trailer, generic.DictionaryObject):
            raise PdfReadError("without a trailer")
        highest = max(number for number, _ in pdf.get_xref_table())
        trailer[pdf_name("/Size")] = generic.NumberObject(max(trailer["/Size"], highest + 1))
        self.trailer = TrailerDictionary()
        self.trailer.add_trailer_revision(trailer)

    @cached_property
    def stream(self) -> BytesIO:
        """The file, to be written on."""
        return BytesIO(bytes_of(self._beginning.source))

    def close(self) -> None:
        """Let go of the file: pyHanko's objects refer to each other, and stay until Python looks for such circles."""
        if "stream" in vars(self):
            self.stream.close()

    @property
    def root_ref(self) -> generic.Reference:
        """The catalogue's number."""
        reference: generic.Reference = self.trailer.raw_get("/Root").reference
        return reference

    @cached_property
    def input_version(self) -> tuple[int, int]:
        """The version of PDF, as the catalogue or else the file's first line says."""
        major, minor = self._pdf.pdf_version.split(".")
        version: tuple[int, int] | None = parse_catalog_version(self.root.get("/Version", None))
        return version or (int(major), int(minor))

    def get_object(self, ref: generic.Reference, as_metadata_stream: bool = False) -> generic.PdfObject:  # noqa: ARG002
        """An object; the same each time, for it is changed in place."""
        key = ref.idnum, ref.generation
        if key not in self._objects:
            self._objects[key] = self._read(self._pdf.get_object(key), generic.Reference(*key, self))
        return self._objects[key]

    def page(self, index: int) -> generic.IndirectObject:
        """The page with this index."""
        return generic.IndirectObject(*self._pdf.pages[index].obj.objgen, self)

    def _read(self, item: pikepdf.Object, place: generic.Dereferenceable) -> generic.PdfObject:
        is_stream = isinstance(item, pikepdf.Stream)
        written = item.stream_dict if is_stream else item
        if isinstance(written, pikepdf.Dictionary) and "/ByteRange" in written:
            # pyHanko only asks whether a field is filled, and takes long to read the thousands of digits
            written = pikepdf.Dictionary({key: value for key, value in written.items() if key != "/Contents"})
        read = generic.read_object(BytesIO(written.unparse(resolved=True) + b" "), place)
        if is_stream and isinstance(read, generic.DictionaryObject):
            read = generic.StreamObject(dict(read.items()), encoded_data=item.read_raw_bytes())
        read.container_ref = place
        return read
