"""What was answered of dossiers when they came."""

import sqlalchemy as sa
from alembic import op

revision = "desk_0006"
down_revision = "desk_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; dossiers that came before are answered when they are imported again."""
    op.create_table(
        "dossier_answers",
        sa.Column("dossier", sa.String(60), primary_key=True),
        sa.Column("round", sa.Integer(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_key", sa.String(64), nullable=False),
        sa.Column("procedure", sa.String(40), nullable=False),
        sa.Column("received", sa.Date(), nullable=False),
        sa.Column("rules_from", sa.Date(), nullable=False),
        sa.Column("component", sa.String(50), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("answer", sa.String(32), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("paper_id", sa.String(40)),
        sa.Column("held_before", sa.String(40)),
    )
