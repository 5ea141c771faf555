"""What is held about an owner, and who asked: for the owner, by archivists and auditors (law L1.5, L8.2)."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from archive.interface import FormerSecret, Paper, Question, Use
from domain.codes import mask_code
from domain.errors import UsageError
from domain.events import OwnerListed
from domain.owners import identifier_kind, mask, normal_owner
from domain.roles import write_owners
from services.context import Services
from services.permissions import Asker, demand
from services.reuse.linking import LinkView, link_view
from services.secrecy.unsaid import questions_about, uses_about
from services.unseen import unread


class OwnerView:
    """What an owner may see of the data store about him (law L1.5, L8.2): what is held, and who looked.

    ``former_secrets``: what was asked under these is told of nobody, and may have been about him.  ``unread`` says why
    there may be papers of his that nobody knows.  ``roles``: in which he stands on each of the papers; the numbers of
    others on them are masked.  ``links``: by which decisions other numbers are his, too.
    """

    def __init__(
        self,
        papers: Sequence[Paper],
        questions: Sequence[Question],
        uses: Sequence[Use],
        former_secrets: Sequence[FormerSecret],
        unread: str = "",
        roles: Sequence[str] = (),
        links: Sequence[LinkView] = (),
    ) -> None:
        self.links = links
        self.papers = papers
        self.roles = roles
        self.questions = questions
        self.uses = uses
        self.former_secrets = former_secrets
        self.unread = unread

    def lines(self) -> Iterator[dict[str, Any]]:
        """The lines of ``--json``: what is kept of each, but no place of a file and no key that owners are kept by."""
        left = {"sha256", "pdf_sha256", "object_id"}
        for paper, role in zip(self.papers, self.roles, strict=True):
            yield {"what": "paper", **paper.model_dump(mode="json", exclude=left), "role": role}
        parts: tuple[tuple[str, Sequence[BaseModel], set[str]], ...] = (
            ("question", self.questions, {"owner_key"}),
            ("use", self.uses, {"owner_key"}),
            ("hidden", self.former_secrets, {"check", "last"}),
        )
        yield from ({"what": "link", **link.line()} for link in self.links)
        for what, items, left_out in parts:
            yield from ({"what": what, **item.model_dump(mode="json", exclude=left_out)} for item in items)


def view_of_owner(ctx: Services, asker: Asker, owner_id: str, *, reason: str) -> OwnerView:
    """Everything that is held about an owner and everybody who asked; never for desk roles.

    Raises:
        NotAllowed: the asker is at a desk.
        UsageError: there is no reason, or the identifier is none.
    """
    owner_id = normal_owner(owner_id)
    demand(ctx, asker, "owner", mask(owner_id))
    if identifier_kind(owner_id) is None:
        raise UsageError("owner_of_no_form", remedy="give_digits", field="owner")
    if not reason.strip():
        raise UsageError("no_reason_given", remedy="say_for_whom_why")
    owner_key = ctx.owner_keys.of(owner_id)
    keys = (owner_key, *ctx.desk.links.others(owner_key))
    papers = list({paper.id: paper for key in keys for paper in ctx.catalogue.all_of(key)}.values())
    own = [
        {item.number for item in paper.owners if item.number and ctx.owner_keys.of(item.number) in keys}
        for paper in papers
    ]
    roles = [
        next(item.role for item in paper.owners if item.number in mine) for paper, mine in zip(papers, own, strict=True)
    ]
    named = ",".join(paper.id for paper in papers)
    ctx.journal.record(OwnerListed(**dict(asker), subject=mask(owner_id), reason=reason, papers=named))
    return OwnerView(
        [_for_owner(paper, mine) for paper, mine in zip(papers, own, strict=True)],
        sorted((item for key in keys for item in questions_about(ctx, key)), key=lambda item: item.at),
        sorted((item for key in keys for item in uses_about(ctx, key)), key=lambda item: item.at),
        ctx.desk.former_secrets(),
        unread(ctx),
        roles,
        [link_view(ctx, link) for link in ctx.desk.links.of(owner_key)],
    )


def _for_owner(paper: Paper, mine: Collection[str | None]) -> Paper:
    """The paper as one of its owners may know it: without the numbers of the others (design law 7)."""
    others = write_owners(item if item.number in mine else item.masked for item in paper.others) or None
    if paper.owner_id in mine:
        return paper.model_copy(update={"further_owners": others})
    hidden = {"owner_id": mask(paper.owner_id), "digitisation_code": mask_code(paper.digitisation_code)}
    return paper.model_copy(update={**hidden, "further_owners": others})
