"""A desk that types a person's name gets no list of that person's papers; by number, code or dossier it finds them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given
from hypothesis import settings as tried
from hypothesis import strategies as some

from config.settings import SearchSettings, Settings, load_settings
from pipeline.indexing import drain
from search.filters import Filters
from search.loosening.keyboard import typed_anew
from search.query import parse
from services.context import Services, open_services
from services.permissions import Asker
from services.search import search
from tests.support.desk import given as commanded
from tests.support.held_papers import hold

NAME, NUMBER, DOSSIER = "Trần Minh Khôi", "45/TLKS-BS", "H17.12-260101-0077"
DESK = Asker(who="an", office="H17.12", role="desk")
OPERATOR = Asker(who="kho", office="H17.12", role="operator")


@pytest.fixture(scope="module")
def ctx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A paper of a person, one that nobody entered a name for, and one of the administration itself."""
    folder = tmp_path_factory.mktemp("names")
    with open_services(load_settings(folder / "home", {})) as opened:
        known = {"title": "Giấy khai sinh", "number_symbol": NUMBER, "dossier": DOSSIER}
        hold(opened, folder, "person", owner_name=NAME, **known)
        hold(opened, folder, "slipped", owner_name="Hồ Phương", title="Khai sinh của Hồ Phương")
        hold(opened, folder, "nameless", title="Giấy khai sinh")
        hold(opened, folder, "office", title="Giấy khai sinh Minh Khôi", owner_id="H17.12")
        hold(opened, folder, "unnumbered", title="Giấy khai sinh", owner_id="H17.12", owner_name="Minh Khôi")
        drain(opened)
        yield opened


def found(ctx: Services, text: str, by: Asker = DESK, filters: Filters = Filters()) -> set[str]:  # noqa: B008
    """The papers that are found."""
    return {paper.id for paper, _ in search(ctx, by, text, 20, filters=filters).papers}


@pytest.mark.parametrize(
    "text",
    [NAME, "tran minh khoi", "Khôi", '"Minh Khôi"', "giấy khai sinh Trần Minh Khôi", "khôi minh trần khai sinh",
     "khai sinh minh khôi", "khai sinh Trần Mihn Khôi", "Trần Minh Khôi từ:2010"],
)  # fmt: skip
def test_a_name_finds_no_paper_of_the_person(ctx: Services, text: str) -> None:
    """However it is written, with the kind of paper or without, also where the search forgives a slip."""
    assert "person" not in found(ctx, text)


@pytest.mark.parametrize("text", ["Trần Minh Khôi", "khai sinh Trần Mihn Khôi"])
def test_who_may_disclose_finds_it(ctx: Services, text: str) -> None:
    """The paper is there for such words: it is the rule that leaves it out."""
    assert "person" in found(ctx, text, OPERATOR)


def _slipped(name: str, place: int, letter: str, slip: str) -> str:
    """A name with a letter too many or too few, another one, or two the other way round."""
    return {
        "more": name[:place] + letter + name[place:],
        "less": name[:place] + name[place + 1 :],
        "other": name[:place] + letter + name[place + 1 :],
        "swap": name[:place] + name[place : place + 2][::-1] + name[place + 2 :],
    }[slip]


