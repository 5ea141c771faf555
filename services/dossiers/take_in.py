"""Dossiers of the one-stop system, checked and entered: all of a file or none."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from filelock import FileLock

from archive.interface import Dossier
from config.imports.plan import RowsRefused
from config.imports.reading import Fault
from config.imports.tables import read_objects
from config.owners import APPLICANT, mixed_up, role_name
from domain.clock import now
from domain.codes import is_procedure, parse_dossier
from domain.days import parse_day
from domain.dossiers.events import DossiersImported
from domain.dossiers.persons import RELATED, owners_of
from domain.errors import UsageError
from domain.messages.language import spoken
from domain.messages.told import Told, told
from domain.owners import identifier_kind, mask, mask_text
from pipeline.context import digest
from services.context import Services
from services.dossiers.answering import unasked_answers
from services.dossiers.owners import related
from services.dossiers.terms import Terms, count_terms
from services.permissions import Asker, demand
from services.reuse.components import procedure_of

_LISTS = ("DinhDanhCHS", "DSKetNoiCSDL", "TaiLieuNop", "DanhSachGiayToKetQua", RELATED)
_LONGEST_STATE = 40


@dataclass
class Taken:
    """What became of the dossiers of a file; ``unknown`` are procedures that no catalogue has.

    ``answered``: so many were looked up, which is done once.  ``terms``: until when the papers of those that ended are
    kept.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    answered: int = 0
    unknown: set[str] = field(default_factory=set)
    terms: Terms = field(default_factory=Terms)


def take_in_dossiers(ctx: Services, asker: Asker, path: Path) -> Taken:
    """Enter the dossiers of a file, or what they have become; recorded in the audit journal.

    Raises:
        NotAllowed: the role may not.
        RowsRefused: dossiers are wrong; all of them are told, and none is entered.
        UsageError: the file is no list of dossiers.
    """
    demand(ctx, asker, "dossiers_import", path.name)
    reader = _Reader(ctx)
    read = [dossier for number, fields in read_objects(path) if (dossier := reader.dossier(number, fields))]
    if reader.faults:
        raise RowsRefused(reader.faults)
    with FileLock(ctx.settings.home / "dossiers.lock"):  # what is known stays so until these are entered
        return _enter(ctx, asker, path, read)


def _enter(ctx: Services, asker: Asker, path: Path, read: Sequence[Dossier]) -> Taken:
    taken, entered = Taken(), []
    for dossier in read:
        if procedure_of(ctx, dossier) is None:
            taken.unknown.add(dossier.procedure)
        known = ctx.desk.dossier(dossier.code)
        if known is not None and known.model_copy(update={"changed_at": dossier.changed_at}) == dossier:
            taken.unchanged += 1
            continue
        taken.added += known is None
        taken.changed += known is not None
        entered.append(dossier)
    answers = unasked_answers(ctx, read)
    taken.answered = len({answer.dossier for answer in answers})
    if entered or answers:
        with ctx.journal.once("dossiers") as record:
            record(
                DossiersImported(
                    **dict(asker),
                    subject=path.name,
                    sha256=digest(path),
                    added=taken.added,
                    changed=taken.changed,
                    answered=taken.answered,
                )
            )
            ctx.desk.put(entered, answers)
    # Of all that were read: who imported them before may have been cut off here.
    taken.terms = count_terms(ctx, asker, read)
    return taken


class _Reader:
    """Makes dossiers of objects and collects what is wrong; identifiers of owners are in no message."""

    def __init__(self, ctx: Services) -> None:
        self._ctx = ctx
        self._seen: dict[str, int] = {}
        self.faults: list[Fault] = []

    def dossier(self, number: int, fields: dict[str, Any]) -> Dossier | None:
        """One dossier; None when something is wrong with it."""
        before = len(self.faults)
        code, agency = self._code(number, _text(fields, "MaHoSo"))
        procedure = _text(fields, "MaTTHC")
        if not is_procedure(procedure):
            self._fault(number, "MaTTHC", told("dossier_no_procedure"), "write_procedure")
        owner = self._owner(number, fields)
        received = self._day(number, fields, "NgayTiepNhan", required=True)
        ended, returned = (self._day(number, fields, name) for name in ("NgayKetThucXuLy", "NgayTra"))
        finished = ended or returned  # the work ends before its result is returned (law L2.12, L6.1)
        state = _text(fields, "TrangThaiHoSo")
        if len(state) > _LONGEST_STATE:
            self._fault(number, "TrangThaiHoSo", told("dossier_state_long", most=_LONGEST_STATE), "give_state_code")
        for name in _LISTS:
            given = fields.get(name, [])
            if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
                self._fault(number, name, told("dossier_no_objects"), "give_as_portal")
        self._persons(number, fields, owner)
        if len(self.faults) > before or received is None:
            return None
        return Dossier(
            code=code,
            procedure=procedure,
            owner_key=self._ctx.owner_keys.of(owner),
            owner_shown=mask(owner),
            agency=agency,
            received=received,
            finished=finished,
            state=state,
            data=json.dumps(fields, ensure_ascii=False, sort_keys=True),
            changed_at=now(),
        )

    def _persons(self, number: int, fields: dict[str, Any], owner: str) -> None:
        """The others whom it names, each by his place and role; nobody has two roles that exclude each other."""
        numbers = {APPLICANT: owner}
        for place, (called, role, owner_id) in enumerate(related(fields), 1):
            who = {"place": place, "role": mask_text(called[:40])}
            if role is None:
                self._fault(number, RELATED, told("dossier_person_no_role", **who), "give_role_and_digits")
            elif identifier_kind(owner_id) is None:
                self._fault(number, RELATED, told("dossier_person_no_number", **who), "give_role_and_digits")
            else:
                two = mixed_up({**numbers, role: owner_id})
                numbers.setdefault(role, owner_id)
                if two:
                    both = [role_name(item, spoken()) for item in two]
                    self._fault(
                        number, RELATED, told("dossier_person_in_both", place=place, roles=both), "give_each_his"
                    )

    def _fault(self, number: int, column: str, what: Told, remedy: str) -> None:
        self.faults.append(Fault(number, column, what, told(remedy)))

    def _code(self, number: int, code: str) -> tuple[str, str]:
        try:
            agency = parse_dossier(code).agency
        except UsageError as error:
            self._fault(number, "MaHoSo", error.inner.changed(_masked), error.remedy)
            return code, ""
        if code in self._seen:
            self._fault(
                number, "MaHoSo", told("dossier_number_too", code=code, number=self._seen[code]), "take_one_out"
            )
        self._seen[code] = number
        return code, agency

    def _owner(self, number: int, fields: dict[str, Any]) -> str:
        """The first identifier that is one; a dossier without is of no use for a look-up."""
        if owners := owners_of(fields):
            return owners[0]
        self._fault(number, "SoGiayToChuHoSo", told("dossier_no_owner"), "give_digits")
        return ""

    def _day(self, number: int, fields: dict[str, Any], name: str, *, required: bool = False) -> date | None:
        text = _text(fields, name)
        day = parse_day(text) if text else None
        if (text and day is None) or (required and not text):
            what = told("row_no_day", text=mask_text(text)) if text else told("cell_missing")
            self._fault(number, name, what, "write_portal_day")
        return day


def _masked(value: Told | str) -> Told | str:
    return mask_text(value) if isinstance(value, str) else value


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return "" if value is None or isinstance(value, list | dict) else re.sub(r"\s+", " ", str(value)).strip()
