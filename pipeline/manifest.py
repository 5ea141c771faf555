"""What a manifest states of the files that are put in."""

import csv
import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO, get_args

from pydantic import SecretStr

from config.copies import Presented, presented_as
from config.named import understood
from config.secrecy import load_secrecy
from domain.codes import parse_result
from domain.errors import UsageError
from domain.messages.told import told
from domain.readings import FieldName
from domain.values import checked, excerpt, plain
from files.rights import running_user
from pipeline.context import Context
from pipeline.decisions import chosen
from pipeline.records import Statement

_LONGEST_LINE = 1_000_000  # of letters; a file without line ends is no manifest
_PLACES = ("box", "position", "rescan_of")
_COLUMNS = (
    "file", "dossier", "type", "signing", "accept", "reason", "paper", "officer", "secrecy", "presented", "password",
    *_PLACES,
)  # fmt: skip
_LONGEST_PLACE = 100


class ManifestRow(NamedTuple):
    """A row: where it stands, the file that it names, and what it says of that."""

    place: str
    file: str
    statement: Statement

    @property
    def number(self) -> str:
        """The number of its line."""
        return self.place.rpartition(":")[2]


def shown_path(path: Path) -> str:
    """A path as it is told and stored; bytes of a name that are no UTF-8 stand escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def statement_of(statements: Mapping[str, Statement], path: Path) -> Statement:
    """What the manifest says of a file: by its whole path, else by its name."""
    return statements.get(_spelt(path), statements.get(_spelt(Path(path.name)), Statement()))


def stated_of_all(
    files: Sequence[Path], statements: Mapping[str, Statement], *, officer: str, handed_in: Presented | None
) -> dict[str, Statement]:
    """What is stated of all files, with an officer, and as what they were handed in, where the manifest is silent."""
    stated = {_spelt(path): statement_of(statements, path) for path in files}
    return {
        name: item.model_copy(
            update={"officer": item.officer or officer or None, "presented": item.presented or handed_in}
        )
        for name, item in stated.items()
    }


def read_manifest(path: Path, ctx: Context, files: Sequence[Path]) -> dict[str, Statement]:
    """The manifest: a CSV file with a column ``file`` and any others of ``_COLUMNS`` and names of fields.

    Each row is of one of the ``files``, and no two are of the same: what is stated of a misspelt name would be lost,
    and the paper signed without it.

    Raises:
        UsageError: a column, a row or a value cannot be; the message names the line.
    """
    statements: dict[str, Statement] = {}
    rows = _Rows(files)
    for line, name, given in _given_rows(path):
        rows.enter(name, line)
        statements[name] = _statement(given, line, ctx)
    return statements


def manifest_rows(path: Path, ctx: Context) -> list[ManifestRow]:
    """The rows of a manifest, of whatever files they are.

    Raises:
        UsageError: a column, a row or a value cannot be; the message names the line.
    """
    return [ManifestRow(line, name, _statement(given, line, ctx)) for line, name, given in _given_rows(path)]


def _given_rows(path: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """The place of each row, the file that it names, and its other values."""
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for, and a device has no end
            raise UsageError("no_text_file", remedy="give_csv", path=path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            delimiter = _delimiter(file)
            read = csv.DictReader(_lines(path, file), delimiter=delimiter)
            _check_columns(path, read.fieldnames or ())
            for row in read:
                line = f"{path}:{read.line_num}"
                if None in row:
                    raise UsageError("manifest_at", remedy="quote_commas", line=line, fault=told("row_values_over"))
                given = {name: value.strip() for name, value in row.items() if value and value.strip()}
                yield line, unicodedata.normalize("NFC", given.pop("file", "")), given
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError("file_not_read", remedy="give_csv", file=path, error=str(error)) from None


def _delimiter(file: TextIO) -> str:
    """A comma, or the semicolon that a spreadsheet writes where commas stand in numbers: the head tells."""
    head = file.readline(_LONGEST_LINE)
    file.seek(0)
    return ";" if ";" in head and "," not in head else ","


def _lines(path: Path, file: TextIO) -> Iterator[str]:
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise UsageError("manifest_at", remedy="give_csv_rows", line=f"{path}:{number}", fault=told("row_too_long"))
        yield line


def _check_columns(path: Path, names: Sequence[str]) -> None:
    known = {*_COLUMNS, *get_args(FieldName)}
    if twice := [item for item, number in Counter(names).items() if number > 1]:
        raise UsageError(
            "manifest_at",
            remedy="keep_one",
            line=f"{path}:1",
            fault=told("columns_of_one_name", name=excerpt(twice[0])),
        )
    if set(names) - known or "file" not in names:
        fault = told("manifest_columns", known=sorted(known))
        raise UsageError("manifest_at", remedy="correct_first_line", line=f"{path}:1", fault=fault)


class _Rows:
    """The rows of a manifest so far, and the files that they are of, by their whole paths or their names in NFC."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._of: dict[str, list[Path]] = {}
        self._taken: dict[Path, str] = {}
        for file in files:
            for name in dict.fromkeys((_spelt(file), _spelt(Path(file.name)))):
                self._of.setdefault(name, []).append(file)

    def enter(self, name: str, line: str) -> None:
        """Note the row of a file; refuse one of no file, of several, or of one that has a row."""
        found = self._of.get(name, [])
        if not name:
            raise UsageError("manifest_at", remedy="one_row_each", line=line, fault=told("row_without_file"))
        if not found:
            raise UsageError(
                "manifest_at", remedy="correct_name_or_row", line=line, fault=told("row_of_no_file", name=name)
            )
        if len(found) > 1:
            raise UsageError(
                "manifest_at",
                remedy="give_whole_paths",
                line=line,
                fault=told("row_of_several", number=len(found), name=name),
            )
        if found[0] in self._taken:
            fault = told("row_second", name=name, first=self._taken[found[0]].rpartition(":")[2])
            raise UsageError("manifest_at", remedy="one_row_each", line=line, fault=fault)
        self._taken[found[0]] = line


