"""Making the catalogue anew from the vault (design law 3)."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path
from typing import Literal

from archive.draft import CatalogueDraft
from archive.errors import VaultDamaged
from archive.interface import FormerSecret
from archive.package import Package, read_package
from domain.events import CatalogueRebuilt, OwnerSecretReplaced
from domain.record import Frozen
from pipeline.embedded import sole_runner
from pipeline.flow import DIGITISE
from pipeline.indexing import rebuild_index
from pipeline.records import Coded
from services.context import Services
from services.permissions import Asker, demand


class Unread(Frozen):
    """An object of the vault that could not be read: where it lies, and why."""

    path: Path
    reason: str
    remedy: str


DifferenceKind = Literal["missing", "changed", "same_code"]


class PaperDifference(Frozen):
    """A paper that is not as the former catalogue or the ledger knew it, or one with the code of another.

    ``missing``: its object is not in the vault any more; its codes stay reserved.  ``changed``: it has another owner or
    scan than before.  ``same_code``: another object bears its code; both are entered, this one with ``#`` and its id
    behind the code.
    """

    about: DifferenceKind
    id: str
    object_id: str
    code: str


class Rebuilt(Frozen):
    """How many papers were entered, what could not be read or differs, and how many papers the new index has.

    ``former_secret``: the secret under which owners were entered before, when that is another one now.
    """

    papers: int
    unread: tuple[Unread, ...]
    differences: tuple[PaperDifference, ...]
    indexed: int = 0
    former_secret: FormerSecret | None = None


def rebuild(ctx: Services, asker: Asker) -> Rebuilt:
    """Make the catalogue anew from the vault, then the index.

    Raises:
        NotAllowed: the role may not.
        Busy: another process is at work on the store.
    """
    demand(ctx, asker, "rebuild")
    with sole_runner(ctx.settings), ctx.journal.once("catalogue") as record:

        def announce(found: Rebuilt) -> None:
            record(
                CatalogueRebuilt(
                    who=asker.who,
                    subject="catalogue",
                    papers=found.papers,
                    unread=len(found.unread),
                    differences=len(found.differences),
                )
            )

        found = rebuild_catalogue(ctx, announce)
        former = ctx.desk.take_over(
            lambda ids: _owners(ctx, ids),
            lambda lost: record(
                OwnerSecretReplaced(who=asker.who, subject="owner.secret", lost_questions=lost.questions)
            ),
        )
        return found.model_copy(update={"former_secret": former, "indexed": rebuild_index(ctx)})


def _owners(ctx: Services, ids: Sequence[str]) -> dict[str, str]:
    """The keyed hashes of the owners of papers, by their ids."""
    return {paper.id: ctx.owner_keys.of(paper.owner_id) for paper in ctx.catalogue.some(ids)}


def rebuild_catalogue(ctx: Services, announce: Callable[[Rebuilt], None] = lambda _: None) -> Rebuilt:
    """Fill the catalogue anew from the vault, in one transaction: until its end everybody sees the former one.

    Papers are entered in the order in which they were archived.  Every object is compared with its digests; one that
    cannot be read, or is not what its inventory says, is told and passed over: what the former catalogue knew of it is
    kept.  Codes that the former catalogue or the ledger know are never given out again, whatever became of the papers.
    ``announce`` is told what was done before it counts.
    """
    order, unread = _order(ctx)
    differences: list[PaperDifference] = []
    with ctx.catalogue.anew() as draft:
        entered, seen = 0, {*(path for _, path in order), *(item.path for item in unread)}
        paths = [path for _, path in order]
        while paths:
            for path in paths:
                try:
                    differences += _enter(draft, read_package(ctx.vault.read(path)))
                except VaultDamaged as error:
                    unread.append(_unread(path, error))
                else:
                    entered += 1
            seen.update(paths)
            paths = _came_meanwhile(ctx, draft, seen)
        differences += _settle(ctx, draft, {item.path for item in unread})
        for entry in ctx.ledger.entries():
            if DIGITISE.has_passed("code", entry.stage):
                coded = Coded.model_validate_json(entry.record, extra="ignore")
                minted = coded.description.value("dossier_code") is None
                is_lost = draft.reserve(entry.id, coded.codes, minted_dossier=minted) and entry.state == "done"
                if is_lost:
                    differences.append(
                        _differing("missing", entry.id, f"urn:khoso:{entry.id}", coded.codes.digitisation)
                    )
        found = Rebuilt(papers=entered, unread=tuple(unread), differences=tuple(differences))
        announce(found)
    return found


def _order(ctx: Services) -> tuple[list[tuple[datetime, Path]], list[Unread]]:
    """Where the objects lie, by the time of archiving; and those that are not what they say, or cannot be read."""
    order, unread = [], []
    for path in ctx.vault.paths():
        try:
            stored = ctx.vault.read(path)
            ctx.vault.compare(stored)
            order.append((read_package(stored).paper.archived_at, path))
        except VaultDamaged as error:
            unread.append(_unread(path, error))
    return sorted(order), unread


def _came_meanwhile(ctx: Services, draft: CatalogueDraft, seen: AbstractSet[Path]) -> list[Path]:
    """Where the papers lie that workers archived after the vault was looked through: the former catalogue has them."""
    paths = (ctx.vault.path(item.object_id) for item in draft.left_out())
    return [path for path in paths if path not in seen and path.exists()]


def _unread(path: Path, error: VaultDamaged) -> Unread:
    return Unread(path=path, reason=f"{error.reason}: {error}", remedy=error.remedy)


def _enter(draft: CatalogueDraft, package: Package) -> list[PaperDifference]:
    paper, minted = package.paper, "dossier_code" not in package.record.description.fields
    taken = draft.enter(paper, package.record.identity, package.record.codes, minted_dossier=minted)
    return [_differing("same_code", paper.id, paper.object_id, code) for code in taken]


def _settle(ctx: Services, draft: CatalogueDraft, unread: AbstractSet[Path]) -> list[PaperDifference]:
    """Compare with the former catalogue: what lies unread in the vault stays as it was known, the rest is told."""
    left = draft.left_out()
    kept = [item for item in left if ctx.vault.path(item.object_id) in unread]
    draft.keep(kept)
    gone = [item for item in left if item not in set(kept)]
    return [
        *(_differing("missing", *item) for item in gone),
        *(
            PaperDifference(about="changed", id=item.id, object_id=item.object_id, code=item.code)
            for item in draft.moved()
        ),
    ]


def _differing(about: DifferenceKind, document_id: str, object_id: str, code: str) -> PaperDifference:
    return PaperDifference(about=about, id=document_id, object_id=object_id, code=code)
