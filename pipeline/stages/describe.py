"""describe: paper type and fields (law L2.5), and what a person should look at."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Final

from config.models import Agency, RuleProfile
from config.papers import DocumentType
from domain.codes import agency_of, is_within, parse_result
from domain.dossiers.persons import DossierPersons
from domain.errors import UsageError
from domain.fold import fold
from domain.messages.told import Told, told
from domain.owners import identifier_kind, mask, mask_text
from domain.readings import Box, Description, DocumentReading, FieldName, FieldReading, PageReading
from domain.roles import HOLDER, PaperOwner, owners_of_line, read_owners
from domain.secrecy.persons import person_of
from domain.values import as_read, fault_of
from pipeline.context import Context
from pipeline.extraction import crowded_pages, first_pages, laid_out, read_fields
from pipeline.extraction.copies import copy_seen
from pipeline.extraction.layout import Page
from pipeline.records import Described, Signed, Statement
from pipeline.secrecy.stop import stop_if_seen

COPIES: Final = frozenset({"certified_copy", "photocopy"})
OF_COPIES: Final = frozenset({"certified_paper_copy", "marked_as_copy", "presented_as_copy"})
"""The doubts of papers that are taken for copies on paper."""
OF_PERSONS: Final = frozenset({"number_not_of_dossier", "name_not_of_dossier"})
"""The doubts of papers that are about none of the persons of their dossier."""
_SHEET_WORDS = ("to phan cach", "khoso")
_MOST_WORDS_OF_A_SHEET = 80
_IMPOSSIBLE = 0.5
_OVERWRITTEN = 0.4
_FEW_DOTS = 0.85  # the most that is sure of a word without its fine accents: no reason to ask, and none to rely on it


def describe(signed: Signed, ctx: Context) -> Described:
    """Type from the catalogue's words, fields by the layout of Decree 30, each with confidence, page and box."""
    reading = DocumentReading.model_validate_json(ctx.file(signed, signed.words).read_bytes())
    stop_if_seen(signed, reading)  # an earlier release signed papers before it looked
    pages = laid_out(reading)
    read = settle_issuer(legible(read_fields(pages, ctx.catalogues.types), ctx), ctx.catalogues.agencies)
    received = signed.received_at.date()
    stated = state(read, signed.barcodes, signed.statement)
    over = overwritten_fields(stated, reading)
    rules = ctx.catalogues.profile(received)
    if 0 < signed.dpi < rules.min_dpi:
        stated = less_sure(stated)
    description = not_after(received, with_little_confidence(stated, over))
    description = as_dossier_says(description, signed.within, ctx)
    of_paper = (
        *doubts_of_paper(reading, pages),
        *doubts_of_copy(signed, reading, rules),
        *doubts_of_overwritten(stated, over),
    )
    of_fields = doubts_of_fields(description, ctx, rules, received)
    of_dossier = (*doubts_of_agency(description, signed.within, ctx), *doubts_of_persons(description, signed, ctx))
    doubts = (*of_paper, *of_fields, *of_dossier)
    return Described.after(signed, description=description, doubts=doubts)


def legible(description: Description, ctx: Context) -> Description:
    """The description without signs that no page shows, and without what cannot be and nobody needs: it was misread."""
    type_ = ctx.catalogues.find_type(description.type_code)
    needed = _needed(type_) if type_ else ()
    fields = {
        name: field.model_copy(update={"value": as_read(field.value)}) for name, field in description.fields.items()
    }
    kept = {name: field for name, field in fields.items() if name in needed or fault_of(name, field.value) is None}
    return description.model_copy(update={"fields": kept})


def state(description: Description, barcodes: Mapping[FieldName, FieldReading], statement: Statement) -> Description:
    """The description with what barcodes and the manifest state: the manifest outranks codes, codes what was read."""
    fields = {**description.fields, **barcodes}
    for name, value in statement.fields.items():
        fields[name] = FieldReading(value=value, confidence=1.0, source="manifest")
    if statement.dossier:
        fields["dossier_code"] = FieldReading(value=statement.dossier, confidence=1.0, source="manifest")
    type_code, confidence = description.type_code, description.type_confidence
    if statement.type_code:
        type_code, confidence = statement.type_code, 1.0
    return Description(type_code=type_code, type_confidence=confidence, fields=fields)


