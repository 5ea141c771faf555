"""How a clerk takes a paper that was answered: by the number of the answer, or by the beginning of its id."""

from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as some

from config.settings import Settings
from domain.errors import ExitCode, NotFound, UsageError
from services.context import Services
from services.permissions import Asker, NotAllowed
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.reuse.references import short_ids
from tests.support.desk import WHY, given, run_json
from tests.support.held_papers import OTHER_OWNER, OWNER, hold

DOSSIER, SECOND = "H17.12-261124-0001", "H17.12-261124-0002"
CLERK = Asker(who="an", office="H17.12", role="desk")
BIRTH, SINGLE = "KQ.G15.000031", "KQ.G15.000038"
MINE, PART, HERS = "0123456789abcdef-1", "0123456789abcdef-2", "fedcba9876543210"


@pytest.fixture
def desk(ctx: Services, tmp_path: Path) -> Services:
    """Two papers of the owner from one scan, and one of somebody else."""
    hold(ctx, tmp_path, MINE)
    hold(ctx, tmp_path, PART, type_code=SINGLE)
    hold(ctx, tmp_path, HERS, owner_id=OTHER_OWNER)
    return ctx


def ask(
    ctx: Services, dossier: str = DOSSIER, owner_id: str = OWNER, type_code: str = BIRTH, by: Asker = CLERK
) -> None:
    """Look one type up."""
    lookup(ctx, by, owner_id=owner_id, dossier=dossier, type_code=type_code, reason=WHY)


def taken(ctx: Services, code: str, folder: Path, dossier: str = DOSSIER, by: Asker = CLERK) -> str:
    """The paper that is handed over."""
    target = folder / "out.pdf"
    target.unlink(missing_ok=True)
    return use(ctx, by, code, dossier=dossier, target=target).id


def test_a_number_is_that_of_the_last_look_up_for_the_dossier(desk: Services, tmp_path: Path) -> None:
    """Neither of an earlier one, nor of one for another dossier, nor of another officer or office."""
    ask(desk)
    ask(desk, SECOND, OTHER_OWNER)
    assert (taken(desk, "1", tmp_path), taken(desk, "1", tmp_path, SECOND)) == (MINE, HERS)
    ask(desk, type_code=SINGLE)
    assert taken(desk, "1", tmp_path) == PART
    for by in (CLERK.model_copy(update={"who": "chi"}), CLERK.model_copy(update={"office": "H17.13"})):
        with pytest.raises(NotFound):
            taken(desk, "1", tmp_path, by=by)
    with pytest.raises(NotFound):
        taken(desk, "2", tmp_path)


def test_each_answer_has_its_number(desk: Services, tmp_path: Path) -> None:
    """In the order in which they are told; where nothing is held, nothing is taken."""
    answers = lookup(desk, CLERK, owner_id=OWNER, dossier=DOSSIER, procedure="1.000894", reason=WHY)
    got: dict[int, str] = {}
    for number, answer in enumerate(answers, start=1):
        if answer.paper is None:
            with pytest.raises(NotFound, match="number"):
                taken(desk, str(number), tmp_path)
        else:
            got[number] = taken(desk, str(number), tmp_path)
    assert got == {number: answer.paper.id for number, answer in enumerate(answers, start=1) if answer.paper}
    assert got


def test_a_number_is_forgotten(desk: Services, tmp_path: Path) -> None:
    """It counts as long as an answer lets a paper be used."""
    ask(desk)
    changed = desk.settings.desk.model_copy(update={"ask_before_s": -1})
    desk.settings = desk.settings.model_copy(update={"desk": changed})
    with pytest.raises(NotFound):
        taken(desk, "1", tmp_path)


def test_the_beginning_of_an_id_is_enough(desk: Services, tmp_path: Path) -> None:
    """Where it means one of the papers that were answered; the whole id means itself."""
    ask(desk)
    assert taken(desk, MINE[:8], tmp_path) == MINE
    ask(desk, type_code=SINGLE)
    with pytest.raises(UsageError) as caught:
        taken(desk, MINE[:12], tmp_path)
    assert "number" in caught.value.advice
    assert taken(desk, PART, tmp_path) == PART


def test_nobody_finds_a_paper_by_trying(desk: Services, tmp_path: Path) -> None:
    """A beginning that was not answered is told as an id that nobody has; a shorter one is no reference."""
    ask(desk)
    said = []
    for code in (HERS[:8], "f" * 8, HERS, "f" * 16, MINE[:7]):
        with pytest.raises(NotAllowed) as caught:
            taken(desk, code, tmp_path)
        said.append(caught.value.explain())
    assert len(set(said)) == 1


@drawn(some.lists(some.text("01-", min_size=8, max_size=12), unique=True))
def test_what_is_shown_of_ids_means_one_of_them(ids: list[str]) -> None:
    """Each is shown by a beginning of eight letters or whole, and no two alike."""
    shown = short_ids(ids)
    assert len(set(shown)) == len(ids)
    assert all(name in {short, whole} and whole.startswith(short) for name, short, whole in _named(ids, shown))


def _named(ids: list[str], shown: list[str]) -> list[tuple[str, str, str]]:
    return [(name, whole[:8], whole) for name, whole in zip(shown, ids, strict=True)]


def test_the_command_shows_numbers_and_takes_them(settings: Settings, desk: Services, tmp_path: Path) -> None:
    """What a clerk reads is what he types: no masked code stands there."""
    target = tmp_path / "giấy.pdf"
    asked = ("--owner", OWNER, "--dossier", DOSSIER, "--type", BIRTH, "--reason", WHY, "--who", "an")
    code, (line,) = run_json(settings, "lookup", *asked)
    assert (code, line["reference"], line["id"]) == (ExitCode.OK, 1, MINE)
    used = given(settings, "use", "1", "--dossier", DOSSIER, "--out", str(target), "--who", "an")
    assert (used.exit_code, target.read_text(encoding="utf-8")) == (ExitCode.OK, MINE)
    assert desk.desk.uses_for(DOSSIER)[0].paper_id == MINE
