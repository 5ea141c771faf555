"""The persons and organisations of a paper in their roles, and how the further ones are written in one line.

``wife: Nguyễn Thị Thu Hà, 048194003421; husband: Phan Văn Dũng`` names two; of the second nobody knows the number.
Which roles there are, and what they are called, is data (config/catalogues/roles.yaml).
"""

import re
from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import AfterValidator

from domain.owners import identifier_kind, mask, normal_owner
from domain.record import Frozen

HOLDER: Final = "holder"
"""The role of an owner of whom nobody said which he has."""
_ROLE = re.compile(r"[a-z][a-z_]{0,30}")
_NUMBER = re.compile(r"[0-9][0-9\s.‐‑‒–—−-]{7,}")
_MOST = 20


class PaperOwner(Frozen):
    """One of those whom a paper is about: in which role, called what, under which number; ``None`` is not known."""

    role: str
    name: str | None = None
    number: str | None = None

    @property
    def masked(self) -> "PaperOwner":
        """The same as lists and logs show it (design law 7)."""
        return self.model_copy(update={"number": self.number and mask(self.number)})

    def __str__(self) -> str:
        """How it is written: ``wife: Nguyễn Thị Thu Hà, 048194003421``."""
        return f"{self.role}: {', '.join(item for item in (self.name, self.number) if item)}"


def is_role(text: str) -> bool:
    """Whether a text can be the code of a role."""
    return _ROLE.fullmatch(text) is not None


def read_owners(text: str) -> tuple[PaperOwner, ...]:
    """The owners of a line.

    Raises:
        ValueError: it is none: one has no role, or neither name nor number, or two have the same number.
    """
    owners = tuple(_owner(part) for part in text.split(";") if part.strip())
    numbers = [item.number for item in owners if item.number]
    if not 0 < len(owners) <= _MOST or len(set(numbers)) < len(numbers):
        raise ValueError("no owners, too many, or one of them twice")
    return owners


def write_owners(owners: Iterable[PaperOwner]) -> str:
    """The line of some owners."""
    return "; ".join(map(str, owners))


def owners_of_line(text: str | None) -> tuple[PaperOwner, ...]:
    """The owners of a line that may be none."""
    return read_owners(text) if text else ()


def _owner(part: str) -> PaperOwner:
    role, colon, rest = part.partition(":")
    role = role.strip()
    if not colon or not is_role(role):
        raise ValueError("no role")
    name, _, last = rest.rpartition(",")
    number = None
    if _NUMBER.fullmatch(last.strip()):
        number = normal_owner(last)
        if identifier_kind(number) is None:
            raise ValueError("no identifier")
    else:
        name = rest
    name = " ".join(name.split()).strip(" ,")
    if not name and number is None:
        raise ValueError("neither name nor number")
    return PaperOwner(role=role, name=name or None, number=number)


def _is_line(text: str) -> str:
    if write_owners(read_owners(text)) != text:
        raise ValueError("not as it is written")
    return text


OwnersLine = Annotated[str, AfterValidator(_is_line)]
"""A line of owners as it is stored."""