def not_after(received: date, description: Description) -> Description:
    """The description with little confidence in a day of issue after the day of receipt, whoever states it."""
    issued = description.fields.get("issued_date")
    if issued is None or not _is_future(issued, received):
        return description
    doubted = issued.model_copy(update={"confidence": min(issued.confidence, _IMPOSSIBLE)})
    return description.model_copy(update={"fields": {**description.fields, "issued_date": doubted}})


def _is_future(issued: FieldReading, received: date) -> bool:
    return issued.source != "person" and issued.value > received.isoformat()


def overwritten_fields(description: Description, reading: DocumentReading) -> tuple[FieldName, ...]:
    """The fields read where a word is struck or written over."""
    boxes = {page.number: [page.words[place].box for place in page.overwritten] for page in reading.pages}
    return tuple(
        name
        for name, field in description.fields.items()
        if field.box and any(_holds(field.box, box) for box in boxes.get(field.page or 0, ()))
    )


def _holds(outer: Box, box: Box) -> bool:
    across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return outer[0] <= across <= outer[2] and outer[1] <= down <= outer[3]


def with_little_confidence(description: Description, names: Sequence[FieldName]) -> Description:
    """The description with so little confidence in these fields that a person is asked for them."""
    fields = dict(description.fields)
    for name in names:
        fields[name] = fields[name].model_copy(update={"confidence": min(_OVERWRITTEN, fields[name].confidence)})
    return description.model_copy(update={"fields": fields})


def less_sure(description: Description) -> Description:
    """The description of a paper with fewer dots than Decree 30/2020 asks for: what was read of it is less sure."""
    fields = {
        name: field.model_copy(update={"confidence": min(_FEW_DOTS, field.confidence)})
        if field.source == "paper" else field
        for name, field in description.fields.items()
    }  # fmt: skip
    return description.model_copy(update={"fields": fields})


def doubts_of_overwritten(description: Description, names: Sequence[FieldName]) -> tuple[Told, ...]:
    """What is told of fields whose words are struck or written over."""
    if not names:
        return ()
    places = [told("field_on_page", name=name, page=description.fields[name].page) for name in names]
    return (told("written_over", places=places, first=names[0]),)


def settle_issuer(description: Description, agencies: Sequence[Agency]) -> Description:
    """The issuer in the spelling of the catalogue, when the letters without their accents name a known agency or place.

    The recogniser loses tone marks above capitals (LIÊN CHIỂU, LIÊN CHIẾU); the catalogue knows them.
    """
    issuer = description.fields.get("issuer")
    if issuer is None:
        return description
    read = fold(issuer.value)
    for agency in sorted(agencies, key=lambda item: -len(item.name)):
        for name, sureness in ((agency.name, 0.9), (agency.name.removeprefix("Ủy ban nhân dân "), 0.8)):
            if read == fold(name) or read.endswith(f" {fold(name)}"):
                value = issuer.value[: len(issuer.value) - len(name)] + name
                settled = issuer.model_copy(update={"value": value, "confidence": max(issuer.confidence, sureness)})
                return description.model_copy(update={"fields": {**description.fields, "issuer": settled}})
    return description


def doubts_of_paper(reading: DocumentReading, pages: Sequence[Page]) -> tuple[Told, ...]:
    """What speaks against treating the scan as one ordinary paper."""
    doubts = []
    if sheets := [page.number for page in reading.pages if _reads_like_a_sheet(page)]:
        doubts.append(told("separator_unreadable", pages=sheets))
    if faults := [told("page_fault", page=page.number, fault=page.fault) for page in reading.pages if page.fault]:
        doubts.append(told("page_unreadable", pages=faults))
    starts = first_pages(pages)
    if not starts:
        doubts.append(told("no_text"))
    if len(starts) > 1:
        doubts.append(told("several_papers", pages=starts))
    if shared := crowded_pages(pages):
        doubts.append(told("papers_on_one_page", pages=shared))
    return tuple(doubts)


def doubts_of_copy(signed: Signed, reading: DocumentReading, rules: RuleProfile) -> tuple[Told, ...]:
    """What is asked of a photocopy, certified or not: such a paper is not digitised (law L2.2).

    What is stated counts before what is read; a file that came signed is no paper, and may be a certified e-copy.
    """
    stated = signed.statement.presented
    if stated in COPIES:
        return (doubt_of_presented(stated),)
    seen = None if stated or signed.signatures else copy_seen(reading, rules.brought_copies)
    if seen is None:
        return ()
    if seen.mark:
        return (told("marked_as_copy", page=seen.page, mark=seen.mark),)
    return (told("certified_paper_copy", page=seen.page),)


