"""A page of text pasted as a question: the rarest of its words decide, and what was left out is told."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from config.settings import SearchSettings
from pipeline.indexing import drain
from search.engines import open_index
from search.filters import Filters
from search.interface import SearchIndex
from search.query import LONGEST, MOST_WORDS
from services.context import Services
from services.permissions import user_of_the_machine
from services.search import search
from tests.support.desk import khoso
from tests.support.held_papers import hold
from tests.support.indexed import entry, found

COMMON = [f"chung{letter}" for letter in "abcdefghijklmnopqrst"]
RARE = [f"riêng{letter}" for letter in "abcdefghijklmnopqrst"]


@pytest.fixture
def index(engine: SearchSettings) -> Iterator[SearchIndex]:
    """An index of each engine in turn: twenty papers with all common words, each with rare ones of its own."""
    with open_index(engine, make=True) as opened:
        opened.add(entry(f"p{n:02d}", " ".join([*COMMON, *of_its_own(n)])) for n in range(20))
        yield opened


def of_its_own(number: int) -> Sequence[str]:
    """The words that no other paper has."""
    return [f"{word}{chr(ord('a') + number)}" for word in RARE[:MOST_WORDS]]


def test_the_rarest_words_decide(index: SearchIndex) -> None:
    """The words of all papers are left out and told; those of one paper find it and no other."""
    answer = index.search(" ".join([*COMMON, *of_its_own(7)]))
    assert [hit.id for hit in answer.hits] == ["p07"]
    assert answer.left_out == tuple(COMMON)
    assert not answer.loose


def test_words_that_no_paper_has_hide_none(index: SearchIndex) -> None:
    """A page that was read with faults finds its paper: its misread words are the first to be left out."""
    misread = [f"xyz{letter}" for letter in "abcdefghijkl"]
    answer = index.search(" ".join([*misread, *COMMON, *of_its_own(3)]))
    assert [hit.id for hit in answer.hits] == ["p03"]
    assert answer.left_out == (*misread, *COMMON)


def test_as_many_as_decide_are_all_looked_for(index: SearchIndex) -> None:
    """What a person types is not shortened: nothing is left out, and a word that no paper has is missed."""
    typed = [*of_its_own(2)[: MOST_WORDS - 1], "xyz"]
    answer = index.search(" ".join(typed))
    assert (answer.left_out, answer.loose, [hit.id for hit in answer.hits]) == ((), True, ["p02"])


def test_a_page_of_nothing_known_finds_nothing(index: SearchIndex) -> None:
    """However much of it there is."""
    text = " ".join(f"x{one}{two}" for one in "abcdefghijklmnopq" for two in "abcdefghijklmnopq")
    assert found(index, text) == []
    assert len(index.search(text).left_out) == 200 - MOST_WORDS


def test_a_person_is_told_what_was_left_out(ctx: Services, tmp_path: Path) -> None:
    """Without identity numbers; a script's lines are papers alone."""
    hold(ctx, tmp_path, "paper")
    (ctx.settings.home / "khoso.toml").write_text('[desk.roles]\n"bình" = "archivist"\n', encoding="utf-8")
    text = " ".join([*COMMON, "048219001283", *of_its_own(1)])
    with ctx.index(make=True) as opened:
        opened.add([entry("paper", text)])
        opened.add(entry(f"other{n}", f"{' '.join(COMMON)} 048219001283") for n in range(3))
    code, (line,), got = khoso(ctx.settings.home, "search", text, "--who", "bình", "--reason", "đơn")
    assert (code, line["id"]) == (0, "paper")
    assert f"not looked for: {' '.join(COMMON)} 048*******83." in " ".join(got.split())


def test_of_a_book_only_the_beginning_is_read(ctx: Services, tmp_path: Path) -> None:
    """Whatever its length: where the rest begins is told, and an identifier in it is not looked for either."""
    hold(ctx, tmp_path, "1", title="Giấy khai sinh")
    drain(ctx)
    beginning = "khai sinh " * (LONGEST // 10)
    asker = user_of_the_machine(ctx.settings)
    answer = search(ctx, asker, f"{beginning}và phần còn lại {'1 ' * 100_000}", 5, filters=Filters())
    assert [paper.id for paper, _ in answer.papers] == ["1"]
    assert answer.left_out[-1].startswith("… và phần còn lại 1 1")
