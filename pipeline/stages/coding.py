"""code: the standard codes (law table 2B), minted once."""

from domain.codes import digitisation_prefix, mint_dossier
from pipeline.context import Context
from pipeline.records import Coded, Reviewed


def code(reviewed: Reviewed, ctx: Context) -> Coded:
    """Dossier, result and digitisation codes by the grammar of the day; a second run finds the same ones."""
    description = reviewed.description
    type_ = ctx.catalogues.type(description.type_code or "")
    type_code = ctx.catalogues.outward_code(description.type_code or "")
    agency = ctx.settings.agency
    day = reviewed.received_at.date()
    rules = ctx.catalogues.profile(day)
    # A paper of the administration itself has no citizen as owner: it is the agency's (law L2.5: mã số tổ chức).
    owner = description.value("owner_id") or agency
    codes = ctx.catalogue.mint(
        reviewed.document_id,
        dossier=description.value("dossier_code"),
        fresh_dossier=lambda serial: mint_dossier(rules.dossier_code, agency, day, serial),
        prefix=digitisation_prefix(owner, type_code, description.value("number_symbol")),
        is_result=type_.kind == "result",
    )
    return Coded.after(reviewed, codes=codes)
