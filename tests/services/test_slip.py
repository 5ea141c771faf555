"""The answers of a look-up on paper: what the citizen takes home, and what is recorded of it."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from config.models import Component, Procedure, Procedures
from config.registers import RegisterSettings
from config.settings import Settings
from domain.clock import today
from domain.errors import ExitCode, UsageError
from services.context import Services, open_services
from services.dossiers.take_in import take_in_dossiers
from services.permissions import Asker
from services.registers.registers import Registers
from services.reuse.asking import lookup
from signing.pades.conformance import prove
from tests.services.test_printing import words
from tests.support.desk import WHY, given
from tests.support.held_papers import OTHER_OWNER, OWNER, hold

CLERK = Asker(who="Trần Thị Bình", office="H17.12", role="desk")
DOSSIER, HERS, UNKNOWN = (f"H17.12-261124-000{number}" for number in range(1, 4))
NAME = "Nguyễn Thị Hồng Ánh"
SINGLE, DEATH = "KQ.G15.000038", "KQ.G15.000034"


@pytest.fixture
def desk(settings: Settings, tmp_path: Path) -> Iterator[Services]:
    """A store with two papers of an owner, one of which counts, and with his dossier and another's."""
    with open_services(settings) as ctx:
        hold(
            ctx,
            tmp_path,
            "single",
            type_code=SINGLE,
            issued=date(2026, 7, 5),
            valid_until=today() + timedelta(days=30),
            issuer="Ủy ban nhân dân phường Hải Châu",
            number_symbol="12/XNHN",
        )
        hold(ctx, tmp_path, "death", type_code=DEATH, valid_until=today() - timedelta(days=1))
        marriage = {"MaTTHC": "1.000894", "NgayTiepNhan": "20261124"}
        file = tmp_path / "dossiers.json"
        file.write_text(
            json.dumps(
                [
                    {"MaHoSo": DOSSIER, "SoGiayToChuHoSo": OWNER, "ChuHoSo": NAME, **marriage},
                    {"MaHoSo": HERS, "SoGiayToChuHoSo": OTHER_OWNER, "ChuHoSo": "Lê Văn Khác", **marriage},
                ]
            ),
            encoding="utf-8",
        )
        take_in_dossiers(ctx, CLERK, file)
        yield ctx


def slip(ctx: Services, folder: Path, dossier: str = DOSSIER, **asked: Any) -> bytes:
    """The slip of a look-up about the owner."""
    target = folder / f"{dossier}.pdf"
    lookup(ctx, CLERK, owner_id=OWNER, dossier=dossier, slip=target, **asked)
    return target.read_bytes()


def parts(pdf: bytes) -> tuple[str, str, str]:
    """Its head, what need not be brought, and what must."""
    text = " ".join(words(pdf))
    head, rest = text.split("1. Giấy tờ không phải nộp")
    held, brought = rest.split("2. Giấy tờ phải nộp hoặc xuất trình")
    return head, held, brought


def test_a_slip_says_what_need_not_be_brought_and_what_must(desk: Services, tmp_path: Path) -> None:
    """Until when it holds, or why it is asked for; of which dossier, at which office, by whom; on one page of PDF/A."""
    desk.registers = Registers({"population": RegisterSettings(url="http://127.0.0.1:9/")})
    pdf = slip(desk, tmp_path)
    prove(BytesIO(pdf))
    assert len(pypdfium2.PdfDocument(pdf)) == 1
    head, held, brought = parts(pdf)
    for text in (
        "ỦY BAN NHÂN DÂN PHƯỜNG HẢI CHÂU",
        DOSSIER,
        "Thủ tục đăng ký kết hôn (1.000894)",
        NAME,
        "048*******75",
    ):
        assert text in head
    until = today() + timedelta(days=30)
    assert "3 Giấy xác nhận tình trạng hôn nhân" in held
    brought, unknown = brought.split("3. Giấy tờ chưa tra cứu được")
    assert "4 Giấy xác nhận tình trạng hôn nhân (Bên kết hôn kia)" in unknown
    assert "Cần tra cứu bằng số định danh của: Người chết" in unknown
    for text in ("cấp ngày 05/07/2026", "Ủy ban nhân dân phường Hải Châu", f"{until:%d/%m/%Y}"):
        assert text in held
    assert "khai tử" not in held
    for text in ("Tờ khai đăng ký kết hôn lập mới cho từng hồ sơ", "chưa hỏi được cơ sở dữ liệu"):
        assert text in brought
    assert CLERK.who in unknown


