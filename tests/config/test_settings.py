"""Settings come from a file and from variables, and every one of them is described."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from config.describe import EXAMPLE, sentences, settings_page
from config.settings import Settings, load_settings
from domain.errors import ExitCode, SetupError

_ROOT = Path(__file__).parent.parent.parent


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and those within it."""
    yield model
    for field in model.model_fields.values():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from models(kind)


def written(home: Path, text: str) -> Path:
    """A store with settings."""
    home.mkdir(exist_ok=True)
    (home / "khoso.toml").write_text(text, encoding="utf-8")
    return home


def test_the_page_is_what_the_models_say() -> None:
    """`make docs` has been run since a setting was changed."""
    assert (_ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_page()


@pytest.mark.parametrize("model", dict.fromkeys(models(Settings)), ids=lambda model: model.__name__)
def test_every_setting_has_a_sentence(model: type[BaseModel]) -> None:
    """It stands under the field."""
    got = sentences(model)
    settings = {name for name, field in model.model_fields.items() if not any(map(_is_model, _kinds(field.annotation)))}
    assert settings <= set(got)
    assert all(re.fullmatch(r"[A-Z`].*\.", text) for text in got.values())


def _kinds(annotation: object) -> tuple[object, ...]:
    return (annotation, *get_args(annotation))


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def test_the_example_of_the_page_works(tmp_path: Path) -> None:
    """Whoever copies it has a store that can be opened."""
    settings = load_settings(written(tmp_path / "home", EXAMPLE), {})
    assert (settings.work.workers, settings.desk.role("lan"), settings.signing.reach) == (2, "archivist", "B-T")
    assert settings.signing.keys == tmp_path / "home" / "keys"


def test_variables_outrank_the_file(tmp_path: Path) -> None:
    """One by one: what else the file says of a section stays, and so do the defaults."""
    home = written(tmp_path / "home", '[signing]\nofficer = "An"\nofficer_agency = "X"\n')
    signing = load_settings(home, {"KHOSO_SIGNING__OFFICER": "Bình", "KHOSO_WHO": "lan", "OTHER": "1"}).signing
    assert (signing.officer, signing.officer_agency, signing.keys) == ("Bình", "X", home / "keys")


@pytest.mark.parametrize(
    ("text", "variables", "named"),
    [
        ("agancy = 'H17'", {}, "`agancy`"),
        ("[work]\ntris = 2", {}, "`work.tris`"),
        ("[work]\nworkers = 48219001275", {}, "`work.workers`"),
        ("signing = 3", {}, "`signing`"),
        ("[[search]]\nkind = 'tantivy'", {}, "`search`"),
        ("home = '/elsewhere'", {}, "`home`"),
        ("agency = ", {}, "is not TOML"),
        (f"[work]\ntries = {'1' * 5000}", {}, "is not TOML"),
        (f"agency = {'[' * 100_000}", {}, "is nested too deeply"),
        (f"[{'.'.join('a' * 20_000)}]\nb = 1", {}, "`a`"),
        ("", {"KHOSO_WORK__TRIES": "1" * 5000}, "`work.tries`"),
        ("", {"KHOSO_AGENCY": "\udcff"}, "`agency`"),
        ("", {"KHOSO_WROK__TRIES": "2"}, "`wrok`"),
        ("", {"KHOSO_WORK__TRIES": "some"}, "`work.tries`"),
        ("", {"KHOSO_AGENCY__NAME": "x"}, "`agency`"),
        ("", {"KHOSO_SIGNING": "software", "KHOSO_SIGNING__OFFICER": "An"}, "`signing`"),
        ("agency = 'H17.12'", {"KHOSO_WORK": "2"}, "`work`"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, text: str, variables: dict[str, str], named: str) -> None:
    """A name that nobody knows, a value of another kind, a section that is none: each stops every command."""
    home = written(tmp_path / "home", text)
    with pytest.raises(SetupError, match=named) as caught:
        load_settings(home, variables)
    assert caught.value.exit_code == ExitCode.SETUP
    assert caught.value.advice


def test_a_folder_is_no_file_of_settings(tmp_path: Path) -> None:
    """It is told as what it is."""
    (tmp_path / "home" / "khoso.toml").mkdir(parents=True)
    with pytest.raises(SetupError, match="cannot be read"):
        load_settings(tmp_path / "home", {})


def test_lists_and_tables_come_from_variables_too(tmp_path: Path) -> None:
    """As TOML has them in one line; what they replace is all that the file said there."""
    home = written(tmp_path / "home", '[desk.roles]\nan = "operator"\n')
    given = {
        "KHOSO_DESK__ROLES": '{Lan = "archivist", "Lê Hoa" = "auditor"}',
        "KHOSO_RECOGNITION__SEPARATORS__DROP": '["PATCHT"]',
        "KHOSO_SIGNING__TIME_STAMPS": '[{url = "https://tsa.example.vn"}, {url = "https://tsa2.example.vn"}]',
        "KHOSO_SEARCH__KIND": "elasticsearch",
        "KHOSO_SEARCH__ELASTICSEARCH__URLS": '["http://127.0.0.1:9200"]',
        "KHOSO_SIGNING__OFFICER": "[An]",
    }
    settings = load_settings(home, given)
    assert settings.desk.roles == {"Lan": "archivist", "Lê Hoa": "auditor"}
    assert settings.recognition.separators.drop == ("PATCHT",)
    assert [stamp.url for stamp in settings.signing.time_stamps] == [
        "https://tsa.example.vn",
        "https://tsa2.example.vn",
    ]
    assert settings.search.server.urls == ("http://127.0.0.1:9200",)
    assert settings.signing.officer == "[An]"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KHOSO_DESK__ROLES", "lan"),
        ("KHOSO_DESK__ROLES", '"lan"'),
        ("KHOSO_DESK__ROLES", '{}\nagency = "H17"'),
        ("KHOSO_RECOGNITION__SEPARATORS__DROP", "PATCHT"),
        ("KHOSO_RECOGNITION__SEPARATORS", "[" * 5000),
    ],
)
def test_a_text_in_place_of_a_list_is_told_with_its_form(tmp_path: Path, name: str, value: str) -> None:
    """What it should look like is named."""
    with pytest.raises(SetupError) as caught:
        load_settings(tmp_path, {name: value})
    assert name in caught.value.advice
    assert '["a", "b"]' in caught.value.advice


@pytest.mark.parametrize("name", ["KHOSO_DESK__ROLES__Van", "KHOSO_Work__TRIES"])
def test_no_name_of_a_variable_is_changed_in_silence(tmp_path: Path, name: str) -> None:
    """Else somebody else would get the role."""
    with pytest.raises(SetupError, match="capital and small letters"):
        load_settings(tmp_path, {name: "archivist"})
    assert load_settings(tmp_path, {"KHOSO_DESK__ROLES__LAN": "archivist"}).desk.role("lan") == "archivist"
