"""Whatever happens in whatever order: no code leaves that no source gave, and no paper in another's dossier.

No code is borne by two papers, and none that was retired is given again.
"""

import json
import re
import shutil
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from archive.errors import ResultCodeTaken
from config.settings import load_settings
from domain.clock import now, today
from domain.errors import UsageError
from domain.readings import Description, FieldName, FieldReading
from pipeline.records import File, Reviewed
from pipeline.stages.coding import code
from services.context import Services, open_services
from services.corrections.correcting import correct
from services.document import show
from services.dossiers.give_back import export
from services.dossiers.owners import AnothersDossier, of_its_owner
from services.dossiers.take_in import take_in_dossiers
from services.dossiers.tie import tie, untie
from services.permissions import Asker
from services.rebuild import rebuild_catalogue
from tests.support.held_papers import hold

BINH = Asker(who="Bình", office="H17.12", role="archivist")
OWNERS = ("048219001275", "048219001283", "201234567")
# The very range in which the office numbers its own dossiers today.
DOSSIERS = tuple(f"H17.12-{today():%y%m%d}-{n:04d}" for n in range(1, 4))
TYPES = ("KQ.G15.990004", "KQ.G15.990010", "KQ.G15.000031")  # each of one owner
ONE_STOP = re.compile(r"(?:[A-Y]\d{2}(?:\.\d{1,3}){0,2}|\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2})-\d{6}-\d{4,}(?:-KQ\d*)?")
NUMBERS = ("7/2020", "07 / 2020", "8/2020")
dossiers, owners, types = st.sampled_from(DOSSIERS), st.sampled_from(OWNERS), st.sampled_from(TYPES)
numbers, years = st.sampled_from(NUMBERS), st.sampled_from((2019, 2020))


