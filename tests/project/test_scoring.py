"""Scoring of recognition: words, letters, fields, confidences and cuts against a known truth."""

import json
from pathlib import Path

import img2pdf
import pikepdf
import pytest
from PIL import Image, ImageDraw

from benchmarks.engines import WARM, Run, find_turns, pinned_process
from benchmarks.recognition import judge
from benchmarks.report import Result, paper_rows, speed_rows, untyped_rows
from benchmarks.scanset import Page, read_scan_set
from benchmarks.scoring import (
    Bin,
    Judged,
    Letters,
    Score,
    calibrate,
    judge_fields,
    score_cuts,
    score_letters,
    score_words,
    sure_and_wrong,
    words,
)
from benchmarks.tables import render
from config.loader import load_catalogues
from config.settings import Settings, load_settings
from domain.errors import UsageError
from domain.readings import FieldName, FieldReading
from services.context import open_services


def read(value: str, confidence: float = 1.0) -> FieldReading:
    """A field as it was read."""
    return FieldReading(value=value, confidence=confidence)


def judged(confidence: float | None, *, right: bool, name: FieldName = "issuer") -> Judged:
    """A judged field that is printed."""
    return Judged(name, printed=True, right=right, confidence=confidence)


# Words


def test_words_of_any_order_are_found() -> None:
    """Columns read in another order, or lines broken elsewhere, lose no word."""
    score = score_words(["ỦY BAN NHÂN DÂN", "Số: 34/TB-UBND"], [], "Số: 34/TB-UBND ỦY BAN\nNHÂN DÂN")
    assert (score.recall, score.precision) == (1.0, 1.0)


def test_words_are_a_multiset() -> None:
    """A word printed twice and read once is missed once; one read twice and printed once is wrong once."""
    assert score_words(["một một hai"], [], "một hai hai") == Score(right=2, given=3, wanted=3)


def test_words_compare_in_one_normal_form() -> None:
    """Letters with separate marks are the same as composed ones."""
    assert score_words(["Huế"], [], "Hue\u0302\u0301").recall == 1.0


def test_another_tone_mark_is_another_word() -> None:
    """Marks are letters: a lost tone mark is a wrong word."""
    assert score_words(["quyết"], [], "quyêt") == Score(right=0, given=1, wanted=1)


def test_punctuation_at_word_ends_does_not_count() -> None:
    """Punctuation is stripped at both ends and kept within."""
    assert words(["(Ký, ghi rõ): “số 34/TB-UBND.”"]) == words(["Ký ghi rõ số 34/TB-UBND"])


@pytest.mark.parametrize("leader", ["...", ".........", "…", "……"])
def test_leaders_are_dropped(leader: str) -> None:
    """Runs of dots are no words and join none."""
    assert words([f"Họ tên:{leader}Nguyễn{leader}"]) == words(["Họ tên Nguyễn"])


def test_two_dots_are_no_leader() -> None:
    """Fewer than three dots within a word stay."""
    assert words(["a..b"]) == words(["a..b"])
    assert words(["a..b"]) != words(["a b"])


def test_handwriting_is_left_out() -> None:
    """A handwritten line is not asked for, once for each time it is listed."""
    page = Page(rotate=0, text="Số: 1\nDân tộc: Kinh\nDân tộc: Kinh", handwritten=("Dân tộc: Kinh",))
    assert sorted(page.printed) == ["Dân tộc: Kinh", "Số: 1"]


def test_forgiven_words_are_neither_asked_for_nor_wrong() -> None:
    """Handwriting and stamps that were read all the same do not spoil precision; other inventions do."""
    score = score_words(["Số: 1"], ["ĐÃ VÀO SỔ"], "Số: 1 ĐÃ VÀO xyz")
    assert score == Score(right=2, given=3, wanted=2)


def test_nothing_read() -> None:
    """An empty text finds nothing, and has no precision rather than a good one."""
    score = score_words(["Số: 1"], [], "")
    assert (score.recall, score.precision, score.f1) == (0.0, None, 0.0)


# Letters


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        ("Độc lập - Tự do", 0),
        ("Độc lâp - Tự do", 1),
        ("Độc lp - Tự do", 1),
        ("Độc lậập - Tự do", 1),
        ("Độclập - Tư do", 2),
    ],
)
def test_known_edits(text: str, edits: int) -> None:
    """Substitution, deletion, insertion and a lost blank cost one letter each."""
    assert score_letters(["Độc lập - Tự do"], [], text) == Letters(printed=15, edits=edits, extra=0)


def test_letters_ignore_the_order_of_lines() -> None:
    """Lines found elsewhere, side by side or broken in two cost nothing."""
    printed = ["ỦY BAN NHÂN DÂN", "CỘNG HÒA XÃ HỘI", "Căn cứ quyết định của Ủy ban"]
    result = score_letters(printed, [], "Căn cứ quyết định\ncủa Ủy ban CỘNG HÒA XÃ HỘI ỦY BAN NHÂN DÂN")
    assert (result.edits, result.extra) == (0, 0)


