"""Whatever the vault holds: `rebuild` goes on, tells of each object once, and loses nothing silently."""

import errno
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.epoch import Epoch, Known
from archive.errors import ObjectsUnread, VaultDamaged
from archive.interface import Identity
from archive.package import METADATA, PDF, TEXT, read_whole, revise
from cli.show import rows_of
from config.settings import Settings, load_settings
from domain.errors import ExitCode, KhosoError
from pipeline.runner import run_through
from services.context import Services, open_services
from services.document import document_view
from services.permissions import Asker
from services.rebuild import rebuild, rebuild_catalogue
from services.standing import change_standing
from tests.support import desk
from tests.support.desk import STATED, WHY, bring, run_json
from tests.support.held_papers import OTHER_OWNER, OWNER, hold
from tests.support.rewritten import inventory_of, metadata_of, rewrite, written
from tests.support.rich_record import RICH
from tests.support.walks import Walker
from tests.support.written_pdfs import NOTICE, page

ODD: list[Any] = [
    None,
    True,
    -1,
    2**31,
    2**70,
    10**30,
    1.5e300,
    "",
    "x",
    "\x00",
    "2026-01-01T00:00:00",
    "9999-12-31T23:59:59-12:00",
    "9" * 5000,
    [],
    ["x", None],
    {},
    {"new": [1]},
]


def forget(settings: Settings, *names: str) -> None:
    """Lose databases."""
    for path in settings.home.iterdir():
        if path.name.partition(".")[0] in names:
            path.unlink()


def places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in nested data."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield (*before, name)
        yield from places(item, (*before, name))


