"""That a signed file is still PDF/A-2b (docs/decisions/0002).

pikepdf's checker takes longer than signing, and knows no forms, where signatures live.  So a file is checked whole
before it is signed; after that only what each signature added is looked at.  Its shape is what remains of it without
the things that differ from paper to paper and cannot break a rule: digests, times, places on the page, which letters of
an embedded font are drawn.  A shape that this process has not met is checked whole.
"""

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import pikepdf
from pikepdf import pdfa

from signing.errors import NotChecked, NotConforming, SignatureBroken
from signing.interface import PdfSource
from signing.pades.previous import Beginning, open_as_written

_ROOT = ("/AcroForm", "/Extensions", "/Version", "/DSS")  # where an update changes the catalogue
_FORM = frozenset({"/Fields", "/SigFlags"})  # PDF/A-2, 6.4.1 and 6.4.2: no NeedAppearances, no XFA
_WIDGET = frozenset({"/Type", "/Subtype", "/FT", "/T", "/V", "/F", "/Rect", "/P", "/AP"})  # 6.4.1: no A, no AA
_SIGNATURE = frozenset({"/Type", "/Filter", "/SubFilter", "/M", "/ByteRange", "/Contents"})
_STORE = frozenset({"/Certs", "/OCSPs", "/CRLs"})
_LIST = frozenset({"*"})  # of the form's fields, or of the page's annotations: it may grow
_NUMBERS = frozenset({"/W", "/BBox", "/FontBBox", "/Matrix"})  # told as they are written
_DEEPEST = 100  # of dictionaries within dictionaries: nobody writes half of it
_UNKNOWN_LETTER = "\ufffd"
_PDF_DATE = re.compile(r"D:\d{14}[+-]\d\d'\d\d'?")

ObjGen = tuple[int, int]
_proven: set[bytes] = set()  # shapes that this process has checked whole


def prove(file: Path | BinaryIO, *, draw_all_letters: bool = False) -> None:
    """Check a whole file, signed or not.

    Two things are asked: that the checker finds no violation in the file as it is, and that it approves the same file
    with the signature fields turned into plain stamps, which makes it check their fonts and appearances too.

    Raises:
        NotConforming: the file is not PDF/A-2b.
        NotChecked: it holds something that the checker does not know.
    """
    as_it_is = pdfa.validate_written(file, "2b")
    if as_it_is.verdict == "pass":
        return
    if as_it_is.violations:
        raise NotConforming("signed_not_pdfa", violation=as_it_is.violations[0])
    with _fields_as_stamps(file, draw_all_letters=draw_all_letters) as plain:
        without_form = pdfa.validate_written(plain, "2b")
    if without_form.violations:
        raise NotConforming("signed_not_pdfa", violation=without_form.violations[0])
    if without_form.verdict != "pass":
        raise NotChecked("signed_not_proven", finding=without_form.findings[0])


def prove_signature(before: PdfSource, signed: bytes) -> None:
    """Check what a signature, a document security store or a document time stamp added to a file that is proven.

    Raises:
        NotConforming: it changed something else, or what it added is not PDF/A-2b.
    """
    try:
        Beginning(before).check(signed)
    except SignatureBroken as error:
        raise NotConforming("signed_begins_other_file") from error
    with pikepdf.explicit_conversion(), open_as_written(before) as old, open_as_written(signed) as new:
        shape = _Shape(new, _kept(old, new)).digest
    if shape not in _proven:
        prove(io.BytesIO(signed), draw_all_letters=True)
        _proven.add(shape)


