"""Check the signatures of a PDF, our own and those of papers that came signed already.

Limits: nothing is fetched, so revocation is known only from what the file carries; seed values (ISO 32000-1, 12.7.4.5),
which tell a signer what to do, are not compared with what was done.
"""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import hashlib
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from asn1crypto import cms, pem, x509
from pyhanko.pdf_utils.misc import PdfReadError, PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.validation.generic_cms import (
    extract_certs_for_validation,
    extract_tst_data_iter,
    validate_sig_integrity,
)
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from config.signing import SigningSettings
from domain import clock
from domain.errors import NotValid
from domain.messages.told import Told, told
from signing.errors import KeysUnusable
from signing.interface import (
    ROLES,
    Anchors,
    CertificateFacts,
    FileChange,
    SignatureVerdict,
    Time,
    TimeStampFacts,
)
from signing.keys.kinds import DEVELOPMENT, key_anchors
from signing.keys.software import software_anchors
from signing.pades.sync import run
from signing.verification import changes
from signing.verification.agencies import NONE_KNOWN, KnownAgencies, holder_of
from signing.verification.covering import Covered, covered
from signing.verification.embedded import REMEDY, Bearing, bearings, read, short, visible
from signing.verification.hidden import hidden_in, in_unreadable
from signing.verification.lacking import authorities_without_stamp
from signing.verification.problems import oddities, problems, role_of
from signing.verification.trust import CertificateStanding, Evidence, Judge, signs_papers, stamps_time, weaknesses

# The verdict tells everything; pyHanko's log would only repeat the signers' names, which are personal data.
for vendor in ("pyhanko.sign.validation", "pyhanko.sign.diff_analysis", "pyhanko.pdf_utils", "pyhanko_certvalidator"):
    logging.getLogger(vendor).setLevel(logging.CRITICAL)

_KINDS = {
    "/Sig": {SigSeedSubFilter.ADOBE_PKCS7_DETACHED, SigSeedSubFilter.PADES, SigSeedSubFilter.PBAD_PADES},
    "/DocTimeStamp": {SigSeedSubFilter.ETSI_RFC3161},
}


def open_anchors(settings: SigningSettings) -> Anchors:
    """The roots that this installation trusts, its own and configured ones; private keys are not touched.

    Raises:
        KeysUnusable: a configured root cannot be read.
    """
    # without other authorities the time stamps come from the local one
    stamps = () if settings.time_stamps else software_anchors(settings)
    own = tuple(dict.fromkeys((*key_anchors(settings), *stamps)))
    return own if settings.roots is None else (*own, *_configured(settings.roots))


def _configured(folder: Path) -> Iterator[bytes]:
    try:
        for path in sorted(folder.iterdir()):
            content = path.read_bytes()
            found = [der for _, _, der in pem.unarmor(content, multiple=True)] if pem.detect(content) else [content]
            for der in found:
                yield x509.Certificate.load(der, strict=True).dump()
    except (OSError, ValueError) as error:
        raise KeysUnusable("roots_not_read", remedy="keep_certificates", folder=folder, error=short(error)) from None


def verify_pdf(
    pdf: bytes,
    anchors: Anchors,
    moment: datetime | None = None,
    *,
    draws: bool = True,
    known: KnownAgencies = NONE_KNOWN,
) -> tuple[SignatureVerdict, ...]:
    """Check every signature, oldest first; certificates are judged as of ``moment`` (default: now).

    A bad signature gives a bad verdict, and those that the file hides one more.  NotValid is raised only when the file
    cannot be read as a PDF at all, and no signature stands in its bytes.
    Without ``draws`` no page is drawn; what only a drawing would tell is then told as not known.
    ``known``: the agencies with which those who sealed are compared.
    """
    at = moment or clock.now()
    try:
        try:
            return run(_verdicts, pdf, anchors, at, strict=True, draws=draws, known=known)
        except PdfStrictReadError:  # papers from elsewhere need not keep every rule of syntax
            return run(_verdicts, pdf, anchors, at, strict=False, draws=draws, known=known)
    except NotValid:
        raise
    except Exception as error:
        if found := in_unreadable(pdf, short(error)):
            return found
        raise NotValid("no_pdf", remedy=REMEDY, error=short(error)) from error


