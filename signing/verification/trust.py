"""Whether certificates lead to the configured anchors, and which algorithms are too weak to rely upon.

Nothing is fetched: revocation is known from what the file itself carries (the document security store and the CMS).
An old list still revokes; that a certificate is on no list says only that the lists at hand do not name it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from asn1crypto import algos, cms, crl, ocsp, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko_certvalidator import ValidationContext, find_valid_path
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.policy_decl import (
    LEGACY_POLICY_MAP,
    AcceptAllAlgorithms,
    CertRevTrustPolicy,
    FreshnessReqType,
)

from signing.interface import Anchors, Trust
from signing.verification.embedded import has_catalogue

_Kept = TypeVar("_Kept", x509.Certificate, crl.CertificateList, ocsp.OCSPResponse)
Usage = Callable[[x509.Certificate], bool]

_NEVER_STALE = CertRevTrustPolicy(
    LEGACY_POLICY_MAP["soft-fail"],
    freshness=timedelta(days=365 * 200),
    freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
)
_WEAK_HASHES = {"md2": "MD2", "md5": "MD5", "sha1": "SHA-1"}
_KEYS = {"rsa": ("RSA", 2048), "rsassa_pss": ("RSA", 2048), "dsa": ("DSA", 2048), "ec": ("EC", 256)}  # law L7.1
_OTHER_PURPOSES = frozenset({"time_stamping", "ocsp_signing", "server_auth", "code_signing"})


def signs_papers(certificate: x509.Certificate) -> bool:
    """Whether a certificate is for signatures under documents (RFC 5280, 4.2.1.3 and 4.2.1.12; RFC 9336)."""
    usage, purposes = certificate.key_usage_value, certificate.extended_key_usage_value
    fits = usage is None or bool({"digital_signature", "non_repudiation"} & usage.native)
    return fits and (purposes is None or not _OTHER_PURPOSES.issuperset(purposes.native))


def stamps_time(certificate: x509.Certificate) -> bool:
    """Whether a certificate is for time stamps (RFC 3161, 2.3)."""
    purposes = certificate.extended_key_usage_value
    return purposes is not None and purposes.native == ["time_stamping"]


@dataclass(frozen=True, slots=True)
class CertificateStanding:
    """What the anchors say of a certificate; ``path`` is empty where none leads to an anchor."""

    trust: Trust
    revoked_at: datetime | None = None
    path: tuple[x509.Certificate, ...] = ()


class Evidence:
    """Certificates and revocation lists that a file carries; they help to judge, but are trusted for nothing."""

    def __init__(self, reader: PdfFileReader) -> None:
        """Collect the document security store, in every state it has had."""
        self.certificates: list[x509.Certificate] = []
        self.crls: list[crl.CertificateList] = []
        self.ocsps: list[ocsp.OCSPResponse] = []
        self._states: list[set[bytes]] = []
        revisions = (reader.get_historical_resolver(number) for number in range(reader.xrefs.total_revisions))
        for handler in revisions:
            certificates = list(filter(_is_readable, _store(handler, "/Certs", x509.Certificate)))
            crls = list(_store(handler, "/CRLs", crl.CertificateList))
            ocsps = list(_store(handler, "/OCSPs", ocsp.OCSPResponse))
            self.certificates += certificates
            self.crls += crls
            self.ocsps += ocsps
            self._states.append({item.dump() for item in (*certificates, *crls, *ocsps)})

    def is_less_than(self, revision: int) -> bool:
        """Whether the store lacks something now that it had in that state of the file, or in one since."""
        return any(state - self._states[-1] for state in self._states[revision:])

    def add(self, signed: cms.SignedData) -> None:
        """Take in what a CMS carries (RFC 5652, 5.1, and Adobe's attribute)."""
        for choice in signed["certificates"]:
            if isinstance(choice.chosen, x509.Certificate) and _is_readable(choice.chosen):
                self.certificates.append(choice.chosen)
        self.crls += [item.chosen for item in signed["crls"] if isinstance(item.chosen, crl.CertificateList)]
        (info,) = signed["signer_infos"]
        for attribute in info["signed_attrs"]:
            if attribute["type"].native == "adobe_revocation_info_archival":
                for value in attribute["values"]:
                    self.crls += list(value["crl"])
                    self.ocsps += list(value["ocsp"])


def _is_readable(certificate: x509.Certificate) -> bool:
    """Whether what others are looked up by can be read: a damaged certificate is evidence for none of them."""
    try:
        _ = (certificate.subject.hashable, certificate.issuer.hashable, certificate.issuer_serial, certificate.ca)
        _ = (certificate.key_identifier, certificate.extended_key_usage_value, certificate.public_key.algorithm)
    except (ValueError, TypeError, LookupError):
        return False
    return True


def _store(handler: PdfHandler, key: str, kind: type[_Kept]) -> Iterator[_Kept]:
    """The entries of the document security store (ISO 32000-2, 12.8.4.3); what is none is passed over."""
    try:
        entries = handler.root["/DSS"][key] if has_catalogue(handler) else ()
    except KeyError:
        return
    for entry in entries:
        try:
            yield kind.load(entry.get_object().data, strict=True)
        except (ValueError, TypeError, AttributeError):
            continue


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges certificates by anchors and evidence, as of a moment."""

    anchors: tuple[x509.Certificate, ...]
    evidence: Evidence
    moment: datetime

    @classmethod
    def of(cls, anchors: Anchors, evidence: Evidence, moment: datetime) -> "Judge":
        """A judge who trusts the anchors alone."""
        return cls(tuple(x509.Certificate.load(anchor) for anchor in anchors), evidence, moment)

    async def standing(
        self, certificate: x509.Certificate, fits: Usage, proven: Iterable[datetime]
    ) -> CertificateStanding:
        """The standing now; of a certificate that has ended since, at the first time its use is proven for.

        One that began after that time made nothing that was there before (ETSI EN 319 102-1, 5.5.4).
        """
        now = await self._at(certificate, fits, self.moment)
        earliest = min(proven, default=None)
        if earliest is None or now.trust not in {"trusted", "expired", "revoked"}:
            return now
        if earliest < certificate.not_valid_before:
            return CertificateStanding("not_yet_valid")
        if now.trust != "trusted":
            then = await self._at(certificate, fits, earliest)
            return then if then.trust == "trusted" else now
        return now

    async def _at(self, certificate: x509.Certificate, fits: Usage, moment: datetime) -> CertificateStanding:
        context = ValidationContext(
            trust_roots=list(self.anchors),
            other_certs=self.evidence.certificates,
            crls=self.evidence.crls,
            ocsps=self.evidence.ocsps,
            moment=moment,
            revinfo_policy=_NEVER_STALE,
            algorithm_usage_policy=AcceptAllAlgorithms(),  # weak ones are told by ``weaknesses``
        )
        try:
            path = await find_valid_path(
                certificate, context.path_builder.async_build_paths_lazy(certificate), validation_context=context
            )
        except (PathBuildingError, InvalidCertificateError):  # the second: it issued itself
            return CertificateStanding("unknown_issuer")
        except ExpiredError:
            return CertificateStanding("expired")
        except NotYetValidError:
            return CertificateStanding("not_yet_valid")
        except RevokedError as error:
            return CertificateStanding("revoked", error.revocation_dt)
        except ValidationError:
            return CertificateStanding("broken_chain")
        return CertificateStanding(
            "trusted" if fits(certificate) else "wrong_use", path=tuple(path.iter_certs(include_root=False))
        )


def weaknesses(signed: cms.SignedData, certificate: x509.Certificate, path: Iterable[x509.Certificate]) -> list[str]:
    """What in a signature is too weak: digests, the length of its key, the signatures on its certificates."""
    (info,) = signed["signer_infos"]
    hashes = [info["digest_algorithm"]["algorithm"].native, _hash_of(info["signature_algorithm"])]
    content = signed["encap_content_info"]
    if content["content_type"].native == "tst_info":  # what a time stamp is over (RFC 3161, 2.4.2)
        hashes.append(content["content"].parsed["message_imprint"]["hash_algorithm"]["algorithm"].native)
    found = [f"signature: {_WEAK_HASHES[name]}" for name in dict.fromkeys(hashes) if name in _WEAK_HASHES]
    for item in dict.fromkeys((certificate, *path)):
        whose = "certificate" if item == certificate else "issuing certificate"
        key = item.public_key
        algorithm, least = _KEYS.get(key.algorithm, (key.algorithm, 0))
        if least and key.bit_size < least:
            found.append(f"{whose}: {algorithm}-{key.bit_size}")
        name = _hash_of(item["signature_algorithm"])
        if name in _WEAK_HASHES:
            found.append(f"{whose}: {_WEAK_HASHES[name]}")
    return found


def _hash_of(algorithm: algos.SignedDigestAlgorithm) -> str:
    try:
        return str(algorithm.hash_algo)
    except ValueError:  # of algorithms without a digest of their own
        return ""
