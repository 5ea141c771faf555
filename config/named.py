"""What people write in place of codes: names of paper types, procedures and agencies, shortened as is usual."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from types import MappingProxyType

from config.copies import presented_as
from config.models import Catalogues
from config.owners import load_parties, load_roles, party_called, role_called
from domain.codes import is_agency, is_procedure
from domain.errors import UsageError
from domain.fold import fold
from domain.values import excerpt

_SHORT = MappingProxyType(
    {
        "ubnd": "uy ban nhan dan",
        "hdnd": "hoi dong nhan dan",
        "tp": "thanh pho",
        "p": "phuong",
        "q": "quan",
        "h": "huyen",
        "x": "xa",
        "tx": "thi xa",
        "tt": "thi tran",
    }
)
_MOST_SHOWN = 8
_Way = Callable[[str, Catalogues], str]


def understood(values: Mapping[str, str], catalogues: Catalogues) -> dict[str, str]:
    """The values of a paper with codes of types and agencies in place of their names, and issuers as they are called.

    Days and identifiers are understood by ``domain.values``.  What is a code already stays as it was written, and so
    does the name of an issuer that no list has.

    Raises:
        UsageError: a name is none, or several bear it; the remedy names those that it may be, with their codes.  Or
            papers are not handed in as that.
    """
    values = owners_by_role(values)
    by_name: Mapping[str, Callable[[str, Catalogues], str]] = {
        "type": type_named,
        "scope": agency_named,
        "issuer": _issuer,
        "presented": lambda words, _: presented_as(words),
    }
    return {
        name: by_name[name](text.strip(), catalogues) if name in by_name and text.strip() else text
        for name, text in values.items()
    }


def owners_by_role(values: Mapping[str, str]) -> dict[str, str]:
    """The values of a paper with codes of roles in place of their names, in ``owner_role`` and ``further_owners``.

    Raises:
        UsageError: no role is called so; the remedy names those that there are.
    """
    found = dict(values)
    if role := values.get("owner_role", "").strip():
        found["owner_role"] = _role(role, "owner_role")
    if owners := values.get("further_owners", "").strip():
        parts = (part.partition(":") for part in owners.split(";") if part.strip())
        found["further_owners"] = "; ".join(
            f"{_role(role, 'further_owners')}: {rest.strip()}" if colon else role for role, colon, rest in parts
        )
    return found


def _role(text: str, field: str) -> str:
    code = role_called(text)
    if code is None:
        names = [item.name for item in load_roles().values()]
        raise UsageError("value_no_role", remedy="give_a_role", field=field, value=excerpt(text), roles=names)
    return code


def party_named(text: str) -> str:
    """The code of a role in a dossier that is given by its code or name.

    Raises:
        UsageError: no role is called so; the remedy names those that there are.
    """
    code = party_called(text)
    if code is None:
        names = [item.name for item in load_parties().values()]
        raise UsageError("no_party_called_so", remedy="give_a_role", value=excerpt(text), roles=names)
    return code


def type_named(text: str, catalogues: Catalogues) -> str:
    """The code of a paper type that is given by code, name or printed title.

    Raises:
        UsageError: no type is called so, or several are.
    """
    if catalogues.find_type(text) is not None:
        return text
    names = [(item.code, name) for item in catalogues.types for name in (item.name, *item.titles)]
    found = _bearing(text, names) or _bearing(text, [(item.key, item.name) for item in catalogues.results])
    if len(found) == 1:
        return found[0]
    called = [(item.code, item.name) for item in catalogues.types]
    raise _unsettled("type", text, found, called, listed="catalogue list types")


def procedure_named(text: str, catalogues: Catalogues, day: date) -> str:
    """The code of the procedure of a day that is given by code, by name, or by words that no other has all of.

    Raises:
        UsageError: no procedure is called so, or several may be meant.
    """
    if is_procedure(text):
        return text
    names = [(item.code, item.name) for item in catalogues.procedures if item.covers(day)]
    found = _bearing(text, names) or _having(text, names)
    if len(found) == 1:
        return found[0]
    raise _unsettled("procedure", text, found, names, listed="catalogue list procedures")


def agency_named(text: str, catalogues: Catalogues) -> str:
    """The code of an agency that is given by code or name.

    Raises:
        UsageError: no agency is called so, or several are.
    """
    if is_agency(text):
        return text
    names = [(item.code, item.name) for item in catalogues.agencies]
    found = _bearing(text, names)
    if len(found) == 1:
        return found[0]
    raise _unsettled("scope", text, found, names, listed="catalogue list agencies")


def _issuer(text: str, catalogues: Catalogues) -> str:
    """The name of an issuer in the spelling of the list; one that no list has stays as it was written."""
    known = {item.code: item.name for item in catalogues.agencies}
    called = {known[code] for code in ([text] if text in known else _bearing(text, known.items()))}
    return called.pop() if len(called) == 1 else text


def _bearing(text: str, names: Iterable[tuple[str, str]]) -> list[str]:
    """The codes of what is called so."""
    wanted = _spelt_out(text)
    return list(dict.fromkeys(code for code, name in names if _spelt_out(name) == wanted))


def _having(text: str, names: Iterable[tuple[str, str]]) -> list[str]:
    """The codes of what has all the words in its name."""
    wanted = set(_spelt_out(text).split())
    return list(dict.fromkeys(code for code, name in names if wanted and wanted <= set(_spelt_out(name).split())))


def _spelt_out(text: str) -> str:
    """A name as it is compared: without accents and signs, and with what is usually shortened written out."""
    return " ".join(_SHORT.get(word, word) for word in re.findall(r"\w+", fold(text)))


def _unsettled(field: str, text: str, found: list[str], names: Iterable[tuple[str, str]], *, listed: str) -> UsageError:
    names, shown = list(names), excerpt(text)
    near = {_spelt_out(name): f"{code} ({name})" for code, name in names}
    if found:
        likely = [f"{code} ({name})" for code, name in names if code in found] or found
        return UsageError(
            "name_of_several", remedy="give_its_code", field=field, value=excerpt(text), likely=likely[:_MOST_SHOWN]
        )
    wanted = _spelt_out(text)
    likely = [item for spelt, item in near.items() if wanted and wanted in spelt]
    likely += [near[item] for item in get_close_matches(wanted, near, _MOST_SHOWN)]
    likely = list(dict.fromkeys(likely))[:_MOST_SHOWN]
    if likely:
        return UsageError(
            "name_of_nothing", remedy="give_one_of_names", field=field, value=excerpt(text), likely=likely
        )
    return UsageError("name_of_nothing", remedy="see_names", field=field, value=shown, listed=listed)
