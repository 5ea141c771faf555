"""Who gives a command."""

import os

from cli.output import Session
from services.permissions import Asker, asker, may, user_of_the_machine


def asked_by(this: Session, who: str, office: str = "") -> Asker:
    """The asker of a command: the name that was given, else whoever runs it on this machine.

    Errors tell him then where files of the store lie only if he may know it.

    An office of the environment counts for commands without ``--office``, too.

    Raises:
        UsageError: the office is no agency identifier.
    """
    office = office or os.environ.get("KHOSO_OFFICE", "")
    by = asker(this.settings, who, office) if who else user_of_the_machine(this.settings, office)
    this.discloses = may(by, "disclose", None, this.settings)
    return by
