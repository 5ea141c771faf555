"""Retention: when a paper may be *considered* for disposal.

Expiry only proposes; a recorded decision disposes (law L6.5), so nothing here deletes.
"""

from datetime import date


def decide_expiry(years: int | None, end_of_work: date | None) -> int | None:
    """The year at whose end the term is over: ``year(end of work) + term`` (law L6.1).

    None when the class has no years, or when nobody knows when the work ended: then nothing is counted from another
    day, and the paper is kept until somebody does.
    """
    return None if years is None or end_of_work is None else end_of_work.year + years
