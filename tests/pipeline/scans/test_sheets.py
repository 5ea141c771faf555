"""Separator sheets split stacks, receipts' codes become fields, and nothing of a stack is lost."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pikepdf
import pytest
import zxingcpp
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from archive.interface import Arrival
from cli.main import app
from config.settings import Settings, load_settings
from domain.errors import Held, Refused
from domain.readings import Description, DocumentReading, FieldReading, PageReading, Word
from pipeline.extraction import laid_out
from pipeline.records import Prepared, Statement
from pipeline.runner import advance
from pipeline.scans.inspection import look_at_pages
from pipeline.scans.sheets import SEPARATOR, receipt_of, sheet_of
from pipeline.stages.describe import doubts_of_paper, state
from pipeline.stages.prepare import prepare
from services.context import Services, open_services
from tests.support.scans import (
    A4,
    as_pdf,
    as_tiff,
    blank,
    coded,
    looks,
    page_numbers,
    paper,
    prepared,
    received,
    sheet,
    spoilt,
)

DOSSIER, OTHER = "H17.12.34-250901-0001", "000.00.01.H17-210831-0002"
OWNER = "048190000123"
RECEIPT = f"{DOSSIER}|1.004194|{OWNER}|Giấy tiếp nhận hồ sơ và hẹn trả kết quả"
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def ctx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """One store for all scans of this module; nothing of it is entered in the ledger."""
    with open_services(load_settings(tmp_path_factory.mktemp("store"), {})) as opened:
        yield opened


# Sheets


def test_printed_sheets_are_read(tmp_path: Path) -> None:
    """`separators` prints one A4 page for each sheet, and each is read back as what was asked for."""
    target = tmp_path / "sheets.pdf"
    done = CliRunner().invoke(
        app, ["separators", "--dossier", DOSSIER, "--dossier", OTHER, "--count", "2", "-o", str(target), "--json"]
    )
    assert done.exit_code == 0, done.output
    seen = list(look_at_pages(target))
    assert [sheet_of(look) for look in seen] == [(DOSSIER,), (DOSSIER,), (OTHER,), (OTHER,)]
    with pikepdf.open(target) as pdf:
        assert all(abs(float(page.mediabox[2]) - 595.3) < 1 for page in pdf.pages)


def test_no_sheet_for_a_false_dossier_code(tmp_path: Path) -> None:
    """A dossier code that cannot be is not printed."""
    done = CliRunner().invoke(app, ["separators", "--dossier", "H17-1", "-o", str(tmp_path / "sheets.pdf")])
    assert done.exit_code == 2
    assert not (tmp_path / "sheets.pdf").exists()


def noisy(page: Image.Image) -> Image.Image:
    """A page as a bad scanner sees it: askew, blurred, pale and grainy."""
    pixels = np.asarray(page.rotate(1.8, Image.Resampling.BILINEAR, fillcolor=255), np.float32)
    pixels = 60 + cv2.GaussianBlur(pixels, (0, 0), 1.2) * 0.7
    pixels += np.random.default_rng(5).normal(0, 12, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def speckled(page: Image.Image) -> Image.Image:
    """A page in black and white with specks."""
    pixels = np.where(np.asarray(noisy(page)) > 140, 255, 0).astype(np.uint8)
    pixels[np.random.default_rng(6).random(pixels.shape) < 0.01] = 0
    return Image.fromarray(pixels)


@pytest.mark.parametrize("worn", [noisy, speckled])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_turned_and_worn_sheets_are_read(tmp_path: Path, turn: int, worn: Any) -> None:
    """A sheet is read however it lies, through the noise of a bad scanner and in black and white."""
    look = looks(tmp_path / "sheet.pdf", worn(sheet(DOSSIER)).rotate(turn, expand=True))[0]
    assert sheet_of(look) == (DOSSIER,)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(lambda: spoilt(sheet(DOSSIER)), id="pen-strokes"),
        pytest.param(lambda: coded("KHOSO:DOSSIER=H17", zxingcpp.BarcodeFormat.Code128), id="no-dossier-code"),
        pytest.param(lambda: coded("KHOSO-SOMETHING"), id="unknown-word"),
        pytest.param(lambda: coded(SEPARATOR, on=paper()), id="page-of-text"),
    ],
)
def test_an_unreadable_sheet_stops_the_stack(ctx: Services, tmp_path: Path, page: Any) -> None:
    """A stack with a sheet that cannot be read is held as a whole with the page named, never one big document."""
    stack = as_pdf(tmp_path / "stack.pdf", sheet(DOSSIER), paper(), page(), paper("official_letter"))
    with pytest.raises(Held, match="Page 3 ") as caught:
        prepared(ctx, stack)
    assert caught.value.reason == "separator_unreadable"
    assert "separators" in caught.value.advice


def test_a_sheet_known_by_its_words_only() -> None:
    """A sheet whose code nobody saw is found by its words when the page is read; a paper that names them is not one."""

    def read(*words: str) -> tuple[str, ...]:
        box = (0.1, 0.1, 0.2, 0.12)
        page = PageReading(number=1, words=tuple(Word(text=w, box=box, confidence=0.9, line=1) for w in words))
        reading = DocumentReading(pages=(page,))
        return tuple(doubt.about for doubt in doubts_of_paper(reading, laid_out(reading)))

    assert "separator_unreadable" in read("TỜ", "PHÂN", "CÁCH", "HỒ", "SƠ")
    assert "separator_unreadable" not in read("TỜ", "PHÂN", "CÁCH", *["chữ"] * 200)


@pytest.mark.parametrize("kind", ["dossier_receipt", "notice", "birth_certificate", "land_use_decision"])
def test_papers_are_no_sheets(tmp_path: Path, kind: str) -> None:
    """Ordinary papers, seals and frames included, are neither sheets nor suspected of being one."""
    look = looks(tmp_path / "paper.pdf", paper(kind))[0]
    assert sheet_of(look) is None


def test_an_identity_card_on_a_sheet_is_no_sheet(tmp_path: Path) -> None:
    """A card with a picture and a small damaged code, alone on a page, does not stop a stack."""
    page = Image.new("L", A4, 255)
    page.paste(paper("birth_certificate").convert("L").resize((670, 425)), (480, 300))
    code = Image.fromarray(zxingcpp.create_barcode("x" * 90, zxingcpp.BarcodeFormat.QRCode).to_image())
    page.paste(code.resize((100, 100)), (1030, 320))
    ImageDraw.Draw(page).line((1030, 350, 1130, 390), fill=255, width=14)
    assert sheet_of(looks(tmp_path / "card.pdf", page)[0]) is None


FOREIGN = ["Code39", "Code93", "Code128", "EAN13", "ITF", "Codabar", "QRCode", "DataMatrix", "Aztec", "PDF417"]


def labelled(kind: str, width: int, *, is_worn: bool) -> Image.Image:
    """A slip with the code of another office and hardly anything else; worn, it cannot be read any more."""
    text = {"EAN13": "8934563138165", "ITF": "12345678", "Codabar": "A1234567A"}.get(kind, "HOSO 2026 004512")
    code = Image.fromarray(zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind)).to_image())
    scale = max(2, width // code.width)
    high = code.height * scale if code.height * 2 > code.width else 160
    page = Image.new("L", A4, 255)
    page.paste(code.resize((code.width * scale, high), Image.Resampling.NEAREST), (420, 300))
    if is_worn:
        pen = ImageDraw.Draw(page)
        for step in range(0, 900, 70):
            pen.line((420 + step, 290, 470 + step, 310 + high), fill=255, width=22)
    return page


@pytest.mark.parametrize("is_worn", [False, True])
@pytest.mark.parametrize("kind", FOREIGN)
def test_codes_of_others_are_no_sheets(tmp_path: Path, kind: str, is_worn: bool) -> None:
    """Any code of another office, readable or worn, alone on a page, is neither a sheet nor suspected of being one."""
    assert sheet_of(looks(tmp_path / "label.pdf", labelled(kind, 360, is_worn=is_worn))[0]) is None


@pytest.mark.parametrize("kind", FOREIGN)
def test_large_codes_of_others_are_no_sheets(tmp_path: Path, kind: str) -> None:
    """Nor is one as large as that of our sheets, when it can be read."""
    assert sheet_of(looks(tmp_path / "label.pdf", labelled(kind, 800, is_worn=False))[0]) is None


def test_one_page_is_no_stack(ctx: Services, tmp_path: Path) -> None:
    """A file of one page is never held for what it would split: it is a paper, whatever is on it."""
    (document,) = prepared(ctx, as_pdf(tmp_path / "one.pdf", spoilt(sheet(DOSSIER))))
    assert document.pages == 1


# Stacks


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A duplex stack: a paper before any sheet, two papers of a dossier, the second of two sheets, one of another."""
    first, second, third = paper("notice"), paper("official_letter"), paper("birth_certificate")
    pages = [first, blank(first), sheet(DOSSIER), blank(), second, blank(second), sheet(None), blank(), first, third]
    pages += [blank(third), sheet(OTHER), blank(), third]
    return as_pdf(tmp_path_factory.mktemp("stack") / "chồng giấy.pdf", *pages)


