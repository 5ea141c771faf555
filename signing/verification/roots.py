"""The root certificates that a file of ours carries; whether they are to be trusted is told by who asks for them."""

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path

from asn1crypto import cms, x509

from signing.errors import SignatureBroken
from signing.interface import Anchors
from signing.pades.check import read_values


def roots_within(pdf: Path, digests: Collection[str]) -> Anchors:
    """Those of the certificates in its signatures, and in the time stamps within them, that have these SHA-256."""
    try:
        found = dict.fromkeys(
            item.dump() for value in read_values(pdf.read_bytes())[0] for item in _within(value.signed)
        )
    except (SignatureBroken, ValueError, TypeError, LookupError, AttributeError):
        return ()  # told by who checks its signatures
    return tuple(der for der in found if hashlib.sha256(der).hexdigest() in digests)


def _within(signed: cms.SignedData) -> Iterator[x509.Certificate]:
    yield from (item.chosen for item in signed["certificates"] if item.name == "certificate")
    for info in signed["signer_infos"]:
        for attribute in info["unsigned_attrs"]:
            if attribute["type"].native == "signature_time_stamp_token":
                yield from _within(attribute["values"][0]["content"])
