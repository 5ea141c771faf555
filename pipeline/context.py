"""What the stages work with: settings, catalogues, and the opened services of one process."""

import hashlib
import io
import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pydantic_core import from_json

from config.settings import Settings
from config.store import STORE_VERSION, enter_store, version_of
from domain.clock import now
from domain.errors import SetupError
from files.durable import whole
from pipeline.errors import WorkFileDamaged
from pipeline.records import File, Received

if TYPE_CHECKING:
    from archive.cases.told import ToldDossiers
    from archive.catalogue import Catalogue
    from archive.epoch import Epoch
    from archive.journal import Journal
    from archive.ledger import Ledger
    from archive.owner_keys import OwnerKeys
    from archive.vault import Vault
    from archive.withdrawn.apart import KnownApart
    from config.models import Catalogues
    from domain.dossiers.persons import DossierPersons
    from search.interface import SearchIndex
    from signing.interface import Signers
    from signing.signer import Keyring

_CHUNK = 1 << 20


class Context:
    """The services that the stages work with, in one process; each is opened when it is first asked for, and once.

    So a command that signs nothing touches no key, no token and no PIN, works while they are away, and does not import
    what it does not use.
    """

    def __init__(self, settings: Settings, opened: ExitStack, *, rebuilding: bool = False) -> None:
        self.settings = settings
        self._opened = opened
        self._rebuilding = rebuilding
        self.index_sent_at = -math.inf  # on the monotonic clock; see ``pipeline.indexing``
        self.index_hindered = ""  # what kept changes from the index when they were sent last
        self.tells_index = True  # whether this process says so: of several that work together one does

    @cached_property
    def catalogues(self) -> "Catalogues":
        """Document types, procedures, agencies, rules: what is data."""
        from config.loader import load_catalogues
        from config.versions import Versions

        self.epoch.check_lists(Versions(self.settings.imported).number)
        return load_catalogues(imported=self.settings.imported)

    @cached_property
    def ledger(self) -> "Ledger":
        """What is under way."""
        from archive.ledger import open_ledger

        return self._opened.enter_context(open_ledger(self.settings.ledger_url, lambda: self.owner_keys))

    @property
    def has_ledger(self) -> bool:
        """Whether there is a ledger: who only asks makes none."""
        from archive.database import is_made

        url = self.settings.ledger_url
        return not url.startswith("sqlite") or is_made(url)

    @cached_property
    def catalogue(self) -> "Catalogue":
        """What is held."""
        from archive.catalogue import open_catalogue

        catalogue = self._opened.enter_context(
            open_catalogue(self.settings.catalogue_url, self.owner_keys, self.epoch, emptied=self._rebuilding)
        )
        if not self._rebuilding and (apart := self._withdrawn_by_ledger()):
            from archive.withdrawn.forgotten import demand_none_forgotten

            demand_none_forgotten(apart, catalogue, lambda: self.vault)
        return catalogue

    def _withdrawn_by_ledger(self) -> "Sequence[KnownApart]":
        """The papers that the ledger calls withdrawn; a ledger that is not made, or cannot be opened, tells of none."""
        if not self.has_ledger:
            return ()
        with suppress(SetupError, OSError):  # `doctor` tells what is wrong with it
            return self.ledger.withdrawals.apart()
        return ()

    @cached_property
    def epoch(self) -> "Epoch":
        """How far the store has come."""
        from archive.epoch import Epoch

        return Epoch(self.settings.home, self.settings.vault)

    @cached_property
    def owner_keys(self) -> "OwnerKeys":
        """What makes keyed hashes of identity numbers; their secret is made with the catalogue, and never later."""
        from archive.database import is_made
        from archive.owner_keys import open_owner_keys

        settings, is_first = self.settings, self._rebuilding or not is_made(self.settings.catalogue_url)
        return open_owner_keys(settings.owner_secret, group=settings.work.group, made=is_first)

    def dossier_persons(self, code: str) -> "DossierPersons | None":
        """Whose a dossier is; None of one that was not imported, or cannot be read: nothing contradicts it."""
        from archive.database import is_made
        from domain.dossiers.persons import told_persons

        url = self.settings.desk_url
        if url.startswith("sqlite") and not is_made(url):
            return None
        data = self._told_dossiers.data(code)
        with suppress(ValueError):
            fields = from_json(data or "", allow_inf_nan=False)
            return told_persons(fields) if isinstance(fields, dict) else None
        return None

    @cached_property
    def _told_dossiers(self) -> "ToldDossiers":
        from archive.cases.told import open_told

        return self._opened.enter_context(open_told(self.settings.desk_url))

    @cached_property
    def vault(self) -> "Vault":
        """The archived objects."""
        from archive.vault import open_vault

        opened = self._opened.enter_context(open_vault(self.settings.vault, self.settings.scratch))
        self.epoch.settle()
        return opened

    @cached_property
    def journal(self) -> "Journal":
        """The audit journal."""
        from archive.journal import Journal

        return Journal(self.settings.journal)

    @cached_property
    def keyring(self) -> "Keyring":
        """The keys and authorities that sign, none of them opened yet.

        Raises:
            KeysUnusable: among others when the keys of a store that has signed are gone: nobody makes other ones.
        """
        from signing.errors import KeysUnusable
        from signing.keys.kinds import are_lost
        from signing.signer import Keyring

        keys = self.settings.signing.keys
        if are_lost(self.settings.signing) and self._has_signed():
            raise KeysUnusable("keys_folder_gone", remedy="put_keys_back", folder=keys)
        return Keyring(self.settings.signing, self._opened)

    @cached_property
    def signers(self) -> "Signers":
        """The usual hands of the store: of its officer, or the default one of several, and of its agency.

        Raises:
            KeysUnusable: see ``keyring``; also when nobody is the default.
        """
        from signing.errors import KeysUnusable

        signing, today = self.settings.signing, now().date()
        rows = [row for row in signing.rows_of(signing.default_officer) if row.is_in_office(today)]
        seals = signing.seals_for(self.settings.agency, today)
        if (signing.officers and not rows) or (signing.seals and not seals):
            raise KeysUnusable("nobody_by_default", remedy="name_default", agency=self.settings.agency)
        return self.keyring.signers(
            signing.place_of(rows[0]) if rows else signing.place("officer"),
            signing.place_of(seals[0]) if seals else signing.place("agency"),
        )

    def _has_signed(self) -> bool:
        """Whether the store signed anything, or began to."""
        from pipeline.flow import DIGITISE

        return self.epoch.is_used or any(DIGITISE.has_passed("sign", entry.stage) for entry in self.ledger.entries())

    @contextmanager
    def index(self, *, make: bool = False) -> "Iterator[SearchIndex]":
        """The search index; opened for each use, because its single writer must not be kept."""
        from search.engines import open_index

        with open_index(self.settings.search, make=make) as index:
            yield index

    def scan(self, record: Received) -> Path:
        """The received scan of a record, checked by digest."""
        return self._checked(self.settings.inbox / record.scan.name, record.scan)

    def unlocked(self, record: Received) -> Path:
        """The received scan as it opens: the file itself, or the one from which its password was taken."""
        if record.unlocked is None:
            return self.scan(record)
        return self._checked(self.settings.inbox / record.unlocked.name, record.unlocked)

    def file(self, record: Received, file: File) -> Path:
        """A file of the document's work folder, checked by digest.

        Raises:
            WorkFileDamaged: it is missing or was changed since its stage wrote it.
        """
        return self._checked(self.folder(record) / file.name, file)

    def _checked(self, path: Path, file: File) -> Path:
        if not path.exists() or digest(path) != file.sha256:
            raise WorkFileDamaged("work_file_changed", file=file.name)
        return path

    def folder(self, record: Received) -> Path:
        """The document's work folder."""
        folder = self.settings.work_folder / record.document_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def write(self, record: Received, name: str, content: bytes) -> File:
        """Put a file into the work folder: written beside, flushed, renamed."""
        return self._put(record, name, io.BytesIO(content))

    def take(self, record: Received, name: str, path: Path) -> File:
        """Put a copy of a file into the work folder; the whole of it is never in memory."""
        with path.open("rb") as source:
            return self._put(record, name, source)

    def _put(self, record: Received, name: str, source: BinaryIO) -> File:
        hashed = hashlib.sha256()
        with whole(self.folder(record) / name) as file:
            while chunk := source.read(_CHUNK):
                hashed.update(chunk)
                file.write(chunk)
        return File(name=name, sha256=hashed.hexdigest())


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def see_version(settings: Settings) -> None:
    """See that a store is of this release.

    Raises:
        StoreOlder: it is of an earlier one.
    """
    if version_of(settings.home) != STORE_VERSION:
        from archive.upgrades.lacking import check_version

        check_version(settings)


@contextmanager
def open_context(settings: Settings) -> Iterator[Context]:
    """What the stages need; whatever was opened is closed in reverse order.

    Raises:
        StoreFromFuture, StoreOlder: the store is of another release.
    """
    enter_store(settings)
    see_version(settings)
    with ExitStack() as opened:
        yield Context(settings, opened)
