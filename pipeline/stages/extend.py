"""extend: the sealed copy gets the proof that outlives its certificates (levels B-LT and B-LTA)."""

from pipeline.context import Context
from pipeline.hands.hands import extended
from pipeline.profiles import due_date
from pipeline.records import Extended, Sealed
from signing.pades.conformance import prove_signature


def extend(sealed: Sealed, ctx: Context) -> Extended:
    """Proof for the long term as the type asks: certificates, revocation, archive time stamp; still PDF/A-2b."""
    if sealed.signatures:
        return Extended.after(sealed)
    before = ctx.file(sealed, sealed.sealed_pdf)
    given = extended(sealed, before, ctx)
    if len(given.pdf) == before.stat().st_size:  # what is added makes it longer
        return Extended.after(sealed, level=given.level, renewal_due=due_date(given, ctx.catalogues))
    prove_signature(before, given.pdf)
    return Extended.after(
        sealed,
        sealed_pdf=ctx.write(sealed, "extended.pdf", given.pdf),
        level=given.level,
        renewal_due=due_date(given, ctx.catalogues),
    )
