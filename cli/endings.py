"""How several commands end: the exit code, and what the index does not know yet."""

from archive.outbox import Lag
from cli.output import CHATTER, say
from domain.clock import listed
from domain.errors import ExitCode


def exit_code(counts: dict[str, int]) -> ExitCode:
    """0 only when nothing was held or refused."""
    if counts.get("refused"):
        return ExitCode.REFUSED
    return ExitCode.HELD if counts.get("held") else ExitCode.OK


def tell_unread(why: str) -> ExitCode:
    """Say why what was listed is perhaps not all, if it is so; 0 only when it is not."""
    if why:
        CHATTER.print(why, markup=False)
    return ExitCode.INCOMPLETE if why else ExitCode.OK


def tell_lag(lag: Lag) -> None:
    """Say what the index does not know yet, if anything."""
    if lag.since:
        say("index_waits", count=lag.waiting, since=listed(lag.since))
    if lag.dead:
        say("index_cannot", count=lag.dead)
