"""Archived objects are read for ever: those of earlier releases, of later ones, and beside those that are damaged."""

import json
import math
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from archive.errors import UnknownFormat, VaultDamaged
from archive.interface import Codes, Identity, Paper, StoredObject
from archive.package import METADATA, read_package, revise, write_metadata
from archive.papers.forms import KeptCodes, KeptIdentity, KeptPaper, KeptWay
from config.settings import Settings, load_settings
from domain.clock import now
from domain.errors import ExitCode
from services.context import Services, open_services
from services.rebuild import rebuild_catalogue
from tests.support.desk import run_json
from tests.support.held_papers import OWNER, held_paper, hold

_SAVED = Path(__file__).parents[1] / "saved"
_ID = "aafc557489ab4055"


@pytest.fixture(params=sorted(path.name for path in _SAVED.glob("format-*")))
def saved(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """The settings of a store of which only the vault and the public root are left."""
    home = tmp_path / "home"
    shutil.copytree(_SAVED / request.param, home)
    return load_settings(home, {})


def stored(folder: Path, metadata: Any) -> StoredObject:
    """An object with such metadata."""
    path = folder / METADATA
    path.write_text(json.dumps(metadata), encoding="utf-8")
    return StoredObject(id="urn:khoso:test", path=folder, files={METADATA: path})


@pytest.fixture
def metadata(ctx: Services, tmp_path: Path) -> dict[str, Any]:
    """The metadata of a held paper."""
    paper = hold(ctx, tmp_path, "paper")
    written = ctx.vault.get(paper.object_id).files[METADATA]
    got: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
    return got


def test_objects_of_earlier_releases_are_read(saved: Settings) -> None:
    """What an earlier release archived is catalogued, found, shown, and holds its check."""
    code, lines = run_json(saved, "rebuild")
    assert (code, lines) == (ExitCode.OK, [{"papers": 1, "indexed": 1}])
    assert [line["id"] for line in run_json(saved, "search", "kế hoạch")[1]] == [_ID]
    code, (shown,) = run_json(saved, "show", _ID)
    assert (code, shown["code"], shown["fields"]["issued_date"]["value"]) == (
        ExitCode.OK,
        "H17.12.TP.H17.990104.9/KH-UBND.01",
        "2024-02-02",
    )
    code, (checked,) = run_json(saved, "verify", _ID)
    assert (code, checked["valid"], checked["fixity"]) == (ExitCode.OK, True, ["ok"])


@pytest.mark.parametrize(("kept", "live"), [(KeptPaper, Paper), (KeptCodes, Codes), (KeptIdentity, Identity)])
def test_nothing_of_a_paper_is_left_out(kept: type[BaseModel], live: type[BaseModel]) -> None:
    """The permanent form has models of its own, and a place for each field of what it is written from."""
    assert set(kept.model_fields) - {"unreadable"} == set(live.model_fields)


def test_what_a_later_release_adds_is_passed_over(metadata: dict[str, Any], tmp_path: Path) -> None:
    """Names that this release does not know, wherever they stand, are no fault of an object."""
    metadata["record"] |= {"later": 1, "identity": {"later": 2}}
    metadata["record"]["description"] = {"fields": {"later": {"value": "x", "later": 3}}, "later": 4}
    metadata["paper"]["later"] = metadata["later"] = {"deep": [5]}
    package = read_package(stored(tmp_path, metadata))
    assert package.paper.owner_id == OWNER
    assert package.record.description.fields["later"].value == "x"


def test_what_may_be_missing_may_be_missing(metadata: dict[str, Any], tmp_path: Path) -> None:
    """Optional items that were not known when the object was written are not missed."""
    optional = [name for name, field in KeptPaper.model_fields.items() if not field.is_required()]
    for name in optional:
        del metadata["paper"][name]
    assert read_package(stored(tmp_path, metadata)).paper.standing == "in_force"
    assert {"title", "issuer", "issued", "owner_name", "level"} <= set(optional)
    assert not {"valid_until", "retention_until"} & set(optional), "that a paper holds for ever must be said"


@pytest.mark.parametrize("odd", [None, "abc", {"stage": "archived"}, 7])
def test_a_history_of_another_form_is_kept(ctx: Services, tmp_path: Path, odd: object) -> None:
    """What is no list becomes the first item of one."""
    paper = hold(ctx, tmp_path, "paper")
    held = ctx.vault.get(paper.object_id)
    known = json.loads(held.files[METADATA].read_text(encoding="utf-8")) | {"history": odd}
    ctx.vault.add_version(held.id, {METADATA: json.dumps(known).encode()}, created=now(), who="test", message="odd")
    revise(ctx.vault, ctx.vault.get(held.id), paper, stage="revoked", at=now(), who="test", message="test")
    history = json.loads(ctx.vault.get(held.id).files[METADATA].read_text(encoding="utf-8"))["history"]
    assert history[:-1] == ([] if odd is None else [odd])
    assert history[-1]["stage"] == "revoked"


def test_what_is_no_json_is_a_damage(metadata: dict[str, Any], tmp_path: Path) -> None:
    """A number that JSON does not have would make every answer about the paper one that nobody can read."""
    metadata["record"]["confidence"] = math.nan
    with pytest.raises(VaultDamaged, match="cannot be read"):
        read_package(stored(tmp_path, metadata))
    with pytest.raises(ValueError, match="not JSON"):
        write_metadata(held_paper("paper"), metadata["record"])


def test_a_revision_keeps_what_it_does_not_know(ctx: Services, tmp_path: Path) -> None:
    """A new version of an object still holds what a later release wrote into its metadata."""
    paper = hold(ctx, tmp_path, "paper")
    held = ctx.vault.get(paper.object_id)
    known = json.loads(held.files[METADATA].read_text(encoding="utf-8"))
    known["paper"]["later"] = known["later"] = "kept"
    ctx.vault.add_version(
        held.id, {METADATA: json.dumps(known).encode()}, created=now(), who="test", message="as of later"
    )
    newer = ctx.vault.get(held.id)
    changed = paper.model_copy(update={"standing": "revoked"})
    revise(ctx.vault, newer, changed, stage="revoked", at=now(), who="test", message="test")
    got = json.loads(ctx.vault.get(held.id).files[METADATA].read_text(encoding="utf-8"))
    assert (got["later"], got["paper"]["later"], got["paper"]["standing"]) == ("kept", "kept", "revoked")


@pytest.mark.parametrize("written", ["khoso-object-9", ["khoso-object-9"]], ids=["word", "list"])
def test_an_unknown_format_is_named(metadata: dict[str, Any], tmp_path: Path, written: object) -> None:
    """An object of a newer format is not guessed at: the error says which format, and to install what wrote it."""
    with pytest.raises(UnknownFormat, match="khoso-object-9") as caught:
        read_package(stored(tmp_path, metadata | {"format": written}))
    assert "Install the newer khoso" in caught.value.advice


@pytest.mark.parametrize(
    "spoil",
    [
        lambda got: got["paper"].pop("owner_id"),
        lambda got: got["paper"].update(issued=OWNER),
        lambda got: got.update(record=None),
        lambda got: got.pop("paper"),
    ],
    ids=["without owner", "wrong day", "without record", "without paper"],
)
def test_damaged_metadata_do_not_tell_what_is_in_them(
    metadata: dict[str, Any], tmp_path: Path, spoil: Callable[[dict[str, Any]], object]
) -> None:
    """Metadata that cannot be read are a damage that names the item, and never a citizen's number."""
    spoil(metadata)
    with pytest.raises(VaultDamaged) as caught:
        read_package(stored(tmp_path, metadata))
    assert OWNER not in str(caught.value)


def test_a_rebuild_goes_past_what_it_cannot_read(ctx: Services, settings: Settings, tmp_path: Path) -> None:
    """`rebuild` enters all it can read, lists the others with the reason, and ends with exit code 7."""
    papers = {name: hold(ctx, tmp_path, str(number)) for number, name in enumerate(("sound", "later", "torn", "bare"))}
    inside = {name: ctx.vault.get(paper.object_id) for name, paper in papers.items()}
    written = inside["later"].files[METADATA].read_text(encoding="utf-8")
    later = {METADATA: written.replace("object-1", "object-9").encode()}
    ctx.vault.add_version(inside["later"].id, later, created=now(), who="test", message="test")
    inside["torn"].files[METADATA].write_text("{", encoding="utf-8")
    (inside["bare"].path / "inventory.json").unlink()
    code, (counts, *unread) = run_json(settings, "rebuild")
    assert (code, counts["papers"], len(unread)) == (ExitCode.NOT_VALID, 1, 3)
    assert {Path(line["path"]): line["reason"].partition(":")[0] for line in unread} == {
        inside["later"].path: "unknown_format",
        inside["torn"].path: "vault_damaged",
        inside["bare"].path: "vault_damaged",
    }
    with open_services(settings) as opened:
        assert opened.catalogue.count() == len(papers)  # the others are held too, as the former catalogue knew them


def test_papers_are_entered_in_the_order_of_archiving(ctx: Services, tmp_path: Path) -> None:
    """A rebuilt catalogue has the papers in the order in which they were archived."""
    names = ["3", "1", "2"]
    for place, name in enumerate(names):
        hold(ctx, tmp_path, name, dossier=f"H17.12-260101-000{name}", archived_at=now() + timedelta(hours=place))
    assert rebuild_catalogue(ctx).papers == len(names)
    entered = [item.paper_id for item in ctx.catalogue.outbox.waiting(limit=len(names))]
    assert entered == names


def test_a_moment_of_no_year_is_passed_over() -> None:
    """It could not be told in Viet Nam's time; the paper is shown without it."""
    way = KeptWay.model_validate({"signed_at": "9999-12-31T23:59:59-12:00", "sealed_at": "0001-01-01T00:00:00+12:00"})
    assert (way.signed_at, way.sealed_at, way.odd) == (None, None, ("sealed_at", "signed_at"))
