"""Several officers in one store: a table of them, and papers that come to be signed without having been read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archive.interface import Codes
from config.settings import Settings, load_settings
from domain.clock import now
from domain.readings import Description
from pipeline.records import Coded, Conformed, Received, Signed, Statement
from services.context import Services, open_services
from tests.support.signing_papers import paper

LAN, HOA = "Nguyễn Thị Lan", "Trần Văn Hòa"
SEAL = "UBND phường Hải Châu"
TABLE = f"""
[[signing.officers]]
who = "lan"
name = "{LAN}"

[[signing.officers]]
who = "hoa"
name = "{HOA}"
"""
SEALS = f"""
[[signing.seals]]
who = "minh"
agency = "H17.12"
name = "{SEAL}"
"""


def tabled(home: Path, text: str = TABLE) -> Settings:
    """The settings of a store whose khoso.toml says this."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "khoso.toml").write_text(text, encoding="utf-8")
    return load_settings(home, {})


@contextmanager
def opened(home: Path, text: str = TABLE) -> Iterator[Services]:
    """The services of such a store."""
    with open_services(tabled(home, text)) as ctx:
        yield ctx


def received(scanned_by: str = "lan", **stated: Any) -> Received:
    """A scan that somebody put in."""
    statement = Statement.model_validate({name: item for name, item in stated.items() if name != "within"})
    return Received.model_validate(
        {
            "document_id": "0123456789abcdef",
            "batch_id": "b",
            "source": "/desk/a.pdf",
            "media": "pdf",
            "scan": {"name": "a.pdf", "sha256": "0" * 64},
            "received_at": now(),
            "statement": statement,
            "scanned_by": scanned_by,
            "within": stated.get("within"),
        }
    )


def conformed(ctx: Services, record: Received) -> Conformed:
    """The same as if it had been read: a white page."""
    file = ctx.write(record, "pdfa.pdf", paper())
    files = dict.fromkeys(("pdf", "searchable", "words", "text", "pdfa"), file)
    return Conformed.after(record, pages=1, dpi=200, confidence=1.0, **files)


def coded(signed: Signed, dossier: str = "H17.12-261124-0001") -> Coded:
    """The same as if everything had been found out about it."""
    description = Description(type_code="TP.H17.990103", type_confidence=1.0, fields={})
    return Coded.after(
        signed, description=description, doubts=(), codes=Codes(dossier=dossier, digitisation="048219001275.X.1.01")
    )
