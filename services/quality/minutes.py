"""The minutes of acceptance: written from the checks, proven PDF/A-2b, signed and sealed, kept (law L5.19)."""

from pathlib import Path
from typing import Final

from archive.inspections.records import Inspection
from domain.clock import now
from domain.errors import NotFound, UsageError
from domain.events import MinutesGiven, MinutesSigned
from domain.levels import Level
from domain.owners import mask_text
from domain.values import plain
from files.outside import check_new, new_file
from services.context import Services
from services.permissions import Asker, demand
from services.printing.pdfa import print_pdfa
from services.quality.kept import KeptMinutes, MinutesData, MinutesStatement, TakenOut, keep_minutes, signed_minutes
from services.quality.redrawing import redraw
from services.quality.tally import bared, tally
from services.quality.wording import minutes_blocks
from services.secrecy.unsaid import gone
from signing.interface import Provable
from signing.pades.conformance import prove_signature

_PROFILE = "minutes"
_LEVEL: Final[Level] = "B-T"
_MARKS_MM = 22.0  # what the marks of both signatures take below the upper margin
_LONGEST = 500


def give_minutes(ctx: Services, asker: Asker, batch: str, statement: MinutesStatement, target: Path) -> KeptMinutes:
    """Write out the minutes of the last inspection of a batch, whose lot is accepted or refused.

    They are signed once: when the same parties ask again, the very file is written out again; when they state something
    else, new ones are signed from the same numbers, and the former stay in the store.

    Args:
        ctx: the services.
        asker: who asks.
        batch: whose lot it is.
        statement: what the parties state.
        target: the file, outside the store; nothing may be there.

    Raises:
        NotAllowed: the role may not.
        NotFound: no sample of such a batch was drawn.
        UsageError: it is not settled yet, a statement cannot be, or the file cannot be written.
        VaultDamaged: the minutes that were signed are damaged.
        NotConforming, NotChecked: they are not PDF/A-2b.
        SetupError: the keys cannot sign, or the typeface is missing.
    """
    demand(ctx, asker, "quality_minutes", batch)
    statement = _checked(statement)
    check_new(target, ctx.settings.home)
    inspection = ctx.quality.newest(batch)
    if inspection is None:
        raise NotFound("no_sample_drawn", remedy="draw_sample", batch=batch)
    kept = signed_minutes(ctx, inspection)
    if kept is not None and kept.data.statement == statement:
        ctx.journal.record(MinutesGiven(**dict(asker), subject=batch, round=inspection.round, sha256=kept.sha256))
    else:
        kept = _signed(ctx, asker, redraw(ctx, asker, inspection), statement)
    with new_file(target, ctx.settings.home) as file:
        file.write(kept.pdf.read_bytes())
    return kept


def _signed(ctx: Services, asker: Asker, inspection: Inspection, statement: MinutesStatement) -> KeptMinutes:
    with ctx.quality.unchanged(inspection) as checks:
        counted = tally(inspection, checks)
        if counted.state == "open":
            left = inspection.sample - inspection.short - counted.checked
            raise UsageError("sample_unfinished", remedy="see_lot", left=left)
        lot, drawn = ctx.quality.lot(inspection), ctx.quality.drawn(inspection)
        lost = gone(ctx, lot)
        data = MinutesData(
            at=now(),
            by=asker.who,
            inspection=inspection,
            tally=counted,
            statement=statement,
            lot=tuple(lot),
            sample=tuple(paper.paper_id for paper in drawn if paper.out_at is None),
            out=tuple(TakenOut.model_validate(paper.model_dump(exclude={"hands"})) for paper in drawn if paper.out_at),
            lost=len(lost),
            checks=tuple(bared(check) if check.paper_id in lost else check for check in checks),
        )
        sealed = _sealed(ctx, data)
        event = MinutesSigned(
            **dict(asker),
            subject=inspection.batch_id,
            round=inspection.round,
            state=counted.state,
            contract=statement.contract,
            sha256=sealed.sha256,
        )
        with ctx.journal.once(inspection.name, "minutes") as tell:
            tell(event)
            return keep_minutes(ctx, data, sealed.pdf)


def _sealed(ctx: Services, data: MinutesData) -> Provable:
    """The minutes, signed by who keeps the store and sealed by the agency."""
    profile, at = ctx.catalogues.signing_profile(_PROFILE), data.at
    title = f"Biên bản nghiệm thu lô {data.inspection.batch_id}, lần {data.inspection.round}"
    printed = print_pdfa(title, minutes_blocks(data), at, free_mm=_MARKS_MM)
    copy = ctx.signers.sign_copy(printed, at, (), profile)
    prove_signature(printed, copy)
    sealed = ctx.signers.seal(copy, at, _LEVEL, profile)
    prove_signature(copy, sealed)
    return Provable(sealed, _LEVEL)


def _checked(statement: MinutesStatement) -> MinutesStatement:
    """The statement as it is printed and kept; identity numbers are masked.

    Raises:
        UsageError: a text is too long, empty where it must not be, or holds signs that are no letters.
    """
    changes = {}
    for name, text in statement:
        if isinstance(text, str):
            changes[name] = mask_text(plain(name, text))
            if len(text) > _LONGEST:
                raise UsageError("text_too_long", remedy="say_shorter", name=name, most=_LONGEST)
    for name in ("contract", "party_a", "party_b"):
        if not changes[name]:
            raise UsageError("text_empty", remedy="give_value", name=name)
    return statement.model_copy(update=changes)
