"""The signatures that a file bears, in any of its states.

A later update can hide a signature: it can empty its field, or fill it with another one.  So the fields are read as
they stood after every update, not only at the end.
"""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.misc import PdfReadError, PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from domain.errors import NotValid
from domain.owners import mask_text

REMEDY = "keep_and_ask"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})  # of Unicode: controls, formats, what is no character

_HOLDS = ("/V", "/UR3", "/UR")

FieldKey = tuple[str, object]


@dataclass(frozen=True, slots=True)
class Bearing:
    """A filled signature field: its signature, or why none can be read in it.

    ``is_shown``: the field still shows it, and no other object took its place.  ``is_own``: the field showed it when
    it was made, so that it was not borrowed from another field.
    """

    field: str
    revision: int
    signature: EmbeddedPdfSignature | None
    error: Exception | None = None
    is_shown: bool = True
    is_own: bool = True


def read(pdf: bytes, *, strict: bool) -> PdfFileReader:
    """Open the file; files whose tables name the packed objects apart (ISO 32000-1, 7.5.8.4) only leniently.

    Raises:
        NotValid: the file needs a password.
        PdfStrictReadError: it breaks a rule of syntax, and is read strictly.
    """
    reader = PdfFileReader(BytesIO(pdf), strict=strict)
    if strict and reader.xrefs.hybrid_xrefs_present:  # the library judges no signature in them strictly
        reader = PdfFileReader(BytesIO(pdf), strict=False)
    # A file that is only protected against changes opens with the empty password, and its signatures stand.
    if reader.encrypted and reader.decrypt("").status is AuthStatus.FAILED:
        raise NotValid("password_hides_signatures", remedy=REMEDY)
    return reader


def visible(text: str) -> str:
    """A stranger's text without signs that show nowhere: between the digits of a number they would hide it."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in _HIDDEN)


def short(error: Exception | None) -> str:
    """One line of a stranger's error; it may quote what it stopped at, so identity numbers in it are masked."""
    text = f"{type(error).__name__}: {error}".replace("\\x00", "")  # of text that has two or four bytes for a sign
    return mask_text(visible(text.splitlines()[0]))[:200]


def bearings(reader: PdfFileReader) -> list[Bearing]:
    """Every signature that a field shows or has shown, oldest first."""
    newest = reader.xrefs.total_revisions - 1
    states = [dict(_filled(reader.get_historical_resolver(number))) for number in range(newest)]
    states.append(dict(_filled(reader)))
    met: dict[FieldKey, int] = {}  # the last revision in which a field showed a signature
    for number, state in enumerate(states):
        met |= dict.fromkeys(state, number)
    found = [
        _bearing(reader, key[0], states[number][key], states, is_shown=number == newest) for key, number in met.items()
    ]
    return sorted(found, key=lambda item: item.revision)


def values(reader: PdfFileReader) -> Iterator[generic.DictionaryObject]:
    """The dictionary of every signature in any state: of filled fields, and of usage rights (ISO 32000-1, 12.8.2.3)."""
    for number in range(reader.xrefs.total_revisions):
        handler = reader.get_historical_resolver(number)
        if has_catalogue(handler):
            rights = _dictionary(handler.root, "/Perms")
            held = [*([rights] if rights else []), *(field for _, field in _filled(handler))]
            yield from (value for holder in held for key in _HOLDS if (value := _dictionary(holder, key)))


def _dictionary(holder: generic.DictionaryObject, key: str) -> generic.DictionaryObject | None:
    try:
        value = holder[key]
    except (KeyError, PdfReadError):  # not there, or a reference to nothing
        return None
    return value if isinstance(value, generic.DictionaryObject) else None


def has_catalogue(handler: PdfHandler) -> bool:
    """Whether a state of the file can be read from its catalogue on."""
    try:
        return isinstance(handler.root, generic.DictionaryObject)
    except (PdfReadError, KeyError, AssertionError):
        return False


def _filled(handler: PdfHandler) -> Iterator[tuple[FieldKey, generic.DictionaryObject]]:
    """The filled fields of a state; none of one that has no catalogue, as the first part of a linearised file."""
    if not has_catalogue(handler):
        return
    for name, _, reference in enumerate_sig_fields(handler, filled_status=True):
        field = reference.get_object()
        yield _key(str(name), field), field


def _key(name: str, field: generic.DictionaryObject) -> FieldKey:
    value = field.raw_get("/V") if "/V" in field else None
    reference = (value.idnum, value.generation) if isinstance(value, generic.IndirectObject) else None
    return name, reference


def _bearing(
    reader: PdfFileReader,
    name: str,
    field: generic.DictionaryObject,
    states: list[dict[FieldKey, generic.DictionaryObject]],
    *,
    is_shown: bool,
) -> Bearing:
    try:
        signature = EmbeddedPdfSignature(reader, field, name)
        reference = field.raw_get("/V").reference
        is_first = reader.xrefs.get_introducing_revision(reference) == signature.signed_revision
        while not has_catalogue(reader.get_historical_resolver(signature.signed_revision)):
            signature.signed_revision += 1  # the first part of a linearised file is no state of its own
    except PdfStrictReadError:  # read leniently, it may be sound
        raise
    except Exception as error:  # noqa: BLE001 - whatever a hostile signature brings about is its verdict
        return Bearing(name, len(states), None, error, is_shown)
    is_own = _key(name, field) in states[signature.signed_revision]
    return Bearing(name, signature.signed_revision, signature, None, is_shown and is_first, is_own)
