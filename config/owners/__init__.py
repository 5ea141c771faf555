"""Roles in which persons and organisations stand on papers, as data."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter

from config.release import read_release
from domain.fold import fold
from domain.record import Frozen

_FILE = Path(__file__).parent.parent / "catalogues" / "roles.yaml"


class OwnerRole(Frozen):
    """A role of an owner: its code, what it is called, and what else people call it.

    ``labels``: by which words behind `họ, chữ đệm, tên` a form names who has it, without accents.
    """

    code: str = Field(pattern="^[a-z][a-z_]{0,30}$")
    name: str
    name_en: str
    also: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


_ROLES = TypeAdapter(tuple[OwnerRole, ...])


@cache
def load_roles(path: Path = _FILE) -> Mapping[str, OwnerRole]:
    """The roles of the release, by their codes.

    Raises:
        SetupError: the file is missing, or does not say what it must.
    """
    return MappingProxyType({item.code: item for item in read_release(path, "roles", _ROLES.validate_python)})


def role_called(text: str) -> str | None:
    """The code of the role that is called so, by code or name, with or without accents; None: none is."""
    wanted = fold(" ".join(text.split()))
    return next(
        (
            item.code
            for item in load_roles().values()
            if wanted in {item.code, *map(fold, (item.name, item.name_en, *item.also))}
        ),
        None,
    )


def role_name(code: str, language: str) -> str:
    """What a role is called; the code of one that the release does not know."""
    role = load_roles().get(code)
    return code if role is None else role.name if language == "vi" else role.name_en


def _known(code: str) -> str:
    if code not in load_roles():
        raise ValueError(f"write one of {', '.join(load_roles())}")
    return code


RoleCode = Annotated[str, AfterValidator(_known)]
"""The code of a role that is known."""
