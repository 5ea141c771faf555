"""One database over REST: a question as a JSON object by POST, so that no identifier stands in an address.

A question changes nothing and may be asked twice: once more when the connection broke or the server was busy, never
after a time-out.  Reasons name the database, never the owner.
"""

import json
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Never

import urllib3
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from config.models import Component
from config.registers import RegisterSettings, database_name
from domain.clock import today
from domain.days import parse_day
from domain.errors import SetupError
from domain.messages.told import Told, told
from files.exchange import TooMuch, Unanswered, post
from services.registers.interface import Elsewhere

_LARGEST = 64 << 10  # an answer is a handful of fields
_BUSY = {429, 502, 503, 504}


class _Unavailable(Exception):
    """It could not be asked; what is told is for the clerk."""

    def __init__(self, code: str, **params: object) -> None:
        self.told = told(code, **params)
        super().__init__(code)


class _Again(_Unavailable):
    """It could not be asked, and may be asked once more."""


class _Answer(BaseModel):
    """What a database answered, by our names."""

    model_config = ConfigDict(extra="forbid")

    found: bool
    owner: str | None = Field(default=None, max_length=20)
    issuer: str | None = Field(default=None, max_length=500)
    number_symbol: str | None = Field(default=None, max_length=200)
    issued: date | None = None
    valid_until: date | None = None

    @field_validator("issued", "valid_until", mode="before")
    @classmethod
    def _day(cls, value: Any) -> Any:
        return parse_day(value) or value if isinstance(value, str) and value.strip() else value or None


class Register:
    """A national or sector database."""

    def __init__(self, name: str, settings: RegisterSettings) -> None:
        """Connect when asked first.

        Raises:
            SetupError: the token cannot be read, or others may read it.
        """
        self._name = name
        self._settings = settings
        self._token = _read_token(settings.token_file) if settings.token_file else ""
        roots = str(settings.roots) if settings.roots else None
        self._pool = urllib3.PoolManager(ca_certs=roots, cert_reqs="CERT_REQUIRED")

    def close(self) -> None:
        """Give the connections back."""
        self._pool.clear()

    def ask(self, owner_id: str, dossier: str, component: Component) -> Elsewhere:
        """Whether it holds what a component asks for; what went wrong is in the answer."""
        names, types = self._settings.asks, self._settings.types
        asked = {
            names.owner: owner_id,
            names.dossier: dossier,
            names.component: component.code,
            names.types: [types.get(code, code) for code in component.types],
        }
        body = json.dumps({name: value for name, value in asked.items() if name}).encode()
        deadline = time.monotonic() + self._settings.timeout_s
        try:
            try:
                answer = self._post(body, deadline)
            except _Again:
                answer = self._post(body, deadline)
            return self._read(answer, owner_id)
        except _Unavailable as error:
            reason = told("register_unavailable", source=database_name(self._name), why=error.told)
            return Elsewhere(state="unavailable", source=self._name, reason=reason)

    def _post(self, body: bytes, deadline: float) -> bytes:
        """The body of the answer, all of it before the deadline."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            answer = post(
                self._pool,
                self._settings.url,
                body,
                headers,
                within_s=max(0.001, deadline - time.monotonic()),
                at_most=_LARGEST,
            )
        except TooMuch:
            raise _Unavailable("register_too_much", kib=_LARGEST >> 10) from None
        except Unanswered as error:
            if error.is_late:
                raise _Unavailable("register_silent", seconds=f"{self._settings.timeout_s:g}") from None
            raise _Again("register_unreached", error=error.how) from None
        if answer.status in _BUSY:
            raise _Again("register_busy", status=answer.status)
        if answer.status != 200:
            raise _Unavailable("register_refuses", status=answer.status)
        return answer.body

    def _read(self, content: bytes, owner_id: str) -> Elsewhere:
        """The answer by our names; what it says of another owner, or what is over, is not there."""
        paths = self._settings.answers
        try:
            answer_json = json.loads(content)
            wanted = {name: _at(answer_json, path) for name, path in paths if path}
            answer = _Answer.model_validate(wanted)
        except ValidationError as error:
            path = getattr(paths, str(error.errors()[0]["loc"][0]))
            self._misunderstood(told("register_value_missing", path=path))
        except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
            self._misunderstood(told("register_no_json"))
        if answer.owner is not None and answer.owner != owner_id:
            self._misunderstood(told("register_of_another"))
        recorded = answer.model_dump(exclude={"found", "owner"})
        if not answer.found:
            return Elsewhere(state="not_there", source=self._name)
        if answer.valid_until is not None and answer.valid_until < today():
            reason = told("register_ended", source=database_name(self._name), day=answer.valid_until)
            return Elsewhere(state="not_there", source=self._name, reason=reason, **recorded)
        return Elsewhere(state="found", source=self._name, **recorded)

    def _misunderstood(self, why: Told) -> Never:
        raise _Unavailable("register_not_understood", why=why)


def _at(answer_json: Any, path: str) -> Any:
    """What stands at ``data.giay_to.0.so`` of an answer; None when nothing does."""
    for step in path.split("."):
        if isinstance(answer_json, Mapping):
            answer_json = answer_json.get(step)
        elif isinstance(answer_json, list) and step.isdecimal() and int(step) < len(answer_json):
            answer_json = answer_json[int(step)]
        else:
            return None
    return answer_json


def _read_token(path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise SetupError("read_by_others", remedy="change_mode_600", path=path)
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(
            "register_token_not_read", remedy="check_file", path=path, error=type(error).__name__
        ) from None
    if not token.isprintable() or not token or " " in token:
        raise SetupError("register_token_odd", remedy="token_on_one_line", path=path)
    return token
