"""Words of screens: headings, help, what the library of the command line says, and words that stand in tables.

Their msgid is the English text (`cli/locale/vi/LC_MESSAGES/commands.po`, compiled by `make messages`), for the library
looks its own up so, in the default domain of gettext.  Messages, which are stored too, have codes (`domain/messages`).
"""

import gettext
import os
from pathlib import Path
from typing import Any, Final

from domain.messages.language import Language, speak
from domain.messages.told import told

LOCALE: Final = Path(__file__).parent / "locale"
DOMAIN: Final = "commands"


def speak_on_screen(language: Language) -> None:
    """Let this process speak a language: messages, headings, help, and what is said of a wrong command line."""
    speak(language)
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = language  # where gettext looks first


def phrase(text: str) -> str:
    """A heading or a line of help in the language of the run; a text that has no words of its own stays."""
    return gettext.gettext(text) if text else ""


def put_into_words(command: Any) -> Any:
    """A command, and those of a group, with their help in the language of the run."""
    command.help = phrase(command.help or "")
    for param in command.params:
        if getattr(param, "help", None):
            param.help = phrase(param.help)
    for inner in getattr(command, "commands", {}).values():
        put_into_words(inner)
    return command


def state_word(state: str) -> str:
    """How a state is called for a person; that of another release as it stands."""
    code = f"state_{state}"
    words = told(code).text()
    return state if words == code else words
