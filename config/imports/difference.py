"""What an import would change, and the periods that are then known."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Generic, Literal

from config.imports.reading import EntryT, Fault, Incoming, Stated
from config.models import Agency, Catalogues, Entry, Procedure
from domain.messages.told import told
from domain.record import Frozen

EntryOutcome = Literal["added", "changed", "ended", "confirmed", "unchanged"]

_ABOUT = {"code", "valid_from", "valid_until", "confirmed", "source"}  # not what an entry says


class FieldChange(Frozen):
    """One field before and after; None is nothing."""

    field: str
    before: str | None
    after: str | None


class Change(Frozen):
    """What becomes of one code."""

    code: str
    name: str
    outcome: EntryOutcome
    fields: tuple[FieldChange, ...] = ()


@dataclass
class Difference:
    """All changes, the periods of every code that is not unchanged, and why it cannot be."""

    changes: list[Change] = field(default_factory=list)
    procedures: dict[str, tuple[Procedure, ...]] = field(default_factory=dict)
    agencies: dict[str, tuple[Agency, ...]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def count(self, outcome: EntryOutcome) -> int:
        """How many codes have an outcome."""
        return sum(change.outcome == outcome for change in self.changes)


def compare_lists(known: Catalogues, incoming: Incoming, start: date, *, complete: bool = False) -> Difference:
    """What an import would change.

    A change ends the period in force on the day before and begins a new one; an entry that says the same, and now is
    confirmed, keeps its period.

    Args:
        known: the catalogues in force.
        incoming: what a list states.
        start: when what has no first day of its own begins.
        complete: the list has all there is: what is in force and not on it ends.
    """
    difference = Difference()
    agencies: dict[str, tuple[Agency, ...]] = {}
    for item in sorted(known.agencies, key=lambda item: item.valid_from):
        agencies[item.code] = (*agencies.get(item.code, ()), item)
    if incoming.procedures:
        codes = known.procedures.codes() if complete else ()
        merge = _Merge(known.procedures.periods, codes, start, difference)
        difference.procedures = merge.all(incoming.procedures)
    if incoming.agencies:
        merge_agencies = _Merge(lambda code: agencies.get(code, ()), agencies if complete else (), start, difference)
        difference.agencies = merge_agencies.all(incoming.agencies)
        _check_tree(known, agencies | difference.agencies, incoming.agencies, difference)
    theirs = incoming.columns
    difference.faults = [replace(item, column=theirs.get(item.column, item.column)) for item in difference.faults]
    return difference


class _Merge(Generic[EntryT]):
    """Puts stated entries to the periods that are known."""

    def __init__(
        self,
        periods: Callable[[str], tuple[EntryT, ...]],
        all_codes: Iterable[str],
        start: date,
        into: Difference,
    ) -> None:
        self._periods = periods
        self._all_codes = all_codes
        self._start = start
        self._into = into

    def all(self, stated: Sequence[Stated[EntryT]]) -> dict[str, tuple[EntryT, ...]]:
        merged = {}
        for item in stated:
            if periods := self._merge(item):
                merged[item.entry.code] = periods
        listed = {item.entry.code for item in stated}
        for code in self._all_codes:
            last = self._periods(code)[-1]
            if code not in listed and (last.valid_until is None or last.valid_until >= self._start):
                if last.valid_from >= self._start:
                    what = told("row_begins_later", code=code, day=last.valid_from)
                    self._into.faults.append(Fault(0, "code", what, told("begin_import_later")))
                    continue
                ended = last.model_copy(update={"valid_until": self._start - timedelta(days=1)})
                self._tell(code, last.name, "ended", _changes({"valid_until": last.valid_until}, _until(ended)))
                merged[code] = (*self._periods(code)[:-1], ended)
        return merged

    def _merge(self, stated: Stated[EntryT]) -> tuple[EntryT, ...]:
        """The periods of a code with the stated one; none when nothing changes."""
        entry = stated.entry
        known = self._periods(entry.code)
        if not known:
            self._tell(entry.code, entry.name, "added", ())
            return (entry.model_copy(update={"valid_from": stated.starts or self._start}),)
        last = known[-1]
        says, said = _content(entry), _content(last)
        if says == said and last.valid_until is None:
            return self._same(stated, known)
        begins = stated.starts or self._start
        if begins < last.valid_from:
            what = told("row_begins_before", code=entry.code, day=begins, since=last.valid_from)
            self._into.faults.append(Fault(stated.row, "valid_from", what, told("begin_later")))
            return ()
        if says == said and last.valid_until == entry.valid_until:
            self._tell(entry.code, entry.name, "unchanged", ())
            return ()
        changes = _changes(said | {"valid_until": last.valid_until}, says | {"valid_until": entry.valid_until})
        self._tell(entry.code, entry.name, "changed", changes)
        new = entry.model_copy(update={"valid_from": begins})
        before = known[:-1]
        if begins == last.valid_from:
            return (*before, new)
        day_before = begins - timedelta(days=1)
        ended = last.valid_until is not None and last.valid_until < day_before
        return (*before, last if ended else last.model_copy(update={"valid_until": day_before}), new)

    def _same(self, stated: Stated[EntryT], known: tuple[EntryT, ...]) -> tuple[EntryT, ...]:
        """An entry that says what is in force: it may end now, or be confirmed."""
        entry, last = stated.entry, known[-1]
        if entry.valid_until is not None:
            if entry.valid_until < last.valid_from:
                what = told("row_ends_before", code=entry.code, day=last.valid_from)
                self._into.faults.append(Fault(stated.row, "valid_until", what, told("correct_day")))
                return ()
            self._tell(entry.code, entry.name, "ended", _changes({"valid_until": None}, _until(entry)))
            return (*known[:-1], last.model_copy(update={"valid_until": entry.valid_until}))
        if entry.confirmed and not last.confirmed:
            self._tell(entry.code, entry.name, "confirmed", ())
            return (*known[:-1], last.model_copy(update={"confirmed": True, "source": entry.source}))
        self._tell(entry.code, entry.name, "unchanged", ())
        return ()

    def _tell(self, code: str, name: str, outcome: EntryOutcome, fields: tuple[FieldChange, ...]) -> None:
        self._into.changes.append(Change(code=code, name=name, outcome=outcome, fields=fields))


def _until(entry: Entry) -> dict[str, Any]:
    return {"valid_until": entry.valid_until}


def _content(entry: Entry) -> dict[str, Any]:
    """What an entry says, field by field; each component's fields by the component's code."""
    said = {name: value for name in type(entry).model_fields if name not in _ABOUT and (value := getattr(entry, name))}
    for component in said.pop("components", ()):
        for name, value in component:
            if name != "code":
                said[f"components.{component.code}.{name}"] = value
    for note in said.pop("notes", ()):
        said[f"notes.{note.code}"] = note.text
    return said


def _changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(field=name, before=_text(before.get(name)), after=_text(after.get(name)))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    )


def _text(value: Any) -> str | None:
    if isinstance(value, tuple):
        return ", ".join(value)
    return None if value is None else str(value)


def _check_tree(
    known: Catalogues, tree: dict[str, tuple[Agency, ...]], stated: Sequence[Stated[Agency]], into: Difference
) -> None:
    """No agency outlives its level (law section 0), every one has an agency above it in all its days, in no circle."""
    rows = {item.entry.code: item.row for item in stated}
    for code, periods in tree.items():
        for item in periods:
            row = rows.get(code, 0)
            if profile := known.lacks_level(item):
                what = told("row_no_level", code=code, level=item.level, day=profile.valid_from)
                into.faults.append(Fault(row, "level", what, told("correct_level")))
            if item.parent is not None and not _has_parent(item, tree.get(item.parent, ())):
                what = told("row_parent_missing", code=code, parent=item.parent, day=item.valid_from)
                into.faults.append(Fault(row, "parent", what, told("add_parent")))
        above, seen = periods[-1], {code}
        while above.parent in tree:
            if above.parent in seen:
                what = told("row_above_itself", code=code)
                into.faults.append(Fault(rows.get(code, 0), "parent", what, told("name_agency_above")))
                break
            seen.add(above.parent)
            above = tree[above.parent][-1]


def _has_parent(item: Agency, above: tuple[Agency, ...]) -> bool:
    """Whether agencies of one code follow one another through all days of an agency below."""
    day = item.valid_from
    for period in above:
        if period.covers(day):
            if period.valid_until is None or (item.valid_until and period.valid_until >= item.valid_until):
                return True
            day = period.valid_until + timedelta(days=1)
    return False
