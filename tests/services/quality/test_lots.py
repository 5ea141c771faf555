"""A lot is judged by a sample that a second person looks at; all of it is recorded, nothing is deleted."""

import json
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from archive.errors import AlreadyDecided
from archive.inspections.records import Inspection
from config.settings import Settings
from domain.errors import ExitCode, NotFound, UsageError
from pipeline.context import digest
from services.batches import status
from services.context import Services, open_services
from services.permissions import Asker
from services.quality.checking import check_paper
from services.quality.errors import SamePerson
from services.quality.opening import _hands, open_lot
from services.quality.telling import lot_list, lot_states, lot_view, lot_views
from tests.services.quality.conftest import BATCH, COUNT
from tests.support.desk import run_json
from tests.support.held_papers import OWNER
from tests.support.lots import CHECKER, DIGITISER, enter_document, someone_else

ME = someone_else()


def opened(ctx: Services) -> tuple[Inspection, list[str]]:
    """The lot, open, and the papers of its sample."""
    inspection = open_lot(ctx, ME, BATCH)
    return inspection, [paper.paper_id for paper in ctx.quality.sample(inspection)]


def told(ctx: Services, *words: str) -> list[dict[str, Any]]:
    """The events of these words; the chain is checked."""
    return [dict(item) for item in ctx.journal.events() if item["event"] in words]


def refuse_lot(ctx: Services) -> list[str]:
    """Have the lot refused by a critical defect; the sample."""
    _, sample = opened(ctx)
    check_paper(ctx, ME, sample[0], [("number_symbol", "216/2019")])
    return sample


# The sample


def test_the_lot_is_kept_with_all_that_its_sample_follows_from(lot_ctx: Services) -> None:
    """Papers, pages, digest of the list, plan, seed; and anybody can draw it again."""
    inspection, sample = opened(lot_ctx)
    assert (inspection.papers, inspection.pages, inspection.round) == (COUNT, 2 * COUNT, 1)
    assert (inspection.letter, inspection.sample, inspection.allowed, inspection.critical_allowed) == ("C", 5, 1, 0)
    ids = lot_list(lot_ctx, ME, BATCH)
    assert sorted(ids, key=lambda name: sha256((inspection.seed + name).encode()).digest())[:5] == sample
    (event,) = told(lot_ctx, "quality_opened")
    assert {name: event[name] for name in ("subject", "seed", "list_sha256", "sample", "allowed", "who", "role")} == {
        "subject": BATCH,
        "seed": inspection.seed,
        "list_sha256": inspection.list_sha256,
        "sample": 5,
        "allowed": 1,
        "who": CHECKER,
        "role": "archivist",
    }


def test_the_digest_is_that_of_the_printed_list(lot_settings: Settings, tmp_path: Path) -> None:
    """`sha256sum` of what `quality show --papers` prints."""
    with open_services(lot_settings) as ctx:
        inspection, _ = opened(ctx)
    _, lines = run_json(lot_settings, "quality", "show", BATCH, "--papers")
    (tmp_path / "list.txt").write_text("".join(f"{line['id']}\n" for line in lines))
    assert digest(tmp_path / "list.txt") == inspection.list_sha256


def test_the_page_tells_a_command_that_draws_it_again(lot_settings: Settings, tmp_path: Path) -> None:
    """With nothing of ours: a shell and sha256sum."""
    with open_services(lot_settings) as ctx:
        inspection, sample = opened(ctx)
        (tmp_path / "list.txt").write_text("".join(f"{name}\n" for name in lot_list(ctx, ME, BATCH)))
    page = (Path(__file__).parents[3] / "docs" / "quality.md").read_text(encoding="utf-8")
    command = page.partition("```sh\n")[2].partition("```")[0].replace("SEED", inspection.seed).replace("80", "5")
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == sample


