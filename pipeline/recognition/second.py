"""The second reader: a Vietnamese line recogniser reads again what Tesseract doubts.

Tesseract loses tone marks over circumflex vowels (chống, quyết, giấy), and each of its slips is a non-word or an
unlikely one.  The model is another one (convolutions and CTC, ONNX) with other slips; the reading that fits better
between its neighbours wins.  Numbers, codes and dates are never touched, nor what Tesseract is sure of; of a long
number is kept whether the model reads it alike, and otherwise the other reading, so that the fields can doubt it.
Recipe, figures and provenance: docs/decisions/0006.
"""

import hashlib
import importlib.metadata
import json
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from domain.errors import SetupError
from domain.readings import Settled
from pipeline.recognition.context.posterior import Posterior
from pipeline.recognition.language import bare, fitness, is_word
from pipeline.recognition.tesseract import ReadToken
from pipeline.scans.raster import Pixels

_WHEEL, _MODEL, _LETTERS = "asterocr", "assets/asternet.onnx", "assets/vocab.json"
_DIGESTS = {  # of version 1.0.2: only its data are taken, none of its code
    _MODEL: "10c96b533e1f64031d73edfddafd7d4b13595544f11891f0531bcd72cb29be80",
    _LETTERS: "82c6df018ceca8c10876947e0f7df798ed321825276ed7f3bb12ae3ed6dc647b",
}
_HEIGHT, _WIDEST = 32, 1016  # pixels, what the model was trained for
_PAD = 3
_log = logging.getLogger("khoso.recognition")
_DOUBTED = 0.96  # above, Tesseract is right more often than the model
_LONG, _LONGEST = 9, 14  # digits: identity and tax numbers (law 8B), the latter with a branch


class Reading(NamedTuple):
    """A text and how sure its least sure letter is (0..1)."""

    text: str
    confidence: float


class Settlement(NamedTuple):
    """The words as they are settled, both readings where they differ, and the words of numbers that are read alike.

    ``seen``: by the place of each word that was read again, how likely any text is there.
    """

    words: tuple[ReadToken, ...]
    settled: tuple[Settled, ...]
    alike: tuple[int, ...]
    seen: Mapping[int, Posterior]


