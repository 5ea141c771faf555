"""What people say of fields at review stays: before, after, who and why."""

import json
from pathlib import Path

from archive.package import METADATA, object_id_of
from config.settings import Settings
from pipeline.records import Statement
from services.context import open_services
from tests.support.desk import STATED, bring, run_json
from tests.support.written_pdfs import page


def test_each_field_that_is_filled_in_is_kept_with_who_and_why(settings: Settings, tmp_path: Path) -> None:
    """In the object and in the journal; what was asked and read rightly is told as confirmed."""
    path = tmp_path / "a.pdf"
    path.write_bytes(page(("Danh sách", "Nguyễn Thị Thu Hà", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")))
    with open_services(settings) as ctx:
        document = bring(ctx, path, Statement(fields={"number_symbol": "44/TB-UBND"}))
    given = {"type": STATED.type_code or ""} | {str(name): text for name, text in STATED.fields.items()}
    filled = [f"--set={name}={text}" for name, text in given.items()]
    code, (line,) = run_json(settings, "review", document, *filled, "--reason", "đọc nhầm", "--who", "Lan")
    assert (code, line["state"]) == (0, "archived")
    with open_services(settings) as ctx:
        stored = ctx.vault.get(object_id_of(document)).files[METADATA].read_text(encoding="utf-8")
        events = [item for item in ctx.journal.events() if item["event"] == "corrected_at_review"]
    kept = {item["field"]: item for item in json.loads(stored)["record"]["corrections"]}
    number = kept["number_symbol"]
    assert (number["how"], number["before"], number["after"]) == ("changed", "44/TB-UBND", "45/TB-UBND")
    assert (number["who"], number["reason"], bool(number["at"])) == ("Lan", "đọc nhầm", True)
    assert kept["issuer"]["how"] == "filled"
    assert {item["field"]: item["how"] for item in events} == {name: item["how"] for name, item in kept.items()}
    assert {(item["who"], item["reason"], item["subject"]) for item in events} == {("Lan", "đọc nhầm", document)}
