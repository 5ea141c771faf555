"""Objects of the vault as another release would have written them, with digests that are right."""

import hashlib
import json
from pathlib import Path
from typing import Any

from archive.package import METADATA


def written(folder: Path, inventory: dict[str, Any]) -> None:
    """Give an object another inventory, with its digest."""
    content = json.dumps(inventory).encode()
    for place in (folder, folder / "v1"):
        (place / "inventory.json").write_bytes(content)
        (place / "inventory.json.sha512").write_text(f"{hashlib.sha512(content).hexdigest()} inventory.json\n")


def inventory_of(folder: Path) -> dict[str, Any]:
    """The inventory of an object."""
    inventory: dict[str, Any] = json.loads((folder / "inventory.json").read_text(encoding="utf-8"))
    return inventory


def rewrite(folder: Path, metadata: Any) -> None:
    """Give an object other metadata, as a writer of another release would have put them in."""
    inventory = inventory_of(folder)
    state = inventory["versions"]["v1"]["state"]
    former = next(digest for digest, names in state.items() if METADATA in names)
    content = json.dumps(metadata).encode()
    digest = hashlib.sha512(content).hexdigest()
    (place,) = inventory["manifest"].pop(former)
    (folder / place).write_bytes(content)
    inventory["manifest"][digest] = [place]
    state[digest] = state.pop(former)
    written(folder, inventory)


def metadata_of(folder: Path) -> dict[str, Any]:
    """The metadata of an object."""
    metadata: dict[str, Any] = json.loads((folder / "v1" / "content" / METADATA).read_text(encoding="utf-8"))
    return metadata
