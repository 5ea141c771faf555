"""What the stages work with: settings, catalogues, and the opened services of one process."""

import hashlib
import io
import math
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from archive.catalogue import Catalogue, open_catalogue
from archive.desk import Desk, open_desk
from archive.journal import Journal
from archive.ledger import Ledger, open_ledger
from archive.owner_keys import OwnerKeys, open_owner_keys
from archive.vault import Vault, flush_folder, open_vault
from config.loader import load_catalogues
from config.models import Catalogues
from config.settings import Settings
from pipeline.errors import WorkFileDamaged
from pipeline.records import File, Received
from search.elsewhere.registers import Registers, open_registers
from search.interface import SearchIndex, open_index
from signing.interface import Signers
from signing.signer import open_signers

_CHUNK = 1 << 20


class Context:
    """The services of one process, opened once (see ``open_context``)."""

    def __init__(
        self,
        settings: Settings,
        catalogues: Catalogues,
        ledger: Ledger,
        catalogue: Catalogue,
        vault: Vault,
        journal: Journal,
        signers: Signers,
        desk: Desk,
        owner_keys: OwnerKeys,
        registers: Registers,
    ) -> None:
        self.settings = settings
        self.catalogues = catalogues
        self.ledger = ledger
        self.catalogue = catalogue
        self.vault = vault
        self.journal = journal
        self.signers = signers
        self.desk = desk
        self.owner_keys = owner_keys
        self.registers = registers
        self.index_sent_at = -math.inf  # on the monotonic clock; see ``pipeline.indexing``

    @contextmanager
    def index(self) -> Iterator[SearchIndex]:
        """The search index; opened for each use, because its single writer must not be kept."""
        with open_index(self.settings.search) as index:
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
            raise WorkFileDamaged(f"{file.name} of the work folder is missing or was changed")
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
        folder = self.folder(record)
        part = folder / f".{name}.{os.getpid()}.part"
        hashed = hashlib.sha256()
        with part.open("wb") as file:
            while chunk := source.read(_CHUNK):
                hashed.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / name)
        flush_folder(folder)
        return File(name=name, sha256=hashed.hexdigest())


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def open_context(settings: Settings, *, rebuilding: bool = False) -> Iterator[Context]:
    """Open what the stages need; closes everything in reverse order."""
    settings.home.mkdir(parents=True, exist_ok=True)
    owner_keys = open_owner_keys(settings.owner_secret)
    with ExitStack() as stack:
        yield Context(
            settings,
            load_catalogues(imported=settings.imported),
            stack.enter_context(open_ledger(settings.ledger_url)),
            stack.enter_context(open_catalogue(settings.catalogue_url, owner_keys, emptied=rebuilding)),
            stack.enter_context(open_vault(settings.vault, settings.scratch)),
            Journal(settings.journal),
            stack.enter_context(open_signers(settings.signing)),
            stack.enter_context(open_desk(settings.desk_url)),
            owner_keys,
            stack.enter_context(open_registers(settings.elsewhere)),
        )
