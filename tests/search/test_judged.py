"""Judged queries over the samples among their variants: the right paper comes first."""

from config.settings import SearchSettings
from search.engines import open_index
from tests.support.judged_queries import collection, judged


def test_the_right_paper_comes_first(engine: SearchSettings) -> None:
    """Of at least sixty questions of every kind, 95 in 100 find the right paper first, all among the first three."""
    questions = judged()
    assert len(questions) >= 60
    second: list[str] = []
    with open_index(engine) as index:
        index.add(collection())
        for item in questions:
            ids = [hit.id for hit in index.search(item.text, 3).hits]
            assert item.wanted in ids, (item, ids)
            if ids[0] != item.wanted:
                second.append(f"{item.trial}: {item.text}: {ids}")
    assert len(second) <= len(questions) * 0.05, second
