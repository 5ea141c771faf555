"""Strangers' files: what becomes of each, and that nothing which can be drawn is held for a technical reason.

``python -m benchmarks.corpus FOLDER…`` takes every PDF and picture below the folders and inside source archives
(``*.tar.gz``), such as the test files that pikepdf, OCRmyPDF, pypdf, Pillow, img2pdf and pdfminer.six publish
(``pip download --no-deps --no-binary :all: pypdf``).  Type and fields are stated, so that only what is wrong with the
*file* can stop it.  With ``--remedies`` each file that stopped is then helped as its reason says, where that needs no
other file and no password, and how it ends after that is told too.  The exit code is 1 when a file that PDFium draws
was held for PDF/A, for signing, or by an error, at first or after a remedy.
"""

import argparse
import csv
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pypdfium2
from pebble import ProcessPool

from benchmarks.tables import Row, render

_SUFFIXES: Final = {".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff"}
_TECHNICAL: Final = {"not_pdfa", "cannot_sign", "recognition_failed", "unexpected", "worker_lost", "error"}
# What a person answers whose paper exists only so; the other remedies ask for another file, or for a password.
_REMEDIES: Final = {
    "no_dpi": ("--paper", "A4"),
    "wrong_dpi": ("--paper", "A4"),
    "dpi_below_200": ("--accept", "resolution", "--reason", "The paper exists only so"),
    "review": ("--release",),
    "same_document": ("--release",),
}
_MOST_REMEDIES: Final = 4  # one may lead to the next: a size, then too few dots, then doubts
_DRAW_LIMIT_S: Final = 60
_KHOSO: Final = [sys.executable, "run_pipeline.py"]


def main() -> int:
    """Ingest the files into a store of their own and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--json", type=Path, help="write a line for each file here")
    parser.add_argument("--remedies", action="store_true", help="do what the reasons ask for, and see where it leads")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        files = list(_gather(arguments.folders, Path(folder) / "files"))
        drawn = _drawn(files)
        ended = _ingest(files, Path(folder))
        print(render(f"{len(ended)} files of others, {sum(drawn.values())} drawn by PDFium", _rows(ended, drawn)))
        stuck = _stuck(ended, drawn)
        if arguments.remedies:
            ended = [_helped(view, Path(folder)) for view in ended]
            print(render("After what their reasons ask for", _rows(ended, drawn)))
            stuck += _stuck(ended, drawn)
    if arguments.json:
        arguments.json.write_text("".join(json.dumps(view, ensure_ascii=False) + "\n" for view in ended))
    for view in {view["id"]: view for view in stuck}.values():
        print(f"STUCK {Path(view['source']).name}: {view['reason']}")
    return 1 if stuck else 0


def _gather(folders: Iterable[Path], target: Path) -> Iterator[Path]:
    """Copies under names that tell where they come from; the same bytes once."""
    target.mkdir()
    known = set()
    for name, content in _contents(folders):
        digest = hashlib.sha256(content).hexdigest()
        if content and digest not in known:
            known.add(digest)
            copy = target / f"{digest[:6]}-{Path(name).name}"
            copy.write_bytes(content)
            yield copy


def _contents(folders: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in _SUFFIXES and path.is_file():
                yield str(path), path.read_bytes()
            elif path.name.endswith(".tar.gz"):
                with tarfile.open(path) as archive:
                    for item in archive:
                        if item.isfile() and Path(item.name).suffix.lower() in _SUFFIXES:
                            file = archive.extractfile(item)
                            yield item.name, file.read() if file else b""


def _drawn(files: Iterable[Path]) -> dict[str, bool]:
    """Whether PDFium opens a file and draws all its pages; pictures are not asked about.  One process a file."""
    answers = {}
    with ProcessPool(max_workers=1, max_tasks=1) as pool:
        asked = {path.name: pool.schedule(_draw, args=[path], timeout=_DRAW_LIMIT_S) for path in files}
        for name, answer in asked.items():
            answers[name] = False
            with suppress(Exception):
                answers[name] = answer.result()
    return answers


def _draw(path: Path) -> bool:
    if path.suffix.lower() != ".pdf":
        return False
    with suppress(pypdfium2.PdfiumError):
        document = pypdfium2.PdfDocument(path)
        for page in document:
            page.render(scale=0.5)
        return len(document) > 0
    return False


def _ingest(files: list[Path], folder: Path) -> list[dict[str, Any]]:
    manifest = folder / "manifest.csv"
    with manifest.open("w", newline="", encoding="utf-8") as sheet:
        rows = csv.writer(sheet)
        rows.writerow(["file", "type", "number_symbol", "issued_date", "issuer", "abstract"])
        for number, path in enumerate(files, 1):
            stated = ["TP.H17.990103", f"{number}/TB-UBND", "2020-01-31", "Ủy ban nhân dân phường Hải Châu", "Thử"]
            rows.writerow([path.name, *stated])
    command = ["--json", "--home", folder / "store", "--manifest", manifest, folder / "files"]
    run = subprocess.run([*_KHOSO, "ingest", *command], stdout=subprocess.PIPE, check=False, env=_environment())
    return [json.loads(line) for line in run.stdout.splitlines()]


def _helped(view: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What became of a file once somebody did what its reason asks for, again and again."""
    for _ in range(_MOST_REMEDIES):
        remedy = _REMEDIES.get(_reason(view))
        if remedy is None or view["id"] is None or view["state"] not in {"held", "refused"}:
            break
        command = ["review", view["id"], *remedy, "--json", "--home", folder / "store"]
        run = subprocess.run([*_KHOSO, *command], stdout=subprocess.PIPE, check=False, env=_environment())
        if not run.stdout:
            return {**view, "reason": f"error: the remedy {remedy[0]} failed"}
        view = json.loads(run.stdout)
    return view


def _stuck(ended: Iterable[dict[str, Any]], drawn: dict[str, bool]) -> list[dict[str, Any]]:
    return [view for view in ended if _reason(view) in _TECHNICAL and drawn.get(Path(view["source"]).name)]


def _environment() -> dict[str, str]:
    return {**os.environ, "KHOSO_RECOGNITION__MODE": "fast", "KHOSO_DUPLICATES__IMAGE": "ask"}


def _reason(view: dict[str, Any]) -> str:
    return str(view["reason"] or "").partition(":")[0]


def _rows(ended: Iterable[dict[str, Any]], drawn: dict[str, bool]) -> list[Row]:
    """How many ended how, and why."""
    counts = Counter((view["state"], _reason(view) if view["state"] != "archived" else "") for view in ended)
    of_drawn = Counter(
        (view["state"], _reason(view) if view["state"] != "archived" else "")
        for view in ended
        if drawn.get(Path(view["source"]).name)
    )
    total = sum(counts.values())
    return [
        {"ended": state, "reason": reason, "files": number, "share": number / total, "drawn": of_drawn[state, reason]}
        for (state, reason), number in counts.most_common()
    ]


if __name__ == "__main__":
    sys.exit(main())
