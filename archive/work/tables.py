"""The tables by which papers under way are found by their owners (keyed hashes, never a number) and by their words."""

from sqlalchemy import Boolean, Column, Index, String, Table, Text

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

# A row for each word by which such a paper is found; those of its owners' names are told apart.
on_way_words = Table(
    "on_way_words",
    LEDGER,
    Column("word", String(80), primary_key=True),
    Column("document_id", String(40), primary_key=True, index=True),
    Column("of_name", Boolean, primary_key=True),
)

# What the ledger must know of itself: by which secret those hashes were made, and whether all words are entered.
ledger_properties = Table(
    "ledger_properties",
    LEDGER,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)
