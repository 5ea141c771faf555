"""`doctor`: what is installed, what is missing and how to install it."""

import importlib.metadata
import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import typer

from archive.catalogue import open_catalogue
from archive.desk import open_desk
from archive.epoch import Epoch
from archive.journal import Journal
from archive.ledger import open_ledger
from archive.owner_keys import OwnerKeys, open_owner_keys
from cli.options import Home, Json
from cli.output import session
from config.loader import load_catalogues
from config.settings import Settings
from config.signing import KEY_ROLES, SigningSettings
from domain.clock import now
from domain.errors import ExitCode, KhosoError
from files.rights import open_to_others
from pipeline.errors import ToolMissing
from pipeline.indexing import check_index
from pipeline.recognition.second import second_reader
from pipeline.recognition.tesseract import tessdata
from search.engines import open_index
from signing.keys.kinds import kind_of
from signing.keys.terms import EARLY, URGENT, configured_terms, told

_PROGRAMS = {  # program: Debian package, needed (or only useful)
    "tesseract": ("tesseract-ocr", True),
    "pdfsig": ("poppler-utils", False),
    "redis-server": ("redis-server", False),
}
_LIBRARIES = ("ocrmypdf", "pikepdf", "pyhanko", "tantivy", "sqlalchemy", "dramatiq", "ocfl-py", "img2pdf")


def doctor(home: Home = Path("khoso-data"), as_json: Json = False) -> None:
    """Say what is installed, what is missing and how to install it."""
    with session(home, as_json=as_json) as this:
        rows = [*_programs(), *_languages()]
        rows.append(_second_reader())
        rows += [[name, "ok", importlib.metadata.version(name), ""] for name in _LIBRARIES]
        rows.append(_catalogues(this.settings.imported))
        free = shutil.disk_usage(this.settings.home if this.settings.home.exists() else Path.cwd()).free
        rows.append(["disk", "ok", f"{free >> 30} GiB free", ""])
        rows.append(_rights(this.settings))
        rows += _store(this.settings)
        rows += _keys(this.settings.signing)
        rows += _terms(this.settings.signing)
        rows.append(_level(this.settings.signing))
        rows.append(_journal(this.settings, *_times(this.settings)))
        if this.json:
            for name, state, detail, remedy in rows:
                this.line({"name": name, "state": state, "detail": detail, "remedy": remedy})
        else:
            this.table(["what", "state", "detail", "what to do"], rows)
        states = {row[1] for row in rows}
        is_broken = ExitCode.NOT_VALID if "broken" in states else ExitCode.OK
        raise typer.Exit(ExitCode.SETUP if "missing" in states else is_broken)


def _catalogues(imported: Path) -> list[str]:
    catalogues = load_catalogues(imported=imported)
    counts = (len(catalogues.types), len(catalogues.agencies), len(catalogues.procedures))  # the last reads them all
    return ["catalogues", "ok", "{} types, {} agencies, {} procedures".format(*counts), ""]


def _rights(settings: Settings) -> list[str]:
    """Whether the store is closed to whoever has no business with it."""
    if not settings.home.exists():
        return ["rights", "ok", "no store yet", ""]
    found = list(open_to_others(settings.home, group=settings.work.group))
    if not found:
        return ["rights", "ok", "the store is closed to others", ""]
    told = f"{len(found)} files and folders are open to others, as {found[0]}"
    remedy = f"chmod -R {'o=' if settings.work.group else 'go='} {settings.home}"
    return ["rights", "missing", told, remedy]


def _store(settings: Settings) -> list[list[str]]:
    """The databases and the search index."""
    if not settings.home.exists():
        return [["search index", "ok", f"{settings.search.kind}, empty", ""]]
    try:
        keys = open_owner_keys(settings.owner_secret, group=settings.work.group)
    except KhosoError as error:
        return [["owner secret", "missing", str(error), error.remedy]]
    return [*_databases(settings, keys), *_former_secrets(settings, keys), *_index(settings, keys)]


def _databases(settings: Settings, keys: OwnerKeys) -> list[list[str]]:
    """Whether each can be opened."""
    rows = []
    for name, opened in (
        ("ledger", open_ledger(settings.ledger_url)),
        ("catalogue", open_catalogue(settings.catalogue_url, keys, Epoch(settings.home, settings.vault))),
        ("desk", open_desk(settings.desk_url, keys)),
    ):
        try:
            with opened:
                rows.append([name, "ok", "it opens", ""])
        except KhosoError as error:
            rows.append([name, "missing", str(error), error.remedy])
    return rows


def _former_secrets(settings: Settings, keys: OwnerKeys) -> list[list[str]]:
    """What was asked about owners under secrets that are gone."""
    remedy = "Put its backup back in place, then run `rebuild`"
    with suppress(KhosoError), open_desk(settings.desk_url, keys) as desk:  # its own row says what is wrong with it
        return [
            ["owner secret", "absent", f"another one until {gone.until}: {gone.questions} questions are lost", remedy]
            for gone in desk.former_secrets()
        ]
    return []


