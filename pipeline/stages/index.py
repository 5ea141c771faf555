"""index: the archived paper becomes findable, through the outbox."""

from archive.interface import Paper
from pipeline.context import Context
from pipeline.records import Archived, Indexed
from pipeline.stages.archive import TEXT
from search.interface import Entry


def index(archived: Archived, ctx: Context) -> Indexed:
    """Whoever comes sends all that waits in the outbox, so many workers make few commits."""
    if not ctx.catalogue.is_indexed(archived.outbox):
        drain(ctx)
    return Indexed.after(archived)


def drain(ctx: Context) -> int:
    """Send everything the index has not heard of; returns how many papers that were."""
    waiting = ctx.catalogue.waiting_for_index()
    if waiting:
        with ctx.index() as engine:
            engine.add(entry_of(paper, ctx) for _, paper in waiting)
        ctx.catalogue.mark_indexed(seq for seq, _ in waiting)
    return len(waiting)


def entry_of(paper: Paper, ctx: Context) -> Entry:
    """What the index knows of a paper: words from the vault, codes and dates from the catalogue; no owner id."""
    text = ctx.vault.get(paper.object_id).files[TEXT].read_text(encoding="utf-8")
    names = {item.code: item.name for item in ctx.catalogues.types}
    type_name = names.get(paper.type_code, paper.type_code)
    return Entry(
        id=paper.id,
        title=" ".join(part for part in (paper.title or type_name, paper.abstract, paper.owner_name) if part),
        body=text,
        number_symbol=paper.number_symbol,
        codes=tuple(code for code in (paper.digitisation_code, paper.result_code) if code),
        type_code=paper.type_code,
        type_name=type_name,
        dossier=paper.dossier,
        issuer=paper.issuer,
        issued=paper.issued,
    )
