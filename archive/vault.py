"""The vault: an OCFL 1.1 storage root.  What it holds is enough to make catalogue and index anew (design law 3)."""

import errno
import hashlib
import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal

import ocfl
from filelock import FileLock
from pydantic import BaseModel, ConfigDict, ValidationError

from archive.errors import ObjectDiffers, ObjectLost, ObjectMisplaced, VaultDamaged, damaged
from archive.interface import StoredObject
from archive.package import object_folders, what_is_odd
from domain.messages.told import told
from files.durable import flush_folder, flush_tree, whole
from files.scratch import leave, own_folder

# A library behind ocfl-py sets up logging at level INFO when it is imported; what is shown is the program's decision.
logging.getLogger().setLevel(logging.WARNING)

_LAYOUT = "0003-hash-and-id-n-tuple-storage-layout"
_LONGEST = 255  # bytes that every file system takes as a name


class _Version(BaseModel):
    model_config = ConfigDict(extra="ignore")

    state: dict[str, list[str]]
    message: str = ""


class _Inventory(BaseModel):
    """What is needed of an inventory (OCFL 1.1, section 3.5)."""

    model_config = ConfigDict(extra="ignore")

    id: str
    head: str
    digestAlgorithm: Literal["sha512", "sha256"]  # noqa: N815 (the name in the standard)
    manifest: dict[str, list[str]]
    versions: dict[str, _Version]

    @property
    def state(self) -> dict[str, list[str]]:
        """The files of the newest version: digests to logical names."""
        return self.versions[self.head].state

    def place(self, digest: str) -> PurePosixPath:
        """Where in the object the content of a digest lies."""
        place = PurePosixPath(self.manifest[digest][0])
        if place.is_absolute() or ".." in place.parts or len(str(place).encode()) > _LONGEST:
            raise ValueError("it names a file outside the object")
        return place


