"""What the neighbours of words bring to recognition: words found, right, made better and worse, part by part.

    python -m benchmarks.context --scans DIR [--mode fast|accurate|both] [--only GLOB] [--most N]

* Each one-page scan that should be accepted is read once in each mode; what the readers made of it is kept, and each
  part is tried on that alone.  Words are compared as a multiset without punctuation at their ends
  (``benchmarks.scoring``); *better* and *worse* are words more and fewer than before, page by page.
* *Tones*: of the printed words with a circumflex vowel and a tone one in ten loses the tone, in the text of ``DIR``;
  how many come back by the model alone, and how many of the other words are changed.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final, Literal
from unicodedata import normalize
from unittest.mock import patch

from benchmarks.recognition import make_input
from benchmarks.scanset import Scan, read_scan_set
from benchmarks.scoring import Score, score_words, words
from benchmarks.stages import NO_PAUSE
from benchmarks.tables import Row, render
from config.settings import RecognitionSettings, load_settings
from pipeline.recognition import page as reading
from pipeline.recognition.context.lattice import Look, Sightings, in_context
from pipeline.recognition.context.model import language_model
from pipeline.recognition.context.repairs import repair
from pipeline.recognition.context.syllables import Syllables, counted_syllables, known_syllables
from pipeline.recognition.tesseract import ReadToken
from pipeline.scans.raster import open_pages
from services.context import open_services

Mode = Literal["fast", "accurate"]
_TONES: Final = "\u0300\u0301\u0303\u0309\u0323"
_CIRCUMFLEX: Final = "\u0302"
_DROPPED: Final = 0.1


@dataclass
class Part:
    """What one way to settle words made of the pages."""

    score: Score = field(default_factory=Score)
    better: int = 0
    worse: int = 0


@dataclass(frozen=True)
class Page:
    """What the readers made of a page, and what stands there."""

    scan: Scan
    evidence: Sightings
    look: Look | None
    faded: frozenset[int]


Way = Callable[[Page], Sequence[ReadToken]]


def _by_model(page: Page) -> Sequence[ReadToken]:
    alone = page.evidence._replace(seen={})
    return in_context(alone, language_model(), known_syllables(), None, page.faded)[0]


def _with(syllables: Callable[[], Syllables]) -> Way:
    return lambda page: in_context(page.evidence, language_model(), syllables(), page.look, page.faded)[0]


def _repaired(page: Page) -> Sequence[ReadToken]:
    model, known = language_model(), known_syllables()
    return repair(*in_context(page.evidence, model, known, page.look, page.faded), (), model, known)[0]


WAYS: Final[dict[str, Way]] = {
    "first reader": lambda page: page.evidence.first,
    "readers, settled": lambda page: page.evidence.words,
    "+ language model alone": _by_model,
    "+ lattice": _with(known_syllables),
    "+ lattice and repairs": _repaired,
    "+ lattice, without hunspell-vi": _with(lambda: Syllables(counted_syllables())),
}


def read_evidence(scan: Scan, pdf: Path, mode: Mode) -> Page:
    """Read the one page of a file as khoso does, and keep what its neighbours are asked about."""
    kept: list[Page] = []

    def keep(
        evidence: Sightings, model: object, syllables: object, look: Look | None, faded: Iterable[int]
    ) -> tuple[Sequence[ReadToken], Sequence[object]]:
        del model, syllables
        kept.append(Page(scan, evidence, look, frozenset(faded)))
        return evidence.words, evidence.settled

    with patch.object(reading, "in_context", keep), open_pages(pdf) as pages:
        reading.read_page(pages, 0, RecognitionSettings(mode=mode))
    return kept[-1]


def judge(pages: Iterable[Page], way: Way) -> Part:
    """Compare what one way makes of the pages with the truth, and with what the readers had settled."""
    part = Part()
    for page in pages:
        printed, forgiven = page.scan.printed, page.scan.forgiven
        text, before = (" ".join(word.text for word in found) for found in (way(page), page.evidence.words))
        part.score += score_words(printed, forgiven, text)
        wanted = words(printed)
        now, then = wanted & words([text]), wanted & words([before])
        part.better += (now - then).total()
        part.worse += (then - now).total()
    return part


def row(mode: Mode, name: str, part: Part) -> Row:
    """One line of the table."""
    return {
        "mode": mode,
        "way": name,
        "found": _percent(part.score.recall),
        "right": _percent(part.score.precision),
        "better": part.better,
        "worse": part.worse,
    }


def restore_tones(lines: Iterable[str], seed: int = 25) -> tuple[Score, Score]:
    """Drop tones of circumflex vowels at random: how many came back of them, and how many other words stayed."""
    chance = Random(seed)  # noqa: S311 (no secret)
    printed = [(word, number) for number, line in enumerate(lines) for word in line.split()]
    read = [(_flat(word) if chance.random() < _DROPPED else word, number) for word, number in printed]
    tokens = [ReadToken(word, (0, 0, 1, 1), 0.9, number) for word, number in read]
    found, _ = in_context(Sightings(tokens, tokens), language_model(), known_syllables(), None)
    lost, kept = Score(), Score()
    for (true, _), (given, _), now in zip(printed, read, found, strict=True):
        if given != true:
            lost += Score(int(now.text == true), int(now.text != given), 1)
        else:
            kept += Score(int(now.text == true), 1, 1)
    return lost, kept


def _flat(word: str) -> str:
    """A word whose circumflex vowel has lost its tone."""
    letters = normalize("NFD", word)
    if _CIRCUMFLEX not in letters:
        return word
    return normalize("NFC", "".join(sign for sign in letters if sign not in _TONES))


def _percent(share: float | None) -> str:
    return "n/a" if share is None else f"{100 * share:.2f} %"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="benchmarks.context", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scans", type=Path, required=True, help="a folder with scans and their truth.json")
    parser.add_argument("--mode", choices=("fast", "accurate", "both"), default="both")
    parser.add_argument("--only", default="*", metavar="GLOB", help="files of this name")
    parser.add_argument("--most", type=int, metavar="N", help="no more than so many pages")
    chosen = parser.parse_args()
    scans = read_scan_set(chosen.scans, chosen.only)
    lost, kept = restore_tones(line for scan in scans for line in scan.printed)
    modes: tuple[Mode, ...] = ("fast", "accurate") if chosen.mode == "both" else (chosen.mode,)
    singles = [scan for scan in scans if scan.is_single and len(scan.pages) == 1][: chosen.most]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as home, open_services(load_settings(Path(home), NO_PAUSE)) as ctx:
        made = [(scan, make_input(chosen.scans / scan.file, ctx)) for scan in singles]
        pdfs = [(scan, one.pdfs[0]) for scan, one in made if len(one.pdfs) == 1]
        for mode in modes:
            pages = [read_evidence(scan, pdf, mode) for scan, pdf in pdfs]
            rows += [row(mode, name, judge(pages, way)) for name, way in WAYS.items()]
    print(render(f"Words by what settles them, on {len(pdfs)} pages", rows))
    print(
        f"Tones dropped from the text, model alone: {lost.right} of {lost.wanted} came back, "
        f"{kept.wanted - kept.right} of {kept.wanted} other words were changed"
    )


if __name__ == "__main__":
    main()
