"""What was done to a file after it was signed, told in the words of ``Change``.

pyHanko judges an update by its objects; here the two states of the file are compared by what a reader shows of them,
with another library.  A change must pass both.  This also finds what pyHanko lets pass: an empty signature field with
a picture laid over the page, a field whose picture was swapped for another.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf

from signing.interface import FileChange

HARMLESS: frozenset[FileChange] = frozenset(
    {"time_stamps", "validation_data", "signatures", "technical", "form_filling", "evidence_removed"}
)
_UNREADABLE = (pikepdf.PdfError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
_BACKWARDS = frozenset({"/Parent", "/P", "/StructParent", "/StructParents", "/Popup"})  # no part of a thing's look
_PAGE = ("/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit")
_WIDGET = ("/Rect", "/AP", "/F", "/MK", "/DA", "/Q", "/OC", "/BS", "/DS", "/RV", "/MaxLen", "/Ff")
_PLACE = ("/Rect", "/F", "/OC")
_STATE = ("/AS",)  # which of its pictures a button shows
_ROOT = frozenset(  # compared by themselves, or showing nowhere
    {"/Type", "/Version", "/Extensions", "/Pages", "/AcroForm", "/DSS", "/Perms", "/OCProperties", "/Metadata"}
)
_EVIDENCE = ("/Certs", "/CRLs", "/OCSPs")
_END = re.compile(rb"%%EOF(\r\n|\r|\n)?")
_SEARCHED = 1024  # readers look for the end of a file in its last bytes (ISO 32000-1, Annex H, note 18)


def split_tail(pdf: bytes) -> tuple[bytes, bytes]:
    """The file up to the end of its last update, and what follows; a few bytes there stay with the file."""
    end = max((found.end() for found in _END.finditer(pdf)), default=len(pdf))
    return (pdf[:end], pdf[end:]) if len(pdf) - end >= _SEARCHED // 2 else (pdf, pdf[end:])


def has_appendix(pdf: bytes, tables: Iterable[int]) -> bool:
    """Whether something follows the end of the last update, given where each table of the file ends.

    A further end mark that points back to a table of before makes no update of it.
    """
    end = _END.search(pdf, max(tables))
    return end is not None and bool(pdf[end.end() :].strip())


def is_odd(pdf: bytes, byte_range: Iterable[Any], contents: bytes) -> bool:
    """Whether a signature leaves out other bytes than the hexadecimal string of its own value (ISO 32000-1, 12.8.1)."""
    try:
        first, before, after, rest = (int(number) for number in byte_range)
    except (TypeError, ValueError):
        return True
    gap = pdf[before:after]
    if first != 0 or not 0 < before < after or rest <= 0 or after + rest > len(pdf) or gap[:1] + gap[-1:] != b"<>":
        return True
    try:
        return bytes.fromhex(gap[1:-1].decode("ascii")) != contents
    except ValueError:
        return True


def updates(signed: bytes, now: bytes) -> set[FileChange]:
    """What the updates after a signature added to the file that was signed."""
    try:
        with (
            pikepdf.open(BytesIO(signed), attempt_recovery=False) as old,
            pikepdf.open(BytesIO(now), attempt_recovery=False) as new,
        ):
            return set(_differences(_State.of(old), _State.of(new)))
    except _UNREADABLE:
        return {"other"}


def later_pictures(signed: bytes, now: bytes) -> set[int]:
    """The pages, from 0, on which signatures after this one show a picture; none of a file that cannot be read."""
    try:
        with (
            pikepdf.open(BytesIO(signed), attempt_recovery=False) as before,
            pikepdf.open(BytesIO(now), attempt_recovery=False) as after,
        ):
            old, new = _State.of(before), _State.of(after)
            later = {
                field.widget.objgen
                for place, field in new.fields.items()
                if field.is_signature
                and field.value is not None
                and field.is_visible
                and (place not in old.fields or old.fields[place].value is None)
            }
            return {
                number
                for number, page in enumerate(new.pages)
                if any(note.objgen in later for note in page.get("/Annots", ()))
            }
    except _UNREADABLE:
        return set()


@dataclass(slots=True)
class _Field:
    """A field of the form or a part of one."""

    kind: Any
    value: Any
    widget: Any

    @property
    def is_signature(self) -> bool:
        return bool(self.kind == "/Sig")

    @property
    def is_button(self) -> bool:
        return bool(self.kind == "/Btn")

    @property
    def is_time_stamp(self) -> bool:
        return bool(self.value.get("/Type") == "/DocTimeStamp")

    @property
    def is_visible(self) -> bool:
        if "/Rect" not in self.widget or "/AP" not in self.widget:
            return False
        left, bottom, right, top = (float(number) for number in self.widget.Rect)
        return left != right and bottom != top


class _State:
    """One state of a file."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.root = pdf.Root
        self.form = pdf.Root.get("/AcroForm")
        self.pages = [page.obj for page in pdf.pages]
        self.fields: dict[str, _Field] = {}
        self._digests: dict[tuple[int, int], bytes] = {}

    @classmethod
    def of(cls, pdf: pikepdf.Pdf) -> "_State":
        state = cls(pdf)
        form = state.form
        for number, field in enumerate(form.get("/Fields", ()) if form is not None else ()):
            state._collect(field, f"{number}", None, None, set())
        return state

    def _collect(self, field: Any, place: str, kind: Any, value: Any, above: set[tuple[int, int]]) -> None:
        """Walk a field and its kids, which inherit /FT and /V (ISO 32000-1, 12.7.3.1); loops are cut."""
        if field.is_indirect and field.objgen in above:
            return
        kind, value = field.get("/FT", kind), field.get("/V", value)
        kids = field.get("/Kids", ())
        for number, kid in enumerate(kids):
            self._collect(kid, f"{place}.{number}", kind, value, above | {field.objgen})
        if not len(kids):
            self.fields[place] = _Field(kind, value, field)

    def look(self, thing: Any, keys: Iterable[str]) -> tuple[bytes, ...]:
        """Digests of those entries of a dictionary, with all that they refer to."""
        return tuple(self.digest(thing.get(key)) for key in keys)

    def digest(self, value: Any) -> bytes:
        """The digest of a value with all that it refers to; a reference back to what is being told is only named."""
        if not isinstance(value, pikepdf.Object):
            return hashlib.sha256(repr(value).encode()).digest()
        if not value.is_indirect:
            return hashlib.sha256(b"".join(self._canonical(value))).digest()
        if value.objgen not in self._digests:
            self._digests[value.objgen] = b"loop"
            self._digests[value.objgen] = hashlib.sha256(b"".join(self._canonical(value))).digest()
        return self._digests[value.objgen]

    def _canonical(self, value: Any) -> Iterator[bytes]:
        if isinstance(value, pikepdf.Stream):
            yield hashlib.sha256(value.read_raw_bytes()).digest()
        if isinstance(value, pikepdf.Stream | pikepdf.Dictionary):
            for key in sorted(set(value.keys()) - _BACKWARDS):
                yield key.encode() + b" " + self.digest(value[key])
        elif isinstance(value, pikepdf.Array):
            for item in value.as_list():
                yield self.digest(item)
        else:
            yield value.unparse(resolved=True)

    def page_look(self, page: Any) -> tuple[bytes, ...]:
        """What a page draws, with what it inherits (ISO 32000-1, 7.7.3.4)."""
        return tuple(self.digest(page.get(key, _inherited(page, key))) for key in _PAGE)

    def notes(self, page: Any) -> list[bytes]:
        """The annotations of a page that are no fields of the form."""
        fields = {field.widget.objgen for field in self.fields.values()}
        return [self.digest(note) for note in page.get("/Annots", ()) if note.objgen not in fields]


