"""A day of each user at the command line, in Vietnamese; its screens are kept as text for a person to read."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.valueset import draw
from tests.support.days import Day
from tests.support.scans import as_pdf, blank, paper, sheet

HEAD, CLERK, ARCHIVIST = "Hồ Thị Tổ", "Lê Thị Hoa", "Phạm Văn Trữ"

pytestmark = pytest.mark.long

OPERATOR, CHECKER = "Nguyễn Văn Quét", "Trần Thị Kiểm"
_DRAWN = 50


def _backlog(day: Day) -> dict[str, str]:
    """Sixty scans of a shelf: drawn papers, a stack, a file twice, a coarse scan, an empty file, a blank page."""
    numbers = {}
    for number in range(_DRAWN):
        name = f"hop1-{number + 1:02}.pdf"
        numbers[name] = draw("print", number, day.scans / name).fields.get("number_symbol") or ""
    as_pdf(
        day.scans / "hop2-chong.pdf",
        paper("notice"),
        blank(),
        sheet(),
        paper("plan"),
        sheet(),
        paper("official_letter"),
    )
    shutil.copy(day.scans / "hop1-01.pdf", day.scans / "hop2-01.pdf")
    coarse = paper("land_use_decision").resize((827, 1170), Image.Resampling.LANCZOS)
    coarse.save(day.scans / "hop2-02.jpg", dpi=(100, 100))
    (day.scans / "hop2-03.pdf").write_bytes(b"")
    as_pdf(day.scans / "hop2-04.pdf", blank())
    for number, kind in enumerate(("birth_certificate", "marriage_certificate", "construction_permit"), start=5):
        as_pdf(day.scans / f"hop2-{number:02}.pdf", paper(kind))
    return numbers


def test_a_day_of_the_operator(tmp_path: Path) -> None:
    """A shelf is put in, what is held is settled by a late manifest or sent back, and the lot sampled."""
    day = Day(tmp_path, {CHECKER: "operator", HEAD: "operator"})
    numbers = _backlog(day)
    day.run("ingest", "scans", "--workers", "1", ends=4)
    batch = day.batch()
    day.run("status", ends=4)
    day.run("review", who=OPERATOR)
    doubted, coarse, empty = (day.id_of(name) for name in ("hop1-09.pdf", "hop2-02.jpg", "hop2-04.pdf"))
    day.run("review", doubted, who=OPERATOR, ends=3)
    rows = f"file,number_symbol,position\nhop1-09.pdf,{numbers['hop1-09.pdf']},9\nhop1-99.pdf,12/QĐ-UBND,99\n"
    (tmp_path / "bang-ke.csv").write_text(rows, encoding="utf-8")
    day.run("review", "--manifest", "bang-ke.csv", who=OPERATOR, ends=3)
    day.run("review", "--manifest", "bang-ke.csv", "--yes", who=OPERATOR, ends=3)
    day.run("review", coarse, "--reject", "rescan", "--reason", "quét 100 dpi", who=OPERATOR)
    day.run("review", empty, "--reject", "not-digitised", "--reason", "tờ lót hộp, không có chữ", who=OPERATOR)
    day.run("review", "--rescan", who=OPERATOR)
    again = tmp_path / "quét lại" / "hop2-02.jpg"
    again.parent.mkdir()
    paper("land_use_decision").save(again, dpi=(200, 200))
    day.run("ingest", str(again), "--rescan", coarse)
    day.run("review", "--rescan", who=OPERATOR)
    day.run("status", batch, ends=4)
    day.run("quality", "open", batch, who=HEAD)
    for document in (day.id_of("hop1-01.pdf"), day.id_of("hop1-02.pdf")):
        day.run("quality", "check", document, "--ok", who=CHECKER)
    day.run("quality", "show", batch, who=HEAD)
    day.ends_as("operator")


_ASKED = ("048219001275", "048303004862", "048194003421", "048044002318", "048090001234")


def _dossier(number: int, owner: str, procedure: str) -> dict[str, object]:
    return {
        "MaHoSo": f"H17.12-261124-{number:04}",
        "MaTTHC": procedure,
        "KenhThucHien": "1",
        "SoGiayToChuHoSo": owner,
        "ChuHoSo": "Nguyễn Văn A",
        "NgayTiepNhan": "20261124083000",
        "TrangThaiHoSo": "4",
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": owner}],
    }


def test_a_day_of_the_clerk(tmp_path: Path) -> None:
    """Ten dossiers are answered: what need not be brought is taken over by its number."""
    day = Day(tmp_path, {})
    for kind in ("birth_certificate", "marriage_certificate", "death_extract", "construction_permit"):
        as_pdf(day.scans / f"{kind}.pdf", paper(kind))
    day.run("ingest", "scans", "--workers", "1", who=OPERATOR)
    dossiers = [
        _dossier(number, owner, "1.004859" if number > 5 else "1.000894")
        for number, owner in enumerate(_ASKED * 2, start=1)
    ]
    (tmp_path / "ho-so.json").write_text(json.dumps(dossiers), encoding="utf-8")
    day.run("dossiers", "import", "ho-so.json", who=CLERK)
    for dossier in dossiers:
        code = str(dossier["MaHoSo"])
        day.run("lookup", "--owner", str(dossier["SoGiayToChuHoSo"]), "--dossier", code, who=CLERK)
        if code.endswith("0006"):
            day.run("use", "4", "--dossier", code, "--out", "giay-khai-sinh.pdf", who=CLERK)
            day.run("use", "1", "--dossier", code, who=CLERK, ends=6)
    owner, last = str(dossiers[0]["SoGiayToChuHoSo"]), str(dossiers[5]["MaHoSo"])
    day.run("lookup", "--owner", owner, "--dossier", last, "--slip", "phieu.pdf", who=CLERK)
    day.run("lookup", "--owner", owner, "--dossier", "H17.12-261124-0099", who=CLERK, ends=4)
    day.run(
        "lookup",
        "--owner",
        owner,
        "--dossier",
        "H17.12-261124-0099",
        "--type",
        "Giấy khai sinh",
        "--reason",
        "khách chờ",
        who=CLERK,
    )
    day.run("search", "Thạch Thang", who=CLERK)
    day.ends_as("clerk")


def test_a_day_of_the_archivist(tmp_path: Path) -> None:
    """A paper is put right at its owner's request, one is revoked, one is withdrawn; what is held is verified."""
    day = Day(tmp_path, {ARCHIVIST: "archivist", HEAD: "archivist"})
    for kind in ("birth_certificate", "marriage_certificate", "death_extract", "construction_permit"):
        as_pdf(day.scans / f"{kind}.pdf", paper(kind))
    day.run("ingest", "scans", "--workers", "1", who=OPERATOR)
    birth, marriage, permit = (
        day.id_of(f"{kind}.pdf") for kind in ("birth_certificate", "marriage_certificate", "construction_permit")
    )
    day.run("search", "khai sinh Thạch Thang", who=ARCHIVIST)
    day.run("show", birth, who=ARCHIVIST)
    day.run("cases", "open", birth, "--request", "Nơi cấp ghi sai: phường Thuận Phước", who=CLERK)
    day.run("cases", "list", "--due", who=ARCHIVIST)
    day.run("cases", "answer", "1", who=ARCHIVIST)
    changed = ("--set", "issuer=UBND phường Hải Châu", "--reason", "đối chiếu sổ gốc quyển 2/2019")
    day.run("correct", birth, *changed, who=OPERATOR, ends=4)
    day.run("correct", birth, *changed, "--case", "1", who=ARCHIVIST)
    day.run("cases", "list", who=ARCHIVIST)
    day.run("show", birth, "--history", who=ARCHIVIST)
    day.run("standing", marriage, "revoked", "--reason", "Quyết định 15/2026 của Tòa án", who=ARCHIVIST)
    day.run("owner", "048219001275", "--reason", "đơn của chủ giấy tờ", who=ARCHIVIST)
    day.run("withdraw", permit, "--reason", "bản vẽ có khu vực quân sự", who=ARCHIVIST)
    day.run("show", permit, who=CLERK, ends=6)
    day.run("search", "giấy phép xây dựng", who=ARCHIVIST)
    day.run("withdrawn", who=ARCHIVIST)
    day.run("withdrawn", permit, who=ARCHIVIST)
    day.run("verify", birth, "--report", "xac-thuc.pdf", who=ARCHIVIST)
    day.run("dossiers", "terms", who=ARCHIVIST)
    day.run("renew", "--dry-run", who=ARCHIVIST)
    day.run("reindex", "--check", who=ARCHIVIST)
    day.run("rebuild", who=ARCHIVIST)
    day.ends_as("archivist")
