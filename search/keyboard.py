"""Words typed while the keyboard's Vietnamese input was off: Telex (``Ddoanf Taans Loocj``) and VNI (``Doan2 Ta61n``).

Questions are compared without accents, so it is enough to take away the letters and digits that stand for them.  A word
that is a syllable as it stands is never taken for typing.
"""

import re
from collections.abc import Iterator

from search.query import Query
from search.words import Token

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|ch|kh|ph|qu|th|tr|[bcdghklmnprstvx])?"
    r"(?:uye|uya|uyu|oai|oay|oao|oeo|uay|uoi|uou|ieu|yeu|[aeiouy]|ai|ao|au|ay|eo|eu|ia|ie|iu|oa|oe|oi|ua|ue|ui|uo|uu|uy|ye)"
    r"(?:ch|ng|nh|[cmnpt])?"
)
_TONE = re.compile(r"(?<=[aeiouyw])[sfrxj](?=[a-z]*$)|(?<=[a-z])[sfrxj]$")
_DOUBLED = (("dd", "d"), ("aa", "a"), ("ee", "e"), ("oo", "o"), ("aw", "a"), ("ow", "o"), ("uw", "u"))
_BEHIND = re.compile(r"^(?P<first>[a-z]*?)(?P<letter>[aeod])(?P<rest>[a-z]*)(?P=letter)$")  # tana for tân, dod for đo
_VNI = re.compile(r"[a-z]+[1-9][a-z1-9]*")


def typed_anew(asked: Query) -> Query | None:
    """The question as it was meant, when some of its words were typed so; None when none was."""
    words = tuple(_meant(word) for word in asked.words)
    return asked.model_copy(update={"words": words, "joined": ()}) if words != asked.words else None


def _meant(word: Token) -> Token:
    if word.accented or _SYLLABLE.fullmatch(word.folded):
        return word
    found = next((form for form in _forms(word.folded) if _SYLLABLE.fullmatch(form)), None)
    return word if found is None else word._replace(spelled=found, folded=found)


def _forms(word: str) -> Iterator[str]:
    """What a word may be without its tone and the marks of its vowels."""
    if _VNI.fullmatch(word):
        yield re.sub(r"[1-9]", "", word)
        return
    for toneless in dict.fromkeys((word, _TONE.sub("", word, count=1))):
        plain = toneless
        for typed, letter in _DOUBLED:
            plain = plain.replace(typed, letter)
        yield plain
        if behind := _BEHIND.match(plain):
            yield f"{behind['first']}{behind['letter']}{behind['rest']}"
