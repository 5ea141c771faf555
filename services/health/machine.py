"""What is installed on the machine, and what is missing."""

import importlib.metadata
import shutil
from pathlib import Path

from config.loader import load_catalogues
from config.settings import Settings
from domain.errors import KhosoError
from domain.messages.told import told
from pipeline.errors import ToolMissing
from pipeline.recognition.context.syllables import DICTIONARY, PACKAGE
from pipeline.recognition.header.third import third_reader
from pipeline.recognition.second import second_reader
from pipeline.recognition.tesseract import tessdata
from services.health.interface import Finding

_PROGRAMS = {  # program: Debian package, needed (or only useful)
    "tesseract": ("tesseract-ocr", True),
    "pdfsig": ("poppler-utils", False),
    "redis-server": ("redis-server", False),
}
_MODELS = (("vie", "tesseract-ocr-vie"), ("Vietnamese", "tesseract-ocr-script-viet"))
_LIBRARIES = ("ocrmypdf", "pikepdf", "pyhanko", "tantivy", "sqlalchemy", "dramatiq", "ocfl-py", "img2pdf")


def machine_findings(settings: Settings) -> list[Finding]:
    """Programs, models, libraries, the catalogues of types and agencies, and the room on the disk of the store."""
    free = shutil.disk_usage(settings.home if settings.home.exists() else Path.cwd()).free
    return [
        *(_program(name, package, needed=needed) for name, (package, needed) in _PROGRAMS.items()),
        *_languages(),
        _second_reader(),
        _third_reader(),
        _syllables(),
        *(Finding.of(name, "ok", importlib.metadata.version(name)) for name in _LIBRARIES),
        _catalogues(settings.imported),
        Finding.of("disk", "ok", told("health_disk", size=free >> 30)),
    ]


def _program(name: str, package: str, *, needed: bool) -> Finding:
    if path := shutil.which(name):
        return Finding.of(name, "ok", path)
    return Finding.of(name, "missing" if needed else "absent", "", f"apt-get install {package}")


def _languages() -> list[Finding]:
    try:
        folder = tessdata()
    except ToolMissing as error:
        return [Finding.missing("tesseract models", error)]
    return [
        Finding.of(f"tesseract {name}", "ok", str(folder))
        if (folder / f"{name}.traineddata").exists()
        else Finding.of(f"tesseract {name}", "missing", str(folder), f"apt-get install {package}")
        for name, package in _MODELS
    ]


def _second_reader() -> Finding:
    if second_reader() is None:
        remedy = "pip install -r requirements.txt"
        return Finding.of("second reader", "absent", told("health_reader_absent"), remedy)
    return Finding.of("second reader", "ok", told("health_reader"))


def _third_reader() -> Finding:
    if third_reader() is None:
        return Finding.of("third reader", "absent", told("health_third_absent"), "pip install -r requirements.txt")
    return Finding.of("third reader", "ok", told("health_third"))


def _syllables() -> Finding:
    if DICTIONARY.exists():
        return Finding.of("syllables", "ok", str(DICTIONARY))
    return Finding.of("syllables", "absent", told("health_syllables_absent"), f"apt-get install {PACKAGE}")


def _catalogues(imported: Path) -> Finding:
    try:
        known = load_catalogues(imported=imported)
        types, agencies, procedures = (
            len(known.types),
            len(known.agencies),
            len(known.procedures),
        )  # the last reads them all
    except KhosoError as error:
        return Finding.missing("catalogues", error)
    return Finding.of(
        "catalogues", "ok", told("health_catalogues", types=types, agencies=agencies, procedures=procedures)
    )
