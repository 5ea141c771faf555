"""What a person confirms is what review asked, and nothing else."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Literal

import pytest

from config.settings import Settings
from domain.clock import now, today
from domain.errors import UsageError
from domain.messages.told import told
from domain.readings import Description, FieldName, FieldReading
from pipeline.errors import NeedsReview
from pipeline.records import Described, File, asked_of
from pipeline.stages import review as stage
from pipeline.stages.describe import doubts_of_fields, not_after
from pipeline.stages.review import confirm, review
from services.context import Services, open_services

READ: Mapping[FieldName, tuple[str, float]] = {
    "number_symbol": ("288/GPXD", 0.7),
    "issued_date": ("2026-05-20", 0.6),
    "issuer": ("Ủy ban nhân dân phường Hòa Xuân", 0.95),
    "owner_id": ("048079009143", 0.97),
    "owner_name": ("Đoàn Ngọc Quý", 0.93),
    "title": ("GIẤY PHÉP XÂY DỰNG", 0.55),
}


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """An opened store."""
    with open_services(settings) as opened:
        yield opened


def described(ctx: Services, more: Mapping[FieldName, tuple[str, float]] = MappingProxyType({})) -> Described:
    """A construction permit: number and day are in doubt, the title too, but no type asks for it."""
    nothing = File(name="none", sha256="0" * 64)
    read = {**READ, **more}
    fields = {name: FieldReading(value=value, confidence=sure, page=1) for name, (value, sure) in read.items()}
    description = Description(type_code="KQ.G17.000311", type_confidence=0.97, fields=fields)
    values: dict[str, Any] = {
        "document_id": "a",
        "batch_id": "b",
        "source": "/a.jpg",
        "media": "jpeg",
        "received_at": now(),
        "pages": 1,
        "dpi": 200,
        "confidence": 1.0,
        "signed_at": now(),
        "description": description,
        "doubts": doubts_of_fields(description, ctx, ctx.catalogues.profile(today()), today()),
        **dict.fromkeys(("scan", "pdf", "searchable", "words", "pdfa", "copy_pdf", "text"), nothing),
    }
    return Described.model_validate(values)


def by_person(record: Described) -> dict[str, float]:
    """The fields that a person stands for."""
    return {n: f.confidence for n, f in record.description.fields.items() if f.source == "person"}


def test_release_confirms_what_is_asked_and_nothing_else(ctx: Services) -> None:
    """The fields that are shown as doubtful and those that count as confirmed by a person are one list."""
    record = described(ctx)
    asked = asked_of(record.doubts)
    done = confirm(record, {}, "lan", ctx)
    assert set(asked) == {"number_symbol", "issued_date"} == set(by_person(done))
    for name in set(record.description.fields) - set(asked):
        assert done.description.fields[name] == record.description.fields[name]
    assert done.description.type_confidence == record.description.type_confidence
    assert done.doubts == ()


GIVEN = {
    "number_symbol": "288/GPXD", "issued_date": "2026-05-20", "owner_id": "048079009143",
    "owner_name": "Đoàn Ngọc Quý", "type": "KQ.G17.000311",
}  # fmt: skip
SPOILT: Mapping[str, Mapping[FieldName, tuple[str, float] | None]] = {
    "only doubtful": {},
    "one missing": {"number_symbol": None},
    "two missing": {"owner_id": None, "owner_name": None},
    "a day to come": {"issued_date": ((now() + timedelta(days=400)).date().isoformat(), 0.97)},
    "no such number": {"owner_id": ("0480", 0.97)},
    "doubtful and no such number": {"owner_id": ("0480", 0.5), "number_symbol": None},
}


@pytest.mark.parametrize("type_code", ["KQ.G17.000311", None])
@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
def test_the_remedy_asks_for_what_release_would_not_confirm(
    ctx: Services,
    monkeypatch: pytest.MonkeyPatch,
    spoilt: Mapping[FieldName, tuple[str, float] | None],
    type_code: str | None,
) -> None:
    """`--release` is offered where it helps; else each field that needs a value is named, and no other."""
    for name in ("identity_of", "stop_if_withdrawn", "refuse_longer", "refuse_duplicate"):  # they look at pages
        monkeypatch.setattr(stage, name, lambda *_: None)
    record = described(ctx, {name: read for name, read in spoilt.items() if read is not None})
    gone = {name for name, read in spoilt.items() if read is None}
    fields = {name: field for name, field in record.description.fields.items() if name not in gone}
    description = record.description.model_copy(update={"fields": fields, "type_code": type_code})
    doubts = doubts_of_fields(description, ctx, ctx.catalogues.profile(today()), today())
    record = record.model_copy(update={"description": description, "doubts": doubts})
    with pytest.raises(NeedsReview) as held:
        review(record, ctx)
    named = re.findall(r"--set (\w+)=…", held.value.advice)
    wanted = gone | (spoilt.keys() & {"owner_id"})
    assert set(named) == (wanted if type_code else {"type"})
    assert ("--release" in held.value.advice) is (not named)
    if named:
        with pytest.raises(UsageError):
            confirm(record, {}, "lan", ctx)
    if type_code:
        assert confirm(record, {name: GIVEN[name] for name in named}, "lan", ctx, why="đã xem").doubts == ()


def test_setting_a_field_confirms_it_and_what_is_asked(ctx: Services) -> None:
    """A field that is filled in unasked is the person's; those that nobody was shown keep reading and confidence."""
    done = confirm(described(ctx), {"issuer": "Sở Xây dựng"}, "lan", ctx)
    assert by_person(done) == dict.fromkeys(("number_symbol", "issued_date", "issuer"), 1.0)
    assert done.description.fields["title"].confidence == 0.55
    assert done.description.fields["owner_name"].source == "paper"


