"""Fields, roles, stages and classes of retention are called by Vietnamese words where Vietnamese is spoken."""

from collections.abc import Iterator

import pytest

from cli.show import rows_of
from cli.words import field_called
from config.loader import load_catalogues
from config.owners import load_roles
from config.settings import Settings
from domain.clock import today
from domain.messages.language import speak
from domain.messages.told import Told, told
from domain.readings import Description, FieldReading
from pipeline.context import Context, open_context
from pipeline.records import ASKABLE
from pipeline.stages.describe import doubts_of_fields
from services.document import DocumentView

WIFE, HUSBAND = "048194003421", "048091007756"


@pytest.fixture
def vietnamese() -> Iterator[None]:
    """A run in Vietnamese."""
    speak("vi")
    yield
    speak("en")


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Context]:
    """An opened store."""
    with open_context(settings) as opened:
        yield opened


def doubt(ctx: Context) -> Told:
    """What is asked of a marriage of which the husband was not read surely."""
    fields = {
        "owner_id": FieldReading(value=WIFE, confidence=1.0),
        "owner_name": FieldReading(value="Nguyễn Thị Thu Hà", confidence=1.0),
        "further_owners": FieldReading(value=f"husband: Phan Văn Dũng, {HUSBAND}", confidence=0.6),
    }
    read = Description.model_validate({"type_code": "KQ.G15.000032", "type_confidence": 1.0, "fields": fields})
    found = doubts_of_fields(read, ctx, ctx.catalogues.profile(today()), today())
    return next(item for item in found if item.about == "further_owners")


def test_a_reason_calls_field_and_role_by_their_names(ctx: Context) -> None:
    """With the name behind, by which it is set; the number of nobody is whole, and programs are told as before."""
    told_of = doubt(ctx)
    shown = told_of.text("vi")
    assert "(further_owners)" in shown
    assert "Chồng: Phan Văn Dũng" in shown
    assert "husband" not in shown
    assert HUSBAND not in shown
    assert told_of.text("en").startswith("further_owners: read as 'husband: Phan Văn Dũng, 048")
    several = told("still_asked", fields=("owner_id", "issuer")).text("vi")
    assert "số định danh chủ giấy tờ (owner_id), cơ quan cấp (issuer)" in several


@pytest.mark.usefixtures("vietnamese")
def test_every_field_that_can_be_asked_has_a_vietnamese_name() -> None:
    """None stands bare in a table."""
    assert [name for name in (*ASKABLE, "presented") if field_called(name) == name] == []


def test_every_role_on_papers_is_called_in_reasons_as_the_catalogue_calls_it() -> None:
    """A new role of the catalogue needs its words there, too."""
    for code, role in load_roles().items():
        assert told("owner_in_role", role=code, who="A").text("vi") == f"{role.name}: A"


@pytest.mark.usefixtures("vietnamese")
def test_what_is_shown_of_a_paper_has_no_words_of_programs() -> None:
    """Its stage, and how long it is kept; what another release wrote stands as it is."""
    catalogues = load_catalogues()
    rows = dict(rows_of(DocumentView(state="archived", stage="index", retention="vinh-vien"), catalogues))
    assert rows["retention"] == "Vĩnh viễn"
    assert rows["stage"] != "index"
    other = dict(rows_of(DocumentView(state="archived", retention="x"), catalogues))
    assert other["retention"] == "x"
