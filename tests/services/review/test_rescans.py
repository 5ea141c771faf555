"""Papers that are sent back, and the new scans that come of them."""

import csv
from pathlib import Path
from typing import Any

import pytest

from archive.package import METADATA, object_id_of
from config.settings import Settings
from domain.errors import ExitCode, UsageError
from pipeline.records import Statement, shown_record
from services.context import Services, open_services
from services.permissions import user_of_the_machine
from services.review.ending import reject
from tests.support.desk import STATED, bring, run_json
from tests.support.scans import as_pdf, paper, sheet
from tests.support.written_pdfs import NOTICE, page

LIST = ("Danh sách", "Nguyễn Thị Thu Hà", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")
WHY = ("--reason", "mờ", "--who", "Lan")


def held(settings: Settings, folder: Path, name: str = "a.pdf") -> str:
    """A paper that waits for a person."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(page(LIST))
    with open_services(settings) as ctx:
        return bring(ctx, folder / name, Statement(box="Hộp 7", position="12"))


def put(settings: Settings, folder: Path, name: str, *more: str, **stated: str) -> dict[str, Any]:
    """Put a sound scan in, with a manifest that says all of it."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(page(NOTICE))
    row = {"file": name, "type": STATED.type_code or "", **STATED.fields, **stated}
    with (folder / "in.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([row.keys(), row.values()])
    got = run_json(
        settings, "ingest", str(folder / name), "--manifest", str(folder / "in.csv"), "--workers", "1", *more
    )
    (line,) = got[1]
    return line


@pytest.mark.parametrize("kind", ["rescan", "bring-again", "not-digitised"])
def test_a_paper_that_waits_is_sent_back(settings: Settings, tmp_path: Path, kind: str) -> None:
    """It ends with who said so and why, and only what is to be scanned again stands on that list.

    The reason's word is `rescan`, `bring_again` or `not_digitised`.
    """
    document = held(settings, tmp_path / "in")
    code, (line,) = run_json(settings, "review", document, "--reject", kind, *WHY)
    assert (code, line["state"]) == (ExitCode.OK, "discarded")
    assert line["reason"].startswith(f"{kind.replace('-', '_')}: ")
    assert "mờ (by Lan; it stopped as review:" in line["reason"]
    assert run_json(settings, "review") == (ExitCode.OK, [])
    code, papers = run_json(settings, "review", "--rescan")
    assert [item["id"] for item in papers] == ([document] if kind == "rescan" else [])
    with open_services(settings) as ctx:
        (event,) = (item for item in ctx.journal.events() if item["event"] == "rejected")
    assert (event["who"], event["kind"], event["subject"]) == ("Lan", kind, document)


@pytest.mark.parametrize(
    "given", [("--reject", "burn", *WHY), ("--reject", "rescan"), ("--reject", "rescan", "--release")]
)
def test_what_cannot_be_sent_back_waits_on(settings: Settings, tmp_path: Path, given: tuple[str, ...]) -> None:
    """Another way, no reason, or two decisions at once: nothing changes."""
    document = held(settings, tmp_path / "in")
    assert run_json(settings, "review", document, *given)[0] == ExitCode.USAGE
    (line,) = run_json(settings, "review")[1]
    assert (line["id"], line["state"]) == (document, "held")


def test_the_list_tells_where_the_sheets_lie(settings: Settings, tmp_path: Path) -> None:
    """Box and position as they were stated, the file, what is wrong and since when; of one batch or of all."""
    document = held(settings, tmp_path / "in")
    run_json(settings, "review", document, "--reject", "rescan", *WHY)
    (line,) = run_json(settings, "review", "--rescan")[1]
    assert (line["box"], line["position"], line["file"], line["new"]) == ("Hộp 7", "12", "a.pdf", None)
    assert run_json(settings, "review", "--rescan", line["batch"])[1] == [line]
    assert run_json(settings, "review", "--rescan", "none")[0] == ExitCode.NOT_FOUND


def test_a_new_scan_ends_the_paper_that_was_sent_back(settings: Settings, tmp_path: Path) -> None:
    """It takes it off the list when it is archived; both tell of each other, the object, too (`rescanned`)."""
    document = held(settings, tmp_path / "in")
    run_json(settings, "review", document, "--reject", "rescan", *WHY)
    new = put(settings, tmp_path / "again", "b.pdf", "--rescan", document)
    assert new["state"] == "archived"
    assert run_json(settings, "review", "--rescan")[1] == []
    (former,) = run_json(settings, "show", document)[1]
    assert (former["state"], former["rescanned_as"]) == ("discarded", new["id"])
    assert former["reason"].startswith("rescanned: ")
    assert run_json(settings, "show", new["id"])[1][0]["rescan_of"] == document
    with open_services(settings) as ctx:
        text = ctx.vault.get(object_id_of(new["id"])).files[METADATA].read_text(encoding="utf-8")
        events = [item for item in ctx.journal.events() if item["event"] == "rescanned"]
    assert f'"rescan_of": "{document}"' in text
    assert [(item["subject"], item["by"]) for item in events] == [(document, new["id"])]


def test_a_paper_that_waits_ends_by_its_new_scan(settings: Settings, tmp_path: Path) -> None:
    """By the column `rescan_of`; as long as the new one is not archived, the former one waits on."""
    document = held(settings, tmp_path / "in")
    new = put(settings, tmp_path / "again", "b.pdf", rescan_of=document, issued_date="2099-01-01")
    assert new["state"] == "held"
    assert {line["id"] for line in run_json(settings, "review")[1]} == {document, new["id"]}
    run_json(settings, "review", new["id"], "--set", "issued_date=2026-03-12")
    assert run_json(settings, "show", new["id"])[1][0]["state"] == "archived"
    assert run_json(settings, "show", document)[1][0]["state"] == "discarded"


@pytest.mark.parametrize("given", ["--release", "--no-rescan"])
def test_a_file_with_the_name_and_place_of_one_that_was_sent_back_is_asked_about(
    settings: Settings, tmp_path: Path, given: str
) -> None:
    """A person says whether it is the new scan (`rescan_guess`)."""
    document = held(settings, tmp_path / "in")
    run_json(settings, "review", document, "--reject", "rescan", *WHY)
    new = put(settings, tmp_path / "in", "a.pdf", box="Hộp 7")
    assert (new["state"], "rescan_guess: " in new["reason"]) == ("held", True)
    assert run_json(settings, "review", "--rescan")[1][0]["new"] == new["id"]
    (line,) = run_json(settings, "review", new["id"], given)[1]
    assert line["state"] == "archived"
    left = run_json(settings, "review", "--rescan")[1]
    assert [item["id"] for item in left] == ([] if given == "--release" else [document])


def test_another_box_has_files_of_its_own(settings: Settings, tmp_path: Path) -> None:
    """A name alone says nothing: scanners number their files anew in each box."""
    document = held(settings, tmp_path / "in")
    run_json(settings, "review", document, "--reject", "rescan", *WHY)
    assert put(settings, tmp_path / "in", "a.pdf", box="Hộp 8")["state"] == "archived"
    assert len(run_json(settings, "review", "--rescan")[1]) == 1


def test_a_new_scan_is_of_a_paper_that_can_have_one(settings: Settings, tmp_path: Path) -> None:
    """Of none that nobody knows, that is archived, or is to be brought again; nothing is put in then."""
    done = put(settings, tmp_path / "one", "a.pdf")
    other = held(settings, tmp_path / "in")
    run_json(settings, "review", other, "--reject", "bring-again", *WHY)
    path = tmp_path / "b.pdf"
    path.write_bytes(page(LIST[1:]))
    for of, wanted in (("nobody", ExitCode.NOT_FOUND), (done["id"], ExitCode.USAGE), (other, ExitCode.USAGE)):
        assert run_json(settings, "ingest", str(path), "--rescan", of) == (wanted, [])
    assert len(run_json(settings, "status")[1]) == 3  # two batches, and the index


def test_a_paper_that_is_perhaps_secret_is_not_sent_back(ctx: Services, tmp_path: Path) -> None:
    """Its secrecy is decided first (law L2.2)."""
    path = tmp_path / "a.pdf"
    path.write_bytes(page(LIST))
    document = bring(ctx, path, Statement(secrecy="MẬT"))
    with pytest.raises(UsageError, match="may be secret"):
        reject(ctx, user_of_the_machine(ctx.settings), document, "rescan", "mờ")


def test_of_a_stack_the_first_paper_is_the_new_scan(ctx: Services, tmp_path: Path) -> None:
    """The others that came with it take nobody's place."""
    path = as_pdf(tmp_path / "stack.pdf", paper("notice"), sheet(), paper("plan"))
    bring(ctx, path, Statement(rescan_of="former"))
    of = {entry.part: shown_record(entry.record).rescan_of for entry in ctx.ledger.entries()}
    assert of == {1: "former", 2: ""}
