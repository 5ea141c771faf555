"""Who gives a command."""

import os

from cli.output import Session
from services.permissions import Asker, asker, user_of_the_machine


def asked_by(this: Session, who: str, office: str = "") -> Asker:
    """The asker of a command: the name that was given, else whoever runs it on this machine.

    An office of the environment counts for commands without ``--office``, too.

    Raises:
        UsageError: the office is no agency identifier.
    """
    office = office or os.environ.get("KHOSO_OFFICE", "")
    return asker(this.settings, who, office) if who else user_of_the_machine(this.settings, office)
