"""A backlog folder as it is found: many papers of all kinds, and some files that can never become one."""

import json
import re
import subprocess
import sys
import zlib
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from samples.generate import all_papers, draw
from samples.papers import Paper

ROUNDS = 13
POISON = {
    "encrypted.pdf": "encrypted:",
    "truncated.pdf": "damaged:",
    "not a picture.jpg": "content_mismatch:",
    "bomb.png": "too_large:",
    "pageless.pdf": "no_pages:",
}


def renumbered(item: Any, shift: int) -> Any:
    """A paper with other numbers: the last three digits of long ones, the whole of what stands before a stroke."""
    if isinstance(item, str):
        text = re.sub(r"\b(\d{6,})(\d{3})\b", lambda m: f"{m[1]}{(int(m[2]) + shift) % 1000:03d}", item)
        return re.sub(r"\b(\d{1,4})(?=/[A-ZĐ])", lambda m: str(int(m[1]) + shift), text)
    if isinstance(item, tuple):
        return tuple(renumbered(part, shift) for part in item)
    if is_dataclass(item) and not isinstance(item, type):
        return replace(item, **{part.name: renumbered(getattr(item, part.name), shift) for part in fields(item)})
    return item


def fill(folder: Path) -> int:
    """Draw the papers, each round with other numbers, and put the poison between them; how many papers there are."""
    count = 0
    for shift in range(ROUNDS):
        for paper in all_papers():
            changed: Paper = renumbered(paper, 7 * shift)
            draw(replace(changed, file=f"{shift:02d} {paper.file}"), folder)
            count += 1
    some = folder / next(
        name.file for name in (replace(p, file=f"00 {p.file}") for p in all_papers()) if "pdf" in name.file
    )
    with pikepdf.open(some) as pdf:
        pdf.save(folder / "encrypted.pdf", encryption=pikepdf.Encryption(owner="a", user="b"))
    (folder / "truncated.pdf").write_bytes(some.read_bytes()[: some.stat().st_size // 2])
    (folder / "not a picture.jpg").write_bytes(b"This is no picture." * 100)
    header = b"IHDR" + (60_000).to_bytes(4) * 2 + b"\x08\x02\x00\x00\x00"
    chunks = (header, b"IDAT" + zlib.compress(b"\x00" * 400), b"IEND")
    framed = ((len(chunk) - 4).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4) for chunk in chunks)
    (folder / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(framed))
    with pikepdf.new() as pdf:
        pdf.save(folder / "pageless.pdf")
    return count


@pytest.mark.long
def test_poison_stops_nothing(tmp_path: Path) -> None:
    """Of 200 files 195 are archived or held and 5 refused, each with its reason; nothing is stuck."""
    folder = tmp_path / "hồ sơ cũ"
    folder.mkdir()
    papers = fill(folder)
    command = [sys.executable, "run_pipeline.py", "ingest", str(folder), "--json", "--home", str(tmp_path / "home")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    ends = {Path(line["source"]).name: line for line in map(json.loads, done.stdout.splitlines())}
    assert len(ends) == papers + len(POISON) == 200
    refused = {name: str(line["reason"]) for name, line in ends.items() if line["state"] == "refused"}
    assert refused.keys() == POISON.keys()
    assert all(refused[name].startswith(reason) for name, reason in POISON.items())
    others = [line["state"] for name, line in ends.items() if name not in POISON]
    assert set(others) <= {"archived", "held"}
    assert others.count("archived") > 0.9 * papers
