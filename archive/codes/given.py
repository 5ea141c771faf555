"""The rows of codes: one of a kind for each document, counters for those that are ours, and what is retired.

A dossier's code is in no row here: many papers share it, and nobody gives it but the one-stop system.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from archive.errors import ResultCodeTaken
from archive.interface import CodeKind, Codes, RetiredCode
from archive.tables import codes, counters, papers, retired
from domain.codes import digitisation_code, parse_file_code
from domain.messages.papers import other_document

OWN: Final[tuple[CodeKind, ...]] = ("digitisation", "result", "file")
"""The kinds of codes that one document alone bears."""

_NEXT: Final = "+"  # behind the kind of a code that waits for its document


def codes_of(db: Connection, document_id: str) -> dict[str, str]:
    """The codes of a document by their kind, but its dossier's."""
    rows = db.execute(select(codes.c.kind, codes.c.code).where(codes.c.document_id == document_id))
    return {row.kind: row.code for row in rows}


def write_codes(db: Connection, document_id: str, given: Mapping[str, str | None]) -> None:
    """Let a document bear these codes, by kind, instead of those that it bore of them; None: none any more."""
    before = codes_of(db, document_id)
    changed = {kind: code for kind, code in given.items() if code != before.get(kind)}
    mine = codes.c.document_id == document_id
    db.execute(delete(codes).where(mine, codes.c.kind.in_(changed)))
    for kind, code in changed.items():
        if code is not None:
            db.execute(insert(codes).values(code=code, kind=kind, document_id=document_id))


def own_codes(given: Codes) -> dict[str, str | None]:
    """The codes by kind that one document alone bears."""
    return {kind: getattr(given, kind) for kind in OWN}


def take_result(db: Connection, document_id: str, result: str) -> None:
    """Let a document bear the code of a result that somebody stated.

    Raises:
        ResultCodeTaken: another document has it.
    """
    bearer = db.execute(select(codes.c.document_id).where(codes.c.code == result)).scalar()
    if bearer is not None and bearer != document_id:
        raise ResultCodeTaken("result_code_of_another", result=result, paper=other_document(bearer))
    write_codes(db, document_id, {"result": result})


def lacks(known: Mapping[str, str], result: str | None, write_file: Callable[[int], str] | None) -> bool:
    """Whether a document that bears ``known`` codes is to be given others, or another result code."""
    lacks_file = write_file is not None and "file" not in known
    return "digitisation" not in known or known.get("result") != result or lacks_file


def give(
    db: Connection,
    document_id: str,
    *,
    prefix: str,
    result: str | None,
    write_file: Callable[[int], str] | None,
) -> dict[str, str]:
    """Give a document what it lacks (see ``Catalogue.mint``), and tell what it bears then.

    Raises:
        ResultCodeTaken: another document has this result code.
    """
    if result is None:
        write_codes(db, document_id, {"result": None})
    else:
        take_result(db, document_id, result)
    if "digitisation" not in codes_of(db, document_id):
        code = _free(db, prefix, lambda n: digitisation_code(prefix, n))
        write_codes(db, document_id, {"digitisation": code})
    if write_file is not None:
        give_file(db, document_id, write_file)
    return codes_of(db, document_id)


def give_file(db: Connection, document_id: str, write: Callable[[int], str]) -> str:
    """The file code of a document, the next one of its agency and year when it has none."""
    code = codes_of(db, document_id).get("file")
    if code is None:
        code = _free(db, parse_file_code(write(1)).series, write)
        write_codes(db, document_id, {"file": code})
    return code


def give_successor(db: Connection, document_id: str, kind: CodeKind, write: Callable[[int], str]) -> str:
    """The code of ours that a document bears next, in place of one that was made of what was wrong.

    Until it bears it, which ``write_successors`` lets it, the code waits for it: the same at every call.
    """
    waits = f"{kind}{_NEXT}"
    code = codes_of(db, document_id).get(waits)
    series = series_of(kind, write(1))[0]
    if code is None or series_of(kind, code)[0] != series:
        code = _free(db, series, write)
        write_codes(db, document_id, {waits: code})
    return code


def write_successors(db: Connection, document_id: str, given: Codes) -> None:
    """Let a document bear these codes and no others; none waits for it any more."""
    write_codes(db, document_id, {**own_codes(given), **dict.fromkeys(f"{kind}{_NEXT}" for kind in OWN)})


def _free(db: Connection, prefix: str, write: Callable[[int], str]) -> str:
    """The next code of a prefix that nobody bears or bore."""
    last = db.execute(select(counters.c.last).where(counters.c.prefix == prefix)).scalar()
    n = (last or 0) + 1
    while is_known(db, write(n)):
        n += 1
    raise_counter(db, prefix, n)
    return write(n)


def is_known(db: Connection, code: str) -> bool:
    """Whether a document bears a code, or bore it."""
    borne = db.execute(select(codes.c.code).where(codes.c.code == code)).scalar()
    return borne is not None or db.execute(select(retired.c.code).where(retired.c.code == code)).scalar() is not None


def raise_counter(db: Connection, prefix: str, n: int) -> None:
    """Move a counter to a number, unless it is past it."""
    last = db.execute(select(counters.c.last).where(counters.c.prefix == prefix)).scalar()
    if last is None:
        db.execute(insert(counters).values(prefix=prefix, last=n))
    elif last < n:
        db.execute(update(counters).where(counters.c.prefix == prefix).values(last=n))


def raise_counters(db: Connection, kind: str, code: str) -> None:
    """Move the counter past a code of ours.

    Raises:
        ValueError, UsageError: it is not of its grammar.
    """
    if kind != "result":
        raise_counter(db, *series_of(kind, code))


def series_of(kind: str, code: str) -> tuple[str, int]:
    """Within what the serial of a code of ours is counted, and the serial.

    Raises:
        ValueError, UsageError: it is not of its grammar.
    """
    if kind == "file":
        read = parse_file_code(code)
        return read.series, read.serial
    prefix, _, n = code.rpartition(".")
    return prefix, int(n)


def write_retired(db: Connection, document_id: str, gone: Iterable[RetiredCode]) -> None:
    """Keep codes that a document bore; safe to run twice."""
    for item in gone:
        mine = (retired.c.document_id == document_id) & (retired.c.code == item.code)
        db.execute(delete(retired).where(mine))
        db.execute(insert(retired).values(document_id=document_id, **item.model_dump()))


def retired_as(db: Connection, code: str) -> list[tuple[str, RetiredCode]]:
    """The documents that bore a code, each with what became of it."""
    rows = db.execute(select(retired).where(retired.c.code == code).order_by(retired.c.document_id)).mappings()
    return [(row["document_id"], RetiredCode(**{name: row[name] for name in RetiredCode.model_fields})) for row in rows]


def free_result(db: Connection, document_id: str) -> None:
    """Take the result code off a document of which no paper came: the right paper may bear it."""
    held = db.execute(select(papers.c.id).where(papers.c.id == document_id)).scalar()
    if held is None:
        db.execute(delete(codes).where(codes.c.document_id == document_id, codes.c.kind == "result"))