class Office(RuleBasedStateMachine):
    """Papers come, are reviewed, tied, untied and put right; dossiers are imported; all is made anew and exported."""

    @initialize()
    def begin(self) -> None:
        """A store that knows two dossiers."""
        self.folder = Path(mkdtemp(prefix="khoso-office-"))
        self.opened = ExitStack()
        self.ctx: Services = self.opened.enter_context(open_services(load_settings(self.folder / "home", {})))
        self.given: set[str] = set()  # codes that a source gave
        self.owner_of: dict[str, str] = {}  # of dossiers and papers
        self.tied: dict[str, str | None] = {}
        self.confirmed: set[str] = set()  # papers in somebody else's dossier, by a person's word
        self.waiting: dict[str, tuple[str, dict[FieldName, str]]] = {}  # for a person
        self.bearer: dict[str, str] = {}  # of every code of ours that was ever seen
        self.retired: dict[str, str] = {}
        for dossier, owner in zip(DOSSIERS[:2], OWNERS, strict=False):
            self.a_dossier_is_imported(dossier, owner, "9.999999")

    def teardown(self) -> None:
        """Close and forget the store."""
        self.opened.close()
        shutil.rmtree(self.folder)

    @rule(
        owner=owners,
        type_code=types,
        dossier=st.sampled_from((None, None, *DOSSIERS)),
        result=st.integers(0, 1),
        data=st.data(),
    )
    def a_paper_comes(self, owner: str, type_code: str, dossier: str | None, result: int, data: st.DataObject) -> None:
        """With what its manifest states; a doubt, or a result code that another paper has, stops it."""
        number, is_doubted = data.draw(numbers), data.draw(st.booleans())
        name = f"{len(self.owner_of):016x}"
        stated: dict[FieldName, str] = {"owner_id": owner, "number_symbol": number, "issued_date": "2020-05-04"}
        if dossier:
            stated["dossier_code"] = dossier
            if result:
                stated["result_code"] = f"{dossier}-KQ{result}"
        self.owner_of[name] = owner
        if is_doubted:
            self.waiting[name] = (type_code, stated)
        else:
            self._put_in(name, type_code, stated)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), dossier=dossiers, result=st.integers(0, 2), is_confirmed=st.booleans())
    def a_paper_is_reviewed(self, data: st.DataObject, dossier: str, result: int, is_confirmed: bool) -> None:
        """A person gives its dossier and the right result code, or none; somebody else's dossier only with a reason."""
        name = data.draw(st.sampled_from(sorted(self.waiting)))
        type_code, stated = self.waiting[name]
        stated = {**stated, "dossier_code": dossier}
        stated.pop("result_code", None)
        if result:
            stated["result_code"] = f"{dossier}-KQ{result}"
        is_anothers = self.owner_of.get(dossier, self.owner_of[name]) != self.owner_of[name]
        try:
            reviewed = of_its_owner(
                self.ctx, BINH, _reviewed(name, type_code, stated), "của con" if is_confirmed else ""
            )
        except AnothersDossier:
            assert is_anothers
            assert not is_confirmed
            return
        assert is_confirmed or not is_anothers
        self._put_in(name, type_code, stated, other_owner=reviewed.other_owner == dossier)

    def _put_in(self, name: str, type_code: str, stated: dict[FieldName, str], *, other_owner: bool = False) -> None:
        self.given |= {stated[key] for key in ("dossier_code", "result_code") if key in stated}
        try:
            codes = code(_reviewed(name, type_code, stated), self.ctx).codes
        except ResultCodeTaken:
            bearers = {paper.result_code: paper.id for paper in self.ctx.catalogue.all()}
            assert bearers[stated["result_code"]] != name
            self.waiting[name] = (type_code, stated)
            return
        self.waiting.pop(name, None)
        own = {"digitisation_code": codes.digitisation, "result_code": codes.result, "file_code": codes.file}
        known: dict[str, Any] = {
            "owner_id": stated["owner_id"],
            "type_code": type_code,
            "dossier": codes.dossier,
            "other_owner": other_owner,
            "number_symbol": stated["number_symbol"],
            "issued": date.fromisoformat(stated["issued_date"]),
            **_SAID,
        }
        hold(self.ctx, self.folder, name, **known, **own)
        self.tied[name] = codes.dossier
        self.confirmed |= {name} if other_owner else set()

    @rule(dossier=dossiers, owner=owners, procedure=st.sampled_from(["1.000894", "9.999999"]))
    def a_dossier_is_imported(self, dossier: str, owner: str, procedure: str) -> None:
        """Of whomever the one-stop system says."""
        path = self.folder / "dossiers.json"
        fields = {"MaHoSo": dossier, "MaTTHC": procedure, "SoGiayToChuHoSo": owner, "NgayTiepNhan": f"{today():%Y%m%d}"}
        path.write_text(json.dumps([{**fields, "TrangThaiHoSo": "4"}]), encoding="utf-8")
        take_in_dossiers(self.ctx, BINH, path)
        self.given.add(dossier)
        self.owner_of[dossier] = owner

    @precondition(lambda self: self.tied)
    @rule(data=st.data(), dossier=dossiers, other_owner=st.booleans())
    def a_paper_is_tied(self, data: st.DataObject, dossier: str, other_owner: bool) -> None:
        """To a dossier that a person names; to somebody else's only if he says so."""
        free = sorted(name for name in self.tied if self.tied[name] is None)
        name = data.draw(st.sampled_from([*sorted(self.tied), *free * 3]))
        is_anothers = self.owner_of.get(dossier, self.owner_of[name]) != self.owner_of[name]
        before = self.tied[name]
        try:
            tie(self.ctx, BINH, name, dossier, reason="theo sổ", other_owner=other_owner)
        except UsageError:
            assert before not in {None, dossier}
        except AnothersDossier:
            assert is_anothers
            assert not other_owner
        else:
            assert before in {None, dossier}
            self.given.add(dossier)
            self.tied[name] = dossier
            self.confirmed |= {name} if other_owner else set()
            assert not is_anothers or name in self.confirmed

    @precondition(lambda self: any(self.tied.values()))
    @rule(data=st.data())
    def a_paper_is_untied(self, data: st.DataObject) -> None:
        """It was wrong."""
        name = data.draw(st.sampled_from(sorted(name for name, dossier in self.tied.items() if dossier)))
        untie(self.ctx, BINH, name, reason="nhầm")
        self.tied[name] = None
        self.confirmed.discard(name)

    @precondition(lambda self: self.tied)
    @rule(data=st.data(), owner=owners, type_code=types, number=numbers, year=years)
    def a_paper_is_put_right(self, data: st.DataObject, owner: str, type_code: str, number: str, year: int) -> None:
        """Codes made of what was wrong are retired; whose it is now nobody confirmed."""
        name = data.draw(st.sampled_from([*sorted(self.tied), *sorted(self.confirmed) * 3]))
        wanted = {"owner_id": owner, "type": type_code, "number_symbol": number, "issued_date": f"{year}-05-04"}
        named = data.draw(st.sets(st.sampled_from(sorted(wanted)), min_size=1))
        values = {key: wanted[key] for key in named}
        done = correct(self.ctx, BINH, name, values, reason="sổ gốc")
        if "owner_id" in named and self.owner_of[name] != owner:
            self.owner_of[name] = owner
            self.confirmed.discard(name)
        assert done.paper.owner_id == self.owner_of[name]
        self.retired |= {item.code: name for item in done.retired}
        assert done.paper.digitisation_code.startswith(f"{done.paper.owner_id}.")
        assert correct(self.ctx, BINH, name, values, reason="sổ gốc").paper == done.paper

    @precondition(lambda self: self.tied)
    @rule(data=st.data(), owner=owners)
    def a_correction_is_taken_back(self, data: st.DataObject, owner: str) -> None:
        """What was right in the end gets a code of its own all the same: the first one is retired."""
        name = data.draw(st.sampled_from(sorted(self.tied)))
        before = self.owner_of[name]
        for value in (owner, before):
            done = correct(self.ctx, BINH, name, {"owner_id": value}, reason="sổ gốc")
            assert done.paper.digitisation_code not in self.retired
            self.retired |= {item.code: name for item in done.retired}
        if owner != before:
            self.confirmed.discard(name)

    @rule()
    def the_catalogue_is_made_anew(self) -> None:
        """It says the same."""
        before = list(self.ctx.catalogue.all())
        found = rebuild_catalogue(self.ctx)
        assert (found.unread, found.differences) == ((), ())
        assert list(self.ctx.catalogue.all()) == before

    @rule(results=st.booleans())
    def all_is_exported(self, results: bool) -> None:
        """Only what sources gave, and of each dossier only papers of its owner, or confirmed ones."""
        target = self.folder / "out.json"
        target.unlink(missing_ok=True)
        done = export(self.ctx, BINH, target, results=results)
        text = target.read_text(encoding="utf-8")
        assert set(ONE_STOP.findall(text)) <= self.given
        for item in json.loads(text):
            named = {name for name in self.tied if name in json.dumps(item) or (results and self._is(name, item))}
            for name in named:
                assert self.tied[name] == item["MaHoSo"]
                assert self.owner_of[name] == self.owner_of[item["MaHoSo"]] or name in self.confirmed
        assert {item.id for item in done.left_out} == {
            name
            for name, dossier in self.tied.items()
            if dossier in self.owner_of and self.owner_of[dossier] != self.owner_of[name] and name not in self.confirmed
        }

    def _is(self, name: str, item: dict[str, Any]) -> bool:
        paper = self.ctx.catalogue.paper(name)
        return paper is not None and item["TenFileGiayToKetQuaDinhKem"] == f"{paper.result_code}.pdf"

    @rule()
    def papers_are_shown(self) -> None:
        """No code of the one-stop system stands on a paper that no source gave; a retired one leads to its paper."""
        for name, dossier in self.tied.items():
            view = show(self.ctx, BINH, name)
            assert view.dossier == dossier
            assert set(ONE_STOP.findall(json.dumps(view.line()))) <= self.given
        for gone, name in self.retired.items():
            assert show(self.ctx, BINH, gone).id == name

    @invariant()
    def every_code_has_one_bearer(self) -> None:
        """Now and ever; nobody bears a retired one, and only what was confirmed is in somebody else's dossier."""
        papers = list(self.ctx.catalogue.all()) if hasattr(self, "ctx") else []
        borne = [
            (item, paper.id)
            for paper in papers
            for item in (paper.digitisation_code, paper.result_code, paper.file_code)
            if item
        ]
        assert len({item for item, _ in borne}) == len(borne)
        for paper in papers:
            assert paper.other_owner == (paper.id in self.confirmed)
            for item in filter(None, (paper.digitisation_code, paper.file_code)):
                assert self.bearer.setdefault(item, paper.id) == paper.id
                assert item not in self.retired


