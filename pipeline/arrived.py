"""Papers that arrive digitally signed: kept bit for bit, with what was found out about their signatures.

Whoever made the file signed it, and any change would break that (docs/decisions/0005): from ``prepare`` to ``archive``
the PDF of such a paper is the file as it came.  Its records hold the verdicts in ``signatures``.
"""

from collections.abc import Iterable

from domain.errors import NotValid
from domain.messages.told import Told, told
from domain.owners import mask_text
from pipeline.context import Context
from pipeline.errors import SignatureUnsound
from pipeline.records import PageFacts, Prepared, Received
from signing.interface import SignatureVerdict
from signing.verification.agencies import known_agencies
from signing.verification.fields import empty_fields
from signing.verification.verify import open_anchors, verify_pdf

_NOWHERE = "–"  # no field shows the signature


def keep_as_it_came(received: Received, facts: Iterable[PageFacts], ctx: Context) -> Prepared:
    """The signed file as its own only document, neither split nor relieved of blank pages.

    Raises:
        SignatureUnsound: a signature does not stand, or none can be read.
    """
    signatures = sound_signatures(received, ctx)
    empty = empty_fields(ctx.scan(received))
    lacking = (told("signature_fields_empty", places=tuple(map(mask_text, empty))),) if empty else ()
    pages = tuple(facts)
    return Prepared.after(
        received,
        pdf=ctx.take(received, "arrived.pdf", ctx.scan(received)),
        pages=len(pages),
        dpi=min((page.dpi for page in pages if page.dpi), default=0),
        remarks=(told("arrived_signed"), *lacking),
        facts=pages,
        signatures=signatures,
    )


def sound_signatures(received: Received, ctx: Context) -> tuple[SignatureVerdict, ...]:
    """The verdicts on the signatures with which a paper arrived.

    Raises:
        SignatureUnsound: a signature does not stand, or none can be read.  One that cannot be checked is a doubt.
    """
    content = ctx.scan(received).read_bytes()
    try:
        signing = ctx.settings.signing
        known = known_agencies(signing, ctx.settings.agency, ctx.catalogues.agencies)
        signatures = verify_pdf(content, open_anchors(signing), received.received_at, known=known)
    except NotValid as error:
        raise SignatureUnsound("signatures_not_checked", error=error) from None
    broken = [
        told("signature_in_field", place=verdict.field or _NOWHERE, problem=verdict.all_told)
        for verdict in (item.masked() for item in signatures)
        if verdict.broken
    ]
    if broken or not signatures:
        raise SignatureUnsound("signature_stands_not", broken=broken or told("no_signature_read"))
    return signatures


def doubts_of_signatures(record: Prepared) -> tuple[Told, ...]:
    """Signatures of which nothing is wrong, but whose makers nobody here vouches for, or which cannot be checked."""
    return tuple(
        told(
            "signature",
            place=verdict.field or _NOWHERE,
            signer=verdict.signer or told("unnamed_signer"),
            problem=verdict.all_told,
        )
        for verdict in (item.masked() for item in record.signatures)
        if verdict.problem
    )
