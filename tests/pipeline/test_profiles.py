"""Documents are signed by the profile of the catalogue that their manifest or type names."""

import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydantic import ValidationError

from config.loader import load_catalogues
from config.models import SigningProfile
from config.settings import load_settings
from domain.clock import now
from domain.errors import UsageError
from domain.readings import DocumentReading, PageReading, Word
from pipeline.intake import open_batch, take_in
from pipeline.manifest import read_manifest
from pipeline.profiles import heading_of, name_place
from pipeline.records import Indexed, Statement
from pipeline.runner import advance, run_through
from services.context import Services, open_services
from signing.errors import CannotSign, KeysUnusable
from signing.interface import MarkPlace, NamePlace
from signing.marks.pictures import read_picture
from signing.signer import open_signers
from signing.verification.verify import verify_pdf
from tests.conftest import program
from tests.support.desk import bring
from tests.support.laid_out import administrative, body, page
from tests.support.office_results import PERSON, RESULT, SIGNATURE_MM, clear, result, write_pictures
from tests.support.signing_papers import paper, settings
from tests.support.written_pdfs import HEIGHT, LEADING, TOP

CATALOGUES = load_catalogues()
STATED = Statement(
    type_code="TP.H17.990103",
    signing="born-digital-result",
    fields={
        "number_symbol": "45/TB-UBND",
        "issued_date": "2026-03-12",
        "issuer": "Ủy ban nhân dân phường Hải Châu",
        "abstract": "Về việc tiếp nhận hồ sơ",
    },
)


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Services]:
    """A store with both pictures, whose officer is the one whose name is printed."""
    (tmp_path / "home").mkdir()
    signature, red = write_pictures(tmp_path)
    message = f'[signing]\nofficer = "{PERSON}"\nofficer_picture = "{signature}"\nagency_picture = "{red}"\n'
    (tmp_path / "home" / "khoso.toml").write_text(message, encoding="utf-8")
    with open_services(load_settings(tmp_path / "home", {"KHOSO_WORK__PAUSE_S": "0"})) as opened:
        yield opened


def brought(ctx: Services, folder: Path, stated: Statement = STATED, content: bytes | None = None) -> str:
    """Put the notice in as its office wrote it; gives its document's id."""
    path = folder / "notice.pdf"
    path.write_bytes(content or result())
    return bring(ctx, path, stated)


def record_of(ctx: Services, document: str) -> Indexed:
    """The document's last record."""
    entry = ctx.ledger.entry(document)
    assert entry
    assert entry.state == "done", entry.reason
    return Indexed.model_validate_json(entry.record)


def shown(pdf: bytes, number: int = 0) -> NDArray[np.int16]:
    """The colours of a page as a reader shows it, at 144 dpi."""
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        drawn = document[number]
        picture = drawn.render(scale=2).to_pil().convert("RGB")
        drawn.close()
    return np.asarray(picture).astype(np.int16)


def middle(mark: MarkPlace) -> tuple[float, float]:
    """The middle of a mark."""
    return mark.left + mark.width / 2, mark.top + mark.height / 2


def test_a_born_digital_result(ctx: Services, tmp_path: Path) -> None:
    """The blue signature stands between title and name at its size, the red seal covers its left third (law L4.5)."""
    record = record_of(ctx, brought(ctx, tmp_path))
    person, agency = record.marks
    assert (person.page, person.state, agency.page, agency.state) == (1, "with_name", 1, "with_name")
    assert (person.width, person.height) == pytest.approx([mm / 25.4 * 72 for mm in SIGNATURE_MM], abs=0.3)
    assert (agency.width, agency.height) == pytest.approx([34 / 25.4 * 72] * 2, abs=0.3)
    assert agency.left + agency.width - person.left == pytest.approx(person.width / 3, abs=0.1)
    assert middle(agency)[1] == pytest.approx(middle(person)[1], abs=0.1)
    title, name = (HEIGHT - TOP + place * LEADING for place in (len(RESULT) - 4, len(RESULT) - 1))  # baselines
    assert title < person.top < middle(person)[1] < person.top + person.height < name
    colours = shown(document_of(ctx, record))
    inside = np.zeros(colours.shape[:2], bool)
    for mark, strongest in ((agency, 0), (person, 2)):
        edges = (mark.left, mark.top, mark.left + mark.width, mark.top + mark.height)
        left, top, right, bottom = (round(2 * edge) for edge in edges)
        box = np.s_[top - 1 : bottom + 1, left - 1 : right + 1]
        inside[box] = True
        others = colours[box][:, :, 2 - strongest]
        assert np.count_nonzero(colours[box][:, :, strongest] - others > 60) > 1000
    assert not (np.ptp(colours, axis=2) > 60)[~inside].any()


