"""An incremental update that adds a signature to a PDF (ISO 32000-1, 7.5.6 and 12.8)."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import cast

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, prepare_sig_field
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import (
    DocumentTimestamp,
    PdfByteRangeDigest,
    PdfSignedData,
    PreparedByteRangeDigest,
)

from domain.clock import VIETNAM
from signing.errors import CannotSign
from signing.interface import PdfSource, TimeStamps
from signing.marks.marks import VisiblePage
from signing.pades.cms import CmsSigner
from signing.pades.previous import Beginning, Previous, open_as_written

_DAMAGED = (  # what pyHanko lets through from a damaged file; zlib's error has no better base
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    NotImplementedError,
    AssertionError,
    RecursionError,
    zlib.error,
)


class Update(IncrementalPdfFileWriter):
    """An update that leaves the metadata alone; pyHanko's own notes itself there as producer, in Info and in XMP."""

    def __init__(self, previous: Previous, beginning: Beginning) -> None:
        """Begin an update of the file."""
        super().__init__(None, prev=cast(PdfFileReader, previous))  # the stream is read when it is written on
        self.previous = previous
        self.beginning = beginning

    def find_page_for_modification(self, page_ix: int) -> tuple[generic.IndirectObject, None]:
        """The page; pyHanko's way through the tree takes as long as the file has pages."""
        return self.previous.page(page_ix), None

    def _update_meta(self) -> None:
        pass


@contextmanager
def open_update(source: PdfSource) -> Iterator[Update]:
    """Open the file for an update; refusals of the libraries become errors that say what to do."""
    try:
        with open_as_written(source) as pdf:
            beginning = Beginning(source)
            with closing(Previous(pdf, beginning)) as previous:
                yield Update(previous, beginning)
    except (SigningError, PdfError) as error:
        raise CannotSign("not_signed", error=error) from error
    except (pikepdf.PdfError, *_DAMAGED) as error:
        raise CannotSign("document_damaged", kind=type(error).__name__, error=error) from error


@contextmanager
def open_geometry(source: PdfSource) -> Iterator[Callable[[int], VisiblePage]]:
    """The geometry of pages by their index, read without all that an update needs."""
    try:
        with open_as_written(source) as document:
            yield lambda index: VisiblePage.of(document.pages[index].obj)
    except (pikepdf.PdfError, *_DAMAGED) as error:
        raise CannotSign("document_damaged", kind=type(error).__name__, error=error) from error


def add_field(update: Update, field_spec: SigFieldSpec, appearance: generic.IndirectObject) -> None:
    """Make a field to be filled later; pyHanko's public way gives it an appearance of another form."""
    page, _ = update.find_page_for_modification(field_spec.on_page)
    name, box = field_spec.sig_field_name, field_spec.box
    _, field = prepare_sig_field(name, update.root, update, box=box, include_on_page=page)
    field.get_object()["/AP"] = generic.DictionaryObject({pdf_name("/N"): appearance})


class _Filled(PdfByteRangeDigest):
    """A signature value whose digest goes on from that of the file before the update."""

    def fill(self, writer: Update, *_: object, **__: object) -> Iterator[object]:  # type: ignore[override] # no other
        """Write the update, give its digest, take the CMS object and put it in (pyHanko's order of things)."""
        writer.digest_aware_write = True
        output = writer.prev.stream
        writer.write_in_place()  # type: ignore[no-untyped-call] # pyHanko's, without types
        start, end = self.contents.offsets
        self.byte_range.fill_offsets(output, start, end, output.tell())
        with output.getbuffer() as whole:
            prepared = PreparedByteRangeDigest(writer.beginning.digest(start, end, whole), start, end)
        signed = yield prepared, output
        yield prepared.fill_with_cms(output, signed)


class _Signature(_Filled, PdfSignedData):
    pass


class _TimeStamp(_Filled, DocumentTimestamp):
    def __init__(self, bytes_reserved: int) -> None:
        super().__init__(bytes_reserved)  # type: ignore[no-untyped-call] # pyHanko's, without types


def write_signature(
    update: Update,
    field: SigFieldSpec,
    signer: CmsSigner,
    at: datetime,
    time_stamps: TimeStamps | None = None,
    prepare: Callable[[generic.DictionaryObject], None] = lambda _: None,
) -> bytes:
    """The file with the field filled, or made and filled, as the last change; ``prepare`` changes its widget before."""
    embedding = PdfCMSEmbedder(field).write_cms(field.sig_field_name, update)
    prepare(next(embedding).get_object())
    update.register_extension(ESIC_EXTENSION_1)  # ISO 32000-1, 7.12: it does not know the PAdES sub-filter
    reserved = 2 * (signer.size + (time_stamps.size if time_stamps else 0))  # hexadecimal digits
    value = _Signature(pdf_name("/Sig"), SigSeedSubFilter.PADES, at.astimezone(VIETNAM), reserved)
    embedding.send(SigObjSetup(value))
    prepared, output = embedding.send(SigIOSetup("sha256", in_place=True))
    embedding.send(signer.sign(prepared.document_digest, time_stamps.token if time_stamps else None))
    signed: bytes = output.getvalue()
    return signed


def write_time_stamp(update: Update, field: str, time_stamps: TimeStamps) -> bytes:
    """The file with a document time stamp as the last change, in a field without a place on the page."""
    embedding = PdfCMSEmbedder(SigFieldSpec(field, on_page=0)).write_cms(field, update)
    next(embedding)
    update.register_extension(ESIC_EXTENSION_1)
    embedding.send(SigObjSetup(_TimeStamp(2 * time_stamps.size)))
    prepared, output = embedding.send(SigIOSetup("sha256", in_place=True))
    embedding.send(time_stamps.token(prepared.document_digest))
    stamped: bytes = output.getvalue()
    return stamped


def write_update(update: Update) -> bytes:
    """The file with what was put into the update."""
    update.write_in_place()  # type: ignore[no-untyped-call] # pyHanko's, without types
    return update.previous.stream.getvalue()