class Vault:
    """Write-once objects below one folder; an object appears whole or not at all."""

    def __init__(self, root: Path, staging: Path) -> None:
        self._root = root
        self._staging = staging
        self._storage = ocfl.StorageRoot(root=str(root), layout_name=_LAYOUT)

    def put(
        self, object_id: str, files: Mapping[str, Path], *, created: datetime, who: str, message: str
    ) -> StoredObject:
        """Store files under logical names as version 1 of an object.

        Built beside the root, flushed, then renamed into it: a crash leaves no half object.  Storing the same files
        again changes nothing.

        Raises:
            ObjectDiffers: the vault holds other content under this id.
        """
        final = self.path(object_id)
        if final.exists():
            return self._same(object_id, files)
        work = own_folder(self._staging) / object_id.replace(":", "_")
        shutil.rmtree(work, ignore_errors=True)
        source = work / "source"
        for name, path in files.items():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        built = work / "object"
        metadata = ocfl.VersionMetadata(created=created.isoformat(), message=message, name=who, address="urn:khoso")
        _build(object_id, source, built, metadata)
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            built.rename(final)
        except OSError:
            if not final.exists():  # another worker of the same document was faster: fine; anything else is not
                raise
            return self._same(object_id, files)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        for folder in (final.parent, *final.parent.parents):
            flush_folder(folder)
            if folder == self._root:
                break
        return self.get(object_id)

    @contextmanager
    def sole(self, object_id: str) -> Iterator[StoredObject]:
        """The object, for one who reads it to add a version: others who would do the same wait."""
        self._staging.mkdir(parents=True, exist_ok=True)
        with FileLock(self._staging / f"{object_id.replace(':', '_')}.lock"):
            if (final := self.path(object_id)).exists():
                with FileLock(f"{self._root}.lock"):
                    _finish(final)  # else a version that was cut off before it counted would be made twice
            yield self.get(object_id)

    def add_version(
        self, object_id: str, changed: Mapping[str, bytes], *, created: datetime, who: str, message: str
    ) -> StoredObject:
        """Store a new version of an object, in which some files are others or new; all former versions stay.

        The version is built beside the root and renamed into it as a whole; then the root's inventory follows.  A crash
        in between leaves the former version in force, and the next call finishes what was begun.
        """
        final = self.path(object_id)
        with FileLock(f"{self._root}.lock"):
            held = self.get(object_id)
            if _finish(final):
                held = self.get(object_id)
            work = own_folder(self._staging) / f"{object_id.replace(':', '_')}.version"
            shutil.rmtree(work, ignore_errors=True)
            built, source = work / "object", work / "source"
            shutil.copytree(final, built)
            for name in (*held.files, *(name for name in changed if name not in held.files)):
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                if name in changed:
                    (source / name).write_bytes(changed[name])
                else:
                    shutil.copyfile(held.files[name], source / name)
            metadata = ocfl.VersionMetadata(created=created.isoformat(), message=message, name=who, address="urn:khoso")
            ocfl.Object(identifier=object_id, spec_version="1.1", dedupe=False).add_version_with_content(
                objdir=str(built), srcdir=str(source), metadata=metadata
            )
            flush_tree(built)
            newest = _newest_version(built)
            (built / newest).rename(final / newest)
            flush_folder(final)
            _finish(final)
            shutil.rmtree(work, ignore_errors=True)
            return self.get(object_id)

    def replace(
        self, object_id: str, content: Mapping[str, bytes], *, created: datetime, who: str, message: str
    ) -> None:
        """Put another object in the place of one that is erased with all its versions.

        A crash leaves the former one, none, or the new one; it is made again by the same call.
        """
        final = self.path(object_id)
        work = own_folder(self._staging) / f"{object_id.replace(':', '_')}.replaced"
        shutil.rmtree(work, ignore_errors=True)
        (work / "source").mkdir(parents=True)
        for name, data in content.items():
            (work / "source" / name).write_bytes(data)
        metadata = ocfl.VersionMetadata(created=created.isoformat(), message=message, name=who, address="urn:khoso")
        _build(object_id, work / "source", work / "object", metadata)
        with FileLock(f"{self._root}.lock"):
            if final.exists():
                final.rename(work / "former")
            final.parent.mkdir(parents=True, exist_ok=True)
            (work / "object").rename(final)
            flush_folder(final.parent)
        shutil.rmtree(work)

    def _same(self, object_id: str, files: Mapping[str, Path]) -> StoredObject:
        held = self.get(object_id)
        fixed = [name for name in files if name != "metadata.json"]  # the moment of archiving is in there
        same = set(held.files) == set(files) and all(
            held.files[name].read_bytes() == files[name].read_bytes() for name in fixed
        )
        if not same:
            raise ObjectDiffers
        return held

    def get(self, object_id: str) -> StoredObject:
        """The newest version of an object.

        Raises:
            ObjectLost: the vault holds no such object.
            VaultDamaged: its inventory cannot be read.
        """
        path = self.path(object_id)
        try:
            is_there = path.exists()
        except OSError as error:
            raise damaged(told("object_of", id=object_id), error) from None
        if not is_there:
            raise ObjectLost("object_not_held", id=object_id)
        return self.read(path)

    def paths(self) -> Iterator[Path]:
        """Where every object lies, and every folder that cannot be listed, in the order of the folders."""
        return object_folders(self._root)

    def objects(self) -> Iterator[StoredObject]:
        """Every object, in the order of the folders."""
        return map(self.read, self.paths())

    def read(self, path: Path) -> StoredObject:
        """The newest version of the object at a folder (see ``paths``).

        Raises:
            ObjectMisplaced: it lies in the folder of another object.
            VaultDamaged: its inventory cannot be read, or there is none.
        """
        return self._read(path)[0]

    def versions(self, path: Path) -> list[StoredObject]:
        """All versions of the object at a folder, the one in force first; raises as ``read`` does."""
        return self._read(path, every=True)

    def messages(self, object_id: str) -> list[str]:
        """What was said of each version of an object, the newest first; raises as ``get`` does."""
        path = self.get(object_id).path
        try:
            inventory = _Inventory.model_validate_json(_content(path / "inventory.json"))
        except (OSError, ValueError) as error:
            raise damaged(told("inventory_of", id=path.name), error, _cause(error)) from None
        names = sorted(inventory.versions, key=lambda name: int(name.removeprefix("v")), reverse=True)
        return [inventory.versions[name].message for name in names]

    def _read(self, path: Path, *, every: bool = False) -> list[StoredObject]:
        try:
            inventory = _Inventory.model_validate_json(_content(path / "inventory.json"))
            others = sorted(inventory.versions.keys() - {inventory.head}) if every else ()
            found = [
                {name: path / inventory.place(digest) for digest, names in state.items() for name in names}
                for state in (inventory.state, *(inventory.versions[name].state for name in others))
            ]
            right = self.path(inventory.id)
        except (OSError, ValueError, KeyError, IndexError, ocfl.StorageRootException) as error:
            why = _hindrance(path) or error
            raise damaged(told("inventory_of", id=path.name), why, _cause(why)) from None
        if path != right:
            raise ObjectMisplaced(inventory.id, path, right)
        return [StoredObject(id=inventory.id, path=path, files=files) for files in found]

    def check(self, object_id: str) -> None:
        """Recompute every digest of an object.

        Raises:
            VaultDamaged: the object is not what its inventory says.
        """
        stored = self.get(object_id)
        self.compare(stored)
        validator = ocfl.object.Validator(check_digests=True)
        try:
            is_sound = validator.validate_object(str(stored.path))
        except Exception as error:  # noqa: BLE001 (what the library raises of a former inventory is not documented)
            raise damaged(told("object_of", id=object_id), error) from None
        if not is_sound:
            raise VaultDamaged("object_fails", id=object_id, status=validator.status_str())

    def compare(self, stored: StoredObject) -> None:
        """Compare the inventory of an object, and the files of its newest version, with their digests.

        Raises:
            VaultDamaged: something is not what it was when it was stored.
        """
        try:
            content = _content(stored.path / "inventory.json")
            inventory = _Inventory.model_validate_json(content)
            algorithm = inventory.digestAlgorithm
            sidecar = _content(stored.path / f"inventory.json.{algorithm}").decode().split()[0]
            wrong = [] if hashlib.new(algorithm, content).hexdigest() == sidecar else ["inventory.json"]
            for digest, names in inventory.state.items():
                with _regular(stored.files[names[0]]).open("rb") as file:
                    if hashlib.file_digest(file, algorithm).hexdigest() != digest.lower():
                        wrong += names
        except (OSError, ValueError, KeyError, IndexError, RecursionError) as error:
            raise damaged(told("object_of", id=stored.id), error) from None
        if wrong:
            raise VaultDamaged("object_changed", files=", ".join(sorted(wrong)), id=stored.id)

    def path(self, object_id: str) -> Path:
        """Where an object lies, whether it exists or not."""
        return self._root / str(self._storage.object_path(object_id))