def _kept(old: pikepdf.Pdf, new: pikepdf.Pdf) -> set[ObjGen]:
    """The objects that an update left alone.

    Raises:
        NotConforming: it changed more than a signature does: the form, a page's list of annotations, an empty field.
    """
    form = old.Root.get("/AcroForm", pikepdf.Dictionary())
    fields, notes = form.get("/Fields", pikepdf.Array()), [_notes(page) for page in old.pages]
    free: dict[ObjGen, frozenset[str]] = {
        field.objgen: frozenset({"/V", "/AP"})
        for field in fields
        if field.get("/FT") == "/Sig" and "/V" not in field and "/Kids" not in field
    }
    free |= {
        old.Root.objgen: frozenset(_ROOT),
        form.objgen: _FORM,
        fields.objgen: _LIST,
    }
    free |= {page.obj.objgen: frozenset({"/Annots"}) for page in old.pages}
    free |= {listed.objgen: _LIST for listed in notes}
    if "/DSS" in old.Root:
        free[old.Root.DSS.objgen] = _STORE
    _check_store(old, new)
    kept = _where_it_was(old, new)
    there = new.get_xref_table().keys()
    for key in old.get_xref_table().keys() - kept:
        before, after = old.get_object(key), new.get_object(key) if key in there else None
        if _same(before, after):
            kept.add(key)
        elif not _same(before, after, free.get(key, frozenset())):
            raise NotConforming("signing_changed_object", object=key[0])
    form_now = new.Root.get("/AcroForm", pikepdf.Dictionary())
    lists = (form_now.get("/Fields", pikepdf.Array()), *map(_notes, new.pages))
    if len(lists) != len(notes) + 1:
        raise NotConforming("signing_changed_pages")
    for before, now in zip((fields, *notes), lists, strict=True):
        if [item.objgen for item in before] != [item.objgen for item in now][: len(before)]:
            raise NotConforming("signing_removed_field")
    if any(old.trailer.get(key) and old.trailer[key].objgen != new.trailer[key].objgen for key in ("/Root", "/Info")):
        raise NotConforming("signing_changed_trailer")
    return kept


def _where_it_was(old: pikepdf.Pdf, new: pikepdf.Pdf) -> set[ObjGen]:
    """The objects that stand in both files at one place; one file begins with the other, so they are the same bytes."""
    before, after = ({key: _place(entry) for key, entry in pdf.get_xref_table().items()} for pdf in (old, new))
    same = {key for key, place in before.items() if after.get(key) == place}
    return {key for key in same if not before[key][0] or (before[key][0], 0) in same}


def _place(entry: Any) -> tuple[int, int]:
    """Where an object begins: 0 and its offset in the file, or its object stream and its number there."""
    return (0, entry.offset) if entry.type == 1 else (entry.obj_stream_number, entry.obj_stream_index)


def _notes(page: pikepdf.Page) -> Any:
    return page.obj.get("/Annots", pikepdf.Array())


def _check_store(old: pikepdf.Pdf, new: pikepdf.Pdf) -> None:
    """See that the document security store only grows (ETSI EN 319 142-1, 5.4.2)."""
    before, after = (pdf.Root.get("/DSS", pikepdf.Dictionary()) for pdf in (old, new))
    for key in _STORE & before.keys():
        listed = [[item.objgen for item in store.get(key, pikepdf.Array())] for store in (before, after)]
        if listed[0] != listed[1][: len(listed[0])]:
            raise NotConforming("signing_removed_proof")


def _same(before: Any, after: Any, but: frozenset[str] = frozenset()) -> bool:
    """Whether an object is what it was, or differs only in some entries (in anything, for a list)."""
    if after is None:
        return False
    if isinstance(before, pikepdf.Stream) and isinstance(after, pikepdf.Stream):
        if not _equal(before.stream_dict, after.stream_dict):
            return False
        return bool(before.read_raw_bytes() == after.read_raw_bytes())
    if isinstance(before, pikepdf.Array) and but is _LIST:
        return True
    if isinstance(before, pikepdf.Dictionary) and but:
        before, after = (pikepdf.Dictionary({k: v for k, v in x.items() if k not in but}) for x in (before, after))
    return _equal(before, after)


def _equal(before: Any, after: Any, depth: int = 0) -> bool:
    """Whether two objects say the same: numbers by their value (0 and 0.0), what they refer to by its number.

    Texts by their letters, for a text of Latin letters that came in UTF-16 may be written in one byte a letter.
    """
    if depth and any(isinstance(item, pikepdf.Object) and item.is_indirect for item in (before, after)):
        return bool(_plain_reference(before) == _plain_reference(after))
    if depth > _DEEPEST:
        return False
    if isinstance(before, pikepdf.Array) and isinstance(after, pikepdf.Array):
        return len(before) == len(after) and all(
            _equal(one, other, depth + 1) for one, other in zip(before, after, strict=True)
        )
    if isinstance(before, pikepdf.Dictionary) and isinstance(after, pikepdf.Dictionary):
        return before.keys() == after.keys() and all(
            _equal(before[key], after[key], depth + 1) for key in sorted(before.keys())
        )
    written = [item.unparse(resolved=True) if isinstance(item, pikepdf.Object) else item for item in (before, after)]
    meanings = [_meaning(item) for item in (before, after)]
    return bool(written[0] == written[1] or (meanings[0] is not None and meanings[0] == meanings[1]))


