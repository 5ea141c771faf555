"""Where a search finds nothing that has all, what fits and is not archived yet is told, apart from hits."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from pipeline.indexing import drain
from search.filters import Filters
from services.context import Services, open_services
from services.finding.under_way import PaperUnderWay
from services.permissions import Asker, NotAllowed
from services.review import decisions, ending
from services.search import search
from tests.services.test_on_way import BIRTH, ELSEWHERE, LAN, MARRIAGE, waiting
from tests.support.desk import run_json, screen
from tests.support.held_papers import OWNER, hold

DESK = Asker(who="an", office="H17.12", role="desk")
NAME, DOSSIER = "Trần Minh Khôi", "H17.12-260101-0077"
SAID = {
    "title": "Giấy khai sinh",
    "abstract": "Đăng ký lại việc sinh",
    "owner_name": NAME,
    "result_code": "",
}


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """A store that holds a paper of something else."""
    with open_services(settings) as opened:
        yield opened


def put_in(ctx: Services, folder: Path, **changes: Any) -> str:
    """A paper that waits for review, and an index that knows another one."""
    fields = {name: text for name, text in SAID.items() if text} | changes.pop("fields", {})
    stated = {"issued_date": fields.pop("issued_date", "2019-06-26"), "owner_name": fields.pop("owner_name")}
    name = waiting(ctx, folder, dossier=DOSSIER, fields=fields, **stated, **changes)
    hold(ctx, folder, "other", type_code=MARRIAGE, title="Giấy chứng nhận kết hôn", dossier="H17.12-260101-0001")
    drain(ctx)
    return name


def told(ctx: Services, text: str, by: Asker = DESK, **filters: Any) -> list[str]:
    """The papers under way that are told; none of them is a hit."""
    answer = search(ctx, by, text, 20, filters=Filters(**filters))
    assert answer.under_way is not None
    assert not {paper.id for paper, _ in answer.papers} & {item.id for item in answer.under_way}
    return [item.id for item in answer.under_way]


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("đăng ký lại việc sinh", {}),
        ("dang ky lai", {}),
        ('"đăng ký lại"', {}),
        (DOSSIER, {}),
        ("", {"dossier": DOSSIER}),
        ("", {"types": (BIRTH,)}),
        ("", {"types": ("khai sinh",)}),
        ("lại việc từ:2019 đến:2019", {}),
    ],
)
def test_what_fits_is_told(ctx: Services, tmp_path: Path, text: str, filters: dict[str, Any]) -> None:
    """By words of title and subject, by its dossier, its type or its batch."""
    name = put_in(ctx, tmp_path)
    assert told(ctx, text, **filters) == [name]
    entry = ctx.ledger.entry(name)
    assert entry is not None
    assert told(ctx, entry.batch_id) == [name]


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("đăng ký lại việc tử", {}),
        ('"lại đăng ký"', {}),
        ("đăng ký lại từ:2020", {}),
        ("đăng ký lại", {"types": ("kết hôn",)}),
        ("đăng ký lại", {"states": ("valid",)}),
        ("", {}),
    ],
)
def test_what_does_not_fit_is_not(ctx: Services, tmp_path: Path, text: str, filters: dict[str, Any]) -> None:
    """A word that it lacks, words in another order, another year, type or a state, or no question at all."""
    put_in(ctx, tmp_path)
    assert told(ctx, text, **filters) == []


def test_a_number_is_found(ctx: Services, tmp_path: Path) -> None:
    """With blanks and without, also of a paper that lacks something else."""
    name = put_in(ctx, tmp_path, fields={"number_symbol": "215/2019-BS"}, issuer="")
    assert name in told(ctx, "215/2019-BS")
    assert name in told(ctx, "số: 215 / 2019-BS")
    assert told(ctx, "216/2019-BS") == []


@pytest.mark.parametrize("text", [NAME, "Minh Khôi", "khai sinh Trần Minh Khôi", "Khôi"])
def test_a_name_lists_nobody_s_papers(ctx: Services, tmp_path: Path, text: str) -> None:
    """Neither by the owner's name nor where the title has it; an archivist may, and a number is refused to all."""
    name = put_in(ctx, tmp_path)
    assert told(ctx, text) == []
    assert told(ctx, text, by=LAN) == [name]
    ending.discard(ctx, LAN, name, "x")
    titled = put_in(ctx, tmp_path, name="b", fields={"title": f"Giấy khai sinh của {NAME}"})
    assert told(ctx, text) == []
    assert told(ctx, text, by=LAN) == [titled]
    with pytest.raises(NotAllowed):
        told(ctx, OWNER)