async def _verdicts(
    pdf: bytes, anchors: Anchors, moment: datetime, *, strict: bool, draws: bool, known: KnownAgencies
) -> tuple[SignatureVerdict, ...]:
    """Judge the newest first: a document time stamp proves when all that it covers was there already."""
    body, tail = changes.split_tail(pdf)
    reader = read(body, strict=strict)
    found = bearings(reader)
    evidence = Evidence(reader)
    has_appendix = bool(tail.strip()) or changes.has_appendix(body, _tables(reader))
    stored, tokens = tuple(evidence.certificates), []
    for bearing in found:
        with suppress(ValueError, TypeError, LookupError):  # damaged: told by the verdict
            for signed in _signed_data(bearing):
                evidence.add(signed)
                if signed["encap_content_info"]["content_type"].native == "tst_info":
                    tokens.append(signed)
    gone = tuple(_name(item) for item in authorities_without_stamp(stored, tokens))
    check = _Check(reader, body, has_appendix, gone, draws, known, Judge.of(anchors, evidence, moment))
    judged = reversed([await check.one(bearing) for bearing in reversed(found)])
    return (*judged, *hidden_in(pdf, reader, found))


def _tables(reader: PdfFileReader) -> list[int]:
    """Where each table of the file ends."""
    count = reader.xrefs.total_revisions
    return [reader.xrefs.get_xref_container_info(number).end_location for number in range(count)]


def _signed_data(bearing: Bearing) -> Iterator[cms.SignedData]:
    """The CMS of a signature and of the time stamps in it."""
    if bearing.signature is not None:
        yield bearing.signature.signed_data
        yield from extract_tst_data_iter(bearing.signature.signer_info, signed=False)


