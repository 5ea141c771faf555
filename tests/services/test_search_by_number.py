"""Who lists the papers of a person by typing the number: whatever signs are typed with it."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from config.desk import Role
from config.settings import load_settings
from domain.errors import UsageError
from pipeline.indexing import drain
from search.filters import Filters
from services.context import Services, open_services
from services.permissions import TABLE, Asker, NotAllowed
from services.search import Answer, search
from tests.support.held_papers import OWNER, hold

_SIGNS = st.text("/*?_#'\"<>[]|+-.:;,() \u200b\u0301–", max_size=4)
_REFUSED: tuple[Role, ...] = ("desk", "operator")
_ALLOWED: tuple[Role, ...] = ("archivist", "auditor")


@pytest.fixture(scope="module")
def ctx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A store with one paper of the person, in whose title the number stands."""
    folder = tmp_path_factory.mktemp("number")
    with open_services(load_settings(folder / "home", {})) as opened:
        hold(opened, folder, "birth", title=f"Căn cước {OWNER}")
        drain(opened)
        yield opened


def ask(ctx: Services, role: Role, text: str, reason: str = "đơn ngày 3/2") -> Answer:
    """Somebody in a role searches."""
    return search(ctx, Asker(who="a", office="H17.12", role=role), text, 5, filters=Filters(), reason=reason)


@pytest.mark.parametrize("role", _REFUSED)
@given(before=_SIGNS, place=st.integers(1, 11), within=_SIGNS, behind=_SIGNS)
def test_who_may_not_list_an_owner_is_refused_whatever_is_typed(
    ctx: Services, role: Role, before: str, place: int, within: str, behind: str
) -> None:
    """A desk asks about a person by `lookup`; so does who runs the program."""
    assert role not in TABLE["search by owner"]
    with pytest.raises(NotAllowed):
        ask(ctx, role, f"{before}{OWNER[:place]}{within}{OWNER[place:]}{behind}")


_DIGITS = {digit: [digit, chr(0xFF10 + int(digit)), chr(0x1D7CE + int(digit))] for digit in "0123456789"}
_DIGITS["0"] += ["o", "O"]
_DIGITS["1"] += ["l", "I"]


@pytest.mark.parametrize("role", _REFUSED)
@given(
    digits=st.tuples(*(st.sampled_from(_DIGITS[digit]) for digit in OWNER)),
    label=st.sampled_from(["", "CCCD", "CMND ", "cccd:", "số ", "ông A ", "641 / TB - UBND "]),
    cuts=st.sets(st.integers(1, 11), max_size=3),
    sign=st.sampled_from(["-", ".", " ", " - ", "/", "_", "\\"]),
)
def test_no_other_letters_for_its_digits_help(
    ctx: Services, role: Role, digits: tuple[str, ...], label: str, cuts: set[int], sign: str
) -> None:
    """Full-width and bold digits, letters that look like them, a label in front, and signs between."""
    typed = "".join(sign * (place in cuts) + digit for place, digit in enumerate(digits))
    parts = re.split(r"[-./_\\ ]+", typed)
    assume(all(re.search(r"[^oOlI]", part) for part in parts))  # a letter alone is a word
    with pytest.raises(NotAllowed):
        ask(ctx, role, label + typed)


@pytest.mark.parametrize("text", ["231218-0295", "H17.12-231218-0295", "hs 231218-0295"])
def test_a_part_of_a_dossiers_code_is_no_tax_number(ctx: Services, text: str) -> None:
    """Though one string of ten digits in eleven has its check digit."""
    assert ask(ctx, "desk", text).papers == ()


@pytest.mark.parametrize("role", _ALLOWED)
@pytest.mark.parametrize("text", [OWNER, f"{OWNER}/", f"<{OWNER}>", f'"{OWNER}"', "048 219 001 275*"])
def test_who_may_says_why_and_is_recorded(ctx: Services, role: Role, text: str) -> None:
    """As with `--owner`: no reason, no answer; and the reason is kept with the masked number."""
    before = len(list(ctx.journal.events()))
    with pytest.raises(UsageError, match="reason"):
        ask(ctx, role, text, reason=" ")
    assert len(list(ctx.journal.events())) == before
    found = ask(ctx, role, text)
    assert [paper.id for paper, _ in found.papers] == ["birth"]
    listed, searched = list(ctx.journal.events())[before:]
    wanted = {"event": "listed", "who": "a", "subject": "048*******75", "role": role, "reason": "đơn ngày 3/2"}
    assert {name: listed[name] for name in wanted} == wanted
    assert searched["event"] == "searched"
