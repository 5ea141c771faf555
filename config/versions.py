"""The versions of imported catalogues in a store: one file for each, with all that is imported up to then.

A line is a name, a tab and JSON: ``head``, ``types``, ``agencies``, then the periods of a procedure under its code.
So the last file alone is read, and of it only what is asked for.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock
from pydantic import Field, TypeAdapter, ValidationError

from config.models import Agency, Procedure
from config.papers import DocumentType
from domain.clock import now
from domain.errors import NotFound, SetupError
from domain.messages.told import Told, told
from domain.record import Frozen
from files.durable import whole

_TYPES = TypeAdapter(tuple[DocumentType, ...])
_AGENCIES = TypeAdapter(tuple[Agency, ...])
_PROCEDURES = TypeAdapter(tuple[Procedure, ...])


class Origin(Frozen):
    """Who brought a version, and from where."""

    who: str
    action: Literal["import", "undo"]
    source: str
    sha256: str
    starts: date | None
    counts: dict[str, int]


class Head(Frozen):
    """A version: its number, the one it was made from (0: the release alone), and the digest of what follows."""

    format: Literal[1] = 1
    number: int
    parent: int
    at: datetime
    origin: Origin
    digest: str


class Overlay(Frozen):
    """What was imported: complete entries by code, which stand in place of the release's."""

    number: int = 0
    types: tuple[DocumentType, ...] = ()
    agencies: tuple[Agency, ...] = ()
    procedures: Mapping[str, bytes] = Field(default_factory=dict)

    def over(
        self,
        types: Mapping[str, DocumentType],
        agencies: Mapping[str, tuple[Agency, ...]],
        procedures: Mapping[str, tuple[Procedure, ...]],
    ) -> "Overlay":
        """This overlay with further entries."""
        kept = tuple(item for item in self.agencies if item.code not in agencies)
        added = {code: _PROCEDURES.dump_json(periods) for code, periods in procedures.items()}
        return Overlay(
            number=self.number,
            types=(*(item for item in self.types if item.code not in types), *types.values()),
            agencies=(*kept, *(item for periods in agencies.values() for item in periods)),
            procedures={**self.procedures, **added},
        )


class Versions:
    """The versions in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def lock(self) -> FileLock:
        """To be held from reading what is in force until a version is written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self._folder / ".lock")

    def present(self) -> Overlay:
        """What is imported; nothing when nothing was.

        Raises:
            SetupError: the last version is damaged, or one is missing.
        """
        if not self._folder.exists():
            return Overlay()
        files = self._files()
        return self._read(files[-1]) if files else Overlay()

    @property
    def number(self) -> int:
        """The number of the last version; 0 when nothing is imported."""
        files = self._files()
        return int(files[-1].stem) if files else 0

    def heads(self) -> list[Head]:
        """All versions, oldest first."""
        return [self._head(path) for path in self._files()]

    def add(self, overlay: Overlay, origin: Origin, announce: Callable[[Head], None]) -> Head:
        """Write the next version, made from the one that the overlay was; ``announce`` it before it counts."""
        return self._write(overlay.number + 1, overlay.number, _lines(overlay), origin, announce)

    def undo(self, who: str, announce: Callable[[Head], None]) -> Head:
        """Write a version that is as it was before the last one; once more, and it is as it was before that.

        It is announced before it counts.

        Raises:
            NotFound: nothing is imported.
        """
        heads = self.heads()
        if not heads or heads[-1].digest == hashlib.sha256(_lines(Overlay())).hexdigest():
            raise NotFound("nothing_to_take_back", remedy="see_versions")
        last = heads[-1]
        body, parent = _lines(Overlay()), 0
        if last.parent:
            before = heads[last.parent - 1]
            body, parent = self._path(before.number).read_bytes().partition(b"\n")[2], before.parent
        origin = Origin(who=who, action="undo", source="", sha256="", starts=None, counts={"back to": last.parent})
        return self._write(last.number + 1, parent, body, origin, announce)

    def _files(self) -> list[Path]:
        files = sorted(self._folder.glob("[0-9][0-9][0-9][0-9].tsv"))
        if files and int(files[-1].stem) != len(files):
            raise SetupError("version_missing", remedy="put_folder_back", folder=self._folder)
        return files

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:04d}.tsv"

    def _write(self, number: int, parent: int, body: bytes, origin: Origin, announce: Callable[[Head], None]) -> Head:
        """Written beside, flushed, renamed: a version is there as a whole or not at all."""
        digest = hashlib.sha256(body).hexdigest()
        head = Head(number=number, parent=parent, at=now(), origin=origin, digest=digest)
        with whole(self._path(number)) as file:
            file.write(b"head\t" + head.model_dump_json().encode() + b"\n" + body)
            announce(head)
        return head

    def _head(self, path: Path) -> Head:
        with path.open("rb") as file:
            return _parse_head(path, file.readline())

    def _read(self, path: Path) -> Overlay:
        first, _, body = path.read_bytes().partition(b"\n")
        head = _parse_head(path, first)
        if hashlib.sha256(body).hexdigest() != head.digest:
            raise _damaged(path, told("version_changed"))
        try:
            pairs = (line.split(b"\t", 1) for line in body.split(b"\n") if line)
            entries = {name.decode(): value for name, value in pairs}
            types = _TYPES.validate_json(entries.pop("types"))
            agencies = _AGENCIES.validate_json(entries.pop("agencies"))
        except ValidationError as error:
            raise _damaged(path, told("version_of_other_release", error=error.errors()[0]["msg"])) from None
        except KeyError as error:
            raise _damaged(path, told("version_lacks_line", name=error)) from None
        except ValueError:  # no tab, or no UTF-8
            raise _damaged(path, told("version_odd_line")) from None
        return Overlay.model_construct(number=head.number, types=types, agencies=agencies, procedures=entries)


def _lines(overlay: Overlay) -> bytes:
    entries = {"types": _TYPES.dump_json(overlay.types), "agencies": _AGENCIES.dump_json(overlay.agencies)}
    lines = {**entries, **dict(sorted(overlay.procedures.items()))}
    return b"".join(name.encode() + b"\t" + value + b"\n" for name, value in lines.items())


def _parse_head(path: Path, line: bytes) -> Head:
    try:
        return Head.model_validate_json(line.rstrip(b"\n").removeprefix(b"head\t"))
    except ValidationError as error:
        raise _damaged(path, told("version_no_head", error=error.errors()[0]["msg"])) from None


def _damaged(path: Path, what: Told) -> SetupError:
    return SetupError("version_damaged", remedy="restore_version", path=path, what=what)
