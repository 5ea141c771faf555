"""What review costs is counted from the journal; the list of what is to be scanned again can be taken along."""

import csv
from datetime import timedelta
from pathlib import Path

from config.settings import Settings
from domain import clock
from domain.errors import ExitCode
from pipeline.records import Statement
from services.context import open_services
from tests.support.desk import STATED, bring, run_json
from tests.support.written_pdfs import page

LIST = ("Danh sách", "Nguyễn Thị Thu Hà", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")


def held(settings: Settings, folder: Path, name: str) -> str:
    """A paper that lacks its issuer and abstract."""
    path = folder / name
    path.write_bytes(page((*LIST, name)))
    fields = {key: text for key, text in STATED.fields.items() if key not in {"issuer", "abstract"}}
    with open_services(settings) as ctx:
        return bring(ctx, path, Statement(type_code=STATED.type_code, fields=fields))


def test_what_was_said_of_each_field_is_counted(settings: Settings, tmp_path: Path) -> None:
    """With the seconds since the same person was shown the paper."""
    begun = clock.now()
    first, second = held(settings, tmp_path, "a.pdf"), held(settings, tmp_path, "b.pdf")
    run_json(settings, "review", first, "--who", "Lan")
    run_json(settings, "review", first, "--set", "issuer=Sở Tư pháp", "--set", "abstract=thử", "--who", "Lan")
    run_json(settings, "review", second, "--set", "issuer=Sở Tư pháp", "--who", "Hoa")
    code, lines = run_json(settings, "review", "--stats", "--who", "Lan")
    assert code == ExitCode.OK
    found = {line["field"]: (line["filled"], line["changed"], line["confirmed"], line["people"]) for line in lines}
    assert found == {"issuer": (2, 0, 0, 2), "abstract": (1, 0, 0, 1)}
    took = {line["field"]: line["median_s"] for line in lines}
    assert took["abstract"] is not None
    assert 0 <= took["abstract"] <= (clock.now() - begun) / timedelta(seconds=1)
    assert run_json(settings, "review", "no-batch", "--stats", "--who", "Lan") == (ExitCode.OK, [])


def test_the_list_for_the_scanner_is_written_as_a_table(settings: Settings, tmp_path: Path) -> None:
    """Once, to a place where nothing is; a name that looks like a formula is none."""
    paper = held(settings, tmp_path, "=1+1.pdf")
    run_json(settings, "review", paper, "--reject", "rescan", "--reason", "mờ", "--who", "Lan")
    target = tmp_path / "danh-sach.csv"
    code, lines = run_json(settings, "review", "--rescan", "--out", str(target), "--who", "Lan")
    assert (code, [line["id"] for line in lines]) == (ExitCode.OK, [paper])
    head, row = csv.reader(target.read_text(encoding="utf-8-sig").splitlines())
    assert row[head.index("id")] == paper
    assert "'=1+1.pdf" in row
    assert run_json(settings, "review", "--rescan", "--out", str(target))[0] == ExitCode.USAGE
    assert run_json(settings, "review", "--out", str(tmp_path / "x.csv"))[0] == ExitCode.USAGE
