"""No question of a desk that has a whole identity number in it, in whatever form, reaches an engine."""

import re
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from config.settings import load_settings
from pipeline.indexing import drain, sound_index
from search.filters import Filters
from services import search as asked
from services.context import Services, open_services
from services.permissions import Asker, NotAllowed
from tests.support.held_papers import OWNER, hold

OLD, COMPANY, BRANCH = "201234567", "0401234566", "0401234566-001"
DESK = Asker(who="an", office="H17.12", role="desk")
_WRITINGS = (0x30, 0xFF10, 0x1D7CE, 0x1D7F6, 0x0660, 0x06F0)  # plain, full-width, bold, monospace, two of Arabic
_LOOK_ALIKE = {"0": "oO", "1": "lI"}
# What people, forms and programs put between digits; and what nobody sees.
_BETWEEN = [
    "",
    " ",
    "-",
    ".",
    "/",
    "_",
    "\\",
    " - ",
    " / ",
    ". ",
    "\n",
    "\r\n",
    "\t",
    "\u00a0",
    "–",
    "—",
    ",",
    "; ",
    "'",
    "|",
    "·",
]
_UNSEEN = ["", "\u200b", "\u2060", "\ufeff", "\u00ad", "\u0301", "\u0323", "\u20dd", "\ufe0f"]
_NOT_SEEN = f"[{''.join(_UNSEEN)}]"
_PUBLIC = {COMPANY, BRANCH, BRANCH.replace("-", "")}
_LABELS = [
    "",
    "số ",
    "so ",
    "soos ",
    "so61 ",
    "CCCD ",
    "CCCD",
    "cccd:",
    "cmnd ",
    "CMND",
    "MST",
    "mst: ",
    "hs ",
    "hs:",
    "số:",
    "cq:",
]
_LABELS += [
    "loại:",
    "từ:",
    "ông Nguyễn Văn A ",
    "641/TB-UBND ",
    "ngày 26/6/2019 ",
    "căn cước công dân số ",
    '"',
    "[",
    "*",
]
_BEHIND = ["", " ", "?", "!", "/", "'", "]", "*", "_", '"', " giấy khai sinh", " ngày 26/6/2019", ".", "=", "\n"]
_DAY = re.compile(r"\d{1,2}\s?\W\s?\d{1,2}\s?\W\s?\d{2,4}|\d{4}\W\d{1,2}\W\d{1,2}")
_DOSSIER = re.compile(r"\d{6}\W{1,3}\d{4,5}")


@pytest.fixture(scope="module")
def ctx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A store with a paper in whose text every number stands."""
    folder = tmp_path_factory.mktemp("guard")
    with open_services(load_settings(folder / "home", {})) as opened:
        hold(opened, folder, "paper", title="Giấy tờ", text=f"Số {OWNER}, {OLD}, mã số {COMPANY}, {BRANCH}")
        drain(opened)
        yield opened


def _plain(text: str) -> str:
    return "".join(chr(0x30 + int(sign)) if sign.isdecimal() else sign for sign in text)


@given(
    number=st.sampled_from([OWNER, OLD, COMPANY, BRANCH, BRANCH.replace("-", "")]),
    writing=st.sampled_from(_WRITINGS),
    between=st.dictionaries(st.integers(1, 12), st.sampled_from(_BETWEEN), max_size=4),
    unseen=st.dictionaries(st.integers(0, 12), st.sampled_from(_UNSEEN), max_size=3),
    alike=st.sets(st.integers(0, 12), max_size=3),
    label=st.sampled_from(_LABELS),
    behind=st.sampled_from(_BEHIND),
)
@example(number=OWNER, writing=0x30, between={}, unseen={}, alike=set(), label="", behind="?")
@example(number=OWNER, writing=0x30, between={}, unseen={}, alike=set(), label="H17.12-", behind="")
@example(number=COMPANY, writing=0x30, between={}, unseen={4: "\u0301"}, alike=set(), label="", behind="")
@example(number=BRANCH, writing=0xFF10, between={}, unseen={}, alike={0}, label="MST", behind="")
def test_it_is_refused_before_any_engine_is_asked(
    ctx: Services,
    number: str,
    writing: int,
    between: dict[int, str],
    unseen: dict[int, str],
    alike: set[int],
    label: str,
    behind: str,
) -> None:
    """Whatever its digits are written with, what stands between, around or unseen in it, and what it is called.

    An organisation's number, which is public, is one in groups only where it is called so, or nothing else is typed.
    """
    if number in _PUBLIC and not (label.strip(" :").upper() in {"", "MST"} and not re.search(r"\w", behind)):
        between, unseen = {}, {}
    typed = ""
    for place, sign in enumerate(number):
        digit = chr(writing + int(sign)) if sign.isdigit() else sign
        if place in alike and sign in _LOOK_ALIKE:
            digit = _LOOK_ALIKE[sign][place % 2]
        typed += between.get(place, "") + digit + unseen.get(place, "")
    seen = _plain(re.sub(_NOT_SEEN, "", typed))
    digits = seen.translate(str.maketrans("oOlI", "0011"))
    assume(not _DAY.search(digits) and not _DOSSIER.search(digits))  # that is a day, or a dossier's code
    assume(number not in _PUBLIC or not _DOSSIER.search(_plain(re.sub(_NOT_SEEN, " ", typed))))  # of 23/1/04
    with patch.object(asked, "sound_index", wraps=sound_index) as opened, pytest.raises(NotAllowed):
        asked.search(ctx, DESK, f"{label}{typed}{behind}", 5, filters=Filters())
    assert not opened.called
