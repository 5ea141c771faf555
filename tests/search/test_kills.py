"""Killed at random under load: afterwards index and catalogue agree, and nothing is lost."""

import multiprocessing
import os
import signal
import time
from pathlib import Path
from random import Random

import pytest

from config.settings import ElasticsearchSettings, SearchSettings, Settings
from pipeline.indexing import compare_index, drain, drain_if_possible, rebuild_index
from search.errors import EngineAway
from services.context import open_services
from tests.conftest import program
from tests.support.elastic_node import NodeMissing, installed, started
from tests.support.outbox import found, hold, paper

_SPAWN = multiprocessing.get_context("spawn")


def _bring(settings: Settings, first: int, number: int) -> None:
    """A process that archives papers and sends them on, as the line does."""
    with open_services(settings) as ctx:
        for item in range(first, first + number):
            if ctx.catalogue.paper(paper(item).id) is None:
                hold(ctx, item)
            drain_if_possible(ctx)


def _rebuild_again_and_again(settings: Settings) -> None:
    with open_services(settings) as ctx:
        while True:
            rebuild_index(ctx)


def _search_again_and_again(settings: Settings, failures: str) -> None:
    with open_services(settings) as ctx:
        while True:
            try:
                assert paper(0).id in found(ctx, "0/2025")
            except BaseException as error:
                Path(failures).write_text(repr(error), encoding="utf-8")
                raise


def _kill(process: "multiprocessing.process.BaseProcess") -> None:
    if process.pid is not None and process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join()


def disturb(settings: Settings, rounds: int, number: int, failures: Path) -> None:
    """Kill those who bring papers and those who rebuild, at random, while a reader asks all the time."""
    chance = Random(20261124)  # noqa: S311 (moments, no secrets)
    with open_services(settings) as ctx:
        hold(ctx, 0)
        drain(ctx)
    reader = _SPAWN.Process(target=_search_again_and_again, args=(settings, str(failures)))
    reader.start()
    for _ in range(rounds):
        hands = [
            _SPAWN.Process(target=_bring, args=(settings, 0, number)),
            _SPAWN.Process(target=_bring, args=(settings, number, number)),
            _SPAWN.Process(target=_rebuild_again_and_again, args=(settings,)),
        ]
        for hand in hands:
            hand.start()
        time.sleep(chance.uniform(2.0, 5.0))
        for hand in chance.sample(hands, len(hands)):
            _kill(hand)
            time.sleep(chance.uniform(0, 0.3))
    _kill(reader)
    _bring(settings, 0, 2 * number)


def settled(settings: Settings, number: int) -> None:
    """All papers are held, are in the index, and both sides agree."""
    with open_services(settings) as ctx:
        drain(ctx)
        assert ctx.catalogue.count() == number
        assert not compare_index(ctx).all
        assert found(ctx, "bich") == {paper(item).id for item in range(number)}


def test_killed_twice(settings: Settings, tmp_path: Path) -> None:
    """Writers and rebuilds that are killed in the middle lose nothing, and readers never see a gap."""
    disturb(settings, 2, 15, tmp_path / "failures")
    assert not (tmp_path / "failures").exists(), (tmp_path / "failures").read_text(encoding="utf-8")
    settled(settings, 30)


@pytest.mark.long
def test_killed_again_and_again(settings: Settings, tmp_path: Path) -> None:
    """Twenty rounds of kills at random moments."""
    disturb(settings, 20, 100, tmp_path / "failures")
    assert not (tmp_path / "failures").exists(), (tmp_path / "failures").read_text(encoding="utf-8")
    settled(settings, 200)


@pytest.mark.long
def test_engine_killed(settings: Settings) -> None:
    """Elasticsearch is killed under load and started again: what it missed comes from the outbox, nothing is lost."""
    program("mvn")
    chance = Random(20261124)  # noqa: S311 (moments, no secrets)
    try:
        with installed() as home:
            with started(home) as (address, _):
                pass
            server = ElasticsearchSettings(urls=(address,), timeout_s=5)
            search = SearchSettings(kind="elasticsearch", path=settings.home, elasticsearch=server)
            there = settings.model_copy(update={"search": search})
            for round_ in range(3):
                with started(home) as (_, process):
                    with open_services(there) as ctx:
                        drain(ctx)
                    hand = _SPAWN.Process(target=_bring, args=(there, 40 * round_, 40))
                    hand.start()
                    time.sleep(chance.uniform(2, 6))
                    os.killpg(process.pid, signal.SIGKILL)
                    hand.join()
                    assert hand.exitcode == 0
                with open_services(there) as ctx, pytest.raises(EngineAway):
                    found(ctx, "bich")
            with started(home):
                settled(there, 120)
    except NodeMissing as missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(missing))