@dataclass(frozen=True, slots=True)
class _Check:
    """One run over a file; ``proofs`` are the trusted document time stamps met so far, by revision.

    ``gone``: authorities of whose time stamps there is evidence, and none.
    """

    reader: PdfFileReader
    pdf: bytes
    has_appendix: bool
    gone: tuple[str, ...]
    draws: bool
    known: KnownAgencies
    judge: Judge
    proofs: list[tuple[int, TimeStampFacts]] = field(default_factory=list)

    async def one(self, bearing: Bearing) -> SignatureVerdict:
        error = bearing.error
        if bearing.signature is not None:
            try:
                return await self._judged(bearing, bearing.signature)
            except PdfStrictReadError:
                raise
            except Exception as caught:  # noqa: BLE001 - whatever a hostile signature brings about is its verdict
                error = caught
        problem = told("signature_not_checked", error=short(error))
        return SignatureVerdict(field=bearing.field, role=ROLES.get(bearing.field, "other"), told=problem)

    async def _judged(self, bearing: Bearing, signature: EmbeddedPdfSignature) -> SignatureVerdict:
        kind = _kind(signature)
        signature.compute_integrity_info()
        fault = _fault(signature, bearing)
        done, is_allowed, is_filled = self._changes(bearing, signature)
        certificate = signature.signer_cert
        later = [facts for revision, facts in self.proofs if revision > bearing.revision]
        stamp = await self._own_stamp(signature, [facts.at for facts in later])
        proofs = [*later, *([stamp] if stamp and stamp.intact and stamp.trust == "trusted" else [])]
        proof = min(proofs, key=lambda facts: facts.at, default=None)
        fits = stamps_time if kind == "time_stamp" else signs_papers
        standing = await self.judge.standing(certificate, fits, [facts.at for facts in proofs])
        if kind == "time_stamp":
            at = signature.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
            stamp = TimeStampFacts(at=at, authority=_name(certificate), intact=not fault, trust=standing.trust)
            if not fault and standing.trust == "trusted":
                proof = stamp
                if "uncovered" not in done:
                    self.proofs.append((bearing.revision, stamp))
        weak = _weak(signature, certificate, standing)
        holder = holder_of(certificate, self.known)
        names = (certificate.subject.native, certificate.issuer.native)
        claimed = _claimed(signature)
        time: Time = "proven" if proof else "doubtful" if stamp else "claimed" if claimed else "unknown"
        first, *further = (
            *problems(fault, done, time, standing, weak, is_allowed=is_allowed, is_filled=is_filled),
            *oddities(
                bearing.field,
                signature.pkcs7_content,
                holder,
                self._covered(signature, done),
                gone=() if kind == "time_stamp" or stamp or proof else self.gone,
            ),
        ) or (None,)
        return SignatureVerdict(
            field=bearing.field,
            role=role_of(bearing.field, holder),
            kind=kind,
            signer=_name(certificate),
            organisation=holder.organisation,
            agency=holder.agency and holder.agency.code,
            certificate=_facts(certificate),
            intact=not fault,
            changes=done,
            changes_allowed=is_allowed,
            time=time,
            signed_at=claimed,
            timestamp=proof.at if proof else None,
            time_stamp=proof or stamp,
            trust=standing.trust,
            revoked_at=standing.revoked_at,
            weak=weak,
            development_only=any(name.get("organizational_unit_name") == DEVELOPMENT for name in names),
            told=first,
            further=tuple(further),
        )

    def _changes(self, bearing: Bearing, signature: EmbeddedPdfSignature) -> tuple[tuple[FileChange, ...], bool, bool]:
        """What was done after signing; whether the signature stands for it; whether fields were filled unasked."""
        done: set[FileChange] = set()
        coverage: Any = signature.coverage
        result: Any = signature.diff_result
        if changes.is_odd(self.pdf, signature.byte_range, signature.pkcs7_content) or (
            coverage is None or coverage < SignatureCoverageLevel.ENTIRE_REVISION
        ):
            done.add("uncovered")
        if not bearing.is_shown:
            done.add("replaced")
        if self.has_appendix:
            done.add("appended")
        permission = signature.docmdp_level
        permitted = signature.summarise_integrity_info()["docmdp_ok"]
        is_updated = bearing.revision < self.reader.xrefs.total_revisions - 1
        if is_updated and "uncovered" not in done:
            *_, start, length = (int(number) for number in signature.byte_range)
            found = changes.updates(self.pdf[: start + length], self.pdf)
            is_strange = (
                not isinstance(result, DiffResult) or result.modification_level >= ModificationLevel.ANNOTATIONS
            )
            # What was written anew and is the same as before in all that it refers to is no change, nor is it more
            # than that where evidence alone is gone, which is told by itself.
            seen = found - {"evidence_removed"}
            if is_strange and seen <= changes.HARMLESS and (seen or permission is not None):
                found.add("other")
            if not seen and permission is None:
                permitted = True
            if self.judge.evidence.is_less_than(bearing.revision):  # what was put in since, and taken out again
                found.add("evidence_removed")
            done |= found or {"technical"}
        is_allowed = done <= changes.HARMLESS and permitted is not False
        is_filled = "form_filling" in done and permission not in {MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE}
        return tuple(sorted(done)), is_allowed, is_filled

    def _covered(self, signature: EmbeddedPdfSignature, done: tuple[FileChange, ...]) -> tuple[Covered, ...]:
        """How much of which page later signatures cover."""
        if "signatures" not in done:
            return ()
        *_, start, length = (int(number) for number in signature.byte_range)
        return covered(self.pdf[: start + length], self.pdf, draws=self.draws)

    async def _own_stamp(self, signature: EmbeddedPdfSignature, later: list[datetime]) -> TimeStampFacts | None:
        """The time stamp in the signature; of several a trusted one."""
        facts = None
        value = signature.signer_info["signature"].native
        for token in extract_tst_data_iter(signature.signer_info, signed=False):
            certificate = extract_certs_for_validation(token).signer_cert
            standing = await self.judge.standing(certificate, stamps_time, later)
            info = token["encap_content_info"]["content"].parsed
            facts = TimeStampFacts(
                at=info["gen_time"].native,
                authority=_name(certificate),
                intact=_stands(token, certificate) == (True, True) and _is_imprint(info, value),
                trust=standing.trust,
            )
            if facts.intact and facts.trust == "trusted":
                break
        return facts