def _inherited(page: Any, key: str) -> Any:
    node = page.get("/Parent")
    for _ in range(64):  # deeper page trees are a loop
        if node is None or key in node:
            break
        node = node.get("/Parent")
    return None if node is None else node.get(key)


def _differences(old: _State, new: _State) -> Iterator[FileChange]:
    yield from _changed_fields(old, new)
    if _form_looks(old, new):
        yield "appearances"
    if [page.objgen for page in old.pages] != [page.objgen for page in new.pages]:
        yield "pages"
    for before, after in zip(old.pages, new.pages, strict=False):
        if old.page_look(before) != new.page_look(after):
            yield "content"
        if old.notes(before) != new.notes(after):
            yield "annotations"
    if old.look(old.root, ["/OCProperties"]) != new.look(new.root, ["/OCProperties"]):
        yield "content"  # layers shown or hidden
    if old.look(old.root, ["/DSS"]) != new.look(new.root, ["/DSS"]):
        yield "validation_data" if _evidence(old) <= _evidence(new) else "evidence_removed"
    others = sorted((set(old.root.keys()) | set(new.root.keys())) - _ROOT)
    if old.look(old.root, others) != new.look(new.root, others):
        yield "other"


def _form_looks(old: _State, new: _State) -> bool:
    """Whether fields with a text would be drawn otherwise: by another font of that name, or anew by each reader."""
    before, after = old.form, new.form
    if before is None or after is None or all(field.is_signature for field in old.fields.values()):
        return False
    if after.get("/NeedAppearances", False) and not before.get("/NeedAppearances", False):
        return True
    none: Any = {}
    was, now = before.get("/DR", none), after.get("/DR", none)
    return any(
        old.digest(thing) != new.digest(now.get(kind, none).get(name))
        for kind, things in was.items()
        if isinstance(things, pikepdf.Dictionary)
        for name, thing in things.items()
    ) or old.look(before, ["/DA", "/Q"]) != new.look(after, ["/DA", "/Q"])


def _evidence(state: _State) -> set[bytes]:
    """The certificates and lists of the document security store."""
    store: Any = state.root.get("/DSS", {})
    return {state.digest(item) for key in _EVIDENCE for item in store.get(key, ())}


def _changed_fields(old: _State, new: _State) -> Iterator[FileChange]:
    for place, now in new.fields.items():
        was = old.fields.get(place)
        if was is None or (now.is_signature and was.value is None):
            yield from _new_field(old, was, new, now)
        elif old.digest(was.value) != new.digest(now.value):
            yield "replaced" if now.is_signature else "form_filling"
            if old.look(was.widget, _PLACE) != new.look(now.widget, _PLACE):
                yield "appearances"
        elif old.look(was.widget, _WIDGET) != new.look(now.widget, _WIDGET):
            yield "appearances"
        elif old.look(was.widget, _STATE) != new.look(now.widget, _STATE):
            yield "form_filling" if now.is_button else "appearances"
    if old.fields.keys() - new.fields.keys():
        yield "replaced" if any(old.fields[place].value is not None for place in old.fields) else "other"


def _new_field(old: _State, was: _Field | None, new: _State, now: _Field) -> Iterator[FileChange]:
    """A field that was not there, or was an empty one for a signature."""
    if not now.is_signature:
        yield "annotations"
    elif now.value is not None:
        yield "time_stamps" if now.is_time_stamp else "signatures"
    elif now.is_visible and (was is None or old.look(was.widget, _WIDGET) != new.look(now.widget, _WIDGET)):
        yield "annotations"
