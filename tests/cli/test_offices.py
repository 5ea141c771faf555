"""Every command about dossiers is asked for an office, and understands alike whose it is."""

from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cli.dossiers import dossiers
from config.settings import Settings
from domain.errors import ExitCode
from services.context import open_services
from tests.support.desk import given

_ARGUMENTS = {
    "tie": ("abc", "H17.12-260101-0001", "--reason", "x"),
    "untie": ("abc", "--reason", "x"),
    "show": ("H17.12-260101-0001",),
}
_ROW = '[[signing.officers]]\nwho = "Lan"\nname = "Lê Thị Lan"\nkind = "software"\nagencies = [{}]\n'


def commands() -> list[str]:
    """The commands of the group, whichever there are."""
    group: Any = get_command(dossiers)
    return sorted(group.commands)


def asked(settings: Settings, folder: Path, name: str, *words: str) -> Any:
    """What a command of the group answers."""
    listed = folder / "in.json"
    listed.write_text("[]", encoding="utf-8")
    more = {"import": (str(listed),), "export": ("-o", str(folder / "out.json"))}
    return given(settings, "dossiers", name, *(more | _ARGUMENTS).get(name, ()), "--who", "Lan", *words)


def offices(settings: Settings) -> set[str]:
    """For which offices the journal says that Lan asked."""
    with open_services(settings) as ctx:
        return {str(dict(item)["office"]) for item in ctx.journal.events() if dict(item).get("who") == "Lan"}


def written(settings: Settings, *agencies: str, role: str = "archivist") -> None:
    """Settings in which Lan has these offices."""
    with open_services(settings):
        pass
    text = _ROW.format(", ".join(f'"{item}"' for item in agencies))
    (settings.home / "khoso.toml").write_text(f'{text}[desk.roles]\nLan = "{role}"\n', encoding="utf-8")


@pytest.mark.parametrize("name", commands())
def test_the_only_office_is_understood(settings: Settings, tmp_path: Path, name: str) -> None:
    """Whoever has one need not name it; whoever names another one asks for that."""
    written(settings, "H17.12.03")
    asked(settings, tmp_path, name)
    assert offices(settings) <= {"H17.12.03"}
    done = asked(settings, tmp_path, name, "--office", "H17.12.05")
    assert "--office" not in done.stderr
    assert offices(settings) <= {"H17.12.03", "H17.12.05"}


@pytest.mark.parametrize("name", commands())
def test_of_several_offices_one_is_named(settings: Settings, tmp_path: Path, name: str) -> None:
    """The answer names them, and nothing is done."""
    written(settings, "H17.12.03", "H17.12.05")
    done = asked(settings, tmp_path, name)
    assert done.exit_code == ExitCode.USAGE
    assert "H17.12.03, H17.12.05" in done.stderr
    assert offices(settings) == set()
    assert "several offices" not in asked(settings, tmp_path, name, "--office", "H17.12.05").stderr


@pytest.mark.parametrize("role", ["operator", "auditor"])
def test_who_sees_all_offices_needs_to_name_none(settings: Settings, tmp_path: Path, role: str) -> None:
    """A clock that imports dossiers has no office."""
    written(settings, "H17.12.03", "H17.12.05", role=role)
    assert "several offices" not in asked(settings, tmp_path, "list").stderr
