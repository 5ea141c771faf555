"""What the architecture page says is there."""

import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
_FILE = re.compile(r"`([\w/]+\.(?:po|py|md|yaml|toml))`")


def _is_there(name: str) -> bool:
    """A path in the repository; the name of a test stands for wherever the test is."""
    return (_ROOT / name).is_file() or ("/" not in name and any((_ROOT / "tests").rglob(name)))


def test_every_file_that_the_page_names_exists() -> None:
    """Nobody is sent to a file that was moved."""
    named = set(_FILE.findall(_PAGE))
    assert len(named) > 30
    assert [name for name in sorted(named) if not _is_there(name)] == []


def test_thirteen_questions_are_answered_by_a_file() -> None:
    """The first file that an answer names is the one to open."""
    table = _PAGE.partition("## A newcomer's questions")[2].partition("## Recipes")[0]
    answers = [line.split("|")[2].strip() for line in table.splitlines() if line.startswith("| ") and "?" in line]
    assert len(answers) == 13
    assert [answer for answer in answers if not _FILE.match(answer)] == []


def test_a_stage_takes_of_the_context_what_is_its_business() -> None:
    """Keys of owners are no stage's; who signs, archives, or tells the journal and the ledger is named here.

    So is what stages call for it: whether a paper is here already, which one it takes the place of, and whose a dossier
    is.
    """
    taken: dict[str, set[str]] = {}
    pipeline = _ROOT / "pipeline"
    of_the_line = {"context", "embedded", "flow", "indexing", "intake", "manifest", "runner"}
    paths = [path for path in pipeline.glob("*.py") if path.stem not in of_the_line]
    paths += [path for folder in pipeline.iterdir() if folder.is_dir() for path in folder.rglob("*.py")]
    for path in paths:
        for name in re.findall(r"\bctx\.(\w+(?:\.(?<=catalogue\.)\w+)?)", path.read_text(encoding="utf-8")):
            taken.setdefault(name, set()).add(path.stem)
    files = {"catalogues", "file", "folder", "scan", "settings", "take", "unlocked", "write"}
    assert {name: stages for name, stages in taken.items() if name not in files} == {
        "catalogue.mint": {"coding"},
        "catalogue.paper": {"archive", "duplicates", "growth", "rescans", "standing"},
        "catalogue.alike": {"duplicates"},
        "catalogue.add": {"archive"},
        "catalogue.change_standing": {"standing"},
        "catalogue.free_result": {"rescans"},
        "catalogue.outbox": {"index"},
        "catalogue.withdrawn": {"duplicates", "growth"},
        "dossier_persons": {"describe"},
        "journal": {"archive", "rescans", "standing"},
        "ledger": {"archive", "duplicates", "growth", "prepare", "rescans"},
        "keyring": {"hands", "keys", "officers"},
        "signers": {"hands", "keys"},
        "vault": {"archive", "duplicates", "growth", "standing"},
    }


def test_the_layers_of_the_page_are_those_of_the_lint() -> None:
    """In the same order."""
    drawn = re.search(r"^    run_pipeline > (.+)$", _PAGE, re.MULTILINE)
    contract = re.search(r"^layers = \[(\"cli\".+)\]$", (_ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert drawn is not None
    assert contract is not None
    assert re.findall(r"\w+", drawn[1]) == re.findall(r"\w+", contract[1])
