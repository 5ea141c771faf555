"""Vietnamese letters made comparable.  Index, query, highlighting and field reading use these functions and no others.

Both functions keep the length of the NFC text, character by character, so a place found in the folded text is the
same place in the text that people read.  Raise :data:`VERSION` with every change here and in ``search.query`` that
splits or compares words and numbers otherwise: it is part of the index stamp.
"""

import re
import unicodedata
from codecs import charmap_build, charmap_decode, charmap_encode

VERSION = 3

# Letters that stand for Đ in old encodings and in recognised text: Icelandic eth and African D.
_LOOKALIKES = {"Ð": "Đ", "ð": "đ", "Ɖ": "Đ"}
# Unicode does not take the stroke for an accent; recognisers write the slash of a fraction.
_WITHOUT_DECOMPOSITION = {"đ": "d", "⁄": "/"}

# The tone of oa, oe and uy belongs on the first vowel when nothing follows: hoà -> hòa, thuỷ -> thủy.  After q the u
# is part of the consonant, and the tone stays on the y: quý.
_MISPLACED_TONE = re.compile(
    r"[oOuUùúủũụÙÚỦŨỤ]"  # alone in front: the regular expression engine then skips fast to these letters
    r"(?:(?<=[oO])[àáảãạèéẻẽẹÀÁẢÃẠÈÉẺẼẸ]|(?<=[uU])(?<![qQ].)[ỳýỷỹỵỲÝỶỸỴ]|(?<=[qQ][ùúủũụÙÚỦŨỤ])[yY])"
    r"(?![\w\u0300-\u036f])"
)


def canonical(text: str) -> str:
    """The text in NFC with one spelling for Đ and one place for the tone; case and accents stay."""
    text = unicodedata.normalize("NFC", text)
    for lookalike, letter in _LOOKALIKES.items():
        text = text.replace(lookalike, letter)
    return _MISPLACED_TONE.sub(_swap_tone, text)


def fold(text: str) -> str:
    """The NFC text in lower case without accents, as long as it was; dashes become ``-``, stray accents a blank."""
    text = unicodedata.normalize("NFC", text)
    if (code := to_bytes(text)) is not None:
        return from_bytes(code.translate(_FOLDED_BYTES))
    return text.translate(_FOLDED)


def to_bytes(text: str) -> bytes | None:
    """A text of usual characters with one byte for each; None for a text with others.

    Tables over bytes (``bytes.translate``) take a tenth of the time of those over characters.
    """
    try:
        return charmap_encode(text, "strict", _CODE)[0]
    except UnicodeEncodeError:
        return None


def from_bytes(code: bytes) -> str:
    """The text of such bytes."""
    return charmap_decode(code, "strict", USUAL)[0]


def _swap_tone(match: re.Match[str]) -> str:
    first, second = (unicodedata.normalize("NFD", letter) for letter in match.group())
    return unicodedata.normalize("NFC", first[0] + second[1:] + second[0] + first[1:])


def _fold_character(character: str) -> str:
    if unicodedata.category(character) == "Pd":
        return "-"
    if unicodedata.combining(character):
        return " "  # an accent that found no letter: kept, it would join the unaccented one and shorten the text
    if unicodedata.decomposition(character).startswith(("<wide>", "<font>")):
        character = unicodedata.normalize("NFKC", character)  # letters of other widths and faces
    if character.isdecimal():
        return str(unicodedata.decimal(character))  # of any writing; raised ones are marks of notes
    lowered = _LOOKALIKES.get(character, character).lower()
    letters = [c for c in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(c)]
    return _WITHOUT_DECOMPOSITION.get(letters[0], letters[0]) if len(letters) == 1 else character


class _Folded(dict[int, str]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = _fold_character(chr(code))
        return self[code]


_FOLDED = _Folded()


def _usual() -> str:
    """What nearly all texts are made of, each at the place of its byte: print signs, digits, Vietnamese letters.

    Dashes are left out: folding makes them another sign, and numbers would be split otherwise.
    """
    vowels = (normal + tone for normal in "aăâeêioôơuưy" for tone in ("", *"\u0300\u0301\u0303\u0309\u0323"))
    letters = (unicodedata.normalize("NFC", vowel) for vowel in vowels)
    accented = "".join(letter + letter.upper() for letter in (*letters, "đ") if not letter.isascii())
    ascii_signs = "".join(map(chr, range(0x20, 0x7F)))
    return f"\0\t\n\f\r{ascii_signs}{accented}“”‘’…•°".ljust(256, _NO_CHARACTER)


_NO_CHARACTER = "\ufffe"  # what no byte stands for
USUAL = _usual()
_CODE = charmap_build(USUAL)
_FOLDED_BYTES = bytes(USUAL.index(_fold_character(character)) for character in USUAL)