def _kind(signature: EmbeddedPdfSignature) -> Any:
    """Which of the two kinds of signature this is.

    Raises:
        NotValid: it is encoded in a way that is none of theirs.
    """
    type_, encoding = str(signature.sig_object_type), signature.sig_object.get("/SubFilter")
    if encoding not in {kind.value for kind in _KINDS.get(type_, ())}:
        raise NotValid("signature_kind_unsupported", remedy="ask_sound_file", type=type_, encoding=encoding)
    return "time_stamp" if type_ == "/DocTimeStamp" else "signature"


def _fault(signature: EmbeddedPdfSignature, bearing: Bearing) -> Told | None:
    """What is wrong with the signature itself; None when it is intact."""
    if not bearing.is_own:
        return told("signature_of_another_field")
    certificate, content = signature.signer_cert, signature.signed_data["encap_content_info"]["content"]
    if signature.sig_object_type == "/DocTimeStamp":
        intact, valid = _stands(signature.signed_data, certificate)
        imprint = content.parsed["message_imprint"]["hashed_message"].native
        intact = intact and imprint == signature.compute_digest()
    elif content.native is not None:
        raise NotValid("signature_has_contents", remedy="ask_sound_file")  # RFC 5652, 5.2: then it is over these
    else:
        intact, valid = _stands(signature.signed_data, certificate, signature.compute_digest())
    if not intact:
        return told("signed_bytes_changed")
    return None if valid else told("signature_of_another_certificate")


def _stands(signed: cms.SignedData, certificate: x509.Certificate, digest: bytes | None = None) -> tuple[bool, bool]:
    """Whether the digest (default: of the content) is the one that was signed, and the certificate's key signed it."""
    (info,) = signed["signer_infos"]
    content = signed["encap_content_info"]
    if digest is None:
        digest = hashlib.new(info["digest_algorithm"]["algorithm"].native, bytes(content["content"])).digest()
    return validate_sig_integrity(info, certificate, content["content_type"].native, digest)


def _is_imprint(info: Any, value: bytes) -> bool:
    """Whether a time stamp is over this value."""
    imprint = info["message_imprint"]
    digest = hashlib.new(imprint["hash_algorithm"]["algorithm"].native, value).digest()
    return bool(imprint["hashed_message"].native == digest)


def _weak(
    signature: EmbeddedPdfSignature, certificate: x509.Certificate, standing: CertificateStanding
) -> tuple[str, ...]:
    found = weaknesses(signature.signed_data, certificate, standing.path)
    for token in extract_tst_data_iter(signature.signer_info, signed=False):
        authority = extract_certs_for_validation(token).signer_cert
        found += [f"time stamp, {item}" for item in weaknesses(token, authority, ())]
    return tuple(dict.fromkeys(found))


def _claimed(signature: EmbeddedPdfSignature) -> datetime | None:
    try:
        return signature.self_reported_timestamp
    except PdfReadError:  # no date
        return None


def _name(certificate: x509.Certificate) -> str:
    return visible(str(certificate.subject.native.get("common_name", certificate.subject.human_friendly)))


def _facts(certificate: x509.Certificate) -> CertificateFacts:
    issuer = certificate.issuer.native
    return CertificateFacts(
        serial=f"{certificate.serial_number:X}",
        issuer=visible(str(issuer.get("common_name", certificate.issuer.human_friendly))),
        not_before=certificate.not_valid_before,
        not_after=certificate.not_valid_after,
    )
