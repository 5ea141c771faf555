"""No English is left on a Vietnamese screen: every command is run, and every word of its screens is looked at."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from babel.messages.pofile import read_po
from typer.main import get_command
from typer.testing import CliRunner

from cli import main
from cli.words import DOMAIN
from cli.words import LOCALE as OF_SCREENS
from config.settings import Settings, load_settings
from domain.messages.language import LOCALE, speak
from domain.readings import FieldName
from pipeline.records import Statement
from services.context import open_services
from tests.support.desk import STATED, bring
from tests.support.door import coarse, locked
from tests.support.held_papers import OWNER
from tests.support.reason_words import errors
from tests.support.scans import as_pdf
from tests.support.walks import slip
from tests.support.written_pdfs import page

_WORD = re.compile(r"(?<![\w./*-])[A-Za-z][A-Za-z']{2,}(?![\w*/]|[.-]\w)")
# What is no text of ours: commands, options, places and ids as they are typed; the word for programs with which a
# reason begins; the library's `Usage` and `Try`; stages, records by name; certificates, and sources of catalogues.
_TYPED = re.compile(
    r"`[^`]*`|'[^']*'|--[a-z-]+|\S*/\S+|\b[a-z_0-9]+: |^Usage: .*|\| \w+ \| \w+ → \w+ \||khoso development [a-z ]+"
    r"|nguồn  .*|placeholder until .*|Try .* for help\."
)
# Names that a person types, or that stand in settings and files: fields, stages, columns, profiles, engines.
_NAMES = {*get_args(FieldName), "title", "issuer", "abstract", "scope", "type", "tantivy", "vietnamese", "root"}

# Words of closed sets that had stood on screens as they are called in the source.
_CODES = {"passed", "received", "colour", "correction", "mark", "scan", "signature", "yes", "version", "held"}


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(_TYPED.sub(" ", text))}


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    with path.open("rb") as file:
        for message in read_po(file):
            for part in message.string if isinstance(message.string, list | tuple) else (message.string,):
                yield str(message.id), str(part)


@cache
def english() -> frozenset[str]:
    """The words of the English catalogue and of the headings that no Vietnamese text has."""
    catalogue = {
        language: {word for _, text in _texts(LOCALE / language / "LC_MESSAGES" / "khoso.po") for word in _words(text)}
        for language in ("en", "vi")
    }
    screens = list(_texts(OF_SCREENS / "vi" / "LC_MESSAGES" / f"{DOMAIN}.po"))
    ours = {word for text, _ in screens for word in _words(text)} | catalogue["en"]
    theirs = {word for _, text in screens for word in _words(text)} | catalogue["vi"]
    return frozenset((ours | _CODES) - theirs - _NAMES)


def left_on(screen: str) -> dict[str, str]:
    """The English words of a screen, each with its line."""
    return {word: line.strip() for line in screen.splitlines() for word in sorted(_words(line)) if word in english()}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dict[str, str]]:
    """A store with papers in every state, and their ids."""
    folder = tmp_path_factory.mktemp("vi")
    settings = load_settings(folder / "home", {"KHOSO_RECOGNITION__MODE": "fast"})
    ids = {}
    with open_services(settings) as ctx:
        ids["archived"] = bring(ctx, as_pdf(folder / "a.pdf", slip()), STATED)
        (folder / "b.pdf").write_bytes(page(("Danh sách", "Trần Văn Bình", "Lê Thị Hoa")))
        ids["held"] = bring(ctx, folder / "b.pdf", Statement())
        ids["secret"] = bring(ctx, as_pdf(folder / "c.pdf", slip("plan")), Statement(secrecy="MẬT"))
        ids["locked"] = bring(ctx, locked(folder), Statement())
        ids["coarse"] = bring(ctx, coarse(folder), Statement())
    roles = '[desk.roles]\n"Phạm Ánh" = "archivist"\n"Lê Hoà" = "operator"\n'
    (settings.home / "khoso.toml").write_text(roles, encoding="utf-8")
    ids["batch"] = _batch(settings)
    ids["folder"] = str(folder)
    return settings, ids


def _batch(settings: Settings) -> str:
    with open_services(settings) as ctx:
        return str(ctx.ledger.batches()[0]["id"])


_COMMANDS: tuple[tuple[str, ...], ...] = (
    ("ingest", "{folder}/a.pdf"),
    ("ingest", "{folder}/khong-co.pdf"),
    ("separators", "-o", "{folder}/sheets.pdf"),
    ("status",),
    ("status", "khong-co"),
    ("review",),
    ("review", "{held}"),
    ("review", "{held}", "--set", "issuer=Sở Tư pháp"),
    ("review", "{held}", "--undo"),
    ("review", "{held}", "--release"),
    ("review", "{coarse}", "--reject", "rescan", "--reason", "mờ"),
    ("review", "--rescan"),
    ("review", "--stats"),
    ("review", "--where", "doubt=review", "--set", "issuer=Sở Tư pháp"),
    ("review", "--manifest", "{folder}/late.csv"),
    ("review", "{secret}", "--not-secret", "--reason", "nhầm"),
    ("review", "khong-co"),
    ("search", "thông báo", "--facets"),
    ("lookup", "--owner", OWNER, "--dossier", "H17.12-261124-0001", "--procedure", "1.004859"),
    ("lookup", "--owner", OWNER, "--dossier", "H17.12-261124-0001", "--type", "TP.H17.990103", "--reason", "chờ"),
    ("use", "1", "--dossier", "H17.12-261124-0001"),
    ("copy", "{archived}", "--for", "H17.12-261124-0001", "--out", "{folder}/copy.pdf"),
    ("copies",),
    ("certify", "{archived}"),
    ("certified",),
    ("link",),
    ("owner", OWNER, "--reason", "đơn"),
    ("cases", "open", "{archived}", "--request", "sai ngày"),
    ("cases", "list"),
    ("cases", "answer", "1"),
    ("cases", "refuse", "1", "--reason", "đúng sổ gốc"),
    ("correct", "{archived}", "--set", "abstract=về việc khác", "--reason", "sổ gốc"),
    ("standing", "{archived}", "revoked", "--reason", "Quyết định 1"),
    ("show", "{archived}"),
    ("show", "{archived}", "--history"),
    ("show", "{held}", "--history"),
    ("show", "khong-co"),
    ("verify", "{archived}"),
    ("quality", "open", "{batch}"),
    ("quality", "list"),
    ("quality", "show", "{batch}", "--papers"),
    ("quality", "check", "{archived}", "--ok"),
    ("quality", "minutes", "{batch}", "--contract", "1", "--party-a", "A", "--party-b", "B", "-o", "{folder}/m.pdf"),
    ("dossiers", "import", "{folder}/dossiers.json"),
    ("dossiers", "list"),
    ("dossiers", "list", "--demanded"),
    ("dossiers", "show", "H17.12-261124-0001"),
    ("dossiers", "export", "-o", "{folder}/out.json"),
    ("dossiers", "tie", "{archived}", "H17.12-261124-0001", "--reason", "sổ"),
    ("dossiers", "untie", "{archived}", "--reason", "nhầm"),
    ("dossiers", "doubts"),
    ("dossiers", "terms"),
    ("catalogue", "import", "{folder}/agencies.csv", "--kind", "agencies"),
    ("catalogue", "import", "{folder}/agencies.csv", "--kind", "agencies", "--apply"),
    ("catalogue", "list", "agencies"),
    ("catalogue", "show", "H17.12"),
    ("catalogue", "versions"),
    ("catalogue", "undo"),
    ("renew", "--dry-run"),
    ("index",),
    ("reindex",),
    ("rebuild",),
    ("upgrade",),
    ("worker", "--broker", "redis://127.0.0.1:1/0", "--until-idle"),
    ("flow",),
    ("doctor",),
    ("withdraw", "{archived}", "--reason", "có dấu mật"),
    ("withdrawn",),
    ("withdrawn", "{archived}"),
)


def test_no_english_is_left(store: tuple[Settings, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Headings, cells, closing lines and errors of every command, of those who do well and of those who do not."""
    settings, ids = store
    _files(Path(ids["folder"]))
    monkeypatch.setenv("COLUMNS", "400")
    found: dict[str, str] = {}
    for command in _COMMANDS:
        words = [word.format(**ids) for word in command]
        for who in ("Phạm Ánh", "Lê Hoà", "Cúc"):
            done = CliRunner().invoke(
                main.app, ["--lang", "vi", *words], env={"KHOSO_HOME": str(settings.home), "KHOSO_WHO": who}
            )
            speak("en")
            assert done.exit_code != 1 or done.exception is None or isinstance(done.exception, SystemExit), words
            assert not set(re.findall(r"\w+", done.output)) & errors().keys(), done.output
            found |= {word: f"{' '.join(words)}: {line}" for word, line in left_on(done.output).items()}
    assert "\n".join(f"{word}: {line}" for word, line in sorted(found.items())) == ""


def _files(folder: Path) -> None:
    (folder / "late.csv").write_text("file,issuer,position\nb.pdf,Sở Tư pháp,7\nz.pdf,Sở,1\n", encoding="utf-8")
    (folder / "dossiers.json").write_text("[]", encoding="utf-8")
    (folder / "agencies.csv").write_text("MaCoQuan,TenCoQuan\nH17.99,Sở Thử nghiệm\n", encoding="utf-8")


def test_every_command_is_looked_at() -> None:
    """Also those of groups; whoever adds one adds it to the list."""
    root: Any = get_command(main.app)
    named: set[tuple[str, ...]] = set()
    for name in root.list_commands(None):
        command: Any = root.get_command(None, name)
        named |= {(name, inner) for inner in getattr(command, "commands", {})} or {(name,)}
    tried = {command[:1] for command in _COMMANDS} | {command[:2] for command in _COMMANDS}
    assert named - tried == set()