@pytest.fixture
def small_stack(tmp_path: Path) -> Path:
    """Two papers and a sheet between them."""
    return as_pdf(tmp_path / "small.pdf", paper("notice"), sheet(DOSSIER), paper("official_letter"))


def test_a_stack_is_split_at_its_sheets(ctx: Services, stack: Path) -> None:
    """Each sheet begins a document; a dossier holds until the next one is named; sheets and backs are in no copy."""
    parts = prepared(ctx, stack)
    assert page_numbers(parts) == [[1], [5], [9, 10], [14]]
    assert [part.pages for part in parts] == [1, 1, 2, 1]
    stated = [part.barcodes.get("dossier_code") for part in parts]
    assert [item and (item.value, item.source) for item in stated] == [
        None,
        (DOSSIER, "sheet"),
        (DOSSIER, "sheet"),
        (OTHER, "sheet"),
    ]


def test_parts_have_lasting_ids(ctx: Services, small_stack: Path) -> None:
    """The ids follow from the bytes of the stack and the place in it; doing it again gives the very same records."""
    parts = prepared(ctx, small_stack)
    name = parts[0].scan.sha256[:16]
    assert [(part.document_id, part.part) for part in parts] == [(name, 1), (f"{name}-2", 2)]
    again = prepare(received(ctx, small_stack).model_copy(update={"received_at": parts[0].received_at}), ctx)
    assert again == parts


