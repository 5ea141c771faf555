"""Opening a PDF as it came: passwords, attachments under lock, and a cross-reference table that is broken.

Whatever is done here is done to the copy; the vault keeps the file bit for bit.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf

from domain.errors import Refused
from domain.messages.told import Told, told
from files.durable import whole
from pipeline.errors import Unreadable, Unsupported

UNLOCKED = told("unlocked")
REPAIRED = told("repaired")
ATTACHMENTS = told("attachments_locked")
UNFINISHED = told("change_unfinished")

DAMAGED = "damaged: "  # what a decision says of a locked file, with why
DONE = {"": (), "repaired": (REPAIRED,), "unfinished": (UNFINISHED,)}  # or this, with what is told

_ENCRYPT = re.compile(rb"/Encrypt(?=\s+\d+\s+\d+\s+R)")
_HIDDEN = b"/EncrypX"  # as long, so that nothing moves
_REFERENCE = re.compile(rb"(?<![\d.])(\d{1,7})\s+(\d{1,5})\s+R\b")
_KIDS = re.compile(rb"/Kids\s*\[([^\]]*)\]")
_MOST_OBJECTS = 1_000_000
_START = re.compile(rb"startxref(?=\s+\d)")
_OBJECT = re.compile(rb"(?:(?<=[\r\n])|(?<=%%EOF))\d+\s+\d+\s+obj\b")
_FAR = 4096  # bytes before its end: readers look no further for where a file's table begins
_NEW_PAGE = re.compile(rb"(?<!\d)(\d+)\s+\d+\s+obj\b(?:(?!endobj).)*?/Type\s*/Page(?![A-Za-z])", re.DOTALL)
_WEIGHTY = re.compile(rb"/ByteRange|/Sig\b|/ObjStm\b")  # a signature, or objects that nobody sees
_FILTERS = {
    "/FlateDecode", "/LZWDecode", "/RunLengthDecode", "/ASCII85Decode", "/ASCIIHexDecode", "/DCTDecode", "/JPXDecode",
    "/JBIG2Decode", "/CCITTFaxDecode", "/Crypt", "/Fl", "/LZW", "/RL", "/A85", "/AHx", "/DCT", "/CCF",
}  # fmt: skip
_HANDLERS = {"/Standard", "/Adobe"}  # of protection: they stand where a filter stands
_PACKED = re.compile(rb"/Filter\s*\[?\s*(/[A-Za-z0-9]+)")
_DRAWN = ("/Contents", "/Resources", "/Annots")  # of a page, what shows


class Opened(NamedTuple):
    """An open PDF, and what had to be done to it; with remarks, the file itself cannot be worked on."""

    pdf: pikepdf.Pdf
    remarks: tuple[Told, ...]


@contextmanager
def open_pdf(scan: Path) -> Iterator[Opened]:
    """Open a PDF; one with a broken cross-reference table is repaired when every page of it is proven whole.

    Raises:
        Refused: it needs a password, is damaged, or is packed in a way that nothing here unpacks.
    """
    try:
        pdf = pikepdf.open(scan, attempt_recovery=False)
    except pikepdf.PasswordError:
        with _without_locked_attachments(scan) as opened:
            yield opened
        return
    except (pikepdf.PdfError, RuntimeError) as error:
        with _repaired(scan, library_message(error)) as opened:
            yield opened
        return
    with pdf:
        # An entry of the table that leads nowhere makes an object vanish, and perhaps a page look blank.
        broken = _broken_entries(pdf) or _followed(scan)
        if not broken:
            yield Opened(pdf, ())
            return
    with _repaired(scan, broken) as opened:
        yield opened


def check_filters(pdf: pikepdf.Pdf) -> None:
    """Refuse what is packed by a filter of a later PDF than 2.0, or of nobody's: it is not damaged.

    Raises:
        Unsupported: a page, or a picture on it, is packed so.
    """
    for number, page in enumerate(pdf.pages, 1):
        for stream in _drawn_streams(page):
            packed = stream.get("/Filter")
            names = map(str, packed if isinstance(packed, pikepdf.Array) else [packed] if packed is not None else ())
            if unknown := next((name for name in names if name not in _FILTERS), None):
                raise _packed_as(unknown, told("page_n", page=number))


def _drawn_streams(page: pikepdf.Page) -> Iterator[pikepdf.Stream]:
    """What a page draws: its orders, pictures and their masks, forms and patterns, with all that these draw."""
    contents = page.obj.get("/Contents")
    waiting: list[Any] = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    resources: list[Any] = [page.resources]
    seen: set[tuple[int, int]] = set()
    while waiting or resources:
        while resources:
            held = resources.pop()
            groups = [held.get(key) for key in ("/XObject", "/Pattern")] if isinstance(held, pikepdf.Dictionary) else []
            waiting += [item for group in groups if isinstance(group, pikepdf.Dictionary) for _, item in group.items()]
        stream = waiting.pop() if waiting else None
        if not isinstance(stream, pikepdf.Stream) or stream.objgen in seen:
            continue
        seen.add(stream.objgen)
        yield stream
        waiting += [stream.get("/SMask"), stream.get("/Mask")]
        resources.append(stream.get("/Resources"))


def _packed_as(name: str, what: Told) -> Unsupported:
    return Unsupported("packed_as", remedy="save_pdf17", what=what, name=name[1:])


def unlock(scan: Path, target: Path, passwords: Sequence[str]) -> str | None:
    """Write ``target``, the PDF without its protection, when it needs a password and one of these opens it.

    Tells what else had to be done to it, by a word of ``DONE``; None when nothing was written.

    Raises:
        Unreadable: a password opens it, and something that a page shows is gone.
    """
    try:
        with pikepdf.open(scan):
            return None
    except pikepdf.PasswordError:
        pass
    except (pikepdf.PdfError, RuntimeError):
        return None  # what is wrong with it is told by whoever opens it next
    for password in passwords:
        try:
            return _unlocked(scan, target, password)
        except pikepdf.PasswordError:
            continue
    return None


def _unlocked(scan: Path, target: Path, password: str) -> str:
    try:
        with pikepdf.open(scan, password=password, attempt_recovery=False) as pdf:
            broken = _broken_entries(pdf) or _followed(scan)
            if not broken:
                _save_plain(pdf, target)
                return ""
    except pikepdf.PasswordError:
        raise
    except (pikepdf.PdfError, RuntimeError) as error:
        broken = library_message(error)
    with _repaired(scan, broken, password) as opened:
        _save_plain(opened.pdf, target)
        return next(word for word, remarks in DONE.items() if remarks == opened.remarks)


def _save_plain(pdf: pikepdf.Pdf, target: Path) -> None:
    with whole(target) as file:
        pdf.save(
            file,
            encryption=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            compress_streams=False,
            deterministic_id=False,
        )


def library_message(error: Exception) -> str:
    """What the library says, without the name of our working copy."""
    return str(error).rsplit(":", 1)[-1].strip()


def _needs_password() -> Refused:
    return Refused("password_needed", reason="encrypted", remedy="give_password")


@contextmanager
def _without_locked_attachments(scan: Path) -> Iterator[Opened]:
    """A file whose pages are not encrypted opens, once it does not say that something in it is.

    Raises:
        Refused: its pages are.
    """
    content, hidden = _ENCRYPT.subn(_HIDDEN, scan.read_bytes())
    if not hidden:
        raise _needs_password() from None
    try:
        pdf = pikepdf.open(io.BytesIO(content), attempt_recovery=False)
    except (pikepdf.PdfError, RuntimeError):
        raise _needs_password() from None
    with pdf:
        lock: Any = pdf.trailer.get(_HIDDEN.decode())
        # Streams and strings are encrypted by the filters named here (ISO 32000-1, 7.6.5), by default by none.
        is_free = isinstance(lock, pikepdf.Dictionary) and int(lock.get("/V", 0)) >= 4
        if not is_free or any(str(lock.get(key, "/Identity")) != "/Identity" for key in ("/StmF", "/StrF")):
            raise _needs_password()
        del pdf.trailer[_HIDDEN.decode()]
        names = pdf.Root.get("/Names")
        if isinstance(names, pikepdf.Dictionary) and "/EmbeddedFiles" in names:
            del names["/EmbeddedFiles"]
        if "/AF" in pdf.Root:
            del pdf.Root["/AF"]
        yield Opened(pdf, (ATTACHMENTS,))


# Repair


def _broken_entries(pdf: pikepdf.Pdf) -> str:
    """What the library could not follow while it looked every object up; "" when all is in order."""
    try:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Object):
                item.is_indirect  # noqa: B018 (to look it up is what is wanted)
    except (pikepdf.PdfError, RuntimeError) as error:
        return library_message(error)
    warnings = [str(item) for item in pdf.get_warnings()]
    return library_message(ValueError(warnings[0])) if warnings else ""


def _behind(content: bytes) -> bytes:
    """From the first object on that follows the last place which tells where a table begins; empty when none does."""
    end = max((found.end() for found in _START.finditer(content)), default=len(content))
    begins = _OBJECT.search(content, end)
    return content[begins.start() :] if begins else b""


def _followed(scan: Path) -> Told | str:
    """What is wrong where objects follow the end of a file, which readers pass over; "" when none do."""
    with scan.open("rb") as file:
        file.seek(max(0, scan.stat().st_size - _FAR))
        return told("objects_follow") if _behind(file.read()) else ""


@contextmanager
def _repaired(scan: Path, what: Told | str, password: str = "") -> Iterator[Opened]:
    """The file with its objects found anew.

    Raises:
        Refused: it needs a password, ends too early, or something that a page shows is gone.
    """
    damaged = Unreadable("pdf_damaged", why=what)
    content = scan.read_bytes()
    if unknown := next((item for item in _PACKED.findall(content) if item.decode() not in _FILTERS | _HANDLERS), None):
        raise _packed_as(unknown.decode(), told("the_pdf")) from None
    try:
        with (_found_anew if _has_its_end(content) else _before_the_change)(content, password) as opened:
            yield opened
    except pikepdf.PasswordError:
        raise _needs_password() from None
    except _Lost as lost:
        raise Unreadable("pdf_damaged_twice", why=what, lost=lost.told) from None
    except (pikepdf.PdfError, RuntimeError):
        raise damaged from None


class _Lost(ValueError):
    """Something that a page shows is not in the file."""

    def __init__(self, lost: Told) -> None:
        super().__init__(lost)
        self.told = lost


@contextmanager
def _found_anew(content: bytes, password: str) -> Iterator[Opened]:
    """The file with all its objects, wherever it says that they begin.

    Raises:
        _Lost: something is gone.
        pikepdf.PdfError: it does not open.
    """
    if _behind(content):  # else the table of the older state would be believed
        content = _START.sub(b"startxreX", content)
    with _recovered(content, password) as pdf:
        lost = _lost(content, pdf, password)
        if lost:
            raise _Lost(lost)
        yield Opened(pdf, (REPAIRED,))


def _recovered(content: bytes, password: str) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content), suppress_warnings=True, password=password)


@contextmanager
def _before_the_change(content: bytes, password: str) -> Iterator[Opened]:
    """The file as it was before a change that has no end.

    Raises:
        _Lost: no change begins behind a sound file, or it may have brought a page or a signature.
        pikepdf.PdfError: it does not open.
    """
    change = _behind(content)
    if not change:
        raise _Lost(told("end_missing"))
    former = content.removesuffix(change)
    with pikepdf.open(io.BytesIO(former), attempt_recovery=False, password=password) as pdf:
        known = {item.objgen[0] for item in pdf.objects if isinstance(item, pikepdf.Object)}
        is_page_new = any(int(number) not in known for number in _NEW_PAGE.findall(change))
        if is_page_new or _WEIGHTY.search(change) or _broken_entries(pdf):
            raise _Lost(told("change_end_missing"))
        yield Opened(pdf, (UNFINISHED,))


def lists_lost_page(scan: Path, pdf: pikepdf.Pdf) -> bool:
    """Whether the tree of pages names a page that is not in the file."""
    texts = [scan.read_bytes(), *_packed_objects(pdf)]
    named = _references(kids for text in texts for kids in _KIDS.findall(text))
    return any(_is_nothing(pdf.get_object(reference)) for reference in named)


def _has_its_end(content: bytes) -> bool:
    """Whether no object was cut off: an end mark, or the table that is written last, follows the last one.

    A table is either written out, or is the last object itself (ISO 32000-1, 7.5.4 and 7.5.8).
    """
    last = content.rfind(b"endobj")
    tail = content[max(last, content.rfind(b"%%EOF"), 0) :]
    if re.search(rb"\d\s+\d+\s+obj\b", tail):
        return False
    is_table = b"/XRef" in content[content.rfind(b" obj", 0, max(last, 0)) : max(last, 0)]
    return tail.startswith(b"%%EOF") or is_table or re.search(rb"\bxref\s+\d+\s+\d", tail) is not None


def _lost(content: bytes, pdf: pikepdf.Pdf, password: str) -> Told | None:
    """What of the pages the repair could not bring back; None when every page is whole.

    The library takes a reference to an object that is gone for nothing at all.  So such objects are put in a second
    copy as a mark, and the pages are searched for it.
    """
    pages = {page.obj.objgen for page in pdf.pages}
    if not pages:
        return told("pages_gone")
    every = {item.objgen for item in pdf.objects if _is_page(item)}
    if every - pages:
        return told("pages_nowhere", count=len(every - pages))
    with _recovered(content, password) as copy:
        texts = [content, *_packed_objects(copy)]
        gone = {reference for reference in _references(texts) if _is_nothing(copy.get_object(reference))}
        # The library has taken what is gone out of the tree of pages already, and counted the others.
        if _references(kids for text in texts for kids in _KIDS.findall(text)) & gone:
            return told("page_gone")
        for lost in gone:
            copy._replace_object(lost, pikepdf.Dictionary(KhosoGone=True))  # noqa: SLF001 (pikepdf offers no other)
        for number, page in enumerate(copy.pages, 1):
            if "/Contents" not in page.obj or _shows_gone(page):
                return told("page_lacks", page=number)
    return None


def _is_nothing(item: Any) -> bool:
    return item is None or (isinstance(item, pikepdf.Object) and item._type_code == pikepdf.ObjectType.null)  # noqa: SLF001


def _is_page(item: Any) -> bool:
    return isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Page"


def _packed_objects(pdf: pikepdf.Pdf) -> Iterator[bytes]:
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream) and item.get("/Type") == "/ObjStm":
            yield item.read_bytes()


def _references(texts: Iterable[bytes]) -> set[tuple[int, int]]:
    """Every object that something in these texts refers to."""
    found = {(int(number), int(generation)) for text in texts for number, generation in _REFERENCE.findall(text)}
    return {item for item in found if 0 < item[0] < _MOST_OBJECTS}


def _shows_gone(page: pikepdf.Page) -> bool:
    """Whether anything that the page draws, at any depth, is a mark of what is gone."""
    waiting: list[Any] = [page.obj.get(key) for key in _DRAWN]
    waiting.append(page.resources)
    seen: set[tuple[int, int]] = set()
    while waiting:
        item = waiting.pop()
        if not isinstance(item, pikepdf.Object) or (item.is_indirect and item.objgen in seen):
            continue
        if item.is_indirect:
            seen.add(item.objgen)
        if isinstance(item, pikepdf.Array):
            waiting.extend(item)
        elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            if "/KhosoGone" in item:
                return True
            waiting.extend(item[key] for key in item.keys() if key not in {"/Parent", "/P", "/Popup", "/StructParent"})  # noqa: SIM118
    return False
