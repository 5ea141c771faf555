"""What proves a certificate: its path up to a root, and the issuers' word that nothing on it was revoked.

The word is OCSP where the certificate offers it, else a revocation list (RFC 6960, RFC 5280).  It is kept until shortly
before the issuer announces a new one, and never done without.
"""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko,pyhanko_certvalidator"

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from asn1crypto import crl, ocsp, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)

from domain import clock
from signing.errors import CertificateExpired, CertificateRevoked, RevocationAway, TimeStampUnusable
from signing.interface import Anchors
from signing.pades.store import Proof
from signing.pades.sync import run

if TYPE_CHECKING:
    from signing.pades.fetching import WholeAnswers

logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)  # it would log the signers' names

_MARGIN = timedelta(minutes=5)
_LONGEST = timedelta(hours=12)  # so that a revocation is noticed within half a day, however long the lists run
_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class RevocationEvidence:
    """The path of a certificate, root last, and that nothing on it was revoked; asked anew after ``until``."""

    path: tuple[x509.Certificate, ...]
    proof: Proof
    until: datetime


class Revocation:
    """Asks the issuers of certificates, and remembers what they said."""

    def __init__(self, roots: Anchors) -> None:
        """Trust these roots and no others."""
        self._roots = [x509.Certificate.load(root) for root in roots]
        self._kept: dict[bytes, RevocationEvidence] = {}
        self._stampers: dict[bytes, datetime] = {}

    def evidence(self, certificate: x509.Certificate, others: Iterable[x509.Certificate]) -> RevocationEvidence:
        """What proves a certificate now.

        Raises:
            RevocationAway: an issuer cannot be asked; later it may.
            CertificateRevoked, CertificateExpired: it is so.
            TimeStampUnusable: the certificate does not lead to a root that is trusted.
        """
        key, at = certificate.dump(), clock.now()
        held = self._kept.get(key)
        if held is None or held.until <= at:
            held = self._kept[key] = run(self._ask, certificate, tuple(others), at)
        return held

    def check_stamper(self, certificate: x509.Certificate, others: Iterable[x509.Certificate]) -> None:
        """See that a certificate may stamp time and leads to a root; its revocation is the matter of ``evidence``."""
        key, at = certificate.dump(), clock.now()
        if self._stampers.get(key, at) <= at:
            run(self._check_stamper, certificate, tuple(others), at)
            self._stampers[key] = min(certificate.not_valid_after, at + _LONGEST)

    async def _check_stamper(
        self, certificate: x509.Certificate, others: tuple[x509.Certificate, ...], at: datetime
    ) -> None:
        usage = certificate.extended_key_usage_value
        if (
            usage is None
            or usage.native != ["time_stamping"]
            or "extended_key_usage" not in certificate.critical_extensions
        ):
            raise TimeStampUnusable("not_for_stamps_alone", name=_name(certificate))
        context = ValidationContext(trust_roots=self._roots, moment=at, revocation_mode="soft-fail")
        await _validate(certificate, others, context)

    async def _ask(
        self, certificate: x509.Certificate, others: tuple[x509.Certificate, ...], at: datetime
    ) -> RevocationEvidence:
        import aiohttp  # noqa: PLC0415 (0.7 s, needed twice a day)
        from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend  # noqa: PLC0415

        from signing.pades.fetching import WholeAnswers  # noqa: PLC0415

        async with aiohttp.ClientSession() as session:
            whole: Any = WholeAnswers(session)  # the part of a session that fetchers use
            backend = AIOHttpFetcherBackend(whole, per_request_timeout=_TIMEOUT_S)
            context = ValidationContext(
                trust_roots=self._roots,
                moment=at,
                allow_fetching=True,
                revocation_mode="require",
                fetcher_backend=backend,
            )
            path = await _validate(certificate, others, context, whole)
            ocsps, crls = tuple(context.ocsps), tuple(context.crls)
        announced = [end for end in (*map(_next_ocsp, ocsps), *map(_next_crl, crls)) if end is not None]
        terms = [item.not_valid_after for item in path]
        until = min([at + _LONGEST, *terms, *(end - _MARGIN for end in announced)])
        return RevocationEvidence(path, Proof.of(path, ocsps, crls), until)


async def _validate(
    certificate: x509.Certificate,
    others: tuple[x509.Certificate, ...],
    context: ValidationContext,
    asked: "WholeAnswers | None" = None,
) -> tuple[x509.Certificate, ...]:
    """The path, root last; the library's errors become ours."""
    name = _name(certificate)
    try:
        path = await CertificateValidator(certificate, others, validation_context=context).async_validate_path()
    except InsufficientRevinfoError as error:
        raise _untold(name, asked) from error
    except RevokedError as error:
        raise CertificateRevoked("certificate_revoked", name=name) from error
    except (ExpiredError, NotYetValidError) as error:
        raise CertificateExpired("certificate_not_in_force", name=name) from error
    except (PathBuildingError, ValidationError) as error:
        raise TimeStampUnusable("root_not_trusted", name=name) from error
    except (ValueError, TypeError, LookupError, AttributeError) as error:  # asn1crypto reads an answer when it is used
        raise _untold(name, asked) from error
    return tuple(reversed(list(path.iter_certs(include_root=True))))


def _untold(name: str, asked: "WholeAnswers | None") -> RevocationAway:
    """Whose answer is lacking, by the addresses that the certificates name."""
    if asked is None or not asked.silent:
        return RevocationAway("revocation_untold", name=name)
    return RevocationAway("revocation_silent", name=name, hosts=asked.silent)


def _next_ocsp(response: ocsp.OCSPResponse) -> datetime | None:
    """When a new answer will be there."""
    ends = [item["next_update"].native for item in response.response_data["responses"]]
    return min((end for end in ends if end is not None), default=None)


def _next_crl(list_: crl.CertificateList) -> datetime | None:
    end: datetime | None = list_["tbs_cert_list"]["next_update"].native
    return end


def _name(certificate: x509.Certificate) -> str:
    """The common name; the whole subject may hold an identity number, which no message may show."""
    return str(certificate.subject.native.get("common_name", "an unnamed signer"))
