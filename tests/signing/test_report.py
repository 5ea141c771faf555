"""The report of a verification: readable, provably PDF/A-2b, and silent about identity numbers."""

import hashlib
import json
import logging
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from config.settings import Settings, load_settings
from domain.clock import now
from domain.errors import ExitCode
from domain.messages.told import told
from pipeline.stages.conform import is_pdfa
from services.context import open_services
from signing.interface import Anchors, CertificateFacts, SignatureVerdict, TimeStampFacts
from signing.signer import open_signers
from signing.verification.report import Checked, draw_report
from signing.verification.verify import verify_pdf
from tests.support import signing_papers
from tests.support.signing_papers import OFFICER, paper, program

NUMBER = "048123456789"
STRANGER = SignatureVerdict(
    field=NUMBER,
    role="other",
    signer=f"王 CCCD:{NUMBER}",
    certificate=CertificateFacts(serial="54A1", issuer=f"CA {NUMBER}", not_before=now(), not_after=now()),
    intact=True,
    changes=("content", "pages"),
    changes_allowed=False,
    signed_at=now(),
    time="claimed",
    trust="revoked",
    revoked_at=now(),
    weak=("signature: SHA-1",),
    told=told("changed_content"),
)


def report(verdicts: tuple[SignatureVerdict, ...], folder: Path, anchors: Anchors = ()) -> tuple[Path, str]:
    """The report's file and its words, with single spaces between."""
    path = folder / "report.pdf"
    name, digest = f"{NUMBER}.pdf", hashlib.sha256(b"").hexdigest()
    path.write_bytes(draw_report(Checked(name, digest, now(), anchors, verdicts)))
    got = subprocess.run([program("pdftotext"), path, "-"], capture_output=True, text=True, check=True).stdout
    return path, " ".join(got.split())


def test_of_our_own(tmp_path: Path) -> None:
    """The report on a sealed copy tells who, when, the four answers and the roots, and that the keys are for trial."""
    with open_signers(signing_papers.settings(tmp_path)) as signers:
        sealed, anchors = signers.seal(signers.sign_copy(paper(), now()), now()), signers.anchors()
    path, words = report(verify_pdf(sealed, anchors), tmp_path, anchors)
    assert is_pdfa(path)
    for expected in (
        "BÁO CÁO XÁC THỰC CHỮ KÝ SỐ HỢP LỆ",
        OFFICER,
        "không có giá trị pháp lý",
        "Có (được phép): thêm chữ ký số khác.",
        "theo dấu thời gian của khoso development time stamps",
        "Người ký tự khai",
        "khoso development root",
        hashlib.sha256(anchors[0]).hexdigest(),
        hashlib.sha256(b"").hexdigest(),
    ):
        assert expected in words


def test_of_a_stranger(tmp_path: Path) -> None:
    """What is wrong is told in plain words; identity numbers are masked, and letters the font lacks are numbered."""
    path, words = report((STRANGER,), tmp_path)
    assert is_pdfa(path)
    assert NUMBER not in words
    for expected in ("KHÔNG HỢP LỆ", "[U+738B] CCCD:048*******89", "KHÔNG được phép", "đã bị thu hồi ngày", "SHA-1"):
        assert expected in words


def test_every_problem(tmp_path: Path) -> None:
    """All that the screen tells stands in the report, too, also where nothing is proven wrong; numbers are masked."""
    further = (
        told("ink_covered_on", share="100%", page=1),
        told("signature_padded"),
        told("time_stamp_gone", authorities=(NUMBER,)),
    )
    _, words = report((STRANGER.model_copy(update={"further": further}),), tmp_path)
    assert NUMBER not in words
    for item in (told("changed_content"), *further[:2]):
        assert item.text("vi") in words
    assert "048*******89" in words.partition("Những điều cần lưu ý")[2]
    _, words = report((SignatureVerdict(field="", role="other", told=told("signature_hidden")),), tmp_path)
    assert "Chữ ký số không có ô nào hiển thị" in words
    assert told("signature_hidden").text("vi") in words


def test_one_zone(tmp_path: Path) -> None:
    """Proven and claimed times, and those of certificates, are told in Vietnam's, which is named once."""
    night = datetime(2026, 11, 29, 20, 0, 5, tzinfo=UTC)
    stamp = TimeStampFacts(at=night, authority="TSA", intact=True, trust="trusted")
    facts = CertificateFacts(serial="1", issuer="CA", not_before=night, not_after=night)
    seen = {"certificate": facts, "signed_at": night, "timestamp": night, "time_stamp": stamp, "revoked_at": night}
    proven = STRANGER.model_copy(update={**seen, "time": "proven"})
    claimed = STRANGER.model_copy(update={**seen, "time": "claimed"})
    loose = STRANGER.model_copy(update={**seen, "signed_at": night.replace(tzinfo=None)})
    _, words = report((proven, claimed, loose), tmp_path)
    assert words.count("(UTC+7)") == 1
    assert words.count("30/11/2026 03:00:05") == 2 * 3 + 2
    assert words.count("29/11/2026 20:00:05 (không ghi múi giờ)") == words.count("29/11/2026") == 1


