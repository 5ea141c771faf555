"""Messages as they are stored: a code and its parameters, and no sentence in any language (docs/decisions/0042).

A code that has no words in the catalogues is one of another release, and is shown as it stands.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import from_json
from typing_extensions import TypeAliasType, override

from domain.messages.language import Language, spoken, worded
from domain.messages.values import value_shown
from domain.record import Frozen

Param = TypeAliasType("Param", "int | float | str | Told | tuple[Param, ...]")
"""A parameter: a number, a name or value as it is, a technical detail of a library, another message, or several."""

BY: Final = "by"  # what a person decided, and no reason
EARLIER: Final = "earlier"  # the code of what releases before 0042 stored: its text is the sentence that they wrote

_VALUES: Final = ("old", "new", "value")
_CALLED: Final = {"field": "called", "fields": "called", "stage": "stage", "role": "owner_role"}


class Told(Frozen):
    """A message: what its code says in a language, with the parameters put in.

    Where it has several forms for a number of things, the parameter ``count`` is that number.
    """

    code: str
    params: dict[str, Param] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _of_earlier(cls, data: Any) -> Any:
        return {"code": EARLIER, "params": {"text": data}} if isinstance(data, str) else data

    def __hash__(self) -> int:
        return hash((self.code, *sorted(self.params)))

    @property
    def about(self) -> str:
        """The fixed word of a doubt: the field that it is about, else its code."""
        if self.code == EARLIER:
            return str(self.params["text"]).partition(":")[0]
        return str(self.params.get("field", self.code))

    def text(self, language: Language | None = None) -> str:
        """Its words, in the language of this process unless another one is given."""
        return _text(self.code, self.params, language or spoken())

    def changed(self, change: Callable[["Told | str"], "Told | str"]) -> "Told":
        """The same with every text and message among its parameters changed, the inner ones first."""
        return self.model_copy(update={"params": _changed(self.params, change)})

    def within(self) -> Iterator["Told"]:
        """The messages among its parameters, and theirs."""
        yield from _within(self.params)

    @override
    def __str__(self) -> str:
        return self.text()


def told(code: str, /, **params: object) -> Told:
    """A message; sequences may be of any kind, and an error stands for what it tells."""
    return Told(code=code, params=as_params(params))


def as_params(params: Mapping[str, object]) -> dict[str, Param]:
    """Parameters in the form in which they are stored."""
    return {name: _as_param(value) for name, value in params.items()}


def _as_param(value: object) -> Param:
    if isinstance(value, Told | str | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(map(_as_param, value))
    inner = getattr(value, "inner", None)  # an error of khoso
    return inner if isinstance(inner, Told) else str(value)


class Reason(Frozen):
    """Why a paper or file stopped: the fixed word for scripts, what happened, and what a person does next.

    ``what`` and ``remedy`` are codes, with the same parameters.  An empty one is false: there is no reason.
    """

    word: str = ""
    what: str = ""
    remedy: str = ""
    params: dict[str, Param] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _of_ledger(cls, data: Any) -> Any:
        if not isinstance(data, str):
            return data
        if data.startswith("{"):
            try:
                stored = from_json(data)
                cls.model_validate(stored)
            except (ValueError, ValidationError):  # another release wrote it
                pass
            else:
                return stored
        if data.startswith("by "):  # who decided
            return {"what": BY, "params": {"who": data.removeprefix("by ")}}
        word = data.partition(":")[0]
        known = {"what": EARLIER, "params": {"text": data}} if data else {}
        return {"word": word if word.isidentifier() and word != data else "", **known}

    @classmethod
    def by(cls, who: str) -> Self:
        """Who decided, where that stands in place of a reason."""
        return cls(what=BY, params={"who": who})

    def __bool__(self) -> bool:
        return bool(self.what)

    @property
    def kind(self) -> str:
        """The word without the number that some have: ``dpi_below`` of ``dpi_below_200``."""
        return self.word.rstrip("0123456789").rstrip("_")

    def text(self, language: Language | None = None) -> str:
        """All of it for a person: the fixed word, what happened, what to do."""
        language = language or spoken()
        what = _text(self.what, self.params, language) if self.what else ""
        if self.what == EARLIER or not self.word:
            return what
        remedy = _text(self.remedy, self.params, language).rstrip(".") if self.remedy else ""
        return f"{self.word}: {what}. {remedy}." if remedy else f"{self.word}: {what}."

    def for_people(self, language: Language | None = None) -> str:
        """The same without the fixed word, which only programs need."""
        return self.text(language).removeprefix(f"{self.word}: ")

    @property
    def inner(self) -> Told:
        """All of it as a part of another message."""
        return Told(code=self.what, params=self.params) if self.what == EARLIER or not self.word else _whole(self)

    @property
    def happened(self) -> Told:
        """The same without what to do: that is over."""
        return self.model_copy(update={"remedy": ""}).inner

    def stored(self) -> str:
        """As the ledger keeps it; what an earlier release wrote stays as it is."""
        if self.what == EARLIER:
            return str(self.params["text"])
        return self.model_dump_json() if self else ""

    def changed(self, change: Callable[["Told | str"], "Told | str"]) -> Self:
        """The same with every text and message among its parameters changed, the inner ones first."""
        return self.model_copy(update={"params": _changed(self.params, change)})

    def within(self) -> Iterator[Told]:
        """The messages among its parameters, and theirs."""
        yield from _within(self.params)

    @override
    def __str__(self) -> str:
        return self.text()


NO_REASON: Final = Reason()


def _whole(reason: Reason) -> Told:
    what = Told(code=reason.what, params=reason.params)
    if not reason.remedy:
        return told("reason", word=reason.word, what=what)
    return told(
        "reason_with_remedy", word=reason.word, what=what, remedy=Told(code=reason.remedy, params=reason.params)
    )


def _within(params: Mapping[str, Param]) -> Iterator[Told]:
    for value in params.values():
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Told):
                yield item
                yield from item.within()


def _changed(params: Mapping[str, Param], change: Callable[[Told | str], Told | str]) -> dict[str, Param]:
    def one(value: Param) -> Param:
        if isinstance(value, tuple):
            return tuple(map(one, value))
        if isinstance(value, Told):
            return change(value.changed(change))
        return change(value) if isinstance(value, str) else value

    return {name: one(value) for name, value in params.items()}


def _text(code: str, params: Mapping[str, Param], language: Language) -> str:
    if code == EARLIER:
        return str(params["text"])
    count = params.get("count")
    words = worded(code, count if isinstance(count, int) else None, language)
    if words is None:
        return _unknown(code, params, language) if params and " " not in code else code
    try:
        return words.format_map(
            {name: _shown(_called(name, value, language), language) for name, value in _read(params, language).items()}
        )
    except (LookupError, ValueError):  # a record of another release, with other parameters
        return _unknown(code, params, language)


def _read(params: Mapping[str, Param], language: Language) -> Mapping[str, Param]:
    """The parameters with what a field was, is now, or is given as, in the way in which people read it."""
    field = str(params.get("field", ""))
    return {
        name: value_shown(field if name in _VALUES else "", value, language) if isinstance(value, str) else value
        for name, value in params.items()
    }


def _called(name: str, value: Param, language: Language) -> Param:
    """A parameter that names a field, a stage or a role as people call it; programs are told its English name."""
    kind = _CALLED.get(name)
    if kind is None or language == "en":
        return value
    if isinstance(value, tuple):
        return tuple(_called(name, item, language) for item in value)
    return (worded(f"{kind}_{value}", None, language) or value) if isinstance(value, str) else value


def _unknown(code: str, params: Mapping[str, Param], language: Language) -> str:
    return f"{code} ({_shown(tuple(params.values()), language):,})"


class _Several(tuple[object, ...]):
    """Several things in a text: ``{names}`` is *a, b*, ``{names:;}`` *a; b*, ``{names: and}`` *a and b*."""

    __slots__ = ()

    @override
    def __format__(self, sign: str) -> str:
        return f"{sign or ','} ".join(map(str, self))


def _shown(value: Param, language: Language) -> object:
    if isinstance(value, Told):
        return value.text(language)
    return _Several(_shown(item, language) for item in value) if isinstance(value, tuple) else value