_SAID = {"title": "Trích lục", "issuer": "UBND phường Hải Châu", "owner_name": "Trần Bình", "abstract": "Trích lục"}


def _reviewed(name: str, type_code: str, stated: dict[FieldName, str]) -> Reviewed:
    nothing = File(name="none", sha256="0" * 64)
    fields = {key: FieldReading(value=value, confidence=1.0, source="manifest") for key, value in stated.items()}
    values: dict[str, Any] = {
        "document_id": name,
        "batch_id": "b",
        "source": "/a.jpg",
        "media": "jpeg",
        "received_at": now(),
        "pages": 1,
        "dpi": 200,
        "confidence": 1.0,
        "signed_at": now(),
        "description": Description(type_code=type_code, type_confidence=1.0, fields=fields),
        "doubts": (),
        **dict.fromkeys(("scan", "pdf", "searchable", "words", "pdfa", "copy_pdf", "text"), nothing),
    }
    return Reviewed.model_validate(values)


def _walks(number: int) -> settings:
    """So many walks of twenty steps."""
    return settings(max_examples=number, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))


class _LongOffice(Office):
    """A mistake that needs export, tie and correction in one order is found behind 60 to 80 walks."""


TestOffice = Office.TestCase
TestOffice.settings = _walks(20)
TestLongOffice = pytest.mark.long(_LongOffice.TestCase)
TestLongOffice.settings = _walks(100)
