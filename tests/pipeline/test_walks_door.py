"""From a reason that stops a file at the door to the remedy that it names, and to an archived paper."""

import os
from collections.abc import Callable
from pathlib import Path

import img2pdf
import pikepdf
import pytest
from PIL import Image

from config.settings import load_settings
from tests.support.broken_files import Break, cut_image, form_of_xml, pageless, written_png
from tests.support.desk import STATED
from tests.support.door import SECRET, coarse, keys, locked, signed_and_locked, without_resolution
from tests.support.heavy_files import forms
from tests.support.scans import as_pdf, blank, paper, sheet, spoilt
from tests.support.strangers import Issuer
from tests.support.walks import Walker, archived, got, slip
from tests.support.written_pdfs import LINE_OF_ELSEWHERE, font_of_elsewhere, page


@pytest.fixture
def walker(tmp_path: Path) -> Walker:
    """Somebody at an empty store that reads fast."""
    quick = {"KHOSO_RECOGNITION__MODE": "fast", "KHOSO_WORK__PAUSE_S": "0"}
    return Walker(load_settings(tmp_path / "home", quick), tmp_path / "in")


# Files in whose place another one is put


def pipe(path: Path) -> None:
    """No file at all."""
    os.mkfifo(path)


def nothing(path: Path) -> None:
    """An empty file."""
    path.touch()


def words(path: Path) -> None:
    """A text under the name of a picture."""
    path.write_text("Đây không phải là ảnh.", encoding="utf-8")


def cut(path: Path) -> None:
    """The first half of a scan."""
    whole = as_pdf(path, slip()).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def no_page(path: Path) -> None:
    """A PDF without pages."""
    pageless(path)


def bomb(path: Path) -> None:
    """A picture that claims more pixels than any paper has."""
    written_png(path, 60_000, 60_000)


def crumb(path: Path) -> None:
    """A picture of a few pixels."""
    Image.new("L", (90, 120), 255).save(path, dpi=(200, 200))


def back(path: Path) -> None:
    """The wrong side of a sheet."""
    blank(paper()).save(path, dpi=(200, 200))


def broken(build: Break) -> Callable[[Path], None]:
    """A scan of three pages to which something is done."""

    def draw(path: Path) -> None:
        as_pdf(path, slip(), slip("official_letter"), slip("birth_certificate"))
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            build(pdf)
            pdf.save(path)

    return draw


def sealed_by_password(path: Path) -> None:
    """A signed paper that needs a password."""
    path.write_bytes(signed_and_locked(Issuer(), SECRET))


def changed_since(path: Path) -> None:
    """A paper of which somebody changed a letter after it was signed."""
    signed = Issuer().sign(page())
    path.write_bytes(signed.replace(b"/MediaBox", b"/MediaBoy", 1))


def of_xml(path: Path) -> None:
    """A form whose page asks for another program."""
    form_of_xml(path, "Please wait...", "If this message is not eventually", "replaced by the proper contents")


def stamp_of_the_reader(pdf: pikepdf.Pdf) -> None:
    """A stamp of which the file tells the name alone."""
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, Rect=[100, 100, 200, 150], F=4)
    note["/Name"] = pikepdf.Name.Approved
    pdf.pages[1].obj.Annots = pikepdf.Array([pdf.make_indirect(note)])


def joined(path: Path) -> None:
    """Two scans, one behind the other in a file."""
    first = as_pdf(path, slip()).read_bytes()
    path.write_bytes(first + as_pdf(path, slip("official_letter")).read_bytes())


def slim(path: Path) -> None:
    """A strip with one line of a paper, on which no mark can stand."""
    line = paper().crop((200, 992, 1454, 1045))
    line.resize((5016, 212)).save(path, dpi=(1200, 1200))


def line_of_elsewhere(pdf: pikepdf.Pdf) -> None:
    """A line over a scan, in a font that is not in the file."""
    font = pdf.pages[1].add_resource(font_of_elsewhere(pdf), pikepdf.Name.Font)
    pdf.pages[1].contents_add(LINE_OF_ELSEWHERE.format(font=font).encode())


