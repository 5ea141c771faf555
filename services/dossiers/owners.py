"""Whose a dossier is, and whether a paper is of somebody else."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from archive.interface import Dossier
from domain.errors import ExitCode, KhosoError
from domain.owners import identifier_kind, normal_owner
from domain.values import checked
from pipeline.records import Described
from services.context import Services
from services.permissions import Asker, refuse


class AnothersDossier(KhosoError):
    """The dossier is known here, and is not of the paper's owner."""

    exit_code = ExitCode.REFUSED
    reason = "anothers_dossier"
    remedy = "look_or_other_owner"


def owners_of(fields: Mapping[str, Any]) -> list[str]:
    """The identifiers of a dossier's owner in the portal's fields, the first of them first: one may have several."""
    given = [fields.get("SoGiayToChuHoSo")]
    if isinstance(fields.get("DinhDanhCHS"), list):
        given += [item.get("SoDinhDanh") for item in fields["DinhDanhCHS"] if isinstance(item, dict)]
    owners = (normal_owner(str(text or "")) for text in given)
    return [owner for owner in owners if identifier_kind(owner)]


def is_of_another(ctx: Services, owner_id: str, dossier: Dossier | None) -> bool:
    """Whether a paper of this owner is in a dossier that is known here and is another's.

    A paper of the administration itself is nobody else's.
    """
    if dossier is None or identifier_kind(owner_id) is None:
        return False
    keys = {dossier.owner_key, *map(ctx.owner_keys.of, owners_told(dossier))}
    return ctx.owner_keys.of(owner_id) not in keys


def owners_told(dossier: Dossier) -> list[str]:
    """The identifiers of a dossier's owner as the one-stop system told them."""
    return owners_of(portal_fields(dossier))


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
    owner = confirmed.description.value("owner_id") or ctx.settings.agency
    if dossier is None or not is_of_another(ctx, owner, ctx.desk.dossier(dossier)):
        return confirmed
    if not why:
        refuse(ctx, asker, "review", confirmed.document_id, AnothersDossier.reason, dossier=dossier)
        raise AnothersDossier("dossier_of_other_owner", dossier=dossier)
    return confirmed.model_copy(update={"other_owner": dossier})


def confirmation(dossier: str | None, why: str) -> dict[str, str]:
    """What the audit journal says of a dossier of somebody else that was confirmed with a release."""
    return {"other_owner": dossier, "why": checked("reason", why)} if dossier and why else {}
