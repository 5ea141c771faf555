"""A paper that is about none of the persons of its dossier waits for a person, who sees what both say."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.interface import Paper
from config.settings import Settings
from domain.messages.told import Told
from domain.readings import Description, FieldReading
from pipeline.intake import open_batch, take_in
from pipeline.records import Statement
from pipeline.runner import run_through
from pipeline.stages.describe import as_dossier_says
from services.context import Services, open_services
from services.dossiers.owners import AnothersDossier
from services.permissions import Asker
from services.review.decisions import release
from tests.support.desk import STATED, bring, run_json
from tests.support.written_pdfs import NOTICE, page

MINE, THEIRS, MOTHER, OLD = "048194003421", "048091007756", "048171010951", "201234567"
FIRM, BRANCH = "0401234566", "0401234566-001"
NAME = "Nguyễn Thị Thu Hà"
BIRTH = "KQ.G15.000031"
CODE, ELSEWHERE = "H17.12-261124-0001", "H17.13-261124-0001"
LAN = Asker(who="Lan", office="H17.12", role="operator")


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """An opened store."""
    with open_services(settings) as opened:
        yield opened


def know(ctx: Services, owner: str, name: str = "", *, code: str = CODE, **more: Any) -> None:
    """Import a dossier of an owner."""
    fields = {"MaHoSo": code, "MaTTHC": "1.000894", "SoGiayToChuHoSo": owner, "NgayTiepNhan": "20261124"}
    path = ctx.settings.home.parent / "dossiers.json"
    path.write_text(json.dumps([{**fields, "TrangThaiHoSo": "4", "ChuHoSo": name, **more}]), encoding="utf-8")
    assert run_json(ctx.settings, "dossiers", "import", str(path), "--who", "an")[0] == 0


def put_in(ctx: Services, folder: Path, **stated: str) -> str:
    """Put in a paper of the dossier with what is stated of it; its id."""
    path = folder / f"{len(list(folder.iterdir()))}.pdf"
    path.write_bytes(page((*NOTICE, path.name)))
    fields: dict[Any, str] = {**STATED.fields, "number_symbol": f"{path.stem}/TB-UBND", **stated}
    code = fields.pop("dossier", CODE)
    return bring(ctx, path, Statement(type_code=STATED.type_code, dossier=code, fields=fields))


def asked(ctx: Services, document: str) -> list[Told]:
    """What a person is asked of a paper; nothing of one that is archived."""
    entry = ctx.ledger.entry(document)
    assert entry is not None
    doubts = entry.reason.params.get("doubts", ())
    assert entry.state == ("held" if doubts else "done"), entry.reason.text()
    return [item for item in doubts if isinstance(item, Told)] if isinstance(doubts, tuple) else []


def words(ctx: Services, document: str) -> list[tuple[str, str]]:
    """The codes of what is asked, and about which fields."""
    return [(item.code, item.about) for item in asked(ctx, document)]


def held(ctx: Services, document: str) -> Paper:
    """The row of a paper that is archived."""
    paper = ctx.catalogue.paper(document)
    assert paper is not None
    return paper


NUMBER, NAMED = [("number_not_of_dossier", "owner_id")], [("name_not_of_dossier", "owner_name")]


def test_another_number_than_the_dossiers_waits_and_both_are_shown_masked(ctx: Services, tmp_path: Path) -> None:
    """It goes on with the right number, or with the word of a person that it belongs there, and why."""
    know(ctx, THEIRS, NAME)
    first, second = (put_in(ctx, tmp_path, owner_id=MINE, owner_name=NAME) for _ in range(2))
    (doubt,) = asked(ctx, first)
    assert [(doubt.code, doubt.about)] == NUMBER
    for language, text in (("en", "of 048*******56"), ("vi", f"hồ sơ {CODE} ghi 048*******56")):
        said = doubt.text(language)  # type: ignore[arg-type]
        assert text in said
        assert "048*******21" in said
        assert not {MINE, THEIRS} & set(said.split())
    entry = ctx.ledger.entry(first)
    assert entry is not None
    assert "--other-owner" in entry.reason.text("en")
    with pytest.raises(AnothersDossier):
        release(ctx, LAN, first, {})
    release(ctx, LAN, first, {"owner_id": THEIRS})
    assert held(ctx, first).owner_id == THEIRS
    release(ctx, LAN, second, {"owner_id": MINE}, other_owner="giấy của con")
    assert (held(ctx, second).owner_id, held(ctx, second).other_owner) == (MINE, True)
    assert MINE not in json.dumps([dict(event) for event in ctx.journal.events()])


def test_another_name_under_the_dossiers_number_waits(ctx: Services, tmp_path: Path) -> None:
    """A person says how it is written; accents and capitals make no other name."""
    know(ctx, MINE, NAME)
    assert words(ctx, put_in(ctx, tmp_path, owner_id=MINE, owner_name="NGUYEN THI THU HA")) == []
    for values in ({}, {"owner_name": "Nguyễn Thị Hà"}):
        document = put_in(ctx, tmp_path, owner_id=MINE, owner_name="Nguyễn Thị Hà")
        (doubt,) = asked(ctx, document)
        assert [(doubt.code, doubt.about)] == NAMED
        assert NAME in doubt.text("vi")
        assert "Nguyễn Thị Hà" in doubt.text("vi")
        release(ctx, LAN, document, values)
        assert held(ctx, document).owner_name == "Nguyễn Thị Hà"


@pytest.mark.parametrize(
    ("told", "stated", "found"),
    [
        ({"owner": MINE, "name": NAME}, {"owner_id": OLD, "owner_name": NAME}, []),
        ({"owner": MINE, "name": NAME}, {"owner_id": OLD, "owner_name": "Lê Thị Ổn"}, NAMED),
        ({"owner": MINE}, {"owner_id": OLD, "owner_name": "Lê Thị Ổn"}, []),
        ({"owner": MINE, "DinhDanhCHS": [{"SoDinhDanh": OLD}]}, {"owner_id": OLD, "owner_name": NAME}, []),
        ({"owner": THEIRS, "NguoiLienQuan": [{"VaiTro": "child", "SoDinhDanh": MINE}]}, {"owner_id": MINE}, []),
        ({"owner": FIRM, "name": "Công ty TNHH An"}, {"owner_id": FIRM, "owner_name": "Công ty An"}, []),
        ({"owner": FIRM, "name": "Công ty TNHH An"}, {"owner_id": BRANCH, "owner_name": "Công ty An"}, NUMBER),
        ({"owner": MOTHER, "name": NAME}, {"owner_id": MINE, "further_owners": f"mother: Lê Thị Ổn, {MOTHER}"},
         [("name_not_of_dossier", "further_owners")]),
        ({"owner": MOTHER, "name": NAME}, {"owner_id": MINE, "further_owners": f"mother: {NAME}"}, []),
        ({"owner": MOTHER, "name": NAME}, {"owner_id": MINE, "further_owners": "mother: Lê Thị Ổn"}, NUMBER),
        ({"owner": MOTHER, "name": NAME}, {}, []),
    ],
)  # fmt: skip
def test_who_is_of_the_dossier(
    told: dict[str, Any], stated: dict[str, str], found: list[tuple[str, str]], ctx: Services, tmp_path: Path
) -> None:
    """By any number of the owner or of who is named beside him; else by the name, where numbers say nothing."""
    know(ctx, told["owner"], told.get("name", ""), **{key: value for key, value in told.items() if key[0].isupper()})
    assert words(ctx, put_in(ctx, tmp_path, **stated)) == found


def test_a_dossier_that_comes_while_the_paper_waits_is_asked_too(ctx: Services, tmp_path: Path) -> None:
    """And one that is put right asks no more."""
    first, second = (put_in(ctx, tmp_path, owner_id=MINE, issued_date="2999-01-01") for _ in range(2))
    know(ctx, THEIRS)
    release(ctx, LAN, first, {"issued_date": "2026-01-01"})
    assert words(ctx, first) == NUMBER
    know(ctx, MINE)
    for document, values in ((first, {}), (second, {"issued_date": "2026-01-01"})):
        release(ctx, LAN, document, values)
        assert (held(ctx, document).owner_id, held(ctx, document).other_owner) == (MINE, False)


def test_nothing_is_asked_where_no_dossier_is_known(ctx: Services, tmp_path: Path) -> None:
    """Nor is the desk's database made by the line."""
    assert words(ctx, put_in(ctx, tmp_path, owner_id=MINE)) == []
    assert not (ctx.settings.home / "desk.sqlite").exists()


