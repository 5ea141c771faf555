"""A held paper becomes a copy on paper: whole, with its marks, under a number that is given once."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import csv
import io
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from archive.books.books import BookEntry
from archive.interface import Paper
from archive.package import PDF
from config.models import Catalogues
from config.settings import Settings, load_settings
from domain.clock import now
from domain.errors import KhosoError, NotValid, SetupError
from pipeline.context import digest
from pipeline.records import Statement
from services.context import Services, open_services
from services.copies.book import copy_book, write_copy_book
from services.copies.converting import copy_paper
from services.permissions import Asker, NotAllowed
from services.reuse.asking import lookup
from services.standing import change_standing
from signing.pades.conformance import prove
from tests.support.crashes import Trial
from tests.support.desk import WHY, bring, run_json
from tests.support.held_papers import OWNER, hold
from tests.support.written_pdfs import NOTICE, page

DOSSIER = "H17.12-261124-0001"
CLERK = Asker(who="an", office="H17.12", role="desk")
ARCHIVIST = Asker(who="bình", office="H17.12", role="archivist")
_STATED = Statement(
    type_code="TP.H17.990103",
    dossier="H17.12-260101-0001",
    fields={
        "owner_id": OWNER,
        "number_symbol": "45/TB-UBND",
        "issued_date": "2026-03-12",
        "issuer": "Ủy ban nhân dân phường Hải Châu",
        "abstract": "Về việc tiếp nhận hồ sơ",
    },
)


@pytest.fixture(scope="module")
def digitised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a notice of two pages that went the whole way."""
    folder = tmp_path_factory.mktemp("digitised")
    with open_services(load_settings(folder / "home", {"KHOSO_RECOGNITION__MODE": "fast"})) as ctx:
        path = folder / "notice.pdf"
        path.write_bytes(page(NOTICE))
        document = bring(ctx, path, _STATED)
        assert ctx.catalogue.paper(document) is not None, ctx.ledger.entry(document)
    return folder / "home"


@pytest.fixture
def desk(digitised: Path, tmp_path: Path) -> Iterator[Services]:
    """That store, after a clerk asked for the paper."""
    home = shutil.copytree(digitised, tmp_path / "home")
    with open_services(load_settings(home, {})) as ctx:
        ask(ctx)
        yield ctx


def ask(ctx: Services, by: Asker = CLERK) -> None:
    """A clerk asks for the paper, for the dossier."""
    (answer,) = lookup(ctx, by, owner_id=OWNER, dossier=DOSSIER, type_code="TP.H17.990103", reason=WHY)
    assert answer.answer == "held-and-valid"


def only_paper(ctx: Services) -> Paper:
    """The paper of the store."""
    (paper,) = ctx.catalogue.all()
    return paper


def words(pdf: Path) -> list[str]:
    """What is written on each sheet, but what is in pictures."""
    opened = pypdfium2.PdfDocument(pdf)
    return [re.sub(r"\s+", " ", sheet.get_textpage().get_text_range()) for sheet in opened]


def copied(ctx: Services) -> list[dict[str, Any]]:
    """The events of copies, the chain checked."""
    return [dict(item) for item in ctx.journal.events() if item["event"] == "copied"]


