"""A paper that is here already is known again by how it looks and reads and by what it is; nobody is passed over."""

import json
import logging
import multiprocessing
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import img2pdf
import pytest
from alembic import command
from alembic.config import Config
from PIL import Image
from sqlalchemy import create_engine, event, inspect
from typer.testing import CliRunner

from archive.database import DatabaseKind
from archive.identities import Identities
from archive.interface import Arrival, Identity
from archive.ledger import open_ledger
from archive.package import read_package
from archive.schemas import opening
from archive.tables import archived
from cli.main import app
from config.settings import Settings, load_settings
from domain.clock import now
from domain.readings import Description, FieldName, FieldReading
from domain.states import StepOutcome
from pipeline.duplicates import identity_of
from pipeline.intake import open_batch, take_in
from pipeline.recognition.page_key import BITS, distance, page_key
from pipeline.records import Described, File, Statement
from pipeline.runner import run_through
from samples.generate import all_papers
from samples.layout import lay_out
from samples.papers import Paper as Printed
from samples.papers import Paragraph, Row
from samples.scanner import Scanner
from services.context import Services, open_services
from services.document import document_view
from services.rebuild import rebuild_catalogue
from tests.support.held_papers import OWNER, held_paper, hold, opened_catalogue

TEXT = """ỦY BAN NHÂN DÂN PHƯỜNG THẠCH THANG
GIẤY KHAI SINH Số: 215/2019
Họ, chữ đệm, tên: TRẦN MINH KHÔI Ngày, tháng, năm sinh: 12/09/2019
Nơi sinh: Bệnh viện Phụ sản - Nhi Đà Nẵng, thành phố Đà Nẵng
Số định danh cá nhân: 048219001275 Năm sinh: 1992 Năm sinh: 1990
Ngày, tháng, năm đăng ký: 20/09/2019 Điện thoại: 0905123456"""
FIELDS: dict[FieldName, str] = {"owner_id": OWNER, "number_symbol": "215/2019", "issued_date": "2019-09-20"}
OTHER_FIELDS: dict[FieldName, str] = {
    "owner_id": "048219001283",
    "number_symbol": "216/2019",
    "issued_date": "2019-09-20",
}
SURE: dict[FieldName, str] = {**FIELDS, "issuer": "Ủy ban nhân dân phường Thạch Thang", "owner_name": "Trần Minh Khôi"}


def printed(kind: str = "birth_certificate") -> Printed:
    """A paper of the samples."""
    return next(item for item in all_papers() if item.kind == kind)


def filled_otherwise(paper: Printed) -> Printed:
    """The same form for somebody else."""
    swap = str.maketrans("0123456789", "5738291046")

    def other(text: str) -> str:
        return text.replace("TRẦN MINH KHÔI", "LÊ NGỌC AN").translate(swap)

    body = [
        replace(item, text=other(item.text)) if isinstance(item, Paragraph) else Row(tuple(map(other, item.cells)))
        for item in paper.body
    ]
    return replace(paper, body=tuple(body), number=other(paper.number or ""))


def scan(paper: Printed, seed: int = 1, scanner: Scanner | None = None) -> Image.Image:
    """The first page as a scanner sees it."""
    chosen = scanner or Scanner()
    drawing, noise = Random(paper.kind), Random(seed)  # noqa: S311 (chance, no secrets)
    return chosen.scan(lay_out(paper, chosen.dpi, drawing)[0].image, noise)


