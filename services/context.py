"""What acts work with: all that the stages have, and the desk besides."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from config.settings import Settings
from config.store import enter_store
from pipeline.context import Context, see_version

if TYPE_CHECKING:
    from archive.desk import Desk
    from archive.inspections.inspections import Inspections
    from archive.vault import Vault
    from services.registers.registers import Registers


class Services(Context):
    """The services of acts, in one process; each is opened when it is first asked for, and once."""

    @cached_property
    def desk(self) -> "Desk":
        """Dossiers and questions of the desks."""
        from archive.desk import open_desk

        return self._opened.enter_context(
            open_desk(self.settings.desk_url, self.owner_keys, rebuilding=self._rebuilding)
        )

    @cached_property
    def quality(self) -> "Inspections":
        """The samples by which lots are accepted."""
        from archive.inspections.inspections import open_inspections

        return self._opened.enter_context(open_inspections(self.settings.quality_url))

    @cached_property
    def minutes(self) -> "Vault":
        """Signed minutes: a storage root of their own, so that the vault holds papers and nothing else."""
        from archive.vault import open_vault

        return self._opened.enter_context(open_vault(self.settings.minutes, self.settings.scratch))

    @cached_property
    def registers(self) -> "Registers":
        """National and sector databases that are asked as well."""
        from services.registers.registers import open_registers

        settings = {}
        for name, item in self.settings.elsewhere.items():  # which may name types by codes of an earlier release
            types = {self.catalogues.kind_of(code): theirs for code, theirs in item.types.items()}
            settings[name] = item.model_copy(update={"types": types})
        return self._opened.enter_context(open_registers(settings))


@contextmanager
def open_services(settings: Settings, *, rebuilding: bool = False, upgrading: bool = False) -> Iterator[Services]:
    """What acts need; whatever was opened is closed in reverse order.

    Args:
        settings: of the store.
        rebuilding: whether the catalogue is about to be made anew from the vault, so that what it holds may be dropped.
        upgrading: whether a store of an earlier release is about to be brought up.

    Raises:
        StoreFromFuture, StoreOlder: the store is of another release.
    """
    enter_store(settings)
    if not upgrading:
        see_version(settings)
    with ExitStack() as opened:
        yield Services(settings, opened, rebuilding=rebuilding)
