"""What can go wrong in the acceptance of lots."""

from domain.errors import ExitCode, KhosoError


class SamePerson(KhosoError):
    """Who digitised a paper, or confirmed it, does not check it."""

    exit_code = ExitCode.REFUSED
    reason = "same_person"
    remedy = "another_checks"