def test_on_another_page(tmp_path: Path, ctx: Services) -> None:
    """When the name stands on page two, both pictures do, and the file is proven PDF/A-2b all the same."""
    both = BytesIO()
    with pikepdf.open(BytesIO(result(RESULT[:8]))) as first, pikepdf.open(BytesIO(result(RESULT[8:]))) as second:
        first.pages.extend(second.pages)
        first.save(both)
    record = record_of(ctx, brought(ctx, tmp_path, content=both.getvalue()))
    assert [mark.page for mark in record.marks] == [2, 2]
    pdf = document_of(ctx, record)
    assert not (np.ptp(shown(pdf, 0), axis=2) > 60).any()
    assert (np.ptp(shown(pdf, 1), axis=2) > 60).any()


def test_the_name_must_be_printed(ctx: Services, tmp_path: Path) -> None:
    """A result that does not bear the signer's name is held, and signed by nobody."""
    document = brought(ctx, tmp_path, content=result(RESULT[:-1]))
    entry = ctx.ledger.entry(document)
    assert entry
    assert (entry.state, entry.stage) == ("held", "conform")
    assert "the signer's name does not stand on the document" in entry.reason.text()


def document_of(ctx: Services, record: Indexed) -> bytes:
    """The archived PDF."""
    return ctx.vault.get(record.object_id).files["document.pdf"].read_bytes()


