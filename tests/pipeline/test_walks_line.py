"""From a reason that stops a paper on its way to the step that it names, and to an archived paper."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import ocrmypdf
import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFilter

import pipeline.stages.archive
import pipeline.stages.conform
import pipeline.stages.describe
import pipeline.stages.prepare
import pipeline.stages.sign
from archive.errors import VaultDamaged
from config.models import Catalogues
from config.settings import load_settings
from domain.clock import now
from domain.errors import ExitCode, Held
from pipeline.context import digest
from pipeline.embedded import blame
from pipeline.errors import OutOfMemory, OutOfTime, WorkerLost, WorkFileDamaged
from pipeline.intake import open_batch, take_in
from pipeline.recognition import engine
from pipeline.recognition.page import UnreadablePage
from pipeline.records import Described, File, Statement
from pipeline.runner import advance, run_through
from services.context import Services, open_services
from signing.errors import NotConforming, SignatureBroken
from tests.support import drawn_pages
from tests.support.desk import STATED, given, khoso, run_json
from tests.support.door import SECRET, locked
from tests.support.drawn_over import drawn_over, line_of
from tests.support.scans import as_pdf, as_tiff, paper
from tests.support.strangers import Issuer
from tests.support.walks import View, Walker, archived, got, slip
from tests.support.written_pdfs import page

AGAIN = "`review ID --release`"


@pytest.fixture
def walker(tmp_path: Path) -> Walker:
    """Somebody at an empty store that reads fast."""
    quick = {"KHOSO_RECOGNITION__MODE": "fast", "KHOSO_WORK__PAUSE_S": "0"}
    return Walker(load_settings(tmp_path / "home", quick), tmp_path / "in")


# What is read


def test_an_unknown_type_is_set(walker: Walker) -> None:
    """A paper of no known type asks for it by name, and goes on when it is given with what the type needs."""
    path = walker.path("a.pdf")
    path.write_bytes(page(("Danh sách", "Nguyễn Thị Thu Hà", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")))
    stopped = got(walker.put_one(path, Statement()), "held", "review", "--set type=CODE")
    assert "type: " in stopped["reason"]
    given = [f"--set=type={STATED.type_code}", *(f"--set={name}={value}" for name, value in STATED.fields.items())]
    archived(walker.review(stopped, *given))


def test_an_owner_of_no_known_form_is_set(walker: Walker) -> None:
    """A number that identifies nobody is asked for, and the paper goes on with a right one."""
    fields: dict[Any, str] = {**STATED.fields, "owner_id": "12345", "owner_name": "Nguyễn Thị Thu Hà"}
    stated = Statement(type_code="KQ.G15.000031", fields=fields)
    stopped = got(walker.put_scan("a.jpg", "birth_certificate", stated), "held", "review", "--set owner_id=…")
    assert "owner_id: no personal id" in stopped["reason"]
    archived(walker.review(stopped, "--set", "owner_id=048219001275"))


def test_a_paper_that_may_be_secret_is_said_to_be_none(walker: Walker) -> None:
    """Two persons say so, and it goes on by itself."""
    sheet = drawn_pages.sheet().image
    drawn_pages.frame(sheet, "MẬT", 30, 15)
    fine = sheet.resize((sheet.width * 4 // 3, sheet.height * 4 // 3))
    fine.save(walker.path("a.jpg"), dpi=(200, 200))
    stopped = got(walker.put_one(walker.path("a.jpg")), "held", "secret", "review ID --not-secret")
    assert "MẬT stands on page 1" in stopped["reason"]
    archived(_said_by_two(walker, stopped, "giấy nháp, đóng thử dấu"))


def _said_by_two(walker: Walker, stopped: View, why: str) -> View:
    """The paper, once two persons said that it is not secret."""
    said = ("--not-secret", "--reason", why)
    (walker.settings.home / "khoso.toml").write_text(
        '[desk.roles]\nHoa = "archivist"\n"Bình" = "archivist"\n', encoding="utf-8"
    )
    code, (again,) = run_json(walker.settings, "review", str(stopped["id"]), *said, "--who", "Hoa")
    assert code == ExitCode.HELD
    got(again, "held", "secret", "A second person, neither Hoa nor")
    _, (after,) = run_json(walker.settings, "review", str(stopped["id"]), *said, "--who", "Bình")
    return after


def test_a_certified_copy_on_paper_is_asked_about(walker: Walker) -> None:
    """A photocopy that somebody certified is no original (law L2.2); whoever knows better lets it go on."""
    lines = (*drawn_pages.LINES[:-2], "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH", "Số chứng thực 118 quyển số 1 SCT/BS")
    drawn_pages.sheet(lines).image.save(walker.path("a.jpg"), dpi=(200, 200))
    stopped = got(walker.put_one(walker.path("a.jpg")), "held", "review", "have the original scanned")
    assert "certified_paper_copy: page 1" in stopped["reason"]
    told = given(walker.settings, "review", str(stopped["id"]), "--release", "--who", "Hoa")
    assert (told.exit_code, "--reject not-digitised" in told.stderr) == (ExitCode.USAGE, True)
    archived(walker.review(stopped, "--release", "--reason", "bản chính có lời chứng thực ở mặt sau"))


@pytest.mark.parametrize("kind", ["certified_copy", "photocopy"])
def test_a_paper_that_was_handed_in_as_a_copy_is_asked_about(walker: Walker, kind: Any) -> None:
    """Whatever stands on it; whoever decides ends it as one that is not digitised."""
    stated = STATED.model_copy(update={"presented": kind})
    stopped = got(walker.put_scan("a.jpg", stated=stated), "held", "review", "--reject not-digitised")
    assert "presented_as_copy: " in stopped["reason"]
    ended = walker.review(stopped, "--reject", "not-digitised", "--reason", "bản chụp")
    assert (ended["state"], "not_digitised: " in ended["reason"]) == ("discarded", True)


def test_a_paper_with_the_stamp_of_a_copy_is_asked_about(walker: Walker) -> None:
    """The stamp of a copy in a frame; whoever knows that it came from a register says so, and that is kept."""
    page = drawn_pages.sheet().image
    drawn_pages.frame(page, "BẢN SAO", 40, 15)
    page.resize((page.width * 4 // 3, page.height * 4 // 3)).save(walker.path("a.jpg"), dpi=(200, 200))
    stopped = got(walker.put_one(walker.path("a.jpg")), "held", "review", "have the original brought")
    assert "marked_as_copy: BẢN SAO stands on page 1" in stopped["reason"]
    after = walker.review(stopped, "--release", "--reason", "bản sao cấp từ sổ gốc")
    archived(after)
    with open_services(walker.settings) as ctx:
        told = [dict(item) for item in ctx.journal.events() if item["event"] == "corrected_at_review"]
    assert [(item["field"], item["was"], item["after"], item["reason"]) for item in told] == [
        ("presented", "marked_as_copy", "original", "bản sao cấp từ sổ gốc")
    ]


def test_a_picture_without_text_is_released(walker: Walker) -> None:
    """A photograph on which nothing can be read: two persons see that it is not secret, one that it is a paper."""
    _photograph().save(walker.path("a.jpg"), dpi=(200, 200))
    stopped = got(walker.put_one(walker.path("a.jpg")), "held", "secret", "a picture or a plan: two persons")
    assert "next to nothing could be read on page 1" in stopped["reason"]
    assert unsigned(walker, stopped)
    asked = got(_said_by_two(walker, stopped, "ảnh chụp"), "held", "review", "release it as it is")
    assert "no_text: " in asked["reason"]
    archived(walker.review(asked, "--release"))


def _photograph() -> Image.Image:
    chance = np.random.default_rng(7)
    hills = np.cumsum(np.cumsum(chance.normal(0, 1, (1200, 1654)), 0), 1)
    spread = (hills - hills.min()) / (hills.max() - hills.min())
    return Image.fromarray((40 + 180 * spread).astype(np.uint8))


def unsigned(walker: Walker, stopped: View) -> bool:
    """Whether nothing that was read or signed of a paper is kept."""
    kept = {item.name for item in (walker.settings.work_folder / str(stopped["id"])).glob("*")}
    return kept <= {"pages.pdf"}


def test_pictures_and_plans_behind_a_first_page_ask_nobody(walker: Walker) -> None:
    """A paper whose first page is read goes on, with as many photographs and drawings behind it as it has."""
    plan = Image.new("L", (1654, 1200), "white")
    drawn = ImageDraw.Draw(plan)
    for place in range(12):
        drawn.rectangle((100 + 90 * place, 150 + 40 * place, 400 + 90 * place, 500 + 40 * place), outline=0, width=3)
    scan = as_pdf(walker.path("a.pdf"), slip(), _photograph().convert("RGB"), plan.convert("RGB"))
    archived(walker.put_one(scan))


def test_a_paper_that_is_not_legible_is_sent_back_by_one(walker: Walker) -> None:
    """Whoever sees that it was scanned badly lets it be scanned again, also after one said that it is not secret."""
    blurred = slip().filter(ImageFilter.GaussianBlur(14))
    blurred.save(walker.path("a.jpg"), dpi=(200, 200))
    stopped = got(walker.put_one(walker.path("a.jpg")), "held", "secret", "review ID --reject rescan")
    (walker.settings.home / "khoso.toml").write_text('[desk.roles]\nHoa = "archivist"\n', encoding="utf-8")
    run_json(walker.settings, "review", str(stopped["id"]), "--not-secret", "--reason", "mờ", "--who", "Hoa")
    ended = walker.review(stopped, "--reject", "rescan", "--reason", "quét mờ")
    assert (ended["state"], "rescan: " in ended["reason"]) == ("discarded", True)
    slip().save(walker.path("b.jpg"), dpi=(200, 200))
    archived(walker.put_one(walker.path("b.jpg"), STATED.model_copy(update={"rescan_of": str(stopped["id"])})))
    assert run_json(walker.settings, "review", "--rescan") == (0, [])


def test_a_page_that_is_not_read_is_released(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A paper with a page that took too long: two persons see that it is not secret, and one that it may go on."""

    def give_up(*_: object) -> None:
        raise UnreadablePage(1)

    with monkeypatch.context() as patch:
        patch.setattr(engine, "read_page", give_up)
        stopped = got(walker.put_scan("a.jpg"), "held", "secret", "review ID --reject rescan")
        assert "pages 1 (it could not be read within 1 s) could not be read" in stopped["reason"]
        assert unsigned(walker, stopped)
        asked = got(_said_by_two(walker, stopped, "đã xem giấy"), "held", "review", "release the paper without them")
    assert "page_unreadable: pages 1" in asked["reason"]
    archived(walker.review(asked, "--release"))


