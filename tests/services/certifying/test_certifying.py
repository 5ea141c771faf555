"""An e-copy of an original that was seen is certified once for a dossier, under a number that nothing else has."""

import hashlib
import io
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from archive.interface import Paper
from archive.package import METADATA, PDF, read_package
from config.models import Catalogues
from config.settings import load_settings
from domain.clock import now
from domain.errors import ExitCode, KhosoError, NotFound, NotValid, SetupError, UsageError
from pipeline.context import digest
from services.certifying.certifying import certify_paper
from services.certifying.entries import certified_as
from services.certifying.register import certified_book
from services.context import Services, open_services
from services.history import history_of
from services.permissions import Asker, NotAllowed, user_of_the_machine
from services.rebuild import rebuild
from services.standing import change_standing
from services.verify import verify
from signing.pades.conformance import prove
from signing.verification.verify import open_anchors, verify_pdf
from tests.support.certifying import DOSSIER, LAN, TITLE, clerk
from tests.support.crashes import Trial
from tests.support.desk import WHY, run_json
from tests.support.held_papers import OWNER, hold
from tests.support.rewritten import metadata_of, rewrite
from tests.support.written_pdfs import page

ARCHIVIST = Asker(who="bình", office="H17.12", role="archivist")


def only_paper(ctx: Services) -> Paper:
    """The paper of the store."""
    (paper,) = ctx.catalogue.all()
    return paper


def text_of(pdf: Path) -> str:
    """What is written on the first page, its marks too."""
    with pikepdf.open(pdf) as document:  # the marks as a part of the page, which no reader of texts looks into else
        document.flatten_annotations()
        flat = io.BytesIO()
        document.save(flat)
    return re.sub(r"\s+", " ", pypdfium2.PdfDocument(flat)[0].get_textpage().get_text_range())


def told(ctx: Services, word: str) -> list[dict[str, Any]]:
    """The events of a kind, the chain checked."""
    return [dict(item) for item in ctx.journal.events() if item["event"] == word]


def test_the_statement_is_signed_and_sealed_and_kept(desk: Services, tmp_path: Path) -> None:
    """Number, book, day, name and title stand on it; both signatures stand; it is PDF/A, and its paper is as it was."""
    paper = only_paper(desk)
    before = {name: digest(path) for name, path in desk.vault.get(paper.object_id).files.items() if name != METADATA}
    target = tmp_path / "certified.pdf"
    made = certify_paper(desk, clerk(), paper.id, dossier=DOSSIER, target=target, reason=WHY)
    prove(target)
    said, day = text_of(target), now()
    for text in (
        "Chứng thực bản sao đúng với bản chính",
        f"Số chứng thực 1, quyển số 01/{day.year} - SCTĐT/BS",
        f"Ngày {day:%d} tháng {day:%m} năm {day.year}",
        f"{TITLE}: {LAN}",
        "SAO Y",
    ):
        assert text in said, said
    assert "Người số hóa" not in said
    verdicts = verify_pdf(target.read_bytes(), open_anchors(desk.settings.signing))
    assert [(item.role, item.sound, item.trusted) for item in verdicts] == [("copy", True, True), ("seal", True, True)]
    assert verdicts[0].signer == LAN
    files = desk.vault.get(paper.object_id).files
    kept = f"certified/H17.12-{day.year}-1.pdf"
    assert {name: digest(path) for name, path in files.items() if name not in {METADATA, kept}} == before
    assert digest(files[kept]) == made.sha256 == digest(target)
    assert OWNER not in str(made)


def test_journal_and_book_have_it(desk: Services, tmp_path: Path) -> None:
    """Who certified what for which dossier, and each time that it was handed out with the digest of the file."""
    paper = only_paper(desk)
    made = certify_paper(
        desk, clerk(), paper.id, dossier=DOSSIER, target=tmp_path / "a.pdf", component="KQ.G15.000037", reason=WHY
    )
    (event,) = told(desk, "certified")
    assert (event["subject"], event["number"], event["dossier"], event["who"]) == (paper.id, 1, DOSSIER, "lan")
    (given,) = told(desk, "certified_given")
    assert given["sha256"] == made.sha256
    (entry,) = certified_book(desk, ARCHIVIST)
    assert (entry.number, entry.component, entry.sha256, entry.done) == (1, "KQ.G15.000037", made.sha256, True)
    assert OWNER not in str(event)


