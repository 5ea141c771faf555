"""Whatever happens in whatever order: no secret paper is sealed, found, shown or exported without two persons' word.

And one that was withdrawn is there for nobody who may not decide about it, until two persons gave it back.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from config.settings import load_settings
from domain.errors import NotFound, UsageError
from domain.secrecy.events import WithdrawalVerdict
from pipeline.indexing import compare_index, drain
from pipeline.intake import open_batch, take_in
from pipeline.records import shown_record
from search.filters import Filters
from services.context import Services, open_services
from services.document import document_view, show
from services.dossiers.give_back import export
from services.index import make_anew
from services.permissions import Asker, NotAllowed
from services.rebuild import rebuild_catalogue
from services.review import decisions as review
from services.review.ending import discard, reject
from services.search import search
from services.secrecy.deciding import decide_withdrawn
from services.secrecy.decisions import say_not_secret, say_secret
from services.secrecy.withdrawing import list_withdrawn, who_saw, withdraw
from tests.support.desk import STATED, bring
from tests.support.written_pdfs import NOTICE, page

PEOPLE = tuple(Asker(who=name, office="H17.12", role="archivist") for name in ("An", "Bình", "Lan"))
DESK = Asker(who="Cúc", office="H17.12", role="desk")
AUDITOR = Asker(who="Mai", office="H17.12", role="auditor")
OPERATOR = Asker(who="Minh", office="H17.12", role="operator")
WHY = "đã xem giấy"
verdicts: st.SearchStrategy[WithdrawalVerdict] = st.sampled_from(("secret", "not_secret"))


class Office(RuleBasedStateMachine):
    """Papers come, some stated as secret; people decide about them, and everything is made anew."""

    @initialize()
    def begin(self) -> None:
        """An empty store."""
        self.folder = Path(mkdtemp(prefix="khoso-secret-"))
        self.opened = ExitStack()
        chosen = load_settings(self.folder / "home", {"KHOSO_RECOGNITION__MODE": "fast"})
        self.ctx: Services = self.opened.enter_context(open_services(chosen))
        self.ctx.signers.get_ready()
        self.state: dict[str, str] = {}  # of every paper: stopped, archived, ended, withdrawn or erased
        self.path: dict[str, Path] = {}
        self.said: dict[str, dict[str, str]] = {}  # who said what of it since it stopped or was withdrawn
        self.journal: Counter[str] = Counter()

    def teardown(self) -> None:
        """The journal has each decision once, and by whom; close and forget the store."""
        if not hasattr(self, "ctx"):
            return
        kinds = ("secrecy_decided", "withdrawn", "withdrawal_decided", "given_back", "erased")
        events = Counter(e["event"] for e in self.ctx.journal.events() if e["event"] in kinds)
        self.opened.close()
        shutil.rmtree(self.folder)
        assert events == self.journal

    def _in(self, *states: str) -> list[str]:
        return sorted(name for name, state in self.state.items() if state in states)

    def _who(self, name: str, word: str) -> int:
        return sum(said == word for said in self.said[name].values())

    @precondition(lambda self: len(self.state) < 4)
    @rule(is_secret=st.booleans())
    def a_paper_comes(self, is_secret: bool) -> None:
        """With or without a degree in its manifest."""
        number = f"{len(self.state) + 45}/TB-UBND"
        path = self.folder / f"{len(self.state)}.pdf"
        path.write_bytes(page([line.replace("45/TB-UBND", number) for line in NOTICE]))
        stated = STATED.model_copy(update={"fields": {**STATED.fields, "number_symbol": number}})
        name = bring(self.ctx, path, stated.model_copy(update={"secrecy": "MẬT" if is_secret else None}))
        self.state[name], self.path[name], self.said[name] = "stopped" if is_secret else "archived", path, {}

    @precondition(lambda self: self._in("stopped"))
    @rule(data=st.data(), by=st.sampled_from(PEOPLE))
    def somebody_says_that_it_is_not_secret(self, data: st.DataObject, by: Asker) -> None:
        """The second one lets it go on."""
        name = data.draw(st.sampled_from(self._in("stopped")))
        self.journal["secrecy_decided"] += by.who not in self.said[name]
        self.said[name][by.who] = "not_secret"
        came = say_not_secret(self.ctx, by, name, WHY).came
        assert came == ("goes_on" if self._who(name, "not_secret") >= 2 else "second_needed")
        if came == "goes_on":
            self.state[name], self.said[name] = "archived", {}

    @precondition(lambda self: self._in("stopped"))
    @rule(data=st.data(), by=st.sampled_from(PEOPLE))
    def somebody_ends_it_as_secret(self, data: st.DataObject, by: Asker) -> None:
        """One is enough."""
        name = data.draw(st.sampled_from(self._in("stopped")))
        say_secret(self.ctx, by, name, WHY)
        self.state[name] = "ended"
        self.journal["secrecy_decided"] += 1

    @precondition(lambda self: self._in("stopped"))
    @rule(data=st.data(), by=st.sampled_from((*PEOPLE, OPERATOR)), how=st.integers(0, 4))
    def somebody_tries_another_way(self, data: st.DataObject, by: Asker, how: int) -> None:
        """No release, value, ending or new manifest touches it."""
        name = data.draw(st.sampled_from(self._in("stopped")))
        ways = (
            lambda: review.release(self.ctx, by, name, {}),
            lambda: review.release(self.ctx, by, name, {"title": "x"}, settles="apart"),
            lambda: discard(self.ctx, by, name, "quét lại"),
            lambda: reject(self.ctx, by, name, "rescan", "mờ"),
            lambda: withdraw(self.ctx, by, name, WHY),
        )
        try:
            ways[how]()
        except (UsageError, NotFound):
            return
        raise AssertionError(how)

    @precondition(lambda self: self._in("archived"))
    @rule(data=st.data(), by=st.sampled_from((DESK, OPERATOR, *PEOPLE)))
    def somebody_withdraws_it(self, data: st.DataObject, by: Asker) -> None:
        """One is enough."""
        name = data.draw(st.sampled_from(self._in("archived")))
        withdraw(self.ctx, by, name, WHY)
        self.state[name], self.said[name] = "withdrawn", {}
        self.journal["withdrawn"] += 1

    @precondition(lambda self: self._in("withdrawn"))
    @rule(data=st.data(), by=st.sampled_from(PEOPLE), verdict=verdicts)
    def somebody_decides_about_it(self, data: st.DataObject, by: Asker, verdict: WithdrawalVerdict) -> None:
        """Two who say the same: their last words count."""
        name = data.draw(st.sampled_from(self._in("withdrawn")))
        self.journal["withdrawal_decided"] += self.said[name].get(by.who) != verdict
        self.said[name][by.who] = verdict
        came = decide_withdrawn(self.ctx, by, name, verdict, WHY).came
        if self._who(name, verdict) < 2:
            assert came == "second_needed"
            return
        assert came == ("given_back" if verdict == "not_secret" else "erased")
        self.journal[came] += 1
        self.state[name], self.said[name] = ("archived" if verdict == "not_secret" else "erased"), {}

    @precondition(lambda self: self.state)
    @rule(data=st.data(), moved=st.booleans())
    def a_file_is_put_in_again(self, data: st.DataObject, moved: bool) -> None:
        """From its place or another one, with nothing stated: nothing comes of it."""
        name = data.draw(st.sampled_from(sorted(self.state)))
        path = self.path[name]
        if moved:
            path = self.folder / f"again-{path.name}"
            shutil.copy(self.path[name], path)
        seen = take_in(self.ctx, path, open_batch(self.ctx, "again"), STATED.model_copy(update={"fields": {}}))
        assert seen.state != "received"
        if self.state[name] in {"withdrawn", "erased"}:
            assert (seen.state, seen.document_id, seen.reason.what) == ("refused", None, "scan_of_withdrawn")

    @rule()
    def the_catalogue_is_made_anew(self) -> None:
        """From the vault, with the former one there; and from the vault and the journal alone."""
        for is_known in (True, False):
            if not is_known:
                with self.ctx.catalogue.anew():
                    pass  # the next one knows nothing
            found = rebuild_catalogue(self.ctx)
            assert (found.unread, found.differences) == ((), ())
        make_anew(self.ctx, OPERATOR)  # an index is of one catalogue

    @rule()
    def the_index_is_made_anew(self) -> None:
        """It has what is held."""
        make_anew(self.ctx, OPERATOR)

    @invariant()
    def nothing_is_reached_without_two_words(self) -> None:
        """By search, page, list or export; and nothing of a stopped one is signed or sealed."""
        if not hasattr(self, "ctx"):
            return
        held = set(self._in("archived"))
        drain(self.ctx)
        assert self.ctx.catalogue.ids() == held
        assert compare_index(self.ctx).all == ()
        for by in (DESK, AUDITOR, OPERATOR):
            found = search(self.ctx, by, "tiếp nhận", 20, filters=Filters())
            assert {paper.id for paper, _ in found.papers} == held
        assert {row.id for row in list_withdrawn(self.ctx, OPERATOR)} == set(self._in("withdrawn", "erased"))
        out = self.folder / "out.json"
        export(self.ctx, PEOPLE[0], out)
        text = out.read_text(encoding="utf-8")
        out.unlink()
        for name, state in self.state.items():
            if state == "archived":
                continue
            assert name not in text
            self._is_out_of_reach(name, state)

    def _is_out_of_reach(self, name: str, state: str) -> None:
        entry = self.ctx.ledger.entry(name)
        assert entry is not None
        if state in {"withdrawn", "erased"}:
            asked: tuple[Callable[[], object], ...] = (
                lambda: show(self.ctx, DESK, name),
                lambda: who_saw(self.ctx, DESK, name),
                lambda: decide_withdrawn(self.ctx, DESK, name, "secret", WHY),
            )
            for ask in asked:
                try:
                    ask()
                except (NotFound, NotAllowed):
                    continue
                raise AssertionError(name)
            assert who_saw(self.ctx, AUDITOR, name).view.id == name
        else:
            record = shown_record(entry.record)
            assert (record.copy_pdf, record.sealed_pdf, record.text, record.codes) == (None, None, None, None)
        view = json.dumps(document_view(self.ctx, name).line(), ensure_ascii=False)
        assert "TB-UBND" not in view
        if state in {"ended", "erased"}:
            assert "TB-UBND" not in entry.record
            assert not (self.ctx.settings.work_folder / name).exists()


TestOffice = Office.TestCase
TestOffice.settings = settings(
    max_examples=6, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
)
