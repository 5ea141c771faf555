"""To which lookup an answer belongs, its number there, and why it was asked for a doubtful purpose."""

import sqlalchemy as sa
from alembic import op

revision = "desk_0003"
down_revision = "desk_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was asked before has no number, and nobody asked why."""
    op.add_column("questions", sa.Column("lookup", sa.String(16), nullable=False, server_default=""))
    op.add_column("questions", sa.Column("number", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("questions", sa.Column("doubts", sa.String(80), nullable=False, server_default=""))
    op.add_column("questions", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.create_index("questions_for_dossier", "questions", ["dossier", "who"])
