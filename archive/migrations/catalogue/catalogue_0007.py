"""Papers that were withdrawn as secret stand in a table of their own."""

import sqlalchemy as sa
from alembic import op

revision = "catalogue_0007"
down_revision = "catalogue_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "withdrawn",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("object_id", sa.String(80), nullable=False, unique=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("code", sa.String(200), nullable=False),
        sa.Column("belongs", sa.String(60)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tombstone", sa.Text()),
    )
    op.create_index("ix_withdrawn_sha256", "withdrawn", ["sha256"])
