"""Whether a catalogue has forgotten that papers were withdrawn: it was put back to a day before, with its vault."""

from collections.abc import Callable, Iterator, Sequence

from archive.catalogue import Catalogue
from archive.errors import CatalogueBehind, VaultDamaged
from archive.package import read_package
from archive.vault import Vault
from archive.withdrawn.apart import KnownApart, WithdrawnPaper


def forgotten(
    apart: Sequence[KnownApart], catalogue: Catalogue, vault: Callable[[], Vault]
) -> Iterator[WithdrawnPaper]:
    """The papers that the ledger calls withdrawn and the catalogue does not.

    ``apart`` must be read before the catalogue is asked: who withdraws tells the catalogue first.  A ledger of an
    earlier day may not know that a paper was given back; its object does, for which alone the ``vault`` is opened.
    """
    known = catalogue.withdrawn.among([item.row.id for item in apart])
    for row, left in apart:
        if row.id not in known and (left is not None or not _was_given_back(row, catalogue, vault)):
            yield row


def _was_given_back(row: WithdrawnPaper, catalogue: Catalogue, vault: Callable[[], Vault]) -> bool:
    if catalogue.paper(row.id) is None:
        return False
    try:
        return read_package(vault().get(row.object_id)).decided_at("given_back") >= row.at
    except VaultDamaged:
        return False


def demand_none_forgotten(apart: Sequence[KnownApart], catalogue: Catalogue, vault: Callable[[], Vault]) -> None:
    """See that a catalogue calls withdrawn what the ledger does.

    Raises:
        CatalogueBehind: it does not.
    """
    if number := sum(1 for _ in forgotten(apart, catalogue, vault)):
        raise CatalogueBehind("withdrawals_forgotten", number=number)