def _build(object_id: str, source: Path, built: Path, metadata: ocfl.VersionMetadata) -> None:
    # One logical file, one content file: two names with the same bytes must not depend on each other.
    new = ocfl.Object(identifier=object_id, spec_version="1.1", dedupe=False)
    new.create(srcdir=str(source), metadata=metadata, objdir=str(built))
    flush_tree(built)


def _regular(path: Path) -> Path:
    """A file that can be read to its end; a pipe or a device has none."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "no regular file", str(path))
    return path


def _content(path: Path) -> bytes:
    return _regular(path).read_bytes()


def _hindrance(path: Path) -> OSError | None:
    """Why the system does not even list a folder; whatever lies in it seems to be missing then."""
    try:
        os.scandir(path).close()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return error
    return None


def _cause(error: Exception) -> str:
    """What is wrong, in one line."""
    if isinstance(error, ValidationError):
        return what_is_odd(error)
    return f"{type(error).__name__}: {error}"


def _newest_version(folder: Path) -> str:
    return max((item.name for item in folder.glob("v[0-9]*")), key=lambda name: int(name[1:]))


def _finish(folder: Path) -> bool:
    """Let the root's inventory be that of the newest version, which is there whole; tells whether it was not.

    The inventory comes behind its digest: whoever reads that a change counts must find nothing of it left to be done.
    """
    newest = folder / _newest_version(folder)
    names = sorted((path.name for path in newest.glob("inventory.json*")), key=len, reverse=True)
    late = [name for name in names if (folder / name).read_bytes() != (newest / name).read_bytes()]
    for name in late:
        with whole(folder / name) as file:
            file.write((newest / name).read_bytes())
    flush_folder(folder)
    return bool(late)


@contextmanager
def open_vault(root: Path, staging: Path) -> Iterator[Vault]:
    """The vault at a folder, made on first use; ``staging`` must be on the same file system."""
    staging.mkdir(parents=True, exist_ok=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{root}.lock"):
        if not root.exists():
            fresh = own_folder(staging) / "fresh-root"
            shutil.rmtree(fresh, ignore_errors=True)
            ocfl.StorageRoot(root=str(fresh), layout_name=_LAYOUT).initialize(spec_version="1.1")
            flush_tree(fresh)
            fresh.rename(root)
    try:
        yield Vault(root, staging)
    finally:
        leave(staging)
