"""Dossiers as the national portal takes them (DongBoHoSo), and results as the portal lists them (law L2.12).

The fields of a dossier come back as they came.  Filled in are those by which the portal counts what was digitised and
reused: a paper of the dossier that is held here, and a held paper that was handed over for it.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from pydantic_core import from_json

from archive.errors import DatabaseUnusable
from archive.interface import Dossier, Paper
from config.models import Component, Procedure
from domain.clock import VIETNAM
from domain.codes import code_key, mask_code
from domain.dossiers.events import DossiersExported
from domain.owners import OwnerKind, identifier_kind
from domain.record import Frozen, PublicView
from files.outside import new_file
from services.context import Services
from services.dossiers.owners import is_of_another, owner_in
from services.permissions import Asker, demand
from services.reuse.components import procedure_of
from services.secrecy.unsaid import uses_for

LONGEST_REPLACEMENT = 50  # MaKetQuaThayThe
_CHANGE_EXPORTS = {"untied", "corrected", "withdrawn", "given_back"}  # what an earlier one said is so no more
_KINDS: dict[OwnerKind, str] = {"personal": "1", "old_identity": "2", "tax": "3"}  # 1 and 2 are in use; 3 is ours


class LeftOut(PublicView):
    """A paper that stands in a dossier of another owner, which nobody confirmed: the export does not name it."""

    id: str
    code: str
    dossier: str


class Exported(Frozen):
    """How many dossiers or results were written, and which papers are named in none of them."""

    count: int
    left_out: tuple[LeftOut, ...]


def export(ctx: Services, asker: Asker, target: Path, *, results: bool = False, since: date | None = None) -> Exported:
    """Write dossiers, or their results, as a JSON list; tells how many.

    A paper of another owner than its dossier's is not named, unless a person confirmed that it belongs there.

    Args:
        ctx: the services.
        asker: who takes them; they name owners, so not for desk roles.
        target: the file, readable by its owner alone, outside the store; nothing may be there.
        results: results instead of dossiers.
        since: only dossiers that were changed, used for or added to from that day on, or of which a paper was taken
            out or put right.

    Raises:
        NotAllowed: the role may not.
        UsageError: the file is there already, or cannot be written.
        NotValid: the audit journal is broken, so that nobody knows what was taken out since that day.
        ObjectsUnread: it is not known of all that lies in the vault; the portal would count those papers as not there.
    """
    demand(ctx, asker, "dossiers_export", target.name)
    ctx.catalogue.check_read()
    dossiers = _dossiers(ctx, since)
    left_out: list[LeftOut] = []
    items = (
        item
        for dossier, papers in _with_papers(ctx, dossiers, left_out)
        for item in (_results(ctx, dossier, papers) if results else [_synced(ctx, dossier, papers)])
    )
    with ctx.journal.once(str(target.absolute())) as record, new_file(target, ctx.settings.home) as file:
        count = write_items(file, items)
        file.flush()
        os.fsync(file.fileno())
        record(
            DossiersExported(
                **dict(asker),
                subject=target.name,
                what="results" if results else "dossiers",
                since=str(since) if since else None,
                count=count,
                left_out=len(left_out),
            )
        )
    return Exported(count=count, left_out=tuple(left_out))


def _with_papers(
    ctx: Services, dossiers: Iterable[Dossier], left_out: list[LeftOut]
) -> Iterator[tuple[Dossier, list[Paper]]]:
    """Each dossier with the papers in it that may be named; the others are entered as left out."""
    for dossier in dossiers:
        named = []
        for paper in ctx.catalogue.of_dossier(dossier.code):
            if paper.other_owner or not is_of_another(ctx, paper.owner_ids, dossier):
                named.append(paper)
            else:
                left_out.append(LeftOut(id=paper.id, code=mask_code(paper.digitisation_code), dossier=dossier.code))
        yield dossier, named


def _dossiers(ctx: Services, since: date | None) -> Iterator[Dossier]:
    if since is None:
        yield from ctx.desk.dossiers()
        return
    moment = datetime(since.year, since.month, since.day, tzinfo=VIETNAM)
    changed = {dossier.code for dossier in ctx.desk.dossiers(moment)}
    changed |= ctx.desk.used_since(moment) | ctx.catalogue.dossiers_since(moment) | _told_since(ctx, moment)
    for code in sorted(changed):
        if (dossier := ctx.desk.dossier(code)) is not None:
            yield dossier


def _told_since(ctx: Services, moment: datetime) -> set[str]:
    """The dossiers of which a paper was taken out, put right, withdrawn or given back since: the journal has when."""
    found: set[str] = set()
    for event in ctx.journal.events():
        if event["event"] in _CHANGE_EXPORTS and datetime.fromisoformat(event["at"]) >= moment:
            paper, apart = ctx.catalogue.paper(event["subject"]), ctx.catalogue.withdrawn.of(event["subject"])
            belongs = paper.dossier if paper else apart.belongs if apart else None
            used = {use.dossier for use in ctx.desk.uses_of(event["subject"])}  # whose MaKetQuaThayThe may be over
            found |= {event.get("dossier"), belongs, *used} - {None, ""}  # type: ignore[arg-type]
    return found


def _synced(ctx: Services, dossier: Dossier, papers: Sequence[Paper]) -> dict[str, Any]:
    """A dossier with the flags."""
    fields = _as_it_came(dossier)
    procedure = procedure_of(ctx, dossier)
    parts = _Parts(fields.get("TaiLieuNop", []))
    for paper in papers:
        if not is_result(ctx, paper, procedure):
            parts.mark(_component(ctx, paper.type_code, procedure), paper.id, DuocSoHoa=1)
    for use in uses_for(ctx, dossier.code):
        used = ctx.catalogue.paper(use.paper_id)
        asked = procedure.component(use.asked_for) if procedure else None
        component = asked or (_component(ctx, used.type_code, procedure) if used else None)
        instead = replacement(used) if used else ""
        parts.mark(component, use.paper_id, DuocSoHoa=1, DuocTaiSuDung=1, MaKetQuaThayThe=instead)
    results = [dict(item) for item in fields.get("DanhSachGiayToKetQua", [])]
    known = {str(item.get("GiayToId")) for item in results}
    results += [_listed(ctx, paper) for paper in papers if is_result(ctx, paper, procedure) and paper.id not in known]
    is_digitised = any(str(item.get("DuocSoHoa")) == "1" for item in parts.items)
    return {
        **fields,
        "TenTTHC": fields.get("TenTTHC") or (procedure.name if procedure else ""),
        "TenLinhVuc": fields.get("TenLinhVuc") or (procedure.field if procedure else ""),
        "HoSoCoThanhPhanSoHoa": 1 if is_digitised else fields.get("HoSoCoThanhPhanSoHoa", 0),
        "TaiLieuNop": parts.items,
        "DanhSachGiayToKetQua": results,
    }


def _as_it_came(dossier: Dossier) -> dict[str, Any]:
    try:
        fields = from_json(dossier.data, allow_inf_nan=False)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise DatabaseUnusable("dossier_fields_unread", remedy="import_dossier_again", code=dossier.code)
    return fields


def is_result(ctx: Services, paper: Paper, procedure: Procedure | None) -> bool:
    """Whether the procedure ends with such a paper; of a procedure that nobody knows, whether one does."""
    if paper.result_code is not None:
        return True
    present = ctx.catalogues.present_code(paper.type_code)
    if procedure:
        given = {*ctx.catalogues.serving(procedure.results), *procedure.results}
        ends = bool(given & {paper.type_code, code_key(ctx.catalogues.outward_code(paper.type_code))})
        if ends or _component(ctx, paper.type_code, procedure):
            return ends
    return any(item.kind == "result" for item in ctx.catalogues.types if item.code == present)


def _component(ctx: Services, type_code: str, procedure: Procedure | None) -> Component | None:
    """The component that such a paper serves; None when none asks for it."""
    asked = procedure.components if procedure else ()
    return next((item for item in asked if type_code in ctx.catalogues.serving(item.types)), None)


class _Parts:
    """The papers of a dossier as they came (TaiLieuNop), each with the one of ours that it is."""

    def __init__(self, came: Iterable[dict[str, Any]]) -> None:
        self.items = [dict(item) for item in came]
        self._free = list(self.items)
        self._ours: dict[str, dict[str, Any]] = {}

    def mark(self, component: Component | None, paper_id: str, **flags: int | str) -> None:
        """Set flags on the entry of a paper: the first of its component that is free, else a new one."""
        if paper_id not in self._ours:
            codes = (component.code, *component.aliases) if component else ()
            came = [item for item in self._free if code_key(str(item.get("MaThanhPhanHoSo"))) in codes]
            self._ours[paper_id] = came[0] if came else self._added(component.code if component else "", paper_id)
            self._free = [item for item in self._free if item is not self._ours[paper_id]]
        self._ours[paper_id].update(flags)

    def _added(self, component: str, paper_id: str) -> dict[str, Any]:
        item = {
            "TepDinhKemId": paper_id,
            "TenTepDinhKem": f"{paper_id}.pdf",
            "IsDeleted": 0,
            "MaThanhPhanHoSo": component,
            "DuongDanTaiTepTin": "",
            "DuocSoHoa": 0,
            "DuocTaiSuDung": 0,
            "DuocLayTuKhoDMQG": 0,
            "MaKetQuaThayThe": "",
        }
        self.items.append(item)
        return item


def replacement(paper: Paper) -> str:
    """The code of the result that stands for the paper: its result code, else its digitisation code when that fits."""
    code = paper.result_code or paper.digitisation_code
    return code if len(code) <= LONGEST_REPLACEMENT else ""


def _title(ctx: Services, paper: Paper) -> str:
    return paper.title or ctx.catalogues.type_name(paper.type_code)


def _listed(ctx: Services, paper: Paper) -> dict[str, Any]:
    """A result as a dossier lists it."""
    return {
        "TenGiayTo": _title(ctx, paper),
        "MaThanhPhanHoSo": "",
        "GiayToId": paper.id,
        "DuongDanTepTinKetQua": "",
        "MaGiayToKetQua": ctx.catalogues.outward_code(paper.type_code),
    }


def _results(ctx: Services, dossier: Dossier, papers: Sequence[Paper]) -> list[dict[str, Any]]:
    """The results of a dossier, as the portal takes them."""
    procedure = procedure_of(ctx, dossier)
    return [
        {
            "MaHoSo": dossier.code,
            "MaChuGiayTo": (owner := owner_in(ctx, paper, dossier)),
            "LoaiDinhDanhCHS": _KINDS.get(kind) if (kind := identifier_kind(owner)) else "",
            "MaGiayToKetQua": ctx.catalogues.outward_code(paper.type_code),
            "TenGiayToKetQua": _title(ctx, paper),
            "SoKyHieu": paper.number_symbol or "",
            "TrichYeuNoiDung": paper.abstract or "",
            "NgayCap": f"{paper.issued:%Y%m%d}" if paper.issued else "",
            "ThoiHanHieuLuc": f"{paper.valid_until:%Y%m%d}" if paper.valid_until else "",
            "PhamViHieuLuc": paper.scope or "",
            "TenFileGiayToKetQuaDinhKem": f"{paper.result_code or paper.id}.pdf",
            "MaCoQuan": dossier.agency,
        }
        for paper in papers
        if is_result(ctx, paper, procedure)
    ]


def write_items(file: BinaryIO, items: Iterable[dict[str, Any]]) -> int:
    """Write a JSON list, one object a line; tells how many."""
    count = 0
    for item in items:
        file.write((("[\n" if not count else ",\n") + json.dumps(item, ensure_ascii=False)).encode())
        count += 1
    file.write(b"\n]\n" if count else b"[]\n")
    return count
