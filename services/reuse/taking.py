"""Whether a held paper may be taken: somebody asked for it for the dossier, it counts, and is sound (law L8)."""

from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from archive.errors import VaultDamaged
from archive.interface import Paper, Question
from archive.package import PDF
from domain.clock import now, today
from domain.errors import NotValid
from domain.messages.told import told
from pipeline.context import digest
from services.context import Services
from services.permissions import Act, Asker, NotAllowed, refuse
from services.reuse.components import as_asked
from services.reuse.purpose import has_dossier, still_stated
from services.reuse.references import meant
from services.reuse.wording import ANSWERS
from services.unseen import bearer_of


class PaperToTake(NamedTuple):
    """A paper that may be taken, by the question that was answered with it, and where its PDF lies."""

    paper: Paper
    asked: Question
    pdf: Path


def taken(ctx: Services, asker: Asker, act: Act, code: str, dossier: str) -> PaperToTake:
    """The paper that is meant, as it may be taken now.

    Args:
        ctx: the services.
        asker: who takes it.
        act: what for; refusals are recorded under it.
        code: number of the answer in the asker's last lookup for the dossier, or at least eight letters of the
            document's id; the id, digitisation or result code.
        dossier: the dossier for which it was asked.

    Raises:
        NotAllowed: nobody asked for it for this dossier of late, or the answer was not held-and-valid; so is a paper
            answered that nobody has, for a code tells whose it is.
        PurposeDoubtful: the dossier is a purpose no more, or more doubtful than when it was asked for.
        NotValid: the file is not the one that was archived, or the paper has ceased to count.
        UsageError: there is no purpose.
    """
    dossier = has_dossier(ctx, asker, dossier, act=act)
    patience = timedelta(seconds=ctx.settings.desk.ask_before_s)
    paper = ctx.catalogue.paper(bearer_of(ctx, meant(ctx, asker, code, dossier)))
    asked = ctx.desk.answered(dossier, paper.id) if paper else None
    if paper is None or asked is None or asked.office != asker.office or asked.at < now() - patience:
        refuse(ctx, asker, act, paper.id if paper else code, "not_asked", dossier=dossier)
        raise NotAllowed("nobody_asked_for_it", remedy="lookup_first")
    about = (item for item in paper.owner_ids if ctx.owner_keys.of(item) == asked.owner_key)
    still_stated(ctx, asker, asked, next(about, paper.owner_id), act=act)
    still_counts(ctx, asker, act, paper, asked)
    pdf = _sound_pdf(ctx, paper)
    if pdf is None:
        refuse(ctx, asker, act, paper.id, "damaged", dossier=dossier)
        raise NotValid("file_not_archived_one", remedy="tell_archivist")
    return PaperToTake(paper, asked, pdf)


def still_counts(ctx: Services, asker: Asker, act: Act, paper: Paper, asked: Question) -> None:
    """A paper may have been revoked, have expired, or turned out to be another owner's between question and use.

    Raises:
        NotValid: it is so.
    """
    held = next((item for item in ctx.catalogue.held(asked.owner_key, (paper.type_code,)) if item.id == paper.id), None)
    answer = as_asked(ctx, asked, held).answer(today(), asker.office) if held else "not-held"
    if answer != "held-and-valid":
        refuse(ctx, asker, act, paper.id, answer, dossier=asked.dossier)
        raise NotValid("counts_no_more", remedy="ask_owner_to_bring", answer=told(ANSWERS[answer]))


def _sound_pdf(ctx: Services, paper: Paper) -> Path | None:
    """Where the PDF of a paper lies; None when it is not there as it was archived."""
    try:
        path = ctx.vault.get(paper.object_id).files[PDF]
        return path if path.is_file() and digest(path) == paper.pdf_sha256 else None
    except (VaultDamaged, KeyError, OSError):
        return None
