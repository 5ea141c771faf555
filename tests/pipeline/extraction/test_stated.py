"""What a template proposes stands in for what was not read, and is never taken from what the text cites."""

import pytest

from domain.readings import Description, FieldName, PageReading, Word
from pipeline.extraction import laid_out, read_fields
from tests.support.laid_out import LEFT, RIGHT, TYPES, administrative, body, page, paper

PROPOSED = 0.7
OWN_DAY, OWN_NUMBER = "2024-11-03", "47/QĐ-UBND"


def notice(number: str, day: str, *texts: str) -> PageReading:
    """A notice with these words on its lines of number and day."""
    lines = administrative("THÔNG BÁO", *body(*texts))
    lines[2] = [(LEFT, number), (RIGHT, day)]
    return page(*lines)


def around(read: PageReading, first: str, last: str) -> Word:
    """A word over the line from one word to another, without a text."""
    start = next(word for word in read.words if word.text == first)
    end = [word for word in read.words if word.text == last and word.line == start.line][-1]
    left, top, _, bottom = start.box
    return Word(text="", box=(left, top - 0.004, end.box[2], bottom + 0.004), confidence=PROPOSED, line=0)


def described(read: PageReading, number: Word | None, day: Word | None) -> Description:
    """The fields of the page with what templates say."""
    stated = {"numbers": (number,) if number else (), "days": (day,) if day else ()}
    return read_fields(laid_out(paper(read.model_copy(update=stated))), TYPES)


def test_what_was_not_read_is_proposed() -> None:
    """Number and day come with the place of their lines, and a person is asked."""
    read = notice("Số: |Z /QĐ-UBND", "Đà Nẵng, ngày tháng năm 2024")
    number = around(read, "Số:", "/QĐ-UBND").model_copy(update={"text": OWN_NUMBER})
    day = around(read, "ngày", "2024").model_copy(update={"text": OWN_DAY})
    fields = described(read, number, day).fields
    wanted: list[tuple[FieldName, str, Word]] = [
        ("number_symbol", OWN_NUMBER, number),
        ("issued_date", OWN_DAY, day),
    ]
    for name, value, place in wanted:
        assert (fields[name].value, fields[name].confidence, fields[name].page) == (value, PROPOSED, 1)
        assert fields[name].box == place.box


def test_what_was_read_without_doubt_stays() -> None:
    """Print that is sure is not given up; where the template has another value, a person looks."""
    read = notice("Số: 46/QĐ-UBND", "Đà Nẵng, ngày 04 tháng 11 năm 2024")
    number = around(read, "Số:", "46/QĐ-UBND").model_copy(update={"text": OWN_NUMBER})
    same = around(read, "ngày", "2024").model_copy(update={"text": "2024-11-04"})
    fields = described(read, number, same).fields
    assert fields["number_symbol"].value == "46/QĐ-UBND"
    assert fields["number_symbol"].confidence < 0.75
    assert (fields["issued_date"].value, fields["issued_date"].confidence > 0.9) == ("2024-11-04", True)


def test_two_lines_that_differ_propose_nothing() -> None:
    """A paper has one number: of two different ones nobody knows which is its own."""
    read = notice("Số: |Z /QĐ-UBND", "Đà Nẵng, ngày tháng năm 2024")
    one = around(read, "Số:", "/QĐ-UBND").model_copy(update={"text": OWN_NUMBER})
    both = read.model_copy(update={"numbers": (one, one.model_copy(update={"text": "48/QĐ-UBND"}))})
    assert read_fields(laid_out(paper(both)), TYPES).value("number_symbol") is None


@pytest.mark.parametrize(
    "cited", ["Căn cứ Quyết định ngày 3 tháng 11 năm 2024", "thực hiện từ ngày 3 tháng 11 năm 2024"]
)
def test_a_cited_line_is_no_proposal(cited: str) -> None:
    """A day in the text, even at the end of its line, is not that of the paper."""
    read = notice("Số: 46/QĐ-UBND", "Đà Nẵng,", cited)
    day = around(read, "ngày", "2024").model_copy(update={"text": OWN_DAY})
    assert described(read, None, day).value("issued_date") is None
