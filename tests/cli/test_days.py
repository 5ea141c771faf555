"""A day of each user at the command line, in Vietnamese; its screens are kept as text for a person to read."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.valueset import draw
from tests.support.days import Day, ids_of
from tests.support.scans import as_pdf, blank, paper, sheet

CLERK, ARCHIVIST = "Lê Thị Hoa", "Phạm Văn Trữ"

pytestmark = pytest.mark.long

OPERATOR, CHECKER = "Nguyễn Văn Quét", "Trần Thị Kiểm"
_DRAWN = 50


def _backlog(day: Day) -> None:
    """Sixty scans of a shelf: drawn papers, a stack, the same file twice, a coarse scan, an empty file, a blank page."""
    for number in range(_DRAWN):
        draw("print", number, day.scans / f"hop1-{number + 1:02}.pdf")
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


def test_a_day_of_the_operator(tmp_path: Path) -> None:
    """A shelf is put in, what is held is settled, and the lot is sampled."""
    day = Day(tmp_path)
    _backlog(day)
    day.run("ingest", "scans", "--workers", "1", ends=4)
    day.run("status", ends=4)
    waiting = day.run("review", who=OPERATOR)
    assert ids_of(waiting)
    day.ends_as("operator")


_OWNERS = {"birth_certificate": "048219001275", "marriage_certificate": "048193004421"}


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
    day = Day(tmp_path)
    for kind in ("birth_certificate", "marriage_certificate", "death_extract", "construction_permit"):
        as_pdf(day.scans / f"{kind}.pdf", paper(kind))
    day.run("ingest", "scans", "--workers", "1", who=OPERATOR)
    dossiers = [
        _dossier(number, owner, "1.000894")
        for number, owner in enumerate(("048219001275", "048193004421", "048093001182", "048085007743") * 3, start=1)
    ][:10]
    (tmp_path / "ho-so.json").write_text(json.dumps(dossiers), encoding="utf-8")
    day.run("dossiers", "import", "ho-so.json", who=CLERK)
    for dossier in dossiers:
        day.run("lookup", "--owner", str(dossier["SoGiayToChuHoSo"]), "--dossier", str(dossier["MaHoSo"]), who=CLERK)
    day.ends_as("clerk")
