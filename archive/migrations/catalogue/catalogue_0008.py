"""Papers may have further owners in roles, each found by his keyed hash.

Of papers that are there already nobody has said more than one; those whose objects name more are found by `rebuild`.
"""

import sqlalchemy as sa
from alembic import op

revision = "catalogue_0008"
down_revision = "catalogue_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and make the table of keys."""
    op.add_column("papers", sa.Column("owner_role", sa.String(32)))
    op.add_column("papers", sa.Column("further_owners", sa.Text()))
    op.create_table(
        "further_keys",
        sa.Column("owner_key", sa.String(64), primary_key=True),
        sa.Column("paper_id", sa.String(40), primary_key=True),
        sa.Column("role", sa.String(32), nullable=False),
    )
    op.create_index("ix_further_keys_paper_id", "further_keys", ["paper_id"])
