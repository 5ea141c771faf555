"""What fails around signing, and what becomes of the document: tried again, held, or the line stops.

case                            disposition         proven by
time stamps away at the seal    retry, waits        here; test_batch_faults
time stamps away at B-LTA       retry, B-T is kept  here; test_levels: test_services_away
no authority at its address     stop the line       here
authority answers nonsense      retry, waits        test_outside; test_levels: test_bad_tokens
OCSP slow, list there           goes on             test_outside
OCSP away, list there           goes on             test_levels: test_list_where_no_responder_answers
OCSP and list away              retry, waits        here; test_levels: test_services_away
certificate near its end        warning             here
certificate ended               stop the line       test_signing: test_certificate_out_of_term; here in `doctor`
certificate revoked             stop the line       here; test_levels: test_revoked
wrong PIN                       stop, one try       here; test_token: test_wrong_pin_counts_once
PIN locked                      stop, no try        test_token: test_token_near_its_lock
token taken out                 retry, waits        test_batch_faults; test_token: test_token_taken_out_in_a_batch
file changed between stages     done again          here
signed when it came             kept bit for bit    test_arrived_signed
killed between write and name   done again          here; test_batch_faults; test_pipeline: test_killed_and_gone_on
clock differs by over 60 s      stop the line       here; test_levels: test_clock
…and time servers keep ours     retry, waits        test_levels: test_clock
"""

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archive.interface import LedgerEntry
from archive.package import PDF
from cli.main import app
from config.settings import load_settings
from config.signing import SigningSettings, TokenSettings
from domain import clock
from domain.errors import Disposition, ExitCode, KhosoError
from pipeline.flow import DIGITISE
from pipeline.intake import open_batch, take_in
from pipeline.records import Sealed, Signed, Statement
from pipeline.runner import advance, ready, run_through
from services.context import Services, open_services
from signing.keys.terms import warn_of_ends
from signing.longterm.extend import open_long_term
from signing.signer import CredentialSigners, open_signers
from signing.verification.verify import verify_pdf
from tests.support import desk, scans
from tests.support.pki import SIGNED_AT, Pki, serve
from tests.support.signing_papers import OFFICER, settings

STATED = Statement(
    type_code="TP.H17.990103",
    fields={"number_symbol": "45/TB-UBND", "issued_date": "2026-03-12", "issuer": "Sở Tư pháp", "abstract": "thử"},
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    """The services of the test authority."""
    with serve(tmp_path_factory.mktemp("pki")) as pki:
        yield pki


@pytest.fixture
def pki(running: Pki) -> Iterator[Pki]:
    """All services there, on the day of signing, for everybody."""
    running.away.clear()
    running.asked.clear()
    running.answers.clear()
    with running.on(SIGNED_AT):
        yield running


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, running: Pki) -> Path:
    """A store with one paper that is signed, described and coded, and waits for the seal."""
    home = tmp_path_factory.mktemp("signed") / "home"
    home.mkdir()
    got = f'[signing]\nroots = "{running.roots}"\n[work]\npause_s = 0\n[recognition]\nmode = "fast"\n'
    (home / "khoso.toml").write_text(got, encoding="utf-8")
    with running.on(SIGNED_AT), at_work(home, running) as ctx:
        scan = home.parent / "scan.png"
        scans.paper().save(scan, dpi=(200, 200))
        seen = take_in(ctx, scan, open_batch(ctx, "test"), STATED)
        assert seen.document_id
        for passed in DIGITISE.before("code"):
            assert advance(ctx, seen.document_id, passed) == "passed"
    return home


@contextmanager
def at_work(home: Path, pki: Pki, agency: str = "agency", **work: object) -> Iterator[Services]:
    """The store, with keys that the test authority has certified."""
    got = load_settings(home, {})
    token = TokenSettings(module=home / "none.so", label="desk")
    values = {"kind": "token", "officer_token": token, "agency_token": token, "time_stamps": (pki.authority("tsa"),)}
    asked = SigningSettings(keys=home / "keys", time_stamps=(pki.authority("tsa"),))
    with (
        open_services(got) as ctx,
        open_long_term(asked, ((pki.roots / "root.der").read_bytes(),)) as long_term,
    ):
        ctx.settings = got.model_copy(
            update={
                "signing": got.signing.model_copy(update=values),
                "work": got.work.model_copy(update=work),
            }
        )
        ctx.signers = CredentialSigners(
            pki.credential("officer"), pki.credential(agency), long_term.time_stamps, long_term, development_only=True
        )
        yield ctx


@pytest.fixture
def home(signed: Path, tmp_path: Path) -> Path:
    """A store of the test's own with the paper that waits for the seal."""
    shutil.copytree(signed, tmp_path / "home")
    return tmp_path / "home"


def waiting(ctx: Services) -> LedgerEntry:
    """The only paper, which waits."""
    (entry,) = ctx.ledger.entries()
    assert entry.state == "waiting"
    return entry


