"""An identity number in a certificate is told to nobody, however it is written there, and however damaged that is."""

import logging
import subprocess
import unicodedata
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from cli.verify import _row
from domain.errors import NotValid
from signing.interface import SignatureVerdict
from signing.verification.report import Checked, draw_report
from signing.verification.verify import verify_pdf
from tests.support.issuers import START
from tests.support.signed_elsewhere import Maker
from tests.support.signing_papers import paper, program

_NUMBER = "048219001275"
_PARTS = {
    "CN": NameOID.COMMON_NAME,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "UID": NameOID.USER_ID,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
}
_CODINGS = {
    "UTF-8": (_ASN1Type.UTF8String, "utf-8"),
    "printable": (_ASN1Type.PrintableString, "ascii"),
    "BMP": (_ASN1Type.BMPString, "utf-16-be"),
    "universal": (_ASN1Type.UniversalString, "utf-32-be"),
}
_DAMAGES = 40


@pytest.fixture(scope="module")
def maker() -> Maker:
    """Who signs."""
    return Maker.new()


def signed(maker: Maker, part: ObjectIdentifier, kind: _ASN1Type) -> tuple[bytes, bytes]:
    """A file that somebody signed whose certificate bears the number, and that certificate."""
    office = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Phường Hải Châu")
    subject = x509.Name([office, x509.NameAttribute(part, _NUMBER, kind)])
    certificate = maker.issuer.certificate(maker.key, subject=subject)
    return maker.issuer.sign(paper(), maker.key, certificate), certificate.public_bytes(Encoding.DER)


def told_of(pdf: bytes, maker: Maker) -> tuple[tuple[SignatureVerdict, ...], str]:
    """The verdicts, and what a screen and a reason tell of them."""
    try:
        found = verify_pdf(pdf, maker.issuer.anchors, START)
    except NotValid as error:
        return (), error.explain()
    masked = [item.masked() for item in found]
    problems = [item.told.text(language) for item in found if item.told for language in ("vi", "en")]
    shown = [*(cell for item in masked for cell in _row(item)), *(item.model_dump_json() for item in masked)]
    return found, "\n".join((*shown, *problems))


def tells(text: str) -> bool:
    """Whether a text tells the number to who reads it, also between signs that show nowhere or are written as codes."""
    shown = text.replace("\\x00", "").replace("\\u0000", "")
    return _NUMBER in "".join(sign for sign in shown if unicodedata.category(sign) not in {"Cc", "Cf"})


@pytest.mark.parametrize("coding", _CODINGS)
@pytest.mark.parametrize("part", _PARTS)
def test_no_damage_brings_a_number_out(
    maker: Maker, part: str, coding: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whichever byte around it is changed: neither screen nor reasons, records, log or report tell it."""
    caplog.set_level(logging.DEBUG)
    kind, encoding = _CODINGS[coding]
    pdf, certificate = signed(maker, _PARTS[part], kind)
    text = certificate.hex().encode()
    place, written = pdf.lower().index(text), _NUMBER.encode(encoding).hex().encode()
    middle, random = place + text.index(written), Random(f"{part} {coding}")  # noqa: S311 - the same each time
    odd: list[SignatureVerdict] = []
    for damage in range(_DAMAGES):
        at = middle - 2 * random.randrange(1, 24) if damage else middle  # the number itself stays whole
        byte = f"{random.randrange(256):02x}".encode() if damage else pdf[at : at + 2]
        found, said = told_of(pdf[:at] + byte + pdf[at + 2 :], maker)
        assert not tells(said), said
        odd += found
    assert not tells(caplog.text)
    assert any(item.certificate is None for item in odd)  # some damage is one that stops the reading
    report = tmp_path / "report.pdf"
    report.write_bytes(draw_report(Checked(f"{_NUMBER}.pdf", "", START, maker.issuer.anchors, tuple(odd))))
    drawn = subprocess.run([program("pdftotext"), report, "-"], capture_output=True, text=True, check=True).stdout
    assert not tells(drawn)


def test_the_test_sees_numbers(maker: Maker) -> None:
    """Who may disclose is told the signer as he is called; so the number is there to be told."""
    found = verify_pdf(signed(maker, NameOID.COMMON_NAME, _ASN1Type.BMPString)[0], maker.issuer.anchors, START)
    assert [item.signer for item in found] == [_NUMBER]
    assert tells("Error: b'" + "".join(f"\\x00{digit}" for digit in _NUMBER) + "'")
    assert tells("\0".join(_NUMBER))