def write_pdf(path: Path, image: Image.Image, dpi: int = 200) -> Path:
    """The page as a PDF."""
    picture = path.with_suffix(".png")
    image.save(picture, dpi=(dpi, dpi), compress_level=1)
    path.write_bytes(img2pdf.convert(str(picture), engine=img2pdf.Engine.internal))
    return path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Image keys: of a paper, of new scans of it, of its form filled otherwise, and of other papers."""
    folder = tmp_path_factory.mktemp("keys")
    paper = printed()
    other = filled_otherwise(paper)
    coarser = scan(paper, 3, Scanner(max_skew=2)).resize((1241, 1754), Image.Resampling.BOX)
    images = {
        "paper": (scan(paper, 1), 200),
        "grey": (scan(paper, 2, Scanner(grey=True, noise=6)), 200),
        "coarser and askew": (coarser, 150),
        "bitonal": (scan(paper, 4, Scanner("tiff-g4")), 200),
        "form": (scan(other, 5), 200),
        "notice": (scan(printed("notice"), 6), 200),
        "permit": (scan(printed("construction_permit"), 7), 200),
    }
    found = {}
    for name, (image, dpi) in images.items():
        key = page_key(write_pdf(folder / f"{name}.pdf", image, dpi))
        assert key is not None
        found[name] = key
    return found


# Keys


@pytest.mark.parametrize("again", ["grey", "coarser and askew", "bitonal"])
def test_a_new_scan_looks_the_same(keys: dict[str, str], again: str) -> None:
    """Grey, another resolution, skew, noise and black and white leave the image key nearly as it was."""
    assert distance(keys["paper"], keys[again]) < BITS // 4


@pytest.mark.parametrize("other", ["notice", "permit"])
def test_other_papers_look_different(keys: dict[str, str], other: str) -> None:
    """The image keys of unlike papers differ in a third of their bits or more."""
    assert distance(keys["paper"], keys[other]) > BITS // 3


def test_a_form_filled_otherwise_looks_the_same(keys: dict[str, str]) -> None:
    """Looks alone cannot tell forms of one kind apart: this is why words are compared."""
    assert distance(keys["paper"], keys["form"]) < BITS // 4


def test_a_blank_page_has_no_key(tmp_path: Path) -> None:
    """Where there is no ink, nothing looks like anything."""
    assert page_key(write_pdf(tmp_path / "blank.pdf", Image.new("L", (1654, 2339), 250))) is None


# Papers under way, from `describe` on


def bring(
    ctx: Services,
    name: str,
    image_key: str | None,
    text: str = TEXT,
    fields: dict[FieldName, str] | None = None,
    *,
    pages: int = 1,
    doubts: tuple[str, ...] = (),
) -> str:
    """Put a paper in that stands after `describe`; gives its id."""
    readings = {key: FieldReading(value=value, confidence=1.0) for key, value in (fields or {}).items()}
    folder = ctx.settings.work_folder / name
    folder.mkdir(parents=True)
    nothing = File(name="none", sha256="0" * 64)
    values: dict[str, Any] = {
        "document_id": name,
        "batch_id": "b",
        "source": f"/{name}.jpg",
        "media": "jpeg",
        "received_at": now(),
        "pages": pages,
        "dpi": 200,
        "confidence": 1.0,
        "signed_at": now(),
        "image_key": image_key,
        "description": Description(type_code="KQ.G15.000031", type_confidence=1.0, fields=readings),
        "doubts": doubts,
        **dict.fromkeys(("scan", "pdf", "searchable", "words", "pdfa", "copy_pdf", "text"), nothing),
    }
    described = Described.model_validate(values)
    described = described.model_copy(update={"text": ctx.write(described, "text.txt", text.encode())})
    ctx.ledger.admit(
        Arrival(
            path=described.source,
            sha256=name * 4,
            batch_id="b",
            state="received",
            document_id=name,
            stage="describe",
            record=described.model_dump_json(),
        )
    )
    return name


def reviewed(ctx: Services, name: str) -> tuple[StepOutcome, str, str]:
    """Outcome of `review` and what followed it, the state, and the reason up to the colon."""
    outcome = run_through(ctx, name)
    entry = ctx.ledger.entry(name)
    assert entry is not None
    return outcome, entry.stage, entry.reason.text()


def test_a_rescan_is_asked_about(ctx: Services, keys: dict[str, str]) -> None:
    """A paper that looks and reads like an earlier one is held, with the other's id and the ways out, and no number."""
    first, again = bring(ctx, "a", keys["paper"]), bring(ctx, "b", keys["grey"], TEXT.replace("Họ,", "Ho,"))
    assert reviewed(ctx, first)[1] != "describe"
    outcome, stage, reason = reviewed(ctx, again)
    assert (outcome, stage) == ("held", "describe")
    assert reason.startswith("same_document: The same paper as a, known by image.")
    assert "--release" in reason
    assert "--discard" in reason
    assert OWNER not in reason


def test_a_rescan_of_a_paper_whose_object_is_lost_is_asked_about(
    ctx: Services, keys: dict[str, str], tmp_path: Path
) -> None:
    """A held paper of which no text can be read any more clears no other one: a person compares."""
    again = bring(ctx, "b", keys["grey"])
    known = identity_of(Described.model_validate_json(_record(ctx, again)), ctx)
    paper = hold(ctx, tmp_path, "1", identity=known)
    shutil.rmtree(ctx.vault.path(paper.object_id))
    outcome, _, reason = reviewed(ctx, again)
    assert (outcome, reason.partition(":")[0]) == ("held", "same_document")