def changed(value: Any, place: tuple[Any, ...], odd: Any, *, gone: bool) -> Any:
    """The same data with something else at one place, or without it."""
    value = deepcopy(value)
    inside = value
    for name in place[:-1]:
        inside = inside[name]
    if gone:
        del inside[place[-1]]
    else:
        inside[place[-1]] = odd
    return value


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A store with a sound paper, and one whose object is spoilt again and again."""
    folder = tmp_path_factory.mktemp("spoilt")
    with open_services(load_settings(folder / "home", {})) as ctx:
        hold(ctx, folder, "1")
        paper = hold(ctx, folder, "2", dossier="H17.12-260101-0002")
        place = ctx.vault.path(paper.object_id)
        metadata = metadata_of(place)
        metadata["record"] = {**RICH, **metadata["record"]}
        rewrite(place, metadata)
        shutil.copytree(place, folder / "whole")
        yield ctx


def settled(ctx: Services, spoil: Callable[[Path], object]) -> None:
    """Spoil the object, then see that a rebuild reads or tells it, once, and that it can be shown or is told."""
    place = ctx.vault.path("urn:khoso:2")
    spoil(place)
    try:
        found = rebuild_catalogue(ctx)
        got = {item.id for item in found.differences if item.about not in {"changed", "older"}}
        assert (found.papers, len(found.unread), got) in [(2, 0, set()), (1, 1, set())]
        assert {paper.id for paper in ctx.catalogue.all()} == {"1", "2"}
        try:
            view = document_view(ctx, "2")
        except KhosoError:
            return
        assert json.dumps(view.masked().line())
        assert rows_of(view, ctx.catalogues)
    finally:
        shutil.rmtree(place)
        shutil.copytree(ctx.settings.home.parent / "whole", place)
        rebuild_catalogue(ctx)


@given(data=st.data())
def test_whatever_the_metadata_say_a_rebuild_goes_on(spoilt: Services, data: st.DataObject) -> None:
    """Something of another type, too large, or not there: the paper is entered, or told as unread; never both."""
    metadata = metadata_of(spoilt.settings.home.parent / "whole")
    place = data.draw(st.sampled_from(list(places(metadata))))
    other = changed(metadata, place, data.draw(st.sampled_from(ODD)), gone=data.draw(st.booleans()))
    settled(spoilt, lambda folder: rewrite(folder, other))


@given(data=st.data())
def test_whatever_the_inventory_says_a_rebuild_goes_on(spoilt: Services, data: st.DataObject) -> None:
    """An inventory that says something else, under a right digest, is told as unread or does no harm."""
    inventory = inventory_of(spoilt.settings.home.parent / "whole")
    place = data.draw(st.sampled_from(list(places(inventory))))
    other = changed(inventory, place, data.draw(st.sampled_from([*ODD, "../../x", "/dev/zero"])), gone=False)
    settled(spoilt, lambda folder: written(folder, other))


@pytest.mark.parametrize(
    "name",
    [
        "0=ocfl_object_1.1",
        "inventory.json",
        "inventory.json.sha512",
        *(f"v1/content/{name}" for name in (PDF, TEXT, METADATA)),
    ],
)
def test_a_file_that_is_gone_is_told(spoilt: Services, name: str) -> None:
    """An object from which any file is gone stays known, and is told when it cannot be read."""
    settled(spoilt, lambda folder: (folder / name).unlink())


def test_a_pipe_does_not_stop_a_rebuild(spoilt: Services) -> None:
    """What has no end is not read."""

    def piped(folder: Path) -> None:
        (folder / "v1" / "content" / PDF).unlink()
        os.mkfifo(folder / "v1" / "content" / PDF)

    settled(spoilt, piped)


def test_an_unread_paper_stays_known(ctx: Services, settings: Settings, tmp_path: Path) -> None:
    """A paper of a newer format is told once, keeps its codes and what it is known by; a lost one is told once too."""
    known = Identity(business_key="b" * 64, image_key="ab" * 8, marks=(1, 2), in_common=1)
    for name in ("1", "2", "3"):
        paper = hold(ctx, tmp_path, name, dossier=f"H17.12-260101-000{name}", identity=known if name == "1" else None)
    folders = {name: ctx.vault.path(f"urn:khoso:{name}") for name in ("1", "2")}
    rewrite(folders["1"], metadata_of(folders["1"]) | {"format": "khoso-object-2", "paper": {"new": 1}})
    shutil.rmtree(folders["2"])
    for _ in range(2):
        found = rebuild(ctx, Asker(who="test", office="H17.12", role="archivist"))
        assert [(item.path, item.reason.partition(":")[0]) for item in found.unread] == [
            (folders["1"], "unknown_format")
        ]
        assert [item.document_id for item in ctx.catalogue.alike("new", known)] == ["1"]
        assert {paper.id for paper in ctx.catalogue.all()} == {"1", "3"}
        ctx.catalogue.check_read()  # it is known what lies there
        got = [(item.id, item.about) for item in found.differences]
        assert got in ([("2", "missing")], [])
    events = [json.loads(line) for line in (settings.home / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
    got = [(event["subject"], event["how"]) for event in events if event["event"] == "differs"]
    assert got == [("1", "unread"), ("2", "missing"), ("1", "unread")]
    assert paper.id == "3"


def test_a_folder_that_is_not_listed_is_told(
    ctx: Services, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No rights, or a disk that fails: whatever lies there stays known, and `rebuild` says so, catalogue or none."""
    for name in ("1", "2"):
        hold(ctx, tmp_path, name, dossier=f"H17.12-260101-000{name}")
    unlisted, scan = ctx.vault.path("urn:khoso:1").parents[1], os.scandir

    def failing(path: Any) -> Any:
        if str(path) == str(unlisted):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", failing)
    found = rebuild_catalogue(ctx)
    assert ([item.path for item in found.unread], found.differences, found.papers) == ([unlisted], (), 1)
    assert "right to read" in found.unread[0].remedy
    assert ctx.catalogue.count() == 2
    forget(settings, "catalogue", "ledger")
    code, (counts, got) = run_json(settings, "rebuild")
    assert (code, counts["papers"], got["path"]) == (ExitCode.NOT_VALID, 1, str(unlisted))


def test_an_object_under_a_wrong_name_is_told(ctx: Services, tmp_path: Path) -> None:
    """It is the object that it says, so its paper is neither missing nor held twice; the right name is told."""
    for name in ("1", "2"):
        hold(ctx, tmp_path, name, dossier=f"H17.12-260101-000{name}")
    folder = ctx.vault.path("urn:khoso:1")
    shutil.copytree(folder, folder.with_name("copy"))
    for is_alone in (False, True):
        found = rebuild_catalogue(ctx)
        (got,) = found.unread
        assert (got.path.name, found.differences, found.papers) == ("copy", (), 1 if is_alone else 2)
        assert folder.name in got.remedy
        assert ctx.catalogue.count() == 2
        shutil.rmtree(folder, ignore_errors=True)


