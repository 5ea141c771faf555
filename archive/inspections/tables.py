"""The tables of the samples; a set of its own, for nobody else keeps what stands in it."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

QUALITY = MetaData()

inspections = Table(
    "inspections",
    QUALITY,
    Column("batch_id", String(32), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("opened_by", String(80), nullable=False),
    Column("reason", Text, nullable=False),
    Column("papers", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("list_sha256", String(64), nullable=False),
    Column("aql", Float, nullable=False),
    Column("level", String(8), nullable=False),
    Column("letter", String(8), nullable=False),
    Column("sample", Integer, nullable=False),
    Column("allowed", Integer, nullable=False),
    Column("critical", Text, nullable=False),
    Column("critical_allowed", Integer, nullable=False),
    Column("plan_source", Text, nullable=False),
    Column("plan_confirmed", Boolean, nullable=False),
    Column("seed", String(64), nullable=False),
    Column("short", Integer, nullable=False, server_default="0"),
)

lot_papers = Table(
    "lot_papers",
    QUALITY,
    Column("batch_id", String(32), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("paper_id", String(40), primary_key=True, index=True),
    Column("place", Integer),
    Column("hands", Text, nullable=False),
    Column("out_at", DateTime(timezone=True)),
    Column("out_by", String(80), nullable=False, server_default=""),
    ForeignKeyConstraint(["batch_id", "round"], ["inspections.batch_id", "inspections.round"]),
)

# Every check, also one that a later one of the same paper took the place of.
checks = Table(
    "checks",
    QUALITY,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("batch_id", String(32), nullable=False),
    Column("round", Integer, nullable=False),
    Column("paper_id", String(40), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", String(80), nullable=False),
    Column("office", String(35), nullable=False),
    Column("role", String(16), nullable=False),
    Column("defects", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("checks_by_inspection", "batch_id", "round"),
    ForeignKeyConstraint(["batch_id", "round"], ["inspections.batch_id", "inspections.round"]),
)
