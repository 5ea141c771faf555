"""A manifest that comes later is applied to papers that wait, after its difference was shown."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from domain.errors import ExitCode
from pipeline.records import Statement
from pipeline.runner import run_through
from services.context import open_services
from services.review import decisions
from tests.support.desk import STATED, bring, given, run_json
from tests.support.door import locked
from tests.support.written_pdfs import page

FIELDS: dict[str, str] = {str(name): text for name, text in STATED.fields.items()}


def held(settings: Settings, folder: Path, *boxes: str, missing: str = "issuer") -> list[str]:
    """Papers `0.pdf`, `1.pdf` … of which a field is missing; those of boxes have one name."""
    ids = []
    with open_services(settings) as ctx:
        for index, box in enumerate(boxes or ("", "")):
            path = folder / box / f"{0 if box else index}.pdf"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(page(("Danh sách", f"Số {index}", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")))
            fields: Any = {**FIELDS, "number_symbol": f"{index}/TB-UBND"}
            fields.pop(missing)
            ids.append(bring(ctx, path, Statement(type_code=STATED.type_code, fields=fields, box=box)))
    return ids


def manifest(folder: Path, *rows: dict[str, str]) -> str:
    """A manifest of these rows, each with an issuer unless it says so."""
    path = folder / "sau.csv"
    given = [{"issuer": "Sở Tư pháp", **row} for row in rows]
    names = list(dict.fromkeys(name for row in given for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.DictWriter(file, names)
        write.writeheader()
        write.writerows(given)
    return str(path)


def states(settings: Settings) -> list[str]:
    """The states of all papers, in their order."""
    with open_services(settings) as ctx:
        return [entry.state for entry in ctx.ledger.entries()]


def test_a_row_that_states_a_copy_fills_nothing_in(settings: Settings, tmp_path: Path) -> None:
    """A paper that turns out to be a photocopy waits on, for it is not digitised (law L2.2); the row is told."""
    ids = held(settings, tmp_path)
    listed = manifest(tmp_path, {"file": "0.pdf", "presented": "bản chụp"}, {"file": "1.pdf", "presented": "bản chính"})
    _, lines = run_json(settings, "review", "--manifest", listed, "--yes")
    (left,) = [line for line in lines if "why" in line]
    assert (left["id"], "--reject not-digitised" in left["why"]) == (ids[0], True)
    assert states(settings) == ["held", "done"]


def test_the_difference_is_shown_first(settings: Settings, tmp_path: Path) -> None:
    """Paper, field, what was read and what the manifest says; then, with `--yes`, the papers go on."""
    ids = held(settings, tmp_path)
    listed = manifest(tmp_path, {"file": "0.pdf", "abstract": "khác"}, {"file": "1.pdf"})
    code, lines = run_json(settings, "review", "--manifest", listed)
    assert (code, [line["id"] for line in lines]) == (ExitCode.OK, ids)
    assert lines[0]["changes"] == [
        {"field": "issuer", "before": "", "after": "Sở Tư pháp"},
        {"field": "abstract", "before": FIELDS["abstract"], "after": "khác"},
    ]
    assert [item["field"] for item in lines[1]["changes"]] == ["issuer"]
    assert states(settings) == ["held", "held"]
    code, lines = run_json(settings, "review", "--manifest", listed, "--yes", "--who", "Lan")
    assert (code, [line["state"] for line in lines]) == (ExitCode.OK, ["archived", "archived"])
    (shown,) = run_json(settings, "show", ids[0])[1]
    assert (shown["fields"]["issuer"]["source"], shown["fields"]["abstract"]["value"]) == ("manifest", "khác")


def test_rows_of_no_paper_that_waits_are_told(settings: Settings, tmp_path: Path) -> None:
    """And one without a file; the others are taken."""
    held(settings, tmp_path)
    rows = [{"file": "0.pdf"}, {"file": "9.pdf"}, {"file": ""}]
    code, lines = run_json(settings, "review", "--manifest", manifest(tmp_path, *rows), "--yes")
    assert code == ExitCode.HELD
    assert [line["row"] for line in lines if "row" in line] == ["3", "4"]
    assert states(settings) == ["done", "held"]


@pytest.mark.parametrize("second", ["0.pdf", "whole path", "9.pdf"])
def test_two_rows_of_one_file_are_refused(settings: Settings, tmp_path: Path, second: str) -> None:
    """By whatever name, waiting or not: with the numbers of both rows, and nothing is done."""
    held(settings, tmp_path)
    name = str(tmp_path / "0.pdf") if second == "whole path" else second
    rows = [{"file": "9.pdf" if second == "9.pdf" else "0.pdf"}, {"file": "1.pdf"}, {"file": name}]
    done = given(settings, "review", "--manifest", manifest(tmp_path, *rows), "--yes")
    assert (done.exit_code, done.stdout) == (ExitCode.USAGE, "")
    assert re.search(r":4:\s+a\s+second\s+row\s+for\s.*the\s+first\s+is\s+line\s+2", done.stderr, re.DOTALL)
    assert states(settings) == ["held", "held"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("signing", "born-digital-result"),
        ("accept", "resolution"),
        ("paper", "A5"),
        ("password", "bí mật"),
        ("position", "7"),
        ("rescan_of", "khác"),
        ("reason", "gửi sau"),
    ],
)
def test_a_column_that_comes_too_late_is_told(settings: Settings, tmp_path: Path, column: str, value: str) -> None:
    """The rest of its row is taken over; what cannot be any more is told with its reason, also before it is done."""
    document, _ = held(settings, tmp_path)
    row = {"file": "0.pdf", column: value, **({"reason": "mờ"} if column in {"accept", "paper"} else {})}
    for does in ((), ("--yes",)):
        code, lines = run_json(settings, "review", "--manifest", manifest(tmp_path, row), *does)
        (left,) = [line for line in lines if "why" in line]
        assert (code, left["id"]) == (ExitCode.HELD, document)
        assert left["why"].startswith(f"not taken over: {column}: ")
    assert states(settings) == ["done", "held"]


def test_a_column_that_says_nothing_new_is_no_fault(settings: Settings, tmp_path: Path) -> None:
    """The manifest of the intake, given again with more fields, is taken over whole."""
    path = tmp_path / "0.pdf"
    path.write_bytes(page(("Danh sách", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")))
    fields: Any = {name: text for name, text in FIELDS.items() if name != "issuer"}
    stated = Statement(type_code=STATED.type_code, fields=fields, box="H1", position="7", signing="desk-copy")
    with open_services(settings) as ctx:
        bring(ctx, path, stated)
    row = {"file": "0.pdf", "box": "H1", "position": "7", "signing": "desk-copy"}
    assert run_json(settings, "review", "--manifest", manifest(tmp_path, row), "--yes")[0] == ExitCode.OK
    assert states(settings) == ["done"]


def test_a_row_of_a_paper_that_waits_at_the_door_is_told(settings: Settings, tmp_path: Path) -> None:
    """Its password or resolution is asked for first; then the manifest counts."""
    path = locked(tmp_path)
    with open_services(settings) as ctx:
        document = bring(ctx, path, Statement())
    code, lines = run_json(settings, "review", "--manifest", manifest(tmp_path, {"file": path.name}), "--yes")
    assert (code, [line["id"] for line in lines]) == (ExitCode.HELD, [document])
    assert "encrypted" in lines[0]["why"]


def test_the_box_tells_files_of_one_name_apart(settings: Settings, tmp_path: Path) -> None:
    """Without it nobody guesses."""
    held(settings, tmp_path, "hop1", "hop2")
    assert run_json(settings, "review", "--manifest", manifest(tmp_path, {"file": "0.pdf"}), "--yes")[0] == 3
    assert states(settings) == ["held", "held"]
    listed = manifest(tmp_path, {"file": "0.pdf", "box": "hop2"})
    assert run_json(settings, "review", "--manifest", listed, "--yes")[0] == ExitCode.OK
    assert states(settings) == ["held", "done"]


@pytest.mark.parametrize("prefer", ["", "manifest", "person"])
def test_what_a_person_set_is_put_aside_only_when_that_is_said(settings: Settings, tmp_path: Path, prefer: str) -> None:
    """Else the row is left and told; the word of the person stays where his is preferred."""
    document, _ = held(settings, tmp_path, missing="abstract")
    run_json(settings, "review", document, "--set", "issuer=Sở Nội vụ", "--who", "Hoa")
    listed = manifest(tmp_path, {"file": "0.pdf", "abstract": "thử"})
    asked = ("review", "--manifest", listed, *(("--prefer", prefer) if prefer else ()), "--yes")
    code, lines = run_json(settings, *asked)
    (shown,) = run_json(settings, "show", document)[1]
    if not prefer:
        assert (code, shown["state"], "issuer" in lines[0]["why"]) == (ExitCode.HELD, "held", True)
        return
    wanted = "Sở Tư pháp" if prefer == "manifest" else "Sở Nội vụ"
    assert (code, shown["state"], shown["fields"]["issuer"]["value"]) == (ExitCode.OK, "archived", wanted)


def test_a_row_that_states_a_degree_stops_its_paper(settings: Settings, tmp_path: Path) -> None:
    """Nothing of it is made known any more: two persons decide (law L2.2)."""
    document, other = held(settings, tmp_path)
    listed = manifest(tmp_path, {"file": "0.pdf", "secrecy": "Mật"}, {"file": "1.pdf"})
    code, lines = run_json(settings, "review", "--manifest", listed, "--yes")
    assert code == ExitCode.HELD
    assert [line["id"] for line in lines if "why" in line] == [document]
    with open_services(settings) as ctx:
        words = {entry.id: (entry.state, entry.reason.word) for entry in ctx.ledger.entries()}
    assert words[document] == ("held", "secret")
    assert words[other][1] != "secret"


def test_what_was_cut_off_goes_on(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same command again ends what was let go on; nothing is said twice."""
    ids = held(settings, tmp_path)
    words = ("review", "--manifest", manifest(tmp_path, {"file": "0.pdf"}, {"file": "1.pdf"}), "--yes", "--who", "Lan")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(decisions, "run_through", stop)
    assert run_json(settings, *words)[0] == ExitCode.INTERRUPTED
    assert states(settings) == ["waiting", "held"]
    monkeypatch.setattr(decisions, "run_through", run_through)
    assert run_json(settings, *words)[0] == ExitCode.OK
    assert states(settings) == ["done", "done"]
    with open_services(settings) as ctx:
        told = [item["subject"] for item in ctx.journal.events() if item["event"] == "released"]
    assert sorted(told) == sorted(ids)


@pytest.mark.parametrize("words", [("--set", "title=x"), ("--prefer", "nobody"), ("--discard",)])
def test_what_does_not_go_with_a_manifest_is_refused(
    settings: Settings, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Nothing is read then."""
    with open_services(settings):
        pass
    assert run_json(settings, "review", "--manifest", str(tmp_path / "none.csv"), *words)[0] == ExitCode.USAGE
