"""Whatever is cut off where, given again, and put back from yesterday: no number of a book is given twice."""

import hashlib
import shutil
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, Final

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from archive.package import read_package
from config.settings import load_settings
from services.certifying import certifying
from services.certifying.certifying import certify_paper
from services.certifying.register import certified_book
from services.context import open_services
from services.permissions import Asker, user_of_the_machine
from services.rebuild import rebuild
from tests.support.certifying import clerk
from tests.support.desk import WHY
from tests.support.held_papers import hold

_PAPERS: Final = ("1", "2")  # of whose names their codes are made
_DOSSIERS: Final = ("H17.12-261130-0001", "H17.12-261130-0002")
_CUTS: Final = ("", "numbered", "told", "kept", "given")
_AUDITOR = Asker(who="kiểm", office="H17.12", role="auditor")
_SAME: Final = (
    "certifier",
    "check_original",
    "hands_to_certify",
    "unsigned_copy",
    "check_room",
    "certified_copy",
    "revise",
)


class TestNumbers(RuleBasedStateMachine):
    """A store of two papers; keys and pages are none of it, for numbers do not depend on them."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory(prefix="numbers-")
        self.folder = Path(self._folder.name)
        self.home = self.folder / "home"
        self.patch = pytest.MonkeyPatch()
        self.cut = ""
        self.real = {name: getattr(certifying, name) for name in (*_SAME, "_hand_out")}
        copy = SimpleNamespace(pdf=b"", sha256=hashlib.sha256(b"copy").hexdigest())
        hands = SimpleNamespace(name="Lan", title="Phó Chủ tịch")
        found: dict[str, Any] = {
            "certifier": lambda *_, **__: None,
            "check_original": lambda *_, **__: None,
            "hands_to_certify": lambda *_, **__: hands,
            "unsigned_copy": lambda *_, **__: copy,
            "check_room": lambda *_, **__: None,
            "certified_copy": self._made,
            "revise": self._kept,
            "_hand_out": self._given,
        }
        for name, instead in found.items():
            self.patch.setattr(certifying, name, instead)
        with open_services(load_settings(self.home, {})) as ctx:
            for name in _PAPERS:
                hold(ctx, self.folder, name)
            ctx.desk.count_questions()
        self.yesterday = self.folder / "yesterday"
        self.back_up()
        self.is_behind = False
        self.given: Counter[tuple[str, int, str]] = Counter()
        self.count = 0

    def teardown(self) -> None:
        """Leave nothing."""
        self.patch.undo()
        self._folder.cleanup()

    def _made(self, _ctx: Any, _copy: Any, statement: Any) -> bytes:
        if self.cut == "numbered":
            raise KeyboardInterrupt
        return "\n".join(statement).encode()

    def _kept(self, *given: Any, **named: Any) -> None:
        if self.cut == "told":
            raise KeyboardInterrupt
        self.real["revise"](*given, **named)
        if self.cut == "kept":
            raise KeyboardInterrupt

    def _given(self, *given: Any) -> None:
        if self.cut == "given":
            raise KeyboardInterrupt
        self.real["_hand_out"](*given)

    @rule(
        paper=st.sampled_from(_PAPERS),
        dossier=st.sampled_from(_DOSSIERS),
        who=st.sampled_from(("lan", "hoa")),
        office=st.sampled_from(("H17.12", "H17.12", "H17")),
        cut=st.sampled_from(_CUTS),
        is_late=st.booleans(),
    )
    def certify(self, paper: str, dossier: str, who: str, office: str, cut: str, is_late: bool) -> None:
        """Somebody certifies, perhaps after the book was put back, and may be cut off on the way."""
        if is_late and self.count % 2:
            self.put_back()
        self.count += 1
        self.cut = cut
        target = self.folder / f"certified {self.count}.pdf"
        with open_services(load_settings(self.home, {})) as ctx:
            try:
                made = certify_paper(ctx, clerk(who, office), paper, dossier=dossier, target=target, reason=WHY)
            except KeyboardInterrupt:
                return
        self.given[office, made.number, f"{paper} {dossier}"] += 1
        assert f"Số chứng thực {made.number}," in target.read_text(encoding="utf-8")

    @rule()
    def back_up(self) -> None:
        """The desk's database is copied."""
        shutil.rmtree(self.yesterday, ignore_errors=True)
        self.yesterday.mkdir()
        for path in self.home.glob("desk.sqlite*"):
            shutil.copy(path, self.yesterday)

    @rule()
    def put_back(self) -> None:
        """The copy takes the place of what was there."""
        self.is_behind = True
        for path in self.home.glob("desk.sqlite*"):
            path.unlink()
        for path in self.yesterday.iterdir():
            shutil.copy(path, self.home)

    @rule()
    def make_anew(self) -> None:
        """The catalogue is made anew from the vault, and the book hears what is kept there."""
        found = load_settings(self.home, {})
        with open_services(found, rebuilding=True) as ctx:
            rebuild(ctx, user_of_the_machine(found))

    @invariant()
    def no_number_is_of_two(self) -> None:
        """Of those that were given out, kept in the vault or stand in the book, each is of one paper and dossier.

        And an office certifies a paper once for a dossier, however often it is asked.
        """
        bearers: dict[tuple[str, int], set[str]] = {}
        for office, number, what in self.given:
            bearers.setdefault((office, number), set()).add(what)
        with open_services(load_settings(self.home, {})) as ctx:
            for name in _PAPERS:
                made = read_package(ctx.vault.get(f"urn:khoso:{name}")).certified
                assert len({(item.office, item.dossier) for item in made}) == len(made)
                for item in made:
                    bearers.setdefault((item.office, item.number), set()).add(f"{name} {item.dossier}")
            entries = certified_book(ctx, _AUDITOR)
        for entry in entries:
            if entry.done:
                bearers.setdefault((entry.office, entry.number), set()).add(f"{entry.paper} {entry.dossier}")
        assert all(len(found) == 1 for found in bearers.values()), bearers
        if not self.is_behind:
            for office in ("H17.12", "H17"):
                numbers = [entry.number for entry in entries if entry.office == office]
                assert numbers == list(range(1, len(numbers) + 1))


TestNumbersHold = TestNumbers.TestCase
TestNumbersHold.settings = settings(max_examples=30, stateful_step_count=8, deadline=None, phases=(Phase.generate,))
del TestNumbers
