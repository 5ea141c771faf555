"""A certificate, its chain, and a private key that may lie anywhere: in memory, on a token, at a remote service."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Protocol

from asn1crypto import algos
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from signing.errors import CertificateExpired
from signing.interface import Term

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

# RFC 8017 9.1: a salt is usually as long as the digest; FIPS 186-5 5.4, and so many a token, allow no longer one.
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
# Our first signatures have the longest salt, and papers signed so may still wait for their seal.
_ANY_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.AUTO)


class Algorithm(StrEnum):
    """How a key signs, always over SHA-256; the values are asn1crypto's names."""

    PSS = "rsassa_pss"  # law L7.1
    PKCS1 = "sha256_rsa"  # law L7.2: what tokens of the state's authority do until they know PSS
    ECDSA = "sha256_ecdsa"

    def identifier(self) -> algos.SignedDigestAlgorithm:
        """The algorithm as CMS and certificates name it."""
        if self is not Algorithm.PSS:
            return algos.SignedDigestAlgorithm({"algorithm": self.value})
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        parameters = algos.RSASSAPSSParams(
            {
                "hash_algorithm": digest,
                "mask_gen_algorithm": algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": digest}),
                "salt_length": hashes.SHA256.digest_size,
            }
        )
        return algos.SignedDigestAlgorithm({"algorithm": self.value, "parameters": parameters})


class SigningKey(Protocol):
    """A private key.  Whoever brings another place for keys writes one of these."""

    def raw_sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """The signature of the data, which this key, or the device behind it, digests with SHA-256."""
        ...

    def get_ready(self) -> None:
        """Ask a person now for what will be needed; most keys need nothing."""
        return


@dataclass(frozen=True, slots=True)
class SoftwareKey(SigningKey):
    """A private key in memory; loaded once, for loading it costs a hundred signatures."""

    key: PrivateKey

    def raw_sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """Sign with OpenSSL."""
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(data, ec.ECDSA(hashes.SHA256()))
        return self.key.sign(data, _PSS if algorithm is Algorithm.PSS else padding.PKCS1v15(), hashes.SHA256())


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate with its chain up to the root, and the key that signs in its name.

    ``shown``: how the marks write whom it names, when the settings say so.

    Raises:
        ValueError: the chain does not hang together, or the certificate is not for signing.
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    key: SigningKey
    algorithm: Algorithm
    shown: str = ""

    def __post_init__(self) -> None:
        for lower, upper in pairwise((self.certificate, *self.chain)):
            try:
                lower.verify_directly_issued_by(upper)
            except (InvalidSignature, ValueError, TypeError) as error:
                raise ValueError(f"the certificate of {name_of(lower)} was not issued by its chain") from error
        try:
            usage = self.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        except x509.ExtensionNotFound:
            return
        if not (usage.digital_signature or usage.content_commitment):
            raise ValueError(f"the certificate of {self.person} is not for signing")

    @property
    def person(self) -> str:
        """The common name in the certificate."""
        return name_of(self.certificate)

    @property
    def organisation(self) -> str:
        """The organisation in the certificate; the whole name of an agency, whose common name may be shortened."""
        return name_of(self.certificate, NameOID.ORGANIZATION_NAME)

    @property
    def term(self) -> Term:
        """When it ends: what ends first of the certificate and its chain."""
        first = min((self.certificate, *self.chain), key=lambda item: item.not_valid_after_utc)
        return Term(name_of(first), first.not_valid_after_utc)

    def sign(self, data: bytes) -> bytes:
        """The raw signature of the data."""
        return self.key.raw_sign(data, self.algorithm)

    def check_term(self, at: datetime) -> None:
        """See that the certificate and its chain are in force.

        Raises:
            CertificateExpired: one of them is not.
        """
        for certificate in (self.certificate, *self.chain):
            since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
            if not since <= at <= until:
                name = name_of(certificate)
                raise CertificateExpired(
                    "certificate_term", name=name, since=f"{since:%Y-%m-%d}", until=f"{until:%Y-%m-%d}"
                )


def is_signature(signature: bytes, data: bytes, certificate: x509.Certificate, algorithm: Algorithm) -> bool:
    """Whether the certificate's key made the signature of the data."""
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            scheme = _ANY_PSS if algorithm is Algorithm.PSS else padding.PKCS1v15()
            key.verify(signature, data, scheme, hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """The same certificate as asn1crypto and pyHanko want it."""
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def name_of(certificate: x509.Certificate, part: x509.ObjectIdentifier = NameOID.COMMON_NAME) -> str:
    """One part of the subject; the whole of it may hold an identity number, which no message may show."""
    return next((str(item.value) for item in certificate.subject.get_attributes_for_oid(part)), "")