def test_a_rebuild_while_the_engine_is_away_tells_what_it_found(
    ctx: Services, settings: Settings, tmp_path: Path
) -> None:
    """The catalogue is made, what differs is told, and the index is said to wait; later the index takes all."""
    hold(ctx, tmp_path, "1")
    folder = ctx.vault.path("urn:khoso:1")
    toml = settings.home / "khoso.toml"
    away = '[search]\nkind = "elasticsearch"\n[search.elasticsearch]\nurls = ["http://127.0.0.1:9"]\n'
    toml.write_text(away, encoding="utf-8")
    code, (counts, *got) = run_json(settings, "rebuild")
    assert (code, counts["papers"], got) == (ExitCode.SETUP, 1, [])
    assert counts["index_waits"].startswith("search_away: ")
    metadata = metadata_of(folder)
    metadata["paper"]["owner_id"] = OTHER_OWNER
    rewrite(folder, metadata)
    code, (counts, difference) = run_json(settings, "rebuild")
    assert (code, difference["about"], counts["indexed"]) == (ExitCode.NOT_VALID, "changed", 0)
    assert run_json(settings, "reindex")[0] == ExitCode.SETUP
    toml.unlink()
    assert run_json(settings, "index") == (ExitCode.OK, [{"sent": 1, "anew": ""}])


def test_nothing_is_called_not_held_while_an_object_cannot_be_read(settings: Settings, tmp_path: Path) -> None:
    """Where no former catalogue knew it either, lookups say that they cannot answer, until the object is whole."""
    with open_services(settings) as ctx:
        for name, owner in (("1", OWNER), ("2", OTHER_OWNER)):
            hold(ctx, tmp_path, name, owner_id=owner, dossier=f"H17.12-260101-000{name}", title="Giấy khai sinh")
        place = ctx.vault.path("urn:khoso:2")
    sound = metadata_of(place)
    rewrite(place, sound | {"format": "khoso-object-2"})
    forget(settings, "catalogue", "ledger")
    assert run_json(settings, "rebuild")[0] == ExitCode.NOT_VALID

    def asked(owner: str) -> tuple[int, list[str]]:
        purpose = ("--reason", WHY, "--dossier", "H17.12-260202-0001", "--who", "an")
        code, lines = run_json(settings, "lookup", "--owner", owner, "--type", "KQ.G15.000031", *purpose)
        return code, [line["answer"] for line in lines]

    assert asked(OWNER) == (ExitCode.OK, ["held-and-valid"])
    assert asked(OTHER_OWNER) == (ExitCode.INCOMPLETE, [])
    code, lines = run_json(settings, "search", "khai sinh")
    assert (code, [line["id"] for line in lines]) == (ExitCode.INCOMPLETE, ["1"])
    (row,) = [line for line in run_json(settings, "doctor")[1] if line["name"] == "catalogue"]
    assert (row["state"], "1 objects of the vault" in row["detail"]) == ("missing", True)
    rewrite(place, sound)
    assert run_json(settings, "rebuild")[0] == ExitCode.OK
    assert asked(OTHER_OWNER) == (ExitCode.OK, ["held-and-valid"])


def test_no_list_is_called_whole_while_an_object_cannot_be_read(settings: Settings, tmp_path: Path) -> None:
    """Papers that are known are answered; of others it cannot be known, and nothing goes to the portal."""
    with open_services(settings) as ctx:
        for name, owner in (("1", OWNER), ("2", OTHER_OWNER)):
            hold(ctx, tmp_path, name, owner_id=owner, dossier=f"H17.12-260101-000{name}", renewal_due=date(2026, 1, 1))
        (settings.home / "khoso.toml").write_text('[desk.roles]\nlan = "archivist"\n', encoding="utf-8")
        place = ctx.vault.path("urn:khoso:2")
    sound = metadata_of(place)
    rewrite(place, sound | {"format": "khoso-object-2"})
    forget(settings, "catalogue", "ledger")
    assert run_json(settings, "rebuild")[0] == ExitCode.NOT_VALID
    lan, out = ("--who", "lan"), tmp_path / "out.json"

    def asked(*arguments: str) -> tuple[int, int]:
        done = desk.given(settings, *arguments, *lan)
        assert ("catalogue_incomplete: " in done.stderr) is (done.exit_code == ExitCode.INCOMPLETE)
        return done.exit_code, len(done.stdout.splitlines())

    assert asked("owner", OWNER, "--reason", "đơn") == (ExitCode.INCOMPLETE, 1)
    assert asked("owner", OTHER_OWNER, "--reason", "đơn") == (ExitCode.INCOMPLETE, 0)
    assert asked("renew", "--dry-run") == (ExitCode.INCOMPLETE, 1)
    assert asked("renew", "--due-before", "2025-01-01") == (ExitCode.INCOMPLETE, 0)
    for results in ((), ("--results",)):
        assert asked("dossiers", "export", "-o", str(out), *results) == (ExitCode.INCOMPLETE, 0)
        assert not out.exists()
    for command in (("show",), ("show", "--history"), ("verify",), ("review",)):
        assert asked(*command, "2") == (ExitCode.INCOMPLETE, 0)
    assert asked("standing", "2", "revoked", "--reason", "QĐ 1") == (ExitCode.INCOMPLETE, 0)
    assert asked("standing", "1", "replaced", "--by", "2", "--reason", "QĐ 1") == (ExitCode.INCOMPLETE, 0)
    assert asked("show", "1") == (ExitCode.OK, 1)
    assert asked("standing", "1", "revoked", "--reason", "QĐ 1") == (ExitCode.OK, 1)
    rewrite(place, sound)
    assert run_json(settings, "rebuild")[0] == ExitCode.OK
    assert asked("owner", OTHER_OWNER, "--reason", "đơn") == (ExitCode.OK, 1)
    assert asked("show", "3") == (ExitCode.NOT_FOUND, 0)
    assert asked("dossiers", "export", "-o", str(out)) == (ExitCode.OK, 1)


