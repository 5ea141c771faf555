"""How far batches are, and what keeps their papers."""

from datetime import datetime
from pathlib import Path
from typing import Final

from archive.outbox import Lag
from domain.errors import NotFound
from domain.messages.told import Reason
from domain.owners import mask_text
from domain.record import Frozen
from domain.states import STOPPED, DocumentState, LotState, SourceState
from pipeline.runner import archived_since, is_apart, why_stuck
from services.context import Services
from services.permissions import TABLE, Asker, demand, may
from services.quality.telling import lot_states
from services.secrecy.withheld import decides, is_withheld
from services.unseen import dossier_of, masked, without_others

LOST: Final = Reason(word="vault_damaged", what="lost_since_rebuild", remedy="restore_then_rebuild")


class Batch(Frozen):
    """A batch in numbers; ``files`` were put in, and each paper of them is in one of the states.

    ``quality``: how its lot stands; None while no sample of it was drawn.
    """

    batch: str
    files: int
    archived: int
    waiting: int
    held: int
    refused: int
    duplicate: int
    discarded: int
    pages: int
    opened_at: datetime
    closed_at: datetime | None
    quality: LotState | None = None
    secret: int = 0


class Trouble(Frozen):
    """A paper that is held, refused or waits for something, or a file that became none; ``source`` is the file.

    ``reason`` is ``told`` in the language of the run.
    """

    id: str | None
    state: DocumentState | SourceState
    source: str
    stage: str | None
    reason: str
    told: Reason


class Situation(Frozen):
    """How far the batches are, what keeps papers, how many needed which rung of the ladder, how far the index is."""

    batches: tuple[Batch, ...]
    troubles: tuple[Trouble, ...]
    changed_in_form: dict[str, int]
    index: Lag


def status(ctx: Services, asker: Asker, only: str | None = None) -> Situation:
    """How the store stands, or one batch of it; of a paper only why it waits, and so it is not recorded.

    Who may not disclose is told of refused files by their names, in which identity numbers are masked; what waits for
    another agency, or was put in for it, is only counted.

    Raises:
        NotAllowed: the role may not.
        NotFound: there is no such batch.
    """
    demand(ctx, asker, "status", only or "")
    return Situation(
        batches=tuple(_progress(ctx, only)),
        troubles=tuple(
            _as_told_to(ctx, asker, item) for item in _troubles(ctx, asker, only) if _is_there(ctx, asker, item)
        ),
        changed_in_form=_changed_in_form(ctx, only),
        index=ctx.catalogue.outbox.lag(),
    )


def left(ctx: Services, asker: Asker, only: str | None = None) -> tuple[int, int]:
    """How many documents wait, and how many are in hand.

    Raises:
        NotAllowed: the role may not.
        NotFound: there is no such batch.
    """
    demand(ctx, asker, "status", only or "")
    if only is not None:
        _progress(ctx, only)
    return len(ctx.ledger.entries(only, "waiting")), ctx.ledger.leased()


def _progress(ctx: Services, only: str | None = None) -> list[Batch]:
    """Every batch, or one.

    Raises:
        NotFound: there is no such batch.
    """
    ids = _ids(ctx, only)
    if only and not ids:
        raise NotFound("no_batch", remedy="see_all_batches", batch=only)
    lots = lot_states(ctx)
    return [_numbers(ctx, item, lots.get(str(item["id"]))) for item in ctx.ledger.batches() if str(item["id"]) in ids]


def _troubles(ctx: Services, asker: Asker, only: str | None = None) -> list[Trouble]:
    """What is held, refused, or waits for a reason, as the ledger has it; not what was archived since its day."""
    stopped = (entry for state in STOPPED for entry in ctx.ledger.entries(only, state))
    entries = [entry for entry in stopped if archived_since(ctx, entry) is None and not is_apart(ctx, entry)]
    entries = [entry for entry in entries if not is_withheld(entry) or decides(ctx, asker, entry)]
    entries += [entry for entry in ctx.ledger.entries(only, "waiting") if entry.reason]
    files = {source.sha256: source.path for batch in _ids(ctx, only) for source in ctx.ledger.sources(batch)}
    found = [
        _trouble(
            why_stuck(entry) or entry.reason,
            state=entry.state,
            name=entry.id,
            stage=entry.stage,
            source=files.get(entry.sha256, ""),
        )
        for entry in entries
    ]
    held = ctx.catalogue.known_ids()
    found += [_trouble(LOST, state="done", name=name) for name in ctx.ledger.archived(only) if name not in held]
    for batch in _ids(ctx, only):
        found += [
            _trouble(source.reason, state=source.state, source=source.path)
            for source in ctx.ledger.sources(batch)
            if source.state == "refused"
        ]
    return found


def _trouble(
    reason: Reason,
    *,
    state: DocumentState | SourceState,
    name: str | None = None,
    stage: str | None = None,
    source: str = "",
) -> Trouble:
    return Trouble(id=name, state=state, source=source, stage=stage, reason=reason.text(), told=reason)


def _is_there(ctx: Services, asker: Asker, trouble: Trouble) -> bool:
    """Whether it is about a paper that the asker may see, or a file that became none at the installation's agency."""
    if TABLE["show"][asker.role] == "all":
        return True
    dossier = dossier_of(ctx, trouble.id) if trouble.id else None
    return may(asker, "show", dossier, ctx.settings)


def _changed_in_form(ctx: Services, only: str | None = None) -> dict[str, int]:
    """How many papers needed each higher rung of the ladder to PDF/A."""
    counts = {step: ctx.ledger.mentioning(f'"step":"{step}"', only) for step in ("cleaned", "rewritten", "drawn")}
    return {step: count for step, count in counts.items() if count}


def _as_told_to(ctx: Services, asker: Asker, trouble: Trouble) -> Trouble:
    """The trouble with identity numbers masked, without papers that are not there, and without places of files."""
    name, reason, discloses = (
        trouble.source,
        without_others(ctx, asker, trouble.told),
        may(asker, "disclose", None, ctx.settings),
    )
    if not discloses:
        name = Path(name).name
    reason = masked(reason, places=discloses)
    return trouble.model_copy(update={"source": mask_text(name), "told": reason, "reason": reason.text()})


def _ids(ctx: Services, only: str | None) -> list[str]:
    return [batch for item in ctx.ledger.batches() if only in (None, batch := str(item["id"]))]


def _numbers(ctx: Services, item: dict[str, object], quality: LotState | None) -> Batch:
    batch = str(item["id"])
    sources, counts = ctx.ledger.sources(batch), ctx.ledger.counts(batch)

    def number(state: DocumentState) -> int:
        return counts.get(state, (0, 0))[0] + sum(source.state == state for source in sources)

    return Batch.model_validate(
        {
            "batch": batch,
            "files": len(sources),
            "archived": number("done"),
            "waiting": number("waiting"),
            "held": number("held"),
            "refused": number("refused"),
            "duplicate": number("duplicate"),
            "discarded": number("discarded"),
            "pages": sum(pages for _, pages in counts.values()),
            "opened_at": item["opened_at"],
            "closed_at": item["closed_at"],
            "quality": quality,
            "secret": number("secret"),
        }
    )
