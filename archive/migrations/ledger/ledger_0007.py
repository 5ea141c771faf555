"""By what words papers are found that are on their way."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0007"
down_revision = "ledger_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; what is under way is entered when somebody first asks or writes."""
    op.create_table(
        "on_way_words",
        sa.Column("word", sa.String(80), primary_key=True),
        sa.Column("document_id", sa.String(40), primary_key=True, index=True),
        sa.Column("of_name", sa.Boolean(), primary_key=True),
    )
    op.execute("INSERT INTO ledger_properties (name, value) VALUES ('words on way', '')")
