"""A store as it was yesterday and as it is today, to be spoilt part by part: deleted, put back, or damaged."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from archive.upgrades.aside import Aside
from config.settings import Settings, load_settings
from domain.events import PaperArchived
from pipeline.intake import open_batch, take_in
from services.context import Services, open_services
from services.permissions import user_of_the_machine
from services.quality.checking import check_paper
from services.quality.kept import MinutesStatement
from services.quality.minutes import give_minutes
from services.quality.opening import open_lot
from services.reuse.asking import lookup
from tests.support.desk import STATED, WHY, given, run_json
from tests.support.held_papers import OWNER, hold
from tests.support.lots import enter_document
from tests.support.written_pdfs import page

PARTS: dict[str, tuple[str, ...]] = {
    "`catalogue.sqlite`": ("catalogue.sqlite*",),
    "`ledger.sqlite`": ("ledger.sqlite*",),
    "`desk.sqlite`": ("desk.sqlite*",),
    "`quality.sqlite`": ("quality.sqlite*",),
    "`minutes/`": ("minutes",),
    "`audit.jsonl`": ("audit.jsonl",),
    "`audit.jsonl.head`": ("audit.jsonl.head",),
    "`audit.jsonl` and its `.head`": ("audit.jsonl", "audit.jsonl.head"),
    "`vault/`": ("vault",),
    "the mark in `vault/`": ("vault/extensions/khoso-epoch",),
    "`epoch.json`": ("epoch.json",),
    "`index/`": ("index",),
    "`owner.secret`": ("owner.secret",),
    "`inbox/`": ("inbox",),
    "`work/`": ("work",),
    "`keys/`": ("keys",),
    "`catalogues/`": ("catalogues",),
    "`khoso.toml`": ("khoso.toml",),
    "`before-upgrade/`": ("before-upgrade",),
}
DOSSIER = "H17.12-260102-0001"
TYPE = "KQ.G15.000032"
FORMER, LATER = ("a", "b"), "c"
UNDER_WAY = ("first", "second")
LOTS = ("lot of yesterday", "lot of today")
_SAID = MinutesStatement(contract="1/HĐ", party_a="A", party_b="B")
_JUNK = b"\x00\xffno such thing\n" * 40


class Said(NamedTuple):
    """What a command says: its exit code, its lines, and the fixed word of its error."""

    code: int
    lines: list[dict[str, Any]]
    reason: str


def say(settings: Settings, *arguments: str) -> Said:
    """Give a command to a store."""
    done = given(settings, *arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    reason = next(iter(re.findall(r"(?:^|\s)([a-z_]+): ", done.stderr)), "")
    return Said(done.exit_code, [json.loads(line) for line in done.stdout.splitlines()], reason)


def mint(ctx: Services, name: str) -> tuple[str, str]:
    """Codes of a paper: the archive's for its file, and its own."""
    codes = ctx.catalogue.mint(name, prefix=f"{OWNER}.KQ.G15.000031", write_file=lambda n: f"H17.12.2026.SH{n:06d}")
    assert codes.file
    return codes.file, codes.digitisation


def build(folder: Path) -> None:
    """Make ``now`` and ``yesterday``; in between came a paper, a question, a list, a file and a role."""
    home = folder / "now"
    home.mkdir(mode=0o700)
    _configure(home, "Lan")
    settings = load_settings(home, {})
    with open_services(settings) as ctx:
        ctx.journal.record(PaperArchived(who="test", subject="a store that begins", object="none"))
        ctx.signers.get_ready()
        for name in FORMER:
            _hold(ctx, folder, name)
        _receive(ctx, folder, UNDER_WAY[0])
        judge(ctx, folder, 0)
    import_list(settings, folder, 1)
    assert say(settings, "index").code == 0
    aside = Aside(settings)  # as an upgrade leaves it
    aside.keep(1)
    aside.finish()
    shutil.copytree(home, folder / "yesterday")
    _configure(home, "Lan", "Mai")
    with open_services(settings) as ctx:
        _hold(ctx, folder, LATER)
        _receive(ctx, folder, UNDER_WAY[1])
        lookup(ctx, user_of_the_machine(settings), owner_id=OWNER, dossier=DOSSIER, type_code=TYPE, reason=WHY)
        judge(ctx, folder, 1)
    import_list(settings, folder, 2)
    assert say(settings, "index").code == 0


