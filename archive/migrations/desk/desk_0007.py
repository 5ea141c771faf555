"""What the book of certified copies says of an entry."""

import sqlalchemy as sa
from alembic import op

revision = "desk_0007"
down_revision = "desk_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add who certified in which capacity, for which component, and what was made; copies on paper have none of it."""
    for name, longest in (("component", 50), ("signer", 400), ("made", 64)):
        op.add_column("book_entries", sa.Column(name, sa.String(longest), nullable=False, server_default=""))
    op.create_index("ix_book_entries_made", "book_entries", ["made"])
