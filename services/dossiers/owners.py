"""Whose a dossier is, and whether a paper is of somebody else."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import from_json

from archive.interface import Dossier, Paper
from config.owners import APPLICANT, party_called
from domain.dossiers.persons import RELATED, owners_of
from domain.errors import ExitCode, KhosoError
from domain.owners import identifier_kind, normal_owner
from domain.roles import owners_of_line
from domain.values import checked
from pipeline.records import Described
from services.context import Services
from services.permissions import Asker, refuse


class AnothersDossier(KhosoError):
    """The dossier is known here, and is not of the paper's owner."""

    exit_code = ExitCode.REFUSED
    reason = "anothers_dossier"
    remedy = "look_or_other_owner"


def is_of_another(ctx: Services, owner_ids: Iterable[str], dossier: Dossier | None) -> bool:
    """Whether a paper of these owners is in a dossier that is known here and is none of theirs.

    A paper of the administration itself is nobody else's, and numbers that are linked are one person's.
    """
    owners = {ctx.owner_keys.of(item) for item in owner_ids if identifier_kind(item) is not None}
    if dossier is None or not owners:
        return False
    theirs = {dossier.owner_key, *map(ctx.owner_keys.of, owners_told(dossier))}
    return owners.isdisjoint(theirs) and theirs.isdisjoint(
        item for key in owners for item in ctx.desk.links.others(key)
    )


def owner_in(ctx: Services, paper: Paper, dossier: Dossier) -> str:
    """Under whose number a paper is given back with a dossier: that of the one of its owners whose dossier it is.

    Else, as where the dossier is a parent's and the paper the child's, that of the owner by whom its code is made.
    """
    type_ = ctx.catalogues.find_type(paper.type_code)
    named = type_.named if type_ else ()
    own = [item.number for item in paper.owners if item.number and item.role not in named]
    return next((number for number in own if not is_of_another(ctx, (number,), dossier)), paper.owner_id)


def owners_told(dossier: Dossier) -> list[str]:
    """The identifiers of a dossier's owner as the one-stop system told them."""
    return owners_of(portal_fields(dossier))


def persons_told(dossier: Dossier) -> dict[str, list[str]]:
    """The identifiers of the persons of a dossier by their roles, as the one-stop system told them.

    The portal's fields name its owner alone; ``NguoiLienQuan`` is ours, for systems that know more.
    """
    found = {APPLICANT: owners_told(dossier)}
    for _, role, number in related(portal_fields(dossier)):
        if role and identifier_kind(number) and number not in found.setdefault(role, []):
            found[role].append(number)
    return {role: numbers for role, numbers in found.items() if numbers}


def related(fields: Mapping[str, Any]) -> list[tuple[str, str | None, str]]:
    """The other persons that a dossier's fields name: his role as it is written, its code if it is one, his number."""
    given = fields.get(RELATED)
    items = [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []
    named = ((str(item.get("VaiTro") or ""), str(item.get("SoDinhDanh") or "")) for item in items)
    return [(role, party_called(role), normal_owner(number)) for role, number in named]


def portal_fields(dossier: Dossier) -> dict[str, Any]:
    """The fields of a dossier as they came; none of one that cannot be read, which who gives it back is told."""
    try:
        fields = from_json(dossier.data, allow_inf_nan=False)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def of_its_owner(ctx: Services, asker: Asker, confirmed: Described, why: str) -> Described:
    """The record of a paper whose dossier, where that is known here, is its owner's; else ``why`` it belongs there.

    Raises:
        AnothersDossier: it is another's, and nobody says why.
    """
    dossier = confirmed.description.stated("dossier_code")
    further = owners_of_line(confirmed.description.value("further_owners"))
    owners = (confirmed.description.value("owner_id"), *(item.number for item in further))
    if dossier is None or not is_of_another(ctx, filter(None, owners), ctx.desk.dossier(dossier)):
        return confirmed
    if not why:
        refuse(ctx, asker, "review", confirmed.document_id, AnothersDossier.reason, dossier=dossier)
        raise AnothersDossier("dossier_of_other_owner", dossier=dossier)
    return confirmed.model_copy(update={"other_owner": dossier})


def confirmation(dossier: str | None, why: str) -> dict[str, str]:
    """What the audit journal says of a dossier of somebody else that was confirmed with a release."""
    return {"other_owner": dossier, "why": checked("reason", why)} if dossier and why else {}
