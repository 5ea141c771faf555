"""Certificates in files, and the way from one of them up to its root."""

from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from domain.messages.told import Told
from signing.errors import KeysUnusable


def read_certificates(path: Path | None) -> list[x509.Certificate]:
    """The certificates of a PEM file; none without a file."""
    if path is None:
        return []
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise KeysUnusable(
            "certificates_not_read", remedy="certificates_name_pem", path=path, error=type(error).__name__
        ) from None


def chain_of(own: x509.Certificate, pool: list[x509.Certificate], name: Told) -> tuple[x509.Certificate, ...]:
    """The issuers of a certificate up to the root; ``name`` is what people call the place of its key."""
    chain = [own]
    while chain[-1].issuer != chain[-1].subject:
        issuer = next((item for item in pool if item not in chain and _is_issuer(item, chain[-1])), None)
        if issuer is None:
            missing = chain[-1].issuer.rfc4514_string()
            raise KeysUnusable("issuer_missing", remedy="append_to_pem", missing=missing, name=name)
        chain.append(issuer)
    return tuple(chain[1:])


def _is_issuer(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
