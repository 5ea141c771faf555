"""Keys that are gone are missed by what signs, and by nothing else; what signatures are worth stands in the paper."""

import shutil
from pathlib import Path

import pytest

from archive.package import PDF, record_of
from config.settings import Settings, load_settings
from domain.errors import ExitCode
from pipeline.intake import open_batch, take_in
from pipeline.runner import advance, run_through
from services.context import open_services
from signing.errors import KeysUnusable
from signing.verification.roots import roots_within
from tests.support.desk import STATED, run_json
from tests.support.walks import Walker, archived, slip

_TOKEN = """
[signing]
kind = "token"
officer_token = { module = "/no/such.so", label = "desk", key = "officer" }
agency_token = { module = "/no/such.so", label = "desk", key = "agency" }
"""


@pytest.fixture
def walker(settings: Settings, tmp_path: Path) -> Walker:
    """A store, and a folder of files beside it."""
    return Walker(settings, tmp_path / "in")


def held_after(walker: Walker, stage: str) -> str:
    """The id of a paper that stands after a stage."""
    slip().save(walker.path("a.jpg"), dpi=(200, 200))
    with open_services(walker.settings) as ctx:
        name = take_in(ctx, walker.path("a.jpg"), open_batch(ctx, "test"), STATED).document_id
        assert name is not None
        while (entry := ctx.ledger.entry(name)) and entry.stage != stage:
            assert advance(ctx, name, entry.stage) == "passed", entry.reason
        return name


def test_a_store_that_has_signed_gets_no_other_keys(walker: Walker) -> None:
    """What signs says that they are gone; back in place they sign again; an empty folder asks for new ones."""
    paper = walker.put_scan("a.jpg")
    archived(paper)
    keys, aside = walker.settings.signing.keys, walker.settings.home.parent / "aside"
    keys.rename(aside)
    assert run_json(walker.settings, "ingest", str(walker.folder)) == (ExitCode.SETUP, [])  # all is known already
    assert not keys.exists()
    code, rows = run_json(walker.settings, "doctor")
    assert (code, "keys folder" in [row["name"] for row in rows]) == (ExitCode.SETUP, True)
    with open_services(walker.settings) as ctx, pytest.raises(KeysUnusable, match="is gone") as caught:
        ctx.signers.get_ready()
    assert f"{keys}" in str(caught.value)
    assert "empty folder" in caught.value.advice
    code, (got,) = run_json(walker.settings, "verify", paper["id"])
    assert (code, got["fixity"], got["pdfa"], got["outcome"]) == (ExitCode.OK, ["ok"], True, "valid")
    assert "Put the folder back" in got["note"]
    assert [(item["intact"], item["trusted"]) for item in got["signatures"]] == [(True, True)] * 2
    copied = walker.path("copied.pdf")
    shutil.copy(got["file"], copied)
    (elsewhere,) = run_json(walker.settings, "verify", str(copied))[1]
    assert [(item["intact"], item["trust"]) for item in elsewhere["signatures"]] == [(True, "unknown_issuer")] * 2
    assert not keys.exists()
    shutil.copytree(aside, keys)
    code, (got,) = run_json(walker.settings, "verify", paper["id"])
    assert (code, "note" in got) == (ExitCode.OK, False)
    with open_services(walker.settings) as ctx:
        ctx.signers.get_ready()
    shutil.rmtree(keys)
    keys.mkdir()
    with open_services(walker.settings) as ctx:
        ctx.signers.get_ready()
    assert (keys / "root.pem").read_bytes() != (aside / "root.pem").read_bytes()


def test_only_what_the_vault_recorded_is_a_root(walker: Walker) -> None:
    """A root that a file carries is none for that alone."""
    paper = walker.put_scan("a.jpg")
    walker.settings.signing.keys.rename(walker.settings.home.parent / "aside")
    with open_services(walker.settings) as ctx:
        held = ctx.catalogue.paper(paper["id"])
        assert held is not None
        pdf, record = ctx.vault.get(held.object_id).files[PDF], record_of(ctx.vault.get(held.object_id))
    assert len(roots_within(pdf, record["roots"])) == 1
    assert roots_within(pdf, ["0" * 64]) == ()


def test_a_key_that_others_can_read_is_told_by_who_does_not_use_it(walker: Walker) -> None:
    """`doctor` and `verify` name the file; a clerk is not told where it lies."""
    paper = walker.put_scan("a.jpg")
    assert "note" not in run_json(walker.settings, "verify", paper["id"])[1][0]
    (walker.settings.signing.keys / "officer.key").chmod(0o640)
    got = run_json(walker.settings, "verify", paper["id"])[1][0]
    assert "officer.key can be read by others" in got["note"]
    assert got["valid"]
    hidden = run_json(walker.settings, "verify", paper["id"], "--who", "clerk")[1][0]
    assert str(walker.settings.home) not in hidden["note"]
    rows = [row for row in run_json(walker.settings, "doctor")[1] if "read by others" in row["detail"]]
    assert [(row["state"], "chmod" in row["detail"] + row["remedy"]) for row in rows] == [("missing", True)]


@pytest.mark.parametrize("stage", ["sign", "code"])
def test_a_paper_between_its_signatures_waits_for_the_keys(walker: Walker, stage: str) -> None:
    """It is not held for ever: with the old keys it goes on, with new ones the person signs the copy again."""
    name = held_after(walker, stage)
    keys = walker.settings.signing.keys
    shutil.rmtree(keys)
    with open_services(walker.settings) as ctx:
        with pytest.raises(KeysUnusable):
            ctx.signers.get_ready()
        with pytest.raises(KeysUnusable):
            run_through(ctx, name)
        assert ctx.ledger.entries(state="waiting")
    assert not keys.exists()
    keys.mkdir()
    with open_services(walker.settings) as ctx:
        assert run_through(ctx, name) == "done", ctx.ledger.entry(name)
    code, (got,) = run_json(walker.settings, "verify", name)
    assert (code, got["outcome"], len(got["signatures"])) == (ExitCode.OK, "valid", 2)


def test_what_signatures_are_worth_stands_in_the_paper(walker: Walker) -> None:
    """Not in the settings of today: keys for development stay so, whatever signs since then."""
    paper = walker.put_scan("a.jpg")
    assert (paper["copy_signature"][16:], paper["agency_seal"][16:]) == (" (development only)",) * 2
    (walker.settings.home / "khoso.toml").write_text(_TOKEN, encoding="utf-8")
    later = load_settings(walker.settings.home, {})
    (got,) = run_json(later, "show", paper["id"])[1]
    assert (got["copy_signature"], got["agency_seal"]) == (paper["copy_signature"], paper["agency_seal"])
