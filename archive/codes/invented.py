"""Codes that earlier releases made up in the one-stop system's grammar, told from those that somebody stated.

A paper without a known dossier got a dossier code of the office's own range, and every result a ``-KQn``; the one-stop
system numbers other people's dossiers so.  What of a paper's codes nobody stated
is told by its fields: a code that was stated, or read, stands among them.
"""

from collections.abc import Container

from pydantic import BaseModel

from archive.interface import CodeKind, Codes, RetiredCode


def tell_invented(written: BaseModel, fields: Container[str]) -> tuple[Codes, tuple[RetiredCode, ...]]:
    """The codes that a document really bears, and those that were made up for it.

    Args:
        written: its codes as they were written down.
        fields: the names of the fields that are known of it.
    """
    given = Codes.model_validate(written.model_dump())
    one_stop: tuple[tuple[CodeKind, str | None], ...] = (("dossier", given.dossier), ("result", given.result))
    made_up = {kind: code for kind, code in one_stop if code is not None and f"{kind}_code" not in fields}
    gone = tuple(RetiredCode(kind=kind, code=code, why="invented") for kind, code in made_up.items())
    return given.model_copy(update=dict.fromkeys(made_up)), gone
