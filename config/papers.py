"""The shapes of paper types and of the national list of their codes (law table 2B, §9E)."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from config.owners import RoleCode
from domain.codes import KEY_LENGTH, code_key
from domain.levels import Level
from domain.readings import FieldName
from domain.record import Frozen


def _trimmed(code: str) -> str:
    if code != code_key(code):
        raise ValueError(f"write it without blanks around it or doubled ones, at most {KEY_LENGTH} signs")
    return code


Code = Annotated[str, Field(min_length=1), AfterValidator(_trimmed)]
"""A free key of a paper type or component (law table 2B)."""


class RetentionClass(Frozen):
    """How long a paper is kept (law L6.1, L6.2); ``code`` is L5.7's list.

    Without ``years`` it is permanent (01) or not known (07, Khác).
    """

    id: str
    name: str
    code: Literal["01", "02", "03", "04", "05", "06", "07"]
    years: int | None = Field(default=None, ge=2, le=70)
    confirmed: bool
    source: str

    @property
    def is_permanent(self) -> bool:
        """Whether its papers are kept for ever."""
        return self.code == "01"

    @model_validator(mode="after")
    def _years_given(self) -> "RetentionClass":
        if self.code != "07" and (self.years is None) != self.is_permanent:
            raise ValueError("`years` goes with every class but 01, which has none, and 07, which may")
        return self


class Validity(Frozen):
    """How long a paper of a type can be reused, and whether only in the area of its issuer (law L2.5, L2.11)."""

    kind: Literal["permanent", "months", "unknown"]
    months: int | None = Field(default=None, ge=1, le=1200)
    place_bound: bool = False

    @model_validator(mode="after")
    def _months_given(self) -> "Validity":
        if (self.kind == "months") != (self.months is not None):
            raise ValueError("`months` goes with kind `months`, and only with it")
        return self


class UseValidity(Frozen):
    """How long a paper serves as what a procedure asks for, where that is not how long it holds by itself.

    Counted from the day of issue, or for ever.  ``instead_of`` says what the paper's own term is for, which does not
    matter here; ``source`` by what rule.
    """

    kind: Literal["permanent", "months"]
    months: int | None = Field(default=None, ge=1, le=1200)
    instead_of: Literal["works"] | None = None
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _months_given(self) -> "UseValidity":
        if (self.kind == "months") != (self.months is not None):
            raise ValueError("`months` goes with kind `months`, and only with it")
        return self


class DocumentType(Frozen):
    """One paper type: its code, how it is known, what must be read from it, how long it is kept and valid.

    ``titles`` are the printed titles, none for a type that is only stated; ``keywords`` further phrases that speak for
    the type.  Both are matched without regard to accents and case.  ``retention`` may be None: such a paper is held,
    never archived without a class (law L6.3).  ``level`` is that of the signatures; None is the installation's own.
    ``signing`` is the profile by which it must be signed; None: whichever was chosen.
    ``confirmed`` is False for codes that await the national list.

    ``codes`` are further codes of the same paper: of other issuers and other code systems (law §9E); a paper keeps the
    one that it came with.  ``former`` are placeholders of earlier releases under which papers were archived.
    ``archive_kind`` is the kind of document in the archive's list (typeName of TT 05/2025, law L5.7; 32: another one).
    ``roles``: in which roles its owners stand on it, the one first by whom its code is made where no label tells;
    ``named``: others whom it names and about whom it proves nothing that they would be asked for: parents on the birth
    certificate of their child.
    ``given_as`` is the code under which it goes out where one code of the list stands for several of our types.
    """

    code: Code
    codes: tuple[Code, ...] = ()
    former: tuple[Code, ...] = ()
    given_as: Code | None = None
    name: str
    name_en: str
    kind: Literal["result", "component"]
    confirmed: bool
    roles: tuple[RoleCode, ...] = ()
    named: tuple[RoleCode, ...] = ()
    archive_kind: str = Field(default="32", pattern="^(0[1-9]|[12][0-9]|3[0-2])$")
    titles: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    owner: Literal["person", "organisation", "agency"]
    required: tuple[FieldName, ...]
    validity: Validity
    retention: str | None
    level: Level | None = None
    signing: str | None = None
    source: str

    @property
    def all_codes(self) -> tuple[str, ...]:
        """Every code that a paper of this type may have been archived under."""
        return (self.code, *self.codes, *self.former)


class ResultCode(Frozen):
    """A code of the national list of results, as the list writes it, its name, and the procedures that give it."""

    code: str
    name: str
    procedures: tuple[str, ...]

    @property
    def key(self) -> str:
        """The code as it is kept here."""
        return code_key(self.code)


class TypeIndex:
    """Paper types by every code that they bear, and the national list by its keys: each is asked for often."""

    def __init__(self, types: tuple[DocumentType, ...], results: tuple[ResultCode, ...]) -> None:
        """Know these types and results."""
        self.types, self.results = types, results
        self.bearing = {code: item for item in reversed(types) for code in item.all_codes}
        self.bearing |= {item.code: item for item in types}
        self.listed = {item.key: item for item in results}


def listed_type(result: ResultCode | None) -> DocumentType | None:
    """The paper type of which only the national list knows; None for none."""
    if result is None:
        return None
    return DocumentType(
        code=result.key,
        name=result.name,
        name_en=result.name,
        kind="result",
        confirmed=False,
        titles=(),
        owner="person",
        required=("issued_date", "owner_id"),
        validity=Validity(kind="unknown"),
        retention=None,  # its papers are held until somebody says how long they are kept (law L6.3)
        source="the national list of result papers",
    )
