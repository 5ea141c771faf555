"""Where two different persons are needed, one who spells the name otherwise stays one, whatever the act."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from domain.secrecy.events import WithdrawalVerdict
from pipeline.records import Received
from services.context import Services, open_services
from services.permissions import Asker, NotAllowed
from services.quality.checking import check_paper
from services.quality.errors import SamePerson
from services.quality.opening import open_lot
from services.secrecy.deciding import decide_withdrawn
from services.secrecy.decisions import say_not_secret
from services.secrecy.withdrawing import withdraw
from tests.support.desk import STATED, bring
from tests.support.lots import DIGITISER, lot
from tests.support.scans import as_pdf
from tests.support.spellings import SPELLINGS
from tests.support.walks import slip

OTHER = Asker(who="Trần Thị B", office="H17.12", role="archivist")
ALL = tuple(Asker(who=name, office="H17.12", role="archivist") for name in SPELLINGS.values())
WHY, BATCH = "đã xem giấy", "20261130-100000"


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """An empty store."""
    with open_services(settings) as opened:
        yield opened


def brought(ctx: Services, folder: Path, **stated: str) -> str:
    """A paper that was put in."""
    as_pdf(folder / "a.pdf", slip())
    return bring(ctx, folder / "a.pdf", STATED.model_copy(update=stated))


def test_of_a_paper_that_stopped_as_perhaps_secret(ctx: Services, tmp_path: Path) -> None:
    """All spellings together are one of the two; another person is the second."""
    name = brought(ctx, tmp_path, secrecy="MẬT")
    assert {say_not_secret(ctx, by, name, WHY).came for by in ALL} == {"second_needed"}
    assert ctx.catalogue.paper(name) is None
    assert say_not_secret(ctx, OTHER, name, WHY).came == "goes_on"


def test_of_who_scanned_it(ctx: Services, tmp_path: Path) -> None:
    """Neither of the two is he, by whatever spelling."""
    name = brought(ctx, tmp_path, secrecy="MẬT")
    entry = ctx.ledger.entry(name)
    assert entry is not None
    record = Received.model_validate_json(entry.record).model_copy(update={"scanned_by": ALL[0].who})
    with ctx.ledger.keep(entry, "filled", record.model_dump_json(), entry.reason, "test"):
        pass
    for by in ALL:
        with pytest.raises(NotAllowed):
            say_not_secret(ctx, by, name, WHY)


@pytest.mark.parametrize("verdict", ["secret", "not_secret"])
def test_of_a_withdrawn_paper(ctx: Services, tmp_path: Path, verdict: WithdrawalVerdict) -> None:
    """Neither given back nor erased by one; who changes his mind takes back what he said under any spelling."""
    name = brought(ctx, tmp_path)
    withdraw(ctx, OTHER, name, "có dấu MẬT")
    assert {decide_withdrawn(ctx, by, name, verdict, WHY).came for by in ALL} == {"second_needed"}
    opposite: WithdrawalVerdict = "not_secret" if verdict == "secret" else "secret"
    assert decide_withdrawn(ctx, ALL[1], name, opposite, WHY).came == "second_needed"
    assert decide_withdrawn(ctx, ALL[0], name, verdict, WHY).came == "second_needed"
    wanted = "erased" if verdict == "secret" else "given_back"
    assert decide_withdrawn(ctx, OTHER, name, verdict, WHY).came == wanted


def test_of_a_sample(ctx: Services, tmp_path: Path) -> None:
    """Who put a paper in checks none of its lot, by whatever spelling."""
    (name,) = lot(ctx, tmp_path, BATCH, 1)
    open_lot(ctx, OTHER, BATCH)
    for spelt in (DIGITISER, "nguyen van quet", "NGUYỄN  VĂN QUÉT", "Nguyễn Văn Qu\u0435\u0301t"):
        with pytest.raises(SamePerson):
            check_paper(ctx, OTHER.model_copy(update={"who": spelt}), name, [])
    check_paper(ctx, OTHER, name, [])
