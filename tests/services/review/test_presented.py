"""As what a paper was handed in may be said at review, too: a copy on paper goes no further (law L2.2)."""

import json
from pathlib import Path

from archive.package import METADATA, object_id_of
from config.settings import Settings
from domain.errors import ExitCode
from services.context import open_services
from tests.support.desk import STATED, bring, given, run_json
from tests.support.written_pdfs import NOTICE, page

LATE = {"issued_date": "2099-03-12"}  # a day that is yet to come: it is asked


def held(settings: Settings, folder: Path, presented: str | None, **fields: str) -> str:
    """A notice that waits: as what it was handed in, and what is odd about it."""
    path = folder / "a.pdf"
    path.write_bytes(page(NOTICE))
    known = {str(name): text for name, text in STATED.fields.items()}
    update = {"presented": presented, "fields": known | fields}
    with open_services(settings) as ctx:
        return bring(ctx, path, STATED.model_copy(update=update))


def test_who_knows_better_says_that_it_is_an_original(settings: Settings, tmp_path: Path) -> None:
    """With a reason, in whatever words; both what was stated and what is said stay, with who and why."""
    document = held(settings, tmp_path, "photocopy")
    refused = given(settings, "review", document, "--set", "presented=bản chính", "--who", "Lan")
    assert (refused.exit_code, "--reject not-digitised" in refused.stderr) == (ExitCode.USAGE, True)
    said = ("--set", "presented=bản chính", "--reason", "mộc đỏ, ký tươi", "--who", "Lan")
    code, (line,) = run_json(settings, "review", document, *said)
    assert (code, line["state"]) == (ExitCode.OK, "archived")
    with open_services(settings) as ctx:
        stored = json.loads(ctx.vault.get(object_id_of(document)).files[METADATA].read_text(encoding="utf-8"))
        events = [item for item in ctx.journal.events() if item["event"] == "corrected_at_review"]
    assert [(item["field"], item["was"], item["after"], item["reason"]) for item in events] == [
        ("presented", "photocopy", "original", "mộc đỏ, ký tươi")
    ]
    assert stored["record"]["statement"]["presented"] == "original"


def test_what_is_said_of_it_answers_nothing_else(settings: Settings, tmp_path: Path) -> None:
    """The rest is asked on; an answer about another field leaves it a copy."""
    document = held(settings, tmp_path, "certified_copy", **LATE)
    code, (line,) = run_json(settings, "review", document, "--set", "issued_date=2026-03-12", "--who", "Lan")
    assert (code, "presented_as_copy" in line["reason"]) == (ExitCode.HELD, True)
    document_line = run_json(settings, "review", document, "--set", "presented=original", "--reason", "đã xem")[1][0]
    assert document_line["state"] == "archived"


def test_a_paper_that_turns_out_to_be_a_copy_goes_no_further(settings: Settings, tmp_path: Path) -> None:
    """Said of a paper that waits for something else: it is asked about as a copy, and cannot be let go on as one."""
    document = held(settings, tmp_path, None, **LATE)
    code, (line,) = run_json(settings, "review", document, "--set", "presented=photo", "--who", "Lan")
    assert (code, line["state"], "presented_as_copy" in line["reason"]) == (ExitCode.HELD, "held", True)
    right = ("--set", "issued_date=2026-03-12")
    both = given(settings, "review", document, *right, "--set", "presented=photo", "--release", "--who", "Lan")
    assert both.exit_code == ExitCode.USAGE
    assert given(settings, "review", document, *right, "--release", "--who", "Lan").exit_code == ExitCode.USAGE
    code, (line,) = run_json(settings, "review", document, "--reject", "not-digitised", "--reason", "bản chụp")
    assert (code, line["state"]) == (ExitCode.OK, "discarded")


def test_other_words_are_refused_with_those_that_there_are(settings: Settings, tmp_path: Path) -> None:
    """Nothing is changed."""
    document = held(settings, tmp_path, "photocopy")
    told = given(settings, "review", document, "--set", "presented=giấy", "--reason", "x", "--who", "Lan")
    assert (told.exit_code, "photocopy" in told.stderr) == (ExitCode.USAGE, True)


def test_it_is_said_of_several_at_once(settings: Settings, tmp_path: Path) -> None:
    """What would change is shown first; then each is let go on."""
    document = held(settings, tmp_path, "photocopy")
    many = ("review", "--where", "doubt=presented_as_copy", "--set", "presented=original", "--reason", "sổ tiếp nhận")
    _, lines = run_json(settings, *many, "--who", "Lan")
    assert [item["changes"] for item in lines if item.get("id") == document] == [
        [{"field": "presented", "before": "photocopy", "after": "original"}]
    ]
    run_json(settings, *many, "--yes", "--who", "Lan")
    assert run_json(settings, "show", document)[1][0]["state"] == "archived"


def test_the_history_tells_what_was_said_at_review(settings: Settings, tmp_path: Path) -> None:
    """Old value, new value, who and why, while it waits and when it is archived; what was read rightly is not told."""
    document = held(settings, tmp_path, "photocopy", **LATE)
    run_json(settings, "review", document, "--set", "issued_date=2026-03-12", "--reason", "đọc nhầm", "--who", "Lan")

    def told() -> list[tuple[str, str, str]]:
        lines = run_json(settings, "show", document, "--history")[1]
        return [(item["outcome"], item["worker"], item["error"]) for item in lines if item["stage"] == "review" and
                item["told"]["word"] == "corrected_at_review"]  # fmt: skip

    (line,) = told()
    assert line[:2] == ("changed", "Lan")
    assert all(text in line[2] for text in ("issued_date", "2099-03-12", "2026-03-12", "đọc nhầm"))
    run_json(settings, "review", document, "--set", "presented=original", "--reason", "đã xem", "--who", "Hoa")
    assert run_json(settings, "show", document)[1][0]["state"] == "archived"
    assert [item[1] for item in told()] == ["Lan", "Hoa"]
