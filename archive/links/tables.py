"""The table of linked numbers, in the desk's database."""

from sqlalchemy import Column, DateTime, Integer, String, Table, Text

from archive.tables import DESK

# Old and new numbers of one person; `counts_for` is the old one's key while the link counts.
number_links = Table(
    "number_links",
    DESK,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("old_key", String(64), nullable=False, index=True),
    Column("new_key", String(64), nullable=False, index=True),
    Column("old_shown", String(20), nullable=False),
    Column("new_shown", String(20), nullable=False),
    Column("secret", String(64), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", String(80), nullable=False),
    Column("office", String(35), nullable=False),
    Column("reason", Text, nullable=False),
    Column("undone_at", DateTime(timezone=True)),
    Column("undone_by", String(80), nullable=False),
    Column("undone_reason", Text, nullable=False),
    Column("counts_for", String(64), unique=True),
)
