"""An authority of its own for the tests of verification: whatever certificate a test needs, and signatures."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko,pyhanko_certvalidator"

import inspect
from datetime import datetime, timedelta
from io import BytesIO

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from domain.clock import now
from signing.interface import Anchors
from signing.keys.credentials import PrivateKey

START = now().replace(microsecond=0)
DAY = timedelta(days=1)


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """A fresh RSA key."""
    return rsa.generate_private_key(65537, bits)


class Issuer:
    """A root and what it issues."""

    def __init__(self, name: str = "Cơ quan chứng thực thử") -> None:
        self.name = _name(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.root = self._issue(self.name, self._key.public_key(), is_authority=True)
        self.anchors: Anchors = (self.root.public_bytes(serialization.Encoding.DER),)
        key = rsa_key()
        stamps = self._issue(_name("Dấu thời gian thử"), key.public_key(), 3650 * DAY, is_timestamper=True)
        self._stamps = (_asn1(stamps), _asn1_key(key))

    def certificate(
        self,
        key: PrivateKey,
        *,
        usage: str = "digital_signature",
        days: int = 30,
        since: datetime = START - DAY,
        subject: x509.Name | None = None,
    ) -> x509.Certificate:
        """A certificate of a person, from yesterday for so many days, with one key usage."""
        return self._issue(subject or _name("Trần Văn Bình"), key.public_key(), days * DAY, usage, since=since)

    def sign(
        self,
        pdf: bytes,
        key: PrivateKey,
        certificate: x509.Certificate,
        *,
        digest: str = "sha256",
        stamper: DummyTimeStamper | None = None,
        field: str = "Signature1",
    ) -> bytes:
        """The PDF with an invisible signature, time-stamped where somebody does that."""
        signer = self.signer(key, certificate)
        signed = sign_pdf(
            IncrementalPdfFileWriter(BytesIO(pdf)),
            PdfSignatureMetadata(
                field_name=field, md_algorithm=digest, subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED
            ),
            signer,
            timestamper=stamper,
        )
        return bytes(signed.getvalue())

    def signer(self, key: PrivateKey, certificate: x509.Certificate) -> SimpleSigner:
        """The library's own signer with a person's key."""
        return SimpleSigner(_asn1(certificate), _asn1_key(key), SimpleCertificateStore())

    def stamper(self, at: datetime, kind: type[DummyTimeStamper] = DummyTimeStamper) -> DummyTimeStamper:
        """A time-stamp authority whose clock stands still."""
        return kind(*self._stamps, certs_to_embed=SimpleCertificateStore(), fixed_dt=at)

    def revoke(self, certificate: x509.Certificate, at: datetime) -> bytes:
        """The list that revokes the certificate, in DER; it was due to be renewed the day after."""
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(at).build()
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name).add_revoked_certificate(entry)
        made = builder.last_update(at).next_update(at + DAY).sign(self._key, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.DER)

    def _issue(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
        term: timedelta = 7300 * DAY,
        usage: str = "digital_signature",
        *,
        since: datetime = START - DAY,
        is_authority: bool = False,
        is_timestamper: bool = False,
    ) -> x509.Certificate:
        names = inspect.signature(x509.KeyUsage).parameters
        granted = {"key_cert_sign", "crl_sign"} if is_authority else {usage}
        lists = x509.DistributionPoint([x509.UniformResourceIdentifier("http://127.0.0.1/crl")], None, None, None)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(since + term)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**{name: name in granted for name in names}), critical=True)
            .add_extension(x509.CRLDistributionPoints([lists]), critical=False)
        )
        if is_timestamper:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        return builder.sign(self._key, hashes.SHA256())


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _asn1_key(key: PrivateKey) -> asn1_keys.PrivateKeyInfo:
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return asn1_keys.PrivateKeyInfo.load(der)
