"""By whose numbers papers are found that are on their way, as keyed hashes."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0006"
down_revision = "ledger_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; what is under way is entered when the secret of the hashes is first at hand."""
    op.create_table(
        "on_way",
        sa.Column("owner_key", sa.String(64), primary_key=True),
        sa.Column("document_id", sa.String(40), primary_key=True, index=True),
        sa.Column("type_code", sa.String(50), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
    )
    op.create_index("on_way_by_type", "on_way", ["owner_key", "type_code", "document_id"])
    properties = op.create_table(
        "ledger_properties",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.bulk_insert(properties, [{"name": "owner keys", "value": ""}])
