"""Papers of a backlog and of a desk, cheap to read, and what a store has of them in the end."""

import csv
from pathlib import Path
from random import Random
from typing import Any

from config.settings import Settings
from pipeline.records import Statement
from samples.layout import Sheet
from services.context import open_services
from services.document import document_view
from tests.support.desk import STATED
from tests.support.drawn_pages import LINES
from tests.support.written_pdfs import page

_DPI = 200


def papers_of(folder: Path, number: int, *, first: int = 0) -> list[Path]:
    """So many papers in a folder, each with another text."""
    folder.mkdir(exist_ok=True)
    files = [folder / f"{first + item:03}.pdf" for item in range(number)]
    for path in files:
        path.write_bytes(page(("THÔNG BÁO", f"Về việc tiếp nhận hồ sơ thứ {path.stem}")))
    return files


def drawn_papers(folder: Path, number: int, *, first: int = 0) -> list[Path]:
    """So many scans of half a page in a folder, each with other words, which must be read by recognition."""
    folder.mkdir(exist_ok=True)
    files = [folder / f"{first + item:03}.jpg" for item in range(number)]
    for path in files:
        chance, sheet = Random(int(path.stem)), Sheet(_DPI)  # noqa: S311 (drawing)
        words = " ".join(LINES).split()
        for place in range(6):
            line = " ".join(chance.sample(words, 9)) if place else f"THÔNG BÁO số {path.stem}"
            sheet.write(line, 30, 30 + place * 9, sheet.font(13), "ls")
        sheet.image.crop((0, 0, sheet.px(210), sheet.px(148))).save(path, dpi=(_DPI, _DPI))
    return files


def stated_of(path: Path) -> Statement:
    """All that is asked of such a paper: a number and a dossier of its own."""
    number = int(path.stem)
    own = {"number_symbol": f"{number + 1}/TB-UBND", "abstract": f"Việc thứ {number}"}
    fields = {str(name): text for name, text in STATED.fields.items()} | own
    return Statement(dossier=f"H17.12-260101-{number + 1:04}", type_code=STATED.type_code, fields=fields)


def manifest(path: Path, *files: Path) -> Path:
    """A manifest that states all that is asked of some papers."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, ["file", "dossier", "type", *STATED.fields])
        rows.writeheader()
        for item in files:
            stated = stated_of(item)
            rows.writerow(
                {"file": item.name, "dossier": stated.dossier, "type": stated.type_code}
                | {str(name): text for name, text in stated.fields.items()}
            )
    return path


def outcome(settings: Settings) -> dict[str, Any]:
    """What two runs must agree on, whichever paper came first: states, codes, texts, and what the index knows."""
    with open_services(settings) as ctx:
        names = ("state", "reason", "code", "result_code", "dossier", "type", "pages", "stage")
        views = {entry.id: document_view(ctx, entry.id).line() for entry in ctx.ledger.entries()}
        for stored in ctx.vault.objects():
            ctx.vault.check(stored.id)
        with ctx.index() as index:
            indexed = index.ids()
        return {
            "documents": {key: [view[name] for name in names] for key, view in views.items()},
            "texts": {
                key: Path(view["text"]).read_text(encoding="utf-8") for key, view in views.items() if view["text"]
            },
            "indexed": indexed,
            "papers": ctx.catalogue.ids(),
            "waiting": ctx.catalogue.outbox.lag().waiting,
            "closed": all(item["closed_at"] for item in ctx.ledger.batches()),
            "left": [path.name for folder in (settings.inbox, settings.work_folder) for path in folder.glob("[!.]*")],
        }
