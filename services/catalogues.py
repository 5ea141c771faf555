"""The catalogues of a store: a list is compared with them, becomes a version, and is taken back."""

from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

from config.imports.columns import load_columns
from config.imports.plan import ImportPlan, plan_import, write_version
from config.models import Agency, Procedure
from config.papers import DocumentType
from config.versions import Head, Versions
from domain.clock import today
from domain.errors import NotFound
from domain.events import CatalogueImported, CatalogueUndone
from services.context import Services
from services.permissions import Asker, demand

CatalogueEntry = Procedure | Agency | DocumentType
CatalogueKind = Literal["procedures", "agencies", "types"]
_ABOUT = "catalogues"  # what an import changes, for the audit journal


class ListImport(NamedTuple):
    """What a list would change, and the version that it became when it was applied and changes anything.

    ``lost``: how many versions had been imported before that are not there any more.
    """

    plan: ImportPlan
    version: Head | None
    lost: int = 0


def import_list(
    ctx: Services,
    asker: Asker,
    file: Path,
    *,
    apply: bool,
    starts: date | None = None,
    columns: Path | None = None,
    complete: bool = False,
    add_types: bool = False,
) -> ListImport:
    """Compare a list with what is in force; change it only when told to ``apply``.

    Args:
        ctx: the services.
        asker: who brings the list.
        file: CSV, XLSX or JSON.
        apply: keep it as the next version.
        starts: the first day of what states none; today when it is not given.
        columns: names of columns beside those of the release.
        complete: what is not on the list ends.
        add_types: add unknown paper types by code and name.

    Raises:
        NotAllowed: the role may not.
        RowsRefused: rows are wrong; all of them are told, and nothing was changed.
        UsageError: the file is no list.
    """
    demand(ctx, asker, "catalogue_import" if apply else "catalogue_list", file.name)
    versions = Versions(ctx.settings.imported)
    with versions.lock() if apply else nullcontext():
        plan = plan_import(
            file,
            ctx.settings.imported,
            load_columns(columns),
            starts=starts or today(),
            complete=complete,
            add_types=add_types,
        )

        lost = max(0, ctx.epoch.lists - versions.number)
        head = _keep(ctx, asker, plan, versions) if apply and not plan.is_empty else None
        if apply:
            ctx.epoch.note_lists(versions.number)
    return ListImport(plan, head, lost)


def _keep(ctx: Services, asker: Asker, plan: ImportPlan, versions: Versions) -> Head:
    with ctx.journal.once(_ABOUT) as record:

        def announce(head: Head) -> None:
            record(
                CatalogueImported(
                    **dict(asker),
                    subject=plan.source,
                    version=head.number,
                    sha256=plan.sha256,
                    starts=str(plan.starts),
                    **plan.counts,
                )
            )

        return write_version(plan, versions, asker.who, announce)


def undo(ctx: Services, asker: Asker) -> Head:
    """Take the last import back; what it brought stays in its version.

    A command that was cut off once that was done, and is given again, does it no second time.

    Raises:
        NotAllowed: the role may not.
        NotFound: nothing is imported.
        ListsMissing: the last version is not there any more.
    """
    demand(ctx, asker, "catalogue_undo", "catalogue")
    versions = Versions(ctx.settings.imported)

    with versions.lock(), ctx.journal.once(_ABOUT) as record:
        heads = versions.heads()
        ctx.epoch.check_lists(versions.number)
        # To take back one more than was taken back, and cut off, would be another act.
        is_undone = heads and ctx.journal.was_cut_off(_undone(asker, heads[-1]), _ABOUT)
        head = heads[-1] if is_undone else versions.undo(asker.who, lambda head: record(_undone(asker, head)))
        ctx.epoch.note_lists(head.number)
        return head


def _undone(asker: Asker, head: Head) -> CatalogueUndone:
    return CatalogueUndone(**dict(asker), subject=f"version {head.number - 1}", version=head.number)


def entries(ctx: Services, asker: Asker, kind: CatalogueKind, day: date) -> list[CatalogueEntry]:
    """What is in force on a day, by code.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "catalogue_list")
    found: list[CatalogueEntry] = list(getattr(ctx.catalogues, kind))
    if kind == "types":
        found += ctx.catalogues.only_listed()
    in_force = [item for item in found if isinstance(item, DocumentType) or item.covers(day)]
    return sorted(in_force, key=lambda item: item.code)


def entry(ctx: Services, asker: Asker, code: str, day: date | None) -> list[CatalogueEntry]:
    """Every period of a procedure, an agency or a paper type, or that of a day.

    Raises:
        NotAllowed: the role may not.
        NotFound: there is none.
    """
    demand(ctx, asker, "catalogue_list")
    catalogues = ctx.catalogues
    found: list[CatalogueEntry] = [
        *catalogues.procedures.periods(code),
        *(item for item in catalogues.agencies if item.code == code),
        *([type_] if (type_ := catalogues.find_type(code)) else []),
    ]
    if day:
        found = [item for item in found if isinstance(item, DocumentType) or item.covers(day)]
    if not found:
        raise NotFound("catalogues_have_no", remedy="see_catalogue_list", code=code)
    return found


def versions(ctx: Services, asker: Asker) -> list[Head]:
    """The versions that were imported, and what was taken back, oldest first.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "catalogue_list")
    return Versions(ctx.settings.imported).heads()
