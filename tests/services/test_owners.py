"""A paper has owners in roles: each finds it by his own number, and none of them learns the others'."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from archive.interface import Paper
from archive.package import read_package
from config.settings import Settings, load_settings
from domain.errors import ExitCode, UsageError
from domain.roles import PaperOwner, read_owners, write_owners
from pipeline.indexing import compare_index, drain
from search.filters import Filters
from services.context import Services, open_services
from services.corrections.correcting import correct
from services.dossiers.give_back import export
from services.dossiers.take_in import take_in_dossiers
from services.permissions import Asker, NotAllowed
from services.rebuild import rebuild
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.reuse.owner_view import OwnerView, view_of_owner
from services.search import find, search
from services.secrecy.deciding import decide_withdrawn
from services.secrecy.withdrawing import withdraw
from tests.support.desk import WHY, run_json
from tests.support.former_catalogue import bring_to
from tests.support.held_papers import hold

WIFE, HUSBAND, CHILD, STRANGER = "048194003421", "048091007756", "048219001275", "048090001234"
MARRIAGE, BIRTH = "KQ.G15.000032", "KQ.G15.000031"
DOSSIER = "H17.12-261124-0001"
AN, BINH = (Asker(who=name, office="H17.12", role="archivist") for name in ("An", "Bình"))
CLERK = Asker(who="Cúc", office="H17.12", role="desk")
COUPLE: dict[str, Any] = {
    "type_code": MARRIAGE,
    "digitisation_code": f"{WIFE}.{MARRIAGE}.62/2021.01",
    "number_symbol": "62/2021",
    "owner_id": WIFE,
    "owner_name": "Nguyễn Thị Thu Hà",
    "owner_role": "wife",
    "further_owners": f"husband: Phan Văn Dũng, {HUSBAND}",
    "title": "Giấy chứng nhận kết hôn",
}


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """A store in which An and Bình are archivists."""
    settings.home.mkdir(exist_ok=True)
    (settings.home / "khoso.toml").write_text('[desk.roles]\n"An" = "archivist"\n"Bình" = "archivist"\n', "utf-8")
    with open_services(settings) as opened:
        yield opened


def asked(ctx: Services, owner: str, type_code: str = MARRIAGE) -> str:
    """What a clerk is answered about somebody."""
    (answer,) = lookup(ctx, CLERK, owner_id=owner, dossier=DOSSIER, type_code=type_code, reason=WHY)
    return answer.answer


def view(ctx: Services, owner: str) -> OwnerView:
    """What is held about somebody."""
    return view_of_owner(ctx, AN, owner, reason="yêu cầu")


def held(ctx: Services, name: str = "1") -> Paper:
    """The row of a paper."""
    paper = ctx.catalogue.paper(name)
    assert paper is not None
    return paper


def test_both_spouses_find_their_certificate(ctx: Services, tmp_path: Path) -> None:
    """Lookup, use and owner's view know each of them, and nobody else."""
    hold(ctx, tmp_path, "1", **COUPLE)
    assert [asked(ctx, owner) for owner in (WIFE, HUSBAND, STRANGER)] == ["held-and-valid"] * 2 + ["not-held"]
    asked(ctx, HUSBAND)
    use(ctx, CLERK, "1", dossier=DOSSIER, target=tmp_path / "out.pdf")
    assert [(len(view(ctx, owner).papers), len(view(ctx, owner).uses)) for owner in (HUSBAND, WIFE, STRANGER)] == [
        (1, 1), (1, 0), (0, 0)
    ]  # fmt: skip
    assert [view(ctx, owner).roles for owner in (WIFE, HUSBAND)] == [["wife"], ["husband"]]


def test_no_owner_learns_the_number_of_another(ctx: Services, tmp_path: Path) -> None:
    """The owner's view and a clerk's search mask it; the journal has none."""
    hold(ctx, tmp_path, "1", **COUPLE)
    drain(ctx)
    for owner, other in ((WIFE, HUSBAND), (HUSBAND, WIFE)):
        (line,) = (line for line in view(ctx, owner).lines() if line["what"] == "paper")
        assert owner in json.dumps(line)
        assert other not in json.dumps(line)
    (seen,) = (paper for paper, _ in search(ctx, CLERK, "62/2021", 5, filters=Filters()).papers)
    assert not {WIFE, HUSBAND} & set(seen.model_dump_json().replace('"', " ").replace(",", " ").split())
    asked(ctx, HUSBAND)
    assert not [event for event in ctx.journal.events() if HUSBAND in json.dumps(event) or WIFE in json.dumps(event)]


