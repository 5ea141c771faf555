"""A broker that is away: a worker says so at once, whether anything waits or not."""

from config.settings import Settings
from domain.errors import ExitCode
from tests.support.desk import given

NOBODY = "redis://127.0.0.1:1/0"


def test_a_worker_of_a_broker_that_is_away(settings: Settings) -> None:
    """One sentence and an exit code, and no worker that waits for it for ever."""
    done = given(settings, "worker", "--broker", NOBODY)
    assert done.exit_code == ExitCode.SETUP
    assert done.stderr.count("broker_away: ") == 1