def pictures(path: Path) -> list[bytes]:
    """The encoded images of a PDF, page by page."""
    with pikepdf.open(path) as pdf:
        return [next(iter(page.get_images().values())).read_raw_bytes() for page in pdf.pages]


def test_nothing_of_a_stack_is_lost(ctx: Services, stack: Path) -> None:
    """Every page that is no sheet is in exactly one original, in the encoding it came in, and no page of another."""
    parts = prepared(ctx, stack)
    came = pictures(stack)
    kept = []
    for part in parts:
        assert part.stack is not None
        own = [item.number for item in part.facts]
        assert pictures(ctx.file(part, part.stack.original)) == [came[number - 1] for number in own]
        assert part.stack.original != part.pdf
        kept += own
    assert sorted([*kept, *parts[0].stack.sheets]) == list(range(1, len(came) + 1))  # type: ignore[union-attr]


def test_a_tiff_stack_is_split(ctx: Services, tmp_path: Path) -> None:
    """A stack in black and white, one page upside down, one sheet on its side, is split at the right places."""
    pages = [paper("notice"), sheet(None).rotate(90, expand=True), paper("official_letter").rotate(180), blank()]
    parts = prepared(ctx, as_tiff(tmp_path / "stack.tif", *pages, compression="group4"))
    assert page_numbers(parts) == [[1], [3]]
    assert [item.colour for part in parts for item in part.facts] == ["bitonal"] * 3


def test_only_sheets_are_no_document(ctx: Services, tmp_path: Path) -> None:
    """A stack of sheets and blank backs is refused."""
    with pytest.raises(Refused, match="separator sheets") as caught:
        prepared(ctx, as_pdf(tmp_path / "sheets.pdf", sheet(None), blank(), sheet(DOSSIER)))
    assert caught.value.reason == "blank"


