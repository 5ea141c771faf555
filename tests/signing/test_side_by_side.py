"""Every kind of signed file beside what pdfsig, pyHanko's validator and EU DSS say of it."""

import re

import pytest

from tests.judges.compared import Row, compared
from tests.support.signed_elsewhere import Maker
from tests.support.signed_kinds import ALL, CHANGED, HIDDEN, SOUND, TAKEN_OUT, UNCHECKABLE, UNSIGNED

_HUSHED_UP_ELSEWHERE = {"another font (/DR)", "another colour (/DA)", "set otherwise (/Q)", "an end appended"}


@pytest.fixture(scope="module")
def made() -> tuple[Maker, dict[str, bytes]]:
    """The files, and who signed them."""
    maker = Maker.new()
    return maker, {kind: make(maker) for kind, make in ALL.items()}


@pytest.fixture(scope="module")
def rows(made: tuple[Maker, dict[str, bytes]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    """What each says of each."""
    maker, files = made
    found = compared(files, maker.issuer.anchors, tmp_path_factory.mktemp("judged"))
    return {row.kind: row for row in found}


def test_nothing_that_all_call_sound_is_broken(rows: dict[str, Row]) -> None:
    """What the others find unchanged is not called broken here, and every kind that nobody changed is such a file."""
    sound = {kind for kind, row in rows.items() if row.is_sound_to_all}
    assert {kind for kind in sound if rows[kind].khoso == "broken"} == set()
    assert sound >= SOUND.keys()
    assert {rows[kind].khoso for kind in SOUND} == {"valid"}


def test_nothing_that_dss_calls_changed_is_valid(rows: dict[str, Row]) -> None:
    """Nor is what DSS calls broken; and such files are among those that are asked about."""
    changed = {kind for kind, row in rows.items() if row.dss in {"changed", "broken"}}
    assert {kind for kind in changed if rows[kind].khoso == "valid" or not rows[kind].told} == set()
    assert changed & CHANGED.keys()


def test_every_change_is_told(rows: dict[str, Row]) -> None:
    """Also those that all the others pass over."""
    assert {kind for kind in CHANGED if rows[kind].khoso == "valid"} == set()
    assert {kind for kind in _HUSHED_UP_ELSEWHERE if rows[kind].dss != "sound"} == set()


def test_what_is_broken_is_so_to_all(rows: dict[str, Row]) -> None:
    """A changed byte is seen by everybody, and an encoding that is not known is no changed byte."""
    row = rows["a byte flipped"]
    assert (row.khoso, row.pdfsig, row.pyhanko, row.dss) == ("broken",) * 4
    assert {rows[kind].khoso for kind in (*UNCHECKABLE, *HIDDEN)} == {"doubtful"}
    assert {rows[kind].khoso for kind in UNSIGNED} == {"unsigned"}
    assert {rows[kind].khoso for kind in TAKEN_OUT} == {"doubtful"}


def test_the_kinds_are_what_they_are_called(made: tuple[Maker, dict[str, bytes]]) -> None:
    """A hybrid file has both tables, and a linearised one two trailers that name the catalogue."""
    _, files = made
    assert b"/XRefStm" in files["hybrid, written once"]
    assert b"/Linearized" in files["linearised, written once"]
    assert len(re.findall(rb"trailer\s*<<[^>]*/Root ", files["linearised, both trailers whole"])) == 2
    assert all(b"/Encrypt " in files[kind] for kind in ("protected against changes", "a password to open it"))
