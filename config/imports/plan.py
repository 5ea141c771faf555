"""An import as a plan: what it would change, and the version it becomes when nothing is wrong."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from config.imports.columns import Columns
from config.imports.difference import Difference, compare_lists
from config.imports.reading import Fault, Incoming, read_list
from config.imports.tables import read_rows
from config.loader import FOLDER, load_catalogues
from config.versions import Head, Origin, Versions
from domain.errors import ExitCode, UsageError


class RowsRefused(UsageError):
    """Rows of a list are wrong."""

    exit_code = ExitCode.REFUSED
    reason = "rows_refused"
    what = "rows_refused"
    remedy = "correct_all_named"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(count=len(faults))
        self.faults = sorted(faults, key=lambda fault: fault.row)


@dataclass(frozen=True)
class ImportPlan:
    """What an import would do."""

    incoming: Incoming
    difference: Difference
    starts: date
    source: str
    sha256: str

    @property
    def counts(self) -> dict[str, int]:
        """How many codes are added, changed, ended, confirmed and unchanged; how many paper types are added."""
        count = self.difference.count
        outcomes = {name: count(name) for name in ("added", "changed", "ended", "confirmed", "unchanged")}
        return outcomes | {"types": len(self.incoming.types)}

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.difference.procedures or self.difference.agencies or self.incoming.types)


def plan_import(
    path: Path,
    imported: Path,
    columns: Columns,
    *,
    starts: date,
    complete: bool = False,
    add_types: bool = False,
    release: Path = FOLDER,
) -> ImportPlan:
    """Compare a list with what is in force.

    Raises:
        RowsRefused: rows are wrong; all of them are told.
        UsageError: the file is no list.
    """
    rows = read_rows(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    known = load_catalogues(release, imported=imported)
    incoming = read_list(rows, columns, known, source=f"{path.name} (SHA-256 {sha256[:16]}…)", add_types=add_types)
    difference = compare_lists(known, incoming, starts, complete=complete)
    if faults := [*incoming.faults, *difference.faults]:
        raise RowsRefused(faults)
    return ImportPlan(incoming, difference, starts, path.name, sha256)


def write_version(plan: ImportPlan, versions: Versions, who: str, announce: Callable[[Head], None]) -> Head:
    """Write a plan as the next version, announced before it counts; the caller holds the lock since it was made."""
    overlay = versions.present().over(plan.incoming.types, plan.difference.agencies, plan.difference.procedures)
    origin = Origin(
        who=who, action="import", source=plan.source, sha256=plan.sha256, starts=plan.starts, counts=plan.counts
    )
    return versions.add(overlay, origin, announce)
