"""What comes first among very many papers, and how they are counted: the same on every engine."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from zlib import crc32

import pytest

from config.settings import SearchSettings
from domain.clock import today
from search import answer
from search.engines import open_index
from search.fields import LOTS
from search.interface import SearchIndex
from tests.support.indexed import entry, found

OTHER = "giấy tờ kèm theo "


@pytest.fixture
def index(engine: SearchSettings) -> Iterator[SearchIndex]:
    """An empty index of each engine in turn."""
    with open_index(engine, make=True) as opened:
        yield opened


def test_what_a_paper_is_about_comes_first(index: SearchIndex) -> None:
    """A paper with the word in its title, or three times, comes before one that mentions it, however short that is."""
    index.add(
        [
            entry("mentioned", "trích lục", "Khác", type_name="Khác"),
            entry("often", ("trích " + OTHER * 20) * 3, "Khác", type_name="Khác"),
            entry("title", OTHER * 60, "Trích lục kết hôn", type_name="Khác"),
        ]
    )
    for typed in ("trich", "trích"):
        assert found(index, typed)[2] == "mentioned"
        assert set(found(index, typed)) == {"mentioned", "often", "title"}


def test_titles_come_before_words_side_by_side(index: SearchIndex) -> None:
    """With several words: first titles that have them, then texts with all side by side, then some, then none."""
    index.add(
        [
            entry("none", "hôn kết lục", "Khác", type_name="Khác"),
            entry("some", "kết hôn và lục", "Khác", type_name="Khác"),
            entry("all", "bản lục kết hôn này " + OTHER * 40, "Khác", type_name="Khác"),
            entry("title", OTHER * 40, "Trích lục kết hôn", type_name="Khác"),
        ]
    )
    for typed in ("luc ket hon", "lục kết hôn"):
        order = found(index, typed)
        assert order == ["title", "all", "some", "none"], typed
        paged = [hit.id for start in range(4) for hit in index.search(typed, 1, offset=start).hits]
        assert paged == order


def test_newest_goes_back_through_all_years(index: SearchIndex) -> None:
    """Newest first holds over many years, for days to come and without a day, also page by page."""
    days = {str(year): date(year, 5, 1) for year in range(today().year - 6, today().year + 3)}
    index.add([*(entry(name, "khai sinh", issued=day) for name, day in days.items()), entry("none", "khai sinh")])
    wanted = [*sorted(days, reverse=True), "none"]
    assert [hit.id for hit in index.search("khai", sort="newest").hits] == wanted
    for size in (1, 2, 4):
        pages = [index.search("khai", size, sort="newest", offset=start).hits for start in range(0, 10, size)]
        assert [hit.id for page in pages for hit in page] == wanted


@pytest.mark.parametrize("missing", range(9))
def test_any_one_of_many_words_may_be_missing(index: SearchIndex, missing: int) -> None:
    """Of nine words any one may be missing at the second attempt, and none more than one."""
    names = [f"chữ{letter}" for letter in "abcdeghik"]
    index.add([entry("a", " ".join(names[:missing] + names[missing + 1 :])), entry("b", " ".join(names[2:]))])
    typed = " ".join(names)
    assert found(index, typed) == ["a"]
    assert index.search(typed).loose


def test_counts_of_very_many_are_estimates(index: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above a limit one lot is counted and the rest concluded from it; the answer says so, and both engines agree."""
    names = [f"{number:016x}" for number in range(1_000)]
    index.add(entry(name, "khai sinh", issued=date(2020 + place % 2, 1, 1)) for place, name in enumerate(names))
    exact = index.search("khai", counted=True).counts
    assert exact is not None
    assert (exact.total, exact.estimated, dict(exact.years)) == (1_000, False, {"2020": 500, "2021": 500})
    monkeypatch.setattr(answer, "_MOST_COUNTED", 100)
    counts = index.search("khai", counted=True).counts
    assert counts is not None
    drawn = Counter(2020 + place % 2 for place, name in enumerate(names) if crc32(name.encode()) % LOTS == 0)
    assert counts.estimated
    assert counts.total == pytest.approx(drawn.total() * LOTS, rel=0.05)
    assert dict(counts.years) == pytest.approx({str(year): n * LOTS for year, n in drawn.items()}, rel=0.05)
    assert counts.total == pytest.approx(1_000, rel=0.3)
