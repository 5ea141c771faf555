"""Who gives a command."""

import os

from cli.output import Session
from domain.errors import UsageError
from files.rights import running_user
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


def asked_in_office(this: Session, who: str, office: str = "") -> Asker:
    """The asker of a command about dossiers, which are an office's: his only one where none is named.

    What he may do in which offices the table of officers tells; who stands in none asks for the agency, and who sees
    the papers of all does so from anywhere.

    Raises:
        UsageError: he has several offices, and does not say for which he asks; or it is no agency identifier.
    """
    by = asked_by(this, who, office)
    if office or os.environ.get("KHOSO_OFFICE") or by.role in {"operator", "auditor"}:
        return by
    rows = this.settings.signing.rows_of(who or running_user())
    offices = list(dict.fromkeys(agency for row in rows for agency in row.agencies))
    if len(offices) > 1:
        raise UsageError("which_office", remedy="name_office", who=by.who, offices=offices)
    return asked_by(this, who, offices[0]) if offices else by