def text_of(pdf: bytes) -> str:
    """The text of the pages with their marks, as poppler reads it."""
    command = [program("pdftotext"), "-layout", "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()


def test_every_field_before_the_first_signature(ctx: Services) -> None:
    """By every profile, the copy has the agency's field already; and the agency cannot sign before the person."""
    for profile in CATALOGUES.signing:
        places = ctx.signers.place_marks(paper(), None, profile, NamePlace(1, 0.7, 0.8, 0.7))
        with pytest.raises(CannotSign, match="has not signed"):
            ctx.signers.seal(paper(), now(), profile=profile)
        copy = ctx.signers.sign_copy(paper(), now(), places, profile)
        with pikepdf.open(BytesIO(copy)) as document:
            fields = {str(field.T): "/V" in field for field in document.Root.AcroForm.Fields}
        assert fields == {"SoHoa": True, "CoQuan": False}


def test_nothing_is_certified_at_intake(ctx: Services, tmp_path: Path) -> None:
    """A certified copy has a number in a book: no manifest asks for one; one that an earlier release let in waits."""
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("file,signing\na.pdf,certified-copy\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_manifest(manifest, ctx, [tmp_path / "a.pdf"])
    assert caught.value.remedy == "certify_afterwards"
    document = brought(ctx, tmp_path, STATED.model_copy(update={"signing": "certified-copy"}))
    entry = ctx.ledger.entry(document)
    assert entry
    assert (entry.state, entry.reason.word, entry.reason.what) == ("held", "no_signer", "certified_at_intake")


def test_the_type_chooses(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A type that is known only after the person signed has the copy made anew by its profile, not signed twice."""
    path = tmp_path / "notice.pdf"
    path.write_bytes(result())
    document = take_in(ctx, path, open_batch(ctx, "test"), STATED.model_copy(update={"signing": None})).document_id
    assert document
    while (entry := ctx.ledger.entry(document)) and entry.stage != "sign":
        assert advance(ctx, document, entry.stage) == "passed"
    types = [item.model_copy(update={"signing": "minutes"}) for item in CATALOGUES.types]
    monkeypatch.setattr(ctx, "catalogues", CATALOGUES.model_copy(update={"types": tuple(types)}))
    run_through(ctx, document)
    record = record_of(ctx, document)
    pdf = document_of(ctx, record)
    assert record.signing == "minutes"
    assert [verdict.role for verdict in verify_pdf(pdf, ctx.signers.anchors())] == ["copy", "seal"]
    assert "Người lập biên bản" in text_of(pdf)
    assert "Người số hóa" not in text_of(pdf)


TEXT = {"kind": "text", "place": "top_left", "lines": ["{name}"]}
PICTURE = {"kind": "picture", "colour": "blue"}


@pytest.mark.parametrize(
    ("person", "agency", "message"),
    [
        (TEXT, TEXT, "a corner of its own"),
        (PICTURE | {"place": "over_name"}, PICTURE | {"place": "over_name"}, "a corner of its own"),
        (PICTURE | {"place": "on_signature"}, TEXT, "the person signs first"),
        (TEXT, PICTURE | {"place": "on_signature"}, "the person's mark must be one"),
    ],
)
def test_marks_that_cannot_stand(person: dict[str, object], agency: dict[str, object], message: str) -> None:
    """No profile puts a mark where the other one stands, or on one that is not there yet."""
    with pytest.raises(ValidationError, match=message):
        SigningProfile.model_validate(
            {"id": "odd", "name": "odd", "person": person, "agency": agency, "confirmed": False, "source": "a test"}
        )


def test_the_manifest_chooses(ctx: Services, tmp_path: Path) -> None:
    """The manifest's column `signing` names a profile; one that is none is refused with its line."""
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("file,signing\na.pdf,born-digital-result\nb.pdf,\n", encoding="utf-8")
    assert [
        item.signing for item in read_manifest(manifest, ctx, [tmp_path / "a.pdf", tmp_path / "b.pdf"]).values()
    ] == ["born-digital-result", None]
    manifest.write_text("file,signing\na.pdf,by-hand\n", encoding="utf-8")
    with pytest.raises(UsageError, match="2: no signing profile 'by-hand'"):
        read_manifest(manifest, ctx, [tmp_path / "a.pdf"])


@pytest.mark.parametrize(
    ("content", "dpi", "message"),
    [
        (Image.new("RGB", (400, 200), "white"), 300, "shows nothing"),
        (Image.new("RGB", (400, 200), "grey"), 300, "has no transparent ground"),
        (Image.linear_gradient("L").convert("RGB"), None, "states no resolution"),
        (Image.linear_gradient("L").convert("RGB"), 30, "measures 217 x 217 mm"),
    ],
)
def test_pictures_that_cannot_be(tmp_path: Path, content: Image.Image, dpi: float | None, message: str) -> None:
    """A picture without ground, ink or real size stops the start, and the message names the file."""
    path = clear(content.copy(), tmp_path / "odd.png", dpi)
    with pytest.raises(KeysUnusable, match=f"odd.png {message}"):
        read_picture(path)


def test_no_png(tmp_path: Path) -> None:
    """A file that is no PNG stops the start."""
    (tmp_path / "odd.png").write_bytes(b"GIF89a")
    with pytest.raises(KeysUnusable, match="cannot be read as PNG"):
        read_picture(tmp_path / "odd.png")


def test_pictures_of_another_colour(tmp_path: Path) -> None:
    """A red signature, or none at all, holds the document and says which setting to look at."""
    profile, name = CATALOGUES.signing_profile("born-digital-result"), NamePlace(1, 0.7, 0.8, 0.7)
    _, red = write_pictures(tmp_path)
    for given, message in ((red, "is not blue"), (None, "no picture to sign with")):
        update = {"officer_picture": given, "agency_picture": red}
        with open_signers(settings(tmp_path).model_copy(update=update)) as hands:
            with pytest.raises(CannotSign, match=message) as caught:
                hands.place_marks(paper(), None, profile, name)
            assert "signing.officer_picture" in caught.value.advice


def test_what_of_a_page_is_its_heading() -> None:
    """National heading, motto, issuer and number are the heading; where none was read, all that stands on top."""
    letter = page(*administrative("QUYẾT ĐỊNH", *body("Về việc tiếp nhận hồ sơ và trả kết quả")))
    parts = heading_of(DocumentReading(pages=(letter,)))
    covered = {word.text for word in letter.words if word.box in parts}
    assert {"CỘNG", "NAM", "Độc", "phúc", "ỦY", "CHÂU", "12/QĐ-UBND"} <= covered
    assert not {"QUYẾT", "tiếp", "quả"} & covered
    bare = page(*body(*["Về việc tiếp nhận hồ sơ và trả kết quả"] * 10))
    assert [tuple(part) for part in heading_of(DocumentReading(pages=(bare,)))] == [
        word.box for word in bare.words if word.box[1] < 0.15
    ]
    assert heading_of(DocumentReading(pages=())) == ()


def test_where_the_name_stands() -> None:
    """The last place of the name counts, accents and case aside; the title above it ends the room for the signature."""
    words = [
        Word(text="Bà", box=(0.1, 0.1, 0.15, 0.12), confidence=1, line=1),
        *(
            Word(text=text, box=(x, 0.1, x + 0.1, 0.12), confidence=1, line=1)
            for text, x in zip(["An", "Na"], (0.2, 0.3), strict=True)
        ),
        Word(text="CHỦ", box=(0.6, 0.7, 0.7, 0.72), confidence=1, line=2),
        *(
            Word(text=text, box=(x, 0.8, x + 0.1, 0.82), confidence=1, line=3)
            for text, x in zip(["ÂN", "NA."], (0.6, 0.7), strict=True)
        ),
    ]
    reading = DocumentReading(pages=(PageReading(number=1, words=tuple(words)), PageReading(number=2, words=())))
    assert name_place(reading, "An Na") == pytest.approx((1, 0.7, 0.8, 0.72))
    assert name_place(reading, "Na An") is None