def doubt_of_presented(stated: str) -> Told:
    """What is asked of a paper of which somebody says that it was handed in as a copy."""
    kind = told("presented_photocopy" if stated == "photocopy" else "presented_certified_copy")
    return told("presented_as_copy", kind=kind)


def _reads_like_a_sheet(page: PageReading) -> bool:
    """Whether a page's few words are those of a separator sheet: its code was so spoilt that nobody saw one there."""
    words = fold(page.text)
    return len(page.words) < _MOST_WORDS_OF_A_SHEET and any(name in words for name in _SHEET_WORDS)


def doubts_of_fields(description: Description, ctx: Context, rules: RuleProfile, received: date) -> tuple[Told, ...]:
    """Required fields that are missing, doubtful or of impossible form; ``received``: when the paper came."""
    type_ = ctx.catalogues.find_type(description.type_code)
    if type_ is None:
        return (told("type_unknown", field="type"),)
    doubts = []
    if description.type_confidence < rules.review_below:
        sure = round(description.type_confidence, 2)
        doubts.append(told("type_unsure", field="type", type=type_.code, name=type_.name, confidence=sure))
    for name in _needed(type_):
        reading = description.fields.get(name)
        if reading is None:
            doubts.append(told("field_missing", field=name))
        elif name == "issued_date" and _is_future(reading, received):
            doubts.append(told("field_future", field=name, value=reading.value, received=received))
        elif reading.confidence < rules.review_below:
            sure = round(reading.confidence, 2)
            doubts.append(told("field_unsure", field=name, value=_shown(name, reading), confidence=sure))
        elif reading.read_once and reading.source == "paper":
            doubts.append(_told_of_number(name, reading))
    shared = _shared_number(description)
    doubts = [doubt for doubt in doubts if doubt.about not in {item.about for item in shared}]
    doubts += [*shared, *doubts_of_term(description)]
    of_paper = {doubt.about for doubt in doubts}
    return (*doubts, *(fault for fault in faults_of(description) if fault.about not in of_paper))


def _told_of_number(name: FieldName, reading: FieldReading) -> Told:
    """What is told of a number that nothing else says, or that its picture does not bear."""
    shown = _shown(name, reading)
    if reading.unlike:
        return told("owner_digit_unlike", field=name, value=shown)
    return told("owner_read_once", field=name, value=shown)


def doubts_of_term(description: Description) -> tuple[Told, ...]:
    """What is asked of a term that ends before the paper was issued, unless a person said that it does."""
    until, issued = description.fields.get("valid_until"), description.value("issued_date")
    if until is None or issued is None or until.source == "person" or until.value >= issued:
        return ()
    return (told("field_ends_early", field="valid_until", value=until.value, issued=issued),)


def _shown(name: FieldName, reading: FieldReading) -> str | Told:
    """The value as lists show it."""
    if name == "owner_id":
        return mask(reading.value)
    if name != "further_owners":
        return reading.value
    try:
        owners = read_owners(reading.value)
    except ValueError:
        return mask_text(reading.value)
    return told("owners_shown", owners=[_in_role(item.masked) for item in owners])


def _in_role(owner: PaperOwner) -> Told:
    """A person in his role."""
    who = ", ".join(item for item in (owner.name, owner.number) if item)
    return told("owner_in_role", role=owner.role, who=who)


def doubts_of_agency(description: Description, within: str | None, ctx: Context) -> tuple[Told, ...]:
    """What is asked of a paper whose dossier is of an agency that ``within`` (see ``Received``) leaves out.

    A paper without one is of the agency that put it in.
    """
    dossier = description.stated("dossier_code")
    if dossier is None or _is_seen(dossier, within, ctx):
        return ()
    return (told("dossier_of_another_agency", field="dossier_code", dossier=mask_text(dossier)),)


def _is_seen(dossier: str, within: str | None, ctx: Context) -> bool:
    return within is None or is_within(agency_of(dossier, ctx.settings.agency), within)


def as_dossier_says(description: Description, within: str | None, ctx: Context) -> Description:
    """The description with a number that was read once made sure of, where it is that of the dossier's owner."""
    number, dossier = description.fields.get("owner_id"), description.value("dossier_code")
    if number is None or not number.read_once or dossier is None or not _is_seen(dossier, within, ctx):
        return description
    persons = ctx.dossier_persons(dossier)
    if persons is None or number.value not in {*persons.numbers, *persons.related}:
        return description
    seconded = number.model_copy(update={"read_once": False, "unlike": False})
    return description.model_copy(update={"fields": {**description.fields, "owner_id": seconded}})


