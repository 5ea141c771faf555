"""`owner` and `standing`: the data store about one person or organisation, and whether a paper still counts."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.endings import tell_unread
from cli.options import Home, Json, Office, Who
from cli.output import say, session
from cli.words import phrase, role_shown, state_word
from domain.clock import listed
from domain.codes import mask_code
from domain.messages.told import told
from services.context import open_services
from services.reuse.owner_view import view_of_owner
from services.reuse.wording import ANSWERS
from services.standing import change_standing


class NewStanding(Enum):
    """What a paper can be from now on."""

    IN_FORCE = "in_force"
    REVOKED = "revoked"
    REPLACED = "replaced"


def owner(
    owner_id: Annotated[str, typer.Argument(help="The owner's identifier", metavar="OWNER")],
    reason: Annotated[str, typer.Option(help="For whom and why, such as the owner's request of a day")],
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Show what is held about an owner, and who asked for or used it; for archivists and auditors."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who)
        view = view_of_owner(ctx, by, owner_id, reason=reason)
        if this.json:
            for line in view.lines():
                this.line(line)
            raise typer.Exit(tell_unread(view.unread))
        papers = [
            [mask_code(item.digitisation_code), item.result_code or "", item.title or "", str(item.issued or ""),
             str(item.valid_until or phrase("permanent")), state_word(item.standing), role_shown(role)]
            for item, role in zip(view.papers, view.roles, strict=True)
        ]  # fmt: skip
        this.table(["paper", "result", "title", "issued", "valid until", "standing", "role"], papers)
        asked = [
            [listed(item.at), item.who, item.office, item.dossier, item.asked_for, _answered(item.answer)]
            for item in view.questions
        ]
        asked += [
            [listed(item.at), item.who, item.office, item.dossier, item.asked_for, phrase("used")] for item in view.uses
        ]
        this.table(["when", "who", "office", "dossier", "asked for", "answer"], sorted(asked))
        if numbers := dict.fromkeys(item for link in view.links if link.counts for item in (link.old, link.new)):
            say("owner_has_numbers", numbers=list(numbers))
        for gone in view.former_secrets:
            say("owner_questions_of_nobody", count=gone.questions, until=listed(gone.until))
        raise typer.Exit(tell_unread(view.unread))


def _answered(word: str) -> str:
    """An answer in the words of the desk; that of another release as it stands."""
    code = next((code for answer, code in ANSWERS.items() if answer == word), "")
    return told(code).text() if code else word


def standing(
    code: Annotated[str, typer.Argument(help="The paper", metavar="ID|CODE")],
    what: Annotated[NewStanding, typer.Argument(help="What it is from now on")],
    reason: Annotated[str, typer.Option(help="The decision by which it is so")],
    by: Annotated[str | None, typer.Option(help="The paper that replaces it")] = None,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Enter that a paper was revoked or replaced, or counts again; it stays stored (law L1.2). For archivists."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        person = asked_by(this, who, office)
        paper = change_standing(ctx, person, code, what.value, reason=reason, by=by)
        if this.json:
            this.line({"id": paper.id, "standing": paper.standing, "replaced_by": paper.replaced_by})
        else:
            say("standing_is", code=mask_code(paper.digitisation_code), standing=state_word(paper.standing))
