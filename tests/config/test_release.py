"""Data files of the release are read in one way, and what is wrong in them is told with its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.loader import FOLDER
from config.owners import load_roles
from config.questions import load_abbreviations, load_asking, load_renamed
from config.requests.terms import load_request_terms
from config.sampling import load_sampling
from config.secrecy import load_secrecy
from domain.errors import SetupError

FILES = [
    ("roles", "roles.yaml", load_roles),
    ("abbreviations", "abbreviations.yaml", load_abbreviations),
    ("renamed", "renamed.yaml", load_renamed),
    ("asking", "asking.yaml", load_asking),
    ("requests", "requests.yaml", load_request_terms),
    ("sampling", "sampling.yaml", load_sampling),
    ("secrecy", "secrecy.yaml", load_secrecy),
]


@pytest.mark.parametrize(("key", "name", "load"), FILES)
@pytest.mark.parametrize("written", ["[", "another: 1", "{key}: 1", "{key}: [{{a: {{b: 1}}}}]", "", "\0"])
def test_a_spoilt_file_of_the_release_is_told_with_its_name(
    key: str, name: str, load: Callable[[Path], object], written: str, tmp_path: Path
) -> None:
    """Whatever it says instead."""
    path = tmp_path / name
    path.write_text(written.format(key=key), encoding="utf-8")
    with pytest.raises(SetupError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert key in str(caught.value)
    assert caught.value.advice


@pytest.mark.parametrize(("key", "name", "load"), FILES)
def test_a_file_that_is_gone_is_told_missing(
    key: str, name: str, load: Callable[[Path], object], tmp_path: Path
) -> None:
    """And is to be taken from the release."""
    assert load(FOLDER / name)
    with pytest.raises(SetupError, match="missing"):
        load(tmp_path / f"{key}.yaml")
