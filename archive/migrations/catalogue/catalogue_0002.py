"""By what papers that are held are known again, and whether they arrived signed."""

import sqlalchemy as sa
from alembic import op

revision = "catalogue_0002"
down_revision = "catalogue_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and the column."""
    op.add_column("papers", sa.Column("arrived_signed", sa.String(16)))
    op.create_table(
        "paper_identities",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("document_id", sa.String(40), nullable=False, unique=True),
        sa.Column("business_key", sa.String(64), index=True),
        sa.Column("image_key", sa.String(64)),
    )
    op.create_table(
        "paper_marks",
        sa.Column("mark", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("document_id", sa.String(40), primary_key=True, index=True),
    )
