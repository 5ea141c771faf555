"""Writes the sample scans into a folder, and the truth about them beside."""

import json
from pathlib import Path
from random import Random
from typing import Final

from domain.readings import FieldName
from domain.record import Frozen
from samples.certificates import civil_status, permits
from samples.layout import lay_out
from samples.letters import correspondence, decisions, desk_papers
from samples.papers import Paper
from samples.scanner import Scanner

TRUTH: Final = "truth.json"

_SCANNERS: Final = {
    "marriage_certificate": Scanner("pdf"),
    "death_extract": Scanner("png", grey=True, clean_background=True),
    "household_business_certificate": Scanner("pdf", dpi=300),
    "land_use_decision": Scanner("pdf", tint=(250, 250, 248)),
    "judicial_record": Scanner(grey=True),
    "administrative_decision": Scanner(dpi=300),
    "notice": Scanner("tiff-lzw", clean_background=True),
    "official_letter": Scanner("png", clean_background=True),
    "plan": Scanner("tiff-g4", dpi=300),
    "application_form": Scanner("pdf", grey=True),
}


class Sample(Frozen):
    """The truth about one file; ``text`` has the printed lines of each page, without seal and signature."""

    file: str
    kind: str
    type_code: str
    pages: int
    fields: dict[FieldName, str | None]
    text: tuple[tuple[str, ...], ...]


def all_papers() -> tuple[Paper, ...]:
    """Every paper of the set."""
    return civil_status() + permits() + decisions() + correspondence() + desk_papers()


def generate(folder: Path) -> list[Sample]:
    """Draw and scan all papers into the folder, made when missing, and write ``truth.json`` there."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = [draw(paper, folder) for paper in all_papers()]
    truth = [sample.model_dump(mode="json") for sample in samples]
    (folder / TRUTH).write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return samples


def draw(paper: Paper, folder: Path) -> Sample:
    """Draw and scan one paper; chance depends on its kind alone, so one changed paper changes one file."""
    random = Random(paper.kind)
    scanner = _SCANNERS.get(paper.kind, Scanner())
    sheets = lay_out(paper, scanner.dpi, random)
    scanner.write([scanner.scan(sheet.image, random) for sheet in sheets], folder / paper.file)
    return Sample(
        file=paper.file,
        kind=paper.kind,
        type_code=paper.type_code,
        pages=len(sheets),
        fields=paper.fields,
        text=tuple(tuple(sheet.lines) for sheet in sheets),
    )
