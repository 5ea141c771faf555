"""Papers with a mark of secrecy stop before anything is made of them, wherever it stands and however it looks."""

import shutil
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from config.secrecy import load_secrecy
from config.settings import RecognitionSettings, Settings
from domain.clock import now
from domain.errors import UsageError
from domain.messages.told import told
from domain.readings import DocumentReading, PageReading, Word
from pipeline.intake import open_batch, take_in
from pipeline.manifest import read_manifest
from pipeline.recognition.engine import read_document
from pipeline.records import Decision, Described, Received, Statement, read_record
from pipeline.runner import run_through
from pipeline.secrecy.marks import Sighting, find_secrecy
from pipeline.secrecy.stop import PerhapsSecret, stop_if_seen, vouched
from pipeline.stages.review import review
from samples.ink import SEAL_MM, press_seal, write_signature
from services.context import open_services
from tests.support import drawn_pages, written_pdfs
from tests.support.laid_out import LEFT, MIDDLE, administrative, body, page, paper
from tests.support.scans import as_pdf

WORDS = load_secrecy()
FAST = RecognitionSettings.model_validate({"mode": "fast"})
DEGREES = ("MẬT", "TỐI MẬT", "TUYỆT MẬT")
COLOURS = {"red": drawn_pages.RED, "grey": (120, 120, 120), "black": (20, 20, 20)}
BLUE = (28, 44, 150)
FILLER = Image.new("RGB", (1240, 1754), "white")


def seen(reading: DocumentReading) -> Sighting | None:
    """What is found on the pages."""
    return find_secrecy(reading.pages, WORDS)


def _chance() -> Random:
    return Random(3)  # noqa: S311 (the hand of a drawn signature)


def scanned(folder: Path, *pages: Image.Image) -> DocumentReading:
    """A scan of these pages, read."""
    path = folder / "scan.pdf"
    pages[0].save(path, resolution=150, save_all=True, append_images=pages[1:])
    return read_document(path, FAST)


# On the page.


@pytest.mark.parametrize("degree", DEGREES)
@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("degrees", [0.0, -15.0, 15.0])
def test_a_stamp_is_seen_in_any_colour_and_askew(tmp_path: Path, degree: str, colour: str, degrees: float) -> None:
    """Red, grey or black, straight or turned by 15 degrees: the degree is the one that stands there."""
    sheet = drawn_pages.sheet().image
    drawn_pages.pressed(sheet, degree, 35, 12, degrees, COLOURS[colour])
    found = seen(scanned(tmp_path, sheet))
    assert found is not None
    assert (found.degree, found.page) == (degree, 1)


@pytest.mark.parametrize("degree", DEGREES)
@pytest.mark.parametrize("degrees", [0.0, -15.0, 15.0])
def test_a_red_stamp_is_seen_over_type(tmp_path: Path, degree: str, degrees: float) -> None:
    """It is told from the lines that it lies over by its colour."""
    sheet = drawn_pages.sheet().image
    drawn_pages.pressed(sheet, degree, 35, 62, degrees)
    found = seen(scanned(tmp_path, sheet))
    assert found is not None
    assert found.degree == degree


@pytest.mark.parametrize("colour", ["red", "black"])
@pytest.mark.parametrize("degrees", [90.0, 180.0, 270.0, 100.0])
def test_a_stamp_is_seen_any_way_round(tmp_path: Path, colour: str, degrees: float) -> None:
    """Up, down or on its head, in the free margin of a page that stands upright."""
    sheet = drawn_pages.sheet().image
    drawn_pages.pressed(sheet, "TỐI MẬT", 8, 110, degrees, COLOURS[colour])
    found = seen(scanned(tmp_path, sheet))
    assert found is not None
    assert found.degree == "TỐI MẬT"


def test_a_blue_stamp_is_seen_over_blue_handwriting(tmp_path: Path) -> None:
    """The strokes run through its frame, which is then none by its shape, and over its letters."""
    sheet = drawn_pages.sheet().image
    drawn_pages.pressed(sheet, "TUYỆT MẬT", 60, 160, 17.0, BLUE)
    write_signature(sheet, (380, 980, 620, 1090), _chance())
    found = seen(scanned(tmp_path, sheet))
    assert found is not None
    assert found.degree == "TUYỆT MẬT"


