"""Which syllables Vietnamese has, by their letters without marks; how they take the place of a word that was read.

Known are those of Debian's ``hunspell-vi``, where it is installed.  Else those that were counted and paired: rare ones,
such as those of names, are missed then, and a name has less of a guard.
"""

import logging
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from domain.fold import canonical, fold
from pipeline.recognition.context.model import language_model
from pipeline.recognition.language import bare, known_pairs

DICTIONARY = Path("/usr/share/hunspell/vi_VN.dic")
PACKAGE = "hunspell-vi"
_SYLLABLE = re.compile(
    r"(?:ngh?|nh|th|tr|ch|gh|gi|kh|ph|qu|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ng|nh|ch|[cmnpt])?"
)  # without marks
# By which the names of nearly all Vietnamese begin; without those that begin headings, too (VĂN, DANH, SƠN).
_NAMES = """
nguyễn trần lê phạm huỳnh hoàng phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh trương đoàn lâm trịnh mai đào phùng hà tạ
tô lương thái cao vương châu quách tăng lưu thạch kiều mạc kim chu nông triệu ninh la lò
"""
SURNAMES = frozenset(_NAMES.split())
_log = logging.getLogger("khoso.recognition")


class Syllables:
    """Known syllables, in small letters and one spelling."""

    def __init__(self, known: Iterable[str]) -> None:
        """``known`` in any spelling."""
        self._known = frozenset(canonical(word).lower() for word in known)
        by_letters = defaultdict(list)
        for word in sorted(self._known):
            by_letters[fold(word)].append(word)
        self._by_letters = {letters: tuple(words) for letters, words in by_letters.items()}

    def __contains__(self, word: str) -> bool:
        """Whether a word as it stands on paper is a known one."""
        return canonical(bare(word)) in self._known

    def of_letters(self, word: str) -> tuple[str, ...]:
        """The known syllables with the letters of a word, whatever the marks."""
        return self._by_letters.get(fold(bare(word)), ())


def dressed(syllable: str, like: str) -> str:
    """A syllable with the capitals, and the signs at its ends, of a word that was read."""
    like = unicodedata.normalize("NFC", like)
    start = like.lower().find(bare(like))
    core = like[start : start + len(bare(like))]
    if len(core) > 1 and core.isupper():
        syllable = syllable.upper()
    elif core[:1].isupper():
        syllable = syllable.capitalize()
    return like[:start] + syllable + like[start + len(core) :]


@cache
def known_syllables() -> Syllables:
    """The syllables of this process; the log tells once when the dictionary is not installed."""
    try:
        lines = DICTIONARY.read_text(encoding="utf-8").splitlines()[1:]
    except FileNotFoundError:
        _log.warning("the syllables of %s are not installed: those that were counted are used", PACKAGE)
        return Syllables(counted_syllables())
    return Syllables(line.partition("/")[0] for line in lines)


def counted_syllables() -> frozenset[str]:
    """What looks like a syllable in the laws that were counted, or, with a mark, in the list of pairs."""
    paired = {word for pair in known_pairs() for word in pair}
    words = language_model().counted | {word for word in paired if fold(word) != word}
    return frozenset(word for word in words if _SYLLABLE.fullmatch(fold(word)))