def _programs() -> list[list[str]]:
    rows = []
    for program, (package, needed) in _PROGRAMS.items():
        path = shutil.which(program)
        state = "ok" if path else "missing" if needed else "absent"
        rows.append([program, state, path or "", "" if path else f"apt-get install {package}"])
    return rows


def _languages() -> list[list[str]]:
    try:
        folder = tessdata()
    except ToolMissing as error:
        return [["tesseract models", "missing", str(error), "apt-get install tesseract-ocr-vie"]]
    rows = []
    for name, package in (("vie", "tesseract-ocr-vie"), ("Vietnamese", "tesseract-ocr-script-viet")):
        has = (folder / f"{name}.traineddata").exists()
        rows.append(
            [f"tesseract {name}", "ok" if has else "missing", str(folder), "" if has else f"apt-get install {package}"]
        )
    return rows


def _keys(settings: SigningSettings) -> list[list[str]]:
    rows = []
    for role in KEY_ROLES:
        kind = kind_of(settings, role)
        try:
            row = [kind.name.format(role=role), "ok", kind.present(settings, role), kind.advice]
        except KhosoError as error:
            row = [kind.name.format(role=role), "missing", str(error), error.remedy]
        if row not in rows:  # both roles may share what there is to tell
            rows.append(row)
    return rows


def _terms(settings: SigningSettings) -> list[list[str]]:
    """Until when the certificates last; one that has ended counts as missing."""
    try:
        terms = configured_terms(settings)
    except KhosoError as error:
        return [["certificates", "missing", str(error), error.remedy]]
    rows, at = [], now()
    for term in terms:
        left = term.ends - at
        state = "missing" if left <= timedelta(0) else "ends soon" if left <= EARLY else "ok"
        remedy = "" if state == "ok" else "Ask its issuer for a new one" + (" now" if left <= URGENT else "")
        rows.append(["certificate", state, told(term, at), remedy])
    return rows


def _level(settings: SigningSettings) -> list[str]:
    level = settings.level_for(None)
    if settings.time_stamps:
        return ["signature level", "ok", f"{level}, {len(settings.time_stamps)} time stamp authorities", ""]
    return ["signature level", "ok", f"{level}, development time stamps", "Real authorities: deploy/pki/README.md"]


def _index(settings: Settings, keys: OwnerKeys) -> list[list[str]]:
    """The engine, how far it is behind the catalogue, and the papers it cannot take."""
    try:
        with open_catalogue(settings.catalogue_url, keys, Epoch(settings.home, settings.vault)) as catalogue:
            lag, dead, sent = catalogue.outbox.lag(), catalogue.outbox.dead(), catalogue.outbox.sent()
    except KhosoError:
        return []  # the row of the catalogue says why
    waiting = f"{lag.waiting} changes wait since {lag.since}" if lag.waiting else "nothing waits"
    try:
        with open_index(settings.search) as index:
            check_index(index, sent)
            row = ["search index", "ok", f"{settings.search.kind}, {index.count()} papers, {waiting}", ""]
    except KhosoError as error:
        row = ["search index", "missing", f"{error}; {waiting}", error.remedy]
    return [row, *(["not indexed", "absent", f"{name}: {reason}", "reindex --check"] for name, reason in dead)]


def _times(settings: Settings) -> tuple[datetime | None, datetime | None]:
    """When the first paper was archived, and when the store did last what its journal must have."""
    if not settings.home.exists():
        return None, None
    times, asked = None, None
    with suppress(KhosoError):  # the rows of the databases say what is wrong with them
        keys = open_owner_keys(settings.owner_secret, group=settings.work.group)
        with open_catalogue(settings.catalogue_url, keys, Epoch(settings.home, settings.vault)) as catalogue:
            times = catalogue.times()
        with open_desk(settings.desk_url, keys) as desk:
            asked = desk.last_asked()
    return times and times[0], max((at for at in (times and times[1], asked) if at), default=None)


def _journal(settings: Settings, begins: datetime | None, last: datetime | None) -> list[str]:
    """Whether every line of the audit journal is as it was written, and none is missing at its ends."""
    remedy = "Put its copy back in place, with its .head; what happened since the copy is in no journal"
    try:
        events = [event["at"] for event in Journal(settings.journal).events()]
    except (KhosoError, OSError) as error:
        return ["audit journal", "broken", str(error), getattr(error, "remedy", "")]
    if last is not None and (not events or datetime.fromisoformat(events[-1]) < last):
        ends = f"ends on {events[-1]}" if events else "is empty"
        return ["audit journal", "broken", f"it {ends}, and the store did something on {last}", remedy]
    if begins is not None and datetime.fromisoformat(events[0]) > begins:
        return ["audit journal", "absent", f"it begins on {events[0]}, and the first paper is of {begins}", remedy]
    return ["audit journal", "ok", f"{len(events)} events, each chained to the one before", ""]


def _second_reader() -> list[str]:
    if second_reader() is None:
        return ["second reader", "absent", "accurate mode works without it", "pip install -r requirements.txt"]
    return ["second reader", "ok", "asterocr model, by digest", ""]
