"""Papers that a store holds, put there without digitising anything: for tests of what is asked of them."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archive.catalogue import Catalogue, open_catalogue
from archive.draft import codes_of_paper
from archive.epoch import Epoch
from archive.interface import Identity, Paper
from archive.owner_keys import OwnerKeys
from archive.package import write_metadata
from domain.clock import now
from services.context import Services

OWNER_KEYS = OwnerKeys(bytes(32))
OWNER = "048219001275"
OTHER_OWNER = "048219001283"


def held_paper(name: str, **changes: Any) -> Paper:
    """A catalogue row: a birth certificate of OWNER, valid for ever, unless it is changed."""
    values: dict[str, Any] = {
        "id": name,
        "sha256": name,
        "type_code": "KQ.G15.000031",
        "owner_id": OWNER,
        "dossier": "H17.12-260101-0001",
        "digitisation_code": f"{OWNER}.KQ.G15.000031.{name}",
        "result_code": None,
        "number_symbol": "215/2019",
        "issued": None,
        "issuer": None,
        "title": None,
        "abstract": None,
        "owner_name": None,
        "valid_until": None,
        "pages": 1,
        "retention_class": "permanent",
        "retention_until": None,
        "object_id": f"urn:khoso:{name}",
        "pdf_sha256": hashlib.sha256(name.encode()).hexdigest(),
        "archived_at": now(),
        "level": "B-T",
    }
    return Paper.model_validate({**values, **changes})


def hold(ctx: Services, folder: Path, name: str, **changes: Any) -> Paper:
    """Put such a paper into vault and catalogue, known by ``identity``; its ``content`` is its name, no PDF.

    ``text`` is what it says: its title and name, if nothing else is given.
    """
    known = changes.pop("identity", None) or Identity()
    content, said = changes.pop("content", name.encode()), changes.pop("text", None)
    changes.setdefault("pdf_sha256", hashlib.sha256(content).hexdigest())
    paper = held_paper(name, **changes)
    pdf, metadata = folder / f"{name}.pdf", folder / f"{name}.json"
    pdf.write_bytes(content)
    record = {"codes": _codes(paper), "identity": known.model_dump(mode="json")}
    metadata.write_bytes(write_metadata(paper, record, history=[]))
    text = folder / f"{name}.txt"
    text.write_text(said or f"{paper.title or ''}\n{name}", encoding="utf-8")
    files = {"document.pdf": pdf, "metadata.json": metadata, "text.txt": text}
    ctx.vault.put(paper.object_id, files, created=paper.archived_at, who="test", message="test")
    ctx.catalogue.add(paper, known)
    return paper


def _codes(paper: Paper) -> dict[str, str | None]:
    return codes_of_paper(paper).model_dump()


@contextmanager
def opened_catalogue(folder: Path, owner_keys: OwnerKeys = OWNER_KEYS, *, emptied: bool = False) -> Iterator[Catalogue]:
    """The catalogue of a folder, beside a vault that holds nothing."""
    (folder / "vault").mkdir(exist_ok=True)
    url, epoch = f"sqlite:///{folder / 'catalogue.sqlite'}", Epoch(folder, folder / "vault")
    with open_catalogue(url, owner_keys, epoch, emptied=emptied) as catalogue:
        yield catalogue
