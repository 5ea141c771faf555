"""Whoever scanned a paper signs its copy, and the clerk of its agency seals it; who may not is told at the door."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from config.models import DESK_COPY
from domain.errors import Disposition, ExitCode
from domain.events import Actor
from files.rights import running_user
from pipeline.context import Context
from pipeline.errors import NoSigner, OfficerKeyUnusable
from pipeline.hands.keys import get_keys_ready, kept_apart
from pipeline.hands.officers import officer_for
from pipeline.intake import open_batch, take_in
from pipeline.records import Prepared, Received, Signed, Statement
from pipeline.runner import advance, run_through
from pipeline.stages.extend import extend
from pipeline.stages.seal import seal
from pipeline.stages.sign import sign
from services.context import Services
from services.ingest import ingest
from services.permissions import NotAllowed, asker
from services.review.decisions import release
from signing.errors import KeysUnusable, RemoteAway, TokenAway
from signing.interface import COPY_FIELD
from signing.pades.check import check_signature
from signing.verification.verify import open_anchors, verify_pdf
from tests.support.desk import STATED, run_json
from tests.support.officers import HOA, LAN, SEAL, SEALS, TABLE, coded, conformed, opened, received, tabled
from tests.support.walks import slip

_DEFAULT = '[signing]\ndefault_officer = "hoa"\n'
_NO_PIN = """
[[signing.officers]]
who = "tuan"
name = "Lê Tuấn"
kind = "file"
file = { path = "/none/tuan.p12" }
"""
_LIMITED = f"""
[[signing.officers]]
who = "lan"
name = "{LAN}"
agencies = ["H17.12.34"]
profiles = ["desk-copy", "certified-copy"]
since = 2026-01-01
until = 2099-12-31

[[signing.officers]]
who = "hoa"
name = "{HOA}"
until = 2020-12-31
"""
_OTHER_SEAL = """
[[signing.seals]]
who = "yen"
agency = "H17.12.34"
name = "UBND phường Thuận Phước"
"""


def signers_of(pdf: bytes, ctx: Services) -> list[tuple[str, str, bool]]:
    """Whose signatures a file bears: the role, the name and whether they are trusted."""
    verdicts = verify_pdf(pdf, open_anchors(ctx.settings.signing))
    return [(item.role, item.signer, item.trusted and item.sound) for item in verdicts]


def signed(ctx: Services, record: Received) -> tuple[Signed, bytes]:
    """A copy, and its bytes."""
    got = sign(conformed(ctx, record), ctx)
    return got, ctx.file(got, got.copy_pdf).read_bytes()


@pytest.mark.parametrize(("who", "name"), [("lan", LAN), ("hoa", HOA)])
def test_whoever_scanned_signs_and_the_agency_seals(tmp_path: Path, who: str, name: str) -> None:
    """By his own certificate, and the record tells who; the clerk's seal follows."""
    with opened(tmp_path, TABLE + SEALS) as ctx:
        copy, pdf = signed(ctx, received(who))
        place = ctx.settings.signing.place_of(ctx.settings.signing.rows_of(who)[0])
        assert check_signature(pdf, COPY_FIELD) == ctx.keyring.credential(place).certificate
        assert (copy.signed_by, copy.seal) == (who, "seal of H17.12 (minh)")
        sealed = seal(coded(copy), ctx)
        assert (sealed.sealed_by, sealed.copy_pdf) == ("minh", copy.copy_pdf)
        got = ctx.file(sealed, sealed.sealed_pdf).read_bytes()
        assert got.startswith(pdf)
        assert signers_of(got, ctx) == [("copy", name, True), ("seal", SEAL, True)]
        assert extend(sealed, ctx).level == "B-T"


