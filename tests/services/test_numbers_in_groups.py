"""A number that a paper prints in groups is one word for who searches: no piece of it finds the paper, nor is shown."""

import re
from collections.abc import Iterator
from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import settings as tried
from hypothesis import strategies as some

from config.settings import SearchSettings, Settings, load_settings
from domain.fold import fold
from domain.owners import in_one_piece
from pipeline.indexing import drain
from search.fields import fields_of
from search.filters import Filters
from search.highlight import looked_for, snippet_of
from search.interface import IndexEntry
from search.query import parse
from services.context import Services, open_services
from services.permissions import Asker, NotAllowed
from services.search import Answer, search
from tests.support.held_papers import hold

NUMBER, OLD, TELEPHONE = "048323001234", "201234567", "0905123456"
DESK = Asker(who="an", office="H17.12", role="desk")
ARCHIVIST = Asker(who="kho", office="H17.12", role="archivist")
_SIGNS = [" ", ".", "-", "\u00a0", " - ", "/", "  ", "\n", "\n    ", " | ", "–", "_", "/ ", "\t"]
_GROUPS = [(3, 3, 3, 3), (3, 3, 6), (6, 6), (4, 4, 4), (3, 1, 2, 6), (3, 9), (9, 3), (2, 3, 3, 4), (1,) * 12]


@pytest.fixture(scope="module")
def ctx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Papers whose texts print numbers in groups, and one that prints them whole."""
    folder = tmp_path_factory.mktemp("groups")
    with open_services(load_settings(folder / "home", {})) as opened:
        said = (
            "Giấy khai sinh. Số định danh cá nhân: 048 323 001 234, nơi cấp. CMND 201 234 567. ĐT: 0905 123 456, tổ 12"
        )
        hold(opened, folder, "apart", title="Giấy khai sinh 048 323 001 234", text=said)
        whole = f"Giấy khai sinh. Số định danh cá nhân: {NUMBER}. CMND {OLD}. Điện thoại {TELEPHONE}"
        hold(opened, folder, "whole", title="Giấy khai sinh", text=whole)
        drain(opened)
        yield opened


def _ask(ctx: Services, text: str, by: Asker = DESK) -> Answer:
    return search(ctx, by, text, 20, filters=Filters(), reason="đơn ngày 3/2")


def _words(value: object) -> list[str]:
    return sorted(" ".join(value).split() if isinstance(value, list | tuple) else str(value).split())


def _written(number: str, sizes: tuple[int, ...], signs: list[str]) -> str:
    ends = [*accumulate(sizes)]
    parts = [number[end - size : end] for size, end in zip(sizes, ends, strict=True)]
    return "".join(part + sign for part, sign in zip(parts, [*signs[: len(parts) - 1], ""], strict=True))


@given(
    sizes=some.sampled_from(_GROUPS),
    signs=some.lists(some.sampled_from(_SIGNS), min_size=12, max_size=12),
    before=some.sampled_from(["", "Số: ", "căn cước ", "ngày 05/06/1990 ", "("]),
    behind=some.sampled_from(["", ", nơi cấp", " ngày 5/6/1990", ".", ")", "*"]),
)
@example(sizes=(3, 3, 3, 3), signs=[" "] * 12, before="", behind="")
def test_no_piece_of_an_identity_number_is_in_the_index(
    sizes: tuple[int, ...], signs: list[str], before: str, behind: str
) -> None:
    """Whatever signs stand between its groups, the index has its digits as one word, as of an unbroken one."""
    text = f"{before}{_written(NUMBER, sizes, signs)}{behind}"
    assert len(in_one_piece(text)) == len(text)
    entry = IndexEntry(id="x", title=text, body=text, number_symbol=None, codes=(), type_code="t", type_name="Giấy",
                       dossier=None, issuer=None, issued=None)  # fmt: skip
    unbroken = dict.fromkeys(("title", "body"), before + NUMBER + behind)
    fields, whole = fields_of(entry), fields_of(entry.model_copy(update=unbroken))
    for name in ("text", "folded", "pairs", "often", "mentioned"):
        assert _words(fields.get(name)) == _words(whole.get(name)), name


@pytest.mark.parametrize(
    "text",
    ["048 323", "001 234", "323", "048", "048 khai sinh 323", "khai sinh 001 cấp 234", "201 cmnd 234", "khai 567",
     '"048 323"', "048.323", "323 001", "khai sinh giấy cấp 323"],
)  # fmt: skip
def test_pieces_of_a_number_find_nothing(ctx: Services, text: str) -> None:
    """Alone, with other words between, in quotes, or as the one word that a loose attempt forgives."""
    answer = _ask(ctx, text)
    said = str([(item.lacks, item.slips) for item in answer.found()])
    assert not answer.papers or (answer.loose and re.search(r"\d{3}", said)), "a piece counts as found"


@pytest.mark.parametrize("text", ["048 323", "001 234"])
def test_pieces_find_nothing_while_the_engine_is_away(
    ctx: Services, text: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The catalogue, which knows the title, answers by the same words."""
    none = SearchSettings(path=tmp_path_factory.mktemp("away") / "none")
    monkeypatch.setattr(ctx, "settings", Settings.model_copy(ctx.settings, update={"search": none}))
    answer = _ask(ctx, text)
    assert answer.away
    assert not answer.papers


