"""Who gets a certified copy, for which dossiers one is made, and what is told where the vault lost one."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from archive.errors import VaultDamaged
from config.settings import Settings, load_settings
from domain.clock import today
from domain.errors import ExitCode, KhosoError, UsageError
from services.certifying.certifying import certify_paper
from services.certifying.register import certified_book, certified_books, write_certified_book
from services.context import Services, open_services
from services.dossiers.take_in import take_in_dossiers
from services.health.check import check_installation
from services.permissions import Asker, NotAllowed, user_of_the_machine
from services.rebuild import rebuild
from services.reuse.asking import lookup
from services.reuse.purpose import PurposeDoubtful
from services.secrecy.withdrawing import withdraw
from tests.support.certifying import DOSSIER, LAN, clerk
from tests.support.desk import WHY, given, run_json
from tests.support.held_papers import OTHER_OWNER, OWNER

PROCEDURE = "1.000894"
ARCHIVIST = Asker(who="bình", office="H17.12", role="archivist")


def only_id(ctx: Services) -> str:
    """The id of the paper of the store."""
    return next(iter(ctx.catalogue.all())).id


def imported(ctx: Services, folder: Path, owner: str = OWNER, code: str = DOSSIER, **fields: Any) -> str:
    """Enter a dossier of the one-stop system."""
    known = {"MaHoSo": code, "MaTTHC": PROCEDURE, "SoGiayToChuHoSo": owner, "NgayTiepNhan": "20261124"}
    file = folder / f"{code}.json"
    file.write_text(json.dumps([{**known, **fields}]), encoding="utf-8")
    take_in_dossiers(ctx, clerk("an", code.partition("-")[0]), file)
    return code


def certify(ctx: Services, target: Path, by: Asker | None = None, **wanted: str) -> int:
    """The number under which the paper is certified."""
    asked = {"dossier": DOSSIER, **wanted}
    return certify_paper(ctx, by or clerk(), only_id(ctx), target=target, **asked).number


def refusal(ctx: Services, target: Path, by: Asker | None = None, **wanted: str) -> KhosoError:
    """Why nothing is handed out."""
    with pytest.raises(KhosoError) as caught:
        certify(ctx, target, by, **wanted)
    assert not target.exists()
    return caught.value


def told(ctx: Services, word: str) -> list[dict[str, Any]]:
    """The events of a kind."""
    return [dict(item) for item in ctx.journal.events() if item["event"] == word]


def test_what_was_certified_is_handed_out_to_certifiers_alone(desk: Services, tmp_path: Path) -> None:
    """Whoever at the desk certifies nothing gets no copy that was made, and that he asked is recorded."""
    imported(desk, tmp_path)
    certify(desk, tmp_path / "a.pdf")
    for who in ("desk2", "tuan"):
        error = refusal(desk, tmp_path / "b.pdf", clerk(who))
        assert (type(error), error.remedy) == (NotAllowed, "ask_certifier")
        last = told(desk, "refused")[-1]
        assert (last["who"], last["act"], last["reason"], last["dossier"]) == (who, "certify", "no_certifier", DOSSIER)
    assert len(told(desk, "certified_given")) == 1
    assert certify(desk, tmp_path / "b.pdf", clerk("hoa")) == 1
    assert len(told(desk, "certified_given")) == 2


def test_at_a_desk_the_book_is_the_certifiers(desk: Services, tmp_path: Path) -> None:
    """Who certifies nothing there neither lists it nor writes it out; an archivist does."""
    imported(desk, tmp_path)
    certify(desk, tmp_path / "a.pdf")
    for by in (clerk("desk2"), clerk("hoa", "H17.13")):
        for ask in (certified_book, certified_books):
            with pytest.raises(NotAllowed):
                ask(desk, by)
        with pytest.raises(NotAllowed):
            write_certified_book(desk, by, tmp_path / "book.csv")
    assert not (tmp_path / "book.csv").exists()
    assert [item.number for item in certified_book(desk, clerk("hoa"))] == [1]
    assert [item.number for item in certified_book(desk, ARCHIVIST)] == [1]


def test_the_dossier_of_the_owner_needs_no_reason(desk: Services, tmp_path: Path) -> None:
    """Nothing is doubted of it, and nothing recorded as doubted."""
    imported(desk, tmp_path)
    certify(desk, tmp_path / "a.pdf")
    assert [(item["doubts"], item["why"]) for item in (*told(desk, "certified"), *told(desk, "certified_given"))] == [
        ("", "")
    ] * 2


@pytest.mark.parametrize("word", ["unknown", "foreign", "other_owner", "component"])
def test_a_doubtful_purpose_needs_a_reason(desk: Services, tmp_path: Path, word: str) -> None:
    """An unknown dossier, another agency's, another owner's, and a component that no procedure has."""
    dossier, component = DOSSIER, ""
    if word == "foreign":
        dossier = imported(desk, tmp_path, code="H17.13-261130-0001")
    elif word == "other_owner":
        imported(desk, tmp_path, OTHER_OWNER)
    elif word == "component":
        imported(desk, tmp_path)
        component = "BỊA.01"
    doubt = "unknown" if word == "foreign" else word
    error = refusal(desk, tmp_path / "a.pdf", dossier=dossier, component=component)
    assert (type(error), error.remedy) == (PurposeDoubtful, "certify_needs_reason")
    assert told(desk, "refused")[-1]["reason"] == f"purpose_{doubt}"
    assert desk.desk.books.entries("certified_copy") == []
    why = f"đơn của {OWNER}"
    assert certify(desk, tmp_path / "a.pdf", dossier=dossier, component=component, reason=why) == 1
    for event in (*told(desk, "certified"), *told(desk, "certified_given")):
        assert event["doubts"] == doubt
        assert event["why"].startswith("đơn của")
        assert OWNER not in event["why"]
    assert refusal(desk, tmp_path / "b.pdf", dossier=dossier, component=component).remedy == "certify_needs_reason"


def test_a_dossier_that_is_over_is_refused_whatever_the_reason(desk: Services, tmp_path: Path) -> None:
    """By the rule of the settings, as for a look-up; also what was certified before is not handed out for it."""
    imported(desk, tmp_path)
    certify(desk, tmp_path / "a.pdf")
    imported(desk, tmp_path, NgayKetThucXuLy=f"{today():%Y%m%d}")
    error = refusal(desk, tmp_path / "b.pdf", reason=WHY)
    assert (type(error), error.remedy) == (PurposeDoubtful, "purpose_refused")


def test_a_component_of_the_dossier_needs_no_reason(desk: Services, tmp_path: Path) -> None:
    """One of its procedure, one that was handed in with it; where no list has the procedure, a known type."""
    own = desk.catalogues.procedure(PROCEDURE, today()).components[0].code
    imported(desk, tmp_path, TaiLieuNop=[{"MaThanhPhanHoSo": "RIÊNG 7", "TenThanhPhanHoSo": "Giấy"}])
    other = imported(desk, tmp_path, code="H17.12-261130-0008", MaTTHC="9.999999")
    assert certify(desk, tmp_path / "a.pdf", component=own) == 1
    assert certify(desk, tmp_path / "b.pdf", component="RIÊNG  7") == 1
    assert certify(desk, tmp_path / "c.pdf", dossier=other, component="KQ.G15.000037") == 2
    assert refusal(desk, tmp_path / "d.pdf", dossier=other, component="BỊA.01").remedy == "certify_needs_reason"


def test_a_vault_of_yesterday_gives_no_second_number(home: Path, tmp_path: Path) -> None:
    """Number and remedy are told, by doctor, too, and after a rebuild; in the restored vault the copy is there."""
    yesterday, today_ = tmp_path / "yesterday", tmp_path / "today"
    settings = load_settings(home, {})
    with open_services(settings) as ctx:
        imported(ctx, tmp_path)
        shutil.copytree(settings.vault, yesterday)
        assert certify(ctx, tmp_path / "a.pdf") == 1
    assert rows(home) == []
    shutil.copytree(settings.vault, today_)
    _put_back(settings.vault, yesterday)
    for is_rebuilt in (False, True):
        if is_rebuilt:
            make_anew(settings)
        with open_services(settings) as ctx:
            error = refusal(ctx, tmp_path / "b.pdf")
            assert (type(error), error.remedy, error.params["number"]) == (VaultDamaged, "restore_certified", 1)
            assert [item.number for item in certified_book(ctx, ARCHIVIST)] == [1]
        (row,) = rows(home)
        assert "no. 1 of" in row
    _put_back(settings.vault, today_)
    make_anew(settings)
    assert rows(home) == []
    with open_services(settings) as ctx:
        assert certify(ctx, tmp_path / "b.pdf") == 1
        assert (tmp_path / "b.pdf").read_bytes() == (tmp_path / "a.pdf").read_bytes()


def test_doctor_misses_no_copy_of_a_withdrawn_paper(home: Path, tmp_path: Path) -> None:
    """Its copies go with it."""
    settings = load_settings(home, {})
    with open_services(settings) as ctx:
        imported(ctx, tmp_path)
        certify(ctx, tmp_path / "a.pdf")
        withdraw(ctx, ARCHIVIST, only_id(ctx), "có dấu mật")
        shutil.rmtree(ctx.vault.path(f"urn:khoso:{ctx.catalogue.withdrawn.all()[0].id}"))
    assert rows(home) == []


def make_anew(settings: Settings) -> None:
    """Make the catalogue anew from the vault."""
    with open_services(settings, rebuilding=True) as ctx:
        rebuild(ctx, user_of_the_machine(settings))


def rows(home: Path) -> list[str]:
    """What doctor tells of certified copies."""
    return [item.detail for item in check_installation(load_settings(home, {})) if item.name == "certified copies"]


def _put_back(vault: Path, copy: Path) -> None:
    shutil.rmtree(vault)
    shutil.copytree(copy, vault)


@pytest.mark.parametrize("role", ["archivist", "operator", "auditor"])
def test_who_may_not_is_told_who_certifies(desk: Services, tmp_path: Path, role: Any) -> None:
    """By name; where nobody does, how an officer is entered: an archivist is of no help."""
    for office, remedy in (("H17.12", "ask_certifier"), ("H17.13", "ask_certifier")):
        error = refusal(desk, tmp_path / "a.pdf", Asker(who="kho", office=office, role=role))
        assert (type(error), error.remedy) == (NotAllowed, remedy)
        assert f"{LAN} (--who lan)" in error.advice
    changed = desk.settings.signing.model_copy(update={"officers": ()})
    desk.settings = desk.settings.model_copy(update={"signing": changed})
    assert refusal(desk, tmp_path / "a.pdf", ARCHIVIST).remedy == "enter_certifier"


@pytest.mark.parametrize("typed", ["h17.12-261130-0007", " H17.12 - 261130 – 0007 ", "\u200bH17.12‑261130‑0007"])
def test_a_dossier_is_understood_as_it_is_typed(desk: Services, tmp_path: Path, typed: str) -> None:
    """In small letters, with blanks, with other dashes: it is the same dossier, with the same copy."""
    imported(desk, tmp_path)
    assert certify(desk, tmp_path / "a.pdf") == 1
    assert certify(desk, tmp_path / "b.pdf", dossier=typed) == 1
    (entry,) = certified_book(desk, ARCHIVIST)
    assert entry.dossier == DOSSIER
    answers = lookup(desk, clerk("an"), owner_id=OWNER, dossier=typed, type_code="KQ.G15.000031")
    assert [item.answer for item in answers] == ["not-held"]


@pytest.mark.parametrize(("typed", "what"), [("", "certify_no_dossier"), ("12", "certify_dossier_odd")])
def test_what_is_wrong_of_a_dossier_is_told_as_that(desk: Services, tmp_path: Path, typed: str, what: str) -> None:
    """That none is named, or that what is named is none; not that a purpose is missing."""
    error = refusal(desk, tmp_path / "a.pdf", dossier=typed)
    assert (type(error), error.what, error.remedy) == (UsageError, what, "give_dossier_of_certifying")
    assert "purpose" not in error.explain()


@pytest.mark.parametrize("day", ["31/11/2026", "2026-02-30", "0/1/2026"])
def test_a_day_that_no_calendar_has_is_told_as_that(home: Path, day: str) -> None:
    """It is written as days are: what is wrong is the day itself; of another word the form is told."""
    settings = load_settings(home, {})
    assert said(settings, day) == (ExitCode.USAGE, True)
    assert said(settings, "hôm qua") == (ExitCode.USAGE, False)
    assert run_json(settings, "certified", "--since", "30/11/2026")[0] == ExitCode.OK


def said(settings: Settings, day: str) -> tuple[int, bool]:
    """The exit code, and whether the calendar is named."""
    done = given(settings, "certified", "--since", day)
    return done.exit_code, "calendar" in done.output
