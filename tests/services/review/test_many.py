"""What is said of many papers at once: shown first, then said of each for itself."""

from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from domain.errors import ExitCode
from domain.messages.told import told
from domain.owners import mask
from pipeline.records import Described, Statement, read_record
from pipeline.runner import run_through
from services.context import open_services
from services.permissions import user_of_the_machine
from services.review import decisions, many
from tests.support.desk import STATED, bring, run_json, screen
from tests.support.written_pdfs import page

FIELDS: dict[str, str] = {str(name): text for name, text in STATED.fields.items()}
OWNER = "048219001275"


def held(settings: Settings, folder: Path, *missing: str, number: int = 3, **more: Any) -> list[str]:
    """Papers that wait for what is missing of them."""
    ids = []
    with open_services(settings) as ctx:
        for index in range(number):
            path = folder / f"{index}.pdf"
            path.write_bytes(page(("Danh sách", f"Số {index}", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")))
            fields: Any = {**FIELDS, "number_symbol": f"{index}/TB-UBND"}
            fields = {name: text for name, text in fields.items() if name not in missing}
            ids.append(bring(ctx, path, Statement(type_code=STATED.type_code, fields=fields, **more)))
    return ids


def states(settings: Settings) -> dict[str, str]:
    """In which state each document is."""
    with open_services(settings) as ctx:
        return {entry.id: entry.state for entry in ctx.ledger.entries()}


def batch_of(settings: Settings) -> str:
    """The newest batch."""
    with open_services(settings) as ctx:
        return str(ctx.ledger.batches()[-1]["id"])


def test_what_would_change_is_shown_first(settings: Settings, tmp_path: Path) -> None:
    """Each paper with the value that it has and the one that it would get, ids masked; nothing changes."""
    ids = held(settings, tmp_path, "issuer")
    before = states(settings)
    where = f"--where=batch={batch_of(settings)}"
    code, lines = run_json(settings, "review", where, "--set", "issuer=Sở Tư pháp", "--set", f"owner_id={OWNER}")
    assert (code, [line["id"] for line in lines]) == (ExitCode.OK, ids)
    (owner, issuer) = sorted(lines[0]["changes"], key=lambda item: item["field"] == "issuer")
    assert issuer == {"field": "issuer", "before": "", "after": "Sở Tư pháp"}
    assert OWNER not in str(owner)
    assert states(settings) == before


def test_each_paper_gets_a_decision_of_its_own(settings: Settings, tmp_path: Path) -> None:
    """With `--yes` all of them go on, each with who said what; the same command again finds none."""
    ids = held(settings, tmp_path, "issuer")
    given = ("review", "--where", "doubt=field_missing", "--set", "issuer=Sở Tư pháp", "--yes", "--who", "Lan")
    code, lines = run_json(settings, *given)
    assert (code, [(line["id"], line["state"], line["done"]) for line in lines]) == (
        ExitCode.OK,
        [(name, "archived", True) for name in ids],
    )
    with open_services(settings) as ctx:
        told = [item for item in ctx.journal.events() if item["event"] == "corrected_at_review"]
    assert [(item["subject"], item["who"], item["field"]) for item in told] == [(i, "Lan", "issuer") for i in ids]
    assert run_json(settings, *given) == (ExitCode.OK, [])


def test_what_else_is_asked_waits_on_unless_it_is_released(settings: Settings, tmp_path: Path) -> None:
    """As for one paper: a value answers for its field alone."""
    ids = held(settings, tmp_path, "issuer", "abstract")
    given = ("review", "--where", "type=Thông báo", "--set")
    code, lines = run_json(settings, *given, "issuer=Sở Tư pháp", "--yes")
    assert (code, {line["state"] for line in lines}) == (ExitCode.HELD, {"held"})
    code, lines = run_json(settings, *given, "abstract=thử", "--release", "--yes")
    assert (code, {line["state"] for line in lines}, len(lines)) == (ExitCode.OK, {"archived"}, len(ids))


def test_one_that_cannot_be_changed_is_told_and_the_others_go_on(settings: Settings, tmp_path: Path) -> None:
    """A release of papers of which one lacks something more."""
    whole, lacking = held(settings, tmp_path, "issuer", number=2)
    with open_services(settings) as ctx:
        entry = ctx.ledger.entry(lacking)
        assert entry is not None
        record = read_record(Described, lacking, entry.record)
        fields = {name: item for name, item in record.description.fields.items() if name != "abstract"}
        text = record.model_copy(
            update={"description": record.description.model_copy(update={"fields": fields})}
        ).model_dump_json()
        with ctx.ledger.keep(entry, "filled", text, entry.reason, "Hoa"):
            pass
    code, lines = run_json(settings, "review", "--where=doubt=review", "--set=issuer=Sở", "--release", "--yes")
    assert code == ExitCode.HELD
    assert {line["id"]: (line["done"], line["state"]) for line in lines} == {
        whole: (True, "archived"),
        lacking: (False, "held"),
    }
    assert "abstract" in next(line["reason"] for line in lines if line["id"] == lacking)


def test_papers_that_are_perhaps_secret_are_never_touched(settings: Settings, tmp_path: Path) -> None:
    """They are not even shown (law L2.2)."""
    held(settings, tmp_path, "issuer", secrecy="MẬT")
    where = f"--where=batch={batch_of(settings)}"
    assert run_json(settings, "review", where, "--set=issuer=Sở", "--release", "--yes") == (ExitCode.OK, [])
    assert set(states(settings).values()) == {"held"}


def test_what_was_cut_off_goes_on(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After Ctrl-C in the midst of a paper the same command ends all of them, each said once."""
    ids = held(settings, tmp_path, "issuer")
    left = [1]

    def stop(*given: Any) -> Any:
        if not left:
            raise KeyboardInterrupt
        left.pop()
        return run_through(*given)

    monkeypatch.setattr(decisions, "run_through", stop)
    given = ("review", "--where", "doubt=issuer", "--set", "issuer=Sở Tư pháp", "--yes", "--who", "Lan")
    assert run_json(settings, *given)[0] == ExitCode.INTERRUPTED
    assert sorted(states(settings).values()) == ["done", "held", "waiting"]
    monkeypatch.setattr(decisions, "run_through", run_through)
    code, lines = run_json(settings, *given)
    assert (code, len(lines)) == (ExitCode.OK, len(ids) - 1)
    assert set(states(settings).values()) == {"done"}
    with open_services(settings) as ctx:
        told = [item["subject"] for item in ctx.journal.events() if item["event"] == "released"]
    assert sorted(told) == sorted(ids)


def doubt(settings: Settings, document: str, *names: str) -> None:
    """Let a paper wait for these fields, which were read, but not surely."""
    with open_services(settings) as ctx:
        entry = ctx.ledger.entry(document)
        assert entry is not None
        record = read_record(Described, document, entry.record)
        fields: dict[Any, Any] = dict(record.description.fields)
        doubts = list(record.doubts)
        for name in names:
            fields[name] = fields[name].model_copy(update={"confidence": 0.6, "source": "paper"})
            shown = mask(fields[name].value) if name == "owner_id" else fields[name].value
            doubts.append(told("field_unsure", field=name, value=shown, confidence=0.6))
        description = record.description.model_copy(update={"fields": fields})
        text = record.model_copy(update={"description": description, "doubts": tuple(doubts)}).model_dump_json()
        reason = entry.reason.model_copy(update={"params": {"doubts": tuple(doubts)}})
        with ctx.ledger.keep(entry, "filled", text, reason, "Hoa"):
            pass


def test_a_release_shows_what_was_read_and_why_it_is_asked(settings: Settings, tmp_path: Path) -> None:
    """The values that will count, beside those that are given, and each doubt."""
    (document,) = held(settings, tmp_path, "issuer", number=1)
    doubt(settings, document, "abstract", "number_symbol")
    given = ("review", "--where=doubt=review", "--set=issuer=Sở Tư pháp", "--release")
    _, (line,) = run_json(settings, *given)
    then = {item["field"]: (item["before"], item["after"]) for item in line["changes"]}
    read = FIELDS["abstract"], "0/TB-UBND"
    assert then == {"issuer": ("", "Sở Tư pháp"), **{
        name: (text, text) for name, text in zip(("abstract", "number_symbol"), read, strict=True)
    }}  # fmt: skip
    assert [text.partition(":")[0] for text in line["doubts"]] == ["abstract", "number_symbol"]
    shown = screen(settings, *given)
    assert "0/TB-UBND" in shown
    assert run_json(settings, *given, "--yes")[1][0]["state"] == "archived"


def test_whose_a_paper_is_nobody_confirms_for_many(settings: Settings, tmp_path: Path) -> None:
    """A number that is doubted or missing is compared with each paper; the others go on, and a given one counts."""
    ids = []
    with open_services(settings) as ctx:
        for index in range(3):
            path = tmp_path / f"{index}.pdf"
            path.write_bytes(page(("Danh sách", f"Số {index}", "Trần Văn Bình", "Lê Thị Hoa")))
            fields: Any = {"number_symbol": f"{index}/2021", "issued_date": "2021-05-04", "owner_name": "Lê Thị Hoa"}
            fields |= {"owner_id": OWNER} if index < 2 else {}
            ids.append(bring(ctx, path, Statement(type_code="KQ.H17.990005", fields=fields)))
    sure, unsure, lacking = ids
    doubt(settings, unsure, "owner_id")
    given = ("review", "--where=doubt=review", "--set=issuer=Sở Tư pháp", "--release")
    _, lines = run_json(settings, *given)
    assert {line["id"]: bool(line["left_out"]) for line in lines} == {sure: False, unsure: True, lacking: True}
    assert OWNER not in str(lines)
    assert {unsure, lacking} <= set(screen(settings, *given).split())
    code, lines = run_json(settings, *given, "--yes")
    assert (code, states(settings)) == (ExitCode.HELD, {sure: "done", unsure: "held", lacking: "held"})
    assert [line["id"] for line in lines] == [sure, unsure, lacking]


def test_what_is_doubted_of_the_paper_itself_is_decided_one_by_one(settings: Settings, tmp_path: Path) -> None:
    """One that is perhaps the same as another, or lies in one scan with others."""
    first, second = (tmp_path / name for name in ("1.pdf", "2.pdf"))
    first.write_bytes(page(("Danh sách", "Trần Văn Bình")))
    second.write_bytes(page(("Bản kê", "Lê Thị Hoa", "Phạm Văn Nam")))
    with open_services(settings) as ctx:
        bring(ctx, first, STATED)
        same = bring(ctx, second, STATED)
        entry = ctx.ledger.entry(same)
        assert entry is not None
        assert entry.reason.word == "same_document"
    given = ("review", "--where", "type=Thông báo", "--release", "--yes")
    code, (left,) = run_json(settings, *given)
    assert (code, left["id"], states(settings)[same]) == (ExitCode.HELD, same, "held")
    assert left["left_out"]
    assert "same_document" in left["doubts"][0]


def test_another_agencys_papers_are_not_there(settings: Settings, tmp_path: Path) -> None:
    """Who may decide about the papers of his office is shown no others."""
    held(settings, tmp_path, "issuer", dossier="H17.13-260101-0007")
    with open_services(settings) as ctx:
        everybody = user_of_the_machine(settings)
        desk = everybody.model_copy(update={"role": "desk", "office": "H17.12"})
        where = many.Selection(doubt="field_missing")
        assert len(many.plan_many(ctx, everybody, where, {"issuer": "Sở"})) == 3
        assert many.plan_many(ctx, desk, where, {"issuer": "Sở"}) == ()


@pytest.mark.parametrize(
    "given",
    [
        ("--where", "colour=red", "--release"),
        ("--where", "batch=", "--release"),
        ("--where", "doubt=x"),
        ("--yes", "--release"),
        ("--where", "doubt=x", "--set", "colour=red"),
        ("--where", "doubt=x", "--discard", "--release"),
    ],
)
def test_what_names_no_papers_or_says_nothing_is_refused(settings: Settings, given: tuple[str, ...]) -> None:
    """And so is a selection together with what is decided of one paper alone."""
    with open_services(settings):
        pass
    assert run_json(settings, "review", *given)[0] == ExitCode.USAGE
