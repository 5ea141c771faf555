"""Names that people write in place of codes."""

import pytest

from config.loader import load_catalogues
from config.models import Agency, Catalogues
from config.named import agency_named, type_named, understood
from domain.errors import UsageError

LISTS = load_catalogues()


def with_agencies(*names: str) -> Catalogues:
    """The lists with these agencies."""
    first = LISTS.agencies[0].model_dump()
    made = tuple(
        Agency.model_validate({**first, "code": f"H17.{place:02}", "name": name})
        for place, name in enumerate(names, 40)
    )
    return LISTS.model_copy(update={"agencies": made})


@pytest.mark.parametrize("written", ["Giấy khai sinh", "giay khai sinh", "GIẤY  KHAI SINH ", "KQ.G15.000031"])
def test_a_type_is_known_by_its_name(written: str) -> None:
    """With or without accents, in capitals, or by its code."""
    assert understood({"type": written}, LISTS) == {"type": "KQ.G15.000031"}


@pytest.mark.parametrize("written", ["UBND phường Hải Châu", "Ủy ban nhân dân P. Hải Châu", "ubnd phuong hai chau"])
def test_an_agency_is_known_by_its_name(written: str) -> None:
    """Shortened as everybody shortens it; an issuer is then called as the list calls it, a place by its code."""
    lists = with_agencies("Ủy ban nhân dân phường Hải Châu", "Ủy ban nhân dân phường Thanh Khê")
    got = understood({"issuer": written, "scope": written}, lists)
    assert got == {"issuer": "Ủy ban nhân dân phường Hải Châu", "scope": "H17.40"}
    assert understood({"issuer": "H17.40"}, lists) == {"issuer": "Ủy ban nhân dân phường Hải Châu"}


def test_an_issuer_that_no_list_has_stays() -> None:
    """Papers come from other provinces, too."""
    assert understood({"issuer": "UBND xã Đâu Đó"}, LISTS) == {"issuer": "UBND xã Đâu Đó"}


def test_what_several_are_called_is_refused_with_their_codes() -> None:
    """Nobody guesses which of them was meant."""
    lists = with_agencies("Ủy ban nhân dân phường Hòa Xuân", "UBND phường Hòa Xuân")
    with pytest.raises(UsageError) as caught:
        agency_named("ubnd phường Hoà Xuân", lists)
    assert ("H17.40" in caught.value.advice, "H17.41" in caught.value.advice) == (True, True)


@pytest.mark.parametrize(("written", "likely"), [("Khai sinh", "Giấy khai sinh"), ("Giấy kai sinh", "Giấy khai sinh")])
def test_a_name_that_is_nearly_right_is_refused_with_what_it_may_be(written: str, likely: str) -> None:
    """By a part of the name, or by one with a slip; with the code of each."""
    with pytest.raises(UsageError) as caught:
        type_named(written, LISTS)
    assert f"KQ.G15.000031 ({likely})" in caught.value.advice


def test_what_is_like_nothing_is_refused_with_the_list() -> None:
    """Where all of them can be seen."""
    with pytest.raises(UsageError) as caught:
        type_named("zzz qqq", LISTS)
    assert "catalogue list types" in caught.value.advice


def test_an_empty_value_and_other_fields_stay() -> None:
    """They are another one's business."""
    given = {"type": "", "scope": " ", "title": "Giấy khai sinh", "issued_date": "20/01/2026"}
    assert understood(given, LISTS) == given