def test_the_history_of_a_paper_tells_its_certified_copies(desk: Services, tmp_path: Path) -> None:
    """Number, book, office, dossier and certifier; nothing of a paper without."""
    paper = only_paper(desk)
    assert [item for item in history_of(desk, ARCHIVIST, paper.id) if item.told.word == "certified"] == []
    certify_paper(desk, clerk(), paper.id, dossier=DOSSIER, target=tmp_path / "a.pdf", reason=WHY)
    (line,) = [item for item in history_of(desk, ARCHIVIST, paper.id) if item.told.word == "certified"]
    assert (line.stage, line.worker) == ("certify", "lan")
    assert DOSSIER in line.error


def test_the_same_again_is_the_same_copy(desk: Services, tmp_path: Path) -> None:
    """For one dossier there is one number, whoever asks; for another dossier there is the next one."""
    paper = only_paper(desk)
    first = certify_paper(desk, clerk(), paper.id, dossier=DOSSIER, target=tmp_path / "a.pdf", reason=WHY)
    again = certify_paper(desk, clerk("hoa"), paper.id, dossier=DOSSIER, target=tmp_path / "b.pdf", reason=WHY)
    other = certify_paper(
        desk, clerk("hoa"), paper.id, dossier="H17.12-261130-0008", target=tmp_path / "c.pdf", reason=WHY
    )
    assert (again.number, again.sha256, again.signer) == (first.number, first.sha256, first.signer)
    assert other.number == 2
    assert [event["number"] for event in told(desk, "certified")] == [1, 2]
    assert len(told(desk, "certified_given")) == 3


def refused(ctx: Services, target: Path, by: Asker, code: str, dossier: str = DOSSIER) -> KhosoError:
    """What is said when nothing is certified: no file, no number, no event of one."""
    with pytest.raises(KhosoError) as caught:
        certify_paper(ctx, by, code, dossier=dossier, target=target, reason=WHY)
    assert not target.exists()
    assert ctx.desk.books.entries("certified_copy") == []
    assert told(ctx, "certified") == []
    return caught.value


@pytest.mark.parametrize(
    ("who", "kind", "remedy"),
    [
        ("cúc", NotAllowed, "ask_certifier"),
        ("tuan", NotAllowed, "ask_certifier"),
        ("mai", SetupError, "enter_title"),
    ],
)
def test_who_certifies_is_data(desk: Services, tmp_path: Path, who: str, kind: type[KhosoError], remedy: str) -> None:
    """No officer, one who signs desk copies only, and one without a title."""
    error = refused(desk, tmp_path / "a.pdf", clerk(who), only_paper(desk).id)
    assert (type(error), error.remedy) == (kind, remedy)


def test_nobody_certifies_beyond_his_office(desk: Services, tmp_path: Path) -> None:
    """A paper of another agency is not there, as one that nobody has is not."""
    other = refused(desk, tmp_path / "a.pdf", clerk("lan", "H17.13"), only_paper(desk).id)
    none = refused(desk, tmp_path / "a.pdf", clerk("lan", "H17.13"), "none")
    assert isinstance(other, NotFound)
    assert str(other).replace(only_paper(desk).id, "none") == str(none)


def test_what_ceased_to_count_is_not_certified(desk: Services, tmp_path: Path) -> None:
    """A paper that was revoked."""
    paper = only_paper(desk)
    change_standing(desk, ARCHIVIST, paper.id, "revoked", reason="QĐ 12")
    error = refused(desk, tmp_path / "a.pdf", clerk(), paper.id)
    assert (type(error), error.remedy) == (NotValid, "bring_one_in_force")


