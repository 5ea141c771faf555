"""Make a sealed copy provable for as long as it is kept: levels B-LT and B-LTA (ETSI EN 319 142-1, 5.4 to 5.6).

An update adds the certificates of all signers and time stamps with the issuers' word that none was revoked (DSS), and,
for B-LTA, a document time stamp over everything.  Both are one update: the time stamp covers the DSS of its revision.
Nothing is given out before it stands the check; the file that was given stays as it is.
"""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date

import urllib3
from asn1crypto import cms, x509

from config.signing import SigningSettings
from domain import clock
from domain.levels import Level, is_below
from signing.errors import CannotSign, CertificateExpired, CertificateRevoked, SignatureBroken, TimeStampAway, TooLate
from signing.interface import Anchors, PdfSource, Provable, Strength
from signing.pades.check import SignedBy, Value, check_document_time_stamp, read_values, signer_of
from signing.pades.previous import bytes_of
from signing.pades.revocation import Revocation, RevocationEvidence
from signing.pades.store import add_to_store
from signing.pades.update import open_update, write_time_stamp, write_update
from signing.stamps.http import HttpTimeStamps

_FIELD = "DauThoiGian"  # dấu thời gian: the fields of document time stamps, numbered
_FAMILIES = {"rsa": "rsa", "rsassa_pss": "rsa", "ec": "ecdsa"}


class LongTerm:
    """Time stamp authorities and the issuers of certificates, open for work."""

    def __init__(self, time_stamps: HttpTimeStamps, revocation: Revocation) -> None:
        """Prove by these authorities."""
        self.time_stamps = time_stamps
        self._revocation = revocation

    def extend(self, pdf: PdfSource, level: Level) -> Provable:
        """The file at that level; unchanged when it is there already.

        Raises:
            TimeStampAway, RevocationAway: later it may be possible.
        """
        values, reached = _read(pdf)
        if not is_below(reached, level):
            return self._checked(bytes_of(pdf), reached, values[-1])
        signers = [signer for value in values for signer in _signers(value)]
        if level == "B-LTA":
            return self._stamped(pdf, len(values), signers)
        with open_update(pdf) as update:
            add_to_store(update, (item.proof for item in self._evidence(signers)))
            return Provable(write_update(update), level)

    def renew(self, pdf: PdfSource) -> Provable:
        """The file with a new document time stamp, and fresh proof for the certificate of the one before.

        Raises:
            TooLate: the newest time stamp proves nothing any more (pyHanko would stamp nevertheless).
            SignatureBroken: the file is not what was stamped.
            TimeStampAway, RevocationAway: later it may be possible.
        """
        values, reached = _read(pdf)
        if reached != "B-LTA":
            raise CannotSign("newest_no_stamp", remedy="only_lta_renewed")
        check_document_time_stamp(pdf)
        (signer,) = _signers(values[-1])
        ends: date = signer.certificate.not_valid_after.date()
        if signer.certificate.not_valid_after <= clock.now():
            raise TooLate("stamp_ended", ends=ends)
        try:
            return self._stamped(pdf, len(values), [signer])
        except (CertificateExpired, CertificateRevoked) as error:
            raise TooLate("too_late_because", why=error) from error

    def reach(self) -> Provable:
        """What a time stamp of now would rest on; no file is stamped.

        Raises:
            TimeStampAway, RevocationAway: later it may be known.
        """
        (evidence,) = self._evidence([self.time_stamps.stamper()])
        return _rests_on(b"", "B-LTA", evidence.path)

    def _stamped(self, pdf: PdfSource, number: int, signers: list[SignedBy]) -> Provable:
        """The file with proof for the signers and for the time stamp that covers it.

        The authority's certificate is proven before its token is there; when another authority had to step in, the
        update is made anew for that one.
        """
        for _ in range(self.time_stamps.number + 1):
            expected = self.time_stamps.stamper()
            evidence = self._evidence([*signers, expected])
            with open_update(pdf) as update:
                add_to_store(update, (item.proof for item in evidence))
                stamped = write_time_stamp(update, f"{_FIELD}{number}", self.time_stamps)
            if self.time_stamps.stamper().certificate.dump() == expected.certificate.dump():
                check_document_time_stamp(stamped, update.beginning)
                return _rests_on(stamped, "B-LTA", evidence[-1].path)
        raise TimeStampAway("authorities_take_turns")

    def _evidence(self, signers: Iterable[SignedBy]) -> list[RevocationEvidence]:
        """What proves the signers."""
        return [self._revocation.evidence(signer.certificate, signer.others) for signer in signers]

    def _checked(self, pdf: bytes, level: Level, newest: Value) -> Provable:
        """What is to be told of a file that is left as it is."""
        if level != "B-LTA":
            return Provable(pdf, level)
        (evidence,) = self._evidence(_signers(newest))
        return _rests_on(pdf, level, evidence.path)


def _read(pdf: PdfSource) -> tuple[list[Value], Level]:
    """The signatures, oldest first, and the level that they have reached."""
    values, has_store = read_values(pdf)
    if not values:
        raise CannotSign("no_signature_to_keep")
    if values[-1].is_document_time_stamp:
        return values, "B-LTA"
    if has_store:
        return values, "B-LT"
    return values, "B-T" if len(_signers(values[-1])) > 1 else "B-B"


def _signers(value: Value) -> list[SignedBy]:
    """Who signed, and who stamped the signature's time."""
    signed = value.signed
    tokens = [
        item["content"]
        for info in signed["signer_infos"]
        for attribute in info["unsigned_attrs"]
        if attribute["type"].native == "signature_time_stamp_token"
        for item in attribute["values"]
    ]
    return [_signer(item) for item in (signed, *tokens)]


def _signer(signed: cms.SignedData) -> SignedBy:
    signer = signer_of(signed)
    if signer is None:
        raise SignatureBroken("signer_certificate_missing")
    return signer


def _rests_on(pdf: bytes, level: Level, path: Iterable[x509.Certificate]) -> Provable:
    """What the newest time stamp rests on: terms of certificates, keys and digests."""
    certificates = list(path)
    keys = {
        Strength(_FAMILIES.get(item.public_key.algorithm, item.public_key.algorithm), item.public_key.bit_size)
        for item in certificates
    }
    return Provable(
        pdf,
        level,
        min(item.not_valid_after for item in certificates).astimezone(clock.VIETNAM).date(),
        (*sorted(keys), Strength("sha2", 256)),
    )


@contextmanager
def open_long_term(settings: SigningSettings, roots: Anchors) -> Iterator[LongTerm]:
    """The authorities that the settings name, with one connection to each that is kept."""
    with urllib3.PoolManager() as pool:
        revocation = Revocation(roots)
        yield LongTerm(HttpTimeStamps(settings.time_stamps, revocation, pool), revocation)


@contextmanager
def open_each(settings: SigningSettings, roots: Anchors) -> Iterator[list[LongTerm]]:
    """Each of the authorities by itself, as the settings name them."""
    with urllib3.PoolManager() as pool:
        revocation = Revocation(roots)
        yield [LongTerm(HttpTimeStamps((one,), revocation, pool), revocation) for one in settings.time_stamps]
