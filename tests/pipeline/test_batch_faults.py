"""A batch goes through whatever happens to its surroundings: authority stopped, token taken out, run killed."""

import time
from pathlib import Path

import pytest

from tests.support.batch_desk import at_a_desk


def test_a_few_papers_through_all_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Authority stopped, run killed meanwhile, token out, a process killed: all papers end once, at B-LTA."""
    with at_a_desk(tmp_path, 8, monkeypatch) as desk:
        desk.begin()
        desk.until(desk.done(1))
        desk.authority.stop()
        desk.until(desk.waits("time_stamp_away"))
        desk.kill()
        desk.authority.start()
        before = desk.count("done")
        desk.begin()
        desk.until(desk.done(before + 1))  # the new command is at work: one that begins without a token ends at once
        put_back = desk.shelf.take_out()
        desk.until(desk.waits("token_away"))
        tried = desk.tries
        desk.kill_a_worker()
        desk.until(lambda: desk.tries > tried + 1)  # its successor cannot sign, and the papers wait on
        put_back()
        assert desk.end() == 0, desk.chatter
        desk.check()
        assert "Going on: token_away is over." in desk.chatter
        assert "8 files: 8 archived; 8 new." in desk.chatter


@pytest.mark.long
def test_two_hundred_papers_through_all_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred papers; the authority is stopped for a minute and hangs for a while, the token is away, one kill."""
    with at_a_desk(tmp_path, 200, monkeypatch) as desk:
        desk.begin()
        desk.until(desk.done(20))
        desk.authority.stop()
        stopped = time.monotonic()
        desk.until(desk.waits("time_stamp_away"))
        desk.until(lambda: time.monotonic() - stopped > 60)
        desk.authority.start()
        desk.until(desk.done(60))
        put_back = desk.shelf.take_out()
        desk.until(desk.waits("token_away"))
        time.sleep(5)
        put_back()
        desk.until(desk.done(100))
        desk.kill()
        desk.begin()
        desk.until(desk.done(140))
        desk.authority.freeze()
        time.sleep(10)
        desk.authority.thaw()
        assert desk.end() == 0, desk.chatter
        desk.check()
