"""Another judge of long-term proof: pyHanko's AdES engine (ETSI EN 319 102-1, 5.6.3)."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko,pyhanko_certvalidator"

import asyncio
from datetime import datetime, tzinfo
from io import BytesIO

import pytest
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed, AdESSubIndic
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.policy_decl import PdfSignatureValidationSpec, SignatureValidationSpec
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv import ades_past, poe
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from signing.keys.credentials import as_asn1

OK = AdESPassed.OK


def judged(pdf: bytes, root: x509.Certificate, at: datetime, field: str = "CoQuan") -> AdESSubIndic:
    """What the engine says of a signature at a time; it may ask the issuers about the newest time stamp."""
    spec = PdfSignatureValidationSpec(
        SignatureValidationSpec(
            CertValidationPolicySpec(
                trust_manager=SimpleTrustManager.build(trust_roots=[as_asn1(root)]),
                revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
            )
        )
    )
    timing = ValidationTimingInfo(validation_time=at, best_signature_time=at, point_in_time_validation=False)

    async def judge() -> AdESSubIndic:
        signature = next(
            item for item in PdfFileReader(BytesIO(pdf)).embedded_regular_signatures if item.field_name == field
        )
        found = await ades.ades_lta_validation(signature, spec, timing_info=timing)
        return found.ades_subindic

    class Then(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Then":
            return cls.fromtimestamp(at.timestamp(), tz)

    with pytest.MonkeyPatch.context() as patch:  # parts of the engine ask the clock, whatever time they are told
        for module in (ades, ades_past, poe):
            patch.setattr(module, "datetime", Then)
        return asyncio.run(judge())