@pytest.mark.parametrize("stated", ["photocopy", "certified_copy"])
def test_copies_of_copies_are_not_certified(desk: Services, tmp_path: Path, stated: str) -> None:
    """What was stated as a copy, and of which nobody said since that it is an original."""
    paper = only_paper(desk)
    folder = desk.vault.get(paper.object_id).path
    metadata = metadata_of(folder)
    metadata["record"]["statement"]["presented"] = stated
    rewrite(folder, metadata)
    assert refused(desk, tmp_path / "a.pdf", clerk(), paper.id).remedy == "bring_original_to_certify"
    said = {"field": "presented", "how": "changed", "before": stated, "after": "original", "who": "an", "reason": "dấu"}
    metadata["record"]["corrections"] = [{**said, "at": "2026-11-01T08:00:00+07:00"}]
    rewrite(folder, metadata)
    assert certify_paper(desk, clerk(), paper.id, dossier=DOSSIER, target=tmp_path / "a.pdf", reason=WHY).number == 1


def test_what_came_signed_has_no_original(desk: Services, tmp_path: Path) -> None:
    """An e-document is handed over or printed, and certified by nobody here."""
    paper = hold(desk, tmp_path, "birth", arrived_signed="trusted", content=page())
    assert refused(desk, tmp_path / "a.pdf", clerk(), paper.id).remedy == "use_or_copy"


