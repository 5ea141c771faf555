"""What a city chose for the acceptance of digitised lots (law L5.16: no law says it)."""

from typing import Literal, get_args

from pydantic import Field

from config.sampling import SamplingLevel
from domain.readings import FieldName
from domain.record import Frozen

DefectKind = Literal[FieldName, "type", "code", "image"]
"""What may be wrong with a paper: a field (law L2.5), its type, a code of it, or its pictures."""

DEFECT_KINDS: tuple[DefectKind, ...] = get_args(DefectKind)


class QualitySettings(Frozen):
    """The acceptance of digitised lots, unless a contract says otherwise (`docs/quality.md`)."""

    aql: float = Field(default=1.0, gt=0, le=10)
    """The acceptance quality limit in percent of papers with a defect, as `config/catalogues/sampling.yaml` has it."""
    level: SamplingLevel = "II"
    """The inspection level."""
    whole_up_to: int = Field(default=280, ge=0)
    """Lots of up to so many papers are looked at whole."""
    critical: tuple[DefectKind, ...] = ("owner_id", "number_symbol", "issued_date", "dossier_code", "type", "code")
    """The kinds of defects of which a sample may have no more than `critical_allowed`."""
    critical_allowed: int = Field(default=0, ge=0)
    """How many papers of a sample may have such a defect."""
