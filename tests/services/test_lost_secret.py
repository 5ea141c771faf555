"""A store whose secret of owner keys was lost says so, and says what belongs to nobody any more."""

from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from domain.errors import ExitCode, NotValid
from services.context import open_services
from services.permissions import user_of_the_machine
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.standing import change_standing
from tests.support.desk import WHY, run_json
from tests.support.held_papers import OTHER_OWNER, OWNER, hold

DOSSIER = "H17.12-261124-0001"
HELD, ABSENT = "KQ.G15.000031", "KQ.G15.000032"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A store of one paper, which was asked for and used, as another one was asked for and not held."""
    settings = settings.model_copy(update={"desk": settings.desk.model_copy(update={"roles": {"Lan": "archivist"}})})
    settings.home.mkdir(mode=0o700)
    (settings.home / "khoso.toml").write_text('[desk]\nroles = { Lan = "archivist" }\n', encoding="utf-8")
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "birth", type_code=HELD, digitisation_code=f"{OWNER}.{HELD}.215/2019.01")
        me = user_of_the_machine(settings)
        for type_code in (HELD, ABSENT):
            lookup(ctx, me, owner_id=OWNER, dossier=DOSSIER, type_code=type_code, reason=WHY)
        use(ctx, me, "birth", dossier=DOSSIER, target=tmp_path / "out.pdf")
    return settings


def owner_view(settings: Settings, owner: str = OWNER) -> list[dict[str, Any]]:
    """What `owner` tells."""
    code, lines = run_json(settings, "owner", owner, "--reason", "request", "--who", "Lan")
    assert code == ExitCode.OK
    return lines


def words(lines: list[dict[str, Any]]) -> list[str]:
    """Of what `owner` told: kind and answer."""
    return sorted(line["what"] + (f" {line['answer']}" if line["what"] == "question" else "") for line in lines)


def row(settings: Settings, name: str) -> tuple[int, list[tuple[str, str]]]:
    """The exit code of `doctor`, and what it says of something."""
    code, lines = run_json(settings, "doctor")
    return code, [(line["state"], line["remedy"]) for line in lines if line["name"] == name]


WHOLE = ["paper", "question held-and-valid", "question not-held", "use"]


def test_lost_for_good(settings: Settings) -> None:
    """Nobody is answered before `rebuild`, which tells what is lost, as `owner` and `doctor` do from then on."""
    assert words(owner_view(settings)) == WHOLE
    settings.owner_secret.unlink()
    asked = ("lookup", "--reason", WHY, "--owner", OWNER, "--dossier", DOSSIER, "--type", HELD)
    for command in (("owner", OWNER, "--reason", "request", "--who", "Lan"), asked):
        assert run_json(settings, *command)[0] == ExitCode.SETUP
    code, got = row(settings, "owner secret")
    assert (code, got[0][0]) == (ExitCode.SETUP, "missing")
    code, lines = run_json(settings, "rebuild")
    assert (code, lines[-1]["former_secret"]["questions"]) == (ExitCode.NOT_VALID, 1)
    assert words(owner_view(settings)) == ["hidden", "paper", "question held-and-valid", "use"]
    assert "hidden" in words(owner_view(settings, OTHER_OWNER))
    (state_now,) = row(settings, "owner secret")[1]
    assert state_now[0] == "absent"
    assert run_json(settings, "rebuild")[0] == ExitCode.OK


def test_found_again(settings: Settings) -> None:
    """The backup shows again what was hidden, also after a `rebuild` without it; what was asked since is told of."""
    backup = settings.owner_secret.read_bytes()
    settings.owner_secret.unlink()
    assert run_json(settings, "rebuild")[0] == ExitCode.NOT_VALID
    with open_services(settings) as ctx:
        lookup(ctx, user_of_the_machine(settings), owner_id=OWNER, dossier=DOSSIER, type_code=ABSENT, reason=WHY)
    settings.owner_secret.write_bytes(backup)
    code, lines = run_json(settings, "rebuild")
    assert (code, lines[-1]["former_secret"]["questions"]) == (ExitCode.NOT_VALID, 1)
    assert words(owner_view(settings)) == ["hidden", *WHOLE]


def test_put_back_at_once(settings: Settings) -> None:
    """Nothing is lost when the backup comes before a `rebuild`."""
    backup = settings.owner_secret.read_bytes()
    settings.owner_secret.write_bytes(bytes(32))
    assert row(settings, "catalogue")[1][0][0] == "missing"
    settings.owner_secret.write_bytes(b"short")
    code, got = row(settings, "owner secret")
    assert (code, got[0][0]) == (ExitCode.SETUP, "missing")
    settings.owner_secret.write_bytes(backup)
    assert words(owner_view(settings)) == WHOLE


def test_a_paper_is_not_handed_over_unchecked(settings: Settings, tmp_path: Path) -> None:
    """What was asked under a secret that is gone is checked as before when the paper is used."""
    settings.owner_secret.unlink()
    assert run_json(settings, "rebuild")[0] == ExitCode.NOT_VALID
    with open_services(settings) as ctx:
        lan = user_of_the_machine(settings).model_copy(update={"who": "Lan", "role": "archivist"})
        change_standing(ctx, lan, "birth", "revoked", reason="QĐ 12")
        with pytest.raises(NotValid, match="revoked"):
            use(ctx, user_of_the_machine(settings), "birth", dossier=DOSSIER, target=tmp_path / "again.pdf")


def test_a_paper_whose_object_cannot_be_read_keeps_its_owner(settings: Settings) -> None:
    """What the former catalogue knew of it is kept under the secret that is there now: it is held, and found."""
    settings.owner_secret.unlink()
    (metadata,) = settings.vault.rglob("metadata.json")
    metadata.write_bytes(b"{")
    code, lines = run_json(settings, "rebuild")
    assert (code, "vault_damaged" in lines[1]["reason"]) == (ExitCode.NOT_VALID, True)
    code, lines = run_json(settings, "lookup", "--reason", WHY, "--owner", OWNER, "--dossier", DOSSIER, "--type", HELD)
    assert (code, [line["answer"] for line in lines]) == (ExitCode.OK, ["held-and-valid"])