def test_forms_filled_otherwise_pass(ctx: Services, keys: dict[str, str]) -> None:
    """Forms of one kind look the same, but their words and numbers do not agree."""
    bring(ctx, "a", keys["paper"], fields=FIELDS)
    other = TEXT.replace("TRẦN MINH KHÔI", "LÊ NGỌC AN").replace(OWNER, "048219001283").replace("215/", "216/")
    bring(ctx, "b", keys["form"], other, OTHER_FIELDS)
    reviewed(ctx, "a")
    assert reviewed(ctx, "b")[1] == "code"


def test_twins_pass(ctx: Services, keys: dict[str, str]) -> None:
    """Certificates of twins share nearly every word; the fields that were read without doubt tell them apart."""
    bring(ctx, "a", keys["paper"], fields=FIELDS)
    bring(ctx, "b", keys["form"], TEXT, OTHER_FIELDS)
    reviewed(ctx, "a")
    assert reviewed(ctx, "b")[1] == "code"


def test_a_paper_of_more_pages_passes(ctx: Services, keys: dict[str, str]) -> None:
    """The number of pages is part of how a paper looks."""
    bring(ctx, "a", keys["paper"])
    bring(ctx, "b", keys["grey"], pages=2)
    reviewed(ctx, "a")
    assert reviewed(ctx, "b")[1] == "code"


def test_papers_without_numbers_are_found_by_their_looks(ctx: Services, keys: dict[str, str]) -> None:
    """Where no long number was read, parts of the image key lead to the other scan."""
    words = "Giấy xác nhận của ông bà tổ dân phố về nơi ở hiện nay của công dân"
    bring(ctx, "a", keys["paper"], words)
    bring(ctx, "b", keys["grey"], words)
    reviewed(ctx, "a")
    assert "known by image" in reviewed(ctx, "b")[2]


def test_the_same_business_is_asked_about(ctx: Services, keys: dict[str, str]) -> None:
    """Another paper of the same owner, type, number and day is held, however different it looks and reads."""
    bring(ctx, "a", keys["paper"], fields=FIELDS)
    same: dict[FieldName, str] = {**FIELDS, "number_symbol": "0215 / 2019"}
    bring(ctx, "b", keys["permit"], "Bản sao khác hẳn", same)
    reviewed(ctx, "a")
    assert "The same paper as a, known by business." in reviewed(ctx, "b")[2]


@pytest.mark.parametrize("missing", ["owner_id", "number_symbol", "issued_date"])
def test_half_a_business_key_is_none(ctx: Services, missing: FieldName) -> None:
    """Papers without owner and issuer, without number or without date are not compared by them."""
    fields = {name: value for name, value in FIELDS.items() if name != missing}
    described = Described.model_validate_json(_record(ctx, bring(ctx, "a", None, fields=fields)))
    assert identity_of(_looking(described), ctx).business_key is None


def test_numbers_of_two_issuers_are_two_papers(ctx: Services) -> None:
    """A paper of the administration itself has no owner; its number counts within its issuer."""
    found = set()
    for name, issuer in (("a", "Ủy ban nhân dân phường Hải Châu"), ("b", "Ủy ban nhân dân phường Hòa Minh")):
        fields: dict[FieldName, str] = {"number_symbol": "12/QĐ-UBND", "issued_date": "2026-01-05", "issuer": issuer}
        described = Described.model_validate_json(_record(ctx, bring(ctx, name, None, fields=fields)))
        found.add(identity_of(_looking(described), ctx).business_key)
    assert len(found) == 2
    assert None not in found


def _looking(described: Described) -> Described:
    """With some look, which else is found in its file."""
    return described.model_copy(update={"image_key": "0" * 64})


def _record(ctx: Services, name: str) -> str:
    entry = ctx.ledger.entry(name)
    assert entry is not None
    return entry.record


