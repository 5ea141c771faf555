"""The catalogues of the release are sound, and a broken one is refused with its file and line."""

import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.loader import FOLDER, load_catalogues
from config.models import RuleProfile
from domain.codes import parse_dossier, parse_file_code, write_file_code
from domain.errors import SetupError, UsageError

CATALOGUES = load_catalogues()
FIRST_DAY = CATALOGUES.profiles[0].valid_from
DISTRICTS_END = date(2025, 6, 30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalogues that a test may break."""
    return Path(shutil.copytree(FOLDER, tmp_path / "catalogues"))


@pytest.mark.parametrize(
    ("file", "right", "wrong", "message"),
    [
        ("agencies.yaml", "parent: H17", "parent: H99", "no agency 'H99'"),
        ("agencies.yaml", "code: H17.02", "code: H17", "'H17' stands here twice"),
        ("agencies.yaml", "code: H17.02", "code: Z17", "agencies[1].code"),
        ("agencies.yaml", "level: district", "level: quận", "agencies[8].level"),
        ("agencies.yaml", "valid_until: 2025-06-30", "valid_until: 2015-06-30", "ends before it begins"),
        ("procedures.yaml", "types: [TP.H17.990101]", "types: [TP.H17.1]", "procedures[0].components[0].types[0]"),
        (
            "procedures.yaml",
            "results: [KQ.G15.000031]",
            "results: [KQ.G15.1]",
            "procedures[0].results[0]: no document type",
        ),
        ("procedures.yaml", "form: present", "form: shown", "procedures[0].components[4].form"),
        (
            "agencies.yaml",
            "level: commune",
            "level: district",
            "agencies[15].level: there is no district level from 2025",
        ),
        ("types.yaml", "retention: vinh-vien", "retention: R20", "types[0].retention: no retention class 'R20'"),
        ("types.yaml", "required: [number_symbol", "required: [number", "types[0].required[0]"),
        ("types.yaml", "confirmed: true", "konfirmed: true", "types[0].konfirmed"),
        ("types.yaml", "kind: permanent", "kind: months", "types[0].validity"),
        (
            "types.yaml",
            "retention: vinh-vien",
            "signing: by-hand\n    retention: vinh-vien",
            "no signing profile 'by-hand'",
        ),
        ("signing.yaml", "id: desk-copy", "id: desk", "needs the profile 'desk-copy'"),
        ("signing.yaml", "place: over_name", "place: top_left", "signing[2].person: Value error, a text has `lines`"),
        ("signing.yaml", "{kind: text, place: top_left", "{kind: picture, place: top_left", "signing[0].person"),
        ("signing.yaml", 'hóa: {name}"', 'hóa: {nam}"', "`lines` may hold {name} and {time}"),
        ("retention.yaml", "years: 70", "years: 71", "retention[1].years"),
        ("retention.yaml", 'code: "02", years: 70', 'code: "02"', "`years` goes with every class but 01"),
        ("profiles.yaml", "valid_from: 2025-07-01", "valid_from: 2025-07-02", "must be the day after"),
        ("profiles.yaml", "valid_from: 2025-07-01", "valid_from: 2025-06-30", "must be the day after"),
        ("profiles.yaml", "valid_from: 2025-07-01", "valid_from: 2025-02-30", "profiles[1].valid_from"),
        ("profiles.yaml", "min_dpi: 200", "min_dpi: !!odd 200", "not YAML"),
        ("profiles.yaml", "{serial:06d}", "{serail:06d}", "no template of agency, year and serial"),
        ("profiles.yaml", "SH{serial:06d}", "SH0001", "does not tell agency, year and serial"),
        ("profiles.yaml", "SH{serial:06d}", "{serial:06d}", "nobody can read back"),
        ("profiles.yaml", "SH{serial:06d}", "SOHOAHOSOTONDONG{serial:06d}", "nobody can read back"),
        ("profiles.yaml", "{year}", "2018", "does not tell agency, year and serial"),
        ("profiles.yaml", "'[0-9]{3}", "'([0-9]{3}", "no regular expression"),
    ],
)
def test_an_error_names_file_and_line(folder: Path, file: str, right: str, wrong: str, message: str) -> None:
    """Whatever is wrong in a catalogue, the error tells the file, the line, the fault and the remedy."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    line = text[: text.index(right)].count("\n") + 1
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(SetupError) as caught:
        load_catalogues(folder)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert message in str(caught.value)
    assert caught.value.advice


def test_two_periods_of_a_procedure_do_not_overlap(folder: Path) -> None:
    """On no day a procedure asks for two lists of papers; the later entry is named."""
    path = folder / "procedures.yaml"
    text = path.read_text(encoding="utf-8")
    line = text[: text.rindex('code: "1.001612"')].count("\n") + 1
    path.write_text(text.replace("valid_until: 2025-06-30", "valid_until: 2025-07-01"), encoding="utf-8")
    with pytest.raises(SetupError, match=r"'1\.001612' stands here twice for the same days") as caught:
        load_catalogues(folder)
    assert str(caught.value).startswith(f"{path}:{line}: ")


def test_a_procedure_is_what_it_is_on_a_day() -> None:
    """Household businesses went from the districts to the communes; before its first day there is no procedure."""
    found = [CATALOGUES.procedure("1.001612", day).level for day in (DISTRICTS_END, DISTRICTS_END + timedelta(days=1))]
    assert found == ["district", "commune"]
    with pytest.raises(KeyError, match="no procedure in force on 2020-01-01"):
        CATALOGUES.procedure("1.001612", date(2020, 1, 1))


def test_the_starter_set_of_procedures() -> None:
    """Fifteen procedures and more, none of them confirmed; one asks for papers in every way there is (law L2.2)."""
    assert len({item.code for item in CATALOGUES.procedures}) >= 15
    assert not any(item.confirmed for item in CATALOGUES.procedures)
    assert all("placeholder until" in item.source or "QĐ-" in item.source for item in CATALOGUES.procedures)
    assert all(item.components for item in CATALOGUES.procedures)
    residence = CATALOGUES.procedure("1.004222", date(2026, 7, 17)).components
    assert len(residence) == 5
    assert {item.form for item in residence} == {"declaration", "reusable", "certified_copy", "present"}
    assert {item.elsewhere for item in residence if item.form == "reusable"} == {"land", "population"}


def test_only_levels_that_exist_have_agencies() -> None:
    """The levels of a day are the rules' of that day: from 2025-07-01 there are two (law section 0)."""
    for profile in CATALOGUES.profiles:
        day = profile.valid_until or date(2026, 11, 24)
        assert {item.level for item in CATALOGUES.agencies if item.covers(day)} <= set(profile.levels)
    assert CATALOGUES.profile(date(2025, 7, 1)).levels == ("city", "commune")


def test_a_key_that_stands_twice_is_refused(folder: Path) -> None:
    """YAML would keep the second value in silence."""
    path = folder / "profiles.yaml"
    text = path.read_text(encoding="utf-8")
    line = text[: text.index("min_dpi: 200")].count("\n") + 2
    path.write_text(text.replace("min_dpi: 200", "min_dpi: 200\n    min_dpi: 20", 1), encoding="utf-8")
    with pytest.raises(SetupError, match=re.escape(f"profiles.yaml:{line}: ") + ".*`min_dpi` stands here twice"):
        load_catalogues(folder)


def test_the_last_profile_is_open(folder: Path) -> None:
    """Rules that end with none to follow would stop the desk on a day to come."""
    path = folder / "profiles.yaml"
    text = path.read_text(encoding="utf-8")
    closed = text.replace("valid_from: 2025-07-01", "valid_from: 2025-07-01\n    valid_until: 2030-12-31")
    path.write_text(closed, encoding="utf-8")
    with pytest.raises(SetupError, match="the last profile must stay open"):
        load_catalogues(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the only key must be `retention`"),
        (b"- a\n", "the only key must be `retention`"),
        (b"retention: []\nmore: 1\n", "the only key must be `retention`"),
        (b"retention: [\n", "not YAML"),
        (b"retention: \xff\n", "not YAML in UTF-8"),
        (b"? [a]\n: 1\n", "not YAML"),
        (None, "is missing"),
    ],
)
def test_a_file_without_a_list_is_refused(folder: Path, content: bytes | None, message: str) -> None:
    """A missing, empty, foreign or broken file is an error of the installation, never a traceback."""
    path = folder / "retention.yaml"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SetupError, match=message) as caught:
        load_catalogues(folder)
    assert str(path) in str(caught.value)