def test_a_store_without_a_table_goes_on_as_it_was(tmp_path: Path) -> None:
    """Its one officer signs what anybody scanned, and the records say nothing of tables."""
    with opened(tmp_path, "") as ctx:
        assert officer_for(received("ai đó"), ctx) == ""
        copy, _ = signed(ctx, received("ai đó"))
        sealed = seal(coded(copy), ctx)
        got = signers_of(ctx.file(sealed, sealed.sealed_pdf).read_bytes(), ctx)
        signing = ctx.settings.signing
        assert got == [("copy", signing.officer, True), ("seal", signing.officer_agency, True)]
        assert (copy.signed_by, copy.seal, sealed.sealed_by, sealed.copy_pdf) == ("", "", "", copy.copy_pdf)
    assert sorted(path.name for path in (tmp_path / "keys").iterdir() if path.is_dir()) == []


def test_a_copy_of_before_the_table_is_sealed_as_it_is(tmp_path: Path) -> None:
    """The store's own officer signed it rightly; nobody signs it in his place."""
    with opened(tmp_path, "") as ctx:
        copy, _ = signed(ctx, received(""))
    with opened(tmp_path) as ctx:
        assert seal(coded(copy), ctx).copy_pdf == copy.copy_pdf
    with opened(tmp_path, TABLE + SEALS) as ctx, pytest.raises(NoSigner):  # its field was made for another seal
        seal(coded(copy.model_copy(update={"scanned_by": "khách"})), ctx)


@pytest.mark.parametrize(
    ("table", "scanner", "stated", "wanted"),
    [
        (TABLE, "lan", {}, "lan"),
        (TABLE, "lan", {"officer": "hoa"}, "lan"),
        (TABLE, "khách", {"officer": "hoa"}, "hoa"),
        (_DEFAULT + TABLE, running_user(), {}, "hoa"),
        (_DEFAULT + TABLE, "", {}, "hoa"),  # put in by an earlier release
        (_LIMITED, "lan", {"dossier": "H17.12.34-261124-0001"}, "lan"),
        (_LIMITED, "lan", {"within": "H17.12.34.1"}, "lan"),
        (_LIMITED, "hoa", {"dossier": "H17.12.34-261124-0001", "officer": "lan"}, "lan"),
        (_LIMITED, "lan", {"within": "H17.12.34", "signing": "certified-copy"}, "lan"),
    ],
)
def test_who_signs(tmp_path: Path, table: str, scanner: str, stated: dict[str, Any], wanted: str) -> None:
    """Whoever scans and may; else who is named; the default only where nobody is told of."""
    with opened(tmp_path, table) as ctx:
        assert officer_for(received(scanner, **stated), ctx) == wanted


@pytest.mark.parametrize(
    ("table", "scanner", "stated", "told"),
    [
        (TABLE, "khách", {}, "khách is no officer"),
        (_DEFAULT + TABLE, "khách", {}, "khách is no officer"),
        (TABLE, running_user(), {}, "is no officer"),
        (TABLE, "khách", {"officer": "mai"}, "mai is no officer"),
        (_LIMITED, "lan", {}, "signs no papers of H17.12"),
        (_LIMITED, "lan", {"dossier": "H17.12.35-261124-0001"}, "signs no papers of H17.12.35"),
        (_LIMITED, "lan", {"within": "H17.12.34", "signing": "born-digital-result"}, "does not sign as born-digital"),
        (_LIMITED, "hoa", {}, "is not in office on"),
        (TABLE + _OTHER_SEAL, "lan", {}, "Nobody seals papers of H17.12"),
    ],
)
def test_who_does_not_sign(tmp_path: Path, table: str, scanner: str, stated: dict[str, Any], told: str) -> None:
    """Nobody signs in another's name because he is at hand."""
    with opened(tmp_path, table) as ctx, pytest.raises(NoSigner, match=told) as caught:
        officer_for(received(scanner, **stated), ctx)
    assert caught.value.remedy


def test_a_key_that_wants_a_person_leaves_the_paper_to_who_is_named(tmp_path: Path) -> None:
    """Or to the default officer; never to anybody else."""
    path = tmp_path / "tuan.p12"
    path.touch(0o600)
    table = TABLE + _NO_PIN.replace("/none/tuan.p12", str(path))
    with opened(tmp_path / "a", table) as ctx:
        assert officer_for(received("tuan", officer="lan"), ctx) == "lan"
        with pytest.raises(NoSigner, match="wants a person"):
            officer_for(received("tuan"), ctx)
    with opened(tmp_path / "b", _DEFAULT + table) as ctx:
        assert officer_for(received("tuan"), ctx) == "hoa"


