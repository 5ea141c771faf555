"""A person may say that an owner has no number: the paper is archived, and nobody's number finds it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from domain.errors import ExitCode, UsageError
from domain.owners import NO_NUMBER
from domain.values import checked
from pipeline.records import Statement
from services.context import Services, open_services
from services.corrections.correcting import correct
from services.permissions import Asker
from services.rebuild import rebuild
from services.reuse.asking import lookup
from tests.support.desk import WHY, bring, run_json, screen
from tests.support.written_pdfs import page

CHILD, MOTHER = "048079001275", "048059003421"
BIRTH, DOSSIER = "KQ.G15.000031", "H17.12-261124-0001"
AN = Asker(who="An", office="H17.12", role="archivist")
CLERK = Asker(who="Cúc", office="H17.12", role="desk")
FIELDS: dict[str, str] = {
    "number_symbol": "05/1979", "issued_date": "1979-05-04", "issuer": "Ủy ban nhân dân phường Thuận Phước",
    "owner_name": "Lê Thị Hoa", "further_owners": f"mother: Trần Thị Lành, {MOTHER}",
}  # fmt: skip


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """A store in which An is an archivist."""
    settings.home.mkdir(exist_ok=True)
    (settings.home / "khoso.toml").write_text('[desk.roles]\n"An" = "archivist"\n', "utf-8")
    with open_services(settings) as opened:
        yield opened


def certificate(ctx: Services, folder: Path, **more: str) -> str:
    """An old birth certificate with what is stated of it."""
    path = folder / "1.pdf"
    path.write_bytes(page(("Bản in", "Lê Thị Hoa", "Trần Thị Lành")))
    fields: Any = {**FIELDS, **more}
    return bring(ctx, path, Statement(type_code=BIRTH, fields=fields))


def asked(ctx: Services, owner: str) -> str:
    """What a clerk is answered about somebody."""
    (answer,) = lookup(ctx, CLERK, owner_id=owner, dossier=DOSSIER, type_code=BIRTH, reason=WHY)
    return answer.answer


@pytest.mark.parametrize("text", ["none", "không có", "Không  có", "khong co", "KHÔNG CÓ SỐ", "chưa có"])
def test_words_for_no_number_are_one_value(text: str) -> None:
    """As the manifest, a person at review and a correction write it."""
    assert checked("owner_id", text) == NO_NUMBER


@pytest.mark.parametrize("text", ["không", "0", "-", "không rõ"])
def test_other_words_are_refused_with_what_can_be_written(text: str) -> None:
    """That nobody knows the number is not that there is none."""
    with pytest.raises(UsageError) as caught:
        checked("owner_id", text)
    assert "none" in caught.value.advice


def test_a_paper_without_its_owners_number_is_archived(ctx: Services, tmp_path: Path, settings: Settings) -> None:
    """It waits with the words for it, and is archived under the agency when a person says so; the mother has it not."""
    document = certificate(ctx, tmp_path)
    entry = ctx.ledger.entry(document)
    assert entry is not None
    assert "--set owner_id=none" in entry.reason.text("en")
    code, (line, *_) = run_json(settings, "review", document, "--set", "owner_id=không có", "--who", "An")
    assert (code, line["state"], line["fields"]["owner_id"]["value"]) == (ExitCode.OK, "archived", NO_NUMBER)
    paper = ctx.catalogue.paper(document)
    assert paper is not None
    assert paper.digitisation_code == f"{settings.agency}.{BIRTH}.05/1979.01"
    assert paper.owners[0].number is None
    assert [asked(ctx, owner) for owner in (CHILD, MOTHER)] == ["not-held", "not-held"]
    assert "no number (none)" in screen(settings, "show", document)
    (said,) = [item for item in ctx.journal.events() if item["event"] == "corrected_at_review"]
    assert (said["field"], said["after"]) == ("owner_id", NO_NUMBER)


def test_the_number_can_be_given_later_and_taken_off_again(ctx: Services, tmp_path: Path) -> None:
    """By a correction; codes follow, the vault alone knows it, and the same correction again changes nothing."""
    document = certificate(ctx, tmp_path, owner_id=NO_NUMBER)
    assert correct(ctx, AN, document, {"owner_id": "không có"}, reason="xem lại").changes == ()
    assert rebuild(ctx, AN).differences == ()
    put = correct(ctx, AN, document, {"owner_id": CHILD}, reason="công dân cung cấp")
    assert put.paper.digitisation_code == f"{CHILD}.{BIRTH}.05/1979.01"
    assert rebuild(ctx, AN).differences == ()
    assert [asked(ctx, owner) for owner in (CHILD, MOTHER)] == ["held-and-valid", "not-held"]
    put = correct(ctx, AN, document, {"owner_id": NO_NUMBER}, reason="nhầm người")
    assert [item.new for item in put.changes] == [NO_NUMBER]
    assert asked(ctx, CHILD) == "not-held"
    assert rebuild(ctx, AN).differences == ()


def test_two_children_of_one_registry_without_numbers_are_two_papers(ctx: Services, tmp_path: Path) -> None:
    """That neither has a number makes them no more alike."""
    certificate(ctx, tmp_path, owner_id=NO_NUMBER)
    path = tmp_path / "2.pdf"
    path.write_bytes(page(("Danh sách", "Phạm Văn Nam", "Vũ Lan Anh")))
    fields: Any = {**FIELDS, "owner_id": NO_NUMBER, "owner_name": "Phạm Văn Nam", "number_symbol": "6/1979"}
    second = bring(ctx, path, Statement(type_code=BIRTH, fields=fields))
    assert ctx.catalogue.paper(second) is not None