def test_papers_in_one_scan_are_scanned_one_by_one(walker: Walker) -> None:
    """Two papers without a sheet between them are put in one by one; what held them together is ended."""
    both = (paper("notice"), paper("official_letter"))
    stopped = got(walker.put_one(as_pdf(walker.path("a.pdf"), *both)), "held", "review", "scan them one by one")
    assert "several_papers: " in stopped["reason"]
    walker.discard(stopped)
    archived(walker.put_one(as_pdf(walker.path("1.pdf"), both[0])))
    other = Statement(type_code="TP.H17.990103", fields={**STATED.fields, "number_symbol": "46/TB-UBND"})
    archived(walker.put_one(as_pdf(walker.path("2.pdf"), both[1]), other))


def test_papers_that_lie_on_one_page_are_scanned_one_by_one(walker: Walker) -> None:
    """Two papers that were scanned together on one page wait, with a word how they are scanned apart."""
    upper, lower = paper("notice"), paper("official_letter")
    both = upper.copy()
    both.paste(lower.crop((0, 0, lower.width, lower.height // 2)), (0, upper.height // 2))
    stopped = got(walker.put_one(as_pdf(walker.path("a.pdf"), both)), "held", "review", "a blank sheet over the others")
    assert "papers_on_one_page: " in stopped["reason"]
    walker.discard(stopped)
    archived(walker.put_one(as_pdf(walker.path("1.pdf"), upper)))
    other = Statement(type_code="TP.H17.990103", fields={**STATED.fields, "number_symbol": "46/TB-UBND"})
    archived(walker.put_one(as_pdf(walker.path("2.pdf"), lower), other))


def test_a_page_with_a_note_is_scanned_twice_and_both_stay(walker: Walker) -> None:
    """With the note and without it (law L2.4): asked about where the first page is, and nothing is left out."""
    plain = paper("notice")
    noted = plain.copy()
    noted.paste((255, 240, 120), (900, 700, 1400, 1100))
    scan = as_pdf(walker.path("a.pdf"), noted, plain)
    stopped = got(walker.put_one(scan), "held", "review", "once with its note and once without")
    after = walker.review(stopped, "--release")
    archived(after)
    assert after["pages"] == 2


def test_a_number_that_was_struck_is_given(walker: Walker) -> None:
    """A number that an editor struck is told to be so, and the one that counts is given."""
    height = line_of(2) + 4
    walker.path("a.pdf").write_bytes(drawn_over(page(), f"1 0 0 RG 1 w 92 {height} m 170 {height} l S".encode()))
    without_number = {name: value for name, value in STATED.fields.items() if name != "number_symbol"}
    stated = STATED.model_copy(update={"fields": without_number})
    stopped = got(walker.put_one(walker.path("a.pdf"), stated), "held", "review", "--set number_symbol=")
    assert "written_over: number_symbol on page 1 is struck or written over" in stopped["reason"]
    archived(walker.review(stopped, "--set", "number_symbol=912/TB-UBND"))


def test_a_signature_of_a_stranger_is_released(walker: Walker) -> None:
    """A signed paper whose signer nobody here vouches for goes on when a person says so."""
    walker.path("a.pdf").write_bytes(Issuer().sign(page()))
    stopped = got(walker.put_one(walker.path("a.pdf")), "held", "review", "--release")
    assert "signature: Signature1" in stopped["reason"]
    archived(walker.review(stopped, "--release"))


# What is here already


def again(walker: Walker) -> View:
    """A paper with the number of one that is here already, which looks otherwise."""
    archived(walker.put_scan("a.png"))
    return got(walker.put_scan("b.jpg", "official_letter"), "held", "same_document", "--release")


def test_a_paper_of_its_own_is_released(walker: Walker) -> None:
    """What a person tells apart is archived beside the other."""
    archived(walker.review(again(walker), "--release"))


def test_the_same_paper_is_ended(walker: Walker) -> None:
    """What a person calls the same paper ends as a duplicate."""
    assert walker.review(again(walker), "--discard")["state"] == "duplicate"


def test_the_same_paper_scanned_again_is_linked(walker: Walker) -> None:
    """Where number, looks and words agree nobody is asked: it ends as a duplicate of the paper that is named."""
    first = walker.put_scan("a.png")
    got(walker.put_scan("b.jpg"), "duplicate", "same_document", first["id"])
    assert run_json(walker.settings, "review") == (0, [])


def test_the_same_file_is_linked(walker: Walker) -> None:
    """A file whose bytes are here ends as a duplicate of the paper that is named, with nothing left to do."""
    first = walker.put_scan("a.png")
    walker.path("b.png").write_bytes(walker.path("a.png").read_bytes())
    second = got(walker.put_one(walker.path("b.png")), "duplicate", "same_bytes", first["id"])
    assert (second["id"], run_json(walker.settings, "review")) == (first["id"], (0, []))


def test_nothing_was_added_is_said_when_it_is_so(walker: Walker) -> None:
    """The command says it of files that were all here before, and not where some were refused or are held."""
    said = "Nothing was added: every file was here before."
    archived(walker.put_scan("a.png"))
    other = walker.path("b.pdf")
    for content, tells in ((None, True), (b"", False), (b"%PDF-1.7 and no more", False)):
        if content is not None:
            other.write_bytes(content)
        code, lines, chatter = khoso(walker.settings.home, "ingest", str(walker.folder))
        assert (said in chatter) is tells, chatter
        states = ["duplicate"] if content is None else ["duplicate", "refused"]
        assert (code, sorted(line["state"] for line in lines)) == (0 if tells else ExitCode.REFUSED, states)


# What fails


def spoil_once(patch: pytest.MonkeyPatch, where: object, name: str, error: Exception, times: int = 1) -> None:
    """A function raises an error when it is called, and after so many times goes as before."""
    sound: Callable[..., Any] = getattr(where, name)
    left = [times]

    def spoilt(*arguments: object, **named: object) -> object:
        if left[0]:
            left[0] -= 1
            raise error
        return sound(*arguments, **named)

    patch.setattr(where, name, spoilt)


def test_what_was_not_expected_is_tried_again(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that trips over a paper once passes it when a person lets it try again."""
    spoil_once(monkeypatch, pipeline.stages.describe, "read_fields", LookupError("what nobody thought of"))
    archived(walker.review(got(walker.put_scan("a.jpg"), "held", "unexpected", AGAIN), "--release"))


def test_a_failed_signature_is_made_again(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signature that does not stand our own check is not kept; the next try signs."""
    spoil_once(monkeypatch, pipeline.stages.sign, "prove_signature", SignatureBroken("it is over other bytes"))
    archived(walker.review(got(walker.put_scan("a.jpg"), "held", "signing_failed", AGAIN), "--release"))


@pytest.mark.parametrize("why", [WorkerLost, OutOfMemory, OutOfTime])
def test_a_paper_over_which_processes_die_is_tried_again(walker: Walker, why: type[Held]) -> None:
    """A document during which a process died twice waits, and goes on when a person says so; of time, once is enough.

    The reasons: worker_lost, out_of_memory, out_of_time.
    """
    slip().save(walker.path("a.jpg"), dpi=(200, 200))
    with open_services(walker.settings) as ctx:
        document = take_in(ctx, walker.path("a.jpg"), open_batch(ctx, "walk"), STATED).document_id
        assert document is not None
        for _ in range(1 if why is OutOfTime else 2):
            blame(ctx, document, why)
    stopped = got(walker.put_one(walker.path("a.jpg")), "held", why.reason, AGAIN)
    archived(walker.review(stopped, "--release"))


def test_a_full_disk_is_waited_for(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that finds no room waits, and the same command goes on once there is some."""
    full = OSError(errno.ENOSPC, "No space left on device")
    slip().save(walker.path("a.jpg"), dpi=(200, 200))
    with open_services(walker.settings) as ctx:
        document = take_in(ctx, walker.path("a.jpg"), open_batch(ctx, "walk"), STATED).document_id or ""
        spoil_once(monkeypatch, pipeline.stages.prepare, "look_at_pages", full)
        assert advance(ctx, document, "receive") == "retry"
        entry = ctx.ledger.entry(document)
        assert entry is not None
        assert entry.reason.word == "disk_full"
    archived(walker.put_one(walker.path("a.jpg")))


def _copy_of(ctx: Services, document_id: str) -> tuple[Described, File]:
    entry = ctx.ledger.entry(document_id)
    assert entry is not None
    record = Described.model_validate_json(entry.record)
    return record, record.copy_pdf


def test_a_lost_work_file_is_made_again(walker: Walker) -> None:
    """A paper that lost a file of its work folder begins again from the scan by itself."""
    fields: dict[Any, str] = {**STATED.fields, "owner_id": "12345", "owner_name": "Nguyễn Thị Thu Hà"}
    stated = Statement(type_code="KQ.G15.000031", fields=fields)
    stopped = walker.put_scan("a.jpg", "birth_certificate", stated)
    (walker.settings.work_folder / stopped["id"] / "copy.pdf").unlink()
    with open_services(walker.settings) as ctx, pytest.raises(WorkFileDamaged):
        ctx.file(*_copy_of(ctx, stopped["id"]))
    after = walker.review(stopped, "--set", "owner_id=048219001275")
    if after["state"] == "held":  # it was read anew, and asks anew
        after = walker.review(after, "--set", "owner_id=048219001275")
    archived(after)
    with open_services(walker.settings) as ctx:
        assert "rewound" in {item.outcome for item in ctx.ledger.history(stopped["id"])}


@pytest.mark.parametrize("loss", ["gone", "changed"])
def test_a_lost_scan_is_put_in_again(walker: Walker, loss: str) -> None:
    """A paper whose scan is gone from the inbox too, or spoilt there, goes on with the file put in again."""
    slip().save(walker.path("a.jpg"), dpi=(200, 200))
    with open_services(walker.settings) as ctx:
        document = take_in(ctx, walker.path("a.jpg"), open_batch(ctx, "walk"), STATED).document_id or ""
        (scan,) = ctx.settings.inbox.iterdir()
        scan.unlink() if loss == "gone" else scan.write_bytes(scan.read_bytes()[:-1])
        assert run_through(ctx, document) == "held"
    stopped = got(walker.put_one(walker.path("a.jpg")), "held", "scan_gone", "Put the file in again")
    archived(walker.review(stopped, "--release"))


def test_a_lost_opened_file_asks_for_its_password_again(walker: Walker) -> None:
    """Where the file without its password is gone, the paper waits for the password once more."""
    path = locked(walker.folder)
    with open_services(walker.settings) as ctx:
        document = take_in(ctx, path, open_batch(ctx, "walk"), STATED, (SECRET,)).document_id or ""
        (opened,) = ctx.settings.inbox.glob("*.unlocked.pdf")
        opened.unlink()
        assert run_through(ctx, document) == "refused"
    got(walker.put_one(path), "refused", "encrypted", "--password-file")
    archived(walker.put_one(path, STATED, SECRET))


def test_pages_under_which_no_text_can_be_laid(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where OCRmyPDF trips over a file the next rung takes it: nobody is asked anything."""
    spoil_once(monkeypatch, ocrmypdf, "ocr", pikepdf.PdfError("recognition_failed"), times=2)
    archived(walker.put_scan("a.pdf"))


# Formats, classes, the vault


def test_what_cannot_be_pdfa_is_scanned_again(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that no rung of the ladder brings to PDF/A is put in anew as a picture."""
    with monkeypatch.context() as patch:
        spoil_once(patch, pipeline.stages.conform, "climb", NotConforming())
        stopped = got(walker.put_scan("a.pdf"), "held", "not_pdfa", "Scan the paper again as an image")
    archived(walker.put_scan("a.jpg"))
    walker.discard(stopped)


def test_a_type_gets_its_retention_class(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A type without a retention class stops the paper until the catalogue has one."""
    sound = Catalogues.type

    def without(catalogues: Catalogues, code: str) -> Any:
        return sound(catalogues, code).model_copy(update={"retention": None})

    with monkeypatch.context() as patch:
        patch.setattr(Catalogues, "type", without)
        stopped = got(walker.put_scan("a.jpg"), "held", "no_retention", "then `review ID --release`")
    archived(walker.review(stopped, "--release"))


def test_an_object_of_another_paper_is_left_alone(walker: Walker) -> None:
    """Where the vault holds something else under a paper's id nothing is overwritten, and an archivist ends it."""
    slip().save(walker.path("a.jpg"), dpi=(200, 200))
    with open_services(walker.settings) as ctx:
        ctx.signers.get_ready()
        name = f"urn:khoso:{digest(walker.path('a.jpg'))[:16]}"
        other = {"original/scan.jpeg": as_tiff(walker.path("other.tif"), slip("official_letter"))}
        ctx.vault.put(name, other, created=now(), who="test", message="another paper")
    stopped = got(walker.put_one(walker.path("a.jpg")), "held", "object_differs", "an archivist compares both")
    walker.discard(stopped)


def test_a_damaged_object_is_restored(walker: Walker) -> None:
    """An object of which a byte was changed is told by `verify`, and is sound once its copy is put back."""
    done = walker.put_scan("a.jpg")
    pdf = Path(done["pdf"])
    whole = pdf.read_bytes()
    pdf.write_bytes(whole[:-1])
    assert run_json(walker.settings, "verify", done["id"])[0] == ExitCode.NOT_VALID
    with open_services(walker.settings) as ctx, pytest.raises(VaultDamaged):
        ctx.vault.check(done["object"])
    pdf.write_bytes(whole)
    assert run_json(walker.settings, "verify", done["id"])[0] == ExitCode.OK
    with open_services(walker.settings) as ctx:
        ctx.vault.check(done["object"])
