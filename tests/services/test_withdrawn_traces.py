"""After a withdrawal no role finds a trace of the paper by any command that reads (law L8.5); before it they did."""

import json
import shutil
from pathlib import Path

import pytest

from cli.main import _COMMANDS
from config.settings import Settings, load_settings
from pipeline.indexing import drain
from services.context import open_services
from services.corrections.cases import open_case
from services.corrections.correcting import correct
from services.dossiers.take_in import take_in_dossiers
from services.permissions import Asker
from services.quality.checking import check_paper
from services.quality.opening import open_lot
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.secrecy.withdrawing import withdraw
from tests.services.test_printing import words
from tests.support.desk import given, screen
from tests.support.held_papers import OWNER, hold
from tests.support.lots import enter_document

ROLES = {"An": "archivist", "Lan": "operator", "Mai": "auditor", "Bưu": "postal", "Cúc": "desk"}
DECIDERS = ("An", "Lan", "Mai")  # they may know that it is withdrawn, and nothing that it says
BATCH, DOSSIER, TYPE = "20261130-100000", "H17.12-260101-0001", "KQ.G15.000031"
ID, CODE = "f00dcafe12345678", f"{OWNER}.{TYPE}.987/2019.01"
TITLE, ABSTRACT, NAME, NUMBER = "Trích lục Kim Ngân", "về hầm Thạch Động", "Tôn Nữ Hương Giang", "987/2019"
NO_ID, NO_NUMBER = "f00d000000000000", "111/2011"  # of no paper
SAYS = (TITLE, "Kim Ngân", "Thạch Động", NAME, NUMBER, CODE, "048*******75.KQ", "Hương Giang cũ")
_TO = ("-o", "{out}")
# Every command that reads; `{id}`, `{code}`, `{file}` name the paper, `{out}` is a file to be written.
READS: tuple[tuple[str, ...], ...] = (
    ("status",),
    ("status", BATCH),
    ("search", "Kim Ngân"),
    ("search", NUMBER),
    ("search", NAME),
    ("search", f"hồ sơ:{DOSSIER}"),
    ("lookup", "--owner", OWNER, "--dossier", DOSSIER, "--type", TYPE, "--reason", "đơn", "--slip", "{out}.pdf"),
    ("use", "1", "--dossier", DOSSIER, "--out", "{out}.pdf"),
    ("use", "{id}", "--dossier", DOSSIER, "--out", "{out}.pdf"),
    ("copy", "{id}", "--for", DOSSIER, "--out", "{out}.pdf"),
    ("copies", *_TO),
    ("copies",),
    ("certify", "{code}", "--for", DOSSIER, "--out", "{out}.pdf"),
    ("certified",),
    ("certified", "--books"),
    ("link",),
    ("show", "{id}"),
    ("show", "{code}"),
    ("show", "{id}", "--history"),
    ("verify", "{id}"),
    ("verify", "{file}", "--report", "{out}.pdf"),
    ("review",),
    ("review", "{id}"),
    ("review", "--rescan"),
    ("review", "--stats"),
    ("owner", OWNER, "--reason", "đơn"),
    ("cases", "list"),
    ("dossiers", "list"),
    ("dossiers", "list", "--demanded"),
    ("dossiers", "show", DOSSIER),
    ("dossiers", "doubts"),
    ("dossiers", "terms"),
    ("dossiers", "export", *_TO),
    ("dossiers", "export", "--results", *_TO),
    ("dossiers", "export", "--ended", *_TO),
    ("quality", "list"),
    ("quality", "show", BATCH),
    ("quality", "show", BATCH, "--papers"),
    ("quality", "minutes", BATCH, "--contract", "1", "--party-a", "A", "--party-b", "B", "-o", "{out}.pdf"),
    ("withdrawn",),
    ("withdrawn", "{id}"),
    ("correct", "{code}", "--set", "title=x", "--reason", "x"),
    ("standing", "{id}", "revoked", "--reason", "x"),
    ("cases", "open", "{id}", "--request", "x"),
    ("dossiers", "tie", "{id}", DOSSIER, "--reason", "x"),
    ("catalogue", "list"),
    ("renew", "--dry-run"),
    ("index",),
    ("reindex", "--check"),
    ("doctor",),
    ("flow",),
)
_SPELT = (CODE, NUMBER, "048*******75.KQ")  # what a code tells, to who gives it
_OF_NO_PAPER = {"ingest", "separators", "upgrade", "withdraw", "rebuild", "worker"}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a paper that was found, used, asked about, put right and checked; ``after`` it was withdrawn."""
    folder = tmp_path_factory.mktemp("traces")
    (folder / "before").mkdir()
    roles = "\n".join(f'"{name}" = "{role}"' for name, role in ROLES.items() if role != "desk")
    (folder / "before" / "khoso.toml").write_text(
        f"[desk.roles]\n{roles}\n[quality]\nwhole_up_to = 280\n", encoding="utf-8"
    )
    an, clerk = (Asker(who=who, office="H17.12", role=role) for who, role in (("An", "archivist"), ("Cúc", "desk")))
    fields = {"MaTTHC": "1.000894", "SoGiayToChuHoSo": OWNER, "NgayTiepNhan": "20261124"}
    (folder / "in.json").write_text(json.dumps([{"MaHoSo": DOSSIER, **fields}]), encoding="utf-8")
    with open_services(load_settings(folder / "before", {})) as ctx:
        ctx.signers.get_ready()
        take_in_dossiers(ctx, an, folder / "in.json")
        ctx.ledger.open_batch(BATCH, BATCH)
        enter_document(ctx, BATCH, ID)
        said = {"title": TITLE, "abstract": ABSTRACT, "owner_name": "Hương Giang cũ", "number_symbol": NUMBER}
        hold(ctx, folder, ID, **said, digitisation_code=CODE, dossier=DOSSIER)
        ctx.ledger.close_batch(BATCH)
        drain(ctx)
        lookup(ctx, clerk, owner_id=OWNER, dossier=DOSSIER, type_code=TYPE)
        use(ctx, clerk, ID, dossier=DOSSIER, target=folder / "used.pdf")
        correct(ctx, an, ID, {"owner_name": NAME}, reason="sổ gốc")
        open_case(ctx, an, ID, request="sai tên")
        open_lot(ctx, an, BATCH)
        check_paper(ctx, an, ID, [("abstract", ABSTRACT + " cũ")])
    shutil.copytree(folder / "before", folder / "after")
    with open_services(load_settings(folder / "after", {})) as ctx:
        withdraw(ctx, an, ID, "có dấu MẬT")
    return folder


def said(settings: Settings, folder: Path, command: tuple[str, ...], who: str, name: str = ID, code: str = CODE) -> str:
    """All that a command tells somebody: as JSON, on the screen, and in the file that it writes."""
    file = next((str(path) for path in settings.vault.rglob("document.pdf")), str(settings.vault))
    who_asks = () if command[0] in {"doctor", "flow"} else ("--who", who)
    told = []
    for tell in (_as_json, screen):
        out = folder / f"out-{len(list(folder.iterdir()))}"
        places = {"id": name, "code": code, "file": file, "out": str(out)}
        told.append(tell(settings, *(part.format(**places) for part in command), *who_asks))
        for path in (out, out.with_name(f"{out.name}.pdf")):
            if path.exists():
                content = path.read_bytes()
                told.append(" ".join(words(content)) if content.startswith(b"%PDF") else content.decode())
    return "\n".join(told)


def _as_json(settings: Settings, *arguments: str) -> str:
    done = given(settings, *arguments)
    return done.stdout + done.stderr


def test_the_table_has_every_command() -> None:
    """All that the program knows, but those that show no paper that is held."""
    assert {command[0] for command in READS} | _OF_NO_PAPER == set(_COMMANDS)


def test_it_was_found_before(stores: Path, tmp_path: Path) -> None:
    """Each of these told of it, so that the table proves something: else a command that says nothing would pass."""
    shutil.copytree(stores / "before", tmp_path / "home")
    settings = load_settings(tmp_path / "home", {})
    telling, found = {"search", "lookup", "use", "show", "owner"}, set()
    for command in READS:
        if command[0] in telling:
            told = said(settings, tmp_path, command, "An")
            found |= {command[0]} if any(word in told for word in (ID, *SAYS)) else set()
    assert found == telling


@pytest.mark.parametrize("who", [pytest.param(name, marks=pytest.mark.long if name != "Cúc" else ()) for name in ROLES])
def test_nothing_of_it_is_told(stores: Path, tmp_path: Path, who: str) -> None:
    """Nothing that it says; nor, to who does not decide about it, that it was here: as if it had never been."""
    shutil.copytree(stores / "after", tmp_path / "home")
    settings = load_settings(tmp_path / "home", {})
    found: list[tuple[str, ...]] = []
    for command in READS:
        asked = " ".join(command)
        names = any(place in asked for place in ("{id}", "{code}", "{file}"))
        told = said(settings, tmp_path, command, who)
        spells = names or (command[0] == "withdrawn" and who in DECIDERS)  # by its masked code they know it
        free = {word for word in SAYS if word in asked or (spells and word in _SPELT)}
        found += [(asked, word) for word in SAYS if word in told and word not in free]
        if who in DECIDERS:
            continue
        if not names:
            found += [(asked, ID)] if ID in told else []
        elif "{file}" not in command:
            absent = said(settings, tmp_path, command, who, NO_ID, CODE.replace(NUMBER, NO_NUMBER))
            of_none = told.replace(ID, NO_ID).replace(NUMBER, NO_NUMBER)
            found += [(asked, of_none, absent)] if of_none != absent else []
    assert found == [], "\n".join(map(repr, found))
    with open_services(settings) as ctx:
        told_of = [(e["who"], e["reason"]) for e in ctx.journal.events() if e["event"] == "withdrawn"]
    assert told_of == [("An", "có dấu MẬT")]  # the journal has it