def test_another_day_of_issue_asks_for_the_last_day_too(ctx: Services) -> None:
    """The last day of validity was counted from the day that was wrong: it is not kept beside another one."""
    record = described(ctx, {"valid_until": ("2027-05-20", 0.6)})
    with pytest.raises(UsageError, match="valid_until"):
        confirm(record, {"issued_date": "2026-05-21"}, "lan", ctx)
    done = confirm(record, {"issued_date": "2026-05-21", "valid_until": "2027-05-21"}, "lan", ctx)
    assert done.description.value("valid_until") == "2027-05-21"


def test_a_type_set_by_a_person_may_ask_for_more(ctx: Services) -> None:
    """With the type come the fields that it requires: those in doubt are told, not confirmed unseen."""
    record = described(ctx).model_copy(update={"doubts": (told("type_unknown", field="type"),)})
    with pytest.raises(UsageError, match="number_symbol"):
        confirm(record, {"type": "KQ.G17.000311"}, "lan", ctx)


@pytest.mark.parametrize("source", ["paper", "manifest"])
def test_a_day_of_issue_after_the_day_of_receipt_is_doubted(
    ctx: Services, source: Literal["paper", "manifest"]
) -> None:
    """No paper comes before it was issued: the reason is told, and the day stands when a person says why."""
    received = today()
    record = described(ctx)
    for day, doubted in ((received, False), (received + timedelta(days=1), True)):
        issued = FieldReading(value=day.isoformat(), confidence=0.97, source=source)
        fields = {**record.description.fields, "issued_date": issued}
        found = not_after(received, record.description.model_copy(update={"fields": fields}))
        doubts = doubts_of_fields(found, ctx, ctx.catalogues.profile(received), received)
        assert any("after the day of receipt" in str(doubt) for doubt in doubts) is doubted
        assert (found.fields["issued_date"].confidence < 0.7) is doubted
    held = record.model_copy(update={"description": found, "doubts": doubts})
    with pytest.raises(UsageError) as caught:
        confirm(held, {}, "lan", ctx)
    assert "--reason" in caught.value.advice
    said = confirm(held, {}, "lan", ctx, why="ngày có hiệu lực")
    assert said.description.fields["issued_date"].source == "person"


def test_a_term_that_ends_before_the_day_of_issue_is_asked(ctx: Services) -> None:
    """Whoever states it; a person says what stands there, and may say that it does stand there."""
    record = described(ctx, {"issued_date": ("2026-05-20", 0.95), "valid_until": ("2025-05-20", 0.95)})
    (doubt,) = (item for item in record.doubts if item.about == "valid_until")
    assert doubt.text("vi").endswith("20/05/2025 sớm hơn ngày cấp 20/05/2026")
    same = described(ctx, {"issued_date": ("2026-05-20", 0.95), "valid_until": ("2026-05-20", 0.95)})
    assert "valid_until" not in asked_of(same.doubts)
    assert confirm(record, {}, "an", ctx).description.fields["valid_until"].source == "person"
    given = confirm(record, {"valid_until": "2027-05-20"}, "an", ctx)
    assert (given.doubts, given.description.value("valid_until")) == ((), "2027-05-20")
    with pytest.raises(UsageError):
        confirm(record, {"valid_until": "2025-05-20"}, "an", ctx, source="manifest")


@pytest.mark.parametrize("code", ["KQ-G10.0000200", "Mẫu số 08 - Quyết định số 73/2026/QĐ-UBND", "KQ.H17.990006"])
def test_any_code_of_a_type_may_be_set(ctx: Services, code: str) -> None:
    """A code of the national list, however odd, and a placeholder of an earlier release are types too."""
    assert confirm(described(ctx), {"type": code}, "lan", ctx).description.type_code == code
