"""What cannot be read of a paper is named when the paper is shown, and never left out in silence."""

import json
from pathlib import Path
from typing import Any

from archive.interface import Arrival
from archive.papers.forms import KeptField
from domain.clock import now
from pipeline.records import File, Received
from services.context import Services
from services.document import DocumentView, document_view
from tests.support.held_papers import OWNER, hold
from tests.support.rewritten import metadata_of, rewrite

_SIGNATURES = [{"field": "Chữ ký 1", "role": "other"}, {"field": 7}]  # the second is of a release that is not known


def test_of_a_paper_that_is_held(ctx: Services, tmp_path: Path) -> None:
    """By its place in the object; the rest is shown."""
    place = ctx.vault.path(hold(ctx, tmp_path, "1").object_id)
    metadata = metadata_of(place)
    metadata["record"] |= {"signatures": _SIGNATURES, "confidence": "quite"}
    rewrite(place, metadata)
    view = document_view(ctx, "1")
    assert view.unreadable == ("confidence", "signatures.1")
    assert [item.field for item in view.signatures] == ["Chữ ký 1"]


def test_of_a_paper_under_way(ctx: Services) -> None:
    """By its place in the record."""
    scan = File(name="a.pdf", sha256="0" * 64)
    record = Received(
        document_id="waits", batch_id="b", source="a.pdf", media="pdf", scan=scan, received_at=now()
    ).model_dump(mode="json")
    ctx.ledger.admit(
        Arrival(
            path="a.pdf",
            sha256=scan.sha256,
            batch_id=ctx.ledger.open_batch("key", "b"),
            state="received",
            document_id="waits",
            stage="receive",
            record=json.dumps({**record, "signatures": _SIGNATURES}),
        )
    )
    view = document_view(ctx, "waits")
    assert view.unreadable == ("signatures.1",)
    assert [item.field for item in view.signatures] == ["Chữ ký 1"]


def test_a_desk_reads_no_number_and_no_place_anywhere() -> None:
    """Every text of a view that may hold an identity number or a path is told without."""
    number, place = OWNER, f"/srv/{OWNER}/a.pdf"
    texts: dict[str, Any] = {
        "source": place,
        "reason": f"damaged: {place} of {number}",
        "code": f"{number}.KQ.G15.000031.1",
        "replaced_by": f"{number}.KQ.G15.000031.2",
        "pdf": place,
        "text": place,
        "unreadable": (f"description.fields.{number}",),
        "doubts": (f"owner_id: {number}",),
        "remarks": (f"stamped {number}",),
        "signatures": (),
        "decisions": ({"reason": number},),
        "fields": {"owner_id": KeptField(value=number), "title": KeptField(value=f"Giấy của {number}")},
    }
    line = DocumentView(state="archived", **texts).masked().line()
    got = json.dumps(line, ensure_ascii=False)
    assert set(texts) <= set(line)
    assert number not in got
    assert "/srv" not in got
