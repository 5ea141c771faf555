"""code: the standard codes (law table 2B): ours are minted once, the one-stop system's taken as they were stated."""

from collections.abc import Callable
from datetime import date

from domain.codes import agency_of, digitisation_prefix, write_file_code
from pipeline.context import Context
from pipeline.records import Coded, Reviewed


def code(reviewed: Reviewed, ctx: Context) -> Coded:
    """Digitisation code by the grammar of the day, and a file code without a dossier; a second run finds the same."""
    description = reviewed.description
    type_code = ctx.catalogues.outward_code(description.type_code or "")
    dossier = description.stated("dossier_code")
    # A paper of the administration itself has no citizen as owner: it is the agency's (law L2.5: mã số tổ chức).
    owner = description.value("owner_id") or ctx.settings.agency
    codes = ctx.catalogue.mint(
        reviewed.document_id,
        prefix=digitisation_prefix(owner, type_code, description.value("number_symbol")),
        dossier=dossier,
        result=description.stated("result_code"),
        write_file=None if dossier else _file_codes(reviewed, ctx),
    )
    return Coded.after(reviewed, codes=codes)


def _file_codes(reviewed: Reviewed, ctx: Context) -> Callable[[int], str]:
    """What makes a file code of a serial: by the agency that put the paper in, and the year in which it was issued."""
    received = reviewed.received_at.date()
    issued = reviewed.description.value("issued_date")
    year = (date.fromisoformat(issued) if issued else received).year
    template = ctx.catalogues.profile(received).file_code
    agency = agency_of(reviewed.within, ctx.settings.agency)
    return lambda serial: write_file_code(template, agency, year, serial)
