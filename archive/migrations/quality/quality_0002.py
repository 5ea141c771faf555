"""Papers that were taken out of a sample, because they are not held any more."""

import sqlalchemy as sa
from alembic import op

revision = "quality_0002"
down_revision = "quality_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; from the samples of before nothing was taken out."""
    op.add_column("inspections", sa.Column("short", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("lot_papers", sa.Column("out_at", sa.DateTime(timezone=True)))
    op.add_column("lot_papers", sa.Column("out_by", sa.String(80), nullable=False, server_default=""))
