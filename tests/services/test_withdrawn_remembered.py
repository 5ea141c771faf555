"""The ledger remembers what was withdrawn, whatever else is put back to a day before."""

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from archive.errors import CatalogueBehind
from archive.interface import Paper
from config.settings import Settings
from domain.clock import now, set_to
from domain.errors import ExitCode
from pipeline.indexing import drain
from services.context import Services, open_services
from services.permissions import Asker
from services.rebuild import rebuild
from services.secrecy.deciding import decide_withdrawn
from services.secrecy.withdrawing import list_withdrawn, withdraw
from tests.support.desk import STATED, bring, run_json
from tests.support.scans import as_pdf
from tests.support.walks import slip

AN, BINH, LAN = (Asker(who=name, office="H17.12", role="archivist") for name in ("An", "Bình", "Lan"))
WHY = "đã xem giấy"
RESTORED = ("catalogue.sqlite", "vault", "index", "audit.jsonl", "audit.jsonl.head", "epoch.json")


@pytest.fixture
def home(settings: Settings) -> Path:
    """A store with three archivists."""
    settings.home.mkdir(exist_ok=True)
    roles = "".join(f'"{by.who}" = "archivist"\n' for by in (AN, BINH, LAN))
    (settings.home / "khoso.toml").write_text(f"[desk.roles]\n{roles}", encoding="utf-8")
    return settings.home


def held(settings: Settings, folder: Path) -> Paper:
    """A paper that was scanned and is held."""
    as_pdf(folder / "a.pdf", slip())
    with open_services(settings) as ctx:
        paper = ctx.catalogue.paper(bring(ctx, folder / "a.pdf", STATED))
        drain(ctx)
    assert paper is not None
    return paper


def copied(home: Path, to: Path, *parts: str) -> None:
    """Put parts of a store as they are now beside, or back."""
    to.mkdir(exist_ok=True)
    for name in parts:
        for path in home.glob(f"{name}*" if name.endswith("sqlite") else name):
            shutil.copytree(path, to / name) if path.is_dir() else shutil.copy(path, to / path.name)


