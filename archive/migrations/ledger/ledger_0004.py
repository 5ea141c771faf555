"""How documents stood before a person's last decision about them, so that he can take it back."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0004"
down_revision = "ledger_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; what was decided before cannot be taken back."""
    op.create_table(
        "undos",
        sa.Column("document_id", sa.String(40), primary_key=True),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("left_state", sa.String(16), nullable=False),
        sa.Column("left_record", sa.Text, nullable=False),
        sa.Column("left_reason", sa.Text, nullable=False),
    )
