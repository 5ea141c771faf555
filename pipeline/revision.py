"""A change to a held paper: a new version of its object, in which the metadata say what was changed."""

import json
from datetime import datetime

from archive.interface import Paper, StoredObject
from archive.vault import Vault
from pipeline.stages.archive import METADATA, PDF


def revise(
    vault: Vault,
    stored: StoredObject,
    paper: Paper,
    *,
    stage: str,
    at: datetime,
    who: str,
    message: str,
    pdf: bytes = b"",
) -> None:
    """Store what the paper has become, with another PDF when one is given; all former versions stay (law L1.2)."""
    metadata = json.loads(stored.files[METADATA].read_text(encoding="utf-8"))
    metadata["paper"] = paper.model_dump(mode="json")
    metadata["history"] = [*metadata["history"], {"stage": stage, "outcome": "passed", "at": str(at)}]
    changed = {METADATA: json.dumps(metadata, ensure_ascii=False, indent=1).encode()}
    if pdf:
        changed[PDF] = pdf
    vault.add_version(stored.id, changed, created=at, who=who, message=message)
