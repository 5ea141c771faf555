"""Requests of owners to put a paper right, with their terms."""

import sqlalchemy as sa
from alembic import op

revision = "desk_0004"
down_revision = "desk_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "owner_cases",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("paper_id", sa.String(40), nullable=False),
        sa.Column("received", sa.Date(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("settle_by", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(80), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.String(80)),
        sa.Column("reason", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_owner_cases_paper_id", "owner_cases", ["paper_id"])
