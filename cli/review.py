"""`review`: what waits for a person."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, get_args

import typer

from cli import review_options as given
from cli.asking import asked_by
from cli.endings import exit_code
from cli.options import Home, Json, Office, Who
from cli.output import Session, say, session
from cli.review_many import Many, decide_many
from cli.review_shown import show_effort, show_one, show_rescans, show_waiting, tell_asked
from cli.secrecy import decide_secrecy
from domain.clock import listed
from domain.errors import ExitCode, UsageError
from pipeline.decisions import chosen, read_passwords
from pipeline.records import Decision
from services.context import Services, open_services
from services.permissions import Asker
from services.review import decisions as act
from services.review import waiting
from services.review.effort import review_effort
from services.review.ending import Rejection, discard, reject
from services.review.rescans import rescan_list
from services.review.undo import take_back, taken_back_until


def review(
    document_id: given.Which = None,
    values: given.Values = None,
    release: given.Release = False,
    where: given.Where = None,
    manifest: given.Manifest = None,
    prefer: given.Prefer = None,
    yes: given.Yes = False,
    undo: given.TakeBack = False,
    ends: given.Discard = False,
    replaces: given.Replaces = False,
    accept: given.Accept = None,
    reason: given.Why = "",
    other_owner: given.OtherOwner = False,
    rejects: given.Reject = None,
    to_scan: given.ToScan = False,
    out: given.ListFile = None,
    effort: given.Effort = False,
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
        others = (ends, replaces, accept, other_owner, rejects, no_rescan, paper, password_file, not_secret, secret)
        several = (where, manifest, prefer, yes)
        if out is not None and not to_scan:
            raise UsageError("out_of_rescans", remedy="rescan_with_out")
        if to_scan or effort:
            _check_alone(to_scan and effort, values, release, undo, *several, *others)
            if effort:
                show_effort(this, review_effort(ctx, by, document_id))
            else:
                show_rescans(this, rescan_list(ctx, by, document_id), out)
        elif any(several):
            many = Many(tuple(where or ()), pairs(values), manifest, prefer, release=release, why=reason, does=yes)
            raise typer.Exit(decide_many(this, ctx, by, many, is_alone=not (any(others) or document_id or undo)))
        elif document_id is None:
            show_waiting(this, waiting.list_waiting(ctx, by))
        elif undo:
            if any((values, release, *others)):
                raise UsageError("undo_alone", remedy="undo_how")
            take_back(ctx, by, document_id)
            show_one(this, waiting.look(ctx, by, document_id))
        elif not_secret or secret:
            alone = not any((values, release, *others[:-2], not_secret and secret))
            raise typer.Exit(decide_secrecy(this, ctx, by, document_id, reason, ends=secret, alone=alone))
        else:
            passwords = read_passwords(password_file) if password_file else ()
            settles = _settles(release=release, replaces=replaces, no_rescan=no_rescan)
            decisions = chosen(accept, paper, reason, by.who)
            said = _Said(pairs(values), settles, decisions, passwords, rejects, reason, other_owner, ends)
            raise typer.Exit(_decide_one(this, ctx, by, document_id, said))


class _Said(NamedTuple):
    """What is said of one paper; see ``review``."""

    values: dict[str, str]
    settles: act.Settles
    decisions: tuple[Decision, ...]
    passwords: tuple[str, ...]
    rejects: str | None
    reason: str
    other_owner: bool
    ends: bool


def _decide_one(this: Session, ctx: Services, by: Asker, document_id: str, said: _Said) -> ExitCode:
    """Decide about a paper, or only look at it."""
    asks, lets_in = bool(said.values or said.settles), bool(said.decisions or said.passwords)
    ends = said.ends or said.rejects is not None
    _one_thing(asks=asks, ends=ends, lets_in=lets_in)
    why = _why_anothers(said.reason, asks=asks) if said.other_owner else ""
    if lets_in:
        act.let_in(ctx, by, document_id, said.decisions, said.passwords)
    elif said.rejects is not None:
        reject(ctx, by, document_id, _kind(said.rejects, is_alone=not said.ends), said.reason)
    elif said.ends:
        discard(ctx, by, document_id, said.reason.strip())
    elif asks:
        act.release(ctx, by, document_id, said.values, settles=said.settles, other_owner=why, why=said.reason)
    view = waiting.look(ctx, by, document_id)
    show_one(this, view)
    if said.values and not said.settles:
        tell_asked(view)
    until = taken_back_until(ctx, by, document_id) if asks or ends else None
    if until is not None:
        say("may_take_back", id=document_id, until=listed(until))
    if (asks or ends or lets_in) and view.state == "waiting":
        say("decided_waits")
        return ExitCode.HELD
    return exit_code({view.state: 1})


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


def pairs(texts: Sequence[str] | None) -> dict[str, str]:
    """What was given as ``field=value``, by field."""
    return dict(map(pair_of, texts or ()))


def pair_of(text: str) -> tuple[str, str]:
    """``field=value`` taken apart."""
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageError("set_without_value", remedy="write_set", text=text)
    return name.strip(), value
