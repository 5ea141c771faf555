"""By what papers under way are known again."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0002"
down_revision = "ledger_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "document_identities",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("document_id", sa.String(40), nullable=False, unique=True),
        sa.Column("business_key", sa.String(64), index=True),
        sa.Column("image_key", sa.String(64)),
    )
    op.create_table(
        "document_marks",
        sa.Column("mark", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("document_id", sa.String(40), primary_key=True, index=True),
    )