def test_only_what_the_asker_may_see(ctx: Services, tmp_path: Path) -> None:
    """Another agency's desk is told of none, and nobody of what may be secret, has ended, or is archived."""
    name = put_in(ctx, tmp_path)
    assert told(ctx, "đăng ký lại", by=ELSEWHERE) == []
    secret = put_in(ctx, tmp_path, name="s", secrecy="MẬT")
    assert told(ctx, "đăng ký lại") == [name]
    ending.discard(ctx, LAN, name, "x")
    assert told(ctx, "đăng ký lại") == []
    assert ctx.ledger.entry(secret) is not None
    rows = sqlite3.connect(ctx.settings.home / "ledger.sqlite").execute("SELECT * FROM on_way_words").fetchall()
    assert not [row for row in rows if row[1] == name or OWNER in row[0]]


def test_what_is_found_is_told_alone(ctx: Services, tmp_path: Path) -> None:
    """Beside a paper that has all nothing is told, and once it is archived it is a hit."""
    name = put_in(ctx, tmp_path)
    hold(ctx, tmp_path, "same", title="Đăng ký lại việc sinh")
    drain(ctx)
    assert told(ctx, "đăng ký lại việc sinh") == []
    decisions.release(ctx, LAN, name, {"number_symbol": "215/2019"})
    drain(ctx)
    assert name in {paper.id for paper, _ in search(ctx, LAN, "đăng ký lại", 20, filters=Filters()).papers}


def test_on_the_screen_and_in_json(settings: Settings, tmp_path: Path) -> None:
    """A block of its own, behind the answer; the journal has what was told."""
    with open_services(settings) as ctx:
        name = put_in(ctx, tmp_path)
    code, lines = run_json(settings, "search", "đăng ký lại việc sinh")
    (block,) = [line for line in lines if "under_way" in line]
    (item,) = block["under_way"]
    assert (code, item["id"], item["state"]) == (0, name, "held")
    assert set(item) == set(PaperUnderWay.model_fields)
    assert "waits to be checked" in screen(settings, "search", "đăng ký lại việc sinh")
    with open_services(settings) as ctx:
        searched = [dict(event) for event in ctx.journal.events() if event["event"] == "searched"]
    assert name in searched[-1]["papers"]


def test_a_ledger_that_cannot_be_read_is_told(settings: Settings, tmp_path: Path) -> None:
    """Nothing is concluded from it."""
    with open_services(settings) as ctx:
        put_in(ctx, tmp_path)
    for path in settings.home.glob("ledger.sqlite*"):
        path.write_bytes(b"no such thing\n" * 100)
    with open_services(settings) as ctx:
        assert search(ctx, DESK, "đăng ký lại", 20, filters=Filters()).under_way is None
    assert {"under_way": None} in run_json(settings, "search", "đăng ký lại")[1]


def test_a_store_of_an_earlier_release(settings: Settings, tmp_path: Path) -> None:
    """Its words are entered when somebody searches first."""
    with open_services(settings) as ctx:
        name = put_in(ctx, tmp_path)
    with sqlite3.connect(settings.home / "ledger.sqlite") as db:
        db.execute("DROP TABLE on_way_words")
        db.execute("DELETE FROM ledger_properties WHERE name = 'words on way'")
        db.execute("UPDATE ledger_version SET version_num = 'ledger_0006'")
    with open_services(settings) as ctx:
        assert told(ctx, "đăng ký lại") == [name]