def test_doubts_are_told_with_the_duplicate(ctx: Services, keys: dict[str, str]) -> None:
    """Who decides about a duplicate also sees what else is in doubt, because releasing accepts both."""
    bring(ctx, "a", keys["paper"])
    bring(ctx, "b", keys["grey"], doubts=("issuer: missing",))
    reviewed(ctx, "a")
    assert "besides: issuer: missing" in reviewed(ctx, "b")[2]


# Order


def test_the_earlier_one_wins(ctx: Services, keys: dict[str, str]) -> None:
    """The later paper waits for the earlier one, though it was ready first; then the later one is the duplicate."""
    bring(ctx, "a", keys["paper"])
    bring(ctx, "b", keys["grey"])
    assert reviewed(ctx, "b") == ("elsewhere", "describe", "")
    reviewed(ctx, "a")
    assert reviewed(ctx, "b")[0] == "held"


def test_a_held_paper_was_here_first(ctx: Services, keys: dict[str, str]) -> None:
    """A paper that waits for a person for other reasons is found by the one that comes after it."""
    bring(ctx, "a", keys["paper"], doubts=("issuer: missing",))
    bring(ctx, "b", keys["grey"])
    assert reviewed(ctx, "a")[2].startswith("review:")
    assert "The same paper as a," in reviewed(ctx, "b")[2]


def test_a_paper_of_unknown_words_is_asked_about(ctx: Services, keys: dict[str, str]) -> None:
    """When the earlier paper's words are lost, a person compares; the later one does not pass unseen."""
    bring(ctx, "a", keys["paper"])
    reviewed(ctx, "a")
    bring(ctx, "b", keys["grey"])
    shutil.rmtree(ctx.settings.work_folder / "a")
    assert "The same paper as a," in reviewed(ctx, "b")[2]


def test_a_stage_that_runs_again_finds_the_same(ctx: Services) -> None:
    """After a kill the stage introduces the paper once more: it keeps its place, and does not find itself."""
    identity = Identity(business_key="k")
    for _ in range(2):
        assert ctx.ledger.introduce("a", identity) == []
        assert [item.document_id for item in ctx.ledger.introduce("b", identity)] == ["a"]


def _introduce(url: str, name: str) -> int:
    with open_ledger(url) as ledger:
        return len(ledger.introduce(name, Identity(business_key="k", image_key="0" * 64, marks=(1, 2))))


def test_of_many_at_once_one_is_the_first(tmp_path: Path) -> None:
    """Processes that introduce the same paper at the same time find none, one, two ... others: nobody is overlooked."""
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    with open_ledger(url):
        pass
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = pool.starmap(_introduce, [(url, f"d{number}") for number in range(9)])
    assert sorted(found) == list(range(9))


# Policies


def open_with(tmp_path: Path, **policies: str) -> Settings:
    """Settings with policies for duplicates."""
    named = {f"KHOSO_DUPLICATES__{name.upper()}": value for name, value in policies.items()}
    return load_settings(tmp_path / "home", named)


def test_nothing_is_linked_to_what_is_not_archived(tmp_path: Path, keys: dict[str, str]) -> None:
    """Under `link` too, a person decides while the other paper may still be discarded."""
    with open_services(open_with(tmp_path, image="link")) as ctx:
        bring(ctx, "a", keys["paper"], doubts=("issuer: missing",))
        bring(ctx, "b", keys["grey"])
        assert reviewed(ctx, "a")[0] == "held"
        outcome, _, reason = reviewed(ctx, "b")
        assert outcome == "held"
        assert "same_document: The same paper as a, known by image; it is not archived there" in reason


def test_refused_without_asking(tmp_path: Path, keys: dict[str, str]) -> None:
    """Under `refuse` the paper is refused with the other one's id."""
    with open_services(open_with(tmp_path, business="refuse")) as ctx:
        bring(ctx, "a", keys["paper"], fields=FIELDS)
        bring(ctx, "b", keys["permit"], "khác", FIELDS)
        reviewed(ctx, "a")
        outcome, _, reason = reviewed(ctx, "b")
        assert outcome == "refused"
        assert reason.startswith("same_document: The same paper as a,")


@pytest.mark.parametrize(("both", "state"), [("link", "held"), ("ask", "held"), ("refuse", "refused")])
def test_both_keys_have_a_policy_of_their_own(tmp_path: Path, keys: dict[str, str], both: str, state: str) -> None:
    """What numbers and looks agree on ends as the settings say; nothing is linked to what is not archived."""
    with open_services(open_with(tmp_path, both=both)) as ctx:
        bring(ctx, "a", keys["paper"], fields=FIELDS)
        bring(ctx, "b", keys["grey"], fields=FIELDS)
        reviewed(ctx, "a")
        assert reviewed(ctx, "b")[0] == state


