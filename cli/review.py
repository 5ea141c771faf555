"""`review`: what waits for a person."""

from pathlib import Path
from typing import get_args

import typer

from cli import review_options as given
from cli.asking import asked_by
from cli.endings import exit_code
from cli.options import Home, Json, Office, Who
from cli.output import say, session
from cli.review_shown import show_one, show_rescans, show_waiting, tell_asked
from cli.secrecy import decide_secrecy
from domain.errors import ExitCode, UsageError
from pipeline.decisions import chosen, read_passwords
from services.context import open_services
from services.document import DocumentView
from services.review import decisions as act
from services.review import waiting
from services.review.ending import Rejection, discard, reject
from services.review.rescans import rescan_list


def review(
    document_id: given.Which = None,
    values: given.Values = None,
    release: given.Release = False,
    ends: given.Discard = False,
    replaces: given.Replaces = False,
    accept: given.Accept = None,
    reason: given.Why = "",
    other_owner: given.OtherOwner = False,
    rejects: given.Reject = None,
    to_scan: given.ToScan = False,
    no_rescan: given.NoRescan = False,
    paper: given.Sheets = None,
    password_file: given.PasswordFile = None,
    not_secret: given.NotSecret = False,
    secret: given.Secret = False,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """List what waits for a person; fill in fields, decide, and release a document."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        if to_scan:
            _check_alone(values, release, ends, replaces, accept, rejects, no_rescan, paper, password_file)
            show_rescans(this, rescan_list(ctx, by, document_id))
            return
        if document_id is None:
            show_waiting(this, waiting.list_waiting(ctx, by))
            return
        if not_secret or secret:
            others = (
                values, release, ends, replaces, accept, other_owner, paper, password_file, rejects, no_rescan,
                not_secret and secret,
            )  # fmt: skip
            raise typer.Exit(decide_secrecy(this, ctx, by, document_id, reason, ends=secret, alone=not any(others)))
        asks = bool(values or release or replaces or no_rescan)
        decisions = chosen(accept, paper, reason, by.who)
        passwords = read_passwords(password_file) if password_file else ()
        settles = _settles(release=release, replaces=replaces, no_rescan=no_rescan)
        _one_thing(asks=asks, ends=ends or rejects is not None, lets_in=bool(decisions or passwords))
        why = _why_anothers(reason, asks=asks) if other_owner else ""
        if decisions or passwords:
            act.let_in(ctx, by, document_id, decisions, passwords)
        elif rejects is not None:
            reject(ctx, by, document_id, _kind(rejects, is_alone=not ends), reason)
        elif ends:
            discard(ctx, by, document_id, reason.strip())
        elif asks:
            act.release(
                ctx, by, document_id, dict(map(pair_of, values or ())), settles=settles, other_owner=why, why=reason
            )
        view = waiting.look(ctx, by, document_id)
        show_one(this, view)
        if values and not settles:
            tell_asked(view)
        raise typer.Exit(_outcome(view, is_decided=bool(asks or ends or rejects or decisions or passwords)))


def _check_alone(*others: object) -> None:
    if any(others):
        raise UsageError("rescan_is_a_list", remedy="rescan_list_alone")


def _settles(*, release: bool, replaces: bool, no_rescan: bool) -> act.Settles:
    if release and replaces:
        raise UsageError("own_or_in_place", remedy="give_one_of_both")
    if no_rescan and replaces:
        raise UsageError("two_settlements", remedy="give_one_settlement")
    return "no_rescan" if no_rescan else "replaces" if replaces else "apart" if release else None


def _kind(text: str, *, is_alone: bool) -> Rejection:
    kinds: tuple[Rejection, ...] = get_args(Rejection)
    kind = next((item for item in kinds if item == text), None)
    if kind is None or not is_alone:
        raise UsageError("reject_how", remedy="reject_kinds", kinds=kinds)
    return kind


def _why_anothers(reason: str, *, asks: bool) -> str:
    if not (asks and reason.strip()):
        raise UsageError("other_owner_alone", remedy="give_with_release")
    return reason


def _one_thing(*, asks: bool, ends: bool, lets_in: bool) -> None:
    if (asks or ends) and lets_in:
        raise UsageError("decided_first", remedy="give_without_others")
    if asks and ends:
        raise UsageError("discard_ends", remedy="give_without_set")


def _outcome(view: DocumentView, *, is_decided: bool) -> ExitCode:
    """0 only when nothing is left to be done of what was decided."""
    if is_decided and view.state == "waiting":
        say("decided_waits")
        return ExitCode.HELD
    return exit_code({view.state: 1})


def pair_of(text: str) -> tuple[str, str]:
    """``field=value`` taken apart."""
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageError("set_without_value", remedy="write_set", text=text)
    return name.strip(), value
