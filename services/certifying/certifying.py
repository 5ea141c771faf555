"""`certify`: who saw the original certifies the held e-copy of it, under a number of the office's book (law L1.3).

The copy is made of the file before any signature, to which the paper's own copy is an addition: the statement stands on
it when the certifier signs, and the agency seals behind him.  It is kept with the paper, in its object.
"""

import hashlib
from pathlib import Path
from typing import Any, Final

from archive.books.books import BookEntry
from archive.errors import VaultDamaged
from archive.interface import Paper, StoredObject
from archive.package import read_package, revise
from archive.papers.forms import KeptCertified, certified_file
from config.copies import CertifiedCopyWords
from domain.clock import now, today
from domain.codes import code_key, mask_code
from domain.copies.events import CertifiedGiven, CopyCertified
from domain.errors import SetupError
from domain.record import PublicView
from files.durable import sweep_beside
from files.outside import check_new, new_file
from services.certifying.entries import BOOK, EVENT, book_entry, entries_known
from services.certifying.hands import CertifyingHands, certifier, hands_to_certify, whom_to_ask
from services.certifying.making import certified_copy, check_room, unsigned_copy
from services.certifying.originals import check_original
from services.context import Services
from services.permissions import Asker, demand, refuse
from services.reuse.purpose import Purpose, has_dossier, purpose_of_paper
from services.unseen import paper_there

_HIGH: Final = 99_999  # a number as long as any will be


class CertifiedCopy(PublicView):
    """A certified e-copy: its number and book, who certified it in which capacity, and the file ``pdf``."""

    id: str
    code: str
    dossier: str
    component: str
    number: int
    book: str
    signer: str
    sha256: str
    pages: int
    pdf: Path


def certify_paper(
    ctx: Services, asker: Asker, code: str, *, dossier: str, target: Path, component: str = "", reason: str = ""
) -> CertifiedCopy:
    """Certify the e-copy of an original that lies before the asker, and hand it out.

    The number is given when all else is seen to be well, and stands in the office's book from then on.  Whoever was cut
    off and asks again gets the same number; whoever asks again for the same dossier, and may certify, too, gets the
    same copy.

    Args:
        ctx: the services.
        asker: who certifies: an officer whom the settings let do so.
        code: document id, or a code that the paper bears or bore.
        dossier: the dossier in which the certification was asked for.
        target: the file to write, outside the store; nothing may be there.
        component: of that dossier, where the copy is for one.
        reason: why it is certified for a dossier that may be none, or none of the paper's owner.

    Raises:
        NotAllowed: the role may not, or he certifies nothing at this office.
        NotFound: no such paper is held, or another agency's.
        PurposeDoubtful: the dossier is unknown, somebody else's or over, or does not ask for the component, and the
            rules refuse that or ask for a reason.
        VaultDamaged: it was certified for that dossier, and the vault lacks the copy.
        NotValid: it is no original, counts no more, or its file or signatures do not stand.
        UsageError: what is given is no dossier, or nothing can be written at the target.
        SetupError: the rules of today have no words for it, or a key cannot be used.
        TemporaryFailure: a key or an authority is away.
    """
    demand(ctx, asker, "certify", code, dossier=dossier, advice=whom_to_ask(ctx, asker.office))
    dossier, component = has_dossier(ctx, asker, dossier, act="certify"), code_key(component)
    words = ctx.catalogues.profile(today()).certified_copy
    if words is None:
        raise SetupError("certified_without_words", remedy="give_certified_words", day=today())
    sweep_beside(target)
    seen = paper_there(ctx, asker, "certify", code)
    row = certifier(ctx, asker, "certify", seen.id, dossier=dossier)
    purpose = purpose_of_paper(ctx, asker, dossier, seen, component=component, reason=reason)
    with ctx.vault.sole(seen.object_id) as stored:  # who gives the same command at once waits, and gets the same copy
        paper = paper_there(ctx, asker, "certify", seen.id)  # it may have been withdrawn or revoked meanwhile
        check_original(ctx, asker, paper, stored, dossier=dossier)
        kept = _kept(stored, asker, dossier)
        if kept is None or not _lies_there(target, kept):
            check_new(target, ctx.settings.home)
        if kept is None:
            _see_none_lost(ctx, asker, paper, dossier, words)
            hands = hands_to_certify(ctx, asker, row)
            kept = _certified(ctx, asker, stored, paper, hands, words, purpose, dossier=dossier, component=component)
        else:
            _settle(ctx, asker, paper.id, kept, purpose)
    pdf = ctx.vault.get(paper.object_id).files[kept.file]
    _hand_out(ctx, asker, paper.id, kept, purpose, pdf, target)
    return _made(paper, kept, target)


def _made(paper: Paper, kept: KeptCertified, target: Path) -> CertifiedCopy:
    return CertifiedCopy(
        id=paper.id,
        code=mask_code(kept.code),
        dossier=kept.dossier,
        component=kept.component,
        number=kept.number,
        book=kept.book,
        signer=kept.signer,
        sha256=kept.sha256,
        pages=kept.pages,
        pdf=target.resolve(),
    )


