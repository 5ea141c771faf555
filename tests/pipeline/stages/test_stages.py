"""Every stage by itself, on a paper that stands before it: what it adds, looks at first, and that it repeats."""

import hashlib
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from domain.errors import Held
from domain.messages.told import told
from domain.readings import DocumentReading
from pipeline.errors import NeedsReview, WorkFileDamaged
from pipeline.flow import DIGITISE
from pipeline.records import File, Received
from services.context import Services
from signing.pades.conformance import prove
from tests.support.desk import STATED
from tests.support.stages import STAGES, Line


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    """A paper that went the whole way."""
    return Line(tmp_path_factory.mktemp("line"))


def run(stage: str, record: Received, ctx: Services) -> Any:
    """What a stage gives; of one that splits, the first."""
    given = DIGITISE.stage(stage).run(record, ctx)
    return given[0] if isinstance(given, tuple) else given


def fields_of(path: Path) -> list[str]:
    """The signature fields that are signed."""
    with pikepdf.open(path) as pdf:
        return [str(field.T) for field in pdf.Root.AcroForm.Fields if "/V" in field]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_adds_and_changes_nothing_that_was_known(line: Line, tmp_path: Path, stage: str) -> None:
    """What the record before told stands in the next one; only remarks grow."""
    with line.before(stage, tmp_path) as (record, ctx):
        after = run(stage, record, ctx)
    for name in set(type(record).model_fields) - {"remarks"}:
        assert getattr(after, name) == getattr(record, name), name
    before = getattr(record, "remarks", ())
    assert getattr(after, "remarks", before)[: len(before)] == before


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_was_cut_off_is_run_again(line: Line, tmp_path: Path, stage: str) -> None:
    """The second run finds the same codes, object and values as the first; a signature is another one of the same."""
    with line.before(stage, tmp_path) as (record, ctx):
        first, second = (run(stage, record, ctx) for _ in range(2))
    for name in type(first).model_fields:
        values = getattr(first, name), getattr(second, name)
        if isinstance(values[0], File):
            assert values[0].name == values[1].name
        elif not name.endswith("_at") and name != "outbox":
            assert values[0] == values[1], name


@pytest.mark.parametrize("stage", [name for name in STAGES if name not in {"prepare", "code", "index"}])
def test_a_stage_reads_no_file_that_changed(line: Line, tmp_path: Path, stage: str) -> None:
    """Files of the work folder are checked by their digest: what was changed behind the line's back goes no further."""
    with line.before(stage, tmp_path) as (record, ctx):
        for path in ctx.folder(record).iterdir():
            path.write_bytes(path.read_bytes() + b"\n")
        with pytest.raises(WorkFileDamaged):
            run(stage, record, ctx)


def test_prepare_keeps_the_pixels(line: Line, tmp_path: Path) -> None:
    """A PDF of the scan's pages, with what was seen on each."""
    with line.before("prepare", tmp_path) as (record, ctx):
        after = run("prepare", record, ctx)
        with pikepdf.open(ctx.scan(record)) as scan, pikepdf.open(ctx.file(after, after.pdf)) as pdf:
            digests = [
                [
                    hashlib.sha256(image.read_raw_bytes()).hexdigest()
                    for image in document.pages[0].get_images().values()
                ]
                for document in (scan, pdf)
            ]
    assert digests[0] == digests[1] != []
    assert (after.pages, after.dpi, [item.is_blank for item in after.facts]) == (1, 200, [False])


def test_recognize_lays_the_words_it_keeps(line: Line, tmp_path: Path) -> None:
    """The text beside the PDF is that of the words, and each has its place on the page."""
    with line.before("recognize", tmp_path) as (record, ctx):
        after = run("recognize", record, ctx)
        reading = DocumentReading.model_validate_json(ctx.file(after, after.words).read_bytes())
        assert ctx.file(after, after.text).read_text(encoding="utf-8") == reading.text
    assert "45/TB-UBND" in reading.text
    assert all(0 <= edge <= 1 for page in reading.pages for word in page.words for edge in word.box)