def _spelt(path: Path) -> str:
    """A path as a manifest names it: a Mac takes letters and accents apart."""
    return unicodedata.normalize("NFC", shown_path(path))


def _dossier(given: Mapping[str, str], fields: dict[FieldName, str]) -> str | None:
    """The one dossier of a row, whichever column states it; a result code tells it, too.

    Raises:
        UsageError: it cannot be, or two columns state two.
    """
    found = {checked("dossier", given["dossier"])} if "dossier" in given else set()
    if "dossier_code" in fields:
        found.add(fields.pop("dossier_code"))
    if len(found) > 1:
        raise UsageError("dossiers_differ", remedy="keep_one_column", field="dossier")
    if "result_code" in fields:
        found.add(parse_result(fields["result_code"])[0])
    if len(found) > 1:
        raise UsageError("result_of_other_row", remedy="correct_code_or_dossier", field="result_code")
    return next(iter(found), None)


def _in_row(line: str, error: UsageError, remedy: str = "") -> UsageError:
    """What is wrong with a value, told with its line; its remedy keeps its parameters."""
    params = error.params | {"line": line, "fault": error}
    return UsageError("manifest_at", remedy=remedy or error.remedy, **params)


def _degree(given: Mapping[str, str], line: str) -> str | None:
    """The degree of secrecy that a row states; None where it states that there is none."""
    words, stated = load_secrecy(), given.get("secrecy", "")
    if not stated or words.is_none(stated):
        return None
    degree = words.degree(stated)
    if degree is None:
        known = ", ".join((*words.degrees, words.none[0]))
        raise UsageError("manifest_no_degree", remedy="give_degree", line=line, value=excerpt(stated), known=known)
    return degree


def _check_signing(name: str, line: str, ctx: Context) -> None:
    """See that scans may be signed so: what is certified has a number in a book, which no manifest gives (L1.12)."""
    profile = next((item for item in ctx.catalogues.signing if item.id == name), None)
    if profile is None:
        fault = told("row_no_signing", name=excerpt(name))
        raise UsageError("manifest_at", remedy="give_listed_code", line=line, fault=fault)
    if profile.certifies:
        raise UsageError("manifest_at", remedy="certify_afterwards", line=line, fault=told("row_certifies", name=name))


def _statement(given: dict[str, str], line: str, ctx: Context) -> Statement:
    try:
        given = understood(given, ctx.catalogues)
    except UsageError as error:
        raise _in_row(line, error) from None
    if "signing" in given:
        _check_signing(given["signing"], line, ctx)
    if "officer" in given and not ctx.settings.signing.rows_of(given["officer"]):
        fault = told("row_no_officer", name=excerpt(given["officer"]))
        raise UsageError("manifest_at", remedy="correct_name_or_enter", line=line, fault=fault)
    accept, paper, reason = given.get("accept"), given.get("paper"), given.get("reason", "")
    try:
        fields: dict[FieldName, str] = {
            name: checked(name, given[name]) for name in get_args(FieldName) if name in given
        }
        dossier = _dossier(given, fields)
        reason = checked("reason", reason) if reason else ""
        chosen(accept, paper, reason, running_user())
        handed_in = presented_as(given["presented"]) if "presented" in given else None
    except UsageError as error:
        raise _in_row(line, error, "give_reason_column" if accept and not reason else "") from None
    password = given.get("password")
    return Statement(
        dossier=dossier,
        type_code=given.get("type"),
        signing=given.get("signing"),
        accept="resolution" if accept else None,
        reason=reason,
        paper=paper,
        officer=given.get("officer"),
        secrecy=_degree(given, line),
        presented=handed_in,
        password=SecretStr(password) if password else None,
        **{name: plain(name, given.get(name, ""))[:_LONGEST_PLACE] for name in _PLACES},
        fields=fields,
    )