def test_a_stranger_names_an_officer(tmp_path: Path) -> None:
    """His file is held with `no_signer` before it is read; it goes on when it comes again with an officer's name."""
    path = tmp_path / "a.jpg"
    slip().save(path, dpi=(200, 200))
    with opened(tmp_path / "home") as ctx:
        batch = open_batch(ctx, "b")
        name = str(take_in(ctx, path, batch, Statement(), by=Actor(who="khách")).document_id)
        assert advance(ctx, name, "receive") == "held"
        entry = ctx.ledger.entry(name)
        assert entry
        assert (entry.stage, entry.reason.word) == ("receive", "no_signer")
        assert "--as OFFICER" in entry.reason.text("en")
        assert take_in(ctx, path, batch, Statement(), by=Actor(who="khách")).state == "resumed"
        entry = ctx.ledger.entry(name)
        assert entry
        assert entry.state == "held"  # nothing new was said
        assert take_in(ctx, path, batch, Statement(officer="hoa"), by=Actor(who="khách")).state == "resumed"
        assert advance(ctx, name, "receive") == "passed"
        assert _prepared(ctx, name).officer == "hoa"


def _prepared(ctx: Services, name: str) -> Prepared:
    entry = ctx.ledger.entry(name)
    assert entry
    return Prepared.model_validate_json(entry.record)


def test_an_officer_brings_it_again(tmp_path: Path) -> None:
    """Who then answers for it."""
    path = tmp_path / "a.jpg"
    slip().save(path, dpi=(200, 200))
    with opened(tmp_path / "home") as ctx:
        batch = open_batch(ctx, "b")
        name = str(take_in(ctx, path, batch, Statement(), by=Actor(who="khách")).document_id)
        assert advance(ctx, name, "receive") == "held"
        take_in(ctx, path, batch, Statement(), by=Actor(who="lan"))
        assert advance(ctx, name, "receive") == "passed"
        assert (_prepared(ctx, name).officer, _prepared(ctx, name).scanned_by) == ("lan", "lan")


def test_who_let_it_go_on_and_may_not_gives_way_to_who_is_named(tmp_path: Path) -> None:
    """An officer out of office answers for nothing; the paper is not held for ever by his having tried."""
    path, ended = tmp_path / "a.jpg", TABLE.replace(f'name = "{LAN}"', f'name = "{LAN}"\nuntil = 2020-12-31')
    slip().save(path, dpi=(200, 200))
    with opened(tmp_path / "home", ended) as ctx:
        batch = open_batch(ctx, "b")
        name = str(take_in(ctx, path, batch, Statement(), by=Actor(who="khách")).document_id)
        assert advance(ctx, name, "receive") == "held"
        release(ctx, asker(ctx.settings, "lan"), name, {})
        entry = ctx.ledger.entry(name)
        assert entry
        assert "not in office" in entry.reason.text("en")
        take_in(ctx, path, batch, Statement(officer="hoa"), by=Actor(who="khách"))
        assert advance(ctx, name, "receive") == "passed"
        assert _prepared(ctx, name).officer == "hoa"