@pytest.mark.parametrize("is_ledger_there", [True, False])
def test_no_code_is_given_out_that_an_unread_object_may_have(
    settings: Settings, tmp_path: Path, *, is_ledger_there: bool
) -> None:
    """Where neither catalogue nor ledger tells the codes of an object, papers wait until it can be read."""
    other = STATED.model_copy(update={"fields": {**STATED.fields, "number_symbol": "46/TB-UBND"}})
    for name, number in (("a.pdf", "45/"), ("b.pdf", "46/")):
        (tmp_path / name).write_bytes(page([line.replace("45/", number) for line in NOTICE]))
    with open_services(settings) as ctx:
        place = ctx.vault.path(f"urn:khoso:{bring(ctx, tmp_path / 'a.pdf', STATED)}")
    sound = metadata_of(place)
    rewrite(place, sound | {"format": "khoso-object-2"})
    forget(settings, "catalogue", *([] if is_ledger_there else ["ledger"]))
    assert run_json(settings, "rebuild")[0] == ExitCode.NOT_VALID
    with open_services(settings) as ctx, nullcontext() if is_ledger_there else pytest.raises(ObjectsUnread):
        bring(ctx, tmp_path / "b.pdf", other)
    rewrite(place, sound)
    assert run_json(settings, "rebuild")[0] == ExitCode.OK
    with open_services(settings) as ctx:
        for entry in ctx.ledger.entries(state="waiting"):
            run_through(ctx, entry.id)
        assert len({paper.digitisation_code for paper in ctx.catalogue.all()}) == 2
    assert run_json(settings, "search", "khai sinh")[0] == ExitCode.OK


def test_a_paper_that_only_the_ledger_knows_is_told_for_what_it_is(ctx: Services, tmp_path: Path) -> None:
    """Its object is there, and why it cannot be read is said."""
    walker = Walker(ctx.settings, tmp_path / "in")
    done = walker.put_scan("a.jpg")
    place = ctx.vault.path(done["object"])
    rewrite(place, metadata_of(place) | {"format": "khoso-object-2"})
    forget(ctx.settings, "catalogue")
    run_json(ctx.settings, "rebuild")
    (shown,) = run_json(ctx.settings, "show", done["id"])[1]
    assert shown["reason"].startswith("unknown_format: ")


@pytest.mark.parametrize(
    "other",
    [{"digitisation_code": ""}, {"dossier": "H17.12-260101-0009"}, {"result_code": "x-KQ1"}, {"pdf_sha256": "00"}],
    ids=lambda other: next(iter(other)),
)
def test_what_says_two_things_of_one_paper_is_told(ctx: Services, tmp_path: Path, other: dict[str, str]) -> None:
    """Codes in which the two halves of the metadata differ, and a digest that is none: nothing is taken from either."""
    place = ctx.vault.path(hold(ctx, tmp_path, "1").object_id)
    metadata = metadata_of(place)
    metadata["paper"] |= other
    rewrite(place, metadata)
    found = rebuild_catalogue(ctx)
    assert ([item.path for item in found.unread], found.papers, found.differences) == ([place], 0, ())