def names(ctx: Services, entry: LedgerEntry) -> set[str]:
    """The files in the work folder of a paper."""
    return {path.name for path in (ctx.settings.work_folder / entry.id).iterdir()}


def fields(ctx: Services, entry: LedgerEntry) -> list[str]:
    """The signatures of the archived paper, which are in order."""
    paper = ctx.catalogue.paper(entry.id)
    assert paper is not None
    assert paper.level == "B-LTA"
    pdf = ctx.vault.get(paper.object_id).files[PDF].read_bytes()
    verdicts = verify_pdf(pdf, ctx.signers.anchors(), clock.now())
    assert [verdict.problem for verdict in verdicts] == [""] * len(verdicts)
    return [verdict.field for verdict in verdicts]


ALL = ["SoHoa", "CoQuan", "DauThoiGian2"]


def test_time_stamps_away_at_the_seal(home: Path, pki: Pki) -> None:
    """However often the authority fails, the paper waits, no file of it changes, and it is sealed once it answers."""
    pki.away.add("/tsa/")
    with at_work(home, pki) as ctx:
        before = names(ctx, waiting(ctx))
        for number in range(1, 6):
            assert run_through(ctx, waiting(ctx).id) == "retry"
            assert waiting(ctx).reason.word == "time_stamp_away"
            assert waiting(ctx).tries == number
            assert names(ctx, waiting(ctx)) == before
        pki.away.clear()
        entry = waiting(ctx)
        assert run_through(ctx, entry.id) == "done"
        assert fields(ctx, entry) == ALL


@pytest.mark.parametrize(
    ("away", "reason"), [("/tsa/", "time_stamp_away"), ("/ocsp/issuing /crls/", "revocation_away")]
)
def test_services_away_at_the_archive_level(home: Path, pki: Pki, away: str, reason: str) -> None:
    """The sealed copy is a finished state: it stays as it is while a service is away, and is extended afterwards."""
    with at_work(home, pki) as ctx:
        assert advance(ctx, waiting(ctx).id, "code") == "passed"
        before = names(ctx, waiting(ctx))
        sealed = Sealed.model_validate_json(waiting(ctx).record)
        pki.away |= set(away.split())
        for _ in range(4):
            assert run_through(ctx, waiting(ctx).id) == "retry"
            assert waiting(ctx).reason.word == reason
            assert names(ctx, waiting(ctx)) == before
            assert ctx.file(sealed, sealed.sealed_pdf)
        pki.away.clear()
        entry = waiting(ctx)
        assert run_through(ctx, entry.id) == "done"
        assert fields(ctx, entry) == ALL


def test_policy_says_when_to_hold(home: Path, pki: Pki) -> None:
    """With a number of tries in the settings a paper is held after so many, and a person may release it."""
    pki.away.add("/tsa/")
    with at_work(home, pki, tries=2) as ctx:
        document_id = waiting(ctx).id
        assert [run_through(ctx, document_id) for _ in range(2)] == ["retry", "held"]
        (entry,) = ctx.ledger.entries()
        assert (entry.state, entry.reason.word) == ("held", "time_stamp_away")
        pki.away.clear()
        with ctx.ledger.release(entry, entry.record, "tester"):
            pass
        assert run_through(ctx, document_id) == "done"
        assert fields(ctx, entry) == ALL


def test_others_wait_with_it(home: Path, pki: Pki) -> None:
    """While a paper waits for an authority, those at its stage wait too: nobody is asked before the pause ends."""
    pki.away.add("/tsa/")
    with at_work(home, pki, pause_s=30) as ctx:
        document_id = waiting(ctx).id
        assert run_through(ctx, document_id) == "retry"
        entry = waiting(ctx)
        assert entry.not_before is not None
        assert timedelta(seconds=25) < entry.not_before - entry.updated_at <= timedelta(seconds=30)
        pki.asked.clear()
        assert ready(ctx) == []
        assert advance(ctx, document_id, "code") == "elsewhere"
        assert pki.asked == []


def test_pauses_grow(home: Path, pki: Pki) -> None:
    """Each pause is twice the one before, a minute at most."""
    pki.away.add("/tsa/")
    pauses = []
    with at_work(home, pki, pause_s=10) as ctx:
        for _ in range(5):
            assert run_through(ctx, waiting(ctx).id) == "retry"
            end = waiting(ctx).not_before
            assert end is not None
            pauses.append((end - pki.moment).total_seconds())
            pki.moment = end
    assert pauses == [10, 20, 40, 60, 60]


def no_address(pki: Pki) -> None:
    """No authority is where the settings say."""
    pki.away.add("/tsa/")
    pki.away_status = 404