def test_a_desk_gets_no_list_of_papers_by_any_owners_name(ctx: Services, tmp_path: Path) -> None:
    """The husband's name finds his certificate no more than the wife's does; who may list persons finds it by both."""
    hold(ctx, tmp_path, "1", **COUPLE)
    drain(ctx)
    for name in ("Phan Văn Dũng", "Nguyễn Thị Thu Hà"):
        assert search(ctx, CLERK, name, 5, filters=Filters()).papers == ()
        assert [paper.id for paper, _ in search(ctx, AN, name, 5, filters=Filters()).papers] == ["1"]
    with pytest.raises(NotAllowed):
        search(ctx, CLERK, HUSBAND, 5, filters=Filters())
    for owner in (WIFE, HUSBAND):
        filters = Filters(owners=(ctx.owner_keys.of(owner),))
        assert [paper.id for paper, _ in find(ctx, "", 5, filters=filters).papers] == ["1"]


def test_a_parent_is_named_and_is_not_whose_certificate_it_is(ctx: Services, tmp_path: Path) -> None:
    """The birth certificate of a child is not answered as its mother's; in her owner's view it stands."""
    mother = f"mother: Nguyễn Thị Thu Hà, {WIFE}"
    hold(ctx, tmp_path, "1", owner_id=CHILD, owner_role="child", further_owners=mother)
    assert [asked(ctx, owner, BIRTH) for owner in (CHILD, WIFE)] == ["held-and-valid", "not-held"]
    assert view(ctx, WIFE).roles == ["mother"]


def test_owners_are_put_right_everywhere(ctx: Services, tmp_path: Path) -> None:
    """A second owner is entered, changed and taken off by `correct`; roles are taken by their Vietnamese names."""
    hold(ctx, tmp_path, "1", **{**COUPLE, "owner_role": None, "further_owners": None})
    drain(ctx)
    assert asked(ctx, HUSBAND) == "not-held"
    correct(ctx, AN, "1", {"further_owners": f"Chồng: Phan Văn Dũng, {HUSBAND}", "owner_role": "vợ"}, reason="sổ gốc")
    assert (held(ctx).owner_role, held(ctx).further_owners) == ("wife", f"husband: Phan Văn Dũng, {HUSBAND}")
    assert (asked(ctx, HUSBAND), asked(ctx, WIFE)) == ("held-and-valid", "held-and-valid")
    assert compare_index(ctx).all == ()
    assert rebuild(ctx, AN).differences == ()
    assert asked(ctx, HUSBAND) == "held-and-valid"
    correct(ctx, AN, "1", {"further_owners": "chồng: Phan Văn Dũng"}, reason="số đọc sai")
    assert (asked(ctx, HUSBAND), asked(ctx, WIFE)) == ("not-held", "held-and-valid")
    with pytest.raises(UsageError) as refused:
        correct(ctx, AN, "1", {"further_owners": "ông nội: Phan Văn A"}, reason="sổ gốc")
    assert "Chồng" in refused.value.advice
    assert HUSBAND not in json.dumps([dict(event) for event in ctx.journal.events()])


def test_a_paper_in_a_dossier_of_any_of_its_owners_is_given_back_under_his_number(
    ctx: Services, tmp_path: Path
) -> None:
    """The husband's dossier takes the certificate without being told that it is somebody else's."""
    fields = {"MaHoSo": DOSSIER, "MaTTHC": "1.000894", "SoGiayToChuHoSo": HUSBAND, "NgayTiepNhan": "20261124"}
    source, target = tmp_path / "in.json", tmp_path / "out.json"
    source.write_text(json.dumps([{**fields, "TrangThaiHoSo": "4"}]), encoding="utf-8")
    take_in_dossiers(ctx, AN, source)
    hold(ctx, tmp_path, "1", **COUPLE, dossier=DOSSIER, result_code=f"{DOSSIER}-KQ1")
    assert export(ctx, AN, target, results=True).left_out == ()
    assert [item["MaChuGiayTo"] for item in json.loads(target.read_text("utf-8"))] == [HUSBAND]


def test_an_older_store_opens_and_knows_its_papers(settings: Settings, tmp_path: Path) -> None:
    """Papers of a release that knew one owner are found by him, and can be given a second one."""
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "1", **{**COUPLE, "owner_role": None, "further_owners": None})
        drain(ctx)
    file = settings.home / "catalogue.sqlite"
    file.rename(file.with_name("now.sqlite"))
    bring_to(settings.catalogue_url, "catalogue_0007")
    with sqlite3.connect(file) as db:
        db.execute("ATTACH ? AS now", (str(file.with_name("now.sqlite")),))
        tables = [row[0] for row in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table.startswith(("sqlite_", "catalogue_version")):
                continue
            columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
            db.execute(f"DELETE FROM main.{table}")  # noqa: S608
            db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}")  # noqa: S608
    db.close()
    with open_services(settings) as ctx:
        assert (asked(ctx, WIFE), asked(ctx, HUSBAND)) == ("held-and-valid", "not-held")
        correct(ctx, AN, "1", {"further_owners": f"husband: Phan Văn Dũng, {HUSBAND}"}, reason="sổ gốc")
        assert asked(ctx, HUSBAND) == "held-and-valid"


