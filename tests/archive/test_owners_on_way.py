"""The ledger knows whose the papers on their way are, whatever becomes of them, and has no number of anybody."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.interface import Arrival, StagePassage
from archive.ledger import Ledger, open_ledger
from archive.owner_keys import OwnerKeys
from archive.work.owners import no_keys
from domain.errors import SetupError
from domain.messages.told import Reason
from domain.states import UNDER_WAY

MINE, THEIRS, TYPE = "048219001275", "048219001283", "KQ.G15.000031"
KEYS, OTHER_KEYS = OwnerKeys(bytes(32)), OwnerKeys(b"1" * 32)
OWNERS = {"nobody": [], "mine": [MINE], "theirs": [THEIRS], "both": [MINE, THEIRS], "twice": [MINE, MINE]}
DONE = Reason(word="test", what="same_paper")


def record(whose: str) -> str:
    """A record that names some owners."""
    first, *others = OWNERS[whose] or [""]
    fields = {"owner_id": {"value": first}, "title": {"value": f"GIẤY {whose}"}, "owner_name": {"value": "Hà"}}
    if others:
        fields["further_owners"] = {"value": f"wife: Hà, {others[0]}"}
    description = {"type_code": TYPE, "type_confidence": 1.0, "fields": fields}
    return json.dumps({"description": description} if first else {})


def admit(ledger: Ledger, name: str) -> None:
    """Put a document in."""
    came = {"path": f"/{name}", "sha256": name, "batch_id": "b", "state": "received", "document_id": name}
    ledger.admit(Arrival.model_validate({**came, "stage": "s0", "record": "{}"}))


def change(ledger: Ledger, name: str, how: str, text: str) -> None:
    """Let something become of a document, if it can where it stands."""
    entry = ledger.entry(name)
    assert entry is not None
    if entry.state == "waiting" and how in {"pass", "done", "split", "held", "duplicate", "refused", "restart"}:
        claim = ledger.claim(name, entry.stage, 60)
        assert claim is not None
        if how == "restart":
            ledger.restart(claim, "s0", text)
        elif how in {"held", "duplicate", "refused"}:
            ledger.fail_stage(claim, "s1", how, DONE)  # type: ignore[arg-type]
        else:
            first = StagePassage(document_id=name, record=text, pages=1, state="done" if how == "done" else "waiting")
            part = StagePassage(document_id=f"{name}+", record=text, pages=1)
            is_new = how == "split" and ledger.entry(f"{name}+") is None
            ledger.pass_stage(claim, "s1", [first, part] if is_new else [first])
    elif entry.state in {"held", "refused"} and how in {"release", "discard"}:
        with (
            ledger.release(entry, text, "Lan") if how == "release" else ledger.discard(entry, "discarded", DONE, "Lan")
        ):
            pass
    elif entry.state == "held" and how == "fill":
        with ledger.keep(entry, "filled", text, DONE, "Lan"):
            pass
    elif entry.state in {"duplicate", "discarded"} and how == "rewind":
        with ledger.rewind(entry, "s0", text):
            pass


HOWS = ("pass", "done", "split", "held", "duplicate", "refused", "restart", "release", "discard", "fill", "rewind")
STEPS = st.tuples(st.sampled_from("ab"), st.sampled_from(HOWS), st.sampled_from(sorted(OWNERS)))
SECRETS: tuple[Callable[[], OwnerKeys], ...] = (lambda: KEYS, lambda: OTHER_KEYS, no_keys)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.lists(STEPS, max_size=8)), max_size=4))
def test_it_follows_every_change(runs: list[tuple[int, list[tuple[str, str, str]]]]) -> None:
    """Also those of a process that had no secret, or another one: whoever asks finds what is under way, and no more."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'ledger.sqlite'}"
        with open_ledger(url) as ledger:
            for name in "ab":
                admit(ledger, name)
        for secret, steps in runs:
            with open_ledger(url, SECRETS[secret]) as ledger:
                for name, how, text in steps:
                    change(ledger, name, how, record(text))
        with open_ledger(url, lambda: KEYS) as ledger:
            under_way = [item for item in ledger.entries() if item.state in UNDER_WAY]
            for number in (MINE, THEIRS):
                expected = {item.id for item in under_way if number in item.record}
                assert {item.entry.id for item in ledger.on_way.of([KEYS.of(number)], [TYPE])} == expected
            assert ledger.on_way.of([KEYS.of(MINE)], ["other"]) == []
            for whose in OWNERS:
                expected = {item.id for item in under_way if item.record == record(whose) != "{}"}
                found = ledger.words_on_way.having([("giay",), (whose, "no such word")], names=False)
                assert {item.id for item in found} == expected
            assert ledger.words_on_way.having([("ha",)], names=False) == []


def test_without_the_secret_nothing_is_concluded(tmp_path: Path) -> None:
    """It is told that it is gone, instead of that nothing is on its way."""
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger, pytest.raises(SetupError):
        ledger.on_way.of([KEYS.of(MINE)], [TYPE])


def test_no_number_stands_there(tmp_path: Path) -> None:
    """What is entered of an owner tells nobody his number; who is named twice in a paper stands there once."""
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", lambda: KEYS) as ledger:
        admit(ledger, "a")
        change(ledger, "a", "pass", record("twice"))
        (found,) = ledger.on_way.of([KEYS.of(MINE)], [TYPE])
        assert (found.owner_key, found.role) == (KEYS.of(MINE), "holder")
        with ledger._engine.connect() as db:
            rows = db.exec_driver_sql("SELECT * FROM on_way").all()
    assert MINE not in str(rows)