@pytest.mark.parametrize(("policy", "state"), [("link", "duplicate"), ("refuse", "refused")])
def test_equal_bytes(tmp_path: Path, policy: str, state: str) -> None:
    """Equal bytes are linked or refused at the door, with the first one's id; the first one goes on."""
    with open_services(open_with(tmp_path, bytes=policy)) as ctx:
        seen = []
        for name in ("a.pdf", "b.pdf"):
            (tmp_path / name).write_bytes(b"%PDF-1.7 the same")
            seen.append(take_in(ctx, tmp_path / name, open_batch(ctx, "k"), Statement()))
        assert [item.state for item in seen] == ["received", state]
        assert f"the same file as document {seen[0].document_id}" in seen[1].reason.text()
        assert [entry.state for entry in ctx.ledger.entries()] == ["waiting"]


# Held papers, and the way to them


def test_the_catalogue_finds_what_is_held(tmp_path: Path) -> None:
    """Held papers are found by business key and by marks in common, and forgotten with the catalogue."""
    with opened_catalogue(tmp_path) as catalogue:
        catalogue.add(held_paper("a"), Identity(business_key="k"))
        catalogue.add(held_paper("b"), Identity(image_key="ff", marks=(3, 7)))
        catalogue.add(held_paper("c"), Identity(business_key="other", image_key="ff", marks=(5,)))
        of_many = Identity(image_key="0f", marks=(3, 5, 7, 9), in_common=2)
        assert [item.document_id for item in catalogue.alike("new", of_many)] == ["b"]
        found = catalogue.alike("new", Identity(business_key="k", image_key="0f", marks=(7, 9)))
        assert [(item.document_id, item.same_business, item.image_key) for item in found] == [
            ("a", True, None),
            ("b", False, "ff"),
        ]
        with catalogue.anew():
            pass
        assert catalogue.alike("new", Identity(business_key="k", image_key="0f", marks=(7, 9))) == []


def test_the_lookup_reads_no_whole_table(tmp_path: Path) -> None:
    """Every statement of the lookup goes through an index, so a million papers do not slow it down."""
    path = tmp_path / "catalogue.sqlite"
    asked: list[tuple[str, Any]] = []
    with opened_catalogue(tmp_path) as catalogue:
        catalogue.add(held_paper("a"), Identity(business_key="k", image_key="ff", marks=(3,)))
        event.listen(
            catalogue._engine, "before_cursor_execute", lambda *got: asked.append((got[2], got[3])), named=False
        )
        assert catalogue.alike("new", Identity(business_key="k", image_key="ff", marks=(3,)))
    selects = [(text, values) for text, values in asked if text.startswith("SELECT")]
    assert selects
    with sqlite3.connect(path) as db:
        plans = [row[3] for text, values in selects for row in db.execute(f"EXPLAIN QUERY PLAN {text}", values)]
    db.close()
    assert any("USING" in plan for plan in plans)
    assert not [plan for plan in plans if plan.startswith("SCAN") and "CONSTANT ROW" not in plan]


@pytest.mark.parametrize("kind", ["ledger", "catalogue"])
def test_an_older_store_is_brought_up(tmp_path: Path, kind: DatabaseKind) -> None:
    """A store of the first schema opens with the new tables, and has exactly the columns that the program uses."""
    path = tmp_path / f"{kind}.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(opening.MIGRATIONS))
    config.set_main_option("version_locations", str(opening.MIGRATIONS / kind))
    config.set_main_option("path_separator", "os")
    config.attributes.update(engine=engine, version_table=f"{kind}_version")
    command.upgrade(config, f"{kind}_0001")
    assert not [name for name in inspect(engine).get_table_names() if "identities" in name]
    engine.dispose()
    with opening.open_database(f"sqlite:///{path}", kind) as opened:
        metadata = archived.table.metadata if kind == "catalogue" else _ledger_tables().table.metadata
        for table in metadata.sorted_tables:
            columns = {column["name"] for column in inspect(opened).get_columns(table.name)}
            assert columns == {column.name for column in table.columns}
            indexes = {item["name"] for item in inspect(opened).get_indexes(table.name)}
            assert indexes == {item.name for item in table.indexes}