@pytest.mark.parametrize("degrees", [0.0, 90.0, 20.0])
def test_red_letters_without_a_frame_are_seen_over_type(tmp_path: Path, degrees: float) -> None:
    """Their colour parts them from the lines under them."""
    sheet = drawn_pages.sheet().image
    drawn_pages.pressed(sheet, "TỐI MẬT", 20, 60, degrees, framed=False)
    found = seen(scanned(tmp_path, sheet))
    assert found is not None
    assert found.degree == "TỐI MẬT"


def test_seals_signatures_and_coloured_words_are_none(tmp_path: Path) -> None:
    """A red seal, a signature in blue, a stamp of haste, and words of a red heading do not stop a paper."""
    sheet = drawn_pages.sheet().image
    press_seal(sheet, (850, 900), SEAL_MM / 25.4 * drawn_pages.DPI, "UBND PHƯỜNG HẢI CHÂU", _chance())
    write_signature(sheet, (800, 850, 1100, 980), _chance())
    drawn_pages.pressed(sheet, "HỎA TỐC", 8, 100, 90.0)
    drawn_pages.pressed(sheet, "BẢO VỆ BÍ MẬT NHÀ NƯỚC", 35, 12, 0.0, framed=False)
    drawn_pages.pressed(sheet, "MẪU", 35, 250, 180.0)
    reading = scanned(tmp_path, sheet)
    assert reading.pages[0].coloured
    assert seen(reading) is None


def test_a_page_without_colour_has_no_words_in_colour(tmp_path: Path) -> None:
    """Nothing is looked for on it."""
    assert scanned(tmp_path, drawn_pages.sheet().image).pages[0].coloured == ()


def test_a_stamp_on_a_later_page_is_seen(tmp_path: Path) -> None:
    """Any page may bear it."""
    second = drawn_pages.sheet().image
    drawn_pages.pressed(second, "TỐI MẬT", 35, 12, 0.0)
    found = seen(scanned(tmp_path, drawn_pages.sheet().image, second))
    assert found is not None
    assert (found.degree, found.page) == ("TỐI MẬT", 2)


def test_a_stamp_over_a_page_that_a_program_wrote_is_seen(tmp_path: Path) -> None:
    """The page keeps its text, and the picture of the stamp is looked at, too."""
    behind = FILLER.copy()
    drawn_pages.pressed(behind, "MẬT", 160, 40, 5.0)
    path = tmp_path / "written.pdf"
    path.write_bytes(written_pdfs.page(behind=behind))
    reading = read_document(path, FAST)
    assert min(word.confidence for word in reading.pages[0].words) == 1
    found = seen(reading)
    assert found is not None
    assert found.degree == "MẬT"


@pytest.mark.parametrize(
    ("line", "degree"),
    [
        ("MẬT", "MẬT"),
        ("TỐI MẬT", "TỐI MẬT"),
        ("TUYỆT MẬT", "TUYỆT MẬT"),
        ("[MÂT]", "MẬT"),
        ("Tối mật", "TỐI MẬT"),
        ("Độ mật: Tuyệt mật", "TUYỆT MẬT"),
        ("Độ mật: MẬT", "MẬT"),
        ("TÀI LIỆU TỐI MẬT", "TỐI MẬT"),
        ("BẢN SAO BÍ MẬT NHÀ NƯỚC", "MẬT"),
    ],
)
def test_a_degree_in_type_is_seen(line: str, degree: str) -> None:
    """In its zone, behind its label, as a heading, on a copy; an accent misread or a frame notwithstanding."""
    found = seen(paper(page(*administrative("THÔNG BÁO", [(LEFT, line)]))))
    assert found is not None
    assert (found.degree, found.is_sure) == (degree, True)


def test_the_gravest_degree_counts() -> None:
    """Of two degrees on a paper, and the sure one before what may be one."""
    found = seen(paper(page(*administrative("THÔNG BÁO", [(LEFT, "MẬT")], [(MIDDLE, "TUYỆT MẬT")]))))
    assert found is not None
    assert found.degree == "TUYỆT MẬT"


def test_a_smeared_stamp_may_be_one() -> None:
    """One whose frame ran into the next line stops the paper, as perhaps secret."""
    found = seen(paper(page(*administrative("THÔNG BÁO", [(LEFT, "MÂYT Kính gửi: Sở Tư pháp.")]))))
    assert found is not None
    assert not found.is_sure


