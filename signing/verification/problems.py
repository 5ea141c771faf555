"""What is wrong with a signature, the gravest thing first: all of it is told."""

from collections.abc import Iterator, Sequence

from domain.clock import VIETNAM
from domain.messages.told import Told, told
from signing.interface import ROLES, FileChange, SignatureRole, Time
from signing.verification.agencies import Holder
from signing.verification.covering import Covered
from signing.verification.trust import CertificateStanding

_MUCH = 0.05  # of a page's ink: a signature may lie over the name that is typed below it
_LONG = 0x80  # of DER: the length is told by the bytes that follow
_GRAVEST: tuple[FileChange, ...] = (
    "uncovered", "replaced", "appended", "pages", "content", "annotations", "appearances", "other"
)  # fmt: skip


def problems(
    fault: Told | None,
    done: tuple[FileChange, ...],
    time: Time,
    standing: CertificateStanding,
    weak: tuple[str, ...],
    *,
    is_allowed: bool,
    is_filled: bool,
) -> Iterator[Told]:
    """All that is wrong, the gravest first."""
    trust = told(f"trust_{standing.trust}")
    if standing.revoked_at:
        trust = told("trust_revoked_on", day=f"{standing.revoked_at.astimezone(VIETNAM):%Y-%m-%d}")
    found = (
        *((change in done, told(f"changed_{change}")) for change in _GRAVEST),
        (not is_allowed and not set(done) & {*_GRAVEST}, told("changed_other")),
        (standing.trust != "trusted", trust),
        (time == "doubtful", told("time_stamp_untrusted")),
        (bool(weak), told("signature_weak", weak=weak)),
        (is_filled, told("form_filled_in")),
        ("evidence_removed" in done, told("changed_evidence_removed")),
    )
    if fault is not None:
        yield fault
    yield from (problem for wrong, problem in found if wrong)


def oddities(
    field: str, value: bytes, holder: Holder, covers: Sequence[Covered], *, gone: Sequence[str]
) -> Iterator[Told]:
    """What takes nothing from a signature, but was not to be expected.

    ``covers``: see ``covered``; ``gone``: authorities of whose time stamps there is evidence, and none here.
    """
    share, page = max(((item.share or 0.0, item.page) for item in covers), default=(0.0, 0))
    if share >= _MUCH:
        yield told("ink_covered_on", share=f"{share:.0%}", page=page)
    if undrawn := [item.page for item in covers if item.share is None]:
        yield told("ink_not_compared", pages=undrawn)
    if gone:
        yield told("time_stamp_gone", authorities=gone)
    if ROLES.get(field) == "seal" and not holder.organisation:
        yield told("seal_by_no_agency")
    if value[_length(value) :].strip(b"\0"):
        yield told("signature_padded")


def _length(der: bytes) -> int:
    """How many bytes the outermost DER value has with its head (X.690, 8.1.3); the rest is padding."""
    first = der[1]
    if first < _LONG:
        return 2 + first
    count = first - _LONG
    return 2 + count + int.from_bytes(der[2 : 2 + count], "big")


def role_of(field: str, holder: Holder) -> SignatureRole:
    """What a signature is here, by whose certificate it is: an organisation's in the seal's field, or a known agency's.

    No person's certificate makes an agency's seal, whatever the field is called.
    """
    role = ROLES.get(field, "other")
    if holder.agency is not None and role != "copy":
        return "seal"
    return "other" if role == "seal" and not holder.organisation else role
