"""Owners by keyed hash, and whether a paper still counts, where, and what replaced it."""

import sqlalchemy as sa
from alembic import op

revision = "catalogue_0004"
down_revision = "catalogue_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns.  Keys of papers that are there already are written by ``rebuild``, which opening asks for."""
    op.drop_index("papers_by_owner", "papers")
    op.add_column("papers", sa.Column("owner_key", sa.String(64), nullable=False, server_default=""))
    op.add_column("papers", sa.Column("scope", sa.String(35)))
    op.add_column("papers", sa.Column("standing", sa.String(16), nullable=False, server_default="in_force"))
    op.add_column("papers", sa.Column("replaced_by", sa.String(200)))
    op.create_index("papers_by_owner_key", "papers", ["owner_key", "type_code"])
    op.create_table(
        "properties",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
