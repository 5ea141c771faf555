"""What stands in the lines of another person of a paper is never proposed as the owner's number."""

from collections.abc import Iterator

import pytest

from config.settings import Settings
from domain.clock import today
from domain.readings import Description
from pipeline.context import Context, open_context
from pipeline.stages.describe import doubts_of_fields
from tests.support.laid_out import certificate, described

MOTHER, FATHER, CHILD = "048189001212", "048088004521", "048219006683"
NAMES = {"child": "ĐỖ GIA HUY", "mother": "VŨ LAN ANH", "father": "ĐỖ TRỌNG NHÂN"}


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Context]:
    """An opened store."""
    with open_context(settings) as opened:
        yield opened


def birth(
    number: str, *, mother: str = "Họ, chữ đệm, tên người mẹ: VŨ LAN ANH", of_mother: str = MOTHER
) -> Description:
    """A birth certificate with what stands behind the label of the child's number."""
    return described(
        *certificate(
            "GIẤY KHAI SINH",
            "Họ, chữ đệm, tên: ĐỖ GIA HUY",
            f"Số định danh cá nhân: {number}",
            mother,
            "Năm sinh: 1989",
            f"Số định danh cá nhân: {of_mother}",
            "Họ, chữ đệm, tên người cha: ĐỖ TRỌNG NHÂN",
            f"Số định danh cá nhân: {FATHER}",
        )
    )


@pytest.mark.parametrize("number", ["", "04821900668", "0482I90O6683", "………………", "048 219 006 68"])
@pytest.mark.parametrize(
    "mother", ["Họ, chữ đệm, tên người mẹ: VŨ LAN ANH", "Mẹ: VŨ LAN ANH", "II. PHẦN KHAI VỀ NGƯỜI MẸ"]
)
def test_a_childs_number_that_is_lacking_or_cannot_be_read_is_not_the_mothers(number: str, mother: str) -> None:
    """Nor the father's: the field is missing."""
    found = birth(number, mother=mother)
    assert (found.value("owner_name"), found.value("owner_id")) == ("Đỗ Gia Huy", None)


def test_a_childs_name_that_cannot_be_read_gives_nobody_the_mothers_number() -> None:
    """Where no label of the owner is left, the labels of the others still are."""
    lines = ("Họ, chữ đệm, tên người mẹ: VŨ LAN ANH", f"Số định danh cá nhân: {MOTHER}")
    assert described(*certificate("GIẤY KHAI SINH", "Giới tính: Nam", *lines)).value("owner_id") is None


def test_a_label_of_a_number_says_whose_it_is() -> None:
    """Within the lines of the child, too."""
    lines = ("Họ, chữ đệm, tên: ĐỖ GIA HUY", f"Số định danh cá nhân của người mẹ: {MOTHER}")
    assert described(*certificate("GIẤY KHAI SINH", *lines)).value("owner_id") is None


def test_a_number_above_all_persons_is_still_read_and_doubted() -> None:
    """It stands in nobody's lines."""
    lines = (f"Số định danh cá nhân: {CHILD}", "Họ, chữ đệm, tên: ĐỖ GIA HUY", "Giới tính: Nam")
    field = described(*certificate("GIẤY KHAI SINH", *lines)).fields["owner_id"]
    assert field.value == CHILD
    assert field.confidence < 0.85


@pytest.mark.parametrize(
    ("written", "read"),
    [("CCCD 201456789", "201456789"), ("CMND 201 045 667", "201045667"), ("CMND 201045667", "201045667"),
     ("CCCD 048 193 004 417", "048193004417"), ("CCCD 048.193.004.417", "048193004417"),
     ("CCCD 0481 9300 4417", "048193004417"), ("CCCD 048 193 004", "048193004")],
)  # fmt: skip
def test_old_numbers_and_numbers_in_groups_are_the_persons_own(written: str, read: str) -> None:
    """The wife's is hers, and the husband's stays his."""
    found = described(
        *certificate(
            "GIẤY CHỨNG NHẬN KẾT HÔN",
            "Họ, chữ đệm, tên vợ: ĐOÀN THỊ MỸ HẠNH",
            f"Số Giấy tờ tùy thân: {written}",
            "Họ, chữ đệm, tên chồng: HUỲNH TẤN ĐẠT",
            "Số Giấy tờ tùy thân: CCCD 049090112233",
        )
    )
    assert found.value("owner_id") == read
    assert (found.fields["owner_id"].confidence < 0.75) == (len(read) == 9 and "CCCD" in written)
    assert found.value("further_owners") == "husband: Huỳnh Tấn Đạt, 049090112233"


def test_a_declarants_number_is_never_that_of_the_dead() -> None:
    """Whose own is in groups, or is not there."""
    for own, read in (("CMND 201 045 667", "201045667"), ("", None)):
        found = described(
            *certificate(
                "TRÍCH LỤC KHAI TỬ",
                "Họ, chữ đệm, tên người đã chết: VÕ ĐÌNH THÔNG",
                f"Số Giấy tờ tùy thân: {own}",
                "Họ, chữ đệm, tên người đi khai: VÕ THỊ BÍCH LIÊN",
                "Số Giấy tờ tùy thân: CCCD 048170002288",
            )
        )
        assert (found.value("owner_name"), found.value("owner_id")) == ("Võ Đình Thông", read)


def test_one_number_of_two_persons_is_asked_for_by_both_names(ctx: Context) -> None:
    """Of each the own one has to be said; what was read cannot be confirmed."""
    found = birth(CHILD, of_mother=CHILD)
    rules = ctx.catalogues.profile(today())
    doubts = [item for item in doubts_of_fields(found, ctx, rules, today()) if item.code == "number_of_two"]
    assert [item.about for item in doubts] == ["owner_id", "further_owners"]
    assert not any(CHILD in str(item.params) for item in doubts)
    sure = {
        name: field.model_copy(update={"confidence": 1.0, "source": "person"}) for name, field in found.fields.items()
    }
    confirmed = found.model_copy(update={"fields": sure})
    assert [item.code for item in doubts_of_fields(confirmed, ctx, rules, today())].count("number_of_two") == 2


def test_one_person_in_two_roles_has_one_number(ctx: Context) -> None:
    """Who holds a paper and shares in it is not asked about."""
    found = birth(CHILD)
    line = found.fields["further_owners"].model_copy(update={"value": f"co_owner: Đỗ Gia Huy, {CHILD}"})
    twice = found.model_copy(update={"fields": {**found.fields, "further_owners": line}})
    codes = [item.code for item in doubts_of_fields(twice, ctx, ctx.catalogues.profile(today()), today())]
    assert "number_of_two" not in codes
