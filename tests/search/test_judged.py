"""The judged set: what clerks type for papers that the search has not seen, on both engines, and how much is right."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, cast
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch

from benchmarks.tables import render
from config.settings import load_settings
from services.context import Services, open_services
from tests.support.judged import DESK, OF_PAPERS, SHOWN, Question, Told, ask, hold_papers, questions, table, told

_LEAST = 300


class Missed(NamedTuple):
    """How many questions miss the first place and the first three, and show a wrong paper as a full match."""

    first: int
    three: int
    wrong: int


# The goals: 96 of 100 first, 99 among the first three, nothing wrong as a full match.  This is what is still missed of
# each kind: the numbers fall, until what is left of them is as little as the goals leave.  Of ranges and agencies one
# each came back when the motto was left out and KHĐT was understood: papers that fit alike, in another order.
_STILL_MISSED: dict[str, Missed] = {
    "names": Missed(2, 0, 0),
    "names without accents": Missed(0, 0, 1),
    "days with separators": Missed(0, 0, 1),
    "days in words": Missed(1, 0, 0),
    "ranges of days": Missed(1, 0, 1),
    "abbreviations": Missed(1, 0, 0),
    "undecoded Telex": Missed(2, 0, 0),
    "undecoded VNI": Missed(1, 0, 0),
    "missing letters": Missed(1, 1, 0),
    "doubled letters": Missed(1, 0, 0),
    "letters the other way round": Missed(1, 1, 0),
    "agencies": Missed(1, 0, 1),
    "nothing may be found": Missed(0, 0, 1),
}


class Asked(NamedTuple):
    """What an engine answered to an archivist, and to a desk."""

    archivist: dict[Question, Told]
    desk: dict[Question, Told]


@contextmanager
def _opened(engine: str, factory: pytest.TempPathFactory, server: dict[str, str]) -> Iterator[Services]:
    folder = factory.mktemp(f"judged-{engine}")
    with open_services(load_settings(folder / "home", server)) as opened:
        hold_papers(opened, folder)
        yield opened


def _asked(ctx: Services) -> Asked:
    of_papers = [question for question in questions() if question.kind in OF_PAPERS]
    return Asked({item: ask(ctx, item) for item in questions()}, {item: ask(ctx, item, DESK) for item in of_papers})


@pytest.fixture(scope="module")
def tantivy_said(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """What the engine of a single machine answers."""
    with _opened("tantivy", tmp_path_factory, {}) as ctx:
        return _asked(ctx)


@pytest.fixture(scope="module")
def elasticsearch_said(elasticsearch_node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """What Elasticsearch answers."""
    name, where = f"test-{uuid4().hex}", "KHOSO_SEARCH__ELASTICSEARCH__"
    server = {"KHOSO_SEARCH__KIND": "elasticsearch", f"{where}URLS": f'["{elasticsearch_node}"]', f"{where}INDEX": name}
    with _opened("elasticsearch", tmp_path_factory, server) as ctx:
        yield _asked(ctx)
    with Elasticsearch(elasticsearch_node) as client:
        for index in client.indices.get_alias(index=f"{name}-*"):
            client.indices.delete(index=index)


@pytest.mark.parametrize("engine", ["tantivy", "elasticsearch"])
def test_no_kind_is_answered_worse(request: pytest.FixtureRequest, engine: str) -> None:
    """Of at least 300 questions of every kind, no more are missed than are known to be."""
    said = cast("Asked", request.getfixturevalue(f"{engine}_said"))
    assert len(said.archivist) >= _LEAST
    rows = table(said.archivist.items())
    missed = {kind: Missed(row.asked - row.first, row.asked - row.three, row.wrong) for kind, row in rows.items()}
    allowed = {kind: _STILL_MISSED.get(kind, Missed(0, 0, 0)) for kind in missed}
    allowed["all"] = Missed(*map(sum, zip(*_STILL_MISSED.values(), strict=True)))
    worse = {
        kind: (found, allowed[kind]) for kind, found in missed.items() if any(map(int.__gt__, found, allowed[kind]))
    }
    assert not worse, render(engine, told(rows))


def test_both_engines_find_the_same(tantivy_said: Asked, elasticsearch_said: Asked) -> None:
    """The same papers, and the same of them as full matches; where there are more than are shown, some of them tie."""
    differing = [
        question.text
        for question, one in tantivy_said.archivist.items()
        if len(one.shown) < SHOWN and _papers(one) != _papers(elasticsearch_said.archivist[question])
    ]
    assert differing == []


def _papers(answer: Told) -> tuple[set[str], set[str]]:
    return set(answer.shown), set(answer.full)


@pytest.mark.parametrize("engine", ["tantivy", "elasticsearch"])
def test_a_desk_finds_by_what_papers_bear(request: pytest.FixtureRequest, engine: str) -> None:
    """A paper asked for by its number or its dossier's code is found by a desk as by the archive."""
    said = cast("Asked", request.getfixturevalue(f"{engine}_said"))
    assert {item.text for item, told in said.desk.items() if told.shown[:1] != said.archivist[item].shown[:1]} == set()
