"""The sample scans: the same bytes on every run, truthful about themselves, and readable."""

import io
import json
import os
import re
import subprocess
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from config.loader import load_catalogues
from domain.errors import SetupError
from samples.__main__ import main
from samples.generate import TRUTH, Sample, all_papers, draw, generate
from samples.papers import day_in_words, text
from services.printing.faces import font_folder

PAPERS = {paper.kind: paper for paper in all_papers()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole set."""
    folder = tmp_path_factory.mktemp("samples")
    generate(folder)
    return folder


@pytest.fixture(scope="module")
def samples(folder: Path) -> list[Sample]:
    """The truth as it was written."""
    return [Sample.model_validate(entry) for entry in json.loads((folder / TRUTH).read_text(encoding="utf-8"))]


def frames(path: Path) -> list[Image.Image]:
    """The page images of a scan, each with its resolution."""
    if path.suffix != ".pdf":
        with Image.open(path) as image:
            return [frame.copy() for frame in ImageSequence.Iterator(image)]
    with pikepdf.open(path) as pdf:
        streams = [image.read_raw_bytes() for page in pdf.pages for image in page.get_images().values()]
    return [Image.open(io.BytesIO(stream)) for stream in streams]


def read(image: Image.Image) -> str:
    """What stock Tesseract reads on a page."""
    stream = io.BytesIO()
    image.save(stream, "PNG", dpi=image.info["dpi"])
    command = ["tesseract", "stdin", "stdout", "-l", "vie", "--psm", "3"]
    environment = os.environ | {"OMP_THREAD_LIMIT": "1"}
    done = subprocess.run(command, input=stream.getvalue(), env=environment, capture_output=True, check=True)
    return unicodedata.normalize("NFC", done.stdout.decode())


def words(printed: str) -> Counter[str]:
    """Words without the punctuation at their ends, counted."""
    return Counter(filter(None, (word.strip(".,;:()/-") for word in printed.split())))


def check_readable(path: Path, sample: Sample) -> None:
    """At least 97 % of the words, and every word of number, date, owner and abstract, are read."""
    seen = "\n".join(read(image) for image in frames(path))
    truth = words("\n".join(line for page in sample.text for line in page))
    missed = truth - words(seen)
    assert missed.total() <= 0.03 * truth.total(), missed
    flat = " ".join(seen.split())
    for name in ("number_symbol", "owner_id", "dossier_code"):
        assert (sample.fields[name] or "") in flat, name
    assert (sample.fields["owner_name"] or "").upper() in flat.upper()
    day = date.fromisoformat(sample.fields["issued_date"] or "")
    assert day_in_words(day) in flat or f"{day:%d/%m/%Y}" in flat


def test_same_bytes_every_run(folder: Path, tmp_path: Path) -> None:
    """Two runs write the same files with the same bytes."""
    for kind in ("notice", "marriage_certificate", "death_extract", "dossier_receipt"):
        paper = PAPERS[kind]
        draw(paper, tmp_path)
        assert (tmp_path / paper.file).read_bytes() == (folder / paper.file).read_bytes()


def test_no_file_holds_a_date(folder: Path) -> None:
    """The PDFs carry neither the time of writing nor a random identifier."""
    for path in folder.glob("*.pdf"):
        with pikepdf.open(path) as pdf:
            assert "/CreationDate" not in pdf.docinfo
            assert "/ModDate" not in pdf.docinfo


def test_truth_names_every_file_once(folder: Path, samples: list[Sample]) -> None:
    """The folder holds the named scans and the truth, nothing else, and no scan twice."""
    names = [sample.file for sample in samples]
    assert sorted([*names, TRUTH]) == sorted(path.name for path in folder.iterdir())
    assert len({(folder / name).read_bytes() for name in names}) == len(names) >= 14


def test_set_is_modest(folder: Path, samples: list[Sample]) -> None:
    """At most 20 pages and 25 MB, so that a first run is short."""
    assert sum(sample.pages for sample in samples) <= 20
    assert sum(path.stat().st_size for path in folder.iterdir()) < 25_000_000


def test_pages_are_a4_at_the_stated_resolution(folder: Path, samples: list[Sample]) -> None:
    """Every page says 200 or 300 dpi, is A4 at that, and the truth counts the pages."""
    for sample in samples:
        pages = frames(folder / sample.file)
        assert len(pages) == sample.pages == len(sample.text)
        for page in pages:
            dpi = round(page.info["dpi"][0])
            assert dpi in {200, 300}
            assert page.size == (round(210 / 25.4 * dpi), round(297 / 25.4 * dpi))


def test_every_format_of_a_scanner_occurs(folder: Path) -> None:
    """JPEG, PNG, PDF, LZW and G4 TIFF with several pages."""
    compressions = set()
    for path in folder.glob("*.tif"):
        with Image.open(path) as image:
            compressions.add(image.info["compression"])
            assert getattr(image, "n_frames", 1) > 1
    assert compressions == {"tiff_lzw", "group4"}
    assert {path.suffix for path in folder.iterdir()} >= {".jpg", ".png", ".pdf", ".tif"}


def test_fields_stand_on_the_paper(samples: list[Sample]) -> None:
    """Every field of the truth is printed, in capitals or not, except a term that is printed as a number of months."""
    for sample in samples:
        printed = " ".join(line for page in sample.text for line in page).casefold()
        for name in ("title", "number_symbol", "abstract", "owner_id", "owner_name", "dossier_code"):
            assert (sample.fields[name] or "").casefold() in printed, (sample.file, name)
        day = date.fromisoformat(sample.fields["issued_date"] or "")
        assert day_in_words(day) in printed or f"{day:%d/%m/%Y}" in printed
        assert sample.fields["valid_until"] is None or re.search(r"thời hạn \d\d tháng", printed)


def test_owner_ids_have_the_form_of_da_nang(samples: list[Sample]) -> None:
    """Owner numbers are 12 digits of Đà Nẵng, century, sex and year of birth agreeing with the paper (law 8B)."""
    for sample in samples:
        number = sample.fields["owner_id"]
        if number is None:
            continue
        assert re.fullmatch(r"048[0-3]\d{8}", number)
        year = 1900 + 100 * (int(number[3]) // 2) + int(number[4:6])
        births = re.findall(r"sinh[^|]*?: \d\d/\d\d/(\d{4})", "|".join(line for page in sample.text for line in page))
        assert not births or str(year) == births[0], sample.file


def test_types_are_in_the_catalogue(samples: list[Sample]) -> None:
    """Every type code is in the catalogue, and what that type requires stands on the paper."""
    catalogues = load_catalogues()
    for sample in samples:
        required = catalogues.type(sample.type_code).required
        assert [name for name in required if sample.fields[name] is None] == [], sample.file


def test_one_paper_has_expired() -> None:
    """The marital status certificate ran out six months after its issue in 2023."""
    paper = PAPERS["marital_status_certificate"]
    assert paper.valid_until == date(2023, 9, 15)


def test_missing_typeface_names_the_package(tmp_path: Path) -> None:
    """Without the typeface nothing is drawn, and the error names the Debian package."""
    with pytest.raises(SetupError, match="Liberation Serif") as caught:
        font_folder((tmp_path,))
    assert "fonts-liberation2" in caught.value.advice


def test_command_needs_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a folder the command explains itself and exits with the code for usage."""
    assert main([]) == 2
    assert "FOLDER" in capsys.readouterr().err


@given(st.dates())
def test_dates_are_padded_as_the_decree_says(day: date) -> None:
    """Days below 10 and the months 1 and 2 carry a zero, other months do not (law 4B)."""
    matched = re.fullmatch(r"ngày (\d{2}) tháng (\d+) năm (\d+)", day_in_words(day))
    assert matched
    assert tuple(map(int, matched.groups())) == (day.day, day.month, day.year)
    assert matched[2].startswith("0") == (day.month < 3)


@given(st.text(st.characters(exclude_characters="|")), st.text(st.characters(exclude_characters="|")))
@settings(max_examples=30)
def test_bar_ends_the_bold_lead(lead: str, rest: str) -> None:
    """What stands before the bar is the bold beginning, what follows is the text; nothing is lost."""
    (paragraph,) = text(f"{lead}|{rest}")
    assert (paragraph.lead, paragraph.text) == (lead, rest)


def test_decision_is_readable(folder: Path, samples: list[Sample]) -> None:
    """Stock Tesseract reads the decision 12/QĐ-UBND: its number, its date and 97 % of its words."""
    (sample,) = (sample for sample in samples if sample.fields["number_symbol"] == "12/QĐ-UBND")
    check_readable(folder / sample.file, sample)


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(PAPERS))
def test_every_sample_is_readable(kind: str, folder: Path, samples: list[Sample]) -> None:
    """Stock Tesseract reads number, date, owner and 97 % of the words of every sample."""
    (sample,) = (sample for sample in samples if sample.kind == kind)
    check_readable(folder / sample.file, sample)
