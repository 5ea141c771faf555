"""What is meant by a name that somebody types: the catalogue's entry that is called so, or those that may be."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from config.models import Catalogues
from domain.codes import is_procedure
from domain.errors import UsageError
from domain.fold import fold
from domain.messages.told import told

_MOST_TOLD = 8  # candidates; whoever means none of them types more words


class Called(NamedTuple):
    """An entry of a catalogue by its code and one of its names."""

    code: str
    name: str


def type_called(catalogues: Catalogues, text: str) -> str:
    """The code of the paper type that bears a code or is called so; what was given, when nothing is called so.

    Raises:
        UsageError: several types may be meant.
    """
    if catalogues.find_type(text) is not None:
        return text
    every = [*catalogues.types, *catalogues.only_listed()]
    return _meant(text, [Called(item.code, name) for item in every for name in (item.name, *item.titles)])


def procedure_called(catalogues: Catalogues, text: str, day: date) -> str:
    """The code of the procedure that is called so on a day; what was given, when it is a code or nothing is called so.

    Raises:
        UsageError: several procedures may be meant.
    """
    if is_procedure(text):
        return text
    return _meant(text, [Called(item.code, item.name) for item in catalogues.procedures if item.covers(day)])


def _meant(text: str, entries: Iterable[Called]) -> str:
    """Who is called just so, whatever the accents and capitals; else who has all the words in the name."""
    typed, known = fold(text).split(), {item: fold(item.name).split() for item in entries}
    if not typed:
        return text
    exact = [item for item, words in known.items() if words == typed]
    found = exact or [item for item, words in known.items() if set(typed) <= set(words)]
    names = {item.code: item.name for item in reversed(found)}
    if len(names) > 1:
        shown = [told("candidate", code=code, name=name) for code, name in sorted(names.items())[:_MOST_TOLD]]
        raise UsageError("name_of_several", remedy="give_code_or_words", name=text, count=len(names), candidates=shown)
    return next(iter(names), text)