def test_a_code_of_no_grammar_is_told(ctx: Services, tmp_path: Path) -> None:
    """Both halves may agree on one: no catalogue takes it."""
    place = ctx.vault.path(hold(ctx, tmp_path, "1").object_id)
    metadata = metadata_of(place)
    for code in ("", "x", f"{OWNER}.KQ.G15.000031."):
        metadata["paper"]["digitisation_code"] = metadata["record"]["codes"]["digitisation"] = code
        rewrite(place, metadata)
        assert [item.path for item in rebuild_catalogue(ctx).unread] == [place]


def test_a_code_that_was_told_apart_by_the_id_is_read(ctx: Services, tmp_path: Path) -> None:
    """What a catalogue added to a code that two objects bear is no second code of the paper."""
    place = ctx.vault.path(hold(ctx, tmp_path, "1").object_id)
    metadata = metadata_of(place)
    metadata["paper"]["digitisation_code"] += "#1"
    rewrite(place, metadata)
    found = rebuild_catalogue(ctx)
    assert (found.papers, found.unread) == (1, ())


def test_who_looks_while_a_rebuild_ends_sees_a_whole_catalogue(
    ctx: Services, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the moment at which the new catalogue counts and its last mark, others go on with it."""
    hold(ctx, tmp_path, "1")
    finish, seen = Epoch.finish, []

    def late(epoch: Epoch, done: Known) -> None:
        monkeypatch.setattr(Epoch, "finish", finish)
        seen.append(run_json(settings, "standing", "1", "revoked", "--reason", "xem lại", "--who", "ARCH")[0])
        finish(epoch, done)

    monkeypatch.setattr(Epoch, "finish", late)
    (settings.home / "khoso.toml").write_text('[desk.roles]\nARCH = "archivist"\n', encoding="utf-8")
    rebuild_catalogue(ctx)
    assert seen == [ExitCode.OK]
    with open_services(settings) as again:
        assert [paper.standing for paper in again.catalogue.all()] == ["revoked"]


@pytest.mark.parametrize("what", ["revoked", "renewed"])
def test_an_object_of_an_earlier_day_does_not_count(ctx: Services, tmp_path: Path, what: str) -> None:
    """A paper that was revoked since its copy stays so, and `rebuild` tells it until the newer object is back."""
    paper = hold(ctx, tmp_path, "1")
    me = Asker(who="test", office="H17.12", role="archivist")
    folder, copy = ctx.vault.path(paper.object_id), tmp_path / "copy"
    shutil.copytree(folder, copy)
    if what == "revoked":
        change_standing(ctx, me, "1", "revoked", reason="QĐ 12")
    else:
        pdf = b"with another stamp"
        newer = paper.model_copy(update={"pdf_sha256": hashlib.sha256(pdf).hexdigest()})
        with ctx.vault.sole(paper.object_id) as stored:
            revise(ctx.vault, stored, newer, stage="renew", at=paper.archived_at, who="test", message="x", pdf=pdf)
        ctx.catalogue.revised(newer)
    (known,) = ctx.catalogue.all()
    newest = tmp_path / "newest"
    folder.rename(newest)
    shutil.copytree(copy, folder)
    for _ in range(2):
        assert [(item.id, item.about) for item in rebuild_catalogue(ctx).differences] == [("1", "older")]
        assert list(ctx.catalogue.all()) == [known]
    shutil.rmtree(folder)
    newest.rename(folder)
    assert rebuild_catalogue(ctx).differences == ()
    assert list(ctx.catalogue.all()) == [known]


def test_what_was_decided_counts_though_catalogue_and_object_forget_it(
    ctx: Services, settings: Settings, tmp_path: Path
) -> None:
    """The object of before the revocation, and no catalogue: the audit journal knows what somebody decided."""
    me = Asker(who="test", office="H17.12", role="archivist")
    for name in ("1", "2"):
        hold(ctx, tmp_path, name, dossier=f"H17.12-260101-000{name}")
        shutil.copytree(ctx.vault.path(f"urn:khoso:{name}"), tmp_path / f"copy {name}")
        change_standing(ctx, me, name, "revoked", reason="QĐ 12")
    change_standing(ctx, me, "2", "in_force", reason="QĐ 13")
    for name in ("1", "2"):
        shutil.rmtree(ctx.vault.path(f"urn:khoso:{name}"))
        shutil.copytree(tmp_path / f"copy {name}", ctx.vault.path(f"urn:khoso:{name}"))
    forget(settings, "catalogue")
    for _ in range(2):
        code, (_, told) = run_json(settings, "rebuild")
        assert (code, told["id"], told["about"]) == (ExitCode.NOT_VALID, "1", "older")
    with open_services(settings) as again:
        assert {paper.id: paper.standing for paper in again.catalogue.all()} == {"1": "revoked", "2": "in_force"}


def test_a_catalogue_of_an_earlier_day_is_overtaken(ctx: Services, settings: Settings, tmp_path: Path) -> None:
    """What the vault has in a later version counts, and is no difference to tell."""
    hold(ctx, tmp_path, "1")
    copy = tmp_path / "copy.sqlite"
    with closing(sqlite3.connect(settings.home / "catalogue.sqlite")) as db:
        db.execute("VACUUM INTO ?", (str(copy),))
    change_standing(ctx, Asker(who="test", office="H17.12", role="archivist"), "1", "revoked", reason="QĐ 12")
    forget(settings, "catalogue")
    shutil.copy(copy, settings.home / "catalogue.sqlite")
    assert run_json(settings, "rebuild") == (ExitCode.OK, [{"papers": 1, "indexed": 1}])
    with open_services(settings) as again:
        assert [paper.standing for paper in again.catalogue.all()] == ["revoked"]


@pytest.mark.parametrize(
    "changed", [{"valid_until": "2999-01-01"}, {"issued": "2020-01-01"}, {"number_symbol": "1/2"}, {"type_code": "X"}]
)
def test_what_never_changes_and_did_is_told(ctx: Services, tmp_path: Path, changed: dict[str, str]) -> None:
    """Somebody wrote another object: days, number and type are compared like owner and scan."""
    hold(ctx, tmp_path, "1", valid_until=None)
    folder = ctx.vault.path("urn:khoso:1")
    metadata = metadata_of(folder)
    rewrite(folder, metadata | {"paper": metadata["paper"] | changed})
    assert [item.about for item in rebuild_catalogue(ctx).differences] == ["changed"]


@pytest.mark.parametrize("name", [TEXT, PDF])
def test_a_file_that_was_changed_is_told(settings: Settings, tmp_path: Path, name: str) -> None:
    """Though it can be read as well as before: it is not what was stored."""
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "1")
        file = ctx.vault.path("urn:khoso:1") / "v1" / "content" / name
    file.write_bytes(file.read_bytes() + b".")
    code, (_, told) = run_json(settings, "rebuild")
    assert (code, f"{name} of urn:khoso:1 was changed" in told["reason"]) == (ExitCode.NOT_VALID, True)


def test_an_object_speaks_of_the_paper_that_lies_in_it(ctx: Services, tmp_path: Path) -> None:
    """Whole metadata of another paper are none of this one's."""
    for name in ("1", "2"):
        hold(ctx, tmp_path, name)
    other = metadata_of(ctx.vault.path("urn:khoso:2"))
    rewrite(ctx.vault.path("urn:khoso:1"), other)
    with pytest.raises(VaultDamaged, match="are those of another paper"):
        read_whole(ctx.vault.get("urn:khoso:1"))
    assert "those of another paper" in document_view(ctx, "1").reason
    half = {**other["paper"], "object_id": "urn:khoso:1"}
    rewrite(ctx.vault.path("urn:khoso:1"), {**other, "paper": half})
    with pytest.raises(VaultDamaged, match="are those of another paper"):
        read_whole(ctx.vault.get("urn:khoso:1"))


def test_what_the_former_catalogue_knew_is_known(settings: Settings, tmp_path: Path) -> None:
    """An object that cannot be read now makes nothing uncertain when its paper was entered before."""
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "1")
        place = ctx.vault.path("urn:khoso:1")
    rewrite(place, metadata_of(place) | {"format": "khoso-object-2"})
    assert run_json(settings, "rebuild")[0] == ExitCode.NOT_VALID
    assert run_json(settings, "show", "nothing")[0] == ExitCode.NOT_FOUND
    purpose = ("--reason", WHY, "--dossier", "H17.12-260202-0001", "--type", "KQ.G15.000031")
    code, lines = run_json(settings, "lookup", "--owner", OTHER_OWNER, *purpose)
    assert (code, [line["answer"] for line in lines]) == (ExitCode.OK, ["not-held"])