def test_a_number_that_was_read_once_is_sure_when_it_is_the_dossiers(ctx: Services) -> None:
    """Another dossier, or one of another agency than who puts in may see, makes it no surer."""
    know(ctx, MINE)

    def is_once(number: str, dossier: str, within: str | None = None) -> bool:
        read = FieldReading(value=number, confidence=0.9, read_once=True)
        code = FieldReading(value=dossier, confidence=0.98)
        given = Description(type_code=BIRTH, type_confidence=1.0, fields={"owner_id": read, "dossier_code": code})
        return as_dossier_says(given, within, ctx).fields["owner_id"].read_once

    assert not is_once(MINE, CODE)
    assert not is_once(MINE, CODE, "H17.12")
    assert is_once(THEIRS, CODE)
    assert is_once(MINE, ELSEWHERE)
    assert is_once(MINE, CODE, "H17.13")


def test_another_agencys_dossier_tells_nothing_of_its_persons(ctx: Services, tmp_path: Path) -> None:
    """Who puts a paper into it is asked about the dossier alone."""
    know(ctx, THEIRS, NAME, code=ELSEWHERE)
    path = tmp_path / "1.pdf"
    path.write_bytes(page((*NOTICE, ELSEWHERE)))
    stated = Statement(type_code=STATED.type_code, fields={**STATED.fields, "owner_id": MINE}, dossier=ELSEWHERE)
    seen = take_in(ctx, path, open_batch(ctx, "x"), stated, within="H17.12")
    run_through(ctx, seen.document_id or "")
    assert words(ctx, seen.document_id or "") == [("dossier_of_another_agency", "dossier_code")]
