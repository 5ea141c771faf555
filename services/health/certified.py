"""Whether the vault holds every certified copy that the book has, as one that was put back does not (ADR 0058)."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from archive.catalogue import Catalogue, open_catalogue
from archive.database import is_made
from archive.desk import open_desk
from archive.epoch import Epoch
from archive.errors import VaultDamaged
from archive.owner_keys import OwnerKeys
from archive.papers.forms import certified_file
from archive.vault import Vault
from config.settings import Settings
from domain.errors import KhosoError
from domain.messages.told import told
from services.health.interface import Finding

_MANY = 500  # databases limit the variables of a statement


def certified_findings(settings: Settings, keys: OwnerKeys | None) -> Iterator[Finding]:
    """One row where some are done in the book and not in the vault; of papers that were withdrawn nothing is told."""
    if keys is None or not (is_made(settings.desk_url) and is_made(settings.catalogue_url)):
        return
    lost = []
    # their own rows say what is wrong with them
    with (
        suppress(KhosoError, OSError),
        open_desk(settings.desk_url, keys) as desk,
        open_catalogue(settings.catalogue_url, keys, Epoch(settings.home, settings.vault)) as catalogue,
    ):
        done = [item for item in desk.books.entries("certified_copy") if item.done_at is not None]
        files = _files(catalogue, Vault(settings.vault, settings.scratch), list({item.paper_id for item in done}))
        gone = catalogue.withdrawn.among({item.paper_id for item in done})
        for item in done:
            name = certified_file(item.office, item.year, item.number)
            if item.paper_id not in gone and name not in files.get(item.paper_id, ()):
                lost.append(item)
    if lost:
        first = lost[0]
        said = {"count": len(lost), "number": first.number, "year": first.year, "office": first.office}
        yield Finding.of(
            "certified copies", "missing", told("health_certified_lost", **said), told("health_vault_back")
        )


def _files(catalogue: Catalogue, vault: Vault, ids: Sequence[str]) -> dict[str, set[str]]:
    """What the object of each of these papers holds; nothing of one that cannot be read."""
    found: dict[str, set[str]] = {}
    for first in range(0, len(ids), _MANY):
        for paper in catalogue.some(ids[first : first + _MANY]):
            with suppress(VaultDamaged):
                found[paper.id] = set(vault.get(paper.object_id).files)
    return found
