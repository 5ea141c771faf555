"""The level of the signatures, and when the archive time stamp is to be renewed."""

import sqlalchemy as sa
from alembic import op

revision = "catalogue_0003"
down_revision = "catalogue_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("papers", sa.Column("level", sa.String(8)))
    op.add_column("papers", sa.Column("renewal_due", sa.Date()))
    op.create_index("ix_papers_renewal_due", "papers", ["renewal_due"])
