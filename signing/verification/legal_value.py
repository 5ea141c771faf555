"""Whether what a paper of ours bears are real signatures, as its own certificates say."""

from pathlib import Path
from typing import Any

import pikepdf
from asn1crypto import cms

from signing.interface import COPY_FIELD, SEAL_FIELD
from signing.keys.kinds import DEVELOPMENT

_UNREADABLE = (pikepdf.PdfError, OSError, ValueError, TypeError, LookupError, AttributeError)


def without_value(pdf: Path) -> dict[str, bool]:
    """Of each of our signatures, by its field, whether a certificate in it says that it has no legal value.

    Nothing is checked, and a signature that cannot be read is left out: that is the matter of ``verify``.  What time
    stamps say of themselves does not count: they are no signature of a person or an agency.
    """
    found: dict[str, bool] = {}
    if not pdf.is_file():  # a pipe has no end
        return found
    try:
        with pikepdf.open(pdf) as opened:
            for field in opened.Root.AcroForm.Fields:  # ours have no parents
                if str(field.T) in {COPY_FIELD, SEAL_FIELD} and "/V" in field:
                    found[str(field.T)] = _is_without(bytes(field.V.Contents))
    except _UNREADABLE:
        return found
    return found


def _is_without(contents: bytes) -> bool:
    signed: Any = cms.ContentInfo.load(contents)["content"]
    units = [item.chosen.subject.native.get("organizational_unit_name") for item in signed["certificates"]]
    return any(DEVELOPMENT in (unit if isinstance(unit, list) else [unit]) for unit in units)
