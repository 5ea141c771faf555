"""What may stand behind a number: the symbol as it was read, or those of the kinds of papers and agencies.

Kinds are those of Annex III of Decree 30/2020 (law 4B); agencies are the short names of the catalogues.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import product

from config.loader import load_catalogues
from domain.fold import fold

# fmt: off
_KINDS = (
    "NQ", "QĐ", "CT", "QC", "QyĐ", "TC", "TB", "HD", "CTr", "KH", "PA", "ĐA", "DA", "BC", "BB", "TTr", "HĐ", "CĐ",
    "BGN", "BTT", "GUQ", "GM", "GGT", "GNP", "PG", "PC", "PB", "SY", "TrS", "SL",
)
# fmt: on
_COUNCILS = ("UBND", "HĐND")
_FIRST_YEAR, _LAST_YEAR = 1976, 2035
_PLACE = re.compile(r" (?:thành phố|quận|huyện|phường|xã) ")
_NEAR = 2  # letters in which a symbol may be misread


def likely_ends(read: str) -> tuple[str, ...]:
    """The ends, each with its stroke, that a number with this one read behind it may have; all of them for none.

    A symbol that was read stands first.  Marks and a bar that it lost come back only where the picture has them.
    """
    if not read:
        return (*_known(), *(f"/{year}" for year in range(_FIRST_YEAR, _LAST_YEAR + 1)), "")
    if read[1:5].isdigit():
        return (read,)
    letters = fold(read)
    near = [
        end
        for end in _known()
        if end != read and abs(len(end) - len(read)) <= 1 and _distance(fold(end), letters) <= _NEAR
    ]
    return tuple(dict.fromkeys((read, *near)))


@cache
def _known() -> tuple[str, ...]:
    agencies = dict.fromkeys((*_COUNCILS, *(_short(agency.name) for agency in load_catalogues().agencies)))
    offices = [agency for agency in agencies if len(agency) > 1]
    return (*(f"/{kind}-{agency}" for kind, agency in product(_KINDS, offices)), *(f"/{agency}" for agency in offices))


def _short(name: str) -> str:
    """An agency's letters: ``Sở Tài nguyên và Môi trường`` is STNMT."""
    for council, short in (("Ủy ban nhân dân", "UBND"), ("Hội đồng nhân dân", "HĐND")):
        if name.startswith(council):
            return short
    office = _PLACE.split(name, maxsplit=1)[0]
    return "".join(word[0].upper() for word in office.split() if word != "và")


def _distance(one: str, other: str) -> int:
    row: Sequence[int] = range(len(other) + 1)
    for place, letter in enumerate(one, 1):
        step = [place]
        for at, theirs in enumerate(other, 1):
            step.append(min(row[at] + 1, step[-1] + 1, row[at - 1] + (letter != theirs)))
        row = step
    return row[-1]
