"""Whatever any door lets in can be made into codes, archived, read back and named; what cannot be is refused there."""

import csv
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.draft import codes_of_paper
from archive.interface import Codes, StoredObject
from archive.package import METADATA, read_package, write_metadata
from config.settings import load_settings
from domain.codes import (
    digitisation_code,
    digitisation_prefix,
    file_name,
    from_file_name,
    parse_dossier,
    parse_file_code,
    parse_result,
    write_file_code,
)
from domain.errors import SetupError, UsageError
from domain.readings import Description, FieldName, FieldReading
from pipeline.errors import NeedsReview
from pipeline.manifest import read_manifest
from pipeline.records import asked_of
from pipeline.scans.sheets import receipt_of
from pipeline.stages import review as stage
from pipeline.stages.describe import doubts_of_fields, faults_of, legible
from pipeline.stages.review import confirm
from services.context import Services
from tests.pipeline.test_confirm import GIVEN, described
from tests.support.held_papers import held_paper
from tests.support.values import any_value

Door = Callable[[Services, FieldName, str], str]
TYPE = "KQ.G17.000311"
TEMPLATE, DOSSIER = "{agency}.{year}.SH{serial:06d}", "H17.12-261129-0001"


def by_manifest(ctx: Services, name: FieldName, text: str) -> str:
    """What a manifest states of a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "manifest.csv")
        with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
            csv.writer(file).writerows([("file", name), ("a.pdf", text)])
        return read_manifest(path, ctx, [Path("/in/a.pdf")])["a.pdf"].fields.get(name, "")


def by_person(ctx: Services, name: FieldName, text: str) -> str:
    """What a person sets at review."""
    return confirm(described(ctx), {**GIVEN, name: text}, "lan", ctx).description.value(name) or ""


def by_receipt(ctx: Services, name: FieldName, text: str) -> str:
    """What the code on a receipt says, if anything."""
    del ctx
    right = {"dossier_code": DOSSIER, "procedure_code": "1.004194", "owner_id": "048201000123"}
    read = receipt_of("|".join((*(right | {name: text}).values(), "tên", "thêm")) if name in right else text)
    return (read or {}).get(name, "")


@given(st.data(), st.sampled_from([by_manifest, by_person, by_receipt]), st.sampled_from(get_args(FieldName)))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_door_lets_in_is_coded_archived_and_read_back(
    ctx: Services, data: st.DataObject, door: Door, name: FieldName
) -> None:
    """No value that was accepted stops a code from being minted, read, kept in the vault or made a name of a file."""
    refused, value = None, ""
    try:
        value = door(ctx, name, data.draw(any_value(name)))
    except UsageError as error:
        refused = error
    assert refused is None or (refused.remedy and str(refused).isprintable())
    if value:
        fields = {item: reading.value for item, reading in described(ctx).description.fields.items()}
        assert_goes_through({**fields, name: value})


def assert_goes_through(fields: dict[FieldName, str]) -> None:
    """The codes of a paper with these fields are read back, and its package gives back what was put in."""
    result = fields.get("result_code")
    dossier = fields.get("dossier_code") or (result and parse_result(result)[0])
    if dossier:
        fields["dossier_code"] = dossier
        parse_dossier(dossier)
    year = int(fields["issued_date"][:4])
    file = None if dossier else write_file_code(TEMPLATE, "H17.12", year, 1)
    prefix = digitisation_prefix(fields["owner_id"], TYPE, fields["number_symbol"])
    codes = Codes(dossier=dossier, digitisation=digitisation_code(prefix, 7), result=result, file=file)
    assert codes.digitisation.rpartition(".") == (prefix, ".", "07")
    assert file is None or parse_file_code(file).year == year
    assert max(map(len, (prefix, codes.digitisation))) <= 200  # the columns of the catalogue
    assert from_file_name(file_name(codes.digitisation)) == codes.digitisation
    paper = held_paper(
        "x",
        dossier=dossier,
        digitisation_code=codes.digitisation,
        result_code=codes.result,
        file_code=codes.file,
        type_code=TYPE,
        issued=fields["issued_date"],
        **{name: fields.get(name) for name in ("owner_id", "number_symbol", "issuer", "title", "abstract")},
        **{name: fields.get(name) for name in ("owner_name", "valid_until", "scope")},
    )
    readings = {name: {"value": value, "confidence": 1.0} for name, value in fields.items()}
    record = {"codes": codes.model_dump(), "description": {"type_code": TYPE, "fields": readings}}
    with TemporaryDirectory() as folder:
        path = Path(folder, METADATA)
        path.write_bytes(write_metadata(paper, record, history=[]))
        package = read_package(StoredObject(id="urn:khoso:x", path=path.parent, files={METADATA: path}))
    assert package.paper == paper
    assert codes_of_paper(package.paper) == codes
    assert not package.retired
    assert {name: field.value for name, field in package.record.description.fields.items()} == fields


@pytest.mark.parametrize("agency", ["H17.12.34.56", "H17.AB", "h17", "H17\0", "H17.\n12", "\ud800", "H" * 100_000])
def test_an_agency_whose_codes_nobody_reads_stops_every_command(tmp_path: Path, agency: str) -> None:
    """It would stand in every code: the setting is refused before anything is minted."""
    with pytest.raises(SetupError, match="`agency`"):
        load_settings(tmp_path / "home", {"KHOSO_AGENCY": agency})


@given(st.text(max_size=40) | st.from_regex(r"[A-Z]\d\d(\.\d{1,4}){0,3}\n?"))
def test_codes_of_any_agency_that_may_be_set_are_read_back(agency: str) -> None:
    """Whatever the settings accept makes codes that the parser knows."""
    try:
        kept = load_settings(Path("/nowhere"), {"KHOSO_AGENCY": agency}).agency
    except SetupError:
        return
    assert parse_file_code(write_file_code(TEMPLATE, kept, 1998, 1)).agency == kept


@pytest.mark.parametrize("officer", ["An\nVăn", "An\u202eVăn", "An\0"])
def test_a_signer_whose_name_is_not_what_it_looks_like_is_refused(tmp_path: Path, officer: str) -> None:
    """The name stands in certificates, marks and the vault."""
    with pytest.raises(SetupError, match=r"`signing\.officer`"):
        load_settings(tmp_path / "home", {"KHOSO_SIGNING__OFFICER": officer})


def test_a_misread_value_that_nobody_needs_is_left_out_and_one_that_is_needed_is_asked(ctx: Services) -> None:
    """Text that a PDF brings may hold anything: signs no page shows go, what cannot be is not entered."""
    record = described(ctx, {"title": ("GIẤY\0 PHÉP\u202e", 0.9), "abstract": ("a" * 5000, 0.9), "scope": ("H", 0.9)})
    read = legible(record.description, ctx)
    assert read.value("title") == "GIẤY PHÉP"
    assert not {"abstract", "scope"} & read.fields.keys()
    needed = described(ctx, {"number_symbol": ("../12", 0.99)}).description
    assert legible(needed, ctx).value("number_symbol") == "../12"
    rules = ctx.catalogues.profile(record.received_at.date())
    assert "number_symbol" in asked_of(doubts_of_fields(needed, ctx, rules, record.received_at.date()))


@pytest.mark.parametrize(
    ("name", "value"),
    [("dossier_code", "hồ sơ 17"), ("issued_date", "12/03/2026"), ("abstract", "a\0"), ("owner_id", "48201000123")],
)
def test_what_an_earlier_release_let_in_is_asked_before_it_is_coded(
    ctx: Services, monkeypatch: pytest.MonkeyPatch, name: FieldName, value: str
) -> None:
    """A value that stands in a record already is held at review, and a person's word on it lets the paper go on."""
    for act in (
        "identity_of",
        "stop_if_withdrawn",
        "refuse_longer",
        "refuse_duplicate",
    ):  # they look at pages, of which there are none
        monkeypatch.setattr(stage, act, lambda *_: None)
    record = described(ctx, {"number_symbol": ("288/GPXD", 1.0), "issued_date": ("2026-05-20", 1.0)})
    fields = {**record.description.fields, name: FieldReading(value=value, confidence=1.0, source="manifest")}
    description = Description(type_code=TYPE, type_confidence=1.0, fields=fields)
    record = record.model_copy(update={"description": description, "doubts": (), "confirmed_by": "lan"})
    with pytest.raises(NeedsReview, match=f"{name}: ") as held:
        stage.review(record, ctx)
    assert f"--set {name}=…" in held.value.advice
    with pytest.raises(UsageError, match=f"{name}: "):
        confirm(record, {}, "lan", ctx)
    right = {**GIVEN, "dossier_code": "H17.12-261124-0001", "abstract": "a"}[name]
    assert faults_of(confirm(record, {name: right}, "lan", ctx).description) == ()