_BETWEEN = some.sampled_from(["khai", "sinh", "năm", "nơi", "và", "số", "con", "mẹ", "phường", "cấp", "giấy"])


@given(
    sizes=some.sampled_from([(3, 3, 3, 3), (3, 3, 6), (6, 6), (4, 4, 4), (3, 9), (9, 3), (1,) * 12]),
    words=some.lists(some.lists(_BETWEEN, max_size=3), min_size=12, max_size=12),
)
@example(sizes=(3, 3, 3, 3), words=[["khai"], ["sinh"], ["nơi"]] * 4)
@example(sizes=(6, 6), words=[["năm"]] * 12)
@tried(max_examples=60)
def test_groups_with_words_between_are_the_number(
    ctx: Services, sizes: tuple[int, ...], words: list[list[str]]
) -> None:
    """A desk that types the groups of somebody's number among words asks for the person."""
    signs = [f" {' '.join(between)} " for between in words]
    with pytest.raises(NotAllowed):
        _ask(ctx, _written(NUMBER, sizes, signs))


@pytest.mark.parametrize(
    "text", [TELEPHONE, "0905 123 456", "0905.123.456", "090 512 3456", "+84 905 123 456", "ĐT 0905-123-456"]
)
def test_a_telephone_is_found_however_it_is_printed_and_typed(ctx: Services, text: str) -> None:
    """In groups or unbroken, on the paper as in the question."""
    assert {paper.id for paper, _ in _ask(ctx, text.removeprefix("ĐT ")).papers} == {"apart", "whole"}


@pytest.mark.parametrize("text", [NUMBER, "048 323 001 234", "048323 001234", "CCCD 048.323.001.234"])
def test_who_may_look_for_a_person_finds_all_papers_that_print_the_number(ctx: Services, text: str) -> None:
    """Also those of which the person is no owner."""
    assert {paper.id for paper, _ in _ask(ctx, text, ARCHIVIST).papers} == {"apart", "whole"}


@given(some.integers(0, 60), some.sampled_from(["nơi cấp", "khai sinh", "cmnd"]))
def test_no_snippet_shows_a_piece_of_a_number(length: int, word: str) -> None:
    """However the text is cut where words are found, and whoever reads it."""
    text = (
        f"{'khai ' * length}Số 048 323 001 234 Số định danh 048 323 001 234 và CMND 201 234 567 "
        + "nơi cấp Đà Nẵng " * 30
    )
    shown = snippet_of(text, looked_for(parse(word))).text
    assert not re.search(r"323|001|234 |456", fold(shown))
