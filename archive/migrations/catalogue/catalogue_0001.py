"""The first catalogue."""

import sqlalchemy as sa
from alembic import op

revision = "catalogue_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "codes",
        sa.Column("code", sa.String(200), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("document_id", sa.String(40), nullable=False),
        sa.Column("minted", sa.Integer(), nullable=False),
        sa.UniqueConstraint("document_id", "kind", name="one_code_of_a_kind"),
    )
    op.create_table(
        "counters",
        sa.Column("prefix", sa.String(200), primary_key=True),
        sa.Column("last", sa.Integer(), nullable=False),
    )
    op.create_table(
        "papers",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False, index=True),
        sa.Column("type_code", sa.String(50), nullable=False),
        sa.Column("owner_id", sa.String(40), nullable=False),
        sa.Column("dossier", sa.String(60), nullable=False, index=True),
        sa.Column("digitisation_code", sa.String(200), nullable=False, unique=True),
        sa.Column("result_code", sa.String(80), unique=True),
        sa.Column("number_symbol", sa.String(80)),
        sa.Column("issued", sa.Date()),
        sa.Column("issuer", sa.Text()),
        sa.Column("title", sa.Text()),
        sa.Column("abstract", sa.Text()),
        sa.Column("owner_name", sa.Text()),
        sa.Column("valid_until", sa.Date()),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("retention_class", sa.String(32), nullable=False),
        sa.Column("retention_until", sa.Integer()),
        sa.Column("object_id", sa.String(80), nullable=False, unique=True),
        sa.Column("pdf_sha256", sa.String(64), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("papers_by_owner", "papers", ["owner_id", "type_code"])
    op.create_table(
        "outbox",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("paper_id", sa.String(40), nullable=False, index=True),
        sa.Column("done", sa.Integer(), nullable=False, index=True),
    )
