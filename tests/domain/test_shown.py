"""No text that somebody brings commands a terminal, forges a line of a log, or tells an identity number."""

import json
import logging
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.owners import mask_text
from domain.shown import ShownFormatter, printable, shown, shown_json, without_places, without_secret

_WILD = st.text(st.characters(codec=None, exclude_categories=()))
_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@given(_WILD)
@example("\x1b]0;owned\x07\x9b31m\r\n\u2028\udcff\u202efdp.exe")
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    """Control characters, marks of direction and halves of characters stand escaped; all else stays."""
    message = printable(text)
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or c in _BIDI for c in message)
    message.encode()
    assert printable(message) == message


def test_what_is_harmless_stays() -> None:
    """Vietnamese, whether composed or not, and a soft hyphen are told as they are."""
    text = "Giấy khai sinh " + unicodedata.normalize("NFD", "Hộ kinh doanh") + " a\u00adb 100 %"
    assert shown(text) == text


def test_a_byte_is_told_as_that_byte() -> None:
    """A name in another encoding is told by its bytes."""
    assert printable(b"gi\xe5y.pdf".decode("utf-8", "surrogateescape")) == "gi\\xe5y.pdf"
    assert printable("\ud800") == "\\ud800"


@given(_WILD)
def test_json_keeps_its_meaning(text: str) -> None:
    """A line of JSON says the same and holds nothing that a terminal obeys."""
    line = shown_json(json.dumps({"a": text}, ensure_ascii=False))
    assert json.loads(line) == {"a": text}
    assert printable(line) == line


@pytest.mark.parametrize("around", ["{}", "cccd_{}.pdf", "/in/{}/a.pdf", "x{}y", "{}.TP.H17.990105.KS.01", "\x1b{}"])
def test_identity_numbers_are_masked(around: str) -> None:
    """Wherever a number stands in a text."""
    assert "048193442112" not in shown(around.format("048193442112"))


def test_digests_and_ids_stay() -> None:
    """A document's id and a SHA-256 identify no person, whatever digits they hold."""
    for text in (
        "1234567890123abc",
        "1234567890123abc-2",
        "file 1234567890ab" + 52 * "0" + " x",
        "0123456789" * 6 + "abcd",
        "0123456789" * 12 + "abcdabcd",
        "index-01234567890123456789012345678abc",
        "/vault/0a2/314/urn%3akhoso%3a0a2314159265c5ea2/v1".replace("5ea2", "ea2"),
    ):
        assert mask_text(text) == text


def test_a_log_line_is_shown_so() -> None:
    """A message, and the error behind it, hold no number and no line of their own."""
    error = ValueError("048193442112\x1b[31m")
    message = ("048193442112\nERROR forged",)
    record = logging.LogRecord("khoso", logging.ERROR, "", 0, "of %s", message, (ValueError, error, None))
    line, *trace = ShownFormatter("%(levelname)s %(message)s").format(record).splitlines()
    assert line == "ERROR of 048*******12\\x0aERROR forged"
    assert trace == ["ValueError: 048*******12\\x1b[31m"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unreadable: /srv/kho số/in/a.pdf belongs to a store", "unreadable: a.pdf belongs to a store"),
        ("(/a/b.pdf), or /c/d", "(b.pdf), or d"),
        (
            "PDF/A-2b, 114/TB-UBND, and/or ./a/b, https://x.vn/a/b",
            "PDF/A-2b, 114/TB-UBND, and/or ./a/b, https://x.vn/a/b",
        ),
    ],
)
def test_places_of_files_are_taken_off(text: str, message: str) -> None:
    """Of an absolute path the name is left; strokes elsewhere stay."""
    assert without_places(text) == message


@pytest.mark.parametrize("secret", [":S3/c@ret@", "an:S3cret@", ""])
def test_an_address_is_told_without_its_secret(secret: str) -> None:
    """Whoever reads a message or a log may not enter there."""
    assert without_secret(f"redis://{secret}127.0.0.1:6379/0") == "redis://127.0.0.1:6379/0"