def doubts_of_persons(description: Description, paper: Signed, ctx: Context) -> tuple[Told, ...]:
    """What is asked of a paper that is about none of the persons of its dossier, as far as that is known here.

    One whose number it bears may be called otherwise; a number of another kind says nothing, but the names do.  A
    person may have confirmed that the paper is in somebody else's dossier, or how the name is written.
    """
    dossier = description.stated("dossier_code")
    if dossier is None or (isinstance(paper, Described) and paper.other_owner == dossier):
        return ()
    persons = ctx.dossier_persons(dossier) if _is_seen(dossier, paper.within, ctx) else None
    return () if persons is None else _doubts_of_persons(description, dossier, persons)


def _doubts_of_persons(description: Description, dossier: str, persons: DossierPersons) -> tuple[Told, ...]:
    first = PaperOwner(role=HOLDER, name=description.value("owner_name"), number=description.value("owner_id"))
    owners = (first, *owners_of_line(description.value("further_owners")))
    told_of = {*persons.numbers, *persons.related}
    kinds = {identifier_kind(number) for number in told_of}
    called = [item for item in owners if item.name and person_of(item.name) == person_of(persons.name)]
    shared = next((item for item in owners if item.number in told_of), None)
    is_there = any(item.number is None or identifier_kind(item.number) not in kinds for item in called)
    about = {"dossier": mask_text(dossier)}
    others = [item for item in owners if item.number and identifier_kind(item.number) in kinds]
    if shared is None and not is_there and others:
        field: FieldName = "owner_id" if others[0] is first else "further_owners"
        told_numbers = [mask(item) for item in persons.numbers]
        return (
            told("number_not_of_dossier", field=field, value=mask(others[0].number or ""), told=told_numbers, **about),
        )
    named = shared or first
    is_known = bool(persons.name and named.name) and "tax" not in kinds
    is_his = named.number in persons.numbers if shared else not (is_there or persons.related)
    field = "owner_name" if named is first else "further_owners"
    if not is_known or not is_his or named in called or description.fields[field].source == "person":
        return ()
    return (told("name_not_of_dossier", field=field, value=named.name, told=persons.name, **about),)


def _is_called(name: str | None, other: str | None) -> bool:
    return bool(name and other) and person_of(name or "") == person_of(other or "")


def faults_of(description: Description) -> tuple[Told, ...]:
    """What of a description cannot be, whoever stated it."""
    found = (fault_of(name, field.value) for name, field in description.fields.items())
    shared = _shared_number(description)
    return (*(fault for fault in found if fault is not None), *_faults_of_result(description), *shared)


def _shared_number(description: Description) -> tuple[Told, ...]:
    """Two persons of a paper with one number: one of them has another, and both would find the paper by it."""
    try:
        owners = owners_of_line(description.value("further_owners"))
    except ValueError:  # told already
        return ()
    number, name = description.value("owner_id"), description.value("owner_name")
    others = [item for item in owners if number and item.number == number and not _is_called(item.name, name)]
    if not others:
        return ()
    names: tuple[FieldName, ...] = ("owner_id", "further_owners")
    return tuple(told("number_of_two", field=field, value=mask(number or "")) for field in names)


def _faults_of_result(description: Description) -> tuple[Told, ...]:
    """A result code tells its dossier, which is the paper's."""
    result, dossier = description.stated("result_code"), description.stated("dossier_code")
    with suppress(UsageError):  # told already
        if result is not None and parse_result(result)[0] != dossier:
            if dossier is None:
                return (told("result_without_dossier", field="result_code", result=mask_text(result)),)
            names = {"result": mask_text(result), "dossier": mask_text(dossier)}
            return (told("result_of_another_dossier", field="result_code", **names),)
    return ()


def _needed(type_: DocumentType) -> tuple[FieldName, ...]:
    """What the catalogue requires, and the owner: without the number no code is made, by the name papers are sought.

    A paper of several, as of a couple, is found by all of them.
    """
    owner: tuple[FieldName, ...] = () if type_.owner == "agency" else ("owner_id", "owner_name")
    further: tuple[FieldName, ...] = ("further_owners",) if len(type_.roles) > 1 else ()
    return tuple(dict.fromkeys((*type_.required, *owner, *further)))
