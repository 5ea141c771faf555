"""Why nothing is put right."""

from domain.errors import UsageError


class CannotCorrect(UsageError):
    """Nothing is put right so."""

    reason = "cannot_correct"
    remedy = "correct_fields"
