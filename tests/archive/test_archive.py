"""Vault, catalogue and journal keep what they were given."""

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.catalogue import Catalogue
from archive.errors import ObjectDiffers, ObjectLost, VaultDamaged
from archive.journal import Journal
from archive.owner_keys import OwnerKeys, open_owner_keys
from archive.vault import Vault, open_vault
from domain.clock import now
from domain.errors import NotValid, SetupError
from domain.events import PaperArchived, PaperLinked
from tests.support.held_papers import OWNER, held_paper, opened_catalogue

ID = "urn:khoso:0123456789abcdef"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """An empty vault."""
    with open_vault(tmp_path / "vault", tmp_path / "staging") as opened:
        yield opened


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Two files to store, with the same bytes."""
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"same")
    return {"original/scan.pdf": tmp_path / "a", "document.pdf": tmp_path / "b"}


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue."""
    with opened_catalogue(tmp_path) as opened:
        yield opened


def put(vault: Vault, files: dict[str, Path]) -> None:
    """Store files under the test's id."""
    vault.put(ID, files, created=now(), who="test", message="test")


def test_an_object_is_whole_and_valid(vault: Vault, files: dict[str, Path]) -> None:
    """A stored object passes the OCFL validator and gives back each file under its name."""
    put(vault, files)
    vault.check(ID)
    assert {name: path.read_bytes() for name, path in vault.get(ID).files.items()} == dict.fromkeys(files, b"same")
    assert [stored.id for stored in vault.objects()] == [ID]


def test_two_names_with_the_same_bytes_are_two_files(vault: Vault, files: dict[str, Path]) -> None:
    """The bytes lie there twice: what is lost of one of them is in the other."""
    put(vault, files)
    content = vault.get(ID).path / "v1" / "content"
    assert {str(path.relative_to(content)) for path in content.rglob("*.pdf")} == set(files)


def test_storing_twice_changes_nothing(vault: Vault, files: dict[str, Path]) -> None:
    """The same files may be stored again; other files under the same id are turned away."""
    put(vault, files)
    before = vault.get(ID)
    put(vault, files)
    assert vault.get(ID) == before
    files["document.pdf"].write_bytes(b"other")
    with pytest.raises(ObjectDiffers):
        put(vault, files)


def test_a_crash_while_building_leaves_no_object(vault: Vault, files: dict[str, Path], tmp_path: Path) -> None:
    """What an interrupted try left in the staging folder is no object and does not disturb the next try."""
    (tmp_path / "staging" / ID.replace(":", "_") / "object").mkdir(parents=True)
    with pytest.raises(ObjectLost):
        vault.get(ID)
    put(vault, files)
    vault.check(ID)


def add_version(vault: Vault, content: bytes) -> None:
    """Store a version in which the document is another."""
    vault.add_version(ID, {"document.pdf": content}, created=now(), who="test", message="test")


def test_a_version_keeps_the_former_ones(vault: Vault, files: dict[str, Path]) -> None:
    """A new version changes the files that it names; the former version is still there, and the object is valid."""
    put(vault, files)
    add_version(vault, b"first")
    add_version(vault, b"second")
    vault.check(ID)
    held = vault.get(ID)
    assert {name: path.read_bytes() for name, path in held.files.items()} == {
        "original/scan.pdf": b"same",
        "document.pdf": b"second",
    }
    assert [(held.path / v / "content" / "document.pdf").read_bytes() for v in ("v1", "v2")] == [b"same", b"first"]
    assert not (held.path / "v2" / "content" / "original").exists()


@pytest.mark.parametrize("late", [("inventory.json", "inventory.json.sha512"), ("inventory.json.sha512",)])
def test_a_version_cut_off_is_finished(vault: Vault, files: dict[str, Path], late: tuple[str, ...]) -> None:
    """A crash before the root's inventory followed leaves a readable object, and the next version mends it."""
    put(vault, files)
    path = vault.get(ID).path
    before = {name: (path / name).read_bytes() for name in late}
    add_version(vault, b"first")
    for name, content in before.items():
        (path / name).write_bytes(content)
    assert vault.get(ID).files["document.pdf"].read_bytes() in {b"same", b"first"}
    add_version(vault, b"second")
    vault.check(ID)
    assert (path / "v2" / "content" / "document.pdf").read_bytes() == b"first"
    assert vault.get(ID).files["document.pdf"].read_bytes() == b"second"


@pytest.mark.parametrize("victim", ["document.pdf", "original/scan.pdf"])
def test_one_changed_byte_is_found(vault: Vault, files: dict[str, Path], victim: str) -> None:
    """A changed byte in any stored file fails the check."""
    put(vault, files)
    vault.get(ID).files[victim].write_bytes(b"sane")
    with pytest.raises(VaultDamaged):
        vault.check(ID)


@pytest.mark.parametrize("content", ["[" * 100_000, "1" * 5_000, "[]", '{"versions": "\\ud800"}', "\udcff"])
def test_an_odd_inventory_is_told(vault: Vault, files: dict[str, Path], content: str) -> None:
    """Brackets and numbers without end, another shape, half a character: whoever reads or compares it says so."""
    put(vault, files)
    stored = vault.get(ID)
    (stored.path / "inventory.json").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(VaultDamaged, match="cannot be read"):
        vault.read(stored.path)
    with pytest.raises(VaultDamaged, match="cannot be read"):
        vault.compare(stored)


