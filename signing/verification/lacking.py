"""What a file once had and has no more, as far as it still tells: of a file from elsewhere nobody else knows.

A time stamp in a signature is covered by nothing: whoever takes it out leaves no trace in the signature itself.
"""

from collections.abc import Iterable, Iterator

from asn1crypto import cms, x509

from signing.verification.trust import stamps_time


def authorities_without_stamp(
    stored: Iterable[x509.Certificate], tokens: Iterable[cms.SignedData]
) -> Iterator[x509.Certificate]:
    """Of the certificates that were stored as evidence, those of time-stamp authorities that stamped nothing here.

    Evidence of an authority is stored for its time stamp, in the file or about to be added: it was taken out, or the
    file was cut back.
    """
    signers = [token["signer_infos"][0]["sid"] for token in tokens]
    for certificate in {item.sha256: item for item in stored}.values():
        if stamps_time(certificate) and not certificate.ca and not any(_names(sid, certificate) for sid in signers):
            yield certificate


def _names(signer: cms.SignerIdentifier, certificate: x509.Certificate) -> bool:
    """Whether a CMS signer identifier (RFC 5652, 5.3) names the certificate."""
    named = signer.chosen
    if signer.name == "issuer_and_serial_number":
        is_serial = named["serial_number"].native == certificate.serial_number
        return bool(is_serial and named["issuer"].dump() == certificate.issuer.dump())
    return bool(named.native == certificate.key_identifier)