def test_a_lost_line_costs_all_its_letters() -> None:
    """A line that is nowhere takes no letters from the others."""
    result = score_letters(["Nơi nhận:", "Quốc tịch: Việt Nam"], [], "Quốc tịch: Việt Nam")
    assert result == Letters(printed=28, edits=9, extra=0)


def test_a_line_is_found_once() -> None:
    """Two equal lines need to be read twice."""
    assert score_letters(["Dân tộc: Kinh"] * 2, [], "Dân tộc: Kinh").error_rate == 0.5


def test_extra_letters() -> None:
    """What no line and no stamp accounts for is extra; blanks and leaders are not."""
    result = score_letters(["Số: 34"], ["ĐÃ VÀO SỔ"], "Số: 34 ....... ĐÃ VÀO SỔ  ~|")
    assert (result.edits, result.extra) == (0, 2)
    assert result.extra_rate == pytest.approx(1 / 3)


def test_no_text_at_all() -> None:
    """A failed recognition has an error rate of one."""
    assert score_letters(["Số: 34"], [], "").error_rate == 1.0


# Fields


def test_judged_fields() -> None:
    """Right, wrong, missing and invented fields are told apart; what is neither printed nor read is not judged."""
    truth: dict[FieldName, str | None] = {
        "title": "THÔNG BÁO",
        "issuer": "Sở Tư pháp",
        "number_symbol": "34/TB",
        "owner_id": None,
        "valid_until": None,
    }
    result = judge_fields(
        truth, {"title": read("THÔNG BÁO", 0.9), "issuer": read("Sở Tu pháp", 0.8), "owner_id": read("1", 0.2)}
    )
    assert result == [
        Judged("title", printed=True, right=True, confidence=0.9),
        Judged("issuer", printed=True, right=False, confidence=0.8),
        Judged("number_symbol", printed=True, right=False, confidence=None),
        Judged("owner_id", printed=False, right=False, confidence=0.2),
    ]


def test_precision_recall_and_f1() -> None:
    """One right of three read and of three printed: a third each; sums add counts, not shares."""
    total = sum([Score(1, 1, 1), Score(0, 1, 1), Score(0, 0, 1), Score(0, 1, 0)], Score())
    assert (total.precision, total.recall, total.f1) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert Score(right=2, given=2, wanted=4).f1 == pytest.approx(2 / 3)


def test_calibration_bins() -> None:
    """A bin takes its lower edge in, the last one also 1.0; empty bins and fields that were not read are left out."""
    fields = [
        judged(0.5, right=False),
        judged(0.89, right=True),
        judged(0.9, right=True),
        judged(1.0, right=False),
        judged(None, right=False),
    ]
    assert calibrate(fields, (0.0, 0.5, 0.9, 0.95, 1.0)) == [
        Bin(0.5, 0.9, 2, 1),
        Bin(0.9, 0.95, 1, 1),
        Bin(0.95, 1.0, 1, 0),
    ]


def test_sure_and_wrong() -> None:
    """Wrong fields of high confidence are counted among those of high confidence only."""
    fields = [judged(0.95, right=True), judged(0.9, right=False), judged(0.4, right=False), judged(None, right=False)]
    assert sure_and_wrong(fields) == (1, 2)


# Cuts


def test_cuts() -> None:
    """A paper is cut right when it has all its pages and no other; a wrong cut does not spoil the papers after it."""
    truth = [(1, 2), (4,), (6, 7, 8)]
    assert score_cuts(truth, truth) == Score(3, 3, 3)
    assert score_cuts([(1, 2, 4), (6, 7, 8)], truth) == Score(1, 2, 3)
    assert score_cuts([(1,), (2,), (4,), (6, 7, 8)], truth) == Score(2, 4, 3)
    assert score_cuts([], truth).recall == 0.0


# Turns


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_turns(tmp_path: Path, turn: int) -> None:
    """The turn that an engine gave a page is seen on the page, clockwise, whatever its shape."""
    image = Image.new("L", (400, 600), 255)
    ImageDraw.Draw(image).polygon([(40, 40), (360, 40), (40, 300)], fill=0)
    image.save(tmp_path / "page.png", dpi=(72, 72))
    before, after = tmp_path / "before.pdf", tmp_path / "after.pdf"
    before.write_bytes(img2pdf.convert(str(tmp_path / "page.png"), nodate=True))
    with pikepdf.open(before) as pdf:
        pdf.pages[0].rotate(turn, relative=False)
        pdf.save(after)
    assert find_turns(before, after) == (turn,)


# The tables


def result(engine: str, cpu_s: float, words_: Score, pages: int = 1) -> Result:
    """What an engine made of a clean notice."""
    return Result("a1.jpg", "clean", "notice", engine, pages, cpu_s, words_, Letters(100, 2, 0))