def test_a_small_lot_is_looked_at_whole(lot_settings: Settings) -> None:
    """Unless the city says otherwise; then no more is allowed than the limit itself."""
    choice = lot_settings.quality.model_copy(update={"whole_up_to": 280})
    with open_services(lot_settings.model_copy(update={"quality": choice})) as ctx:
        inspection, sample = opened(ctx)
        assert (inspection.letter, inspection.sample, inspection.allowed) == ("", COUNT, 2)
        assert sorted(sample) == lot_list(ctx, ME, BATCH)
        check_paper(ctx, ME, sample[0], [("title", "Giấy khai sinh")])
        view = lot_view(ctx, ME, BATCH)
        assert (view.defective.share, view.defective.low, view.defective.high) == (1.0, None, None)


def test_only_a_closed_batch_is_a_lot(lot_ctx: Services, tmp_path: Path) -> None:
    """Not one that is unknown, open, empty, or of which a paper is under way."""
    with pytest.raises(NotFound):
        open_lot(lot_ctx, ME, "none")
    fresh = lot_ctx.ledger.open_batch("key", "b")
    with pytest.raises(UsageError, match="not closed"):
        open_lot(lot_ctx, ME, fresh)
    lot_ctx.ledger.close_batch(fresh)
    with pytest.raises(UsageError, match="no archived papers"):
        open_lot(lot_ctx, ME, fresh)
    enter_document(lot_ctx, fresh, "0123456789abcdea", done=False)
    with pytest.raises(UsageError, match="1 papers of b are under way"):
        open_lot(lot_ctx, ME, fresh)
    assert told(lot_ctx, "quality_opened") == []
    assert not list(tmp_path.rglob("minutes"))


def test_a_paper_that_is_lost_is_in_no_lot(lot_ctx: Services) -> None:
    """A lot that lacks papers which the ledger calls archived is not drawn from."""
    enter_document(lot_ctx, BATCH, "0123456789abcdea")
    with pytest.raises(UsageError, match=r"1 papers of .* are lost"):
        open_lot(lot_ctx, ME, BATCH)


def test_a_sample_is_drawn_once(lot_ctx: Services) -> None:
    """Nobody draws until he likes it: a further round needs a lot that was refused, and a reason."""
    inspection, _ = opened(lot_ctx)
    for again in (False, True):
        with pytest.raises(UsageError):
            open_lot(lot_ctx, ME, BATCH, again=again, reason="sửa xong" if again else "")
    with pytest.raises(AlreadyDecided), lot_ctx.quality.enter(inspection, []):
        pass
    assert len(told(lot_ctx, "quality_opened")) == 1


def test_a_plan_that_is_not_there_is_refused(lot_ctx: Services) -> None:
    """And nothing is kept."""
    for aql in (3, 0):
        with pytest.raises(UsageError, match="AQL"):
            open_lot(lot_ctx, ME, BATCH, aql=aql)
    with pytest.raises(UsageError, match="never opened"):
        open_lot(lot_ctx, ME, BATCH, again=True, reason="x")
    assert lot_ctx.quality.newest(BATCH) is None
    assert open_lot(lot_ctx, ME, BATCH, aql=4, level="I").sample == 3


# The second look


