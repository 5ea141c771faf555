"""Dossiers, questions and uses."""

import sqlalchemy as sa
from alembic import op

revision = "desk_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "dossiers",
        sa.Column("code", sa.String(60), primary_key=True),
        sa.Column("procedure", sa.String(40), nullable=False),
        sa.Column("owner_key", sa.String(64), nullable=False, index=True),
        sa.Column("owner_shown", sa.String(40), nullable=False),
        sa.Column("agency", sa.String(35), nullable=False),
        sa.Column("received", sa.Date(), nullable=False),
        sa.Column("finished", sa.Date()),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("office", sa.String(35), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("dossier", sa.String(60), nullable=False),
        sa.Column("procedure", sa.String(40)),
        sa.Column("owner_key", sa.String(64), nullable=False),
        sa.Column("asked_for", sa.Text(), nullable=False),
        sa.Column("answer", sa.String(32), nullable=False),
        sa.Column("paper_id", sa.String(40)),
    )
    op.create_index("questions_by_officer", "questions", ["who", "at", "owner_key"])
    op.create_index("questions_by_owner", "questions", ["owner_key", "at"])
    op.create_index("questions_by_purpose", "questions", ["dossier", "paper_id"])
    op.create_table(
        "uses",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("paper_id", sa.String(40), primary_key=True, index=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("office", sa.String(35), nullable=False),
        sa.Column("procedure", sa.String(40)),
        sa.Column("asked_for", sa.Text(), nullable=False),
        sa.Column("owner_key", sa.String(64), nullable=False, index=True),
    )