def test_the_owner_is_shown_in_words(ctx: Services, tmp_path: Path) -> None:
    """`owner --json` tells the role by its code, and `show` masks the numbers of further owners."""
    hold(ctx, tmp_path, "1", **COUPLE)
    code, lines = run_json(ctx.settings, "owner", HUSBAND, "--reason", "đơn", "--who", "An")
    assert (code, [line["role"] for line in lines if line["what"] == "paper"]) == (ExitCode.OK, ["husband"])


ROLES = ("wife", "husband", "child", "mother", "deceased", "co_owner", "holder")
NUMBERS = (WIFE, HUSBAND, CHILD, STRANGER, "201234567", "0100109106-001")
NAMES = st.sampled_from(["Phan Văn Dũng", "Lê Thị Ổn", "Đặng Văn Ất"])


@st.composite
def owners(draw: st.DrawFn) -> tuple[PaperOwner, ...]:
    """Some owners with different numbers, of whom one that has a name may have none."""
    numbers = draw(st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=4, unique=True))
    made = []
    for number in numbers:
        known, name = draw(st.booleans()), draw(NAMES)
        role = draw(st.sampled_from(ROLES))
        made.append(PaperOwner(role=role, name=name, number=number if known else None))
    return tuple(made)


@given(owners())
def test_a_line_of_owners_is_read_as_it_was_written(made: tuple[PaperOwner, ...]) -> None:
    """What is written of owners is read again, whoever they are."""
    assert read_owners(write_owners(made)) == made


STEPS = ("rebuild", "correct", "change the role", "withdraw", "export", "lose the catalogue")


@rules(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(owners(), min_size=2, max_size=2), steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=4))
def test_owners_and_roles_survive(
    made: list[tuple[PaperOwner, ...]], steps: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever is done with a paper, and in which order, all that tells of it names the same owners in the same roles.

    That is the vault, the catalogue, the index, the look-up by each number and the view of each owner.
    """
    folder = tmp_path_factory.mktemp("owners")
    settings = load_settings(folder / "home")
    settings.home.mkdir()
    (settings.home / "khoso.toml").write_text('[desk.roles]\n"An" = "archivist"\n"Bình" = "archivist"\n', "utf-8")
    with open_services(settings) as ctx:
        first, *rest = made[0]
        number = first.number or STRANGER
        further = [item for item in rest if item.number != number]
        hold(ctx, folder, "1", **{
            **COUPLE, "owner_id": number, "owner_name": first.name, "owner_role": first.role,
            "further_owners": write_owners(further) or None, "dossier": None,
        })  # fmt: skip
        role = first.role
        for step in steps:
            role, further = _done(ctx, step, PaperOwner(role=role, number=number), further, made[1], folder)
            paper = held(ctx)
            assert paper == read_package(ctx.vault.get("urn:khoso:1")).paper
            assert (paper.owner_role, paper.others) == (role, tuple(further))
            mine = {number: role} | {item.number: item.role for item in further if item.number}
            drain(ctx)
            for owner in NUMBERS:
                key, roles = ctx.owner_keys.of(owner), [mine[owner]] if owner in mine else []
                assert view(ctx, owner).roles == roles
                assert [item.role for item in ctx.catalogue.held(key, (MARRIAGE,))] == roles
                assert len(find(ctx, "", 5, filters=Filters(owners=(key,))).papers) == len(roles)


def _done(
    ctx: Services, step: str, own: PaperOwner, further: list[PaperOwner], others: tuple[PaperOwner, ...], folder: Path
) -> tuple[str, list[PaperOwner]]:
    """Do something with the paper; the role of its owner and the further owners that it has afterwards."""
    role = own.role
    if step == "rebuild":
        assert rebuild(ctx, AN).differences == ()
    elif step == "lose the catalogue":
        with ctx.catalogue.anew():
            pass
        rebuild(ctx, AN)
    elif step == "correct":
        further = [item for item in others if item.number != own.number] or further  # of a couple one is not taken off
        correct(ctx, AN, "1", {"further_owners": write_owners(further)}, reason="sổ gốc")
    elif step == "change the role":
        role = ROLES[(ROLES.index(role) + 1) % len(ROLES)]
        correct(ctx, AN, "1", {"owner_role": role}, reason="sổ gốc")
    elif step == "withdraw":
        withdraw(ctx, AN, "1", "dấu mật")
        assert all(view(ctx, owner).roles == [] for owner in NUMBERS)
        for who in (AN, BINH):
            decide_withdrawn(ctx, who, "1", "not_secret", "không mật")
    else:
        target = folder / "export.json"
        target.unlink(missing_ok=True)
        export(ctx, AN, target)
    return role, further
