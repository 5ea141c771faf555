"""`use`: a held paper is handed over, only for the dossier for which it was asked (law L8, design law 7)."""

import os
import shutil
from pathlib import Path

from archive.interface import Paper, Question, Use
from domain.clock import now
from domain.codes import mask_code
from domain.events import PaperUsed
from domain.record import PublicView
from files.outside import new_file
from services.context import Services
from services.permissions import Asker, demand, may
from services.reuse.taking import still_counts, taken


class HandedOver(PublicView):
    """A paper that was handed over: the file ``pdf``; ``first_use``: it had not been for this dossier before."""

    id: str
    code: str
    dossier: str
    pdf: Path
    first_use: bool


def use(ctx: Services, asker: Asker, code: str, *, dossier: str, target: Path) -> HandedOver:
    """Hand a held paper over for a dossier, and record the reuse once.

    The copy is complete beside its target before the reuse is recorded, and takes its place afterwards: nothing is
    recorded that cannot be handed over, and nothing handed over that was not recorded.

    Args:
        ctx: the services.
        asker: who takes it.
        code: number of the answer in the asker's last lookup for the dossier, or at least eight letters of the
            document's id; the id, digitisation or result code.
        dossier: the dossier for which it was asked.
        target: where the signed PDF is written, outside the store; nothing may be there.

    Raises:
        NotAllowed: nobody asked for it for this dossier of late, or the answer was not held-and-valid; so is a paper
            answered that nobody has, for a code tells whose it is.
        PurposeDoubtful: the dossier is a purpose no more, or more doubtful than when it was asked for.
        NotValid: the file is not the one that was archived, or the paper has ceased to count.
        UsageError: there is no purpose, nothing can be written at the target, or something lies there already.
    """
    demand(ctx, asker, "use", code, dossier=dossier)
    paper, asked, stored = taken(ctx, asker, "use", code, dossier)
    with new_file(target, ctx.settings.home) as copy:
        with stored.open("rb") as file:
            shutil.copyfileobj(file, copy)
        copy.flush()
        os.fsync(copy.fileno())
        still_counts(ctx, asker, "use", paper, asked)
        is_first = _record_use(ctx, asker, paper, asked)
    code = paper.digitisation_code
    shown = code if may(asker, "disclose", paper.belongs, ctx.settings) else mask_code(code)
    return HandedOver(id=paper.id, code=shown, dossier=asked.dossier, pdf=target.resolve(), first_use=is_first)


def _record_use(ctx: Services, asker: Asker, paper: Paper, asked: Question) -> bool:
    """Enter that a paper is handed over; tells whether this is the first time for the dossier."""
    use = Use(
        dossier=asked.dossier,
        paper_id=paper.id,
        at=now(),
        who=asker.who,
        office=asker.office,
        procedure=asked.procedure,
        asked_for=asked.asked_for,
        owner_key=asked.owner_key,
    )
    with ctx.journal.once(use.dossier, use.paper_id) as record, ctx.desk.use(use) as is_first:
        record(
            PaperUsed(
                event="used" if is_first else "used_again",
                who=asker.who,
                subject=paper.id,
                dossier=asked.dossier,
                office=asker.office,
                role=asker.role,
            )
        )
    return is_first