def _configure(home: Path, *archivists: str) -> None:
    roles = ", ".join(f'{name} = "archivist"' for name in archivists)
    (home / "khoso.toml").write_text(f"[desk]\nroles = {{ {roles} }}\n", encoding="utf-8")


def _hold(ctx: Services, folder: Path, name: str) -> None:
    file, code = mint(ctx, name)
    type_code = TYPE if name == LATER else "KQ.G15.000031"
    hold(ctx, folder, name, type_code=type_code, dossier=None, file_code=file, digitisation_code=code)


def judge(ctx: Services, folder: Path, number: int) -> None:
    """Accept a lot of one paper, and sign its minutes."""
    batch, paper, by = LOTS[number], FORMER[number], user_of_the_machine(ctx.settings)
    ctx.ledger.open_batch(batch, batch)
    enter_document(ctx, batch, paper)
    ctx.ledger.close_batch(batch)
    open_lot(ctx, by, batch)
    check_paper(ctx, by, paper, ())
    give_minutes(ctx, by, batch, _SAID, folder / f"{batch}.pdf")


def sign_again(ctx: Services, folder: Path) -> None:
    """Have the minutes of both lots again."""
    for number, batch in enumerate(LOTS):
        give_minutes(ctx, user_of_the_machine(ctx.settings), batch, _SAID, folder / f"again-{number}.pdf")


def receive_again(ctx: Services, folder: Path) -> None:
    """Put in again what is on its way."""
    for name in UNDER_WAY:
        _receive(ctx, folder, name)


def _receive(ctx: Services, folder: Path, name: str) -> None:
    path = folder / f"{name}.pdf"
    if not path.exists():
        path.write_bytes(page((name,)))
    take_in(ctx, path, open_batch(ctx, name), STATED)


def import_list(settings: Settings, folder: Path, number: int) -> None:
    """Import the list of a day."""
    file = folder / f"{number}.csv"
    rows = "MaTTHC,TenTTHC,TenLinhVuc,CapThucHien,MaThanhPhanHoSo,TenThanhPhanHoSo,MaGiayTo,HinhThucNop\n"
    rows += f"1.00900{number},Thủ tục {number},Hộ tịch,Cấp Xã,G,Giấy tờ,{TYPE},Nộp\n"
    file.write_text(rows, encoding="utf-8")
    code, lines = run_json(settings, "catalogue", "import", str(file), "--apply", "--who", "Lan")
    assert code == 0, lines


def paths_of(home: Path, part: str) -> list[Path]:
    """The files and folders of a part that are there."""
    return [path for pattern in PARTS[part] for path in sorted(home.glob(pattern))]


def delete(_stores: Path, home: Path, part: str) -> None:
    """Delete a part."""
    for path in paths_of(home, part):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def put_back(stores: Path, home: Path, part: str, day: str = "yesterday") -> None:
    """Put a part back as it was on a day."""
    delete(stores, home, part)
    for path in paths_of(stores / day, part):
        target = home / path.relative_to(stores / day)
        shutil.copytree(path, target) if path.is_dir() else shutil.copy2(path, target)


def damage(_stores: Path, home: Path, part: str) -> None:
    """Write over every file of a part."""
    for path in paths_of(home, part):
        for file in [path] if path.is_file() else [item for item in path.rglob("*") if item.is_file()]:
            file.write_bytes(_JUNK)


HOWS: dict[str, Callable[[Path, Path, str], None]] = {
    "deleted": delete,
    "of yesterday": put_back,
    "damaged": damage,
}
