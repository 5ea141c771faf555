"""Papers as a search engine gets them, and what it finds of them."""

from datetime import date
from typing import Any

from search.interface import IndexEntry, SearchIndex


def entry(
    id_: str,
    body: str,
    title: str = "",
    *,
    number: str | None = None,
    codes: tuple[str, ...] = (),
    issued: date | None = None,
    **more: Any,
) -> IndexEntry:
    """A document with that text."""
    given = {"id": id_, "title": title, "body": body, "number_symbol": number, "codes": codes, "issued": issued}
    usual = {
        "type_code": "KQ.G15.000031",
        "type_name": "Giấy khai sinh",
        "dossier": "H17.12-250901-0001",
        "issuer": "Sở Tư pháp",
    }
    return IndexEntry.model_validate({**usual, **given, **more})


def found(index: SearchIndex, text: str) -> list[str]:
    """Ids of what a text finds, best first."""
    return [hit.id for hit in index.search(text).hits]
