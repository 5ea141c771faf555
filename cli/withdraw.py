"""`withdraw`: an archived paper that may be secret is held back; `withdrawn`: which are, and who saw them."""

from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import CHATTER, Session, say, session
from cli.words import state_word, word_of
from domain.clock import listed
from domain.errors import ExitCode, UsageError
from services.context import open_services
from services.permissions import may
from services.secrecy.deciding import decide_withdrawn
from services.secrecy.withdrawing import SeenBy, WithdrawnView, list_withdrawn, who_saw
from services.secrecy.withdrawing import withdraw as hold_back

_CAME = {
    "second_needed": "withdrawal_second",
    "opposed": "withdrawal_opposed",
    "given_back": "withdrawal_given_back",
    "erased": "withdrawal_erased",
}


def withdraw(
    code: Annotated[str, typer.Argument(help="The paper, by its id or a code that it has or had", metavar="ID|CODE")],
    reason: Annotated[str, typer.Option(help="Why it may be secret, or is none; goes into the audit journal")] = "",
    restore: Annotated[
        bool, typer.Option("--restore", help="It is not secret; when two say so, it is held again")
    ] = False,
    erase: Annotated[bool, typer.Option("--erase", help="It is secret; when two say so, it is erased")] = False,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Withdraw an archived paper that may be secret, at once; two persons then say --restore, or --erase."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        if restore and erase:
            raise UsageError("restore_and_erase", remedy="restore_or_erase")
        if restore or erase:
            decided = decide_withdrawn(ctx, by, code, "secret" if erase else "not_secret", reason)
            if this.json:
                this.line({"id": decided.id, "came": decided.came, **({"by": decided.by} if decided.by else {})})
            say(_CAME[decided.came], id=decided.id, who=by.who, others=decided.by)
            raise typer.Exit(ExitCode.HELD if decided.came in {"second_needed", "opposed"} else ExitCode.OK)
        done = hold_back(ctx, by, code, reason)
        say("is_withdrawn_before" if done.was_before else "is_withdrawn", id=done.id)
        if may(by, "withdrawn", done.belongs, this.settings):
            _tell_seen(this, who_saw(ctx, by, done.id))
        elif this.json:
            this.line({"id": done.id, "state": "withdrawn"})


def withdrawn(
    code: Annotated[
        str, typer.Argument(help="One of them, with everybody who saw it (default: list all)", metavar="[ID|CODE]")
    ] = "",
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """List the papers that were withdrawn as secret; of one of them, everybody who saw it."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        if code:
            _tell_seen(this, who_saw(ctx, by, code))
            return
        _tell(this, *list_withdrawn(ctx, by))


def _tell(this: Session, *views: WithdrawnView) -> None:
    if this.json:
        for view in views:
            this.line(view.line())
        return
    rows = [[view.id, view.code, state_word(view.state), listed(view.at), _said(view)] for view in views]
    this.table(["paper", "code", "state", "withdrawn", "decided"], rows)


def _said(view: WithdrawnView) -> str:
    steps = (f"{state_word(step.word)}: {step.who}, {listed(step.at)}: {step.reason}" for step in view.steps)
    return view.unread or "; ".join(steps)


def _tell_seen(this: Session, seen: SeenBy) -> None:
    _tell(this, seen.view)
    if this.json:
        for sight in seen.sights:
            this.line(sight.line())
    else:
        rows = [
            [
                listed(item.at),
                item.who,
                item.office,
                word_of("role", item.role),
                word_of("event", item.what),
                item.why,
                "" if item.sure else "?",
            ]
            for item in seen.sights
        ]
        this.table(["when", "who", "office", "role", "what", "why", "sure"], rows)
    say("seen_by", number=len({item.who for item in seen.sights if item.sure}))
    if any(not item.sure for item in seen.sights):
        say("seen_perhaps")
    if seen.broken is not None:
        CHATTER.print(seen.broken.text(), markup=False)