Again = tuple[str, str, Callable[[Path], None], str, str]
AGAIN: list[Again] = [
    ("unreadable", "a.pdf", pipe, "refused", "Give a file that lies on a disk"),
    ("empty_file", "a.pdf", nothing, "refused", "Scan the paper again"),
    ("content_mismatch", "a.jpg", words, "refused", "Give the file as the scanner made it"),
    ("damaged", "a.pdf", cut, "refused", "Scan the paper again"),
    ("no_pages", "a.pdf", no_page, "refused", "Scan the paper again"),
    ("too_large", "a.png", bomb, "refused", "Scan the paper at 300 dpi"),
    ("too_complex", "a.pdf", forms, "refused", "Print the paper"),
    ("too_small", "a.png", crumb, "refused", "Scan the whole paper"),
    ("blank", "a.png", back, "refused", "Check which side"),
    ("damaged_page", "a.pdf", broken(cut_image), "held", "Scan the paper again"),
    ("xfa_form", "a.pdf", of_xml, "held", "print it to PDF"),
    ("note_not_shown", "a.pdf", broken(stamp_of_the_reader), "held", "print it to PDF"),
    ("text_not_shown", "a.pdf", broken(line_of_elsewhere), "held", "print it to PDF"),
    ("files_joined", "a.pdf", joined, "held", "Put its files in one by one"),
    ("signed_and_locked", "a.pdf", sealed_by_password, "refused", "print the paper and scan it"),
    ("signature_broken", "a.pdf", changed_since, "held", "print the paper and scan it"),
    ("cannot_sign", "a.png", slim, "held", "Scan it lying on a sheet of A4"),
]


@pytest.mark.parametrize(("reason", "name", "draw", "state", "remedy"), AGAIN, ids=[item[0] for item in AGAIN])
def test_another_file_takes_its_place(
    walker: Walker, reason: str, name: str, draw: Callable[[Path], None], state: str, remedy: str
) -> None:
    """What is put in at the same path, as the reason says, is archived; of the former one nothing waits any more."""
    path = walker.path(name)
    draw(path)
    stopped = got(walker.put_one(path, STATED, SECRET), state, reason, remedy)
    archived(walker.put_scan(name))
    if state == "held":
        walker.discard(stopped)


def test_another_kind_of_file(walker: Walker) -> None:
    """What is no scan is refused; the same paper as a kind that is named is archived."""
    path = walker.path("a.docx")
    path.write_bytes(b"PK\x03\x04 a word processor's file")
    got(walker.put_one(path), "refused", "unsupported_format", "Give a PDF, TIFF, JPEG or PNG")
    archived(walker.put_scan("a.pdf"))


def test_a_spoilt_sheet_is_replaced(walker: Walker) -> None:
    """The stack with a sheet that `separators` printed becomes its papers; the other stack is ended."""
    pages = (slip(), spoilt(sheet()), slip("official_letter"))
    stopped = walker.put_one(as_pdf(walker.path("a.pdf"), *pages))
    got(stopped, "held", "separator_unreadable", "Replace that sheet by one that `separators` prints")
    stack = as_pdf(walker.path("a.pdf"), pages[0], sheet(), pages[2])
    first, second = walker.put(stack)
    archived(first)
    got(second, "held", "same_document", "--release")  # the manifest of this test gives both the same number
    archived(walker.review(second, "--release"))
    walker.discard(stopped)


# Files that a decision lets in


def stated(dpi: int, name: str) -> Callable[[Path], Path]:
    """The upper half of a sheet at 200 dpi, of which the file says something else."""

    def draw(folder: Path) -> Path:
        picture, path = folder / "picture.jpg", folder / name
        slip().save(picture, dpi=(dpi, dpi))
        if path.suffix == ".pdf":
            path.write_bytes(img2pdf.convert(str(picture), nodate=True))
        else:
            slip().save(path, dpi=(dpi, dpi), **({"compression": "tiff_lzw"} if path.suffix == ".tif" else {}))
        return path

    return draw


DECISIONS = [
    ("dpi_below_", coarse, ("--accept", "resolution", "--reason", "Chỉ còn bản quét này")),
    ("no_dpi", without_resolution, ("--paper", "A5")),
    ("encrypted", locked, ("--password-file", "keys")),
    *(("wrong_dpi", stated(2400, name), ("--paper", "A5")) for name in ("a.jpg", "a.tif", "a.pdf")),
    ("wrong_dpi", stated(800, "a.png"), ("--paper", "A5")),
    ("wrong_dpi", stated(10, "a.png"), ("--paper", "A5")),
    *(
        ("dpi_below_", stated(72, name), ("--paper", "A5", "--reason", "Máy quét ghi sai"))
        for name in ("a.jpg", "a.pdf")
    ),
]


@pytest.mark.parametrize(("reason", "draw", "decision"), DECISIONS, ids=[item[0] for item in DECISIONS])
def test_a_decision_lets_it_in(
    walker: Walker, reason: str, draw: Callable[[Path], Path], decision: tuple[str, ...]
) -> None:
    """The decision that the reason names archives the paper."""
    stopped = walker.put_one(draw(walker.folder))
    assert stopped["reason"].startswith(reason)
    assert decision[0] in stopped["reason"]
    filled = [str(keys(walker.folder, SECRET)) if item == "keys" else item for item in decision]
    after = walker.review(stopped, *filled)
    archived(after)
    if decision[:2] == ("--paper", "A5"):  # a sheet as long as A5
        assert after["quality"][0]["dpi"] == 200