@given(st.dates(min_value=FIRST_DAY))
def test_every_day_has_one_profile(day: date) -> None:
    """From the first day on exactly one set of rules is in force."""
    found = [item for item in CATALOGUES.profiles if item.valid_from <= day and (item.valid_until or date.max) >= day]
    assert found == [CATALOGUES.profile(day)]


def test_days_before_the_first_profile_have_no_rules() -> None:
    """A day that no profile covers is an error, not the nearest profile."""
    with pytest.raises(KeyError, match="no rule profile for"):
        CATALOGUES.profile(FIRST_DAY - timedelta(days=1))


@pytest.mark.parametrize("agency", [agency.code for agency in CATALOGUES.agencies])
def test_every_agency_of_today_can_give_file_codes(agency: str) -> None:
    """The rules in force make, for each agency, a file code that tells it."""
    assert parse_file_code(write_file_code(CATALOGUES.profiles[-1].file_code, agency, 1998, 1)).agency == agency


@pytest.mark.parametrize(("profile", "code"), [("2018", "000.00.12.H17-190304-0001"), ("2025", "H17.12-250901-0001")])
def test_the_pattern_of_the_day_and_the_parser_know_the_same_dossiers(profile: str, code: str) -> None:
    """Which form a day's dossiers have is data; the parser reads them all."""
    (rules,) = (item for item in CATALOGUES.profiles if item.id == profile)
    assert re.fullmatch(rules.dossier_pattern, code)
    assert parse_dossier(code)


