"""Inspections, the papers of their lots, and checks."""

import sqlalchemy as sa
from alembic import op

revision = "quality_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "inspections",
        sa.Column("batch_id", sa.String(32), primary_key=True),
        sa.Column("round", sa.Integer(), primary_key=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("list_sha256", sa.String(64), nullable=False),
        sa.Column("aql", sa.Float(), nullable=False),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("letter", sa.String(8), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=False),
        sa.Column("critical", sa.Text(), nullable=False),
        sa.Column("critical_allowed", sa.Integer(), nullable=False),
        sa.Column("plan_source", sa.Text(), nullable=False),
        sa.Column("plan_confirmed", sa.Boolean(), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
    )
    op.create_table(
        "lot_papers",
        sa.Column("batch_id", sa.String(32), primary_key=True),
        sa.Column("round", sa.Integer(), primary_key=True),
        sa.Column("paper_id", sa.String(40), primary_key=True, index=True),
        sa.Column("place", sa.Integer()),
        sa.Column("hands", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id", "round"], ["inspections.batch_id", "inspections.round"]),
    )
    op.create_table(
        "checks",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("batch_id", sa.String(32), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("office", sa.String(35), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("defects", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id", "round"], ["inspections.batch_id", "inspections.round"]),
    )
    op.create_index("checks_by_inspection", "checks", ["batch_id", "round"])