def test_a_slip_says_about_whom_else_was_asked(desk: Services, tmp_path: Path) -> None:
    """Each with the role and the masked number; what has ended is told with its last day."""
    persons = {"deceased": OWNER, "partner": OTHER_OWNER}
    head, _, brought = parts(slip(desk, tmp_path, persons=persons, reason=WHY))
    yesterday = today() - timedelta(days=1)
    assert f"(nếu có) đang lưu, đã hết hạn ngày {yesterday:%d/%m/%Y}" in brought
    assert "chưa tra cứu được" not in brought
    for text in ("Người chết: số định danh 048*******75", "Bên kết hôn kia: số định danh 048*******83"):
        assert text in head


def test_no_identity_number_is_on_a_slip(desk: Services, tmp_path: Path) -> None:
    """Not the owner's own, nor one that a paper bears as its number, nor one in the file."""
    hold(desk, tmp_path, "numbered", type_code=SINGLE, number_symbol=f"{OWNER}/XNHN")
    pdf = slip(desk, tmp_path)
    assert OWNER not in "".join(words(pdf))
    assert OWNER.encode() not in pdf
    assert "048*******75/XNHN" in parts(pdf)[1]


@pytest.mark.parametrize("dossier", [HERS, UNKNOWN])
def test_a_name_is_not_learnt_by_typing_numbers(desk: Services, tmp_path: Path, dossier: str) -> None:
    """Of a dossier that is unknown or another's, no name stands there: neither the owner's nor the other's."""
    hold(desk, tmp_path, "named", type_code=DEATH, owner_name=NAME)
    head, _, _ = parts(slip(desk, tmp_path, dossier, procedure="1.000894", reason=WHY))
    assert "048*******75" in head
    assert NAME not in head
    assert "Lê Văn Khác" not in head


def test_a_long_list_goes_on_with_its_head_on_the_next_page(desk: Services, tmp_path: Path) -> None:
    """Twenty components with long names, each once, in their order, under the numbers by which they are taken."""
    long = "Văn bản thỏa thuận của các thành viên hộ gia đình về việc ủy quyền cho một thành viên làm chủ hộ " * 2
    components = tuple(Component(code=f"T{number:02}", name=f"Giấy thứ {number:02} {long}") for number in range(1, 21))
    procedure = Procedure(
        code="1.999999",
        name="Thủ tục nhiều giấy tờ",
        field="Thử",
        level="commune",
        components=components,
        valid_from=date(2026, 1, 1),
        confirmed=False,
        source="test",
    )
    procedures = Procedures((*desk.catalogues.procedures, procedure))
    desk.catalogues = desk.catalogues.model_copy(update={"procedures": procedures})
    first, second, *_ = pages = words(slip(desk, tmp_path, procedure="1.999999"))
    assert "Số Giấy tờ Lý do" in first
    assert second.startswith("2 Số Giấy tờ Lý do")
    text = " ".join(pages)
    places = [text.index(f"{number} Giấy thứ {number:02} ") for number in range(1, 21)]
    assert places == sorted(places)
    assert text.count("Giấy thứ") == 20


def test_a_slip_is_recorded_as_the_look_up_is(desk: Services, tmp_path: Path) -> None:
    """Who wrote it, for which dossier, with how many answers, and no identity number; after the answers."""
    slip(desk, tmp_path)
    *_, asked, printed = map(dict[str, Any], desk.journal.events())
    assert (asked["event"], printed["event"]) == ("asked", "slip_printed")
    assert {printed[name] for name in ("who", "office", "role", "dossier")} == {*dict(CLERK).values(), DOSSIER}
    assert (printed["subject"], printed["answers"]) == ("048*******75", 9)


def test_where_a_slip_cannot_be_written_nothing_is_asked(desk: Services, tmp_path: Path) -> None:
    """A file that is there stays; so it is where the folder is missing, and nothing is put into the store."""
    taken = tmp_path / "taken.pdf"
    taken.write_text("mine", encoding="utf-8")
    for target in (taken, tmp_path / "none" / "a.pdf", desk.settings.home / "a.pdf"):
        with pytest.raises(UsageError):
            lookup(desk, CLERK, owner_id=OWNER, dossier=DOSSIER, slip=target)
    assert taken.read_text(encoding="utf-8") == "mine"
    assert desk.desk.count_questions() == 0
    assert "asked" not in {event["event"] for event in desk.journal.events()}


def test_the_command_writes_a_slip(settings: Settings, desk: Services, tmp_path: Path) -> None:
    """Beside the answers that the clerk reads; it is the clerk's alone, and a second one is not put over it."""
    target = tmp_path / "phiếu.pdf"
    asked = ("lookup", "--owner", OWNER, "--dossier", DOSSIER, "--who", "an", "--slip", str(target))
    done = given(settings, *asked)
    assert (done.exit_code, len(done.stdout.splitlines())) == (ExitCode.OK, 9)
    assert target.stat().st_mode & 0o077 == 0
    assert desk.desk.count_questions() == 9
    assert given(settings, *asked).exit_code == ExitCode.USAGE
