"""What the desks' database knows of a withdrawn paper is told as if it had never been."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.books.books import BookEntry
from config.settings import Settings
from domain.clock import now, today
from domain.errors import NotFound
from services.context import Services, open_services
from services.copies.book import copy_book
from services.corrections.correcting import correct
from services.dossiers.give_back import export
from services.dossiers.take_in import take_in_dossiers
from services.permissions import Asker
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.reuse.owner_view import view_of_owner
from services.secrecy.deciding import decide_withdrawn
from services.secrecy.withdrawing import withdraw
from tests.support.desk import WHY
from tests.support.held_papers import OWNER, hold

FORMER, CODE = "H17.12-260101-0001", "H17.12-261124-0001"
BIRTH = "KQ.G15.000031"
AN, BINH = (Asker(who=name, office="H17.12", role="archivist") for name in ("An", "Bình"))
CLERK = Asker(who="Cúc", office="H17.12", role="desk")


@pytest.fixture
def ctx(settings: Settings, tmp_path: Path) -> Iterator[Services]:
    """A store with a paper that was used and copied for a dossier."""
    settings.home.mkdir(exist_ok=True)
    (settings.home / "khoso.toml").write_text(
        '[desk.roles]\n"An" = "archivist"\n"Bình" = "archivist"\n', encoding="utf-8"
    )
    fields = {"MaTTHC": "1.000894", "SoGiayToChuHoSo": OWNER, "NgayTiepNhan": "20261124"}
    file = tmp_path / "dossiers.json"
    file.write_text(json.dumps([{"MaHoSo": code, **fields} for code in (FORMER, CODE)]), encoding="utf-8")
    with open_services(settings) as opened:
        take_in_dossiers(opened, AN, file)
        hold(opened, tmp_path, "birth")
        (answer,) = lookup(opened, CLERK, owner_id=OWNER, dossier=CODE, type_code=BIRTH, reason=WHY)
        assert answer.answer == "held-and-valid"
        use(opened, CLERK, "birth", dossier=CODE, target=tmp_path / "used.pdf")
        opened.desk.books.begin(_copy(), at_least=1)
        yield opened


def _copy() -> BookEntry:
    return BookEntry(
        book="paper_copy", office="H17.12", year=now().year, number=0, at=now(), who="Cúc", paper_id="birth",
        code=f"{OWNER}.{BIRTH}.1", dossier=CODE, pages=1, sha256="0" * 64,
    )  # fmt: skip


def exported(ctx: Services, folder: Path) -> tuple[str, list[dict[str, Any]]]:
    """What the portal is told of the dossiers that changed today."""
    file = folder / "out.json"
    file.unlink(missing_ok=True)
    export(ctx, AN, file, since=today())
    text = file.read_text(encoding="utf-8")
    return text, [item for item in json.loads(text) if item["MaHoSo"] == CODE]


@pytest.mark.parametrize("is_erased", [False, True])
def test_no_reader_of_uses_questions_and_copies_names_it(ctx: Services, tmp_path: Path, is_erased: bool) -> None:
    """Neither the portal, the owner's view nor the book of copies, whose number stays; given back it is told again."""
    text, (before,) = exported(ctx, tmp_path)
    assert ("birth" in text, before["HoSoCoThanhPhanSoHoa"]) == (True, 1)
    withdraw(ctx, CLERK, "birth", "có dấu MẬT")
    if is_erased:
        for by in (AN, BINH):
            decide_withdrawn(ctx, by, "birth", "secret", WHY)
    text, (after,) = exported(ctx, tmp_path)
    assert ("birth" in text, after["TaiLieuNop"], after["HoSoCoThanhPhanSoHoa"]) == (False, [], 0)
    view = view_of_owner(ctx, AN, OWNER, reason="đơn")
    assert ([*view.papers], [*view.uses]) == ([], [])
    assert [(item.answer, item.paper_id) for item in view.questions] == [("not-held", None)]
    (entry,) = copy_book(ctx, AN)
    assert (entry.number, entry.code, entry.paper, entry.dossier) == (f"1/{now().year}", "", "", "")
    with pytest.raises(NotFound):  # as where the answer was that none is held
        use(ctx, CLERK, "1", dossier=CODE, target=tmp_path / "again.pdf")
    if not is_erased:
        for by in (AN, BINH):
            decide_withdrawn(ctx, by, "birth", "not_secret", WHY)
        assert exported(ctx, tmp_path)[1] == [before]
        assert [item.paper_id for item in view_of_owner(ctx, AN, OWNER, reason="đơn").uses] == ["birth"]
        assert copy_book(ctx, AN)[0].paper == "birth"


def test_a_dossier_for_which_it_was_used_is_exported_again(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when nothing else changed since that day, so that the portal hears it."""
    withdraw(ctx, CLERK, "birth", "có dấu MẬT")
    monkeypatch.setattr(ctx.desk, "used_since", lambda _: set())
    monkeypatch.setattr(ctx.desk, "dossiers", lambda _=None: iter(()))
    assert len(exported(ctx, tmp_path)[1]) == 1


def test_a_correction_tells_the_copies_on_paper_that_were_made(ctx: Services) -> None:
    """By number, office and dossier, as it tells uses; once, and nothing where nothing was changed."""
    for says in (["corrected_was_used", "corrected_was_copied"], []):
        done = correct(ctx, AN, "birth", {"title": "Trích lục khai sinh khác"}, reason="sổ gốc")
        assert [item.code for item in done.remarks] == says
        if says:
            assert done.remarks[1].params["copies"] == (f"1/{now().year} (H17.12, {CODE})",)