def test_a_copy_has_all_marks_and_the_vault_is_untouched(desk: Services, tmp_path: Path) -> None:
    """System, owner, code, number, converter, dossier and the law stand on it; it is PDF/A; its paper is as it was."""
    paper = only_paper(desk)
    stored = desk.vault.get(paper.object_id)
    before = {name: digest(path) for name, path in stored.files.items()}
    target = tmp_path / "copy.pdf"
    made = copy_paper(desk, CLERK, "1", dossier=DOSSIER, target=target)
    prove(target)
    said = words(target)
    assert len(said) == made.pages == paper.pages
    year = now().year
    for text in (
        "TÀI LIỆU LƯU TRỮ CHUYỂN ĐỔI",
        "Kho số",
        paper.digitisation_code,
        f"số 1/{year}",
        DOSSIER,
        "45/2020/NĐ-CP",
        "NGƯỜI CHUYỂN ĐỔI",
        desk.catalogues.agency("H17.12").name,
    ):
        assert text in said[-1], text
    assert re.search(r"NGƯỜI CHUYỂN ĐỔI .* an\b", said[-1])
    assert f"trang 1/{paper.pages}" in said[0]
    after = {name: digest(path) for name, path in desk.vault.get(paper.object_id).files.items()}
    assert after == before
    (event,) = copied(desk)
    assert (event["who"], event["dossier"], event["number"], event["proof"]) == ("an", DOSSIER, 1, "valid")
    assert OWNER not in str(event)