def _meaning(item: Any) -> Decimal | str | None:
    """The number or the text that an object is; None: it is neither, or has letters that nobody knows."""
    if isinstance(item, pikepdf.String):
        text = str(item)
        return None if _UNKNOWN_LETTER in text else text
    if not isinstance(item, (pikepdf.Integer, pikepdf.Real)):
        return None
    return Decimal(item.unparse(resolved=True).decode())  # else a reference, where it is an object of its own


def _plain_reference(item: Any) -> object:
    return item.objgen if isinstance(item, pikepdf.Object) and item.is_indirect else None


class _Shape:
    """The description of what an update added."""

    def __init__(self, new: pikepdf.Pdf, kept: set[ObjGen]) -> None:
        self.kept = kept
        self.pages = {page.obj.objgen for page in new.pages}
        self.met: dict[ObjGen, int] = {}
        root = {key: new.Root[key] for key in _ROOT if key in new.Root and key != "/DSS"}
        notes = [self._added(_notes(page)) for page in new.pages]
        store = self._store(new.Root["/DSS"]) if "/DSS" in new.Root else ""
        text = str([sorted(new.trailer.keys()), self._entries(root, ""), [note for note in notes if note], store])
        self.digest = hashlib.sha256(text.encode()).digest()
        known = kept | self.met.keys() | self.pages | {new.Root.objgen}
        for key in new.get_xref_table().keys() - known:
            item = new.get_object(key)
            if not isinstance(item, pikepdf.Stream) or item.get("/Type") not in {"/XRef", "/ObjStm"}:
                raise NotConforming("signing_added_stray", object=key[0])

    def _described(self, value: Any, place: str) -> object:
        """What stands at an entry, with all that it refers to; an object met before is told by its number."""
        if isinstance(value, pikepdf.Object) and value.is_indirect:
            key = value.objgen
            if key in self.pages and place == "/P":
                return "a page"
            if key in self.kept and place in {"/AcroForm", "/Extensions", "/Fields", "/Annots"}:
                return "there before"
            if key in self.kept or key in self.pages:
                raise NotConforming("signing_refers_to_paper", object=key[0])
            if key in self.met:
                return self.met[key]
            self.met[key] = len(self.met)
        if isinstance(value, pikepdf.Stream):
            is_drawing = value.get("/Subtype") == "/Form"
            content: object = _drawing(value) if is_drawing else hashlib.sha256(value.read_raw_bytes()).hexdigest()
            entries = {key: item for key, item in value.stream_dict.items() if key != "/Length"}
            return [self._entries(entries, place), content]
        if isinstance(value, pikepdf.Dictionary):
            return self._entries(dict(value.items()), place)
        if isinstance(value, pikepdf.Array) and place not in _NUMBERS:
            return [self._described(item, place) for item in value.as_list()]
        return str(_plain(value))

    def _added(self, notes: Any) -> list[object]:
        """What a page's list of annotations has besides those that were there before."""
        self._meet(notes)
        return [self._described(note, "/Annots") for note in notes if note.objgen not in self.kept]

    def _store(self, store: Any) -> str:
        """The store is told as one word, once it holds nothing but plain streams, whatever and how many these are."""
        self._meet(store)
        for key, streams in store.items():
            if key != "/Type" and key not in _STORE:
                raise NotConforming("signing_added_to_store", key=key)
            if key == "/Type":
                continue
            self._meet(streams)
            for item in streams:
                if not isinstance(item, pikepdf.Stream) or not item.stream_dict.keys() <= {"/Length"}:
                    raise NotConforming("signing_added_no_stream")
                self._meet(item)
        return "a store"

    def _meet(self, value: Any) -> None:
        if value.is_indirect and value.objgen not in self.kept:
            self.met.setdefault(value.objgen, len(self.met))

    def _entries(self, entries: dict[str, Any], place: str) -> list[object]:
        allowed = _FORM if place == "/AcroForm" else _SIGNATURE if place == "/V" else None
        if entries.get("/Subtype") == "/Widget":
            allowed = _WIDGET
        if allowed is not None and not entries.keys() <= allowed:
            raise NotConforming("signing_added_entry", entry=min(entries.keys() - allowed))
        differing = _DIFFERING if place == "/V" or allowed is _WIDGET else {}
        return [
            (key, differing[key](item) if key in differing else self._described(item, key))
            for key, item in sorted(entries.items())
        ]