def admitted(ctx: Services, stack: Path) -> list[str]:
    """The ids after a stack was taken in and prepared by the runner."""
    taken = received(ctx, stack)
    ctx.ledger.admit(
        Arrival(
            path=str(stack),
            sha256=taken.scan.sha256,
            batch_id="b",
            state="received",
            document_id=taken.document_id,
            stage="receive",
            record=taken.model_dump_json(),
        )
    )
    assert advance(ctx, taken.document_id, "receive") == "passed"
    return [entry.id for entry in ctx.ledger.parts(taken.scan.sha256)]


@pytest.mark.parametrize("part", [0, 1])
def test_a_part_whose_files_are_lost_begins_anew_alone(settings: Settings, small_stack: Path, part: int) -> None:
    """A part that lost its work folder is prepared again from the stack; the others are not brought a second time."""
    with open_services(settings) as ctx:
        ids = admitted(ctx, small_stack)
        before = ctx.ledger.entry(ids[part])
        shutil.rmtree(settings.work_folder / ids[part])
        assert advance(ctx, ids[part], "prepare") == "passed"  # noticed, and sent back
        assert advance(ctx, ids[part], "receive") == "passed"
        after = ctx.ledger.entry(ids[part])
        assert before is not None
        assert after is not None
        assert Prepared.model_validate_json(after.record) == Prepared.model_validate_json(before.record)
        assert len(ctx.ledger.entries()) == len(ids)


# Receipts


def test_a_receipt_fills_the_fields(ctx: Services, tmp_path: Path) -> None:
    """The code on a dossier receipt gives dossier, procedure and owner, with the page they were read on."""
    part = prepared(ctx, as_pdf(tmp_path / "receipt.pdf", coded(RECEIPT, on=paper("notice"))))[0]
    assert {name: (item.value, item.source, item.page) for name, item in part.barcodes.items()} == {
        "dossier_code": (DOSSIER, "qr", 1),
        "procedure_code": ("1.004194", "qr", 1),
        "owner_id": (OWNER, "qr", 1),
    }
    assert all(item.box is not None and item.box[2] < 0.5 and item.box[3] < 0.5 for item in part.barcodes.values())


@pytest.mark.parametrize(
    "text",
    [
        f"{OWNER}|205123456|Nguyễn Văn A|01011990|Nam|Đà Nẵng|01012022",  # an identity card
        RECEIPT.replace(DOSSIER, "H17-1"),
        RECEIPT.replace("1.004194", "1004194"),
        RECEIPT.replace(OWNER, "999999999999"),
        f"{DOSSIER}|1.004194|{OWNER}",
        "https://example.vn",
        "",
    ],
)
def test_other_codes_are_no_receipts(text: str) -> None:
    """A code with a part that cannot be is not used at all."""
    assert receipt_of(text) is None


def test_a_local_procedure_code_is_known() -> None:
    """A procedure code with the agency behind it, and fields that follow the four, do no harm."""
    fields = receipt_of(RECEIPT.replace("1.004194", "1.004194.000.00.00.H17") + "|thêm")
    assert fields == {"dossier_code": DOSSIER, "procedure_code": "1.004194.000.00.00.H17", "owner_id": OWNER}


def test_an_unused_code_is_remarked_without_its_words(ctx: Services, tmp_path: Path) -> None:
    """A code that is no receipt's is ignored with a remark, in which no identity number stands."""
    card = f"{OWNER}|205123456|Nguyễn Văn A|01011990|Nam|Đà Nẵng|01012022"
    part = prepared(ctx, as_pdf(tmp_path / "card.pdf", coded(card, on=paper("notice"))))[0]
    assert not part.barcodes
    assert any("QR code on page 1" in str(remark) for remark in part.remarks)
    assert OWNER not in " ".join(map(str, part.remarks))


