"""One field that is filled in answers for itself alone: the rest goes on being asked until it is confirmed."""

import json
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from archive.package import METADATA, object_id_of
from config.settings import Settings
from domain.errors import ExitCode
from pipeline.records import Described, Statement, read_record
from services.context import open_services
from tests.support.desk import STATED, bring, given, run_json, screen
from tests.support.written_pdfs import page

LIST = ("Danh sách", "Nguyễn Thị Thu Hà", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")
FIELDS: dict[str, str] = {str(name): text for name, text in STATED.fields.items()}
LATE = {"issued_date": "2099-03-12"}  # a day that is yet to come: it is asked
VALUES = {"type": STATED.type_code or ""} | FIELDS
RIGHT = "issued_date=2026-03-12"


def held(settings: Settings, folder: Path, lines: Sequence[str] = LIST, **fields: Any) -> str:
    """A paper of which a manifest says these fields."""
    path = folder / "a.pdf"
    path.write_bytes(page(lines))
    with open_services(settings) as ctx:
        return bring(ctx, path, Statement(type_code=STATED.type_code, fields=fields))


def test_a_field_that_is_set_confirms_nothing_else(settings: Settings, tmp_path: Path) -> None:
    """Whether the page is a separator sheet is asked on; `--release` ends it, and the journal has who said which."""
    document = held(settings, tmp_path, lines=("Tờ phân cách khoso",), **(FIELDS | LATE))
    code, (line,) = run_json(settings, "review", document, "--set", RIGHT, "--who", "Lan")
    assert (code, line["state"], line["asked"]) == (ExitCode.HELD, "held", [])
    assert "separator_unreadable" in line["reason"]
    assert "issued_date" not in line["reason"]
    code, (line,) = run_json(settings, "review", document, "--release", "--who", "Hoa")
    assert (code, line["state"]) == (ExitCode.OK, "archived")
    with open_services(settings) as ctx:
        told = [item for item in ctx.journal.events() if item["event"] in {"corrected_at_review", "released"}]
    assert [(item["event"], item["who"]) for item in told] == [("corrected_at_review", "Lan"), ("released", "Hoa")]


@pytest.mark.parametrize(
    "words", [("--release",), ("--set", "issued_date=2098-01-01"), ("--release", "--set", "issued_date=2098-01-01")]
)
def test_a_day_that_is_yet_to_come_is_confirmed_with_a_reason(
    settings: Settings, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Nobody lets it pass with the rest; who says why is in the paper's object with what he said."""
    document = held(settings, tmp_path, **(FIELDS | LATE))
    told = given(settings, "review", document, *words, "--who", "Lan")
    assert (told.exit_code, "--reason" in told.stderr) == (ExitCode.USAGE, True)
    assert run_json(settings, "review")[1][0]["asked"] == ["issued_date"]
    code, (line,) = run_json(settings, "review", document, *words, "--reason", "hiệu lực về sau", "--who", "Lan")
    assert (code, line["state"]) == (ExitCode.OK, "archived")
    with open_services(settings) as ctx:
        stored = ctx.vault.get(object_id_of(document))
        said = json.loads(stored.files[METADATA].read_bytes())["record"]["corrections"]
    assert [(item["field"], item["who"], item["reason"]) for item in said] == [
        ("issued_date", "Lan", "hiệu lực về sau")
    ]


def test_what_is_not_said_of_waits_on(settings: Settings, tmp_path: Path) -> None:
    """Of two fields that are missing one is given: the other one is asked as before, and is named."""
    left = {name: text for name, text in FIELDS.items() if name not in {"issuer", "abstract"}}
    document = held(settings, tmp_path, **left)
    code, (line,) = run_json(settings, "review", document, "--set", "issuer=Sở Tư pháp", "--who", "Lan")
    assert (code, line["state"], line["asked"]) == (ExitCode.HELD, "held", ["abstract"])
    assert "--set abstract=…" in line["reason"]
    assert "abstract" in screen(settings, "review", document)
    code, (line,) = run_json(settings, "review", document, "--set", "abstract=thử", "--who", "Hoa")
    assert (code, line["state"]) == (ExitCode.OK, "archived")
    with open_services(settings) as ctx:
        stored = json.loads(ctx.vault.get(object_id_of(document)).files[METADATA].read_text(encoding="utf-8"))
    said = {item["field"]: item["who"] for item in stored["record"]["corrections"]}
    assert said == {"issuer": "Lan", "abstract": "Hoa"}
    assert stored["record"]["confirmed_by"] == "Hoa"


def test_with_a_release_the_rest_is_confirmed_at_once(settings: Settings, tmp_path: Path) -> None:
    """What is missing stops both: nothing is kept of them then."""
    left = {name: text for name, text in FIELDS.items() if name != "abstract"}
    document = held(settings, tmp_path, lines=("Tờ phân cách khoso",), **(left | LATE))
    assert run_json(settings, "review", document, "--set", RIGHT, "--release")[0] == ExitCode.USAGE
    assert set(run_json(settings, "review")[1][0]["asked"]) == {"issued_date", "abstract"}
    code, (line,) = run_json(
        settings, "review", document, "--set", "abstract=thử", "--release", "--reason", "ghi sai năm"
    )
    assert (code, line["state"]) == (ExitCode.OK, "archived")


def test_the_same_words_given_twice_are_kept_once(settings: Settings, tmp_path: Path) -> None:
    """A command that was cut off, and is given again, says nothing anew."""
    document = held(settings, tmp_path)
    for _ in range(2):
        assert run_json(settings, "review", document, "--set", RIGHT, "--who", "Lan")[0] == ExitCode.HELD
    with open_services(settings) as ctx:
        entry = ctx.ledger.entry(document)
        assert entry is not None
        assert len(read_record(Described, document, entry.record).corrections) == 1
        assert [item.outcome for item in ctx.ledger.history(document)].count("filled") == 1
        assert [item["event"] for item in ctx.journal.events()].count("corrected_at_review") == 1


@pytest.mark.parametrize("order", list(permutations(("issued_date", "issuer", "abstract"))))
def test_in_whatever_order_fields_are_given_the_last_one_ends_it(
    settings: Settings, tmp_path: Path, order: tuple[str, ...]
) -> None:
    """What is asked shrinks by what was given, and by nothing else."""
    document = held(settings, tmp_path, number_symbol=VALUES["number_symbol"])
    asked = set(order)
    for name in order:
        _, (line,) = run_json(settings, "review", document, "--set", f"{name}={VALUES[name]}")
        asked -= {name}
        assert set(line.get("asked", ())) == asked
    assert line["state"] == "archived"


def test_a_type_that_is_set_asks_for_what_such_papers_have(settings: Settings, tmp_path: Path) -> None:
    """Of a paper of which nothing was known, its fields are asked as soon as its type is."""
    path = tmp_path / "a.pdf"
    path.write_bytes(page(LIST))
    with open_services(settings) as ctx:
        document = bring(ctx, path, Statement())
    _, (line,) = run_json(settings, "review", document, "--set", f"type={STATED.type_code}")
    assert "type" not in line["asked"]
    assert {"number_symbol", "issued_date", "issuer", "abstract"} <= set(line["asked"])
