"""A command that is killed at one of its steps, and given again, leaves what an undisturbed one leaves."""

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from config.settings import load_settings
from domain.secrecy.events import WithdrawalVerdict
from pipeline.indexing import drain
from pipeline.records import Statement
from pipeline.runner import tidy
from services.catalogues import import_list
from services.context import Services, open_services
from services.dossiers.take_in import take_in_dossiers
from services.permissions import Asker, asker, user_of_the_machine
from services.quality.opening import open_lot
from services.reuse.asking import lookup
from services.review.ending import discard, reject
from services.secrecy.deciding import decide_withdrawn
from services.secrecy.decisions import say_not_secret
from services.secrecy.withdrawing import withdraw
from tests.support.crashes import Trial
from tests.support.desk import STATED, WHY, bring
from tests.support.held_papers import OTHER_OWNER, OWNER, hold
from tests.support.lots import lot
from tests.support.walks import slip
from tests.support.written_pdfs import NOTICE, page

DOSSIER = "H17.12-261124-0001"
_MINH = Asker(who="Minh", office="H17.12", role="operator")
INGEST = ("ingest", "{folder}/in", "--manifest", "{folder}/in.csv")
FILLED = (f"--set=type={STATED.type_code}", *(f"--set={name}={value}" for name, value in STATED.fields.items()))


class Act(NamedTuple):
    """A command, the store before it, which of its steps are tried of so many, and which events it may repeat."""

    build: Callable[[Services, Path], object]
    command: tuple[str, ...]
    stride: int = 1
    may_repeat: str = ""


def _held(ctx: Services, folder: Path) -> None:
    for number, name in enumerate(("birth", "death", "marriage")):
        code, dossier = f"{OWNER}.KQ.G15.000031.215/2019.{number:02}", f"H17.12-260101-{number:04}"
        hold(ctx, folder, name, digitisation_code=code, dossier=dossier)


def _asked(ctx: Services, folder: Path) -> None:
    hold(ctx, folder, "birth")
    me = user_of_the_machine(ctx.settings)
    lookup(ctx, me, owner_id=OWNER, dossier=DOSSIER, type_code="KQ.G15.000031", reason=WHY)


