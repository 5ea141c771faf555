"""Signatures that stand in the bytes of a file, and that no field of any of its states holds.

The end of a file tells where its newest state begins.  One that leads back to before a signature, or is cut off, makes
a file that shows none; whoever reads it learns that there was one.
"""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import re
from collections.abc import Iterable, Iterator

from pyhanko.pdf_utils.reader import PdfFileReader

from domain.messages.told import Told, told
from signing.interface import SignatureVerdict
from signing.verification.embedded import Bearing, values

_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,15})\s+(\d{1,15})\s+(\d{1,15})\s+(\d{1,15})\s*\]")
_VALUE = re.compile(rb"<[0-9A-Fa-f\s]{16}")
_CUT = re.compile(rb"/Contents\s*<[0-9A-Fa-f\s]{64,}\Z")

_Range = tuple[int, ...]


def hidden_in(pdf: bytes, reader: PdfFileReader, found: Iterable[Bearing]) -> tuple[SignatureVerdict, ...]:
    """One verdict on all the signatures that the file hides, beside those that were ``found``."""
    left = _in_bytes(pdf) - {_numbers(bearing.signature.byte_range) for bearing in found if bearing.signature}
    if left:  # else no state need be read again
        left -= {_numbers(value.get("/ByteRange", ())) for value in values(reader)}
    return (_verdict(told("signature_hidden")),) if left else ()


def in_unreadable(pdf: bytes, error: str) -> tuple[SignatureVerdict, ...]:
    """The same of a file that cannot be read: of what stands in its bytes nothing can be checked."""
    return (_verdict(told("signature_not_checked", error=error)),) if _in_bytes(pdf) else ()


def _verdict(problem: Told) -> SignatureVerdict:
    return SignatureVerdict(field="", role="other", told=problem)


def _in_bytes(pdf: bytes) -> set[_Range]:
    """Of each signature its range."""
    return set(_ranges(pdf))


def _ranges(pdf: bytes) -> Iterator[_Range]:
    """The ranges that leave out a value, whole or cut off by the end of the file.

    Those of a PDF that is embedded in this one count from its own beginning, and so leave out something else.
    """
    for found in _RANGE.finditer(pdf):
        first, before, after, rest = numbers = tuple(map(int, found.groups()))
        is_closed = pdf[after - 1 : after] == b">" if after <= len(pdf) else True
        if first == 0 and 0 < before < after and rest and is_closed and _VALUE.match(pdf, before):
            yield numbers
    if cut := _CUT.search(pdf):  # its range may stand behind the value, and be gone
        yield (cut.start(),)


def _numbers(byte_range: Iterable[object]) -> _Range:
    """A range as it is compared; none where it is no list of numbers."""
    try:
        return tuple(int(str(number)) for number in byte_range)
    except (TypeError, ValueError):
        return ()
