"""Settings of the national and sector databases that are asked besides our own catalogue."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import Field, TypeAdapter

from config.release import read_release
from domain.record import Frozen

_NAMES = Path(__file__).parent / "catalogues" / "databases.yaml"
_TEXTS = TypeAdapter(dict[str, str])


@cache
def _names() -> Mapping[str, str]:
    return read_release(_NAMES, "databases", _TEXTS.validate_python)


def database_name(source: str) -> str:
    """What people call a database, behind the word for that; its key, where the release knows no name.

    Raises:
        SetupError: the file of names is missing, or does not say what it must.
    """
    return _names().get(source, f"`{source}`")


class QuestionNames(Frozen):
    """What the fields of a question are called; an empty name is not sent."""

    owner: str = Field(default="SoDinhDanh", min_length=1)
    """The owner's identifier."""
    dossier: str = "MaHoSo"
    """The dossier."""
    component: str = "MaThanhPhanHoSo"
    """The component of the procedure."""
    types: str = "MaGiayTo"
    """The register's codes of types."""


class AnswerPaths(Frozen):
    """Where an answer has its fields, as `data.0.TonTai`; an empty path is not looked at."""

    found: str = Field(default="TonTai", min_length=1)
    """Whether the paper is there."""
    owner: str = ""
    """Must be the one who was asked about, when it is given."""
    issuer: str = "CoQuanCap"
    """Who issued it."""
    number_symbol: str = "SoKyHieu"
    """Its number."""
    issued: str = "NgayCap"
    """Its day of issue."""
    valid_until: str = "ThoiHanHieuLuc"
    """Its last day."""


class RegisterSettings(Frozen):
    """A national or sector database that is asked over REST whether it holds a paper."""

    url: str = Field(pattern=r"^(https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/])[^\s?#@]*$")
    """Where it is asked; without TLS only on this machine."""
    token_file: Path | None = None
    """A file with the bearer token."""
    roots: Path | None = None
    """PEM: the authorities of its TLS certificate; the system's, when it is not given."""
    timeout_s: float = Field(default=3, gt=0, le=30)
    """How long an answer is waited for."""
    failures: int = Field(default=3, ge=1)
    """After so many in a row it is left alone."""
    rest_s: float = Field(default=30, gt=0)
    """For how long it is left alone."""
    keep_s: int = Field(default=600, ge=0, le=3600)
    """How long an answer is kept in memory where the owner consented; 0 is never."""
    asks: QuestionNames = QuestionNames()
    answers: AnswerPaths = AnswerPaths()
    types: dict[str, str] = Field(default_factory=dict)
    """Our codes of paper types with its own."""
