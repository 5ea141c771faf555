"""The national list comes with the release: real codes are known, and placeholders of earlier releases lead to them."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.loader import FOLDER, load_catalogues
from config.models import Component, Procedure
from domain.codes import KEY_LENGTH, code_key, file_name, from_file_name

CATALOGUES = load_catalogues()
LISTED = json.loads((FOLDER / "national.json").read_text(encoding="utf-8"))
SEEN = date(2026, 7, 18)
LAST_OF_OLD_LAW = date(2027, 2, 28)
CODES = [item.code for item in CATALOGUES.results] + [row["code"] for item in LISTED for row in item["components"]]


def national(code: str) -> Procedure:
    """A procedure as the list has it."""
    return CATALOGUES.procedure(code, SEEN)


def test_the_list_is_whole() -> None:
    """The portal's 288 codes of results and fourteen procedures are there."""
    assert (len(CATALOGUES.results), len(LISTED)) == (288, 14)
    assert {item["code"] for item in LISTED} <= set(CATALOGUES.procedures.codes())


@given(st.sampled_from(CODES))
@settings(deadline=None)
def test_no_real_code_is_refused(code: str) -> None:
    """Blanks, commas, slashes, underscores and Đ: each is a key of a component, and comes back from a file's name."""
    key = code_key(f"  {code}\u00a0")
    assert Component(code=key, name="x").code == key == code_key(key)
    assert len(key) <= KEY_LENGTH
    assert from_file_name(file_name(key)) == key


@pytest.mark.parametrize("item", CATALOGUES.results, ids=lambda item: item.code)
def test_every_code_has_its_name_and_goes_out_as_it_came(item: object) -> None:
    """A paper of a listed code is called as the list says, and exported by that code, however long it is."""
    listed = next(known for known in CATALOGUES.results if known is item)
    assert CATALOGUES.find_type(listed.code) is not None
    assert CATALOGUES.type_name(listed.code) == listed.name
    assert CATALOGUES.outward_code(listed.key) == listed.code


@pytest.mark.parametrize(
    ("procedure", "results"),
    [
        ("1.001193", {"KQ.G15.000031"}),
        ("1.000894", {"KQ.G15.000032"}),
        ("1.000656", {"KQ.G15.000034"}),
        ("1.004873", {"KQ.G15.000038"}),
        ("2.000635", {"KQ.G15.000342"}),
        ("1.004859", {"KQ.G15.000037"}),
        ("1.004837", {"KQ.G15.000035"}),
        ("1.004222", {f"KQ.G01.0000{n}" for n in (64, 65, 66, 67)}),
        ("1.013225", {"KQ.G17.000311"}),
    ],
)
def test_results_are_those_of_the_list(procedure: str, results: set[str]) -> None:
    """What a procedure ends with is what the list says, on the days before it was seen too (law §9E)."""
    assert set(national(procedure).results) == results
    assert set(CATALOGUES.procedure(procedure, date(2025, 7, 1)).results) == results


@pytest.mark.parametrize("listed", LISTED, ids=lambda item: item["code"])
def test_every_row_is_a_component_or_a_note(listed: dict[str, list[dict[str, str]]]) -> None:
    """No row is lost, none is both; of a component that the list wants nothing of, our table says why it is one."""
    procedure = national(str(listed["code"]))
    components, notes = {item.code for item in procedure.components}, {item.code for item in procedure.notes}
    assert not components & notes
    assert components | notes == {code_key(row["code"]) for row in listed["components"]} | {
        item.code for item in procedure.components if len(item.code) <= 4
    }
    for row in listed["components"]:
        part = procedure.component(row["code"])
        if part and not (row["original"] or row["copy"]):
            assert part.elsewhere, "the office looks it up itself (law L9.4)"


def test_what_is_only_shown_is_told_by_its_group() -> None:
    """Papers under "phải xuất trình" are never asked for as copies (law L2.2)."""
    residence = national("1.001193").component("000.00.00.G15-KQ003785")
    assert residence is not None
    assert (residence.form, residence.elsewhere) == ("present", "population")


def test_one_code_in_several_cases_is_one_component() -> None:
    """A land certificate that seven kinds of building ask for is asked for once, with all its cases."""
    land = [item for item in national("1.013225").components if item.code == "G17-KQ005477"]
    assert [len(item.groups) for item in land] == [7]


