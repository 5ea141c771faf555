"""review: doubtful papers wait for a person."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

from domain.clock import now
from domain.codes import parse_result
from domain.errors import UsageError
from domain.events import Actor
from domain.messages.papers import other_paper
from domain.messages.told import Told, told
from domain.readings import Description, DocumentReading, FieldName, FieldReading, FieldSource
from domain.values import checked
from pipeline.arrived import doubts_of_signatures
from pipeline.context import Context
from pipeline.duplicates import identity_of, refuse_duplicate, same_documents, stop_if_withdrawn
from pipeline.errors import NeedsReview
from pipeline.former.growth import former_of, refuse_longer
from pipeline.records import ASKABLE, Correction, Described, Reviewed, asked_of
from pipeline.secrecy.stop import NEEDED, stop_if_seen, vouched
from pipeline.stages.describe import (
    COPIES,
    OF_COPIES,
    OF_PERSONS,
    doubt_of_presented,
    doubts_of_agency,
    doubts_of_fields,
    doubts_of_persons,
    faults_of,
)

# What a person may take off a paper, with nothing behind the sign: it is in no dossier, or no result of one.
_MAY_LACK: tuple[FieldName, ...] = ("dossier_code", "result_code")
PRESENTED = "presented"
SETTABLE = (*ASKABLE, PRESENTED)
"""What a person may say of a paper at review; ``presented``: as what it was handed in."""


def review(described: Described, ctx: Context) -> Reviewed:
    """Passes what nobody doubts; everything else is held until a person fills in or confirms."""
    if any(doubt.about == "secrecy_stamp" for doubt in described.doubts):  # an earlier release described it
        words = ctx.file(described, described.words).read_text(encoding="utf-8")
        stop_if_seen(described, DocumentReading.model_validate_json(words))
    identity = identity_of(described, ctx)
    if len(vouched(described, "paper")) < NEEDED:
        stop_if_withdrawn(described, identity, ctx)
    refuse_longer(described, ctx)
    refuse_duplicate(described, identity, ctx)
    if (asked := asks(described, ctx)) is not None:
        raise asked
    return Reviewed.after(described, identity=identity)


def asks(described: Described, ctx: Context) -> NeedsReview | None:
    """What a person is asked about a paper, with what answers it; None when nothing is in doubt."""
    signed = () if described.confirmed_by else (*doubts_of_signatures(described), *_guessed(described))
    # What an earlier release let through goes no further: from here on it would be in codes.
    faults = (*faults_of(described.description), *doubts_of_agency(described.description, described.within, ctx))
    doubts = tuple(dict.fromkeys((*_as_dossiers_are(described, ctx), *signed, *faults)))
    if not doubts:
        return None
    left = _left(described, ctx)
    remedy = "give_fields" if left else ""
    if "owner_id" in left:
        remedy = "give_fields_or_no_number"
    if not left and any(doubt.code == "number_not_of_dossier" for doubt in doubts):
        remedy = "look_or_other_owner"
    return NeedsReview(remedy=remedy, doubts=doubts, left=tuple(f"--set {n}=…" for n in left))


def _as_dossiers_are(described: Described, ctx: Context) -> tuple[Told, ...]:
    """The doubts of a paper, with what the dossiers say now: they may have come since it was read."""
    others = (doubt for doubt in described.doubts if doubt.code not in OF_PERSONS)
    return (*others, *doubts_of_persons(described.description, described, ctx))


def _guessed(described: Described) -> tuple[Told, ...]:
    """What is asked of a file that has name and place of a paper that was sent back to be scanned again."""
    return (told("rescan_guess", paper=other_paper(described.rescan_of)),) if described.rescan_guessed else ()


def _left(described: Described, ctx: Context) -> tuple[str, ...]:
    """The fields that cannot be confirmed as they were read: their values answer the doubts."""
    filled = _filled(described, {}, asked_of(described.doubts))
    return asked_of(_doubts_left(filled, described, ctx))


def _doubts_left(description: Description, described: Described, ctx: Context) -> tuple[Told, ...]:
    received = described.received_at.date()
    return doubts_of_fields(description, ctx, ctx.catalogues.profile(received), received)


def set_apart(described: Described, ctx: Context) -> Described:
    """The record after a person decided that it is a paper of its own, whatever documents it looks the same as."""
    found = [same.document_id for same in same_documents(described, identity_of(described, ctx), ctx)]
    former = former_of(described, ctx)
    if former is not None:
        found.append(former.document_id)
    return described.model_copy(update={"apart_from": (*described.apart_from, *dict.fromkeys(found))})


def no_longer_scan(document_id: str) -> UsageError:
    """What is answered when there is no paper whose place a document could take, or none that its asker may see."""
    return UsageError("no_longer_scan", remedy="see_document", id=document_id)


def put_in_place(described: Described, by: Actor, ctx: Context) -> Described:
    """The record after a person decided that it takes the place of the paper of which it is a longer scan.

    Raises:
        UsageError: it is not one any more.
    """
    former = former_of(described, ctx)
    if former is None:
        raise no_longer_scan(described.document_id)
    apart = (*described.apart_from, former.document_id)
    return described.model_copy(
        update={"replaces": former.document_id, "placed_by": Actor(**dict(by)), "apart_from": apart}
    )


def confirm(
    described: Described,
    values: Mapping[str, str],
    who: str,
    ctx: Context,
    *,
    why: str = "",
    source: FieldSource = "person",
) -> Described:
    """The record after a person filled in ``values`` and accepted the other fields that were asked as they were read.

    Fields that were neither asked nor filled in keep their reading and its confidence: nobody looked at them.
    ``values`` are field names, ``type`` with a code of the catalogue, or ``presented``; what was taken for a copy on
    paper is an original then.

    Raises:
        UsageError: a name or value cannot be, a field is still missing or in doubt, or it is a copy.
    """
    asked, handed_in = asked_of(_as_dossiers_are(described, ctx)), values.get(PRESENTED)
    if handed_in in COPIES:
        raise UsageError("copy_goes_no_further", remedy="reject_or_say_why", id=described.document_id)
    if handed_in is None and any(doubt.code in OF_COPIES for doubt in described.doubts):
        handed_in = "original"
    _check(values, values.get("type", described.description.type_code), ctx, needs_type=True)
    description = _given(described, values, asked, source)
    _demand_why_future(described, description, (*values, *asked), why)
    if doubts := _doubts_left(description, described, ctx):
        raise UsageError("still_in_doubt", remedy="fill_in", doubts=doubts)
    of_fields = _said(described, (*values, *asked), description, who=who, reason=why, source=source)
    known: dict[str, Any] = {"description": description, "doubts": (), "confirmed_by": who, "rescan_guessed": False}
    known["corrections"] = (*described.corrections, *of_fields)
    return _handed_in(described.model_copy(update=known), described, handed_in, who=who, reason=why, source=source)


def answer_fields(
    described: Described,
    values: Mapping[str, str],
    who: str,
    ctx: Context,
    *,
    why: str = "",
    source: FieldSource = "person",
) -> Described:
    """The record after a person filled in ``values``: what was asked of these fields is answered, and nothing else.

    Where no more is asked, the person has confirmed the paper.  ``source``: he has them from the paper, or from a list.

    Raises:
        UsageError: a name or value cannot be, or what was given is in doubt itself.
    """
    _check(values, values.get("type"), ctx, needs_type="type" in values)
    description = _given(described, values, (), source)
    _demand_why_future(described, description, tuple(values), why)
    doubts = _doubts_after(described, values, description, ctx)
    if wrong := [item for item in doubts if item.about in values and item.code not in OF_PERSONS]:
        raise UsageError("still_in_doubt", remedy="fill_in", doubts=wrong)
    said = (*described.corrections, *_said(described, values, description, who=who, reason=why, source=source))
    filled = described.model_copy(update={"description": description, "doubts": doubts, "corrections": said})
    handed_in = values.get(PRESENTED)
    filled = _handed_in(filled, described, handed_in, who=who, reason=why, source=source)
    return filled if asks(filled, ctx) else filled.model_copy(update={"confirmed_by": who})


def has_said(described: Described, values: Mapping[str, str], who: str) -> bool:
    """Whether these values are what a person said last of a paper."""
    last = described.corrections[len(described.corrections) - len(values) :]
    return bears(described, values) and {(item.field, item.who) for item in last} == {(name, who) for name in values}


def _doubts_after(
    described: Described, values: Mapping[str, str], description: Description, ctx: Context
) -> tuple[Told, ...]:
    """What is asked of a paper with these values: of another type, other fields may be missing."""
    before, after = (
        (
            *_doubts_left(item, described, ctx),
            *doubts_of_agency(item, described.within, ctx),
            *doubts_of_persons(item, described, ctx),
        )
        for item in (described.description, description)
    )
    answered = {*values, *(["dossier_code"] if _changed("dossier_code", described.description, description) else [])}
    kept = (_besides(item, answered) for item in described.doubts if item not in before)
    return tuple(dict.fromkeys((*(item for item in kept if item is not None and item.about not in answered), *after)))


def _besides(doubt: Told, answered: Collection[str]) -> Told | None:
    """A doubt without the places of the fields that are answered; None where no place is left."""
    places = doubt.params.get("places")
    if not isinstance(places, tuple):
        return doubt
    left = tuple(item for item in places if not (isinstance(item, Told) and item.params.get("name") in answered))
    if not left:
        return None
    first = left[0].params.get("name", "") if isinstance(left[0], Told) else ""
    return doubt.model_copy(update={"params": {**doubt.params, "places": left, "first": first}})


def _check(values: Mapping[str, str], type_code: str | None, ctx: Context, *, needs_type: bool) -> None:
    if unknown := set(values) - set(SETTABLE):
        raise UsageError("no_such_field", remedy="fields_are", names=sorted(unknown), known=SETTABLE)
    if needs_type and ctx.catalogues.find_type(type_code) is None:
        raise UsageError("no_document_type", remedy="set_listed_type", code=type_code)


def _given(described: Described, values: Mapping[str, str], asked: Sequence[str], source: FieldSource) -> Description:
    """What is known of the paper with a person's values, and what he confirms of what was ``asked``.

    Raises:
        UsageError: a value cannot be.
    """
    read, description = described.description, _filled(described, values, asked, source)
    if "valid_until" in read.fields and "valid_until" not in values and _changed("issued_date", read, description):
        day = read.value("valid_until")
        raise UsageError("validity_of_other_day", remedy="give_validity_too", field="valid_until", day=day)
    return description


def _demand_why_future(described: Described, description: Description, names: Collection[str], why: str) -> None:
    """Let nobody confirm by the way that a paper is from a day after it came here: he says why that is so.

    Raises:
        UsageError: he does not.
    """
    issued = description.fields.get("issued_date")
    is_said = issued is not None and issued.source == "person" and "issued_date" in names
    if issued is None or not is_said or why:
        return
    received = described.received_at.date().isoformat()
    if issued.value > received:
        raise UsageError("future_without_reason", remedy="future_say_why", day=issued.value, received=received)


def _said(described: Described, names: Collection[str], now_is: Description, **by: Any) -> Iterator[Correction]:
    """What a person said of each of these fields, in the order of all fields."""
    at = now()
    for name in ASKABLE:
        before, after = (value_said(name, item) for item in (described.description, now_is))
        if name not in names:
            continue
        how: Literal["changed", "filled", "confirmed"] = "changed" if before else "filled"
        if before == after:
            how = "confirmed"
        yield Correction(field=name, how=how, before=before, after=after, at=at, **by)


def _handed_in(filled: Described, before: Described, handed_in: str | None, **by: Any) -> Described:
    """The record after a person said as what the paper was handed in, if he did: a copy is asked about (law L2.2).

    Raises:
        UsageError: it was taken for a copy, and he does not say why it is an original.
    """
    if handed_in is None:
        return filled
    asked = [doubt.code for doubt in before.doubts if doubt.code in OF_COPIES]
    if asked and handed_in not in COPIES and not by["reason"]:
        raise UsageError("copy_without_reason", remedy="reject_or_say_why", id=before.document_id)
    was: str = before.statement.presented or "".join(asked[:1])
    how: Literal["changed", "filled", "confirmed"] = "changed" if was else "filled"
    if was == handed_in:
        how = "confirmed"
    said = Correction(field=PRESENTED, how=how, before=was, after=handed_in, at=now(), **by)
    others = (doubt for doubt in filled.doubts if doubt.code not in OF_COPIES)
    copy = (doubt_of_presented(handed_in),) if handed_in in COPIES else ()
    update = {
        "statement": filled.statement.model_copy(update={"presented": handed_in}),
        "doubts": (*others, *copy),
        "corrections": (*filled.corrections, said),
    }
    return filled.model_copy(update=update)


def value_said(name: str, description: Description) -> str:
    """What a description says of a field, or of the type; "" for nothing."""
    if name == "type":
        return description.type_code or ""
    return next((item.value for known, item in description.fields.items() if known == name), "")


def no_rescan(described: Described) -> Described:
    """The record after a person said that it is no new scan of the paper whose name and place its file has."""
    return described.model_copy(update={"rescan_of": "", "rescan_guessed": False})


def bears(described: Described, values: Mapping[str, str]) -> bool:
    """Whether a record has these values already."""
    read, filled = described.description, _filled(described, values, asked_of(described.doubts))
    texts = {name: field.value for name, field in read.fields.items()}
    if values.get(PRESENTED) not in {None, described.statement.presented}:
        return False
    return filled.type_code == read.type_code and {n: field.value for n, field in filled.fields.items()} == texts


def _filled(
    described: Described, values: Mapping[str, str], asked: Sequence[str], source: FieldSource = "person"
) -> Description:
    """What is known of the paper with a person's values, and with ``asked`` confirmed as it was read."""
    read = described.description
    fields = dict(read.fields)
    for name in get_args(FieldName):
        if name in values and not values[name].strip() and name in _MAY_LACK:
            fields.pop(name, None)
        elif name in values:
            fields[name] = FieldReading(value=checked(name, values[name]), confidence=1.0, source=source)
        elif name in asked and name in fields:
            fields[name] = fields[name].model_copy(update={"confidence": 1.0, "source": "person"})
    stated = fields.get("dossier_code")
    is_open = "dossier_code" not in values and (stated is None or stated.source == "paper")
    if is_open and values.get("result_code", "").strip():
        dossier, _ = parse_result(fields["result_code"].value)
        fields["dossier_code"] = FieldReading(value=dossier, confidence=1.0, source=source)
    sure = 1.0 if "type" in (*values, *asked) else read.type_confidence
    return Description(type_code=values.get("type", read.type_code), type_confidence=sure, fields=fields)


def _changed(name: FieldName, read: Description, now: Description) -> bool:
    return name in now.fields and now.value(name) != read.value(name)