def test_conform_proves_what_it_gives(line: Line, tmp_path: Path) -> None:
    """PDF/A-2b by the checker, on the first rung of the ladder."""
    with line.before("conform", tmp_path) as (record, ctx):
        after = run("conform", record, ctx)
        prove(ctx.file(after, after.pdfa))
    assert (after.flavour, after.step) == ("2b", "as_it_is")


def test_sign_and_seal_add_one_signature_each(line: Line, tmp_path: Path) -> None:
    """The officer's, then the agency's; what was there before is the beginning of the file."""
    with line.before("sign", tmp_path / "1") as (record, ctx):
        after = run("sign", record, ctx)
        before, signed = (ctx.file(after, item).read_bytes() for item in (after.pdfa, after.copy_pdf))
        assert signed.startswith(before)
        assert fields_of(ctx.file(after, after.copy_pdf)) == ["SoHoa"]
    with line.before("seal", tmp_path / "2") as (record, ctx):
        after = run("seal", record, ctx)
        before, sealed = (ctx.file(after, item).read_bytes() for item in (after.copy_pdf, after.sealed_pdf))
        assert sealed.startswith(before)
        assert fields_of(ctx.file(after, after.sealed_pdf))[:2] == ["SoHoa", "CoQuan"]


def test_describe_takes_what_is_stated(line: Line, tmp_path: Path) -> None:
    """What the manifest says outranks what is read, and is told apart from it."""
    with line.before("describe", tmp_path) as (record, ctx):
        described = run("describe", record, ctx).description
    assert described.type_code == STATED.type_code
    for name, value in STATED.fields.items():
        assert (described.value(name), described.fields[name].source) == (value, "manifest")


def test_review_holds_what_is_in_doubt(line: Line, tmp_path: Path) -> None:
    """A doubt that nobody settled stops the paper, with its words."""
    with line.before("review", tmp_path) as (record, ctx):
        doubtful = record.model_copy(update={"doubts": (told("field_missing", field="abstract"),)})
        with pytest.raises(NeedsReview, match="abstract: missing") as held:
            run("review", doubtful, ctx)
        assert isinstance(held.value, Held)
        assert run("review", record, ctx).identity.business_key


def test_code_gives_no_code_twice(line: Line, tmp_path: Path) -> None:
    """Another paper of the same words gets codes of its own."""
    with line.before("code", tmp_path) as (record, ctx):
        other = record.model_copy(update={"document_id": "0" * 16})
        codes = [run("code", item, ctx).codes for item in (record, other)]
    assert codes[0].digitisation != codes[1].digitisation


def test_extend_reaches_the_level_of_the_profile(line: Line, tmp_path: Path) -> None:
    """The file begins as it was sealed."""
    with line.before("extend", tmp_path) as (record, ctx):
        sealed = ctx.file(record, record.sealed_pdf).read_bytes()
        after = run("extend", record, ctx)
        assert ctx.file(after, after.sealed_pdf).read_bytes().startswith(sealed)
    assert after.level in {"B-T", "B-LT", "B-LTA"}


def test_archive_keeps_scan_and_copy(line: Line, tmp_path: Path) -> None:
    """The object has the scan bit for bit and the sealed copy; the catalogue has the paper."""
    with line.before("archive", tmp_path) as (record, ctx):
        scan, sealed = ctx.scan(record).read_bytes(), ctx.file(record, record.sealed_pdf).read_bytes()
        after = run("archive", record, ctx)
        contents = {path.read_bytes() for path in ctx.vault.get(after.object_id).files.values()}
        assert {scan, sealed} <= contents
        assert ctx.catalogue.paper(record.document_id) is not None


def test_index_makes_it_findable(line: Line, tmp_path: Path) -> None:
    """Before, the engine does not know the paper; afterwards it does."""
    with line.before("index", tmp_path) as (record, ctx):
        with ctx.index(make=True) as index:
            assert record.document_id not in index.ids()
        run("index", record, ctx)
        with ctx.index() as index:
            assert record.document_id in index.ids()