def test_manifest_then_sheet_then_receipt_then_reading(ctx: Services, tmp_path: Path) -> None:
    """The sheet's dossier outranks the receipt's with a remark; the manifest outranks codes, codes what was read."""
    pages = [sheet(OTHER), coded(RECEIPT, on=paper("notice"))]
    part = prepared(ctx, as_pdf(tmp_path / "stack.pdf", *pages), Statement(dossier="H17.12-250101-0009"))[0]
    assert part.barcodes["dossier_code"].value == OTHER
    assert any("another dossier_code" in str(remark) for remark in part.remarks)
    assert any("than the manifest" in str(remark) for remark in part.remarks)
    read = Description(
        type_code=None,
        type_confidence=0,
        fields={name: FieldReading(value="x", confidence=0.5) for name in ("owner_id", "title")},
    )
    stated = state(read, part.barcodes, part.statement)
    assert {name: (item.value, item.source) for name, item in stated.fields.items()} == {
        "title": ("x", "paper"),
        "owner_id": (OWNER, "qr"),
        "procedure_code": ("1.004194", "qr"),
        "dossier_code": ("H17.12-250101-0009", "manifest"),
    }


# The whole way


def khoso(home: Path, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    """Run a command with --json; exit code, lines, chatter."""
    command = [sys.executable, str(ROOT / "run_pipeline.py"), *arguments, "--json"]
    environment = {**os.environ, "KHOSO_HOME": str(home), "KHOSO_WORK__PAUSE_S": "0"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_a_stack_becomes_papers_in_the_vault(tmp_path: Path) -> None:
    """Each paper of a stack is archived by itself with its own pages; a second ingest and a rebuild count right."""
    letter = paper("official_letter")
    stack = as_pdf(
        tmp_path / "chồng.pdf",
        sheet(DOSSIER),
        paper("notice"),
        blank(paper("notice")),
        sheet(OTHER),
        letter,
        blank(letter),
    )
    home = tmp_path / "home"
    code, lines, chatter = khoso(home, "ingest", str(stack), "--workers", "1")
    assert (code, [line["state"] for line in lines]) == (0, ["archived"] * 2), chatter
    assert [(line["dossier"], line["part"], line["parts"], line["pages"]) for line in lines] == [
        (DOSSIER, 1, 2, 1),
        (OTHER, 2, 2, 1),
    ]
    for line, own in zip(lines, ([2, 3], [5, 6]), strict=True):
        content = Path(line["pdf"]).parent
        assert sorted(item.name for item in (content / "original").iterdir()) == ["pages.pdf"]
        assert pictures(content / "original" / "pages.pdf") == [pictures(stack)[number - 1] for number in own]
        got = json.loads((content / "metadata.json").read_text(encoding="utf-8"))["stack"]
        assert got == {
            "file": stack.name,
            "sha256": got["sha256"],
            "part": line["part"],
            "parts": 2,
            "pages": own,
            "separator_sheets": [1, 4],
        }
        assert [page["is_blank"] for page in line["quality"]] == [False, True]
    assert not list((home / "inbox").iterdir())
    shutil.copy(stack, tmp_path / "again.pdf")
    code, again, chatter = khoso(home, "ingest", str(stack), str(tmp_path / "again.pdf"), "--workers", "1")
    assert (code, [(line["id"], line["state"]) for line in again]) == (
        0,
        [(line["id"], "duplicate") for line in lines] * 2,
    )
    assert "Nothing was added" in chatter
    for damaged in home.glob("catalogue.sqlite*"):
        damaged.unlink()
    assert asked("rebuild", home) == [{"papers": 2, "indexed": 2}]
    batch = asked("status", home)[0]
    assert (batch["files"], batch["archived"], batch["waiting"], batch["pages"]) == (1, 2, 0, 2)
    shown = asked("show", home, lines[1]["id"])[0]
    assert {key: shown[key] for key in ("code", "part", "fields", "quality")} == {
        key: lines[1][key] for key in ("code", "part", "fields", "quality")
    }


def asked(command: str, home: Path, *arguments: str) -> list[dict[str, Any]]:
    """What a command tells a script."""
    done = CliRunner().invoke(app, [command, *arguments, "--home", str(home), "--json"])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]
