"""The tables by which papers under way are found by their owners: keyed hashes, and never a number."""

from sqlalchemy import Column, Index, String, Table, Text

from archive.tables import LEDGER

# A row for each owner whose number the record of a document has that is on its way, or waits in review.
on_way = Table(
    "on_way",
    LEDGER,
    Column("owner_key", String(64), primary_key=True),
    Column("document_id", String(40), primary_key=True, index=True),
    Column("type_code", String(50), nullable=False),
    Column("role", String(32), nullable=False),
    Index("on_way_by_type", "owner_key", "type_code", "document_id"),
)

# What the ledger must know of itself: by which secret those hashes were made.
ledger_properties = Table(
    "ledger_properties",
    LEDGER,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)