def put_back(copy: Path, home: Path, *parts: str) -> None:
    """Put parts of a store back as they were."""
    for name in parts:
        for path in list(home.glob(f"{name}*" if name.endswith("sqlite") else name)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    copied(copy, home, *parts)


def erased(ctx: Services, paper: Paper) -> None:
    """Let two persons say that a withdrawn paper is secret."""
    for by in (AN, BINH):
        decide_withdrawn(ctx, by, paper.id, "secret", WHY)


@pytest.mark.parametrize("is_erased", [False, True], ids=["withdrawn", "erased"])
def test_a_store_of_the_day_before_answers_nothing_until_it_is_made_anew(
    settings: Settings, home: Path, tmp_path: Path, is_erased: bool
) -> None:
    """Every command says that the catalogue is incomplete, doctor tells it; a rebuild keeps the paper out."""
    paper = held(settings, tmp_path)
    copied(home, tmp_path / "yesterday", *RESTORED)
    with open_services(settings) as ctx:
        withdraw(ctx, AN, paper.id, "có dấu MẬT")
        if is_erased:
            erased(ctx, paper)
    put_back(tmp_path / "yesterday", home, *RESTORED)
    out = ("--out", str(tmp_path / "out.json"))
    for command in (("show", paper.id), ("search", "phiếu"), ("dossiers", "export", *out), ("verify", paper.id)):
        assert run_json(settings, *command, "--who", "An")[0] == ExitCode.INCOMPLETE, command
    _, findings = run_json(settings, "doctor")
    (told,) = [item for item in findings if item["name"] == "papers"]
    assert (told["state"], "rebuild" in told["remedy"]) == ("missing", True)
    code, lines = run_json(settings, "rebuild", "--who", "An")
    assert (code, [item["about"] for item in lines if item.get("id") == paper.id]) == (
        ExitCode.NOT_VALID,
        ["withdrawn"],
    )
    assert run_json(settings, "show", paper.id, "--who", "Cúc")[0] == ExitCode.NOT_FOUND
    again = ("--erase",) if is_erased else ()
    assert run_json(settings, "withdraw", paper.id, *again, "--reason", WHY, "--who", "Lan")[0] == ExitCode.OK
    assert run_json(settings, "rebuild", "--who", "An")[0] == ExitCode.OK
    assert [item for item in run_json(settings, "doctor")[1] if item["name"] == "papers"] == []


def test_what_was_erased_keeps_its_codes_in_a_store_of_before_it_came(
    settings: Settings, home: Path, tmp_path: Path
) -> None:
    """Neither catalogue nor vault ever knew it: the ledger gives what is left of it, and its scan is refused."""
    with open_services(settings) as ctx:
        ctx.signers.get_ready()
        for opened in (ctx.ledger, ctx.catalogue, ctx.vault):
            assert opened
        ctx.catalogue.mint("first", prefix="a.b.c")
        drain(ctx)
        list_withdrawn(ctx, AN)
    copied(home, tmp_path / "yesterday", *RESTORED)
    paper = held(settings, tmp_path)
    with open_services(settings) as ctx:
        withdraw(ctx, AN, paper.id, "có dấu MẬT")
        erased(ctx, paper)
    put_back(tmp_path / "yesterday", home, *RESTORED)
    with pytest.raises(CatalogueBehind), open_services(settings) as ctx:
        assert ctx.catalogue
    with open_services(settings, rebuilding=True) as ctx:
        rebuild(ctx, AN)
        prefix = paper.digitisation_code.rpartition(".")[0]
        assert ctx.catalogue.mint("x", prefix=prefix).digitisation != paper.digitisation_code
        assert [(view.id, view.state) for view in list_withdrawn(ctx, AN)] == [(paper.id, "erased")]
    assert run_json(settings, "ingest", str(tmp_path / "a.pdf"))[1][0]["told"]["what"] == "scan_of_withdrawn"


def test_a_ledger_of_before_a_paper_was_given_back_hides_it_from_nobody(
    settings: Settings, home: Path, tmp_path: Path
) -> None:
    """Its object says that it was given back; a rebuild brings the ledger level."""
    paper = held(settings, tmp_path)
    with open_services(settings) as ctx:
        withdraw(ctx, AN, paper.id, "có dấu MẬT")
    copied(home, tmp_path / "yesterday", "ledger.sqlite")
    with open_services(settings) as ctx:
        for by in (AN, BINH):
            decide_withdrawn(ctx, by, paper.id, "not_secret", WHY)
        assert ctx.ledger.withdrawals.apart() == []
    put_back(tmp_path / "yesterday", home, "ledger.sqlite")
    assert run_json(settings, "show", paper.id)[0] == ExitCode.OK
    assert [item for item in run_json(settings, "doctor")[1] if item["name"] == "papers"] == []
    assert run_json(settings, "rebuild", "--who", "An")[0] == ExitCode.OK
    assert run_json(settings, "show", paper.id)[0] == ExitCode.OK
    with open_services(settings) as ctx:
        assert ctx.ledger.withdrawals.apart() == []


@pytest.mark.parametrize("command", [("rebuild",), ("withdraw", "ID", "--reason", WHY)], ids=lambda item: item[0])
def test_what_an_earlier_release_withdrew_is_told_and_entered(
    settings: Settings, home: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """The ledger does not have it: doctor says so, and any command that withdraws or rebuilds mends it."""
    paper = held(settings, tmp_path)
    with open_services(settings) as ctx:
        withdraw(ctx, AN, paper.id, "có dấu MẬT")
    with sqlite3.connect(home / "ledger.sqlite") as db:
        db.execute("DELETE FROM withdrawals")
    (told,) = [item for item in run_json(settings, "doctor")[1] if item["name"] == "papers"]
    assert told["state"] == "absent"
    run_json(settings, *(paper.id if part == "ID" else part for part in command), "--who", "An")
    assert [item for item in run_json(settings, "doctor")[1] if item["name"] == "papers"] == []
    with open_services(settings) as ctx:
        assert [(item.row.id, item.row.state) for item in ctx.ledger.withdrawals.apart()] == [(paper.id, "withdrawn")]


def test_a_paper_that_was_withdrawn_twice_stays_so(settings: Settings, home: Path, tmp_path: Path) -> None:
    """Vault, catalogue and journal are of the day on which it was given back: the last withdrawal counts."""
    paper = held(settings, tmp_path)
    with open_services(settings) as ctx:
        withdraw(ctx, AN, paper.id, "có dấu MẬT")
        for by in (AN, BINH):
            decide_withdrawn(ctx, by, paper.id, "not_secret", WHY)
    copied(home, tmp_path / "yesterday", *RESTORED)
    later = now() + timedelta(days=1)
    with open_services(settings) as ctx, set_to(lambda: later):
        withdraw(ctx, AN, paper.id, "vẫn có dấu MẬT")
    put_back(tmp_path / "yesterday", home, *RESTORED)
    with open_services(settings, rebuilding=True) as ctx:
        assert [item.about for item in rebuild(ctx, AN).differences] == ["withdrawn"]
        assert ctx.catalogue.paper(paper.id) is None
