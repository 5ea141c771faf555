"""Settings of the national and sector databases that are asked besides our own catalogue."""

from pathlib import Path

from pydantic import Field

from domain.record import Frozen


class QuestionNames(Frozen):
    """What the fields of a question are called; an empty name is not sent."""

    owner: str = Field(default="SoDinhDanh", min_length=1)
    dossier: str = "MaHoSo"
    component: str = "MaThanhPhanHoSo"
    types: str = "MaGiayTo"


class AnswerPaths(Frozen):
    """Where an answer has its fields, as ``data.0.TonTai``; an empty path is not looked at.

    ``owner``, when given, must be the one who was asked about.
    """

    found: str = Field(default="TonTai", min_length=1)
    owner: str = ""
    issuer: str = "CoQuanCap"
    number_symbol: str = "SoKyHieu"
    issued: str = "NgayCap"
    valid_until: str = "ThoiHanHieuLuc"


class RegisterSettings(Frozen):
    """A national or sector database that is asked over REST whether it holds a paper.

    Without TLS only on this machine.  ``roots`` is a PEM file of authorities, the system's when it is not given;
    ``types`` our codes of paper types with theirs.  After ``failures`` in a row it is left alone for ``rest_s``.
    ``keep_s``: how long an answer is kept in memory where the owner consented; 0 is never.
    """

    url: str = Field(pattern=r"^(https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/])[^\s?#@]*$")
    token_file: Path | None = None
    roots: Path | None = None
    timeout_s: float = Field(default=3, gt=0, le=30)
    failures: int = Field(default=3, ge=1)
    rest_s: float = Field(default=30, gt=0)
    keep_s: int = Field(default=600, ge=0, le=3600)
    asks: QuestionNames = QuestionNames()
    answers: AnswerPaths = AnswerPaths()
    types: dict[str, str] = Field(default_factory=dict)