@pytest.mark.parametrize(
    ("text", "is_seen"), [("MẠI", True), ("MÁT", True), ("TUYẾT MẤT", True), ("MẪU", False), ("KHẨN", False)]
)
def test_what_reads_like_a_degree_in_a_frame_may_be_one(text: str, is_seen: bool) -> None:
    """A frame says what stands in it: one letter may be misread; other stamps are not taken for it."""
    word = Word(text=text, box=(0.1, 0.1, 0.3, 0.15), confidence=0.3, line=0)
    found = seen(DocumentReading(pages=(PageReading(number=1, words=(), framed=(word,)),)))
    assert (found is not None) == is_seen


@pytest.mark.parametrize(
    "text",
    [
        "Tài liệu mật của cơ quan",
        "BẢO VỆ BÍ MẬT NHÀ NƯỚC",
        "Luật Bảo vệ bí mật nhà nước ngày 15 tháng 11 năm 2018",
        "Mật độ xây dựng: 76 %",
        "MẬT ĐỘ XÂY DỰNG",
        "mật",
        "Mật khẩu đăng nhập Cổng dịch vụ công",
        "BẢO MẬT THÔNG TIN CÁ NHÂN",
        "Độ mật: không",
        "MẶT BẰNG CÔNG TRÌNH",
        "Họ và tên: ĐỖ THỊ MẬT",
    ],
)
def test_a_word_in_running_text_is_none(text: str) -> None:
    """Secrets, passwords and densities of building are told of in many papers."""
    assert seen(paper(page(*administrative("THÔNG BÁO", *body(text))))) is None
    assert seen(paper(page(*administrative("THÔNG BÁO", [(LEFT, text)])))) is None


# On pages that nobody could read.


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_page_at_which_the_recogniser_failed_stops_the_paper(place: int) -> None:
    """Any page: no stamp was looked for on it; and two persons let it go on."""
    pages = [page(*administrative("THÔNG BÁO"), number=number) for number in (1, 2, 3)]
    pages[place] = PageReading(number=place + 1, words=(), fault=told("page_takes_long", limit=60))
    reading = DocumentReading(pages=tuple(pages))
    with pytest.raises(PerhapsSecret) as caught:
        stop_if_seen(Received.model_validate(_received()), reading)
    assert caught.value.told.what == "secrecy_pages_unread"
    stop_if_seen(_vouched(), reading)


@pytest.mark.parametrize(
    ("text", "confidence", "stops"),
    [("", 0.0, True), ("~ i", 0.95, True), ("Wmvr", 0.4, True), ("đơn", 0.6, False), ("12 GIẤY", 0.95, False)],
)
def test_a_first_page_without_a_word_stops_the_paper(text: str, confidence: float, stops: bool) -> None:
    """Where a degree would stand nothing was read; strokes that are taken for letters are no words."""
    box = (0.1, 0.1, 0.3, 0.15)
    words = tuple(Word(text=item, box=box, confidence=confidence, line=0) for item in text.split())
    first = PageReading(number=1, words=words)
    reading = DocumentReading(pages=(first, page(*administrative("THÔNG BÁO"), number=2)))
    later = DocumentReading(pages=(page(*administrative("THÔNG BÁO")), first.model_copy(update={"number": 2})))
    stop_if_seen(Received.model_validate(_received()), later)
    if not stops:
        stop_if_seen(Received.model_validate(_received()), reading)
        return
    with pytest.raises(PerhapsSecret) as caught:
        stop_if_seen(Received.model_validate(_received()), reading)
    assert caught.value.told.what == "secrecy_no_words"
    stop_if_seen(_vouched(), reading)


def _vouched() -> Received:
    said = tuple(Decision(about="secrecy", value="paper", reason="x", who=who, at=now()) for who in ("An", "Bình"))
    return Received.model_validate({**_received(), "decisions": said})


# In what the file brought, and in the manifest.


def test_a_hidden_layer_tells(tmp_path: Path) -> None:
    """Text under a scan that nobody sees stops the paper: an earlier reader saw the stamp."""
    path = tmp_path / "layer.pdf"
    path.write_bytes(written_pdfs.page((*written_pdfs.NOTICE[:3], "TỐI MẬT"), drawn="hidden", behind=FILLER))
    received = Received.model_validate(_received())
    with pytest.raises(PerhapsSecret) as caught:
        stop_if_seen(received, DocumentReading(pages=()), path)
    assert caught.value.told.params["degree"] == "TỐI MẬT"


def _received() -> dict[str, object]:
    return {
        "document_id": "a",
        "batch_id": "b",
        "source": "a.pdf",
        "media": "pdf",
        "scan": {"name": "a.pdf", "sha256": "0" * 64},
        "received_at": now(),
        "scanned_by": "Quét",
    }