@pytest.mark.parametrize("content", ["[" * 100_000, "[]", "{}", "null", "\udcff"])
def test_an_odd_former_inventory_fails_the_check(vault: Vault, files: dict[str, Path], content: str) -> None:
    """The inventory of a version is checked too, whatever stands in it."""
    put(vault, files)
    (vault.path(ID) / "v1" / "inventory.json").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(VaultDamaged):
        vault.check(ID)


@pytest.mark.parametrize(
    ("number", "word"), [(errno.EACCES, "right"), (errno.EIO, "disk"), (errno.EINVAL, "second copy")]
)
def test_what_hinders_reading_is_told_apart_from_damage(
    vault: Vault, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch, number: int, word: str
) -> None:
    """Rights that are lacking are given, and a disk that fails is seen to: nothing is restored for that."""
    put(vault, files)
    stored, read = vault.get(ID), Path.read_bytes

    def failing(path: Path) -> bytes:
        if path.parent == stored.path:
            raise OSError(number, os.strerror(number), str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", failing)
    for act in (lambda: vault.get(ID), lambda: vault.compare(stored), lambda: vault.check(ID)):
        with pytest.raises(VaultDamaged) as got:
            act()
        assert word in got.value.advice


def test_the_journal_is_a_chain(tmp_path: Path) -> None:
    """Every event can be read again, each bound to the one before it."""
    journal = Journal(tmp_path / "audit.jsonl")
    for number in range(3):
        journal.record(PaperArchived(who="test", subject=str(number), object="x"))
    assert [event["subject"] for event in journal.events()] == ["0", "1", "2"]


@given(line=st.integers(0, 4), act=st.sampled_from(["change", "remove", "double"]))
def test_the_journal_shows_every_change(tmp_path_factory: pytest.TempPathFactory, line: int, act: str) -> None:
    """A changed, removed or repeated line breaks the chain."""
    path = tmp_path_factory.mktemp("journal") / "audit.jsonl"
    journal = Journal(path)
    for number in range(6):
        journal.record(PaperArchived(who="test", subject=str(number), object="x"))
    lines = path.read_text(encoding="utf-8").splitlines()
    changed = {"change": [lines[line].replace("archived", "arkived")], "remove": [], "double": [lines[line]] * 2}[act]
    path.write_text("\n".join([*lines[:line], *changed, *lines[line + 1 :]]) + "\n", encoding="utf-8")
    with pytest.raises(NotValid):
        list(journal.events())


def test_a_torn_line_is_cut_away(tmp_path: Path) -> None:
    """A line that a power cut tore does not end the journal."""
    path = tmp_path / "audit.jsonl"
    journal = Journal(path)
    journal.record(PaperArchived(who="test", subject="0", object="x"))
    with path.open("a", encoding="utf-8") as file:
        file.write('{"at": "2026')
    journal.record(PaperArchived(who="test", subject="1", object="x"))
    assert [event["subject"] for event in journal.events()] == ["0", "1"]


@pytest.mark.parametrize("length", [65_000, 65_536, 131_072, 500_000])
@pytest.mark.parametrize("torn", ["", "x" * 200_000])
def test_a_long_event_does_not_break_the_chain(length: int, torn: str, tmp_path: Path) -> None:
    """The chain goes on behind an event of any length, and behind one of any length that was torn."""
    path = tmp_path / "audit.jsonl"
    journal = Journal(path)
    for subject in "01":
        journal.record(PaperLinked(who="test", subject=subject, told="r" * length))
    with path.open("a", encoding="utf-8") as file:
        file.write(torn)
    journal.record(PaperLinked(who="test", subject="2", told=""))
    assert [event["subject"] for event in journal.events()] == ["0", "1", "2"]


def test_the_lock_file_is_no_part_of_the_vault(vault: Vault, files: dict[str, Path], tmp_path: Path) -> None:
    """The storage root holds nothing but OCFL, so that any OCFL tool accepts a copy of it."""
    put(vault, files)
    shutil.copytree(tmp_path / "vault", tmp_path / "copy")
    assert sorted(item.name for item in (tmp_path / "copy").iterdir() if item.is_file()) == [
        "0=ocfl_1.1",
        "ocfl_layout.json",
    ]


def test_the_secret_of_the_owner_keys_stays(tmp_path: Path) -> None:
    """It is made once, only its user may read it, and one that others may read or that is cut off is refused."""
    path = tmp_path / "keys" / "owner.secret"
    made = open_owner_keys(path)
    assert open_owner_keys(path).check == made.check
    assert path.stat().st_mode & 0o777 == 0o600
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    path.chmod(0o640)
    with pytest.raises(SetupError, match="read by others"):
        open_owner_keys(path)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(SetupError, match="not a secret"):
        open_owner_keys(path)


def test_a_catalogue_of_another_secret_is_refused(tmp_path: Path) -> None:
    """Else every owner would have no papers, and every citizen be sent home for them."""
    other = OwnerKeys(b"1" * 32)
    with opened_catalogue(tmp_path) as catalogue:
        catalogue.add(held_paper("a"))
    with pytest.raises(SetupError, match="another secret") as caught, opened_catalogue(tmp_path, other):
        pass
    assert caught.value.reason == "owner_secret"
    with opened_catalogue(tmp_path, other, emptied=True) as catalogue, catalogue.anew():
        pass
    with opened_catalogue(tmp_path, other) as catalogue:
        catalogue.add(held_paper("a"))
    with opened_catalogue(tmp_path, other) as catalogue:
        assert [held.id for held in catalogue.held(other.of(OWNER), ("KQ.G15.000031",))] == ["a"]
