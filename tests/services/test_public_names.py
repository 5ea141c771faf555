"""What commands tell scripts keeps its names and their order: `tests/saved/public-names.json`."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from config.settings import load_settings
from tests.support.desk import run_json

_SAVED = Path(__file__).parent.parent / "saved" / "public-names.json"
_FREE = {"fields"}  # its names are those of what was read


def names(value: Any) -> Any:
    """The names in a value and below it, in their order; of a list those of its first element, None where none are."""
    if isinstance(value, dict):
        return {name: _first(item) if name in _FREE else names(item) for name, item in value.items()}
    return [names(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None


def _first(fields: dict[str, Any]) -> Any:
    return names(next(iter(fields.values()), None))


def test_public_names_stay(store: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    """Every name of `ingest`, `show`, `search`, `lookup`, `verify` and `status`, for a paper, a refusal and a miss.

    And every moment, whoever told it first, is of one form and of Viet Nam (law L4.3).
    """
    home = tmp_path / "home"
    shutil.copytree(store[0], home)
    settings, paper = load_settings(home, {}), store[1][0]
    junk = tmp_path / "junk.pdf"
    junk.write_text("no scan", encoding="utf-8")
    asked = (
        "--owner",
        "048219001275",
        "--dossier",
        "H17.12-260101-0001",
        "--type",
        "KQ.G15.000031",
        "--reason",
        "sổ giấy",
    )
    found = {
        "ingest": paper,
        "ingest of no scan": run_json(settings, "ingest", str(junk))[1][0],
        "show": run_json(settings, "show", paper["id"])[1][0],
        "show of what a clerk may see": run_json(settings, "show", paper["id"], "--who", "clerk")[1][0],
        "search": run_json(settings, "search", "cộng hòa xã hội chủ nghĩa")[1][0],
        "lookup": run_json(settings, "lookup", *asked)[1][0],
        "verify": run_json(settings, "verify", paper["id"])[1][0],
        "status of a batch": run_json(settings, "status")[1][0],
        "status of a trouble": run_json(settings, "status")[1][-2],
        "status of the index": run_json(settings, "status")[1][-1],
    }
    checked = run_json(settings, "verify", paper["id"], "--who", "clerk")[1][0]
    assert names(checked) == names(found["verify"])
    assert (checked["file"], checked["valid"]) == ("document.pdf", True)  # where it lies is not told
    moments = re.findall(r'"([0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[^"(]*)"', json.dumps(found))
    assert len(moments) > 5
    assert all(re.fullmatch(r"[0-9-]{10}T[0-9:]{8}\+07:00", moment) for moment in moments), moments
    said = {name: names(line) for name, line in found.items()}
    assert json.dumps(said) == json.dumps(json.loads(_SAVED.read_text(encoding="utf-8")))