@given(st.lists(st.tuples(st.sampled_from(["Quét", "An", "Bình"]), st.sampled_from(["manifest", "paper"])), max_size=6))
def test_only_two_other_persons_let_a_paper_go_on(said: list[tuple[str, str]]) -> None:
    """Whoever says how often what about: two different ones are needed, for the same sighting, and not who scanned."""
    made = tuple(Decision(about="secrecy", value=value, reason="x", who=who, at=now()) for who, value in said)
    record = Received.model_validate({**_received(), "decisions": made})
    reading = DocumentReading(pages=paper(page(*administrative("THÔNG BÁO", [(LEFT, "MẬT")]))).pages)
    others = {who for who, value in said if value == "paper" and who != "Quét"}
    if len(others) == 2:
        stop_if_seen(record, reading)
    else:
        with pytest.raises(PerhapsSecret):
            stop_if_seen(record, reading)
    assert {item.who for item in vouched(record, "paper")} == others


def test_the_manifest_states_a_degree(settings: Settings, tmp_path: Path) -> None:
    """In whatever case; what says that there is none states nothing, and what is no degree is refused."""
    path, listed = tmp_path / "a.pdf", tmp_path / "m.csv"
    with open_services(settings) as ctx:
        for stated, degree in (("Tối mật", "TỐI MẬT"), ("mật", "MẬT"), ("không", None), ("", None)):
            listed.write_text(f"file,secrecy\na.pdf,{stated}\n", encoding="utf-8")
            assert read_manifest(listed, ctx, [path])["a.pdf"].secrecy == degree
        listed.write_text("file,secrecy\na.pdf,nội bộ\n", encoding="utf-8")
        with pytest.raises(UsageError) as caught:
            read_manifest(listed, ctx, [path])
    assert "TUYỆT MẬT" in caught.value.advice


# Nothing is made of them.


def _stamped(path: Path, statement: Statement) -> None:
    sheet = drawn_pages.sheet().image
    if not statement.secrecy:
        drawn_pages.frame(sheet, "MẬT", 30, 15)
    as_pdf(path, sheet.resize((sheet.width * 4 // 3, sheet.height * 4 // 3)))


@pytest.mark.parametrize(
    ("statement", "stage", "files"),
    [(Statement(secrecy="MẬT"), "receive", set()), (Statement(), "prepare", {"pages.pdf"})],
    ids=["stated", "stamped"],
)
def test_nothing_is_read_or_signed(
    settings: Settings, tmp_path: Path, statement: Statement, stage: str, files: set[str]
) -> None:
    """One that the manifest states is not even opened; of one that is stamped no text is kept."""
    path = tmp_path / "a.pdf"
    _stamped(path, statement)
    with open_services(settings) as ctx:
        seen = take_in(ctx, path, open_batch(ctx, "test"), statement)
        assert seen.document_id is not None
        assert run_through(ctx, seen.document_id) == "held"
        entry = ctx.ledger.entry(seen.document_id)
        assert entry is not None
        assert (entry.stage, entry.reason.word) == (stage, "secret")
        folder = ctx.settings.work_folder / entry.id
        assert {item.name for item in folder.glob("*")} == files
        # A new manifest takes nothing back.
        take_in(ctx, path, open_batch(ctx, "again"), Statement(type_code="KQ.G15.000031"))
        again = ctx.ledger.entry(entry.id)
        assert again is not None
        assert again.state == "held"


def test_what_an_earlier_release_described_stops_before_its_codes(settings: Settings, tmp_path: Path) -> None:
    """It signed such papers, and left them to one person; here they need two, as all others."""
    path = tmp_path / "a.pdf"
    _stamped(path, Statement(secrecy="MẬT"))
    with open_services(settings) as ctx:
        seen = take_in(ctx, path, open_batch(ctx, "test"), Statement())
        assert seen.document_id is not None
        run_through(ctx, seen.document_id)
        entry = ctx.ledger.entry(seen.document_id)
        assert entry is not None
        described = read_record(Described, entry.id, entry.record)
        reading = paper(page(*administrative("THÔNG BÁO", [(LEFT, "MẬT")])))
        words = ctx.write(described, "words.json", reading.model_dump_json().encode())
        doubts = (told("secrecy_stamp", stamp="MẬT", page=1),)
        with pytest.raises(PerhapsSecret):
            review(described.model_copy(update={"words": words, "doubts": doubts}), ctx)
    shutil.rmtree(settings.home)