def test_speed_rows() -> None:
    """Seconds are a page's, shares are of all words together, and ratios are ours to stock."""
    results = [
        result(WARM, 2.0, Score(8, 10, 10)),
        result(WARM, 4.0, Score(82, 90, 90)),
        result("khoso fast", 1.0, Score(99, 100, 100)),
    ]
    stock, ours = speed_rows(results, lambda item: item.level)
    assert (stock["CPU s/page"], stock["words found"], stock["files"]) == (3.0, 0.9, 2)
    assert ours["CPU : warm"] == pytest.approx(1 / 3)
    assert ours["found : stock"] == pytest.approx(1.1)
    assert ours["CPU : command"] is None


def test_papers_of_several_pages_have_no_speed() -> None:
    """Speed is compared on one-page papers alone."""
    assert speed_rows([result(WARM, 2.0, Score(1, 1, 1), pages=2)], lambda item: item.level) == []


def test_tables() -> None:
    """Shares are in percent, ratios and seconds are not, and what was not measured is n/a, as is an empty table."""
    text = render("Title", [{"engine": "a", "files": 3, "CPU s/page": 1.5, "CER": 0.25, "CER : stock": None}])
    assert text.splitlines()[-1].split() == ["a", "3", "1.500", "25.0%", "n/a"]
    assert render("Title", []).splitlines()[-1] == "n/a"


# The scan set


def scan_set(folder: Path) -> Path:
    """A scan set of one notice and one stack."""
    fields = dict.fromkeys(
        ("title", "number_symbol", "issued_date", "issuer", "subject", "owner_name", "owner_id", "valid_until"), None
    ) | {"dossier_code": None, "result_type_code": None, "subject": "Về việc nghỉ lễ", "place": "Đà Nẵng"}
    paper = {"kind": "notice", "pages": [0], "fields": fields, "extra": {"owners": [{"name": "Lê An"}]}}
    page = {"rotate": 90, "text": "THÔNG BÁO\nSố: 7", "handwritten": ["Số: 7"], "stamps": [{"text": "ĐẾN"}], "skew": 1}
    common = {"level": "clean", "expected": {"outcome": "accept"}, "format": "jpg"}
    files = [
        common | {"file": "a1.jpg", "type": "document", "documents": [paper], "pages": [page]},
        common | {"file": "b1.pdf", "type": "batch", "documents": [paper] * 2, "pages": [page] * 2},
    ]
    (folder / "truth.json").write_text(json.dumps({"split": "x", "files": files}), encoding="utf-8")
    return folder


def test_scan_set(tmp_path: Path) -> None:
    """A scan tells what is printed, what is forgiven, its type's code and its fields under khoso's names."""
    scan, stack = read_scan_set(scan_set(tmp_path))
    assert scan.is_single
    assert stack.is_stack
    assert scan.printed == ["THÔNG BÁO"]
    assert scan.forgiven == ["Số: 7", "ĐẾN", "Lê An"]
    (paper,) = scan.documents
    assert paper.type_code == "TP.H17.990103"
    assert paper.values["abstract"] == "Về việc nghỉ lễ"
    assert paper.statement.fields == {"abstract": "Về việc nghỉ lễ"}


def test_a_kind_without_a_type(tmp_path: Path) -> None:
    """A paper of a kind that the catalogue has no type for is compared like any other, and counted by itself."""
    path = scan_set(tmp_path) / "truth.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"notice"', '"minutes"'), encoding="utf-8")
    scan = read_scan_set(tmp_path)[0]
    result = judge(scan, "khoso fast", Run(cpu_s=1.0, text="THÔNG BÁO"), load_catalogues())
    assert (result.words.recall, result.has_type, result.type_right) == (1.0, False, True)
    assert untyped_rows([result]) == [{"kind": "minutes", "engine": "khoso fast", "papers": 1, "given a type": 0}]
    assert paper_rows([result], lambda item: item.kind)[0]["type right"] is None
    assert scan.documents[0].statement.type_code is None


def test_some_files_of_a_scan_set(tmp_path: Path) -> None:
    """A pattern chooses files by name, and levels choose too; a choice of none is an error."""
    scan_set(tmp_path)
    assert len(read_scan_set(tmp_path, levels=["clean", "office"])) == 2
    assert [scan.file for scan in read_scan_set(tmp_path, "b*")] == ["b1.pdf"]
    with pytest.raises(UsageError):
        read_scan_set(tmp_path, "c*")
    with pytest.raises(UsageError):
        read_scan_set(tmp_path, levels=["hard"])


@pytest.mark.parametrize("content", [None, "{", '{"files": [{"file": "a.jpg"}]}'])
def test_no_scan_set(tmp_path: Path, content: str | None) -> None:
    """A folder without a truth, or with one of another form, is refused by the name of the file."""
    if content is not None:
        (tmp_path / "truth.json").write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"truth\.json"):
        read_scan_set(tmp_path)


def test_a_process_that_is_measured_opens_its_store(tmp_path: Path) -> None:
    """A benchmark begins with nothing, and what it makes first is the store."""
    settings = load_settings(tmp_path / "home")
    with pinned_process(settings) as pool:
        assert pool.schedule(_papers, args=[settings]).result() == 0


def _papers(settings: Settings) -> int:
    with open_services(settings) as ctx:
        return len(ctx.ledger.entries())
