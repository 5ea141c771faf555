"""What the library of the command line says of a wrong line, in the language of the run.

It says so in English sentences; those that commands here can bring about are known by their form, and told by codes of
the catalogues.  A sentence of another form is told as it stands.
"""

import re
from datetime import date
from typing import Any, Final

import typer
from typer.exceptions import TyperException
from typing_extensions import override

from domain.messages.told import Told, told
from domain.shown import shown_lines

_SENTENCES: Final = (  # sentence by form, and the code by which it is told
    (r"No such command '(?P<name>.*)'\.", "line_no_command"),
    (r"Missing command\.", "line_command_missing"),
    (r"No such option: (?P<option>.*?) \(Possible options: (?P<others>.*)\)", "line_option_like"),
    (r"No such option: (?P<option>.*)", "line_no_option"),
    (r"Option '(?P<option>.*)' does not take a value\.", "line_option_takes_none"),
    (r"Option '(?P<option>.*)' requires an argument\.", "line_option_bare"),
    (r"Missing option (?P<option>'.*')\.", "line_option_missing"),
    (r"Missing argument '(?P<name>.*)'\.", "line_argument_missing"),
    (r"Got unexpected extra argument\(s\) \((?P<words>.*)\)", "line_words_left"),
    (r"Invalid value for (?P<place>'.*?') \(env var: (?P<variable>'.*?')\): (?P<what>.*)", "line_value_of_variable"),
    (r"Invalid value for (?P<place>'.*?'): (?P<what>.*)", "line_value_wrong"),
)
_VALUES: Final = (  # the same of what is said of a value
    (r"(?:Value error, )?'(?P<value>.*)' is not one of (?P<known>.*?)\.", "line_value_not_among"),
    (r"Input should be a valid integer\b.*", "line_value_no_integer"),
    (r"Input should be a valid number\b.*", "line_value_no_number"),
    (r"Input should be greater than or equal to (?P<least>\S+)", "line_value_small"),
    (r"Input should be less than or equal to (?P<most>\S+)", "line_value_large"),
    (r"(?:Value error, )?'(?P<value>.*)' does not match the formats? .*", "line_value_no_day"),
)


_DAYS: Final = (r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)", r"(?P<day>\d\d?)/(?P<month>\d\d?)/(?P<year>\d{4})")


class _Worded(typer.BadParameter):
    """A wrong command line, told as a whole."""

    @override
    def format_message(self) -> str:
        return self.message


def worded(error: TyperException) -> TyperException:
    """The error that tells a wrong command line in words of the run; the same when it is none of the known ones."""
    told_here = _told(_SENTENCES, error.format_message())
    if told_here is None:
        error.message = shown_lines(error.message)
        return error
    ctx: Any = getattr(error, "ctx", None)
    return _Worded(shown_lines(told_here.text()), ctx=ctx)


def _told(forms: tuple[tuple[str, str], ...], sentence: str) -> Told | None:
    for form, code in forms:
        if found := re.fullmatch(form, sentence, re.DOTALL):
            parts: dict[str, Any] = found.groupdict()
            if what := parts.get("what"):
                parts["what"] = _told(_VALUES, what) or what
            is_odd = code == "line_value_no_day" and _is_in_no_calendar(parts["value"])
            return told("line_value_in_no_calendar" if is_odd else code, **parts)
    return None


def _is_in_no_calendar(text: str) -> bool:
    """Whether a day is written as one, and there is no such day: 31/11/2026."""
    for form in _DAYS:
        if found := re.fullmatch(form, text.strip(), re.ASCII):
            try:
                date(*(int(found[name]) for name in ("year", "month", "day")))
            except ValueError:
                return True
    return False