def _see_none_lost(ctx: Services, asker: Asker, paper: Paper, dossier: str, words: CertifiedCopyWords) -> None:
    """What was certified under a number gets no other one because a vault of an earlier day lacks it.

    Raises:
        VaultDamaged: it was, and so the vault is to be restored.
    """
    for item in entries_known(ctx):
        if item.done_at and (item.office, item.paper_id, item.dossier) == (asker.office, paper.id, dossier):
            refuse(ctx, asker, "certify", paper.id, "damaged", dossier=dossier)
            said: dict[str, Any] = {
                "number": item.number,
                "book": words.book_of(item.year),
                "id": paper.id,
                "dossier": dossier,
            }
            raise VaultDamaged("certified_not_in_vault", remedy="restore_certified", **said)


def _certified(
    ctx: Services,
    asker: Asker,
    stored: StoredObject,
    paper: Paper,
    hands: CertifyingHands,
    words: CertifiedCopyWords,
    purpose: Purpose,
    *,
    dossier: str,
    component: str,
) -> KeptCertified:
    """Give the number, make the copy, tell the journal, keep it, and end the entry; each is gone on with."""
    copy, at = unsigned_copy(ctx, stored, paper, hands), now()
    check_room(ctx, copy, words.statement(_HIGH, at.date(), hands.title))
    asked = BookEntry(
        book=BOOK,
        office=asker.office,
        year=at.year,
        number=0,
        at=at,
        who=asker.who,
        paper_id=paper.id,
        code=paper.digitisation_code,
        dossier=dossier,
        pages=paper.pages,
        sha256=copy.sha256,
        component=component,
        signer=f"{hands.name}, {hands.title}",
    )
    entry = _numbered(ctx, asked).model_copy(update={"signer": asked.signer})
    made = certified_copy(ctx, copy, words.statement(entry.number, entry.at.date(), hands.title))
    kept = KeptCertified(
        **entry.model_dump(include={"office", "year", "number", "at", "who", "signer", "dossier", "component", "code"}),
        book=words.book_of(entry.year),
        done_at=now(),
        pages=entry.pages,
        of=entry.sha256,
        file=certified_file(entry.office, entry.year, entry.number),
        sha256=hashlib.sha256(made).hexdigest(),
    )
    with ctx.journal.once(*_about(kept)) as record:
        record(_event(asker, paper.id, kept, purpose))
        revise(
            ctx.vault,
            stored,
            read_package(stored).paper,
            stage=EVENT,
            at=kept.done_at,
            who=hands.name,
            message=f"certified: {kept.number}, {kept.book}",
            certified=(kept, made),
        )
        ctx.desk.books.keep(book_entry(paper.id, kept))
    return kept


def _settle(ctx: Services, asker: Asker, paper_id: str, kept: KeptCertified, purpose: Purpose) -> None:
    """End what was cut off behind the vault: the journal has its event, and the book hears that it is done."""
    event = _event(asker, paper_id, kept, purpose)
    if ctx.journal.was_cut_off(event, *_about(kept)):
        with ctx.journal.once(*_about(kept)) as record:
            record(event)
    ctx.desk.books.keep(book_entry(paper_id, kept))


def _about(kept: KeptCertified) -> tuple[str, ...]:
    return BOOK, kept.office, str(kept.year), str(kept.number)


def _event(asker: Asker, paper_id: str, kept: KeptCertified, purpose: Purpose) -> CopyCertified:
    said = kept.model_dump(include={"number", "year", "dossier", "component", "code", "pages", "signer"})
    doubts = ",".join(purpose.doubts)
    return CopyCertified(**dict(asker), subject=paper_id, doubts=doubts, why=purpose.reason, **said)


def _numbered(ctx: Services, entry: BookEntry) -> BookEntry:
    """The entry with its number; the journal tells the highest one, too, where the database was put back."""
    book = entry.office, entry.year
    told = (int(item["number"]) for item in ctx.journal.of_kind(EVENT) if (item["office"], item["year"]) == book)
    return ctx.desk.books.begin(entry, at_least=1 + max(told, default=0))


def _kept(stored: StoredObject, asker: Asker, dossier: str) -> KeptCertified | None:
    """The newest copy that this office certified for this dossier."""
    made = [item for item in read_package(stored).certified if (item.office, item.dossier) == (asker.office, dossier)]
    return made[-1] if made else None


def _hand_out(
    ctx: Services, asker: Asker, paper_id: str, kept: KeptCertified, purpose: Purpose, pdf: Path, target: Path
) -> None:
    """Write the copy where it was asked for; that it was handed out is recorded first, each time."""
    event = CertifiedGiven(
        **dict(asker),
        subject=paper_id,
        number=kept.number,
        year=kept.year,
        dossier=kept.dossier,
        sha256=kept.sha256,
        doubts=",".join(purpose.doubts),
        why=purpose.reason,
    )
    with ctx.journal.once(*_about(kept), "given", str(target.resolve())) as record:
        record(event)
        if not _lies_there(target, kept):
            with new_file(target, ctx.settings.home) as file:
                file.write(pdf.read_bytes())


def _lies_there(target: Path, kept: KeptCertified) -> bool:
    """Whether this very copy was put there by a run that was cut off."""
    return target.is_file() and hashlib.sha256(target.read_bytes()).hexdigest() == kept.sha256
