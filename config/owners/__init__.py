"""Roles in which persons and organisations stand on papers and in dossiers, as data."""

from collections.abc import Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import AfterValidator, Field, TypeAdapter

from config.release import read_release
from domain.fold import fold
from domain.messages.language import Language
from domain.messages.told import Told, told
from domain.record import Frozen

_FILE = Path(__file__).parent.parent / "catalogues" / "roles.yaml"
APPLICANT: Final = "applicant"
"""The role in a dossier of whose it is; it is meant where nobody says another."""


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
    """The roles on papers of the release, by their codes.

    Raises:
        SetupError: the file is missing, or does not say what it must.
    """
    return MappingProxyType({item.code: item for item in read_release(path, "roles", _ROLES.validate_python)})


@cache
def load_parties(path: Path = _FILE) -> Mapping[str, OwnerRole]:
    """The roles in dossiers: those that nobody has on a paper, and those on papers.

    Raises:
        SetupError: the file is missing, or does not say what it must.
    """
    parties = {item.code: item for item in read_release(path, "parties", _ROLES.validate_python)}
    return MappingProxyType({**parties, **load_roles(path)})


@cache
def load_apart(path: Path = _FILE) -> tuple[tuple[str, ...], ...]:
    """The roles of which nobody has two in one dossier.

    Raises:
        SetupError: the file is missing, or does not say what it must.
    """
    return read_release(path, "apart", _APART.validate_python)


def mixed_up(numbers: Mapping[str, str]) -> tuple[str, str] | None:
    """Two roles that exclude each other and are said of one number; None: there are none such."""
    for group in load_apart():
        known = [role for role in group if role in numbers]
        for one, other in combinations(known, 2):
            if numbers[one] == numbers[other]:
                return one, other
    return None


def role_called(text: str) -> str | None:
    """The code of the role on papers that is called so, by code or name, with or without accents; None: none is."""
    return _called(text, load_roles())


def party_called(text: str) -> str | None:
    """The same of a role in dossiers."""
    return _called(text, load_parties())


def _called(text: str, roles: Mapping[str, OwnerRole]) -> str | None:
    wanted = fold(" ".join(text.split()))
    return next(
        (
            item.code
            for item in roles.values()
            if wanted in {item.code, *map(fold, (item.name, item.name_en, *item.also))}
        ),
        None,
    )


def role_name(code: str, language: Language) -> str:
    """What a role is called; the code of one that the release does not know."""
    role = load_parties().get(code)
    return code if role is None else role.name if language == "vi" else role.name_en


def with_roles(why: Told, language: Language) -> str:
    """The words of a message whose ``roles`` are codes of roles: what they are called is data, and no message."""
    roles = why.params.get("roles")
    named = [role_name(str(code), language) for code in roles] if isinstance(roles, tuple) else None
    return (why if named is None else told(why.code, **{**why.params, "roles": named})).text(language)


def _known(code: str) -> str:
    if code not in load_roles():
        raise ValueError(f"write one of {', '.join(load_roles())}")
    return code


def _known_party(code: str) -> str:
    if code not in load_parties():
        raise ValueError(f"write one of {', '.join(load_parties())}")
    return code


RoleCode = Annotated[str, AfterValidator(_known)]
"""The code of a role on papers that is known."""

PartyCode = Annotated[str, AfterValidator(_known_party)]
"""The code of a role in dossiers that is known."""

_APART = TypeAdapter(tuple[tuple[PartyCode, ...], ...])
