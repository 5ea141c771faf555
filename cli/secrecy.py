"""What is said of papers that stopped as perhaps secret."""

from cli.endings import exit_code
from cli.output import Session, say
from cli.review_shown import show_one
from domain.errors import ExitCode, UsageError
from services.context import Services
from services.permissions import Asker
from services.review import waiting
from services.secrecy import decisions as act

_CAME = {"second_needed": "secrecy_second_needed", "goes_on": "secrecy_goes_on", "ended": "secrecy_ended"}


def decide_secrecy(
    this: Session, ctx: Services, by: Asker, document_id: str, reason: str, *, ends: bool, alone: bool
) -> ExitCode:
    """Enter whether a paper is secret, and show what came of it.

    Raises:
        UsageError: something else is to be decided by the same command.
    """
    if not alone:
        raise UsageError("secrecy_alone", remedy="secrecy_alone_so")
    decide = act.say_secret if ends else act.say_not_secret
    outcome = decide(ctx, by, document_id, reason)
    view = waiting.look(ctx, by, document_id)
    show_one(this, view)
    say(_CAME[outcome.came], id=outcome.id, who=by.who, source=outcome.source)
    return ExitCode.HELD if view.state == "waiting" else exit_code({view.state: 1})
