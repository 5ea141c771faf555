"""Whether two names are those of one person: where two persons are needed, one must not be both by another spelling.

Names are typed, by many hands and on many keyboards: with accents or without, in composed or decomposed letters, in
capitals, with blanks too many, full-width, or with letters of another script that look the same.  All of these are one
name here.  Two officers whose names differ by accents alone are one person, too: they need names that tell them apart.
"""

import unicodedata
from types import MappingProxyType
from typing import Final

# Letters of other scripts as they look, capitals by themselves: a Cyrillic capital that looks like H is a small en.
_LIKE: Final = MappingProxyType(
    str.maketrans(
        {
            **dict(zip("АВЕЅІЈКМНОРСТУХҮԚԜҺ", "ABESIJKMHOPCTYXYQWH", strict=True)),  # Cyrillic
            **dict(zip("авеѕіјкмнорстухүԛԝһԁ", "abesijkmhopctyxyqwhd", strict=True)),
            **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),  # Greek
            **dict(zip("αβεικμνορτυχ", "abeikuvoptyx", strict=True)),
            **dict.fromkeys("ĐÐƉđðɖ", "d"),  # Unicode takes no stroke for an accent
            **dict(zip("ıɩɡɑ", "iiga", strict=True)),
        }
    )
)


def person_of(name: str) -> str:
    """What all spellings of a person's name have in common; it is compared, and never shown."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).translate(_LIKE))
    key = "".join(letter for letter in plain.casefold() if letter.isalnum())
    return key or name
