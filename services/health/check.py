"""The whole of an installation, looked at without changing anything.

It asks for no permission: it opens no paper and names no person, and must answer where no store can be opened.
"""

from config.settings import Settings
from services.health.interface import Finding
from services.health.keys import key_findings
from services.health.machine import machine_findings
from services.health.store import store_findings


def check_installation(settings: Settings) -> tuple[Finding, ...]:
    """What is there, what is missing or broken, and what to do about it: machine, store, keys."""
    return (*machine_findings(settings), *store_findings(settings), *key_findings(settings))
