"""What becomes of a paper of which fields are put right: its row, its codes, and by what it is known again.

The same rules as when it was archived: what it must have, until when it counts and is kept, where it counts.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from archive.interface import Dossier, Identity, Paper, RetiredCode
from archive.package import Package
from archive.papers.forms import KeptChange
from config.named import owners_by_role
from domain.codes import digitisation_code, digitisation_prefix, parse_file_code, write_file_code
from domain.owners import NO_NUMBER, identifier_kind
from domain.readings import Description, FieldName, FieldReading
from domain.values import checked
from pipeline.duplicates import business_key
from pipeline.stages.archive import day_of, what_follows
from pipeline.stages.describe import doubts_of_fields
from services.context import Services
from services.corrections.errors import CannotCorrect
from services.dossiers.terms import expiry_in

_FIELDS: Final[tuple[FieldName, ...]] = (
    "title",
    "number_symbol",
    "issued_date",
    "issuer",
    "abstract",
    "owner_id",
    "owner_name",
    "owner_role",
    "further_owners",
    "valid_until",
    "scope",
)
NAMES: Final = ("type", *_FIELDS)
"""What can be put right; a dossier and its result code are tied and untied."""
_ROWS: Final = {"type": "type_code", "issued_date": "issued"}  # where the row calls it otherwise
_TEXTS: Final = ("title", "number_symbol", "issuer", "abstract", "owner_name", "owner_role", "further_owners")


class PutRight(NamedTuple):
    """What a paper is to be, of which ``changes`` are put right; none: it is so already."""

    paper: Paper
    identity: Identity
    changes: tuple[KeptChange, ...]


def checked_values(ctx: Services, values: Mapping[str, str]) -> dict[str, str]:
    """The values by their names as they are entered; "" where nothing stands from now on.

    Raises:
        CannotCorrect: there is no such field, or none is named, or no such type.
        UsageError: a value cannot be.
    """
    if tied := sorted({"dossier_code", "result_code"} & set(values)):
        raise CannotCorrect("tied_not_corrected", remedy="tie_instead", fields=tied)
    if unknown := sorted(set(values) - set(NAMES)):
        raise CannotCorrect("no_such_fields", fields=unknown, known=NAMES)
    if not values:
        raise CannotCorrect("nothing_named", known=NAMES)
    values = owners_by_role(values)
    wanted: dict[str, str] = {}
    wanted |= {name: checked(name, values[name]) if values[name].strip() else "" for name in _FIELDS if name in values}
    if "type" in values:
        if ctx.catalogues.find_type(values["type"]) is None:
            raise CannotCorrect("no_such_type", remedy="list_types", type=values["type"])
        wanted["type"] = ctx.catalogues.present_code(values["type"])
    return wanted


def planned(ctx: Services, package: Package, wanted: Mapping[str, str]) -> PutRight:
    """What becomes of a paper with these values.

    Raises:
        CannotCorrect: it would lack what such a paper must have, or say what cannot be.
        Held: its new type has no retention class.
    """
    paper = package.paper
    before = _described(ctx, package)
    after = _filled(before, wanted)
    changes = tuple(
        KeptChange(field=name, old=_value(paper, name), new=wanted[name] or None)
        for name in NAMES
        if name in wanted and _said(after, name) != _said(before, name)
    )
    if not changes:
        return PutRight(paper, package.identity, ())
    named = {change.field for change in changes}
    day = paper.archived_at.date()
    rules = ctx.catalogues.profile(day)
    known = doubts_of_fields(before, ctx, rules, day)
    if doubts := [item for item in doubts_of_fields(after, ctx, rules, day) if item not in known]:
        raise CannotCorrect("still_in_doubt", doubts=doubts)
    if "issued_date" in named and "valid_until" in after.fields and "valid_until" not in wanted:
        raise CannotCorrect("counted_from_other_day", remedy="give_valid_until", day=after.value("valid_until"))
    changed = paper.model_copy(update=_row(ctx, paper, after, named))
    if named & {"type", "owner_id", "number_symbol", "issued_date", "issuer"}:
        key = business_key(after, ctx)
        return PutRight(changed, package.identity.model_copy(update={"business_key": key}), changes)
    return PutRight(changed, package.identity, changes)


def _described(ctx: Services, package: Package) -> Description:
    """The description that the row of a paper says; what was counted for it and not stated is absent."""
    paper, stated = package.paper, package.record.description.fields
    type_ = ctx.catalogues.find_type(paper.type_code)
    without = NO_NUMBER if type_ is not None and type_.owner != "agency" else None  # else it is the agency's own
    values: dict[FieldName, str | None] = {
        "owner_id": paper.owner_id if identifier_kind(paper.owner_id) else without,
        "issued_date": str(paper.issued) if paper.issued else None,
        "dossier_code": paper.dossier,
        "result_code": paper.result_code,
    }
    values |= {name: getattr(paper, name) for name in _FIELDS if name in _TEXTS}
    values |= {name: stated[name].value for name in _FIELDS if name in {"valid_until", "scope"} and name in stated}
    fields = {name: _reading(value) for name, value in values.items() if value}
    return Description(type_code=paper.type_code, type_confidence=1.0, fields=fields)


def _filled(before: Description, wanted: Mapping[str, str]) -> Description:
    fields = {name: item for name, item in before.fields.items() if wanted.get(name) != ""}
    fields |= {name: _reading(wanted[name]) for name in _FIELDS if wanted.get(name)}
    return before.model_copy(update={"type_code": wanted.get("type", before.type_code), "fields": fields})


def _reading(value: str) -> FieldReading:
    return FieldReading(value=value, confidence=1.0, source="person")


def _said(description: Description, name: str) -> str | None:
    return (
        description.type_code
        if name == "type"
        else next((item.value for key, item in description.fields.items() if key == name), None)
    )


def _value(paper: Paper, name: str) -> str | None:
    value = getattr(paper, _ROWS.get(name, name))
    return None if value is None else str(value)


def _row(ctx: Services, paper: Paper, after: Description, named: set[str]) -> dict[str, object]:
    """What the row says otherwise: the fields, and what follows from them (law L2.5, L6.1)."""
    row: dict[str, object] = {name: after.value(name) for name in _FIELDS if name in _TEXTS and name in named}
    if "type" in named:
        row["type_code"] = after.type_code
    if "issued_date" in named:
        row["issued"] = day_of(after.value("issued_date"))
    if "owner_id" in named:  # who confirmed that it is in somebody else's dossier spoke of the former owner
        row |= {"owner_id": after.value("owner_id") or ctx.settings.agency, "other_owner": False}
    if not named & {"type", "issued_date", "valid_until", "issuer", "scope"}:
        return row
    day = paper.archived_at.date()
    follows = what_follows(after, ctx.catalogues.type(after.type_code or ""), ctx, received=day, digitised=day)
    if named & {"type", "issued_date", "valid_until"}:
        row["valid_until"] = follows.valid_until
    if named & {"type", "issuer", "scope"}:
        row["scope"] = follows.scope
    if named & {"type", "issued_date"}:
        row |= {"retention_class": follows.retention_class, "retention_until": follows.retention_until}
        dossier = _ended(ctx, paper)
        if dossier is not None:
            row["retention_until"] = expiry_in(ctx, paper.model_copy(update=row), dossier)
    return row


def _ended(ctx: Services, paper: Paper) -> Dossier | None:
    dossier = ctx.desk.dossier(paper.dossier) if paper.dossier else None
    return dossier if dossier is not None and dossier.finished else None


def recoded(ctx: Services, held: Paper, changed: Paper) -> tuple[Paper, tuple[RetiredCode, ...]]:
    """The paper with codes made of what is right, and those that were made of what was wrong (law table 2B, L2.13)."""
    update: dict[str, str] = {}
    gone: list[RetiredCode] = []
    prefix = _prefix(ctx, changed)
    if prefix != _prefix(ctx, held):
        code = ctx.catalogue.mint_successor(held.id, "digitisation", lambda n: digitisation_code(prefix, n))
        old = held.digitisation_code.removesuffix(f"#{held.id}")
        gone.append(RetiredCode(kind="digitisation", code=old, instead=code, why="corrected"))
        update["digitisation_code"] = code
    received = held.archived_at.date()
    year = (changed.issued or received).year
    if held.file_code and year != (held.issued or received).year:
        old = held.file_code.removesuffix(f"#{held.id}")
        agency, template = parse_file_code(old).agency, ctx.catalogues.profile(received).file_code
        code = ctx.catalogue.mint_successor(held.id, "file", lambda n: write_file_code(template, agency, year, n))
        gone.append(RetiredCode(kind="file", code=old, instead=code, why="corrected"))
        update["file_code"] = code
    return changed.model_copy(update=update), tuple(gone)


def _prefix(ctx: Services, paper: Paper) -> str:
    type_code = ctx.catalogues.outward_code(paper.type_code)
    return digitisation_prefix(paper.owner_id, type_code, paper.number_symbol)
