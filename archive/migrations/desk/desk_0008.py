"""In which role in the dossier somebody was asked about."""

import sqlalchemy as sa
from alembic import op

revision = "desk_0008"
down_revision = "desk_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; whoever was asked about before was the applicant."""
    op.add_column("questions", sa.Column("concerns", sa.String(31), nullable=False, server_default=""))