def _ledger_tables() -> Identities:
    from archive.tables import introduced  # noqa: PLC0415 (beside its use, to tell the two apart)

    return introduced


# The whole way


def khoso(home: Path, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and lines of a command in this process."""
    handlers = logging.root.handlers[:]  # a command sets up logging for its own process
    try:
        done = CliRunner().invoke(app, [*arguments, "--home", str(home), "--json"])
    finally:
        logging.root.handlers[:] = handlers
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]


def test_a_paper_of_its_own(ctx: Services, keys: dict[str, str]) -> None:
    """Released by a person, the paper passes beside the other one and gets a code of its own."""
    bring(ctx, "a", keys["paper"], fields=SURE)
    bring(ctx, "b", keys["permit"], "khác", SURE)
    reviewed(ctx, "a")
    assert reviewed(ctx, "b")[1] == "describe"
    assert khoso(ctx.settings.home, "review", "b", "--discard", "--release")[0] == 2
    assert khoso(ctx.settings.home, "review", "b", "--release", "--who", "tester")[1][0]["stage"] == "code"
    first, own = (str(document_view(ctx, name).code) for name in ("a", "b"))
    assert own == first.replace(".01", ".02")


def test_fields_set_do_not_release_it(ctx: Services, keys: dict[str, str]) -> None:
    """Putting a field right is no decision about the duplicate: the paper is compared again."""
    bring(ctx, "a", keys["paper"], fields=SURE)
    bring(ctx, "b", keys["permit"], "khác", SURE)
    reviewed(ctx, "a")
    reviewed(ctx, "b")
    again = khoso(ctx.settings.home, "review", "b", "--set", "issuer=Ủy ban nhân dân phường Hải Châu")[1][0]
    assert again["reason"].startswith("same_document:")
    other = [part for name, value in OTHER_FIELDS.items() for part in ("--set", f"{name}={value}")]
    assert khoso(ctx.settings.home, "review", "b", *other)[1][0]["stage"] == "code"


def test_only_duplicates_are_discarded(ctx: Services) -> None:
    """A paper that is held for another reason cannot be ended as a duplicate."""
    bring(ctx, "a", None, doubts=("issuer: missing",))
    reviewed(ctx, "a")
    assert khoso(ctx.settings.home, "review", "a", "--discard")[0] == 2
    assert document_view(ctx, "a").state == "held"


def test_the_whole_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new scan of an archived paper is held; discarded it leaves nothing, and neither file is taken in again."""
    monkeypatch.setenv("KHOSO_DUPLICATES__BOTH", "ask")
    monkeypatch.setenv("KHOSO_INTAKE__UNDO_DAYS", "0")
    home, scans = tmp_path / "home", tmp_path / "in"
    scans.mkdir()
    for name, seed, scanner in (("1.jpg", 1, Scanner()), ("2.png", 2, Scanner("png", grey=True))):
        scanner.write([scan(printed(), seed, scanner)], scans / name)
    code, (first, second) = khoso(home, "ingest", str(scans), "--workers", "1")
    assert (code, first["state"], second["state"]) == (3, "archived", "held")
    assert second["reason"].startswith(f"same_document: The same paper as {first['id']} (048*******75.KQ.G15.")

    code, (ended,) = khoso(home, "review", second["id"], "--discard")
    assert (code, ended["state"], ended["pdf"]) == (0, "duplicate", None)
    assert khoso(home, "review", second["id"], "--discard")[0] == 2  # it was decided already
    code, again = khoso(home, "ingest", str(scans), "--workers", "1")
    assert (code, {line["state"] for line in again}) == (0, {"duplicate"})
    assert list((home / "inbox").iterdir()) == []
    counts = [line for line in khoso(home, "status")[1] if "batch" in line]
    assert [sum(batch[name] for batch in counts) for name in ("archived", "held", "duplicate")] == [1, 0, 1]

    with open_services(load_settings(home, {})) as ctx:  # the vault is enough to know the paper again
        assert rebuild_catalogue(ctx).papers == 1
        paper = ctx.catalogue.paper(first["id"])
        assert paper is not None
        identity = read_package(ctx.vault.get(paper.object_id)).identity
        assert identity.marks
        assert [item.document_id for item in ctx.catalogue.alike("new", identity)] == [first["id"]]