def test_an_officer_lets_it_go_on(tmp_path: Path) -> None:
    """`review ID --release` by one who may sign it, to the end: archived under his name."""
    path = tmp_path / "a.jpg"
    slip().save(path, dpi=(200, 200))
    with opened(tmp_path / "home", TABLE + SEALS) as ctx:
        name = str(take_in(ctx, path, open_batch(ctx, "b"), STATED, by=Actor(who="khách")).document_id)
        assert run_through(ctx, name) == "held"
        release(ctx, asker(ctx.settings, "khách"), name, {})
        entry = ctx.ledger.entry(name)
        assert entry
        assert entry.reason.word == "no_signer"  # he is still no officer
        release(ctx, asker(ctx.settings, "lan"), name, {})
        paper = ctx.catalogue.paper(name)
        assert paper, ctx.ledger.entry(name)
        stored = ctx.vault.get(paper.object_id)
        got = stored.files["document.pdf"].read_bytes()
        assert signers_of(got, ctx) == [("copy", LAN, True), ("seal", SEAL, True)]
    settings = tabled(tmp_path / "home", TABLE + SEALS)
    code, (view,) = run_json(settings, "verify", name)
    assert (code, view["outcome"]) == (ExitCode.OK, "valid")
    (version,) = run_json(settings, "show", name)[1]
    assert version["state"] == "archived"


def test_a_lost_key_holds_the_papers_of_its_officer(tmp_path: Path) -> None:
    """With his name in the reason (`officer_key`); those of the others go on, and his own do when it is back."""
    with opened(tmp_path) as ctx:
        copy, _ = signed(ctx, received("lan"))
        folder = ctx.settings.signing.place_of(ctx.settings.signing.rows_of("lan")[0]).folder
    shutil.move(folder, tmp_path / "aside")
    with opened(tmp_path) as ctx:
        get_keys_ready(ctx, {"lan", "hoa"})  # is told, and stops nobody
        with pytest.raises(OfficerKeyUnusable, match=LAN) as caught:
            officer_for(received("lan"), ctx)  # at the door
        assert caught.value.reason == "officer_key"
        assert officer_for(received("lan", officer="hoa"), ctx) == "hoa"  # whom she names
        assert "review ID --release" in caught.value.advice
        with pytest.raises(OfficerKeyUnusable, match=LAN):
            seal(coded(copy), ctx)
        signed(ctx, received("hoa").model_copy(update={"document_id": "another"}))
    rows = run_json(tabled(tmp_path), "doctor")[1]
    told = {row["name"]: row["state"] for row in rows if row["name"].startswith("keys of")}
    assert told == {"keys of the officer lan": "missing", "keys of the officer hoa": "ok"}
    shutil.move(tmp_path / "aside", folder)
    with opened(tmp_path) as ctx:
        assert seal(coded(copy), ctx).copy_pdf == copy.copy_pdf


def test_a_token_that_was_taken_home_holds_the_papers_of_its_officer(tmp_path: Path) -> None:
    """All that wait at a stage would wait with his; for a service that is away everybody waits."""
    signing = tabled(tmp_path).signing
    own, store = signing.place_of(signing.officers[0]), signing.place("officer")
    with pytest.raises(OfficerKeyUnusable, match=LAN) as caught, kept_apart(own):
        raise TokenAway
    assert caught.value.disposition is Disposition.HOLD
    assert caught.value.remedy
    for error, place in ((RemoteAway, own), (TokenAway, store), (KeysUnusable, store)):
        with pytest.raises(error), kept_apart(place):
            raise error


