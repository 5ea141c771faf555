"""`doctor`: what is installed, what is missing and how to install it."""

import importlib.metadata
import shutil
from datetime import timedelta
from pathlib import Path

import typer

from archive.epoch import Epoch
from cli.condition import store_rows
from cli.options import Home, Json
from cli.output import session
from config.loader import load_catalogues
from config.settings import Settings
from config.signing import KEY_ROLES, SigningSettings
from domain.clock import now
from domain.errors import ExitCode, KhosoError
from pipeline.errors import ToolMissing
from pipeline.recognition.second import second_reader
from pipeline.recognition.tesseract import tessdata
from signing.keys.kinds import ANEW, are_lost, key_kind
from signing.keys.terms import EARLY, URGENT, configured_terms, term_text

_PROGRAMS = {  # program: Debian package, needed (or only useful)
    "tesseract": ("tesseract-ocr", True),
    "pdfsig": ("poppler-utils", False),
    "redis-server": ("redis-server", False),
}
_LIBRARIES = ("ocrmypdf", "pikepdf", "pyhanko", "tantivy", "sqlalchemy", "dramatiq", "ocfl-py", "img2pdf")


def doctor(home: Home = Path("khoso-data"), as_json: Json = False) -> None:
    """Say what is installed, what is missing and how to install it."""
    with session(home, as_json=as_json, store="no") as this:
        rows = [*_programs(), *_languages()]
        rows.append(_second_reader())
        rows += [[name, "ok", importlib.metadata.version(name), ""] for name in _LIBRARIES]
        rows.append(_catalogues(this.settings.imported))
        free = shutil.disk_usage(this.settings.home if this.settings.home.exists() else Path.cwd()).free
        rows.append(["disk", "ok", f"{free >> 30} GiB free", ""])
        rows += store_rows(this.settings)
        rows += _keys(this.settings.signing)
        rows += _lost_keys(this.settings)
        rows += _terms(this.settings.signing)
        rows.append(_level(this.settings.signing))
        if this.json:
            for name, state, detail, remedy in rows:
                this.line({"name": name, "state": state, "detail": detail, "remedy": remedy})
        else:
            this.table(["what", "state", "detail", "what to do"], rows)
        states = {row[1] for row in rows}
        is_broken = ExitCode.NOT_VALID if "broken" in states else ExitCode.OK
        raise typer.Exit(ExitCode.SETUP if "missing" in states else is_broken)


def _catalogues(imported: Path) -> list[str]:
    try:
        catalogues = load_catalogues(imported=imported)
        counts = (
            len(catalogues.types),
            len(catalogues.agencies),
            len(catalogues.procedures),
        )  # the last reads them all
    except KhosoError as error:
        return ["catalogues", "missing", str(error), error.remedy]
    return ["catalogues", "ok", "{} types, {} agencies, {} procedures".format(*counts), ""]


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
        kind = key_kind(settings, role)
        try:
            row = [kind.name.format(role=role), "ok", kind.present(settings, role), kind.advice]
        except KhosoError as error:
            row = [kind.name.format(role=role), "missing", str(error), error.remedy]
        if row not in rows:  # both roles may share what there is to tell
            rows.append(row)
    return rows


def _lost_keys(settings: Settings) -> list[list[str]]:
    """Keys that a store needs which has signed; without them nothing is signed, and its papers are not trusted."""
    if not are_lost(settings.signing) or not Epoch(settings.home, settings.vault).is_used:
        return []
    return [["keys folder", "missing", f"{settings.signing.keys} is gone", f"Put it back from a copy, {ANEW}"]]


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
        rows.append(["certificate", state, term_text(term, at), remedy])
    return rows


def _level(settings: SigningSettings) -> list[str]:
    level = settings.level_for(None)
    if settings.time_stamps:
        return ["signature level", "ok", f"{level}, {len(settings.time_stamps)} time stamp authorities", ""]
    return ["signature level", "ok", f"{level}, development time stamps", "Real authorities: deploy/pki/README.md"]


def _second_reader() -> list[str]:
    if second_reader() is None:
        return ["second reader", "absent", "accurate mode works without it", "pip install -r requirements.txt"]
    return ["second reader", "ok", "asterocr model, by digest", ""]
