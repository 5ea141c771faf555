"""`copy`: an archived e-document becomes a copy on paper, whole, with the marks of one and a number (law L1.7)."""

import os
from pathlib import Path
from typing import Final

from archive.books.books import BookEntry, BookName
from archive.interface import Paper
from config.copies import PaperCopyWords
from domain.clock import now, today
from domain.codes import agency_of, mask_code
from domain.copies.events import PaperCopied
from domain.errors import NotValid, SetupError
from domain.record import PublicView
from files.durable import sweep_beside
from files.outside import check_new, new_file
from services.context import Services
from services.copies.sheets import drawn_pages, print_copy
from services.permissions import Asker, NotAllowed, demand, refuse, sees
from services.reuse.taking import PaperToTake, still_counts, taken
from services.verify import proof_of
from signing.interface import Outcome

BOOK: Final[BookName] = "paper_copy"
_EVENT: Final = "copied"


class PaperCopy(PublicView):
    """A copy to be printed: its number in the office's book, and the file ``pdf``."""

    id: str
    code: str
    dossier: str
    number: str
    pages: int
    pdf: Path


def copy_paper(ctx: Services, asker: Asker, code: str, *, dossier: str, target: Path) -> PaperCopy:
    """Convert a held paper to a copy on paper, for a dossier for which it was looked up.

    The number is given when all else is seen to be well, stands in the office's book from then on, and is recorded
    before the file takes its place.  Whoever was cut off and asks again gets the same number.

    Args:
        ctx: the services.
        asker: who converts it; stands on the copy.
        code: as for ``use``.
        dossier: the dossier for which it was asked.
        target: the file to print, outside the store; nothing may be there.

    Raises:
        NotAllowed: the role may not, the paper is another agency's, or nobody asked for it for this dossier.
        PurposeDoubtful: the dossier is a purpose no more.
        NotValid: the paper has ceased to count, or its file or its signatures do not stand.
        UsageError: there is no purpose, or nothing can be written at the target.
        SetupError: the rules of today have no words for it, or the typeface is missing.
    """
    demand(ctx, asker, "copy", code, dossier=dossier)
    words = ctx.catalogues.profile(today()).paper_copy
    if words is None:
        raise SetupError("copy_without_words", remedy="give_copy_words", day=today())
    found = taken(ctx, asker, "copy", code, dossier)
    paper = found.paper
    if not sees(ctx, asker, "copy", paper.id, dossier=paper.belongs):
        raise NotAllowed("copy_of_another", remedy="keeper_converts", office=agency_of(paper.belongs, asker.office))
    entry = _entry(asker, found)
    if not ctx.desk.books.begun(entry):
        check_new(target, ctx.settings.home)
    proof = _standing_proof(ctx, asker, found)
    pages = drawn_pages(found.pdf)
    with ctx.vault.sole(paper.object_id):  # who gives the same command at once waits, and gets a number of his own
        still_counts(ctx, asker, "copy", paper, found.asked)
        entry = _numbered(ctx, entry.model_copy(update={"pages": len(pages)}))
        said = [_filled(ctx, words, entry, page) for page in range(1, len(pages) + 1)]
        _put_down(ctx, asker, entry, proof, print_copy(pages, said, entry.at), target)
    return PaperCopy(
        id=paper.id,
        code=mask_code(paper.digitisation_code),
        dossier=entry.dossier,
        number=entry.shown,
        pages=entry.pages,
        pdf=target.resolve(),
    )


def _put_down(ctx: Services, asker: Asker, entry: BookEntry, proof: Outcome, printed: bytes, target: Path) -> None:
    """Record a copy, put its file in its place, and end its entry: what was cut off in between is gone on with."""
    event = PaperCopied(
        **dict(asker),
        subject=entry.paper_id,
        number=entry.number,
        year=entry.year,
        dossier=entry.dossier,
        code=entry.code,
        pages=entry.pages,
        proof=proof,
    )
    with ctx.journal.once(BOOK, entry.office, entry.shown) as record:
        record(event)
        if not _lies_there(target, printed):
            with new_file(target, ctx.settings.home) as file:
                file.write(printed)
                file.flush()
                os.fsync(file.fileno())
        ctx.desk.books.end(entry, now())


def _standing_proof(ctx: Services, asker: Asker, found: PaperToTake) -> Outcome:
    """What the signatures of a paper are; nobody makes a copy of what is no e-document of an agency any more.

    Raises:
        NotValid: its object is damaged, it is not signed, or a signature of it does not stand.
    """
    proof, faults = proof_of(ctx, found.paper)
    if faults or proof in {"broken", "unsigned"}:
        refuse(ctx, asker, "copy", found.paper.id, "damaged" if faults else proof, dossier=found.asked.dossier)
        raise NotValid("copy_of_unproven", remedy="see_what_verify_says", id=found.paper.id)
    return proof


def _entry(asker: Asker, found: PaperToTake) -> BookEntry:
    """What is to stand in the office's book, without its number and pages."""
    at, paper = now(), found.paper
    return BookEntry(
        book=BOOK,
        office=asker.office,
        year=at.year,
        number=0,
        at=at,
        who=asker.who,
        paper_id=paper.id,
        code=_looked_up_by(paper),
        dossier=found.asked.dossier,
        pages=0,
        sha256=paper.pdf_sha256,
    )


def _numbered(ctx: Services, entry: BookEntry) -> BookEntry:
    """The entry with its number.

    The journal tells the highest number, too: of a desk's database that was put back none is given a second time.
    """
    book = entry.office, entry.year
    told = (int(item["number"]) for item in ctx.journal.of_kind(_EVENT) if (item["office"], item["year"]) == book)
    return ctx.desk.books.begin(entry, at_least=1 + max(told, default=0))


def _lies_there(target: Path, printed: bytes) -> bool:
    """Whether this very copy was put there by a run that was cut off before the book said so."""
    sweep_beside(target)
    return target.is_file() and target.read_bytes() == printed


def _looked_up_by(paper: Paper) -> str:
    """The code by which anybody finds the e-document: the one that its owner was given, where there is one (L1.1)."""
    return paper.result_code or paper.digitisation_code


def _filled(ctx: Services, words: PaperCopyWords, entry: BookEntry, page: int) -> PaperCopyWords:
    copies = ctx.settings.copies
    return words.filled(
        system=copies.system,
        owner=copies.owner or _agency_name(ctx, ctx.settings.agency),
        agency=_agency_name(ctx, entry.office),
        code=entry.code,
        number=entry.shown,
        time=f"{entry.at:%H:%M:%S %d/%m/%Y}",
        who=_person(ctx, entry.who),
        dossier=entry.dossier,
        pages=entry.pages,
        page=page,
    )


def _agency_name(ctx: Services, code: str) -> str:
    """The name of an agency; its identifier where the catalogue does not know it."""
    try:
        return ctx.catalogues.agency(code).name
    except KeyError:
        return code


def _person(ctx: Services, who: str) -> str:
    """The name of an officer as the marks show it; that under which somebody asked, where he is none."""
    return next((row.name for row in ctx.settings.signing.rows_of(who)), who)
