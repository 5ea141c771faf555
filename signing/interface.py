"""What the rest of khoso may know of signatures: the acts of signing and keeping proof, and what a check found."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, Self

from pydantic import ValidationError, model_validator

from config.models import SigningProfile
from domain.clock import Moment
from domain.levels import Level
from domain.messages.told import Told
from domain.owners import mask_text
from domain.record import Frozen

if TYPE_CHECKING:
    from signing.marks.ink import Heading, Ink

Anchors = tuple[bytes, ...]
"""Root certificates in DER that signatures are traced back to."""

SignatureRole = Literal["copy", "seal", "other"]

COPY_FIELD = "SoHoa"
SEAL_FIELD = "CoQuan"
ROLES: dict[str, SignatureRole] = {COPY_FIELD: "copy", SEAL_FIELD: "seal"}

Placement = Literal["in_corner", "moved", "over_ink", "with_name"]
"""The corner that the law names; the nearest free place; the place with the least ink, for none is free; a picture."""


class MarkPlace(Frozen):
    """Where a mark stands: its box in points, from the top left of the page as a reader shows it."""

    field: str
    page: int = 1
    left: float
    top: float
    width: float
    height: float
    state: Placement = "in_corner"


class NamePlace(NamedTuple):
    """Where a person's printed name stands: the page, its middle, its top, and the bottom of what is above it.

    Shares of the page's width and height as a reader shows it, from the top left.
    """

    page: int
    middle: float
    top: float
    above: float


FileChange = Literal[
    "time_stamps",
    "validation_data",
    "signatures",
    "technical",
    "form_filling",
    "evidence_removed",
    "annotations",
    "appearances",
    "pages",
    "content",
    "replaced",
    "uncovered",
    "appended",
    "other",
]
"""What happened to a file after a signature.

