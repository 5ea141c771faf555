"""A catalogue that is not of its store's course answers nothing and gives out no code."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.catalogue import Catalogue
from archive.epoch import Epoch, EpochMark
from archive.errors import CatalogueBehind
from tests.support.held_papers import opened_catalogue


class Killed(BaseException):
    """The process ended here."""


def minted(folder: Path, name: str) -> str:
    """The code of a document, given out in the store at a folder."""
    with opened_catalogue(folder) as catalogue:
        return mint(catalogue, name)


def mint(catalogue: Catalogue, name: str) -> str:
    """The code of a document."""
    return str(catalogue.mint(name, prefix="H17.12.1", write_file=lambda n: f"H17.12.2026.SH{n:06d}").file)


def kill(*_: object) -> None:
    """End the process."""
    raise Killed


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 3), st.integers(1, 3), st.integers(1, 3))
def test_a_catalogue_of_another_course(
    tmp_path_factory: pytest.TempPathFactory, before: int, one: int, two: int
) -> None:
    """A store that was put back, and went on; the catalogue of the time in between is none of it, however long both."""
    store, copy = (tmp_path_factory.mktemp(name) for name in ("store", "copy"))
    for number in range(before + 1):
        minted(store, f"before {number}")
    shutil.copytree(store, copy, dirs_exist_ok=True)
    for number in range(one):
        minted(store, f"one {number}")
    for number in range(two):
        minted(copy, f"two {number}")
    shutil.copy(store / "catalogue.sqlite", copy / "catalogue.sqlite")
    with pytest.raises(CatalogueBehind):
        minted(copy, "more")


@pytest.mark.parametrize("what", ["begin", "finish"])
def test_a_change_that_was_cut_off_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Whether it counts by then or not; the next one has another name."""
    assert minted(tmp_path, "1").endswith("0001")
    with monkeypatch.context() as patch:
        patch.setattr(Epoch, what, kill)
        with pytest.raises(Killed):
            minted(tmp_path, "2")
    assert minted(tmp_path, "3").endswith("0002" if what == "begin" else "0003")
    assert minted(tmp_path, "2").endswith("0003" if what == "begin" else "0002")


def test_a_store_without_names_gets_them(tmp_path: Path) -> None:
    """Marks and catalogue of an earlier release: the next change names itself."""
    minted(tmp_path, "1")
    for place in (tmp_path / "epoch.json", tmp_path / "vault" / "extensions" / "khoso-epoch" / "epoch.json"):
        mark = EpochMark.model_validate_json(place.read_bytes())
        place.write_text(EpochMark(store=mark.store, begun=mark.begun, done=mark.done).model_dump_json())
    shutil.copy(tmp_path / "catalogue.sqlite", tmp_path / "copy")
    assert minted(tmp_path, "2").endswith("0002")
    assert minted(tmp_path, "3").endswith("0003")
    shutil.copy(tmp_path / "copy", tmp_path / "catalogue.sqlite")
    with pytest.raises(CatalogueBehind):
        minted(tmp_path, "4")
