"""Of which agency a seal is: the organisation that its certificate names, compared with those of settings and lists.

The certificate alone says who sealed.  Names are compared without case and accents, in whatever form of Unicode, and
with their abbreviations written out.  Many agencies of the country bear one name ("Sở Tư pháp"): where the certificate
names what is above them or where they are, that must fit, too.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from asn1crypto import x509

from config.models import Agency
from config.signing import SigningSettings
from domain.fold import fold
from signing.verification.embedded import visible
from signing.verification.holder import is_organisation, names_of

_NO_LETTER = re.compile(r"[^a-z0-9]+")
_KINDS_OF_PLACE = re.compile(r"^(thanh pho|tp|tinh|phuong|xa|dac khu) ")
_PLACES = ("state_or_province_name", "locality_name")


class KnownAgency(NamedTuple):
    """An agency of the settings or the lists: identifier, name, that name to compare, and those above it."""

    code: str
    name: str
    compared: str
    above: tuple[str, ...]


class KnownAgencies(NamedTuple):
    """The agencies that are known here, and what abbreviations stand for; none: nothing is compared."""

    agencies: tuple[KnownAgency, ...] = ()
    abbreviations: tuple[tuple[str, str], ...] = ()


NONE_KNOWN: Final = KnownAgencies()


def known_agencies(settings: SigningSettings, own: str, agencies: Iterable[Agency]) -> KnownAgencies:
    """Those of the seals, the store's ``own`` and the lists; under former names, too: older papers bear them."""
    listed = list(agencies)
    abbreviations = tuple((fold(short), fold(full)) for short, full in settings.abbreviations.items())
    names = [(item.agency, item.name) for item in settings.seals]
    names += [(own, settings.officer_agency), *((item.code, item.name) for item in listed)]
    return KnownAgencies(tuple(_known(dict.fromkeys(names), listed, dict(abbreviations))), abbreviations)


def _known(
    names: Iterable[tuple[str, str]], listed: list[Agency], abbreviations: Mapping[str, str]
) -> Iterator[KnownAgency]:
    for code, name in names:
        above = {item.name for item in listed if code.startswith(f"{item.code}.")}
        yield KnownAgency(
            code, name, _compared(name, abbreviations), tuple(sorted(_compared(item, abbreviations) for item in above))
        )


def _compared(name: str, abbreviations: Mapping[str, str]) -> str:
    words = _NO_LETTER.sub(" ", fold(visible(name))).split()
    return " ".join(abbreviations.get(word, word) for word in words)


class Holder(NamedTuple):
    """The organisation that a certificate names, "" for a person's; and which known agency that is."""

    organisation: str = ""
    agency: KnownAgency | None = None


def holder_of(certificate: x509.Certificate, known: KnownAgencies) -> Holder:
    """Whose the certificate is."""
    if not is_organisation(certificate):
        return Holder()
    names, abbreviations = names_of(certificate), dict(known.abbreviations)
    common, organisation = names.get("common_name", ""), names.get("organization_name", "")
    shown = visible(organisation if common.endswith("…") else common or organisation)
    own, above = _compared(shown, abbreviations), _compared(organisation, abbreviations)
    places = [_KINDS_OF_PLACE.sub("", _compared(names[kind], abbreviations)) for kind in _PLACES if kind in names]
    found = [
        agency
        for agency in known.agencies
        if agency.compared == own and _fits(agency, "" if above == own else above, places)
    ]
    return Holder(shown, found[0] if found else None)


def _fits(agency: KnownAgency, above: str, places: Iterable[str]) -> bool:
    """Whether nothing else that the certificate names speaks against it; of an agency without a list nothing does."""
    if not agency.above:
        return not above or above == agency.compared
    around = (agency.compared, *agency.above)
    return (not above or above in agency.above) and all(any(place in name for name in around) for place in places)
