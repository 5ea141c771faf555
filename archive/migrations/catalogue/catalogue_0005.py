"""The outbox tells when, how it went and why not; papers have the words by which they are found without an index."""

import sqlalchemy as sa
from alembic import op

from archive.words import words_of
from domain.clock import now

revision = "catalogue_0005"
down_revision = "catalogue_0004"
branch_labels = None
depends_on = None

_PARTS = ("title", "abstract", "owner_name", "issuer", "number_symbol", "digitisation_code", "result_code", "dossier")


def upgrade() -> None:
    """Write the outbox anew, because SQLite learns only then never to give a number twice; fill in the words."""
    op.drop_index("ix_outbox_paper_id", "outbox")
    op.drop_index("ix_outbox_done", "outbox")
    op.rename_table("outbox", "outbox_before")
    op.create_table(
        "outbox",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("paper_id", sa.String(40), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_paper_id", "outbox", ["paper_id"])
    op.create_index("ix_outbox_state", "outbox", ["state"])
    db = op.get_bind()
    copy = (
        "INSERT INTO outbox (seq, paper_id, written_at, state, reason) SELECT seq, paper_id, :at, "
        "CASE done WHEN 1 THEN 'done' ELSE 'waiting' END, '' FROM outbox_before ORDER BY seq"
    )
    db.execute(sa.text(copy).bindparams(sa.bindparam("at", now(), type_=sa.DateTime(timezone=True))))
    op.drop_table("outbox_before")
    op.add_column("papers", sa.Column("words", sa.Text(), nullable=False, server_default=""))
    papers = sa.table("papers", *(sa.column(name) for name in ("id", "words", *_PARTS)))
    for row in db.execute(sa.select(papers)).mappings().all():
        words = words_of(*(row[name] for name in _PARTS))
        db.execute(sa.update(papers).where(papers.c.id == row["id"]).values(words=words))
