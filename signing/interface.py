"""What the rest of khoso may know of signatures: the two acts of signing, and what a check found."""

from datetime import datetime
from typing import Literal, Protocol

from domain.readings import Frozen

Anchors = tuple[bytes, ...]
"""Root certificates in DER that signatures are traced back to."""

Role = Literal["copy", "seal", "other"]

COPY_FIELD = "SoHoa"
SEAL_FIELD = "CoQuan"
ROLES: dict[str, Role] = {COPY_FIELD: "copy", SEAL_FIELD: "seal"}


class SignatureVerdict(Frozen):
    """What the check of one signature found.

    ``sound``: the signature stands and nothing was done to the file against it, whoever signed.  ``intact``: the
    signed bytes are unchanged; ``valid``: the signature belongs to the certificate; ``trusted``: the certificate leads
    to an anchor and was in force.  ``changes`` names what was added to the file after the signature: NONE, LTA_UPDATES
    (time stamps), FORM_FILLING (further signatures) or OTHER.  ``timestamp`` is the time that a trusted time stamp
    proves, ``signed_at`` only what the signer claims.  ``problem`` is empty exactly when nothing is wrong.
    """

    field: str
    role: Role
    signer: str = ""
    sound: bool = False
    intact: bool = False
    valid: bool = False
    trusted: bool = False
    signed_at: datetime | None = None
    timestamp: datetime | None = None
    coverage: str = "UNCLEAR"
    changes: str = "OTHER"
    development_only: bool = False
    problem: str = ""


class Signers(Protocol):
    """The keys of one installation, open for work; usable from any thread."""

    @property
    def development_only(self) -> bool:
        """True when the signatures have no legal value."""
        ...

    def anchors(self) -> Anchors:
        """The roots that lead to these keys, for ``verify_pdf``."""
        ...

    def sign_copy(self, pdf: bytes, at: datetime) -> bytes:
        """The PDF signed by the digitiser (law L2.4), with an empty field left for the agency's seal."""
        ...

    def seal(self, pdf: bytes, at: datetime) -> bytes:
        """The copy sealed by the agency (law L4.3) and time-stamped; the digitiser has signed before (law L1.9)."""
        ...
