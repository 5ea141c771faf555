"""Codes of ours are given out once and never again; codes of the one-stop system are only ever taken (law L2.8)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.catalogue import Catalogue
from archive.errors import ResultCodeTaken
from archive.interface import Codes, RetiredCode
from tests.support.held_papers import held_paper, opened_catalogue

DOSSIER = "H17.12-260101-0009"


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue."""
    with opened_catalogue(tmp_path) as opened:
        yield opened


def file_of(serial: int, year: int = 2018) -> str:
    """A file code."""
    return f"H17.12.{year}.SH{serial:06d}"


def mint(catalogue: Catalogue, document: str, dossier: str | None = None, result: str | None = None) -> Codes:
    """The codes of a paper of one owner, type and number."""
    return catalogue.mint(document, prefix="P", dossier=dossier, result=result, write_file=None if dossier else file_of)


def test_codes_are_minted_once(catalogue: Catalogue) -> None:
    """A document gets the same codes at every call; no two documents share one, and none is of the one-stop system."""
    first = mint(catalogue, "a")
    assert first == mint(catalogue, "a") == Codes(digitisation="P.01", file=file_of(1))
    assert mint(catalogue, "b") == Codes(digitisation="P.02", file=file_of(2))
    assert catalogue.mint("c", prefix="Q", write_file=lambda n: file_of(n, 2019)).file == file_of(1, 2019)


def test_a_paper_of_a_dossier_has_no_file_code(catalogue: Catalogue) -> None:
    """It has the dossier's code, which others have too, and a result code only when one is stated."""
    assert mint(catalogue, "a", DOSSIER) == Codes(dossier=DOSSIER, digitisation="P.01")
    result = mint(catalogue, "b", DOSSIER, f"{DOSSIER}-KQ3")
    assert result == Codes(dossier=DOSSIER, digitisation="P.02", result=f"{DOSSIER}-KQ3")


def test_a_result_code_is_one_papers(catalogue: Catalogue) -> None:
    """The second one that states it is stopped, until a person gave it the right one or ended the first."""
    mint(catalogue, "a", DOSSIER, f"{DOSSIER}-KQ1")
    with pytest.raises(ResultCodeTaken, match="is the result code of document a"):
        mint(catalogue, "b", DOSSIER, f"{DOSSIER}-KQ1")
    assert mint(catalogue, "b", DOSSIER, f"{DOSSIER}-KQ2").digitisation == "P.02", "no number was lost on the try"
    catalogue.free_result("a")
    assert mint(catalogue, "c", DOSSIER, f"{DOSSIER}-KQ1").result == f"{DOSSIER}-KQ1"


def test_the_result_code_of_a_held_paper_stays_its_own(catalogue: Catalogue) -> None:
    """Only of papers that came to nothing it is free again."""
    codes = mint(catalogue, "a", DOSSIER, f"{DOSSIER}-KQ1")
    catalogue.add(held_paper("a", dossier=DOSSIER, digitisation_code=codes.digitisation, result_code=codes.result))
    catalogue.free_result("a")
    with pytest.raises(ResultCodeTaken):
        mint(catalogue, "b", DOSSIER, f"{DOSSIER}-KQ1")


def test_restored_codes_move_the_counters(catalogue: Catalogue) -> None:
    """A catalogue that is made anew goes on counting behind what was known, of papers that are held or not."""
    known = [mint(catalogue, name) for name in ("a", "b")]
    with catalogue.anew() as draft:
        for name, item in zip(("a", "b"), known, strict=True):
            draft.reserve(name, item, ())
    assert mint(catalogue, "a") == known[0]
    assert mint(catalogue, "c") == Codes(digitisation="P.03", file=file_of(3))


def test_a_retired_code_tells_what_came_after_and_nobody_gets_it(catalogue: Catalogue) -> None:
    """It leads to its paper, under the code that it has now, also in a catalogue that was made anew."""
    old = mint(catalogue, "a")
    paper = held_paper("a", dossier=None, digitisation_code=old.digitisation, file_code=old.file)
    catalogue.add(paper)
    new = catalogue.mint("next", prefix="Q", write_file=None).digitisation
    gone = RetiredCode(kind="digitisation", code=old.digitisation, instead=f"{new}-own", why="corrected")
    catalogue.retire(paper.model_copy(update={"digitisation_code": f"{new}-own"}), gone)
    for _ in range(2):
        assert catalogue.paper(old.digitisation) is None
        assert catalogue.retired(old.digitisation) == [("a", gone)]
        held = catalogue.paper(f"{new}-own")
        assert held is not None
        assert held.file_code == old.file
        with catalogue.anew() as draft:
            assert draft.left_out()
        catalogue.add(paper.model_copy(update={"digitisation_code": f"{new}-own"}))
    assert mint(catalogue, "b").digitisation == "P.02"
    with catalogue.anew() as draft:
        assert draft.reserve("z", Codes(digitisation="P.07"), (gone,))
    assert mint(catalogue, "c").digitisation == "P.08"