@pytest.mark.parametrize(
    ("procedure", "short", "code"),
    [
        ("1.000894", "XNHN", "000.00.00.G15-KQ004427"),
        ("1.004873", "KT", "000.00.00.G15-KQ005012"),
        ("1.004222", "CT01", "000.00.00.G01-KQ003604"),
        ("1.013225", "QSDD", "G17-KQ003215"),
        ("1.001193", "KH", "KH"),
    ],
)
def test_short_codes_of_clerks_lead_to_the_row(procedure: str, short: str, code: str) -> None:
    """What earlier releases and clerks call a paper is the list's row of it."""
    found = national(procedure).component(short)
    assert found is not None
    assert found.code == code


def test_a_dossier_of_an_earlier_day_is_asked_for_what_was_known_then() -> None:
    """When the list's rows began nobody knows: before they were seen our own table holds."""
    assert CATALOGUES.procedure("1.000894", date(2026, 7, 17)).components[0].code == "TK"


@pytest.mark.parametrize("code", ["1.001193", "1.004884", "1.000894", "1.004746", "1.000656", "1.004873", "2.000635",
                                  "1.004859", "1.004837", "1.004859.000.00.00.H17"])  # fmt: skip
def test_civil_status_ends_with_the_old_law(code: str) -> None:
    """From 1 March 2027 another law holds whose procedures are not published: nothing is guessed (law L9.4)."""
    assert CATALOGUES.procedure(code, LAST_OF_OLD_LAW).valid_until == LAST_OF_OLD_LAW
    with pytest.raises(KeyError):
        CATALOGUES.procedure(code, date(2027, 3, 1))
    assert CATALOGUES.rules_end(code, date(2027, 3, 1)) == LAST_OF_OLD_LAW
    assert CATALOGUES.rules_end("1.004222", date(2027, 3, 1)) is None


FORMER = [(code, type_.code) for type_ in CATALOGUES.types for code in type_.former]


def test_a_former_code_is_the_code_that_took_its_place() -> None:
    """Placeholders lie in the marked range, and each leads to one real code of the list."""
    assert {former[7:9] for former, _ in FORMER} == {"99"}
    real = {item.key for item in CATALOGUES.results}
    for former, code in FORMER:
        assert code in real
        assert CATALOGUES.present_code(former) == CATALOGUES.outward_code(former) == CATALOGUES.kind_of(former) == code
        assert CATALOGUES.type_name(former) == CATALOGUES.type(code).name
        assert {former, code} <= set(CATALOGUES.serving([former])) & set(CATALOGUES.serving([code]))


def test_a_listed_type_gets_a_retention_class(tmp_path: Path) -> None:
    """What only the list knows has no class, so its papers are held; an entry of its own gives it one (law L6.3)."""
    folder = Path(shutil.copytree(FOLDER, tmp_path / "catalogues"))
    code = "KQ.H12.000071"
    assert CATALOGUES.type(code).retention is None
    text = (folder / "types.yaml").read_text(encoding="utf-8")
    entry = text[text.index("  - code: TP.H17.990133") :].partition("  - code: TP.H17.990134")[0]
    more = entry.replace("TP.H17.990133", code).replace("khac", "70-nam")
    (folder / "types.yaml").write_text(text + more, encoding="utf-8")
    assert load_catalogues(folder).type(code).retention == "70-nam"
    assert code in {item.code for item in CATALOGUES.only_listed()}


def test_the_code_of_another_issuer_is_kept() -> None:
    """A marriage registered abroad has a code of its own: it serves where ours does, and stays what it is (law §9E)."""
    abroad = "000.00.00.G08-KQ0028"
    assert CATALOGUES.present_code(abroad) == CATALOGUES.outward_code(abroad) == abroad
    assert CATALOGUES.kind_of(abroad) == "KQ.G15.000032"
    assert abroad in CATALOGUES.serving(["KQ.G15.000032"])


def test_types_without_a_code_of_the_list_stand_in_the_marked_range() -> None:
    """A placeholder shows that it is one, and none is confirmed."""
    real = {item.key for item in CATALOGUES.results}
    for type_ in CATALOGUES.types:
        assert type_.code in real or type_.code.split(".")[2].startswith("99")
        assert type_.confirmed is (type_.code == "KQ.G15.000031")
