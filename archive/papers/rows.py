"""What a lookup may know of a held paper, as the catalogue has it; and rows that cannot be read."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError
from sqlalchemy import RowMapping, bindparam, select, union_all

from archive.errors import RowUnreadable
from archive.package import what_is_odd
from archive.tables import further_keys, papers
from domain.validity import HeldPaper

_TRUST = {None: True, "trusted": True, "untrusted": False}  # of signatures with which a paper arrived
_ASKED = (
    papers.c.id,
    papers.c.digitisation_code,
    papers.c.type_code,
    papers.c.issuer,
    papers.c.issued,
    papers.c.valid_until,
    papers.c.number_symbol,
    papers.c.scope,
    papers.c.standing,
    papers.c.replaced_by,
    papers.c.arrived_signed,
    papers.c.level,
)
_OF_TYPES = papers.c.type_code.in_(bindparam("types", expanding=True))
# Written once: to build a statement anew takes longer than to find what it asks for.
HELD = union_all(
    select(*_ASKED, papers.c.owner_role.label("role")).where(papers.c.owner_key == bindparam("owner"), _OF_TYPES),
    select(*_ASKED, further_keys.c.role.label("role"))
    .join(further_keys, further_keys.c.paper_id == papers.c.id)
    .where(further_keys.c.owner_key == bindparam("owner"), _OF_TYPES),
).order_by("id")


@contextmanager
def readable() -> Iterator[None]:
    """Tell rows that another release wrote, or that are damaged, as what they are.

    Raises:
        RowUnreadable: there is such a row.
    """
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        odd = what_is_odd(error) if isinstance(error, ValidationError) else type(error).__name__
        raise RowUnreadable("row_unreadable", odd=odd) from None


def held_of(row: RowMapping) -> HeldPaper:
    """The paper of a row of ``HELD``."""
    values = {name: row[name] for name in HeldPaper.model_fields if name in row}
    return HeldPaper(**values, code=row["digitisation_code"], trusted=_TRUST[row["arrived_signed"]])
