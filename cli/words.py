"""Words of screens: headings, help, what the library of the command line says, and words that stand in tables.

Their msgid is the English text (`cli/locale/vi/LC_MESSAGES/commands.po`, compiled by `make messages`), for the library
looks its own up so, in the default domain of gettext.  Messages, which are stored too, have codes (`domain/messages`).
"""

import gettext
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from config.owners import role_name
from domain.messages.language import Language, speak, spoken
from domain.messages.told import told
from domain.messages.values import value_shown
from domain.owners import NO_NUMBER

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
    command.get_help_option = partial(_help_option, command.get_help_option)
    for inner in getattr(command, "commands", {}).values():
        put_into_words(inner)
    return command


def _help_option(made: Callable[[Any], Any], ctx: Any) -> Any:
    """The option that shows the help, which the library makes anew for each context, in English."""
    option = made(ctx)
    if option is not None:
        option.help = phrase("Show this message and exit.")
    return option


def state_word(state: str) -> str:
    """How a state is called for a person; that of another release as it stands."""
    return word_of("state", state)


def part_word(part: str) -> str:
    """How a part of an installation is called for a person; a program or library by its own name."""
    return word_of("part", part)


def role_shown(code: str) -> str:
    """How the role of an owner is called for a person."""
    return role_name(code, spoken())


def field_called(name: str) -> str:
    """How a field is called for a person, with its name behind it, by which it is set."""
    return word_of("called", name)


def field_shown(name: str, value: str) -> str:
    """A field's value for a person: days as they are read, roles of owners by their names."""
    if name == "owner_id" and value == NO_NUMBER:
        return told("owner_without_number").text()
    return value_shown(name, value, spoken())


def word_of(kind: str, name: str) -> str:
    """How a word of a closed set is called for a person: of ``KIND_NAME``; as it stands when that has no words."""
    code = f"{kind}_{name.replace(' ', '_')}"
    words = told(code).text()
    return name if words == code else words
