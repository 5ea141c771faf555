"""States are closed sets of words, in one place."""

import ast
from typing import get_args

from sqlalchemy import String

from archive.tables import documents, outbox, papers, passages, sources
from domain.states import (
    DocumentState,
    EndedState,
    FailedState,
    OutboxState,
    PassageOutcome,
    SourceState,
    Standing,
)
from tests.support.source import MODULES

_FREE = {"Dossier"}  # the portal's own codes


def test_no_model_has_a_state_of_any_word() -> None:
    """Where a field is a state, mypy knows its words, so that a comparison with another one is an error."""
    loose = [
        f"{path.name}: {model.name}.{ast.unparse(field.target)}"
        for path in MODULES
        for model in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(model, ast.ClassDef) and model.name not in _FREE
        for field in model.body
        if isinstance(field, ast.AnnAssign)
        and ast.unparse(field.target) in {"state", "outcome", "standing"}
        and ast.unparse(field.annotation) == "str"
    ]
    assert loose == []


def test_every_word_fits_its_column() -> None:
    """SQLite would take a longer word, and another database cut it."""
    for column, words in (
        (documents.c.state, DocumentState),
        (passages.c.outcome, PassageOutcome),
        (sources.c.state, SourceState),
        (outbox.c.state, OutboxState),
        (papers.c.standing, Standing),
    ):
        assert isinstance(column.type, String)
        assert max(map(len, get_args(words))) <= (column.type.length or 0)


def test_what_a_stage_or_a_person_makes_of_a_document_is_a_state() -> None:
    """Both write into the ledger."""
    assert {*get_args(FailedState), *get_args(EndedState)} <= {*get_args(DocumentState)}
