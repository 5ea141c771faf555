"""At which level a document is signed, and when its proof is to be renewed."""

from datetime import date

from config.models import Catalogues
from domain.levels import Level, renewal_due
from pipeline.context import Context
from pipeline.records import Coded
from signing.interface import Provable


def level_of(coded: Coded, ctx: Context) -> Level:
    """The level that the document's type asks for, as far as the installation reaches."""
    type_ = ctx.catalogues.type(coded.description.type_code or "")
    return ctx.settings.signing.level_for(type_.level)


def due_date(given: Provable, catalogues: Catalogues) -> date | None:
    """When the archive time stamp is to be renewed; None for a file that has none."""
    if given.certificates_end is None:
        return None
    return renewal_due([given.certificates_end, *(catalogues.algorithm_end(*item) for item in given.strengths)])