@given(some.integers(0, 5), some.sampled_from("aeiubcdgmnpx"), some.sampled_from(["more", "less", "other", "swap"]))
@tried(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_name_with_a_slip_is_the_name(ctx: Services, place: int, letter: str, slip: str) -> None:
    """One word alone, which the search finds with its slip."""
    name = "phuong"
    typed = _slipped(name, place, letter, slip)
    assume(typed != name)
    assert "slipped" not in found(ctx, typed)
    if typed_anew(parse(typed)) is None:  # which is read as the name: by the rule of words as typed
        assert "slipped" not in found(ctx, f"khai sinh {typed}")


@given(some.integers(0, 4), some.sampled_from("aoiuhngjkl"), some.sampled_from(["more", "less", "other", "swap"]))
@example(2, "o", "less")
@example(1, "a", "swap")
@tried(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_short_name_with_a_slip_is_the_name(ctx: Services, place: int, letter: str, slip: str) -> None:
    """Among other words of the paper and of the name, and with words of asking."""
    name = "khoi"
    typed = _slipped(name, place, letter, slip)
    assume(typed not in {name, "khai"} and typed_anew(parse(typed)) is None)  # its title has "khai"
    for text in (f"giay {typed}", f"minh {typed}", f"tim giup cua chau minh {typed}", f"{typed} khai sinh"):
        hits = found(ctx, text)
        assert "person" not in hits or "nameless" in hits, text  # found by other words than the name's


def test_who_may_disclose_finds_a_short_name_with_a_slip(ctx: Services) -> None:
    """The paper is there for such words: what keeps it from a desk is the rule alone."""
    assert "person" in found(ctx, "minh khooi", OPERATOR) | found(ctx, "minh khii", OPERATOR)


@pytest.mark.parametrize("text", ["phươngg", "khai sinh phuogn"])
def test_who_may_disclose_finds_it_with_a_slip(ctx: Services, text: str) -> None:
    """The paper is there for such words, too."""
    assert "slipped" in found(ctx, text, OPERATOR)


def test_number_code_and_dossier_find_it(ctx: Services) -> None:
    """What the paper bears itself is asked for, with the name or without."""
    for text in (NUMBER, f"{NAME} {NUMBER}", f"số:{NUMBER}", f"hs:{DOSSIER}", f"{NAME} hs:{DOSSIER}", "giấy khai sinh"):
        assert "person" in found(ctx, text), text
    assert "person" in found(ctx, NAME, filters=Filters(dossier=DOSSIER))


def test_a_number_of_another_paper_opens_no_list(ctx: Services, tmp_path: Path) -> None:
    """A day of birth, or whatever number stands in the text: the paper does not bear it."""
    hold(ctx, tmp_path, "dated", owner_name="Lê Thị Hồng", title="Giấy khai sinh sinh ngày 05/06/1990")
    drain(ctx)
    assert "dated" in found(ctx, "Lê Thị Hồng 05/06/1990", OPERATOR)
    assert "dated" not in found(ctx, "Lê Thị Hồng 05/06/1990")


def test_the_administration_is_no_person(ctx: Services) -> None:
    """Papers that are about no owner are found by any word; an owner without a number is a person."""
    assert found(ctx, "minh khôi") == {"office"}
    assert found(ctx, "minh khôi", OPERATOR) >= {"office", "unnumbered"}


@given(some.permutations(["trần", "minh", "khôi", "khai", "sinh", "giấy"]))
@example(["khai", "trần", "sinh", "minh", "giấy", "khôi"])
@tried(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_words_helps(ctx: Services, words: list[str]) -> None:
    """All words of the name among others, in any order."""
    assert "person" not in found(ctx, " ".join(words))


def test_the_same_while_the_engine_is_away(ctx: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The catalogue answers by the same rule."""
    away = Settings.model_copy(ctx.settings, update={"search": SearchSettings(path=tmp_path / "none")})
    monkeypatch.setattr(ctx, "settings", away)
    assert "person" in found(ctx, NAME, OPERATOR)
    assert "person" not in found(ctx, NAME)
    assert "person" in found(ctx, NUMBER)


def test_a_desk_that_finds_nothing_is_told_how_to_ask(ctx: Services) -> None:
    """Alike whether the person has papers or not; who may list owners is not told so."""
    said = [commanded(ctx.settings, "search", name, "--who", "an").stderr for name in (NAME, "Phạm Văn Không")]
    assert said[0] == said[1]
    assert "lookup" in said[0]
    assert "lookup" not in commanded(ctx.settings, "search", "Phạm Văn Không").stderr


_BIRTH, _MARRIAGE = "KQ.G15.000031", "KQ.G15.000032"
_PARENTS = "mother: Trần Thị Vinh; father: Lê Văn Nhi"
_SAID = "vệ sinh an toàn, bình đẳng, nhà ở, hạnh phúc, Hải Châu, Thuận Phước"
_PEOPLE = {  # paper: what it is, whose, who issued it, and what it says
    "birth": (_BIRTH, "Giấy khai sinh", "Lê Phúc Nguyên", "UBND phường Thuận Phước", _PARENTS),
    "marriage": (_MARRIAGE, "Giấy chứng nhận kết hôn", "Phạm Thị Yến Nhi", "UBND phường Hải Châu", ""),
    "trade": ("", "Giấy chứng nhận đăng ký hộ kinh doanh", "Hồ Thị Buội", "UBND quận Hải Châu", ""),
    "building": ("", "Giấy phép xây dựng", "Nguyễn Quốc Bảo", "UBND quận Hải Châu", ""),
    "receipt": ("", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả", "Đỗ Minh Khuê", "UBND quận Hải Châu", ""),
    "namesake": ("", "Giấy phép xây dựng nhà ở", "Lê Hải Châu", "UBND quận Hải Châu", ""),
    "an": ("", "Giấy chứng nhận an toàn thực phẩm", "Nguyễn Văn An", "UBND huyện Hòa Vang", ""),
    "phuc": ("", "Quyết định hỗ trợ", "Trần Phúc", "UBND xã Hòa Phước", ""),
    "binh": ("", "Thông báo tuyển sinh", "Đặng Thị Bình", "UBND phường An Bình", ""),
    "nha": ("", "Đơn đề nghị sửa chữa", "Võ Thị Nhã", "UBND phường An Bình", ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Papers of persons whose names are words of other things, too."""
    folder = tmp_path_factory.mktemp("people")
    with open_services(load_settings(folder / "home", {})) as opened:
        for name, (code, title, owner, issuer, others) in _PEOPLE.items():
            of = {"type_code": code or title, "owner_name": owner, "issuer": issuer, "further_owners": others or None}
            said = f"{issuer}\n{title}\n{owner} {others}, {_SAID}"
            hold(opened, folder, name, title=title, text=said, **of)
        drain(opened)
        yield opened


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("khai sinh lê nguyên", "birth"),
        ("khai sinh nguyên lê 2021", "birth"),
        ('"Lê" "Nguyên" khai sinh', "birth"),
        ("khai sinh Vinh Nhi Thuận Phước", "birth"),
        ("tìm giúp giấy khai sinh của cháu nguyên", "birth"),
        ("khai sinh nguyên do Thuận Phước cấp năm 2021", "birth"),
        ("kết hôn Phạm Nhi", "marriage"),
        ("kết hôn yến", "marriage"),
        ("kết hôn yên", "marriage"),
        ("ket hon yen", "marriage"),
        ("Hồ Buội hộ kinh doanh", "trade"),
        ("Nguyễn Bảo xây dựng", "building"),
        ("khuê hẹn trả", "receipt"),
        ("xây dựng lê châu", "namesake"),
        ("nguyên bệnh viện lê", "birth"),
        ("nguyên nam kinh", "birth"),
        ("nguyên mẹ vinh", "birth"),
        ("nguyên nam 02/04/2021", "birth"),
        ("nguyen dan toc kinh quoc tich viet nam", "birth"),
        ("yến nữ", "marriage"),
        ("nhi quê quán Đà Nẵng phạm vệ sinh", "marriage"),
    ],
)
def test_a_part_of_a_name_beside_the_kind_of_paper_finds_none(people: Services, text: str, paper: str) -> None:
    """Family name and given name in any order, names of both parents, or a given name alone."""
    assert paper not in found(people, text)


@pytest.mark.parametrize("text", ["khai sinh lê nguyên nhà", "kết hôn yến", "Hồ Buội hộ kinh doanh", "khuê hẹn trả"])
def test_who_may_disclose_finds_these(people: Services, text: str) -> None:
    """The papers are there for such words: it is the rule that leaves them out."""
    assert found(people, text, OPERATOR)


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("khai sinh", "birth"),
        ("khai sinh Thuận Phước", "birth"),
        ("khai sinh phường Thuận Phước", "birth"),
        ("giấy chứng nhận kết hôn Hải Châu", "marriage"),
        ("kết hôn phường Hải Châu", "marriage"),
        ("hộ kinh doanh", "trade"),
        ("hộ kinh doanh quận Hải Châu", "trade"),
        ("xây dựng Hải Châu", "building"),
        ("giấy phép xây dựng quận Hải Châu", "namesake"),
        ("xây dựng Hải Châu", "namesake"),
        ("hẹn trả kết quả Hải Châu", "receipt"),
        ("an toàn thực phẩm", "an"),
        ("vệ sinh an toàn", "an"),
        ("chứng nhận an toàn thực phẩm Hòa Vang", "an"),
        ("quyết định hỗ trợ Hòa Phước", "phuc"),
        ("hỗ trợ hạnh phúc", "phuc"),
        ("thông báo tuyển sinh An Bình", "binh"),
        ("tuyển sinh bình đẳng", "binh"),
        ("đơn đề nghị sửa chữa nhà ở", "nha"),
        ("sửa chữa nhà", "nha"),
        ("xây dựng đường", "building"),
    ],
)
def test_what_a_paper_is_about_finds_it(people: Services, text: str, paper: str) -> None:
    """Also where its owner's name is a word of its issuer, or of something else."""
    assert paper in found(people, text)