def test_all_keys_lost_stop_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they do in a store with one officer: the folder is gone, and nobody makes another one."""
    with opened(tmp_path) as ctx:
        signed(ctx, received("lan"))
    shutil.rmtree(tmp_path / "keys")
    monkeypatch.setattr(Context, "_has_signed", lambda _: True)
    with opened(tmp_path) as ctx, pytest.raises(KeysUnusable, match="is gone"):
        signed(ctx, received("lan"))
    assert not (tmp_path / "keys").exists()


def test_the_seal_is_that_of_the_dossiers_agency(tmp_path: Path) -> None:
    """Where the dossier is known only when the paper was read, the same officer signs the copy anew for its field."""
    with opened(tmp_path, TABLE + SEALS + _OTHER_SEAL) as ctx:
        copy, _ = signed(ctx, received("lan"))
        sealed = seal(coded(copy, "H17.12.34-261124-0001"), ctx)
        assert (sealed.sealed_by, sealed.seal) == ("yen", "seal of H17.12.34 (yen)")
        got = ctx.file(sealed, sealed.sealed_pdf).read_bytes()
        assert signers_of(got, ctx) == [("copy", LAN, True), ("seal", "UBND phường Thuận Phước", True)]


def test_another_clerk_seals_where_ones_key_is_gone(tmp_path: Path) -> None:
    """Any clerk of the agency may; only when none can, the paper is held."""
    gone = (
        SEALS.replace('"minh"', '"anh"') + 'kind = "file"\nfile = { path = "/none/anh.p12", pin_file = "/none/pin" }\n'
    )
    with opened(tmp_path / "a", TABLE + gone + SEALS) as ctx:
        assert seal(coded(signed(ctx, received("lan"))[0]), ctx).sealed_by == "minh"
    with opened(tmp_path / "b", TABLE + gone) as ctx, pytest.raises(OfficerKeyUnusable, match=SEAL):
        signed(ctx, received("lan"))


def test_a_term_that_ends_between_the_signatures_voids_no_copy(tmp_path: Path) -> None:
    """What was signed in office stays; what must be signed anew is not."""
    with opened(tmp_path) as ctx:
        copy, _ = signed(ctx, received("lan"))
        earlier = copy.model_copy(update={"signed_at": copy.signed_at and copy.signed_at.replace(year=2025)})
    ended = TABLE.replace(f'name = "{LAN}"', f'name = "{LAN}"\nuntil = 2025-12-31')
    with opened(tmp_path, ended) as ctx:
        assert seal(coded(earlier), ctx).copy_pdf == copy.copy_pdf
        with pytest.raises(NoSigner, match="not in office"):
            seal(coded(copy), ctx)
    with opened(tmp_path, ended + SEALS) as ctx, pytest.raises(NoSigner, match="not in office"):
        seal(coded(earlier), ctx)
    assert copy.signing == DESK_COPY


def test_the_command_checks_whom_it_names(tmp_path: Path) -> None:
    """An officer that is none, in the option or the manifest, and one in place of who signs himself."""
    settings, file = tabled(tmp_path / "home"), tmp_path / "a.jpg"
    slip().save(file, dpi=(200, 200))
    manifest = tmp_path / "list.csv"
    manifest.write_text("file,officer\na.jpg,mai\n", encoding="utf-8")
    for given in (("--as", "mai"), ("--manifest", str(manifest)), ("--who", "lan", "--as", "hoa")):
        assert run_json(settings, "ingest", str(file), *given)[0] == ExitCode.USAGE
    assert not list(settings.inbox.glob("*"))


def test_a_postal_operator_puts_in_what_he_signs_himself(tmp_path: Path) -> None:
    """For the agencies and profiles that are named for him; nobody signs for him, and he sees no other papers."""
    table = _DEFAULT + TABLE + '\n[desk.roles]\nlan = "postal"\nmai = "postal"\n'
    file = tmp_path / "a.jpg"
    slip().save(file, dpi=(200, 200))
    with opened(tmp_path / "home", table) as ctx:
        for who, officer in (("mai", ""), ("lan", "hoa")):
            with pytest.raises(NotAllowed, match="himself"):
                ingest(ctx, asker(ctx.settings, who), [file], officer=officer)
        assert ingest(ctx, asker(ctx.settings, "lan"), [file]).files == [file]
        batch = open_batch(ctx, "b")
        name = str(take_in(ctx, file, batch, Statement(), by=Actor(who="lan")).document_id)
        with pytest.raises(NoSigner):
            officer_for(received("mai", officer="hoa"), ctx)
    settings = tabled(tmp_path / "home", table)
    assert run_json(settings, "show", name, "--who", "lan")[0] == ExitCode.OK
    assert run_json(settings, "show", name, "--who", "mai")[0] == ExitCode.NOT_FOUND
    assert run_json(settings, "search", "x", "--who", "lan")[0] == ExitCode.REFUSED


def test_the_records_of_earlier_releases_are_read() -> None:
    """They name nobody."""
    old = received("").model_dump(exclude={"scanned_by", "officer"})
    assert (Received.model_validate(old).scanned_by, Received.model_validate(old).officer) == ("", "")