def _waiting(ctx: Services, folder: Path) -> None:
    path = folder / "a.pdf"
    path.write_bytes(page(("Danh sách", "Nguyễn Thị Thu Hà", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")))
    (folder / "document").write_text(bring(ctx, path, Statement()), encoding="utf-8")


def _rejected(ctx: Services, folder: Path) -> None:
    """A paper that is to be scanned again, and its new scan."""
    _waiting(ctx, folder)
    by = asker(ctx.settings, "Lan")
    reject(ctx, by, (folder / "document").read_text(encoding="utf-8"), "rescan", "mờ")
    _files(45)(ctx, folder)


def _files(*numbers: int, is_first: bool = False) -> Callable[[Services, Path], None]:
    """Papers in a folder, with a manifest that says all of them; the store has its keys, unless it is the first."""

    def lay(ctx: Services, folder: Path) -> None:
        if not is_first:
            ctx.signers.get_ready()
        (folder / "in").mkdir()
        with (folder / "in.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["file", "type", *STATED.fields])
            for number in numbers:
                name = f"{number}.pdf"
                (folder / "in" / name).write_bytes(page([line.replace("45/", f"{number}/") for line in NOTICE]))
                got = {**STATED.fields, "number_symbol": f"{number}/TB-UBND"}
                rows.writerow([name, STATED.type_code, *got.values()])

    return lay


def _list(_: Services, folder: Path) -> None:
    entry = {"MaTTHC": "2.002621", "TenTTHC": "Liên thông khai sinh", "TenLinhVuc": "Hộ tịch", "CapThucHien": "Cấp xã"}
    part = {"MaThanhPhanHoSo": "GCS", "TenThanhPhanHoSo": "Giấy chứng sinh"}
    got = json.dumps({"DanhSachTTHC": [entry | {"ThanhPhanHoSo": [part]}]})
    (folder / "list.json").write_text(got, encoding="utf-8")


def _imported(ctx: Services, folder: Path) -> None:
    for code in ("2.002621", "2.002622"):
        _list(ctx, folder)
        path = folder / "list.json"
        path.write_text(path.read_text(encoding="utf-8").replace("2.002621", code), encoding="utf-8")
        import_list(ctx, user_of_the_machine(ctx.settings), path, apply=True)


def _drawn(ctx: Services, folder: Path) -> None:
    lot(ctx, folder, "lot", 2)
    inspection = open_lot(ctx, user_of_the_machine(ctx.settings), "lot")
    (folder / "document").write_text(ctx.quality.sample(inspection)[0].paper_id, encoding="utf-8")


def _dossiers(_: Services, folder: Path) -> None:
    fields = {"MaTTHC": "1.001193", "SoGiayToChuHoSo": OWNER, "NgayTiepNhan": "20261124", "TrangThaiHoSo": "2"}
    got = [{"MaHoSo": code, **fields} for code in (DOSSIER, "H17.12-261124-0002")]
    (folder / "dossiers.json").write_text(json.dumps(got), encoding="utf-8")


def _ended(ctx: Services, folder: Path) -> None:
    """Two papers that are kept for a term, and the dossier that they are of, which ended."""
    for number in (1, 2):
        code = f"{OWNER}.KQ.H17.990005.{number}.01"
        changes = {"type_code": "KQ.H17.990005", "dossier": DOSSIER, "digitisation_code": code}
        hold(ctx, folder, f"paper-{number}", retention_class="20-nam", retention_until=2039, **changes)
    _dossiers(ctx, folder)
    path = folder / "dossiers.json"
    got = [item | {"NgayKetThucXuLy": "20261125"} for item in json.loads(path.read_text(encoding="utf-8"))]
    path.write_text(json.dumps(got), encoding="utf-8")


def _entered(ctx: Services, folder: Path) -> None:
    _dossiers(ctx, folder)
    take_in_dossiers(ctx, user_of_the_machine(ctx.settings), folder / "dossiers.json")


def _perhaps_secret(ctx: Services, folder: Path) -> None:
    """A paper of which the manifest says that it is secret; the store has its keys."""
    ctx.signers.get_ready()
    path = folder / "a.pdf"
    path.write_bytes(page(NOTICE))
    (folder / "document").write_text(bring(ctx, path, STATED.model_copy(update={"secrecy": "MẬT"})), encoding="utf-8")


def _said_once(ctx: Services, folder: Path) -> None:
    _perhaps_secret(ctx, folder)
    say_not_secret(ctx, _MINH, (folder / "document").read_text(encoding="utf-8"), "nhầm")


def _withdrawn(ctx: Services, folder: Path) -> None:
    """A paper that was digitised here and withdrawn."""
    ctx.signers.get_ready()
    path = folder / "a.pdf"
    path.write_bytes(page(NOTICE))
    name = bring(ctx, path, STATED)
    (folder / "document").write_text(name, encoding="utf-8")
    drain(ctx)
    withdraw(ctx, _MINH, name, "có dấu MẬT")


def _decided_once(verdict: WithdrawalVerdict) -> Callable[[Services, Path], None]:
    def build(ctx: Services, folder: Path) -> None:
        _withdrawn(ctx, folder)
        decide_withdrawn(ctx, _MINH, (folder / "document").read_text(encoding="utf-8"), verdict, "đã xem giấy")

    return build


_SAID = ("--reason", "đã xem giấy", "--who", "Lan")
ACTS: dict[str, Act] = {
    "not-secret-first": Act(_perhaps_secret, ("review", "DOCUMENT", "--not-secret", *_SAID), 1, "shown"),
    "not-secret": Act(_said_once, ("review", "DOCUMENT", "--not-secret", *_SAID), 5, "shown"),
    "secret": Act(_perhaps_secret, ("review", "DOCUMENT", "--secret", *_SAID), 1, "shown"),
    "withdraw": Act(_held, ("withdraw", "birth", *_SAID), 1, "withdrawn_listed"),
    "withdraw-sampled": Act(_drawn, ("withdraw", "DOCUMENT", *_SAID), 1, "withdrawn_listed"),
    "restore-first": Act(_withdrawn, ("withdraw", "DOCUMENT", "--restore", *_SAID)),
    "restore": Act(_decided_once("not_secret"), ("withdraw", "DOCUMENT", "--restore", *_SAID)),
    "erase": Act(_decided_once("secret"), ("withdraw", "DOCUMENT", "--erase", *_SAID)),
    "use": Act(_asked, ("use", "birth", "--dossier", DOSSIER, "--out", "{folder}/out.pdf"), may_repeat="used_again"),
    "standing": Act(_held, ("standing", "birth", "revoked", "--reason", "QĐ 12", "--who", "Lan")),
    "untie": Act(_held, ("dossiers", "untie", "birth", "--reason", "nhầm", "--who", "Lan"), may_repeat="shown"),
    "correct": Act(
        _held,
        ("correct", "birth", "--set", f"owner_id={OTHER_OWNER}", "--reason", "sổ gốc", "--who", "Lan"),
        may_repeat="shown",
    ),
    "case": Act(_held, ("cases", "open", "birth", "--request", "sai tên", "--who", "Lan")),
    "release": Act(_waiting, ("review", "DOCUMENT", "--release", *FILLED), 3, "shown"),
    "reject": Act(_waiting, ("review", "DOCUMENT", "--reject", "rescan", "--reason", "mờ", "--who", "Lan"), 1, "shown"),
    "take-back": Act(_rejected, ("review", "DOCUMENT", "--undo", "--who", "Lan"), 1, "shown"),
    "rescan": Act(_rejected, ("ingest", "{folder}/in", "--rescan", "DOCUMENT", *INGEST[2:], "--workers", "1"), 7),
    "discard": Act(_waiting, ("review", "DOCUMENT", "--discard", "--reason", "quét lại", "--who", "Lan"), 1, "shown"),
    "ingest": Act(_files(45), (*INGEST, "--workers", "1"), 5),
    "batch": Act(_files(45, 46), (*INGEST, "--workers", "2"), 17),
    "first": Act(_files(45, is_first=True), (*INGEST, "--workers", "1"), 29),
    "rebuild": Act(_held, ("rebuild", "--who", "Lan"), may_repeat="rebuilt"),
    "reindex": Act(_held, ("reindex", "--who", "Lan"), may_repeat="indexed"),
    "import": Act(_list, ("catalogue", "import", "{folder}/list.json", "--apply", "--who", "Minh")),
    "undo": Act(_imported, ("catalogue", "undo", "--who", "Lan")),
    "dossiers": Act(_dossiers, ("dossiers", "import", "{folder}/dossiers.json", "--who", "Minh")),
    "terms": Act(_ended, ("dossiers", "import", "{folder}/dossiers.json", "--who", "Minh")),
    "check": Act(_drawn, ("quality", "check", "DOCUMENT", "--defect", "owner_id", "--who", "Lan")),
    "export": Act(_entered, ("dossiers", "export", "-o", "{folder}/out.json", "--who", "Lan")),
    "lookup": Act(
        _held,
        ("lookup", "--reason", WHY, "--owner", OWNER, "--dossier", DOSSIER, "--type", "KQ.G15.000031"),
        1,
        "asked",
    ),
    "slip": Act(
        _entered,
        ("lookup", "--owner", OWNER, "--dossier", DOSSIER, "--slip", "{folder}/slip.pdf"),
        1,
        "asked slip_printed",
    ),
}


def trial(act: Act, folder: Path) -> Trial:
    """The command of an act, in a store that is as it was before."""
    home = folder / "template" / "home"
    home.mkdir(parents=True)
    roles = '[desk]\nroles = { Lan = "archivist", Minh = "operator" }\n'
    (home / "khoso.toml").write_text(roles, encoding="utf-8")
    with open_services(load_settings(home, {"KHOSO_RECOGNITION__MODE": "fast"})) as ctx:
        act.build(ctx, home.parent)
        for opened in (ctx.ledger, ctx.catalogue, ctx.desk, ctx.vault):
            assert opened
    named = home.parent / "document"
    document = named.read_text(encoding="utf-8") if named.exists() else ""
    return Trial(home, folder, *(item.replace("DOCUMENT", document) for item in act.command))


@pytest.mark.parametrize("name", sorted(ACTS.keys() - {"batch", "first"}))
def test_killed_at_some_step(name: str, tmp_path: Path) -> None:
    """The same command goes on; store, events and files are those of the undisturbed run."""
    done = trial(ACTS[name], tmp_path)
    done.disturb(done.steps * 2 // 3, ACTS[name].may_repeat)


@pytest.mark.long
@pytest.mark.parametrize("name", list(ACTS))
def test_killed_at_every_step(name: str, tmp_path: Path) -> None:
    """The same at all steps, or every so many of them."""
    done = trial(ACTS[name], tmp_path)
    assert done.steps > 5
    for step in range(1, done.steps + 1, ACTS[name].stride):
        done.disturb(step, ACTS[name].may_repeat)


def test_what_was_cut_off_in_tidying_is_found_again(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work folder goes last, for by it the next run knows that something may be left of a paper that is over."""
    path = tmp_path / "a.png"
    slip().save(path)  # held: no resolution is told
    document = bring(ctx, path, STATED)
    discard(ctx, user_of_the_machine(ctx.settings), document, "thử")
    entry = ctx.ledger.entry(document)
    assert entry is not None
    folder, scan = ctx.settings.work_folder / document, ctx.settings.inbox / f"{entry.sha256}.png"
    folder.mkdir(parents=True, exist_ok=True)
    scan.touch()
    monkeypatch.setattr("pipeline.runner.now", lambda: entry.updated_at + timedelta(days=2))  # no more to be taken back
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", _cut_off)
        with pytest.raises(KeyboardInterrupt):
            tidy(ctx, entry)
    assert folder.exists()
    tidy(ctx, entry)
    assert not folder.exists()
    assert not scan.exists()


def _cut_off(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