@pytest.mark.parametrize(
    ("spoil", "agency", "reason"),
    [
        (no_address, "agency", "time_stamp_unusable"),
        (lambda _: None, "revoked", "certificate_revoked"),
        (lambda pki: setattr(pki, "behind", timedelta(seconds=90)), "agency", "clock_wrong"),
    ],
    ids=["no authority", "revoked key", "clock"],
)
def test_what_stops_the_line(
    home: Path,
    pki: Pki,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Pki], None],
    agency: str,
    reason: str,
) -> None:
    """What waiting cannot mend stops the line with setup's exit code; the paper waits, unchanged, for the next run."""
    monkeypatch.setattr("domain.clock.is_synchronised", lambda: False)
    spoil(pki)
    try:
        with at_work(home, pki, agency) as ctx:
            with pytest.raises(KhosoError) as caught:
                run_through(ctx, waiting(ctx).id)
            assert (caught.value.reason, caught.value.disposition) == (reason, Disposition.HALT)
            assert caught.value.exit_code is ExitCode.SETUP
            assert caught.value.advice
            assert waiting(ctx).reason.word == reason
    finally:
        pki.behind, pki.away_status = timedelta(), 503
        pki.away.clear()
    with at_work(home, pki) as ctx:
        if reason == "certificate_revoked":  # it has sealed before anybody asked whether it may
            assert waiting(ctx).stage == "seal"
            return
        entry = waiting(ctx)
        assert run_through(ctx, entry.id) == "done"
        assert fields(ctx, entry) == ALL


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(path.read_bytes() + b"\n"), Path.unlink])
def test_file_changed_between_stages(home: Path, pki: Pki, spoil: Callable[[Path], None]) -> None:
    """A copy that was changed or lost after its stage is noticed by its digest and made anew from the scan."""
    with at_work(home, pki) as ctx:
        entry = waiting(ctx)
        copy = Signed.model_validate_json(entry.record, extra="ignore").copy_pdf
        spoil(ctx.settings.work_folder / entry.id / copy.name)
        assert run_through(ctx, entry.id) == "done"
        assert fields(ctx, entry) == ALL
        assert "rewound" in {item.outcome for item in ctx.ledger.history(entry.id)}


def test_killed_between_writing_and_naming(home: Path, pki: Pki) -> None:
    """What a killed process has written under another name is not taken for the sealed copy."""
    with at_work(home, pki) as ctx:
        entry = waiting(ctx)
        (ctx.settings.work_folder / entry.id / ".sealed.pdf.part").write_bytes(b"%PDF-1.7 half a seal")
        (ctx.settings.work_folder / entry.id / "sealed.pdf").write_bytes(b"%PDF-1.7 of a stage that never passed")
        assert run_through(ctx, entry.id) == "done"
        assert fields(ctx, entry) == ALL


@pytest.mark.parametrize(
    ("days", "levels"), [(61, []), (59, ["WARNING"]), (31, ["WARNING"]), (29, ["ERROR"]), (-1, ["ERROR"])]
)
def test_certificates_near_their_end(pki: Pki, caplog: pytest.LogCaptureFixture, days: int, levels: list[str]) -> None:
    """Sixty days before a certificate ends there is a warning at each start, thirty days before it an error."""
    keys = [pki.credential("officer")]
    warn_of_ends([key.term for key in keys], keys[0].term.ends - timedelta(days=days))
    assert [record.levelname for record in caplog.records] == levels
    assert all("2029-01-01" in record.message for record in caplog.records)


def test_commands_tell_the_end(tmp_path: Path) -> None:
    """`ingest` warns at its start, `doctor` tells whose certificate ends when, and fails once one has ended."""
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "empty").mkdir()
    got = settings(home)
    names = f'[signing]\nofficer = "{got.officer}"\nofficer_agency = "{got.officer_agency}"\n'
    (home / "khoso.toml").write_text(names, encoding="utf-8")
    with open_signers(got) as signers:
        ends = signers.terms()[0].ends
    asked = load_settings(home, {})
    with clock.set_to(lambda: ends - timedelta(days=45)):
        code, lines = desk.run_json(asked, "doctor")
    found = [line for line in lines if line["name"] == "certificate"]
    assert {line["state"] for line in found} == {"ends soon", "ok"}
    assert any(OFFICER in line["detail"] and "45 days" in line["detail"] for line in found)
    handlers = logging.root.handlers[:]
    try:
        with clock.set_to(lambda: ends - timedelta(days=45)):
            said = CliRunner().invoke(app, ["ingest", str(tmp_path / "empty"), "--home", str(home)])
    finally:
        logging.root.handlers[:] = handlers
    assert f"the certificate of {OFFICER} ends on {ends:%Y-%m-%d} (45 days)" in said.stderr
    with clock.set_to(lambda: ends + timedelta(days=1)):
        code, lines = desk.run_json(asked, "doctor")
    assert code == ExitCode.SETUP
    assert any(line["name"] == "certificate" and line["state"] == "missing" for line in lines)