def test_who_had_a_paper_in_hand_does_not_check_it(lot_ctx: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not who put it in, however he writes his name; nor who confirmed it, decided about it, or signed the copy."""
    _, (first, *_) = opened(lot_ctx)
    for name in (DIGITISER, f" {DIGITISER.upper()} "):
        with pytest.raises(SamePerson):
            check_paper(lot_ctx, someone_else(name), first, [])
    records = {
        "confirmed": {"confirmed_by": "Lan"},
        "decided": {"decisions": [{"about": "paper", "who": "Lan"}, {}]},
    }
    for record in records.values():
        monkeypatch.setattr("services.quality.checking.record_of", lambda _, record=record: record)
        with pytest.raises(SamePerson):
            check_paper(lot_ctx, someone_else("Lan"), first, [])
    monkeypatch.setattr("services.quality.checking.record_of", lambda _: {"decisions": None})
    monkeypatch.setattr("services.quality.checking.copier_of", lambda _: "Lan")
    with pytest.raises(SamePerson):
        check_paper(lot_ctx, someone_else("Lan"), first, [])
    assert [item["reason"] for item in told(lot_ctx, "refused")] == ["same_person"] * 5
    assert lot_ctx.quality.count_checks() == 0
    check_paper(lot_ctx, ME, first, [])


def test_a_part_of_a_stack_came_with_the_whole() -> None:
    """Who put the stack in put its papers in."""
    assert _hands({"0123456789abcdea": {"a"}, "0123456789abcdea-2": {"b"}}, "0123456789abcdea-2") == ("a", "b")


def test_the_last_paper_settles_a_lot(lot_ctx: Services) -> None:
    """One with a defect that is not critical is allowed; it is open until the last one, which may be critical."""
    _, sample = opened(lot_ctx)
    states = []
    for number, name in enumerate(sample):
        defects = [("abstract", "Về việc khác"), ("image", "nghiêng")] if number == 2 else []
        states.append(check_paper(lot_ctx, ME, name, defects)[1].state)
    assert states == ["open"] * 4 + ["accepted"]
    (event,) = told(lot_ctx, "lot_decided")
    assert (event["state"], event["checked"], event["defective"], event["critical"]) == ("accepted", 5, 1, 0)
    assert len(told(lot_ctx, "checked")) == 5
    assert lot_states(lot_ctx) == {BATCH: "accepted"}


def test_two_papers_with_defects_are_too_many(lot_ctx: Services) -> None:
    """It is blocked as soon as that is known, and the rest may be looked at all the same."""
    _, sample = opened(lot_ctx)
    states = [check_paper(lot_ctx, ME, name, [("title", "Giấy khác")])[1].state for name in sample[:2]]
    assert states == ["open", "blocked"]
    assert check_paper(lot_ctx, ME, sample[2], [])[1].state == "blocked"
    assert [item["state"] for item in told(lot_ctx, "lot_decided")] == ["blocked"]


def test_one_critical_defect_is_too_many(lot_ctx: Services) -> None:
    """The number; the papers stay archived, and `status` tells that their lot is blocked."""
    refuse_lot(lot_ctx)
    view = lot_view(lot_ctx, ME, BATCH)
    assert (view.state, view.defective.papers, view.critical.papers) == ("blocked", 1, 1)
    assert view.kinds["number_symbol"].critical
    (row,) = status(lot_ctx, ME).batches
    assert (row.quality, row.archived) == ("blocked", COUNT)
    assert len(lot_ctx.catalogue.ids()) == COUNT


def test_a_second_check_needs_a_reason_and_counts(lot_ctx: Services) -> None:
    """Both are kept; the lot follows the newest, and each change of its state is told."""
    inspection, (first, *_) = opened(lot_ctx)
    with pytest.raises(UsageError, match="not checked before"):
        check_paper(lot_ctx, ME, first, [], reason="xem lại")
    check_paper(lot_ctx, ME, first, [("number_symbol", "")])
    with pytest.raises(UsageError, match="checked before"):
        check_paper(lot_ctx, ME, first, [])
    _, counted = check_paper(lot_ctx, someone_else("Lê Văn Soát"), first, [], reason=f"đọc nhầm {OWNER}")
    assert (counted.state, counted.checked, counted.defective) == ("open", 1, 0)
    assert [check.who for check in lot_ctx.quality.checks(inspection)] == [CHECKER, "Lê Văn Soát"]
    assert [item["state"] for item in told(lot_ctx, "lot_decided")] == ["blocked", "open"]
    view = lot_view(lot_ctx, ME, BATCH)
    assert (view.again, view.checkers) == (1, ("Lê Văn Soát",))


def test_the_same_check_given_twice_is_one(lot_ctx: Services) -> None:
    """Whoever was cut off gives his command again, and nothing is entered or told a second time."""
    inspection, (first, *_) = opened(lot_ctx)
    got = [check_paper(lot_ctx, ME, first, [("title", "Giấy khác")])[1] for _ in range(2)]
    assert got[0] == got[1]
    assert len(lot_ctx.quality.checks(inspection)) == len(told(lot_ctx, "checked")) == 1
    with pytest.raises(UsageError, match="checked before"):
        check_paper(lot_ctx, someone_else("Lê Văn Soát"), first, [("title", "Giấy khác")])


@pytest.mark.parametrize(
    ("kind", "right", "told_of"),
    [
        ("colour", "", "no field"),
        ("image", "", "empty"),
        ("issued_date", "31/02/2020", "no day"),
        ("owner_id", "123", "no personal id"),
        ("number_symbol", "215/2019", "the archive has"),
        ("type", "KQ.G15.000031", "the archive has"),
        ("dossier_code", "H17.12-260101-0001", "the archive has"),
    ],
)
def test_a_defect_that_cannot_be_is_refused(lot_ctx: Services, kind: str, right: str, told_of: str) -> None:
    """And nothing is entered."""
    _, (first, *_) = opened(lot_ctx)
    with pytest.raises(UsageError, match=told_of):
        check_paper(lot_ctx, ME, first, [(kind, right)])
    assert lot_ctx.quality.count_checks() == 0
    assert told(lot_ctx, "checked") == []


def test_identity_numbers_are_kept_nowhere(lot_ctx: Services) -> None:
    """Not in the database, nor in the journal: both what the archive has and what is right are masked."""
    inspection, (first, *_) = opened(lot_ctx)
    other = "048219001283"
    check_paper(lot_ctx, ME, first, [("owner_id", other), ("image", f"mờ số {OWNER}"), ("code", f"{other}.KQ.1")])
    (check,) = lot_ctx.quality.checks(inspection)
    assert [(item.kind, item.found, item.right) for item in check.defects] == [
        ("owner_id", "048*******75", "048*******83"),
        ("image", "", "mờ số 048*******75"),
        ("code", f"{first}.01", "048*******83.KQ.1"),
    ]
    for file in (lot_ctx.settings.home / "quality.sqlite", lot_ctx.settings.home / "quality.sqlite-wal"):
        assert not file.exists() or OWNER.encode() not in file.read_bytes()


def test_a_paper_outside_the_sample_is_not_checked(lot_ctx: Services) -> None:
    """Nor one of another agency, which is not there for an archivist, nor one that nobody holds."""
    _, sample = opened(lot_ctx)
    outside = next(name for name in lot_list(lot_ctx, ME, BATCH) if name not in sample)
    with pytest.raises(UsageError, match="in no sample"):
        check_paper(lot_ctx, ME, outside, [])
    for who, name in ((ME, "none"), (Asker(who="Mai", office="H17.13", role="archivist"), sample[0])):
        with pytest.raises(NotFound):
            check_paper(lot_ctx, who, name, [])


# Further rounds


def test_a_refused_lot_is_inspected_again(lot_ctx: Services) -> None:
    """With a reason, a new seed and a sample of its own; the former stays as it was, and its papers are in none."""
    sample = refuse_lot(lot_ctx)
    with pytest.raises(UsageError, match="empty"):
        open_lot(lot_ctx, ME, BATCH, again=True)
    second = open_lot(lot_ctx, ME, BATCH, again=True, reason="đã sửa toàn bộ lô")
    first, *_ = lot_ctx.quality.all()
    assert (second.round, second.reason, second.seed != first.seed) == (2, "đã sửa toàn bộ lô", True)
    assert second.list_sha256 == first.list_sha256
    drawn = [paper.paper_id for paper in lot_ctx.quality.sample(second)]
    for name in set(sample) - set(drawn):
        with pytest.raises(UsageError, match="in no sample"):
            check_paper(lot_ctx, ME, name, [])
    for name in drawn:
        check_paper(lot_ctx, ME, name, [])
    (view,) = lot_views(lot_ctx, ME)
    assert (view.round, view.state, view.checked) == (2, "accepted", 5)
    assert len(lot_ctx.quality.checks(first)) == 1


def test_a_round_is_remembered_by_the_journal(lot_settings: Settings) -> None:
    """Without the database nobody draws a first sample twice: the next one is a further round."""
    with open_services(lot_settings) as ctx:
        opened(ctx)
    for path in lot_settings.home.glob("quality.sqlite*"):
        path.unlink()
    with open_services(lot_settings) as ctx:
        assert lot_states(ctx) == {}
        with pytest.raises(UsageError, match="opened before"):
            open_lot(ctx, ME, BATCH)
        assert open_lot(ctx, ME, BATCH, again=True, reason="mất dữ liệu mẫu").round == 2


def test_what_comes_later_is_in_no_lot(lot_ctx: Services) -> None:
    """A paper that a person let in after the sample was drawn is told."""
    opened(lot_ctx)
    enter_document(lot_ctx, BATCH, "0123456789abcdea")
    view = lot_view(lot_ctx, ME, BATCH)
    assert (view.papers, view.later) == (COUNT, 1)


def test_a_check_that_is_cut_off_is_told_once(lot_ctx: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event stands before the change counts; made again, it is not told again."""
    _, (first, *_) = opened(lot_ctx)
    with monkeypatch.context() as patch:

        def killed(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        patch.setattr("services.quality.checking.lot_decided", killed)
        with pytest.raises(KeyboardInterrupt):
            check_paper(lot_ctx, ME, first, [("number_symbol", "1/2020")])
    assert lot_ctx.quality.count_checks() == 0
    assert len(told(lot_ctx, "checked")) == 1
    check_paper(lot_ctx, ME, first, [("number_symbol", "1/2020")])
    assert len(told(lot_ctx, "checked")) == 1
    assert len(told(lot_ctx, "lot_decided")) == 1


# The command


def test_the_commands(lot_settings: Settings) -> None:
    """Open, check, show, list and status, in the words of scripts."""
    code, (view,) = run_json(lot_settings, "quality", "open", BATCH, "--who", CHECKER)
    assert (code, view["state"], view["sample"], len(view["left"])) == (ExitCode.OK, "open", 5, 5)
    one, two, three, *_ = view["left"]
    for arguments in (("--ok", "--image", "mờ"), (), ("--defect", "title", "--defect", "title"), ("--value", "x")):
        assert run_json(lot_settings, "quality", "check", one, *arguments, "--who", CHECKER)[0] == ExitCode.USAGE
    assert run_json(lot_settings, "quality", "check", one, "--ok", "--who", DIGITISER)[0] == ExitCode.REFUSED
    code, (line,) = run_json(lot_settings, "quality", "check", one, "--ok", "--who", CHECKER)
    assert (code, line["checked"], line["state"]) == (ExitCode.OK, 1, "open")
    given = ("--defect", "title", "--value", "Giấy khai sinh", "--defect", "issuer", "--value", "UBND", "--image", "mờ")
    _, (line,) = run_json(lot_settings, "quality", "check", two, *given, "--who", CHECKER)
    assert (line["defective"], line["kinds"], line["state"]) == (1, {"title": 1, "issuer": 1, "image": 1}, "open")
    _, (line,) = run_json(lot_settings, "quality", "check", three, "--defect", "owner_id", "--who", CHECKER)
    assert line["state"] == "blocked"
    _, (listed,) = run_json(lot_settings, "quality", "list", "--who", "Mai")
    assert (listed["batch"], listed["state"], listed["checked"]) == (BATCH, "blocked", 3)
    _, (view,) = run_json(lot_settings, "quality", "show", BATCH, "--who", "Mai")
    assert {name: rate["papers"] for name, rate in view["kinds"].items()} == {
        "image": 1,
        "issuer": 1,
        "owner_id": 1,
        "title": 1,
    }
    assert run_json(lot_settings, "status")[1][0]["quality"] == "blocked"
    assert run_json(lot_settings, "quality", "show", BATCH, "--who", "a clerk")[0] == ExitCode.REFUSED
    assert json.dumps(view["seed"]) in (lot_settings.journal).read_text(encoding="utf-8")


def test_a_status_makes_no_database(made: Settings) -> None:
    """Where no sample was ever drawn."""
    assert run_json(made, "status")[0] == ExitCode.OK
    assert not (made.home / "quality.sqlite").exists()
