"""The audit journal says only what is in the closed set of events, and names no person's number."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from archive.journal import Journal
from domain import events, review_events
from domain.copies import events as of_copies
from domain.corrections import events as of_corrections
from domain.dossiers import events as of_dossiers
from domain.events import AccessRefused, ActEvent, AuditEvent, DoorEvent, FileVerified, PaperLinked, ReuseAsked
from domain.secrecy import events as of_secrecy
from tests.support.held_papers import OWNER

_ROOT = Path(__file__).parent.parent.parent
_HOMES = (
    events,
    review_events,
    of_corrections,
    of_copies,
    of_dossiers,
    of_secrecy,
)  # where events are, once these are imported
_SHARED = (ActEvent, DoorEvent)  # what several kinds have in common, and no kind by themselves
_KINDS = [kind for base in (AuditEvent, *_SHARED) for kind in base.__subclasses__() if kind not in _SHARED]
_BY = {"who": "an", "role": "desk", "office": "H17.12"}


def words(kind: type[AuditEvent]) -> tuple[str, ...]:
    """The words of one kind of event."""
    return get_args(kind.model_fields["event"].annotation)


def test_a_word_means_one_event() -> None:
    """No word stands for two kinds of events."""
    found = [word for kind in _KINDS for word in words(kind)]
    assert len(found) == len(set(found)) >= 25


@pytest.mark.parametrize("kind", _KINDS, ids=lambda kind: str(kind.__name__))
def test_an_event_is_told_and_recorded(kind: type[AuditEvent]) -> None:
    """Each kind says what it is, and something records it: the set has nothing that never happens."""
    assert kind.__dict__["__doc__"]
    assert not {"at", "before"} & set(kind.model_fields)  # of the chain: they would be lost in it
    made = re.compile(rf"\b{kind.__name__}\(")
    packages = ("services", "pipeline")
    assert any(
        made.search(path.read_text(encoding="utf-8")) for name in packages for path in (_ROOT / name).rglob("*.py")
    )


def test_what_an_act_does_says_in_which_role_and_office() -> None:
    """Whoever asked for it; what the line and the door do has no role."""
    recorded = re.compile(r"\b([A-Z]\w+)\(")
    acts = {name for path in (_ROOT / "services").rglob("*.py") for name in recorded.findall(path.read_text("utf-8"))}
    by_acts = [kind for kind in _KINDS if kind.__name__ in acts]
    assert len(by_acts) > 12
    assert all({"role", "office"} <= set(kind.model_fields) for kind in by_acts)


def test_commands_record_nothing() -> None:
    """What is done is recorded where it is done, so that no other way to it goes unrecorded."""
    for path in (_ROOT / "cli").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_recorder = isinstance(node, ast.Attribute) and node.attr == "record"
            assert not is_recorder, path


def test_what_people_bring_is_masked(tmp_path: Path) -> None:
    """Identifiers in names of files and in reasons are masked at the journal's door; ids of documents are not."""
    journal = Journal(tmp_path / "audit.jsonl")
    document = "1234567890abcdef"
    journal.record(
        FileVerified(**_BY, subject=f"cccd {OWNER}.pdf", sha256="0"),
        FileVerified(**_BY, subject=document, sha256="0"),
        PaperLinked(who="an", subject=f"{document}-2", told=f"như {OWNER}.KQ.G15.000031.1.01"),
        AccessRefused(
            who="an", subject=f"{OWNER}.KQ.1", act="show", role="desk", office="H17.12", reason="not_allowed"
        ),
    )
    assert OWNER not in (tmp_path / "audit.jsonl").read_text(encoding="utf-8")
    assert [item["subject"] for item in journal.events()][1:3] == [document, f"{document}-2"]


def test_a_name_of_other_bytes_is_recorded(tmp_path: Path) -> None:
    """A file whose name is no UTF-8 stops no journal."""
    journal = Journal(tmp_path / "audit.jsonl")
    journal.record(FileVerified(**_BY, subject="qu\udce9t.pdf", sha256="0"))
    assert [item["subject"] for item in journal.events()] == ["qu\\xe9t.pdf"]


def test_names_on_the_disk_stay(tmp_path: Path) -> None:
    """The lines keep their names, whatever the models call them."""
    journal = Journal(tmp_path / "audit.jsonl")
    asked = ReuseAsked(
        who="an",
        subject="048*******75",
        office="H17.12",
        role="desk",
        dossier="H17.12-260101-0001",
        procedure=None,
        component="KS",
        answer="not-held",
        paper=None,
    )
    journal.record(asked)
    (line,) = journal.events()
    names = "at event who subject office role dossier procedure for answer paper doubts why concerns before"
    assert (list(line), line["event"], line["for"]) == (names.split(), "asked", "KS")


def test_a_word_of_nobody_is_no_event() -> None:
    """Neither another word nor another field gets in."""
    with pytest.raises(ValidationError):
        events.FileVerified.model_validate({**_BY, "event": "looked", "subject": "x", "sha256": "0"})
    with pytest.raises(ValidationError):
        events.FileVerified.model_validate({**_BY, "subject": "x", "sha256": "0", "more": "y"})