class SecondReader:
    """The model, loaded once per process."""

    def __init__(self, model: bytes, letters: Sequence[str]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # words are of all widths: an arena keeps memory for each
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._letters = letters
        self._places = {letter: place for place, letter in enumerate(letters) if place}

    def read(self, grey: Pixels) -> Reading:
        """What stands on the picture of a word or a line."""
        return self.look(grey)[0]

    def look(self, grey: Pixels) -> tuple[Reading, Posterior]:
        """The same, and how likely any other text is there."""
        height, width = grey.shape
        wide = min(_WIDEST, (max(_HEIGHT, width * _HEIGHT // height) + 3) // 4 * 4)
        scaled = cv2.resize(
            grey, (wide, _HEIGHT), interpolation=cv2.INTER_AREA if height > _HEIGHT else cv2.INTER_LINEAR
        )
        picture = np.broadcast_to(scaled.astype(np.float32) / 127.5 - 1, (1, 3, _HEIGHT, wide))
        (logs,) = self._session.run(None, {self._input: np.ascontiguousarray(picture)})
        return self._decode(logs[:, 0]), Posterior(logs[:, 0], self._places)

    def _decode(self, logs: NDArray[np.float32]) -> Reading:
        """The likeliest letter of each step; repeats are one letter, 0 is none (CTC)."""
        best, likely = logs.argmax(1), logs.max(1)
        is_letter = (best != 0) & (best != np.concatenate(([-1], best[:-1])))
        if not is_letter.any():
            return Reading("", 0.0)
        return Reading("".join(self._letters[k] for k in best[is_letter]), float(np.exp(likely[is_letter].min())))


def settle(
    words: Sequence[ReadToken],
    grey: Pixels,
    reader: SecondReader,
    faded: Collection[int] = (),
    *,
    numbers_only: bool = False,
) -> Settlement:
    """Read long numbers and, unless ``numbers_only``, doubted words again.

    ``faded``: places of words that are not to be seen on ``grey`` any more, such as those of stamps.
    """
    result, settled, seen = list(words), [], {}
    for i, word in enumerate(words):
        if numbers_only or i in faded or not _may_change(word):
            continue
        second, seen[i] = reader.look(_around([word], grey))
        text = second.text.strip()
        if not is_word(text) or bare(text) == bare(word.text):
            continue
        before = bare(result[i - 1].text) if i else ""
        after = bare(words[i + 1].text) if i + 1 < len(words) else ""
        ours = fitness(before, bare(word.text), after) + word.confidence
        theirs = fitness(before, bare(text), after) + second.confidence
        if theirs > ours:
            # Two readers differ: nobody is to take the word for sure.
            result[i] = word._replace(text=text, confidence=min(_DOUBTED, second.confidence))
        settled.append(Settled(word=i, first=word.text, second=text, chosen="second" if theirs > ours else "first"))
    alike: list[int] = []
    for places in long_numbers(words, faded):
        said = [words[i] for i in places]
        text = reader.read(_around(said, grey)).text.strip()
        if bare("".join(text.split())) == bare("".join(word.text for word in said)):
            alike += places
        elif text and len(places) == 1:
            settled.append(Settled(word=places[0], first=said[0].text, second=text, chosen="first"))
    return Settlement(tuple(result), tuple(sorted(settled, key=lambda item: item.word)), tuple(alike), seen)


def look_again(words: Sequence[ReadToken], grey: Pixels, reader: SecondReader, place: int) -> Posterior:
    """How likely any text is at the place of a word."""
    return reader.look(_around([words[place]], grey))[1]


def _around(words: Sequence[ReadToken], grey: Pixels) -> Pixels:
    left, top, right, bottom = (
        choose(word.box[side] for word in words) for side, choose in enumerate((min, min, max, max))
    )
    return grey[max(0, top - _PAD) : bottom + _PAD, max(0, left - _PAD) : right + _PAD]


def long_numbers(words: Sequence[ReadToken], faded: Collection[int]) -> Iterator[list[int]]:
    """The places of each long number: a word, or the groups of digits side by side as which people write one."""
    group: list[int] = []
    for i, word in enumerate(words):
        if i not in faded and _digits(word.text) >= _LONG:
            yield [i]
        is_group = i not in faded and bare(word.text).isdecimal() and _digits(word.text) < _LONG
        if group and not (is_group and words[group[0]].line == word.line):
            yield from _as_number(group, words)
            group = []
        if is_group:
            group.append(i)
    yield from _as_number(group, words)


def _as_number(group: list[int], words: Sequence[ReadToken]) -> Iterator[list[int]]:
    if _LONG <= sum(_digits(words[i].text) for i in group) <= _LONGEST:
        yield group


def _may_change(word: ReadToken) -> bool:
    return word.confidence < _DOUBTED and is_word(word.text)


def _digits(text: str) -> int:
    return sum(letter.isdigit() for letter in text)


@cache
def second_reader() -> SecondReader | None:
    """The reader of this process; None when its model is not installed.

    Raises:
        SetupError: another model lies in its place.
    """
    content = data_of(_WHEEL, _DIGESTS)
    if content is None:
        _log.warning("the second reader is not installed (%s): accurate mode goes on without it", _WHEEL)
        return None
    return SecondReader(content[_MODEL], json.loads(content[_LETTERS])["chars"])


def data_of(wheel: str, digests: Mapping[str, str]) -> dict[str, bytes] | None:
    """Files of an installed wheel by name, each as its digest wants it; None when the wheel is not installed.

    Raises:
        SetupError: another file lies in the place of one.
    """
    try:
        found = importlib.metadata.distribution(wheel)
    except importlib.metadata.PackageNotFoundError:
        return None
    paths = {name: Path(str(found.locate_file(f"{wheel}/{name}"))) for name in digests}
    content = {name: path.read_bytes() if path.is_file() else b"" for name, path in paths.items()}
    for name, digest in digests.items():
        if hashlib.sha256(content[name]).hexdigest() != digest:
            raise SetupError("model_differs", remedy="install_requirements", name=name, wheel=wheel)
    return content
