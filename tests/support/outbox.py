"""Papers that are in vault and catalogue, and wait for the index."""

from datetime import date

from archive.interface import Paper
from archive.package import TEXT
from domain.clock import now
from services.context import Services


def paper(number: int) -> Paper:
    """A paper of that number."""
    name = f"{number:016x}"
    return Paper(
        id=name,
        sha256=f"{number:064x}",
        type_code="KQ.G15.000031",
        owner_id="048099000001",
        dossier="H17.12-250901-0001",
        digitisation_code=f"048099000001.KQ.G15.000031.{number}/2025.01",
        result_code=None,
        number_symbol=f"{number}/2025",
        issued=date(2025, 1, 1 + number % 28),
        issuer="Ủy ban nhân dân phường Hải Châu",
        title="GIẤY KHAI SINH",
        abstract=None,
        owner_name="Trần Thị Bích",
        valid_until=None,
        pages=1,
        retention_class="permanent",
        retention_until=None,
        object_id=f"urn:khoso:{name}",
        pdf_sha256="0" * 64,
        archived_at=now(),
    )


def hold(ctx: Services, number: int, text: str = "Họ, chữ đệm, tên: Trần Thị Bích") -> Paper:
    """Put a paper into vault and catalogue, as the stage `archive` does."""
    held = paper(number)
    file = ctx.settings.home / f"{held.id}.txt"
    file.write_text(text, encoding="utf-8")
    ctx.vault.put(held.object_id, {TEXT: file}, created=held.archived_at, who="test", message="test")
    ctx.catalogue.add(held)
    return held


def found(ctx: Services, text: str) -> set[str]:
    """Ids of what a text finds in the index."""
    with ctx.index() as index:
        return {hit.id for hit in index.search(text, 1000).hits}