def test_rules_without_words_certify_nothing(desk: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the law of the day has no words for is not made up."""
    profiles = tuple(item.model_copy(update={"certified_copy": None}) for item in desk.catalogues.profiles)
    lists: Catalogues = desk.catalogues.model_copy(update={"profiles": profiles})
    monkeypatch.setattr(desk, "catalogues", lists)
    assert isinstance(refused(desk, tmp_path / "a.pdf", clerk(), only_paper(desk).id), SetupError)


def test_without_a_dossier_nothing_is_certified(desk: Services, tmp_path: Path) -> None:
    """The book names the dossier in which it was asked for."""
    error = refused(desk, tmp_path / "a.pdf", clerk(), only_paper(desk).id, dossier="không có")
    assert isinstance(error, UsageError)


def test_verify_tells_what_a_file_was_given_out_as(desk: Services, tmp_path: Path) -> None:
    """By its digest, also where the desk's database was lost; another file is no certified copy."""
    paper = only_paper(desk)
    made = certify_paper(desk, clerk(), paper.id, dossier=DOSSIER, target=tmp_path / "a.pdf", reason=WHY)
    found = verify(desk, clerk(), str(tmp_path / "a.pdf"))
    assert found.valid
    assert found.certified is not None
    assert (found.certified.number, found.certified.book, found.certified.office) == (1, made.book, "H17.12")
    copy = tmp_path / "desk-copy.pdf"
    shutil.copy(desk.vault.get(paper.object_id).files[PDF], copy)
    assert verify(desk, clerk(), str(copy)).certified is None


def test_a_book_of_yesterday_gives_no_number_twice(home: Path, tmp_path: Path) -> None:
    """Put back without the last copy it goes on behind the journal; `rebuild` fills the book from the vault."""
    yesterday = shutil.copytree(home, tmp_path / "yesterday")
    with open_services(load_settings(home, {})) as ctx:
        paper = only_paper(ctx)
        made = certify_paper(ctx, clerk(), paper.id, dossier=DOSSIER, target=tmp_path / "a.pdf", reason=WHY)
    for path in home.glob("desk.sqlite*"):
        path.unlink()
    for path in Path(yesterday).glob("desk.sqlite*"):
        shutil.copy(path, home)
    with open_services(load_settings(home, {})) as ctx:
        assert certified_as(ctx, made.sha256) is not None
        other = certify_paper(
            ctx, clerk(), paper.id, dossier="H17.12-261130-0008", target=tmp_path / "b.pdf", reason=WHY
        )
        assert other.number == 2
        assert [item.number for item in certified_book(ctx, ARCHIVIST)] == [1, 2]
    for path in (*home.glob("desk.sqlite*"), *home.glob("audit.jsonl*")):
        path.unlink()
    settings = load_settings(home, {})
    with open_services(settings, rebuilding=True) as ctx:
        rebuild(ctx, user_of_the_machine(settings))
    with open_services(settings) as ctx:
        entries = certified_book(ctx, ARCHIVIST)
        assert [(item.number, item.sha256, item.done) for item in entries] == [
            (1, made.sha256, True),
            (2, other.sha256, True),
        ]
        third = certify_paper(
            ctx, clerk(), paper.id, dossier="H17.12-261130-0009", target=tmp_path / "c.pdf", reason=WHY
        )
        assert third.number == 3


def test_who_was_cut_off_goes_on_under_his_number(
    desk: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number that was given stays his, and nobody else gets it."""
    paper = only_paper(desk)
    with monkeypatch.context() as patch:
        patch.setattr("services.certifying.certifying.certified_copy", _cut_off)
        with pytest.raises(KeyboardInterrupt):
            certify_paper(desk, clerk(), paper.id, dossier=DOSSIER, target=tmp_path / "a.pdf", reason=WHY)
    assert [item.done for item in certified_book(desk, ARCHIVIST)] == [False]
    other = certify_paper(
        desk, clerk("hoa"), paper.id, dossier="H17.12-261130-0008", target=tmp_path / "b.pdf", reason=WHY
    )
    mine = certify_paper(desk, clerk(), paper.id, dossier=DOSSIER, target=tmp_path / "a.pdf", reason=WHY)
    assert (mine.number, other.number) == (1, 2)


def _cut_off(*_: object) -> None:
    raise KeyboardInterrupt


def test_two_same_commands_at_once_make_one_copy(desk: Services, tmp_path: Path) -> None:
    """The second one waits, and gets what the first one made."""
    paper = only_paper(desk)

    def make(name: str) -> tuple[int, str]:
        with open_services(desk.settings) as own:
            made = certify_paper(own, clerk(), paper.id, dossier=DOSSIER, target=tmp_path / name, reason=WHY)
            return made.number, hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(make, ("a.pdf", "b.pdf")))
    assert found[0] == found[1]
    assert found[0][0] == 1
    assert len(told(desk, "certified")) == 1
    assert len(read_package(desk.vault.get(paper.object_id)).certified) == 1


def test_a_copy_is_certified_once_wherever_it_is_killed(home: Path, tmp_path: Path) -> None:
    """Killed before any of its steps and given again: one number, one event, one version, one file."""
    with open_services(load_settings(home, {})) as ctx:
        paper = only_paper(ctx).id
    trial = Trial(
        home,
        tmp_path,
        "certify",
        paper,
        "--for",
        DOSSIER,
        "-o",
        "{folder}/certified.pdf",
        "--who",
        "lan",
        "--reason",
        WHY,
    )
    assert len(trial.expected["books"]) == 1
    for step in range(1, trial.steps + 1, max(1, trial.steps // 12)):
        trial.disturb(step)


def test_from_the_command_line(home: Path, tmp_path: Path) -> None:
    """`certify` gives the file out, `certified` lists it, `certified --books` the book."""
    settings = load_settings(home, {})
    with open_services(settings) as ctx:
        paper = only_paper(ctx).id
    target = tmp_path / "certified.pdf"
    code, lines = run_json(
        settings, "certify", paper, "--for", DOSSIER, "-o", str(target), "--who", "lan", "--reason", WHY
    )
    assert (code, lines[0]["number"], target.is_file()) == (0, 1, True)
    code, listed = run_json(settings, "certified", "--who", "lan")
    assert (code, [item["number"] for item in listed]) == (0, [1])
    code, books = run_json(settings, "certified", "--books")
    assert (code, [(item["first"], item["last"], item["closed"]) for item in books]) == (0, [(1, 1, None)])
    code, _ = run_json(settings, "certify", paper, "--for", DOSSIER, "-o", str(target))
    assert code == ExitCode.REFUSED
