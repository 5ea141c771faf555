"""`use`: a held paper is handed over, only for the dossier for which it was asked (law L8, design law 7)."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

from archive.errors import VaultDamaged
from archive.interface import Paper, Question, Use
from archive.package import PDF
from domain.clock import now, today
from domain.errors import NotValid
from domain.events import PaperUsed
from domain.messages.told import told
from domain.record import PublicView
from files.outside import new_file
from pipeline.context import digest
from services.context import Services
from services.permissions import Asker, NotAllowed, demand, refuse
from services.reuse.purpose import has_dossier, still_stated
from services.reuse.references import meant
from services.reuse.wording import ANSWERS


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
    has_dossier(ctx, asker, dossier, act="use")
    patience = timedelta(seconds=ctx.settings.desk.ask_before_s)
    paper = ctx.catalogue.paper(meant(ctx, asker, code, dossier))
    asked = ctx.desk.answered(dossier, paper.id) if paper else None
    if paper is None or asked is None or asked.office != asker.office or asked.at < now() - patience:
        refuse(ctx, asker, "use", paper.id if paper else code, "not_asked", dossier=dossier)
        raise NotAllowed("nobody_asked_for_it", remedy="lookup_first")
    still_stated(ctx, asker, asked, paper.owner_id)
    _still_counts(ctx, asker, paper, asked)
    stored = _sound_pdf(ctx, paper)
    if stored is None:
        refuse(ctx, asker, "use", paper.id, "damaged", dossier=dossier)
        raise NotValid("file_not_archived_one", remedy="tell_archivist")
    with new_file(target, ctx.settings.home) as copy:
        with stored.open("rb") as file:
            shutil.copyfileobj(file, copy)
        copy.flush()
        os.fsync(copy.fileno())
        _still_counts(ctx, asker, paper, asked)
        is_first = _record_use(ctx, asker, paper, asked)
    return HandedOver(
        id=paper.id, code=paper.digitisation_code, dossier=dossier, pdf=target.resolve(), first_use=is_first
    )


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
        owner_key=ctx.owner_keys.of(paper.owner_id),
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


def _still_counts(ctx: Services, asker: Asker, paper: Paper, asked: Question) -> None:
    """A paper may have been revoked, have expired, or turned out to be another owner's between question and use."""
    held = next((item for item in ctx.catalogue.held(asked.owner_key, (paper.type_code,)) if item.id == paper.id), None)
    answer = held.answer(today(), asker.office) if held else "not-held"
    if answer != "held-and-valid":
        refuse(ctx, asker, "use", paper.id, answer, dossier=asked.dossier)
        raise NotValid("counts_no_more", remedy="ask_owner_to_bring", answer=told(ANSWERS[answer]))


def _sound_pdf(ctx: Services, paper: Paper) -> Path | None:
    """Where the PDF of a paper lies; None when it is not there as it was archived."""
    try:
        path = ctx.vault.get(paper.object_id).files[PDF]
        return path if path.is_file() and digest(path) == paper.pdf_sha256 else None
    except (VaultDamaged, KeyError, OSError):
        return None
