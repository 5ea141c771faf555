"""seal: the agency signs the coded copy (law L4.3)."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from config.models import SigningProfile
from domain.clock import now
from pipeline.context import Context
from pipeline.hands.hands import Hands, hands_to_seal, level_by
from pipeline.hands.keys import kept_apart
from pipeline.profiles import profile_of
from pipeline.records import Coded, Sealed
from pipeline.stages.sign import signed_by
from signing.errors import SignedByOthers
from signing.pades.conformance import prove_signature
from signing.verification.verify import open_anchors


def seal(coded: Coded, ctx: Context) -> Sealed:
    """Agency key and time stamp, mark top right (law L4.3); an incremental update only; still PDF/A-2b."""
    if coded.signatures:
        return Sealed.after(coded, sealed_pdf=coded.copy_pdf, sealed_at=None)
    profile = profile_of(coded, coded.description.type_code, ctx)
    hands, stays = hands_to_seal(coded, profile, ctx)
    if not (stays and coded.marks):  # an early release made the field of the seal in a box of its own
        coded = _signed_anew(coded, profile, hands, ctx)
    try:
        made = _sealed(coded, profile, hands, ctx)
    except SignedByOthers:  # the keys are others than when the person signed
        coded = _signed_anew(coded, profile, hands, ctx)
        made = _sealed(coded, profile, hands, ctx)
    prove_signature(made.copy, made.sealed)  # the copy is its beginning, too (design law 2)
    written = ctx.write(coded, "sealed.pdf", made.sealed)
    return Sealed.after(coded, sealed_pdf=written, sealed_at=made.at, sealed_by=hands.clerk, roots=made.roots)


class _Made(NamedTuple):
    """When the copy was sealed, the copy, what became of it, and the digests of the roots that are trusted then."""

    at: datetime
    copy: Path
    sealed: bytes
    roots: tuple[str, ...]


def _sealed(coded: Coded, profile: SigningProfile, hands: Hands, ctx: Context) -> _Made:
    at, copy = now(), ctx.file(coded, coded.copy_pdf)
    signers, level = hands.opened(ctx), level_by(coded, hands, ctx)
    roots = tuple(hashlib.sha256(root).hexdigest() for root in open_anchors(ctx.settings.signing))
    with kept_apart(hands.agency):
        return _Made(at, copy, signers.seal(copy, at, level, profile), roots)


def _signed_anew(coded: Coded, profile: SigningProfile, hands: Hands, ctx: Context) -> Coded:
    """The copy where a type or an agency that was not known when the person signed asks for others, or by other keys.

    It is made from the file before any signature, so the first copy, which nobody was given, leaves no trace in it.
    """
    made = signed_by(profile, coded, "copy-anew.pdf", hands, ctx)
    update = {
        "copy_pdf": made.file,
        "signed_at": made.at,
        "marks": made.marks,
        "signing": profile.id,
        "signed_by": hands.officer,
        "seal": hands.seal,
    }
    return coded.model_copy(update=update)
