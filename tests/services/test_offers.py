"""Where nothing is found, the filter that emptied the answer is named, with how many papers there are without it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from config.settings import load_settings
from pipeline.indexing import drain
from search.filters import Filters
from services.context import Services, open_services
from services.permissions import Asker
from services.search import search
from tests.support.desk import run_json
from tests.support.held_papers import hold

DESK = Asker(who="an", office="H17.12", role="desk")
AUDITOR = Asker(who="ha", office="H17", role="auditor")
PERSON, TAX = "048219001275", "0401234566"


@pytest.fixture(scope="module")
def ctx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Two papers about a road, one of another agency, and one of a person."""
    folder = tmp_path_factory.mktemp("offers")
    with open_services(load_settings(folder / "home", {})) as opened:
        for number in (1, 2):
            hold(opened, folder, f"road{number}", title=f"Thông báo đường Bạch Đằng {number}", issued=date(2020, 5, 4))
        hold(opened, folder, "others", title="Thông báo đường Bạch Đằng 3", dossier="H17.99-260101-0001")
        hold(opened, folder, "person", title="Giấy khai sinh", owner_name="Trần Minh Khôi", owner_id=PERSON)
        drain(opened)
        yield opened


def offered(ctx: Services, text: str, **filters: object) -> dict[str, int]:
    """What a desk is offered."""
    answer = search(ctx, DESK, text, 20, filters=Filters.model_validate(filters))
    assert not answer.papers
    return {item.without: item.found for item in answer.offers}


def test_the_filter_that_emptied_it_is_named(ctx: Services) -> None:
    """Typed or given, with how many of the papers that the asker may see there are without it."""
    assert offered(ctx, "đường Bạch Đằng từ:2021") == {"day": 2}
    assert offered(ctx, "đường Bạch Đằng", issued_from=date(2021, 1, 1)) == {"day": 2}
    assert offered(ctx, 'đường Bạch Đằng cq:"Sở Tư pháp"') == {"agency": 2}
    assert offered(ctx, "đường Bạch Đằng", dossier="H17.12-260101-0002") == {"dossier": 2}
    assert offered(ctx, "đường Bạch Đằng", states=("revoked",)) == {"state": 2}


def test_nothing_is_offered_where_no_one_filter_did_it(ctx: Services) -> None:
    """Nor where there is none, nor where what is left would be every paper."""
    assert offered(ctx, 'đường Bạch Đằng từ:2021 cq:"Sở Tư pháp"') == {}
    assert offered(ctx, "đường Lê Duẩn") == {}
    assert offered(ctx, "từ:2031") == {}


def test_a_desk_is_offered_no_list_of_a_persons_papers(ctx: Services) -> None:
    """By the name, as little as it is given one."""
    assert offered(ctx, "Trần Minh Khôi từ:2031") == {}
    assert offered(ctx, "khai sinh Trần Minh Khôi từ:2031") == {}


def test_the_command_tells_it(ctx: Services, tmp_path: Path) -> None:  # noqa: ARG001 (the store of this test)
    """As the last line for scripts."""
    code, lines = run_json(ctx.settings, "search", "đường", "Bạch", "Đằng", "--from", "2031")
    assert (code, lines[-1]) == (0, {"offers": [{"without": "day", "found": 3, "more": False, "word": ""}]})


@pytest.mark.parametrize(
    ("text", "word"), [("đường Bạch Đằng 640/TB-UBND", "640/TB-UBND"), ("Bạch Đằng rooftop", "rooftop")]
)
def test_the_word_that_emptied_it_is_named(ctx: Services, text: str, word: str) -> None:
    """With how many papers there are without it that the asker may see."""
    answer = search(ctx, DESK, text, 20, filters=Filters())
    assert not answer.papers
    assert [(item.without, item.word, item.found) for item in answer.offers] == [("word", word, 2)]


def test_a_desk_is_offered_no_person_without_a_word(ctx: Services) -> None:
    """What is left would be a name, or a name and the kind of paper."""
    for text in ("Minh Khôi 640/TB-UBND", "khai sinh Khôi 640/TB-UBND"):
        assert offered(ctx, text) == {}


def spelled(ctx: Services, asker: Asker, text: str) -> dict[str, int]:
    """As what an asker is told to spell a question."""
    answer = search(ctx, asker, text, 20, filters=Filters())
    assert not answer.papers
    return {item.question: item.found for item in answer.spellings}


def test_a_word_that_no_paper_has_is_told_as_papers_spell_it(ctx: Services) -> None:
    """With the rest of the question, which then finds something; how many of them the asker may see."""
    assert spelled(ctx, DESK, "Duobgn đằng") == {"đường đằng": 2}
    assert spelled(ctx, DESK, "duobgn bqaxh") == {"đường bạch": 2}
    assert spelled(ctx, DESK, "duobgn Lê Duẩn") == {}
    assert spelled(ctx, DESK, "dddduobgn") == {}


def test_no_spelling_lists_a_persons_papers(ctx: Services) -> None:
    """A name in which a word is misspelled is a name, and an auditor may look for it."""
    assert spelled(ctx, AUDITOR, "trần minh khobik")["trần minh khôi"] == 1
    assert spelled(ctx, DESK, "trần minh khobik") == {}
