"""The words of a page among all that they may be: readings, and the same letters with other marks.

Tone marks on circumflex vowels are lost by every reader alike (phâm, bô, tê, sô); only the words beside know better.
The likeliest way through the page's words is taken, by the language model and, where the second reader has seen the
word, by how likely it finds each of them.  Recipe and figures: docs/decisions/0074.

A language model of laws makes a common word of a rare one, so guards keep what it knows nothing of: names, numerals,
short capitals, numbers and codes, and what Tesseract is sure of.  Each of them was paid for by a word made worse.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple
from unicodedata import normalize

from domain.fold import fold
from domain.readings import Settled
from pipeline.recognition.context.model import LanguageModel
from pipeline.recognition.context.posterior import Posterior
from pipeline.recognition.context.syllables import SURNAMES, Syllables, dressed
from pipeline.recognition.context.tokens import BREAK, ends_sentence, token
from pipeline.recognition.language import bare, is_word
from pipeline.recognition.tesseract import ReadToken

SURE = 0.97  # from here Tesseract is wrong in 2 of 403 words
CHANGED = 0.89  # at most, of a word that was changed: nobody is to take it for sure
_SEEN, _LEAST_SEEN = 0.3, -8.0  # weight of the second reader, and how far below its best one it may push a word
_IMPOSSIBLE = -1000.0
_AS_READ, _BY_CONFIDENCE = 2.0, 0.4
_AS_READ_UNSEEN, _BY_CONFIDENCE_UNSEEN = 4.5, 0.6  # by the model alone
_UNKNOWN, _OTHER_LETTERS = -3.0, -4.0
_WORSE_SEEN = -4.0  # a known syllable gives way to no other that the picture speaks so much against
_OF_SECOND = 0.6  # confidence of a word that the second reader had
_MOST_SURE = 0.98
_SHORT = 3  # capitals
_LONGEST_NAME = 5
_ROMAN = re.compile(r"[ivxlcdm]+")
_WITHIN = ("văn", "thị")  # after these comes no surname

_TONES = str.maketrans("", "", "\u0300\u0301\u0303\u0309\u0323")
_BEGINNINGS = SURNAMES | {normalize("NFC", normalize("NFD", name).translate(_TONES)) for name in SURNAMES}

Look = Callable[[int], Posterior]


class Sightings(NamedTuple):
    """What two readers made of a page's words, before their neighbours are asked.

    ``seen``: what the second reader saw at the places that it read again.
    """

    first: Sequence[ReadToken]
    words: Sequence[ReadToken]
    settled: Sequence[Settled] = ()
    seen: Mapping[int, Posterior] = {}


class _Option(NamedTuple):
    text: str
    score: float


class Lattice:
    """The words of one page."""

    def __init__(self, evidence: Sightings, model: LanguageModel, syllables: Syllables, look: Look | None) -> None:
        """``look`` reads a word again by its place; None where there is no second reader for words."""
        self._words = evidence.words
        self._first = evidence.first
        self._said = {item.word: item for item in evidence.settled}
        self._seen = dict(evidence.seen)
        self._model = model
        self._syllables = syllables
        self._look = look

    def best(self, faded: Collection[int] = ()) -> list[str]:
        """The texts of the words along the likeliest way; words at ``faded`` places stay."""
        states: list[tuple[str, float, int]] = [(BREAK, 0.0, -1)]  # token, score, the link that leads here
        links: list[tuple[int, int, str]] = []  # the one before, place, text
        for place, word in enumerate(self._words):
            options = [_Option(word.text, 0.0)] if place in faded else self._options(place)
            reached = [self._step(option, states) for option in options]
            following = []
            for option, (score, back, before) in zip(options, reached, strict=True):
                links.append((back, place, option.text))
                said = BREAK if ends_sentence(option.text) else token(option.text) or before
                following.append((said, score, len(links) - 1))
            states = following
        texts = [word.text for word in self._words]
        link = max(states, key=lambda state: state[1])[2]
        while link >= 0:
            link, place, text = links[link]
            texts[place] = text
        return texts

    def _step(self, option: _Option, states: Sequence[tuple[str, float, int]]) -> tuple[float, int, str]:
        """The best way to an option: score, link, and the token before; signs alone say nothing of what follows."""
        said = token(option.text)
        return max(
            (score + option.score + (self._model.log(before, said) if said else 0.0), link, before)
            for before, score, link in states
        )

    def _options(self, place: int) -> list[_Option]:
        """What may stand at a place, the word as it is first."""
        word = self._words[place]
        stays = [_Option(word.text, 0.0)]
        if not self._may_change(place):
            return stays
        texts = self._texts(place)
        if len(texts) == 1:
            return stays
        if self._look is not None and place not in self._seen and self._is_preferred(place, texts):
            self._seen[place] = self._look(place)  # Tesseract did not doubt it; the words beside do
        own = self._own_confidence(place)
        odds = math.log(own / (1 - own))
        if (sight := self._seen.get(place)) is not None:
            logs = sight.log_of(texts)
            seen = [max(log, _IMPOSSIBLE) - max(*logs, _IMPOSSIBLE) for log in logs]
            as_read = _AS_READ + _BY_CONFIDENCE * odds
        elif self._look is None:
            seen = [0.0] * len(texts)
            as_read = _AS_READ_UNSEEN + _BY_CONFIDENCE_UNSEEN * max(0.0, odds)
        else:
            return stays
        return [
            _Option(text, _SEEN * max(by_sight, _LEAST_SEEN) + self._prior(text, word.text, as_read))
            for text, by_sight in zip(texts, seen, strict=True)
            if text == word.text or self._may_become(place, text, by_sight - seen[0])
        ]

    def _prior(self, text: str, settled: str, as_read: float) -> float:
        score = as_read if text == settled else 0.0
        if text not in self._syllables:
            score += _UNKNOWN
        if fold(bare(text)) != fold(bare(settled)):
            score += _OTHER_LETTERS
        return score

    def _texts(self, place: int) -> list[str]:
        """The word as it is settled, its readings, and the known syllables with the letters of any, each once."""
        readings = [self._words[place].text, self._first[place].text]
        if item := self._said.get(place):
            readings.append(item.second)
        found = {token(text): text for text in reversed(readings) if is_word(text)}
        for reading in list(found.values()):
            for syllable in self._syllables.of_letters(reading):
                found.setdefault(syllable, dressed(syllable, reading))
        own = self._words[place].text
        return [own, *(text for text in found.values() if text != own)]

    def _is_preferred(self, place: int, texts: Sequence[str]) -> bool:
        """Whether the neighbours alone would rather have another of the texts than the first."""
        before = self._words[place - 1].text if place else ""
        after = token(self._words[place + 1].text) if place + 1 < len(self._words) else ""
        context = BREAK if not before or ends_sentence(before) else token(before)

        def fits(text: str) -> float:
            said = token(text)
            follows = self._model.log(BREAK if ends_sentence(text) else said, after) if after else 0.0
            return self._model.log(context, said) + follows

        return any(fits(text) > fits(texts[0]) for text in texts[1:])

    def _own_confidence(self, place: int) -> float:
        item = self._said.get(place)
        if item is not None and item.chosen == "second":
            return _OF_SECOND
        return min(max(self._words[place].confidence, 1 - _MOST_SURE), _MOST_SURE)

    # Guards.

    def _may_change(self, place: int) -> bool:
        word = self._words[place]
        core = _core(word.text)
        if max(word.confidence, self._first[place].confidence) >= SURE or not is_word(word.text):
            return False
        return not (core.isupper() and (len(core) <= _SHORT or _ROMAN.fullmatch(core.lower())))

    def _may_become(self, place: int, text: str, worse: float) -> bool:
        """``worse``: by how much less likely the second reader finds it than the word as it is settled."""
        own = self._words[place].text
        is_known = own in self._syllables
        if self._is_in_name(place):
            if is_known:
                return self._is_surname(place, text)
            return place in self._seen and worse > _WORSE_SEEN
        return not is_known or worse > _WORSE_SEEN

    def _is_in_name(self, place: int) -> bool:
        """Two neighbours that begin with capitals are a name; of words in capitals, a few that begin as names do."""
        text = self._words[place].text
        if _core(text).isupper():
            return self._is_in_capital_name(place)
        return _is_titled(text) and any(
            _is_titled(self._words[other].text) for other in (place - 1, place + 1) if self._same_line(place, other)
        )

    def _is_in_capital_name(self, place: int) -> bool:
        start, end = place, place + 1
        while self._same_line(place, start - 1) and _core(self._words[start - 1].text).isupper():
            start -= 1
        while self._same_line(place, end) and _core(self._words[end].text).isupper():
            end += 1
        return 1 < end - start <= _LONGEST_NAME and token(self._words[start].text) in _BEGINNINGS

    def _is_surname(self, place: int, text: str) -> bool:
        """Whether a word that begins a name lacks but the mark of a surname (Nguyên, of Nguyễn)."""
        if token(text) not in SURNAMES or fold(bare(text)) != fold(bare(self._words[place].text)):
            return False
        last = place + 1
        if not (self._same_line(place, last) and _is_titled(self._words[last].text)):
            return False
        before = token(self._words[place - 1].text) if self._same_line(place, place - 1) else ""
        return before not in SURNAMES and before not in _WITHIN

    def _same_line(self, place: int, other: int) -> bool:
        return 0 <= other < len(self._words) and self._words[other].line == self._words[place].line


def in_context(
    evidence: Sightings,
    model: LanguageModel,
    syllables: Syllables,
    look: Look | None,
    faded: Collection[int] = (),
) -> tuple[tuple[ReadToken, ...], tuple[Settled, ...]]:
    """The words as they fit beside each other, and what was settled; of each changed word all readings are kept."""
    if not evidence.words:
        return (), tuple(evidence.settled)
    words, settled = list(evidence.words), {item.word: item for item in evidence.settled}
    for place, text in enumerate(Lattice(evidence, model, syllables, look).best(faded)):
        word = words[place]
        if text == word.text:
            continue
        words[place] = word._replace(text=text, confidence=min(CHANGED, word.confidence))
        said = settled.get(place)
        first, second = evidence.first[place].text, said.second if said else evidence.first[place].text
        if said is not None and text in (first, second):
            settled[place] = said.model_copy(update={"chosen": "first" if text == first else "second"})
        else:
            settled[place] = Settled(word=place, first=first, second=second, chosen="context", written=text)
    return tuple(words), tuple(settled[place] for place in sorted(settled))


def _core(text: str) -> str:
    return "".join(letter for letter in text if letter.isalpha())


def _is_titled(text: str) -> bool:
    core = _core(text)
    return len(core) > 1 and core[0].isupper() and core[1:].islower()
