"""Whose seal it is: the certificate names an organisation, which is compared with the agencies that are known here."""

import unicodedata
from dataclasses import replace
from datetime import date

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from config.models import Agency
from config.signing import SealSettings, SigningSettings
from signing.interface import SignatureVerdict
from signing.verification.agencies import KnownAgencies, known_agencies
from signing.verification.verify import verify_pdf
from tests.support.issuers import START
from tests.support.signed_elsewhere import Maker
from tests.support.signing_papers import paper, settings

CITY, WARD, OFFICE = "Ủy ban nhân dân thành phố Đà Nẵng", "Ủy ban nhân dân phường Hải Châu", "Sở Tư pháp"


def _agency(code: str, name: str) -> Agency:
    listed = {"parent": None, "confirmed": True, "source": "test", "valid_from": date(2016, 1, 1), "level": "city"}
    return Agency.model_validate(listed | {"code": code, "name": name})


@pytest.fixture(scope="module")
def maker() -> Maker:
    """Who signs."""
    return Maker.new()


@pytest.fixture
def signing(tmp_path_factory: pytest.TempPathFactory) -> SigningSettings:
    """Settings with the seal of a ward."""
    made = settings(tmp_path_factory.mktemp("keys"))
    return made.model_copy(update={"seals": (SealSettings(who="minh", agency="H17.12", name=WARD),)})


@pytest.fixture
def known(signing: SigningSettings) -> KnownAgencies:
    """The agencies of a city, as lists and settings name them."""
    return known_agencies(signing, "H17.40", [_agency("H17", CITY), _agency("H17.02", OFFICE)])


def sealed(maker: Maker, known: KnownAgencies, field: str = "Signature1", **subject: str) -> SignatureVerdict:
    """The verdict on a paper that somebody signed whose certificate names that."""
    names = [x509.NameAttribute(getattr(NameOID, key), value) for key, value in subject.items()]
    certificate = maker.issuer.certificate(maker.key, subject=x509.Name(names))
    pdf = replace(maker, certificate=certificate).update(paper(), field)
    return verify_pdf(pdf, maker.issuer.anchors, START, known=known)[0]


@pytest.mark.parametrize(
    ("subject", "agency"),
    [
        ({"COMMON_NAME": WARD}, "H17.12"),
        ({"COMMON_NAME": unicodedata.normalize("NFD", WARD)}, "H17.12"),
        ({"COMMON_NAME": "UBND PHƯỜNG HẢI CHÂU"}, "H17.12"),
        ({"COMMON_NAME": "UY BAN NHAN DAN PHUONG HAI CHAU", "ORGANIZATION_NAME": "UBND TP. Đà Nẵng"}, "H17.12"),
        ({"COMMON_NAME": WARD, "ORGANIZATION_NAME": CITY, "LOCALITY_NAME": "Đà Nẵng"}, "H17.12"),
        ({"COMMON_NAME": "Ủy ban nhân dân phường…", "ORGANIZATION_NAME": WARD}, "H17.12"),
        ({"COMMON_NAME": OFFICE, "ORGANIZATION_NAME": "UBND thành phố Đà Nẵng"}, "H17.02"),
        ({"COMMON_NAME": OFFICE, "ORGANIZATION_NAME": "UBND thành phố Hà Nội"}, None),
        ({"COMMON_NAME": OFFICE, "STATE_OR_PROVINCE_NAME": "Thành phố Hà Nội"}, None),
        ({"COMMON_NAME": "Sở Y tế", "ORGANIZATION_NAME": CITY}, None),
    ],
)
def test_a_seal_is_told_with_its_agency(
    maker: Maker, known: KnownAgencies, subject: dict[str, str], agency: str | None
) -> None:
    """However the name is written; of a name that many agencies bear, what is above it or where it is must fit."""
    found = sealed(maker, known, **subject)
    assert (found.agency, found.role) == (agency, "seal" if agency else "other")
    assert found.organisation
    assert found.problem == ""  # an agency of elsewhere is none the worse for it


def test_the_field_is_only_a_hint(maker: Maker, known: KnownAgencies) -> None:
    """A person who bears the name of a known agency beside his own does not seal, in whatever field."""
    person = {"COMMON_NAME": "Trần Văn Bình", "ORGANIZATION_NAME": WARD}
    for field, told in (("CoQuan", "seal_by_no_agency"), ("Signature1", None)):
        found = sealed(maker, known, field, **person)
        assert (found.role, found.organisation, found.agency) == ("other", "", None)
        assert (found.told and found.told.code) == told
    other = sealed(maker, known, "CoQuan", COMMON_NAME="Sở Y tế")
    assert (other.role, other.organisation, other.agency) == ("seal", "Sở Y tế", None)


def test_an_abbreviation_is_what_the_settings_say(maker: Maker, signing: SigningSettings) -> None:
    """Without the usual ones no other name is the same."""
    bare = known_agencies(signing.model_copy(update={"abbreviations": {}}), "H17.40", [])
    assert sealed(maker, bare, COMMON_NAME="UBND phường Hải Châu").agency is None
    assert sealed(maker, bare, COMMON_NAME=WARD.upper()).agency == "H17.12"
