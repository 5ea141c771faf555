"""Which numbers are one person's, by a decision."""

import sqlalchemy as sa
from alembic import op

revision = "desk_0009"
down_revision = "desk_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "number_links",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("old_key", sa.String(64), nullable=False),
        sa.Column("new_key", sa.String(64), nullable=False),
        sa.Column("old_shown", sa.String(20), nullable=False),
        sa.Column("new_shown", sa.String(20), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("office", sa.String(35), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.String(80), nullable=False),
        sa.Column("undone_reason", sa.Text(), nullable=False),
        sa.Column("counts_for", sa.String(64), unique=True),
    )
    op.create_index("ix_number_links_old_key", "number_links", ["old_key"])
    op.create_index("ix_number_links_new_key", "number_links", ["new_key"])
