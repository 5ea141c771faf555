"""Roles in which persons and organisations stand on papers, as data."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import yaml
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from domain.errors import SetupError
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
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        return MappingProxyType({item.code: item for item in _ROLES.validate_python(content["roles"])})
    except FileNotFoundError:
        raise SetupError("release_file_missing", remedy="restore_from_release", path=path) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SetupError(
            "file_says_wrong", remedy="compare_with_release", path=path, place=place, why=first["msg"]
        ) from None
    except (yaml.YAMLError, ValueError, TypeError, LookupError) as error:
        raise SetupError("no_list_of_roles", remedy="restore_from_release", path=path, error=error) from None


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