``time_stamps``, ``validation_data``, ``signatures`` (further ones) and ``technical`` (what shows nowhere) take nothing
from a signature; ``form_filling`` does where the signer did not allow it, and ``evidence_removed`` (entries of the
document security store are gone) takes what would prove it later.  ``annotations``: notes laid over a page, or
empty signature fields with a picture; ``appearances``: a field looks otherwise than when it was signed; ``pages``:
added, removed or moved; ``content``: a page draws something else; ``replaced``: the field shows another signature now,
or none; ``uncovered``: the signature leaves out other bytes than its own value, so that anything may stand there;
``appended``: bytes that are no update; ``other``: what none of these names.
"""

Time = Literal["proven", "doubtful", "claimed", "unknown"]
"""Proven by a trusted time stamp; stamped, but by nobody trusted; only claimed by the signer; not even that."""

Trust = Literal[
    "trusted", "unknown_issuer", "broken_chain", "wrong_use", "not_yet_valid", "expired", "revoked", "unchecked"
]
"""Whether a certificate leads to a configured anchor; ``unchecked``: no certificate could be read."""


Outcome = Literal["valid", "doubtful", "broken", "unsigned"]
"""Nothing is wrong; nothing is proven wrong, but something is not proven, trusted or checked; one does not stand; there
is none, or a time stamp alone, by which nobody signed."""


class CertificateFacts(Frozen):
    """A certificate as a verdict names it."""

    serial: str
    issuer: str
    not_before: Moment
    not_after: Moment


class TimeStampFacts(Frozen):
    """A time stamp over a signature, in it or over the whole file; ``intact``: it is over this very signature."""

    at: Moment
    authority: str
    intact: bool
    trust: Trust


class SignatureVerdict(Frozen):
    """Four answers about one signature, each for itself.

    1. ``intact``: the signed bytes are unchanged, and the key of the certificate made the signature; None: that cannot
       be checked here, and ``told`` says why.
    2. ``changes``: what was done to the file after signing; ``changes_allowed``: whether the signature stands for that,
       None where the first answer is.
    3. ``time``: whether the time of signing is proven.  ``timestamp`` is the proven time, ``signed_at`` only what the
       signer claims, ``time_stamp`` the stamp that was judged.
    4. ``trust``: what the configured anchors say of the certificate, at the proven time or else now.

    ``organisation`` is the one that the certificate names, "" for a person's; ``agency`` the identifier of the agency
    of settings or lists that it is, None for any other.

    Beside them, ``weak`` names algorithms that are too weak to rely upon (law L7.1).  ``sound``: the first two answers
    are good, whoever signed; ``broken``: one of them is bad, which what cannot be checked is not.  ``told`` is the
    gravest thing that is wrong, and None exactly when nothing is; ``problem`` is that in words.  ``further`` is what
    else is wrong, and ``problems`` all of it in words.  ``field`` is "" where no field shows the signature.
    """

    field: str
    role: SignatureRole
    kind: Literal["signature", "time_stamp"] = "signature"
    signer: str = ""
    organisation: str = ""
    agency: str | None = None
    certificate: CertificateFacts | None = None
    intact: bool | None = None
    changes: tuple[FileChange, ...] = ()
    changes_allowed: bool | None = None
    time: Time = "unknown"
    signed_at: Moment | None = None
    timestamp: Moment | None = None
    time_stamp: TimeStampFacts | None = None
    trust: Trust = "unchecked"
    revoked_at: Moment | None = None
    weak: tuple[str, ...] = ()
    development_only: bool = False
    told: Told | None = None
    further: tuple[Told, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _of_earlier(cls, data: Any) -> Any:
        """Releases before 0042 kept the problem as a sentence; until 0056 what could not be checked was not intact."""
        if not isinstance(data, Mapping):
            return data
        known = {name: value for name, value in data.items() if name != "problem"}
        if "problem" in data:
            known = {"told": data["problem"] or None, **known}
        if known.get("intact") is False and known.get("certificate", ...) is None:
            known |= {"intact": None, "changes_allowed": None}
        return known

    @property
    def problem(self) -> str:
        """What is wrong, in the language of this process."""
        return self.told.text() if self.told else ""

    @property
    def all_told(self) -> tuple[Told, ...]:
        """All that is wrong, the gravest first."""
        return (self.told, *self.further) if self.told else ()

    @property
    def problems(self) -> tuple[str, ...]:
        """The same in the language of this process."""
        return tuple(item.text() for item in self.all_told)

    @property
    def sound(self) -> bool:
        """Whether the signature stands and nothing was done to the file against it."""
        return bool(self.intact and self.changes_allowed)

    @property
    def broken(self) -> bool:
        """Whether it is proven that the signature does not stand, or that the file was changed against it."""
        return self.intact is False or self.changes_allowed is False

    @property
    def trusted(self) -> bool:
        """Whether the certificate leads to an anchor and was in force."""
        return self.trust == "trusted"

    def masked(self) -> Self:
        """The same without identity numbers (design law 7), wherever the signer or its authorities wrote them."""
        certificate, stamp = self.certificate, self.time_stamp
        changes = {
            "field": mask_text(self.field),
            "signer": mask_text(self.signer),
            "organisation": mask_text(self.organisation),
            "certificate": certificate and certificate.model_copy(update={"issuer": mask_text(certificate.issuer)}),
            "time_stamp": stamp and stamp.model_copy(update={"authority": mask_text(stamp.authority)}),
            "told": self.told and _masked(self.told),
            "further": tuple(map(_masked, self.further)),
        }
        return self.model_copy(update=changes)


def _masked(message: Told) -> Told:
    return message.changed(lambda item: mask_text(item) if isinstance(item, str) else item)


def read_verdicts(signatures: Iterable[Mapping[str, Any]]) -> tuple[list[SignatureVerdict], tuple[str, ...]]:
    """What a record tells of the signatures with which a paper came; and those of which it cannot be read any more."""
    verdicts, odd = [], []
    for number, item in enumerate(signatures):
        try:
            verdicts.append(SignatureVerdict.model_validate(item, extra="ignore"))
        except ValidationError:
            odd.append(f"signatures.{number}")
    return verdicts, tuple(odd)


def trust_of(signatures: Iterable[SignatureVerdict]) -> Literal["trusted", "untrusted"] | None:
    """What the catalogue says of a paper's own signatures; None for a paper that arrived without any."""
    problems = [bool(verdict.problem) for verdict in signatures]
    return ("untrusted" if any(problems) else "trusted") if problems else None


