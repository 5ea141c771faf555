"""Whatever the degree and wherever it stands: a secret paper gets nowhere without two decisions (law L2.2, L8.5)."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from domain.errors import NotFound
from pipeline.records import Statement
from search.filters import Filters
from services.context import Services, open_services
from services.document import show
from services.dossiers.give_back import export
from services.dossiers.take_in import take_in_dossiers
from services.permissions import Asker, NotAllowed
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.search import search
from services.secrecy.decisions import say_not_secret
from tests.support import drawn_pages, written_pdfs
from tests.support.desk import STATED, bring
from tests.support.held_papers import OWNER
from tests.support.scans import as_pdf

AN, BINH = (Asker(who=name, office="H17.12", role="archivist") for name in ("An", "Bình"))
CLERK = Asker(who="Cúc", office="H17.12", role="desk")
DEGREES = ("MẬT", "TỐI MẬT", "TUYỆT MẬT")
DOSSIER, GREY = "H17.12-261124-0001", (120, 120, 120)
_DOTS = 4 / 3  # a sheet is drawn with 150 dots an inch


def _pressed(
    left_mm: float, top_mm: float, degrees: float, colour: tuple[int, int, int]
) -> Callable[[Path, str], None]:
    def write(path: Path, degree: str) -> None:
        sheet = drawn_pages.sheet().image
        drawn_pages.pressed(sheet, degree, left_mm, top_mm, degrees, colour)
        as_pdf(path, sheet.resize((round(sheet.width * _DOTS), round(sheet.height * _DOTS))))

    return write


def _in_layer(path: Path, degree: str) -> None:
    behind = drawn_pages.sheet().image.resize((1654, 2339))
    path.write_bytes(written_pdfs.page((*written_pdfs.NOTICE[:3], degree), drawn="hidden", behind=behind))


def _stated(path: Path, _: str) -> None:
    as_pdf(path, drawn_pages.sheet().image.resize((1654, 2339)))


WAYS: dict[str, Callable[[Path, str], None]] = {
    "colour": _pressed(35, 12, 0.0, drawn_pages.RED),
    "grey": _pressed(35, 12, 0.0, GREY),
    "askew": _pressed(35, 12, 15.0, drawn_pages.RED),
    "over type": _pressed(35, 62, -15.0, drawn_pages.RED),
    "in text layer": _in_layer,
    "in manifest": _stated,
}
_ALL = [(way, degree) for way in WAYS for degree in DEGREES]
_QUICK = {("in manifest", "MẬT")}


def nowhere(ctx: Services, name: str, folder: Path) -> None:
    """It is in no seal, vault, index, look-up or export, and nobody is shown what it says."""
    entry = ctx.ledger.entry(name)
    assert entry is not None
    assert (entry.state, entry.reason.word) == ("held", "secret")
    assert (list(ctx.vault.paths()), ctx.catalogue.count(), ctx.catalogue.knows(name)) == ([], 0, False)
    files = [path for path in ctx.settings.home.rglob("*.pdf") if b"/ByteRange" in path.read_bytes()]
    assert files == []
    for by in (AN, CLERK):
        assert search(ctx, by, "45/TB-UBND", 5, filters=Filters()).papers == ()
        shown = show(ctx, by, name)
        assert (shown.state, shown.pdf, shown.text, shown.fields) == ("held", None, None, {})
    answers = lookup(ctx, CLERK, owner_id=OWNER, dossier=DOSSIER, type_code=str(STATED.type_code))
    assert {(answer.answer, answer.paper) for answer in answers} == {("not-held", None)}
    with pytest.raises((NotFound, NotAllowed)):
        use(ctx, CLERK, name, dossier=DOSSIER, target=folder / "used.pdf")
    for number, is_results in enumerate((False, True)):
        file = folder / f"out-{len(list(folder.iterdir()))}-{number}.json"
        export(ctx, AN, file, results=is_results)
        assert name not in file.read_text(encoding="utf-8")
    told = [event for event in ctx.journal.events() if event["event"] in {"archived", "used", "copied"}]
    assert told == []


@pytest.mark.parametrize(
    ("way", "degree"),
    [pytest.param(*item, marks=() if item in _QUICK else pytest.mark.long, id="-".join(item)) for item in _ALL],
)
def test_a_secret_paper_gets_nowhere_without_two_decisions(
    settings: Settings, tmp_path: Path, way: str, degree: str
) -> None:
    """Neither by itself, nor by one person's word, said twice; by two it goes on, and the journal has both."""
    fast = load_settings(settings.home, {"KHOSO_RECOGNITION__MODE": "fast", "KHOSO_WORK__PAUSE_S": "0"})
    (tmp_path / "dossiers.json").write_text(
        json.dumps([{"MaHoSo": DOSSIER, "MaTTHC": "1.000894", "SoGiayToChuHoSo": OWNER, "NgayTiepNhan": "20261124"}])
    )
    stated: Statement = STATED.model_copy(update={"dossier": DOSSIER})
    if way == "in manifest":
        stated = stated.model_copy(update={"secrecy": degree})
    WAYS[way](tmp_path / "a.pdf", degree)
    with open_services(fast) as ctx:
        take_in_dossiers(ctx, AN, tmp_path / "dossiers.json")
        name = bring(ctx, tmp_path / "a.pdf", stated)
        nowhere(ctx, name, tmp_path)
        for _ in range(2):
            assert say_not_secret(ctx, AN, name, "đã xem giấy").came == "second_needed"
            nowhere(ctx, name, tmp_path)
        assert say_not_secret(ctx, BINH, name, "đã xem giấy").came == "goes_on"
        entry = ctx.ledger.entry(name)
        assert entry is not None
        assert entry.reason.word != "secret"
        said = [
            (event["who"], event["verdict"]) for event in ctx.journal.events() if event["event"] == "secrecy_decided"
        ]
        assert said == [("An", "not_secret"), ("Bình", "not_secret")]