def test_marks_cover_nothing(desk: Services, tmp_path: Path) -> None:
    """The page's picture ends above the line under which the marks stand, and has the ink of both signatures' marks."""
    target = tmp_path / "copy.pdf"
    copy_paper(desk, CLERK, "1", dossier=DOSSIER, target=target)
    (sheet,) = pypdfium2.PdfDocument(target)
    (picture,) = (item for item in sheet.get_objects() if item.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE)
    lowest = picture.get_bounds()[1]
    texts = [item.get_bounds() for item in sheet.get_objects() if item.type == pypdfium2.raw.FPDF_PAGEOBJ_TEXT]
    assert texts
    assert max(bounds[3] for bounds in texts) < lowest
    drawn = picture.get_bitmap().to_numpy()
    height, width = drawn.shape[:2]
    corners = (drawn[: height // 25, : width // 2], drawn[: height // 25, width // 2 :])
    assert all((corner < 100).mean() > 0.005 for corner in corners)


def refused(ctx: Services, target: Path, by: Asker = CLERK, code: str = "") -> KhosoError:
    """What is said when no copy is made; nothing is written, no number is given."""
    with pytest.raises(KhosoError) as caught:
        copy_paper(ctx, by, code or only_paper(ctx).id, dossier=DOSSIER, target=target)
    assert not target.exists()
    assert ctx.desk.books.entries("paper_copy") == []
    assert copied(ctx) == []
    return caught.value


def test_nobody_copies_what_was_not_asked_for(digitised: Path, tmp_path: Path) -> None:
    """Without a look-up for the dossier at the office a paper is not there, held or not."""
    home = shutil.copytree(digitised, tmp_path / "home")
    with open_services(load_settings(home, {})) as ctx:
        held = refused(ctx, tmp_path / "a.pdf")
        none = refused(ctx, tmp_path / "a.pdf", code="none")
        assert isinstance(held, NotAllowed)
        assert str(held) == str(none)


def test_a_paper_of_another_agency_is_copied_by_its_keeper(desk: Services, tmp_path: Path) -> None:
    """A desk that may use it may not convert it."""
    other = Asker(who="chi", office="H17.13", role="desk")
    ask(desk, other)
    error = refused(desk, tmp_path / "a.pdf", other)
    assert (isinstance(error, NotAllowed), error.remedy) == (True, "keeper_converts")


def test_what_counts_no_more_is_not_copied(desk: Services, tmp_path: Path) -> None:
    """A paper that was revoked after it was asked for."""
    archivist = Asker(who="bình", office="H17.12", role="archivist")
    change_standing(desk, archivist, only_paper(desk).id, "revoked", reason="QĐ 12")
    assert isinstance(refused(desk, tmp_path / "a.pdf"), NotValid)


def test_what_is_not_signed_is_not_copied(ctx: Services, tmp_path: Path) -> None:
    """A paper whose PDF has no signature is no e-document of an agency."""
    paper = hold(ctx, tmp_path, "birth", type_code="TP.H17.990103", content=page())
    ask(ctx)
    error = refused(ctx, tmp_path / "a.pdf", code=paper.id)
    assert (isinstance(error, NotValid), error.remedy) == (True, "see_what_verify_says")
    assert [item["reason"] for item in ctx.journal.events() if item["event"] == "refused"] == ["unsigned"]


def test_what_was_changed_since_it_was_signed_is_not_copied(
    desk: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though catalogue and vault agree about the file, its signature does not stand."""
    paper = only_paper(desk)
    path = desk.vault.get(paper.object_id).files[PDF]
    writer = IncrementalPdfFileWriter(io.BytesIO(path.read_bytes()))
    writer.add_stream_to_page(0, writer.add_object(generic.StreamObject(stream_data=b"0 0 300 300 re f")))
    path.chmod(0o600)
    with path.open("wb") as file:
        writer.write(file)
    changed = paper.model_copy(update={"pdf_sha256": digest(path)})
    monkeypatch.setattr(desk.catalogue, "paper", lambda _: changed)
    monkeypatch.setattr(desk.vault, "check", lambda _: None)
    error = refused(desk, tmp_path / "a.pdf")
    assert error.remedy == "see_what_verify_says"
    reasons = [item["reason"] for item in desk.journal.events() if item["event"] == "refused"]
    assert reasons == ["broken"]


def test_rules_without_words_make_no_copy(desk: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the law of the day has no words for is not made up."""
    profiles = tuple(item.model_copy(update={"paper_copy": None}) for item in desk.catalogues.profiles)
    lists: Catalogues = desk.catalogues.model_copy(update={"profiles": profiles})
    monkeypatch.setattr(desk, "catalogues", lists)
    assert isinstance(refused(desk, tmp_path / "a.pdf"), SetupError)


def test_every_copy_has_a_number_of_its_own(desk: Services, tmp_path: Path) -> None:
    """Copies of one paper count up within office and year; the book tells them all, without the owner's number."""
    for number in (1, 2, 3):
        made = copy_paper(desk, CLERK, "1", dossier=DOSSIER, target=tmp_path / f"{number}.pdf")
        assert made.number == f"{number}/{now().year}"
    archivist = Asker(who="bình", office="H17.12", role="archivist")
    entries = copy_book(desk, archivist)
    assert [(item.number, item.who, item.done) for item in entries] == [
        (f"{number}/{now().year}", "an", True) for number in (1, 2, 3)
    ]
    assert OWNER not in str(entries)
    assert write_copy_book(desk, archivist, tmp_path / "book.csv") == 3
    rows = list(csv.reader(io.StringIO((tmp_path / "book.csv").read_text(encoding="utf-8-sig"))))
    assert [row[0] for row in rows] == ["Số", *(item.number for item in entries)]


def test_a_desks_database_of_yesterday_gives_no_number_twice(digitised: Path, tmp_path: Path) -> None:
    """Put back without the last copies, it goes on behind the number that the journal tells; the book tells all."""
    home = Path(shutil.copytree(digitised, tmp_path / "home"))
    with open_services(load_settings(home, {})) as ctx:
        ask(ctx)
    shutil.copytree(home, tmp_path / "yesterday")
    with open_services(load_settings(home, {})) as ctx:
        for name in ("a", "b"):
            copy_paper(ctx, CLERK, "1", dossier=DOSSIER, target=tmp_path / f"{name}.pdf")
    for path in home.glob("desk.sqlite*"):
        path.unlink()
    for path in (tmp_path / "yesterday").glob("desk.sqlite*"):
        shutil.copy(path, home)
    with open_services(load_settings(home, {})) as ctx:
        assert copy_paper(ctx, CLERK, "1", dossier=DOSSIER, target=tmp_path / "c.pdf").number == f"3/{now().year}"
        archivist = Asker(who="bình", office="H17.12", role="archivist")
        assert [item.number.partition("/")[0] for item in copy_book(ctx, archivist)] == ["1", "2", "3"]


def test_a_copy_that_was_cut_off_gets_its_number_again(
    desk: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks again goes on with the entry that was begun; another person does not."""
    with monkeypatch.context() as patch:
        patch.setattr("services.copies.converting.print_copy", _cut_off)
        with pytest.raises(KeyboardInterrupt):
            copy_paper(desk, CLERK, "1", dossier=DOSSIER, target=tmp_path / "a.pdf")
    archivist = Asker(who="bình", office="H17.12", role="archivist")
    assert [item.done for item in copy_book(desk, archivist)] == [False]
    ask(desk, other := Asker(who="dung", office="H17.12", role="desk"))
    theirs = copy_paper(desk, other, "1", dossier=DOSSIER, target=tmp_path / "b.pdf")
    mine = copy_paper(desk, CLERK, "1", dossier=DOSSIER, target=tmp_path / "a.pdf")
    assert [item.number.partition("/")[0] for item in (mine, theirs)] == ["1", "2"]
    assert [event["number"] for event in copied(desk)] == [2, 1]


def _cut_off(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_copy_is_made_once_wherever_it_is_killed(digitised: Path, tmp_path: Path) -> None:
    """Killed before any of its steps and given again: one number, one event, one file."""
    home = Path(shutil.copytree(digitised, tmp_path / "store" / "home"))
    with open_services(load_settings(home, {})) as ctx:
        ask(ctx)
    trial = Trial(home, tmp_path, "copy", "1", "--for", DOSSIER, "-o", "{folder}/copy.pdf", "--who", "an")
    for step in range(1, trial.steps + 1, max(1, trial.steps // 12)):
        trial.disturb(step)


def test_many_at_once_get_numbers_without_a_gap(settings: Settings) -> None:
    """Begun at the same time through two openings of the store; who begins the same again gets the same."""
    with open_services(settings) as one, open_services(settings) as other, ThreadPoolExecutor(8) as pool:
        books = (one.desk.books, other.desk.books)
        people = [str(number) for number in range(12)]
        got = list(pool.map(lambda who: books[int(who) % 2].begin(_begun(who), at_least=1).number, people))
        again = [books[0].begin(_begun(who), at_least=1).number for who in people]
    assert sorted(got) == list(range(1, 13))
    assert again == got


def test_two_same_commands_at_once_make_two_copies_with_numbers_of_their_own(desk: Services, tmp_path: Path) -> None:
    """Two files never bear one number: the second one waits for the first, and is an entry of its own."""

    def make(name: str) -> str:
        with open_services(desk.settings) as own:
            return copy_paper(own, CLERK, "1", dossier=DOSSIER, target=tmp_path / name).number

    with ThreadPoolExecutor(2) as pool:
        numbers = sorted(pool.map(make, ("a.pdf", "b.pdf")))
    assert numbers == [f"{number}/{now().year}" for number in (1, 2)]
    assert [(item.number, item.done) for item in copy_book(desk, ARCHIVIST)] == [(number, True) for number in numbers]
    assert len(copied(desk)) == 2


def _begun(who: str) -> BookEntry:
    at = now()
    return BookEntry(
        book="paper_copy",
        office="H17.12",
        year=at.year,
        number=0,
        at=at,
        who=who,
        paper_id="birth",
        code="",
        dossier=DOSSIER,
        pages=1,
        sha256="",
    )


def test_from_the_command_line(desk: Services, tmp_path: Path) -> None:
    """The commands make a copy and list it, by a name that the dossier and the number give."""
    target = tmp_path / "copy.pdf"
    code, lines = run_json(
        desk.settings, "copy", "1", "--for", DOSSIER, "--out", str(target), "--who", "an", "--office", "H17.12"
    )
    assert (code, lines[0]["number"], target.exists()) == (0, f"1/{now().year}", True)
    code, lines = run_json(desk.settings, "copies")
    assert (code, [line["paper"] for line in lines]) == (0, [only_paper(desk).id])