def test_whose_seal(tmp_path: Path) -> None:
    """The organisation is named, with its agency where that is known here; of a person's certificate nothing."""
    named = {"organisation": f"Sở Y tế {NUMBER}"}
    known = STRANGER.model_copy(update={**named, "agency": "H17.09"})
    _, words = report((known, STRANGER.model_copy(update=named), STRANGER), tmp_path)
    assert words.count("Chứng thư của tổ chức: Sở Y tế 048*******89") == 2
    assert words.count("cơ quan H17.09 trong danh sách") == words.count("không có trong danh sách cơ quan") == 1


@pytest.mark.parametrize("count", [0, 30])
def test_length(tmp_path: Path, count: int) -> None:
    """A report without signatures says so, and one with many runs over several pages without losing any."""
    path, words = report((STRANGER,) * count, tmp_path)
    assert is_pdfa(path)
    assert words.count("Chứng thư có được tin cậy không?") == count
    assert ("KHÔNG CÓ CHỮ KÝ SỐ" in words) is (count == 0)


@pytest.mark.parametrize("is_touched", [False, True])
def test_the_command(tmp_path: Path, *, is_touched: bool) -> None:
    """`verify FILE --report` tells outcome, digest and four answers as JSON, and writes the report, good or bad."""
    settings = load_settings(tmp_path / "home")
    with open_services(settings) as ctx:
        sealed = ctx.signers.seal(ctx.signers.sign_copy(paper(), now()), now())
    path, made = tmp_path / "paper.pdf", tmp_path / "report.pdf"
    path.write_bytes(sealed + b"junk" * is_touched)
    done = run_json(settings, "verify", str(path), "--report", str(made))
    assert done[0] == (ExitCode.NOT_VALID if is_touched else ExitCode.OK)
    got = done[1]
    assert got["outcome"] == ("broken" if is_touched else "valid")
    assert got["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert isinstance(got["signatures"], list)
    for item in got["signatures"]:
        assert (item["intact"], item["trust"], item["sound"]) == (True, "trusted", not is_touched)
    assert is_pdfa(made)
    assert run_json(settings, "verify", str(path), "--report", str(tmp_path / "none" / "report.pdf"))[0] == 2


def test_the_table(tmp_path: Path) -> None:
    """Without `--json` the four answers stand in a table."""
    settings = load_settings(tmp_path / "home")
    with open_services(settings) as ctx:
        path = tmp_path / "paper.pdf"
        path.write_bytes(ctx.signers.sign_copy(paper(), now()))
    words = spoken(settings, "verify", str(path))[1]
    for expected in ("SoHoa", "yes", "none", "claimed", "trusted", "DEVELOPMENT ONLY"):
        assert expected in words
    assert words.count("(UTC+7)") == 1


def test_a_copy_that_was_cut_back_before_its_seal(tmp_path: Path) -> None:
    """Its one signature stands; that the agency's is not there is told everywhere, and the file is not called valid."""
    settings = load_settings(tmp_path / "home")
    path, made = tmp_path / "paper.pdf", tmp_path / "report.pdf"
    with open_services(settings) as ctx:
        copy = ctx.signers.sign_copy(paper(), now())
        path.write_bytes(ctx.signers.seal(copy, now())[: len(copy)])
    code, words = spoken(settings, "verify", str(path), "--report", str(made))
    assert code == ExitCode.NOT_VALID
    assert "cut back" in words
    code, got = run_json(settings, "verify", str(path))
    assert (code, got["outcome"], got["empty_fields"]) == (ExitCode.NOT_VALID, "doubtful", ["CoQuan"])
    said = subprocess.run([program("pdftotext"), made, "-"], capture_output=True, text=True, check=True).stdout
    assert "Ô chữ ký còn để trống: CoQuan" in " ".join(said.split())
    assert "HỢP LỆ" not in said


def spoken(settings: Settings, *arguments: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    handlers = logging.root.handlers[:]  # a command sets up logging for its own process
    try:
        done = CliRunner().invoke(app, [*arguments, "--home", str(settings.home)])
    finally:
        logging.root.handlers[:] = handlers
    return done.exit_code, done.stdout


def run_json(settings: Settings, *arguments: str) -> tuple[int, dict[str, object]]:
    """Exit code and first line of a command that speaks JSON."""
    code, words = spoken(settings, *arguments, "--json")
    return code, json.loads(words.splitlines()[0]) if words else {}
