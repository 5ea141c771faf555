"""While a service is away, commands say so in a sentence, and nothing is told as done that waits."""

from pathlib import Path

import pytest

from config.settings import Settings
from domain.errors import ExitCode
from pipeline.intake import open_batch, take_in
from pipeline.runner import run_through
from services.context import open_services
from services.document import source_views
from signing.errors import RemoteAway, SignatureBroken
from signing.signer import CredentialSigners
from tests.support.desk import STATED, khoso, run_json
from tests.support.outbox import hold
from tests.support.walks import Walker

_ENGINE = """
[search]
kind = "elasticsearch"
elasticsearch = { urls = ["http://127.0.0.1:9"], index = "khoso" }
"""


def test_an_engine_that_is_away_is_told_in_a_sentence(made: Settings) -> None:
    """Its vendor's library tells nothing; counts that were asked for are not passed over in silence."""
    (made.home / "khoso.toml").write_text(_ENGINE, encoding="utf-8")
    code, lines, got = khoso(made.home, "search", "giấy", "--facets")
    assert (code, lines) == (ExitCode.INCOMPLETE, [])
    words = " ".join(got.split())
    assert "Traceback" not in got
    assert "search_away" in words
    assert "Nothing was counted" in words
    assert "Nothing was counted" not in khoso(made.home, "search", "giấy")[2]
    _, _, got = khoso(made.home, "doctor")
    assert got == ""


@pytest.mark.parametrize(
    ("language", "told"), [("en", "1 changes wait for the search index"), ("vi", "1 thay đổi chờ đưa vào chỉ mục")]
)
def test_what_waits_for_the_index_is_told_when_the_line_stops(
    made: Settings, tmp_path: Path, language: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever mends the keys learns that search lacks papers, too, and what sends them."""
    monkeypatch.setenv("KHOSO_LANG", language)
    with open_services(made) as ctx:
        hold(ctx, 1)
    token = f'{{ module = "{tmp_path / "none.so"}", label = "desk" }}'
    keys = f'[signing]\nkind = "token"\nofficer_token = {token}\nagency_token = {token}\n'
    (made.home / "khoso.toml").write_text(_ENGINE + keys, encoding="utf-8")
    scan = tmp_path / "a.txt"
    scan.write_text("none", encoding="utf-8")
    code, _, chatter = khoso(made.home, "ingest", str(scan))
    assert code == ExitCode.SETUP
    assert "keys" in chatter
    assert told in chatter
    assert "`index`" in chatter


def test_renewal_needs_no_authority_when_nothing_is_due(made: Settings) -> None:
    """The clock that runs it every month has nothing to report from a store of development keys."""
    assert run_json(made, "renew") == (ExitCode.OK, [])


def failing(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the agency's key fail."""

    def seal(*_: object) -> bytes:
        raise error

    monkeypatch.setattr(CredentialSigners, "seal", seal)


def test_a_decision_that_waits_is_not_done(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`review --release` while the signing service is away ends as one that left something to be done."""
    walker = Walker(settings, tmp_path / "in")
    with monkeypatch.context() as patch:
        failing(SignatureBroken(), patch)
        paper = walker.put_scan("a.jpg")
        assert paper["state"] == "held"
        failing(RemoteAway(), patch)
        code, (view,) = run_json(settings, "review", paper["id"], "--release")
        assert (code, view["state"], view["reason"].partition(":")[0]) == (ExitCode.HELD, "waiting", "remote_away")
        assert run_json(settings, "review", paper["id"])[0] == ExitCode.OK  # only looked at


def test_a_paper_that_waited_is_told_as_archived(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put in again after its batch was closed, it is no duplicate of itself; once more, it is one."""
    walker = Walker(settings, tmp_path / "in")
    with monkeypatch.context() as patch:
        failing(RemoteAway(), patch)
        assert walker.put_scan("a.jpg")["state"] == "waiting"
    with open_services(settings) as ctx:
        for state in ("archived", "duplicate"):
            seen = take_in(ctx, walker.path("a.jpg"), open_batch(ctx, state), STATED)
            assert seen.state == ("resumed" if state == "archived" else "known")
            assert seen.document_id is not None
            run_through(ctx, seen.document_id)
            assert [view.state for view in source_views(ctx, seen)] == [state]