def _drawing(form: Any) -> list[object]:
    """The operations of a drawing; of text, only whether its font has all the letters."""
    orders: list[object] = []
    letters: frozenset[bytes] = frozenset()
    for operation in pikepdf.parse_content_stream(form):
        operator, operands = str(operation.operator), list(operation.operands)
        if operator == "Tf":
            letters = _letters(form.Resources.Font[operands[0]])
        drawn = bytes(operands[0]) if operator == "Tj" else b""
        codes = {drawn[place : place + 2] for place in range(0, len(drawn), 2)}
        is_text = bool(codes) and codes <= letters
        orders.append((operator, "text" if is_text else [_plain(item) for item in operands]))
    return orders


def _letters(font: Any) -> frozenset[bytes]:
    """The codes whose widths a font of two-byte codes states; none for another kind of font."""
    if font.get("/Encoding") != "/Identity-H":
        return frozenset()
    widths = font.DescendantFonts[0].W.as_list()
    return frozenset(
        (int(first) + place).to_bytes(2, "big")
        for first, group in zip(widths[::2], widths[1::2], strict=True)
        for place in range(len(group))
    )


def _plain(value: Any) -> object:
    return value.unparse() if isinstance(value, pikepdf.Object) else value


def _checked(what: str, is_right: Callable[[Any], bool]) -> Callable[[Any], str]:
    """Tells of a value only what it is, once it is seen that it is one."""

    def tell(value: Any) -> str:
        if not is_right(value):
            raise NotConforming("signing_added_none", what=what)
        return what

    return tell


def _box(value: Any) -> str:
    """A field without an appearance has no place (PDF/A-2, 6.3.3)."""
    left, bottom, right, top = (float(number) for number in value)
    if (left, bottom) == (right, top):
        return "no place"
    if left < right and bottom < top:
        return "a rectangle"
    raise NotConforming("added_odd_box")


_DIFFERING: dict[str, Callable[[Any], str]] = {
    "/Rect": _box,
    "/M": _checked("a date", lambda value: _PDF_DATE.fullmatch(str(value)) is not None),
    "/ByteRange": _checked(
        "a byte range", lambda value: len(value) == 4 and all(isinstance(item, pikepdf.Integer) for item in value)
    ),
    "/Contents": _checked("a signature", lambda value: isinstance(value, pikepdf.String)),
}
"""What differs from signature to signature; that the range and the signature are right is checked by ``signing``."""


@contextmanager
def _fields_as_stamps(file: Path | BinaryIO, *, draw_all_letters: bool) -> Iterator[BinaryIO]:
    with TemporaryFile() as plain, pikepdf.open(file) as pdf:
        for key in ("/AcroForm", "/Extensions", "/DSS"):  # the second names the PAdES sub-filter
            if key in pdf.Root:
                del pdf.Root[key]
        for page in pdf.pages:
            for widget in page.get("/Annots", ()):
                if widget.get("/Subtype") == "/Widget":
                    widget.Subtype = pikepdf.Name.Stamp
                    for key in ("/FT", "/T", "/V"):
                        if key in widget:
                            del widget[key]
                    if draw_all_letters and "/AP" in widget:
                        _draw_all_letters(widget.AP.N)
        pdf.save(plain, **pdfa.resolve_save_kwargs("2b"))
        plain.seek(0)
        yield plain


def _draw_all_letters(form: Any) -> None:
    """Add a line with every letter of every font, so that what is proven of them holds for any text."""
    fonts = form.get("/Resources", pikepdf.Dictionary()).get("/Font", pikepdf.Dictionary())
    lines = [f"BT {name} 1 Tf <{b''.join(sorted(_letters(font))).hex()}> Tj ET" for name, font in fonts.items()]
    form.write(form.read_bytes() + "\n".join(["", *lines]).encode())
