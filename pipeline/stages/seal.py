"""seal: the agency signs the coded copy (law L4.3)."""

from datetime import datetime

from config.models import SigningProfile
from domain.clock import now
from pipeline.context import Context
from pipeline.profiles import level_of, profile_of
from pipeline.records import Coded, Sealed
from pipeline.stages.sign import signed_by
from signing.errors import SignedByOthers
from signing.pades.conformance import prove_signature


def seal(coded: Coded, ctx: Context) -> Sealed:
    """Agency key and time stamp, mark top right (law L4.3); an incremental update only; still PDF/A-2b."""
    if coded.signatures:
        return Sealed.after(coded, sealed_pdf=coded.copy_pdf, sealed_at=None)
    profile = profile_of(coded, coded.description.type_code, ctx)
    if profile.id != coded.signing:
        coded = _signed_anew(coded, profile, ctx)
    try:
        at, copy, sealed = _sealed(coded, profile, ctx)
    except SignedByOthers:  # the keys are others than when the person signed
        coded = _signed_anew(coded, profile, ctx)
        at, copy, sealed = _sealed(coded, profile, ctx)
    prove_signature(copy, sealed)  # the copy is its beginning, too (design law 2)
    return Sealed.after(coded, sealed_pdf=ctx.write(coded, "sealed.pdf", sealed), sealed_at=at)


def _sealed(coded: Coded, profile: SigningProfile, ctx: Context) -> tuple[datetime, bytes, bytes]:
    """When the copy is sealed, the copy, and what becomes of it."""
    at, copy = now(), ctx.file(coded, coded.copy_pdf).read_bytes()
    return at, copy, ctx.signers.seal(copy, at, level_of(coded, ctx), profile)


def _signed_anew(coded: Coded, profile: SigningProfile, ctx: Context) -> Coded:
    """The copy for a type that was not known when the person signed, and asks for another profile, or by other keys.

    It is made from the file before any signature, so the first copy, which nobody was given, leaves no trace in it.
    """
    made = signed_by(profile, coded, "copy-anew.pdf", ctx)
    update = {"copy_pdf": made.file, "signed_at": made.at, "marks": made.marks, "signing": profile.id}
    return coded.model_copy(update=update)
