"""How texts that people, files and services bring reach a screen or a log: harmless, and without identity numbers."""

import logging
import re
import traceback
from typing import Any

from typing_extensions import override

from domain.owners import mask_text

# What a terminal obeys, or what lets a line look like another one: control characters of both kinds, the marks that
# turn the direction of writing, separators of lines; and halves of characters, which no text may hold.
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_FOLDERS = re.compile(r"(?<![\w.*:/])/(?:[^/\n]*[^/\s]/)*(?=[^/\s])")  # of an absolute path
_SECRET = re.compile(r"//.*@")


def printable(text: str) -> str:
    """A text on one line in which everything that a terminal would obey stands escaped.

    A byte of a file's name that is no UTF-8 (a lone half of a character, as Python has it) is told as that byte.
    """
    return _OBEYED.sub(_escaped, text)


def shown(text: str) -> str:
    """A text as people and logs get it: printable, and with identity numbers masked (design law 7)."""
    return mask_text(printable(text))


def without_places(text: str) -> str:
    """A text in which files have their names alone: who may not disclose is not told where they lie (design law 7)."""
    return _FOLDERS.sub("", text)


def without_secret(address: str) -> str:
    """An address without the name and the password that it may hold."""
    return _SECRET.sub("//", address)


def shown_lines(text: str) -> str:
    """Lines of which each is shown so, such as a traceback."""
    return "\n".join(map(shown, text.split("\n")))


def shown_json(text: str) -> str:
    """JSON text, of the same meaning, in which everything that a terminal would obey stands escaped."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class ShownFormatter(logging.Formatter):
    """A log's lines as people get them, whatever a message or an error holds."""

    @override
    def formatMessage(self, record: logging.LogRecord) -> str:
        return shown(super().formatMessage(record))

    @override
    def formatException(self, ei: Any) -> str:
        return shown_lines("".join(traceback.format_exception(*ei)).rstrip("\n"))


def log_shown() -> None:
    """Have all logs of this process go to its standard error so; libraries that would set up others do not any more."""
    handler = logging.StreamHandler()
    handler.setFormatter(ShownFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00  # PEP 383
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"
