"""A folder of scans with their truth: ``truth.json`` names each file, its pages as printed and its papers' fields."""

from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from config.loader import load_catalogues
from config.models import Catalogues
from domain.errors import UsageError
from domain.readings import FieldName
from pipeline.records import Statement

TRUTH: Final = "truth.json"
# Kinds that are no results have no code in the truth; these are the catalogue's codes for them.
TYPE_CODES: Final = {
    "application_form": "TP.H17.990101",
    "dossier_receipt": "TP.H17.990102",
    "notice": "TP.H17.990103",
    "plan": "TP.H17.990104",
    "official_letter": "TP.H17.990105",
}
# The truth's names of the fields that khoso reads.
FIELDS: Final[dict[str, FieldName]] = {
    "title": "title",
    "number_symbol": "number_symbol",
    "issued_date": "issued_date",
    "issuer": "issuer",
    "subject": "abstract",
    "owner_name": "owner_name",
    "owner_id": "owner_id",
    "valid_until": "valid_until",
    "dossier_code": "dossier_code",
}


class _Truth(BaseModel):
    """A part of the truth; what the benchmark does not need is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Stamp(_Truth):
    """A stamp over or beside the text."""

    text: str


class Page(_Truth):
    """A page as it was drawn; ``rotate`` is the clockwise turn in degrees that makes it upright."""

    rotate: int
    text: str
    handwritten: tuple[str, ...] = ()
    stamps: tuple[Stamp, ...] = ()

    @property
    def printed(self) -> tuple[str, ...]:
        """The lines that are print from end to end; lines with handwriting are left out once for each time listed."""
        return tuple((Counter(self.text.splitlines()) - Counter(self.handwritten)).elements())


@cache
def _catalogues() -> Catalogues:
    return load_catalogues()


class Paper(_Truth):
    """A document of a file: its kind, the indices of its pages from 0, its fields (None: not on the paper)."""

    kind: str
    pages: tuple[int, ...]
    fields: dict[str, str | None]
    extra: dict[str, Any] = {}

    @property
    def type_code(self) -> str | None:
        """The code of its paper type; None for a kind that the catalogue has none for."""
        code = self.fields.get("result_type_code") or TYPE_CODES.get(self.kind)
        return code and _catalogues().present_code(code)  # a truth of an earlier year has the codes of that year

    @property
    def values(self) -> dict[FieldName, str | None]:
        """The fields that khoso reads, under its names."""
        return {name: self.fields.get(key) for key, name in FIELDS.items()}

    @property
    def statement(self) -> Statement:
        """What a manifest that knows the truth would say of it."""
        return Statement(type_code=self.type_code, fields={name: value for name, value in self.values.items() if value})


class Expected(_Truth):
    """What the pipeline should do with a file."""

    outcome: Literal["accept", "reject", "duplicate", "hold"]


class Scan(_Truth):
    """One file of the set."""

    file: str
    level: str
    type: Literal["document", "batch", "edge"]
    expected: Expected
    documents: tuple[Paper, ...]
    pages: tuple[Page, ...]

    @property
    def is_single(self) -> bool:
        """Whether it is one document that should be accepted."""
        return self.type == "document" and len(self.documents) == 1 and self.expected.outcome == "accept"

    @property
    def is_stack(self) -> bool:
        """Whether it holds several documents that should be accepted."""
        return self.type == "batch" and self.expected.outcome == "accept"

    @property
    def printed(self) -> list[str]:
        """The printed lines of all pages: what a recogniser should find."""
        return [line for page in self.pages for line in page.printed]

    @property
    def forgiven(self) -> list[str]:
        """Handwriting, stamps and further values: nobody is asked to read them, and nobody is blamed for it."""
        ink = [line for page in self.pages for line in (*page.handwritten, *(stamp.text for stamp in page.stamps))]
        return ink + [text for paper in self.documents for text in _strings(paper.extra)]


class _File(_Truth):
    files: tuple[Scan, ...]


def read_scan_set(folder: Path, only: str = "*", levels: Sequence[str] | None = None) -> list[Scan]:
    """The scans of a folder whose name fits the pattern, of some levels or of all, in the order of the truth.

    Raises:
        UsageError: there is no truth, it is not in this format, or no file fits.
    """
    try:
        truth = _File.model_validate_json((folder / TRUTH).read_bytes())
    except OSError as error:
        raise UsageError(f"{folder / TRUTH} cannot be read ({error.strerror})", remedy="Name a scan set") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(
            f"{folder / TRUTH}: {place}: {first['msg']}", remedy="Give a scan set of this format"
        ) from None
    scans = [scan for scan in truth.files if fnmatch(scan.file, only) and (not levels or scan.level in levels)]
    if not scans:
        raise UsageError(f"No file of {folder / TRUTH} has this name and level", remedy="Choose others")
    return scans


def _strings(item: Any) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    elif isinstance(item, dict | list):
        for value in item.values() if isinstance(item, dict) else item:
            yield from _strings(value)
