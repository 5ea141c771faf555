"""Making the catalogue anew from the vault."""

from archive.interface import Codes
from pipeline.context import Context
from pipeline.flow import DIGITISE
from pipeline.records import Coded
from pipeline.stages.archive import paper_of, record_of


def rebuild_catalogue(ctx: Context) -> int:
    """Empty the catalogue and fill it from the vault; codes of papers still under way come from the ledger.

    Returns the number of papers; the order of archiving is kept.
    """
    stored = sorted(((paper_of(item), record_of(item)) for item in ctx.vault.objects()), key=lambda p: p[0].archived_at)
    ctx.catalogue.forget_all()
    for paper, record in stored:
        minted = record.description.value("dossier_code") is None
        ctx.catalogue.restore_codes(paper.id, record.codes, minted_dossier=minted)
        ctx.catalogue.add(paper, record.identity)
    for entry in ctx.ledger.entries():
        if entry.state != "done" and DIGITISE.has_passed("code", entry.stage):
            coded = Coded.model_validate_json(entry.record, extra="ignore")
            codes: Codes = coded.codes
            minted = coded.description.value("dossier_code") is None
            ctx.catalogue.restore_codes(entry.id, codes, minted_dossier=minted)
    return len(stored)
