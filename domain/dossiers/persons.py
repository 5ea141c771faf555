"""The persons of a dossier, as the one-stop system told them in the portal's fields."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from domain.owners import identifier_kind, normal_owner

RELATED: Final = "NguoiLienQuan"
"""The field of a dossier with the other persons whom it concerns: ``VaiTro`` and ``SoDinhDanh`` of each."""


class DossierPersons(NamedTuple):
    """The numbers of a dossier's owner, his name ("" is not known), and the numbers of others whom it concerns."""

    numbers: tuple[str, ...]
    name: str
    related: frozenset[str]


def told_persons(fields: Mapping[str, Any]) -> DossierPersons:
    """The persons of a dossier by its fields; ``RELATED`` is ours, for systems that know more than the owner."""
    name = fields.get("ChuHoSo")
    related = (str(item.get("SoDinhDanh") or "") for item in _objects(fields, RELATED))
    return DossierPersons(
        numbers=tuple(owners_of(fields)),
        name=" ".join(name.split()) if isinstance(name, str) else "",
        related=frozenset(filter(identifier_kind, map(normal_owner, related))),
    )


def owners_of(fields: Mapping[str, Any]) -> list[str]:
    """The identifiers of a dossier's owner in the portal's fields, the first of them first: one may have several."""
    given = [fields.get("SoGiayToChuHoSo"), *(item.get("SoDinhDanh") for item in _objects(fields, "DinhDanhCHS"))]
    owners = (normal_owner(str(text or "")) for text in given)
    return [owner for owner in owners if identifier_kind(owner)]


def _objects(fields: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    given = fields.get(name)
    return (item for item in given if isinstance(item, dict)) if isinstance(given, list) else iter(())
