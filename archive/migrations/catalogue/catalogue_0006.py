"""Papers may be in no dossier and have a file code; codes that earlier releases made up are retired.

A dossier code that was minted is told by its row, a result code by being there: until now nobody could state one.
What this writes is what a ``rebuild`` reads from the vault.
"""

import sqlalchemy as sa
from alembic import op

from archive.words import words_of
from domain.clock import now

revision = "catalogue_0006"
down_revision = "catalogue_0005"
branch_labels = None
depends_on = None

_PARTS = ("title", "abstract", "owner_name", "issuer", "number_symbol", "digitisation_code", "result_code", "dossier")


def upgrade() -> None:
    """Make the table and the columns; take what was made up off the papers, and let the index be told."""
    op.create_table(
        "retired",
        sa.Column("code", sa.String(200), primary_key=True),
        sa.Column("document_id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("instead", sa.String(200)),
        sa.Column("why", sa.String(16), nullable=False),
    )
    op.create_index("ix_retired_document_id", "retired", ["document_id"])
    with op.batch_alter_table("papers") as papers:
        papers.alter_column("dossier", existing_type=sa.String(60), nullable=True)
        papers.add_column(sa.Column("file_code", sa.String(80)))
        papers.add_column(sa.Column("agency", sa.String(35)))
        papers.add_column(sa.Column("tied_at", sa.DateTime(timezone=True)))
        papers.add_column(sa.Column("other_owner", sa.Boolean(), nullable=False, server_default=sa.false()))
        papers.create_unique_constraint("one_paper_of_a_file_code", ["file_code"])
    op.create_index("ix_papers_tied_at", "papers", ["tied_at"])
    _retire(op.get_bind())
    with op.batch_alter_table("codes") as codes:
        codes.drop_column("minted")


def _retire(db: sa.Connection) -> None:
    names = ("code", "kind", "document_id", "minted")
    codes = sa.table("codes", *(sa.column(name) for name in names))
    retired = sa.table("retired", *(sa.column(name) for name in ("code", "document_id", "kind", "instead", "why")))
    papers = sa.table("papers", *(sa.column(name) for name in ("id", "words", *_PARTS)))
    outbox = sa.table(
        "outbox", *(sa.column(name) for name in ("paper_id", "state", "reason")),
        sa.column("written_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    made_up = sa.or_(sa.and_(codes.c.kind == "dossier", codes.c.minted == 1), codes.c.kind == "result")
    rows = db.execute(sa.select(codes.c.code, codes.c.kind, codes.c.document_id).where(made_up)).all()
    for row in rows:
        code = row.code.removesuffix(f"#{row.document_id}")  # so a code is told apart that two papers bear
        gone = {"code": code, "document_id": row.document_id, "kind": row.kind, "instead": None, "why": "invented"}
        db.execute(sa.insert(retired).values(**gone))
        column = "dossier" if row.kind == "dossier" else "result_code"
        db.execute(sa.update(papers).where(papers.c.id == row.document_id).values({column: None}))
    at = now()
    for document_id in sorted({row.document_id for row in rows}):
        paper = db.execute(sa.select(papers).where(papers.c.id == document_id)).mappings().one_or_none()
        if paper is not None:
            words = words_of(*(paper[name] for name in _PARTS))
            db.execute(sa.update(papers).where(papers.c.id == document_id).values(words=words))
            note = {"paper_id": document_id, "written_at": at, "state": "waiting", "reason": ""}
            db.execute(sa.insert(outbox).values(**note))
    db.execute(sa.delete(codes).where(codes.c.kind.in_(("dossier", "result"))))