def lacks_seal(verdicts: Iterable[SignatureVerdict], empty: Collection[str]) -> bool:
    """Whether a copy was not sealed (law L4.3), or was cut back to before that: the field for it is empty."""
    return SEAL_FIELD in empty and any(verdict.role == "copy" for verdict in verdicts)


def outcome_of(verdicts: Iterable[SignatureVerdict], empty: Collection[str] = ()) -> Outcome:
    """What the signatures of a file come to together, and its ``empty`` signature fields: the worst of them counts."""
    found = list(verdicts)
    if any(verdict.broken for verdict in found):
        return "broken"
    if all(verdict.kind == "time_stamp" for verdict in found):
        return "unsigned"
    return "doubtful" if any(verdict.problem for verdict in found) or lacks_seal(found, empty) else "valid"


class Strength(NamedTuple):
    """A kind of key or digest with its size in bits: ``rsa`` 3072, ``ecdsa`` 256, ``sha2`` 256."""

    family: str
    bits: int


class Term(NamedTuple):
    """Whose certificate ends when."""

    name: str
    ends: datetime


PdfSource = bytes | Path
"""A PDF: its bytes, or the file itself, of which then no more is in memory than is being read."""


class Provable(NamedTuple):
    """A file, its level, and for B-LTA what its newest time stamp rests on: it must be renewed before that ends."""

    pdf: bytes
    level: Level
    certificates_end: date | None = None
    strengths: tuple[Strength, ...] = ()

    @property
    def sha256(self) -> str:
        """The digest of the file."""
        return hashlib.sha256(self.pdf).hexdigest()


class Signers(Protocol):
    """The keys of one installation, open for work; usable from any thread."""

    @property
    def development_only(self) -> bool:
        """True when the signatures have no legal value."""
        ...

    def anchors(self) -> Anchors:
        """The roots that lead to these keys, for ``verify_pdf``."""
        ...

    def get_ready(self) -> None:
        """Ask a person now for what many processes will need."""
        ...

    def terms(self) -> tuple[Term, ...]:
        """When the certificates of the keys, or of their issuers, end."""
        ...

    @property
    def person(self) -> str:
        """The name of who signs before the agency."""
        ...

    def place_marks(
        self,
        pdf: PdfSource,
        ink: "Ink | None",
        profile: SigningProfile | None = None,
        name: NamePlace | None = None,
        heading: "Heading" = (),
    ) -> tuple[MarkPlace, ...]:
        """Where the marks of both signatures stand: texts cover nothing (law section 10), pictures go with the name.

        ``heading``: what no text may cover, should there be no free place.
        """
        ...

    def sign_copy(
        self, pdf: PdfSource, at: datetime, places: Sequence[MarkPlace] = (), profile: SigningProfile | None = None
    ) -> bytes:
        """The PDF signed by the person, with an empty field left for the agency's seal (law L2.4).

        Without ``profile`` it is a desk copy; without ``places`` the marks stand in their corners.
        """
        ...

    def seal(self, pdf: PdfSource, at: datetime, level: Level = "B-T", profile: SigningProfile | None = None) -> bytes:
        """The copy sealed by the agency (law L4.3), time-stamped from B-T on; the person has signed (law L1.9)."""
        ...

    def extend(self, pdf: PdfSource, level: Level) -> Provable:
        """The sealed copy at a level; one that is at it already, or needs no more than the seal, is left as it is."""
        ...


class TimeStamps(Protocol):
    """An authority that stamps time."""

    @property
    def size(self) -> int:
        """No token has more bytes."""
        ...

    def token(self, digest: bytes) -> bytes:
        """The token for a SHA-256 digest, as the DER of its ContentInfo."""
        ...
