"""Who signed a copy of ours, as its certificate names him; whether the signature stands is the matter of ``verify``."""

from pathlib import Path
from typing import Any

import pikepdf
from asn1crypto import cms

from signing.interface import COPY_FIELD

_UNREADABLE = (pikepdf.PdfError, OSError, ValueError, TypeError, LookupError, AttributeError)


def copier_of(pdf: Path) -> str:
    """The common name of who signed the copy; "" when it bears no such signature, or none that can be read."""
    try:
        with pikepdf.open(pdf) as opened:
            for field in opened.Root.AcroForm.Fields:  # ours have no parents
                if str(field.T) == COPY_FIELD and "/V" in field:
                    return _signer(bytes(field.V.Contents))
    except _UNREADABLE:
        return ""
    return ""


def _signer(contents: bytes) -> str:
    signed: Any = cms.ContentInfo.load(contents)["content"]
    sid = signed["signer_infos"][0]["sid"].chosen
    for item in signed["certificates"]:
        certificate = item.chosen
        if (certificate.issuer, certificate.serial_number) == (sid["issuer"], sid["serial_number"].native):
            return str(certificate.subject.native["common_name"])
    return ""
