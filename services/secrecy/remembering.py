"""The ledger is told which papers are withdrawn, for it outlives a catalogue that is put back with its vault."""

from archive.withdrawn.apart import KnownApart, WithdrawnPaper
from services.context import Services


def remember(ctx: Services) -> None:
    """Bring the ledger level with what the catalogue says of withdrawn papers: it lacks what an earlier release did.

    What the ledger alone calls erased stays so.
    """
    known = {item.row.id: item.row.state for item in ctx.ledger.withdrawals.apart()}
    apart = {row.id: row for row in ctx.catalogue.withdrawn.all()}
    for name, row in apart.items():
        if known.get(name) not in {row.state, "erased"}:
            remember_one(ctx, row)
    for name in known.keys() - apart.keys():
        if ctx.catalogue.paper(name) is not None:
            ctx.ledger.withdrawals.give_back(name)


def remember_one(ctx: Services, row: WithdrawnPaper) -> None:
    """Let the ledger remember that a paper is withdrawn, or erased."""
    left = ctx.catalogue.withdrawn.tombstone(row.id) if row.state == "erased" else None
    ctx.ledger.withdrawals.note(KnownApart(row, left))
