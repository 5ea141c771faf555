"""Signed minutes as they are kept: an object for each round, in a storage root of their own (law L5.19)."""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from pydantic import Field, ValidationError

from archive.errors import ObjectLost, VaultDamaged
from archive.inspections.records import Inspection, PaperCheck
from domain.clock import Moment
from domain.record import Frozen
from services.context import Services
from services.quality.tally import Tally

MINUTES_PDF, MINUTES_DATA = "minutes.pdf", "minutes.json"


class MinutesStatement(Frozen):
    """What the parties state: who they are, by which contract, and what is to be done where the lot is refused."""

    contract: str
    party_a: str
    party_b: str
    person_a: str = ""
    person_b: str = ""
    sheets: int | None = Field(default=None, ge=1)
    boxes: str = ""
    rework: str = ""
    rework_until: date | None = None


class TakenOut(Frozen):
    """A paper that left the sample unseen, because it was held no more: its place in the draw, when, by whose act."""

    paper_id: str
    place: int
    out_at: Moment
    out_by: str


class MinutesData(Frozen):
    """All that the minutes were written from, so that every number in them can be counted again.

    ``out``: what left the sample; ``lost``: how many papers of the lot are not held any more.
    """

    format: Literal["khoso-minutes-1"] = "khoso-minutes-1"
    at: Moment
    by: str
    inspection: Inspection
    tally: Tally
    statement: MinutesStatement
    lot: tuple[str, ...]
    sample: tuple[str, ...]
    out: tuple[TakenOut, ...] = ()
    lost: int = 0
    checks: tuple[PaperCheck, ...]


class KeptMinutes(Frozen):
    """Minutes in the store."""

    data: MinutesData
    pdf: Path
    sha256: str


def signed_minutes(ctx: Services, inspection: Inspection) -> KeptMinutes | None:
    """The newest minutes of a round; None while none are signed.

    Raises:
        VaultDamaged: they are damaged.
    """
    if not ctx.settings.minutes.exists():
        return None
    try:
        stored = ctx.minutes.get(minutes_id(inspection.name))
    except ObjectLost:
        return None
    try:
        ctx.minutes.compare(stored)
        data = MinutesData.model_validate_json(stored.files[MINUTES_DATA].read_bytes(), extra="ignore")
        digest = sha256(stored.files[MINUTES_PDF].read_bytes()).hexdigest()
    except (OSError, ValidationError, KeyError) as error:
        raise VaultDamaged(
            "minutes_not_read", remedy="put_minutes_back", name=inspection.name, error=type(error).__name__
        ) from None
    return KeptMinutes(data=data, pdf=stored.files[MINUTES_PDF], sha256=digest)


def keep_minutes(ctx: Services, data: MinutesData, pdf: bytes) -> KeptMinutes:
    """Store signed minutes; former ones of the same round stay as an earlier version."""
    files: Mapping[str, bytes] = {MINUTES_PDF: pdf, MINUTES_DATA: data.model_dump_json(indent=1).encode()}
    name = minutes_id(data.inspection.name)
    about: Any = {"created": data.at, "who": data.by, "message": "minutes"}
    if ctx.minutes.path(name).exists():
        stored = ctx.minutes.add_version(name, files, **about)
    else:
        with TemporaryDirectory(prefix="minutes-") as folder:
            for file, content in files.items():
                (Path(folder) / file).write_bytes(content)
            stored = ctx.minutes.put(name, {file: Path(folder) / file for file in files}, **about)
    return KeptMinutes(data=data, pdf=stored.files[MINUTES_PDF], sha256=sha256(pdf).hexdigest())


def minutes_id(name: str) -> str:
    """The id of the object of a round."""
    return f"urn:khoso:minutes:{name}"