@pytest.mark.parametrize("profile", CATALOGUES.profiles, ids=lambda item: item.id)
@given(st.data())
def test_what_a_profile_accepts_is_parsed(profile: RuleProfile, data: st.DataObject) -> None:
    """No code passes the rules of a day that the parser cannot read: with its agency, its day and its serial."""
    code = data.draw(st.from_regex(profile.dossier_pattern, fullmatch=True))
    read = parse_dossier(code)
    assert code.startswith(f"{read.agency}-")
    assert f"{read.day:%y%m%d}-" in code


_SHAPE = r"([0-9]{3}\.[0-9]{2}\.[0-9]{2}\.)?[A-Z][0-9]{2}(\.[0-9]{1,4}){0,3}-[0-9]{5,9}-[0-9]{3,17}"
_DAYS = st.dates(date(2000, 1, 1), date(2068, 12, 31))


@given(
    st.one_of(
        st.from_regex(_SHAPE, fullmatch=True),
        st.builds(
            "{}-{}-{}".format,
            st.sampled_from(["H17.12.34", "G09.20", "H17", "000.34.12.H17", "Z17", "000.34.12.H17.1"]),
            st.one_of(_DAYS.map("{:%y%m%d}".format), _DAYS.map("{:%Y%m%d}".format), st.just("250231")),
            st.sampled_from(["0001", "010007", "001", "1" * 15, "1" * 16]),
        ),
    )
)
def test_what_is_parsed_is_accepted_by_a_profile(code: str) -> None:
    """A code that the parser reads is one of the rules of some day, and one that it does not is of none."""
    accepted = any(re.fullmatch(item.dossier_pattern, code) for item in CATALOGUES.profiles)
    try:
        parse_dossier(code)
    except UsageError:
        assert not accepted
    else:
        assert accepted


def test_the_district_level_has_ended() -> None:
    """District bodies end on 2025-06-30, and the agency above an agency is never one of them (law section 0)."""
    districts = {item.code for item in CATALOGUES.agencies if item.level == "district"}
    assert districts
    assert {CATALOGUES.agency(code).valid_until for code in districts} == {DISTRICTS_END}
    assert not {item.parent for item in CATALOGUES.agencies if item.level == "commune"} & districts


def test_what_is_not_confirmed_is_marked() -> None:
    """Agency identifiers and rules await confirmation by the city, and each says where it comes from (law L3.3)."""
    assert not any(item.confirmed for item in CATALOGUES.agencies)
    assert not any(item.confirmed for item in CATALOGUES.profiles)
    assert all(item.source for item in CATALOGUES.agencies)
    assert all(item.source for item in CATALOGUES.profiles)
    assert all(item.source for item in CATALOGUES.retention)


def test_retention_classes_follow_the_code_list() -> None:
    """The codes 01 to 06 of TT 05/2025 mean permanent, 70, 50, 30, 20 and 10 years; other terms are 07 (law L5.7)."""
    found = [(item.code, item.years) for item in CATALOGUES.retention]
    terms = [("02", 70), ("03", 50), ("04", 30), ("05", 20), ("06", 10), ("07", 5), ("07", 2)]
    assert found == [("01", None), *terms, ("07", None)]
    assert [item.id for item in CATALOGUES.retention if item.is_permanent] == ["vinh-vien"]
