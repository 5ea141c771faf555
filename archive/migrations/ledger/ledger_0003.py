"""Whether somebody waits at a desk for the papers of a batch."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0003"
down_revision = "ledger_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; whatever came before waits for nobody."""
    op.add_column("batches", sa.Column("lane", sa.String(8), nullable=False, server_default="backlog"))
