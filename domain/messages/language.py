"""The language of a run, and its catalogue: ``locale/<language>/LC_MESSAGES/khoso.po``, compiled by `make messages`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from gettext import GNUTranslations

Language = Literal["vi", "en"]
LOCALE: Final = Path(__file__).parent / "locale"
_chosen: list[Language] = ["en"]  # of logs, and of programs that nobody looks at


def speak(language: Language) -> None:
    """Let this process show messages in a language, unless another one is asked for."""
    _chosen[:] = [language]


def spoken() -> Language:
    """The language of this process."""
    return _chosen[0]


def language_of(environment: Mapping[str, str]) -> Language:
    """The language that is set, else that of the locale: English where it is an English one, else Vietnamese."""
    chosen = environment.get("KHOSO_LANG", "")
    if chosen in languages():
        return "en" if chosen == "en" else "vi"
    named = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "en" if next((name for name in named if name), "").partition("_")[0].lower() == "en" else "vi"


@cache
def _catalogue(language: Language) -> "GNUTranslations":
    import gettext  # noqa: PLC0415 (commands that tell nothing open fast)

    with (LOCALE / language / "LC_MESSAGES" / "khoso.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def worded(code: str, count: int | None, language: Language) -> str | None:
    """The words of a code, in the form for a number of things where the code has several; None when it has none.

    What has no words is a sentence itself, or a code of another release.
    """
    catalogue = _catalogue(language)
    if count is not None and (words := catalogue.ngettext(code, "", count)) not in {code, ""}:
        return words
    words = catalogue.gettext(code)
    return None if words == code else words


def languages() -> tuple[Language, ...]:
    """All languages, the first of the desks first."""
    return get_args(Language)
