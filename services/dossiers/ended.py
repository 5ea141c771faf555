"""Results that an earlier export named and that are so no more: the portal's own fields cannot say it (law L2.12).

`MaKetQuaThayThe` is the code of a result that is taken in place of a paper; a list of results has no field by which one
of them is withdrawn or replaced.  So what ended is a list of its own beside that of results.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from archive.interface import Paper
from archive.package import read_package
from archive.withdrawn.apart import WithdrawnPaper
from domain.clock import VIETNAM
from domain.codes import parse_result
from domain.dossiers.events import DossiersExported
from files.outside import new_file
from services.context import Services
from services.dossiers.give_back import LONGEST_REPLACEMENT, is_result, replacement, write_items
from services.dossiers.owners import is_of_another
from services.permissions import Asker, demand
from services.reuse.components import procedure_of

EndedWhy = Literal["removed", "recoded", "revoked", "replaced"]
"""Why a result is over: it is none of that dossier any more, its code is another one, or it does not count."""


def export_ended(ctx: Services, asker: Asker, target: Path, *, since: date | None = None) -> int:
    """Write the results that ended since a day or ever, as a JSON list, each with what came after it; tells how many.

    Raises:
        NotAllowed: the role may not.
        UsageError: the file is there already, or cannot be written.
        NotValid: the audit journal is broken, so that nobody knows what ended.
        ObjectsUnread: it is not known of all that lies in the vault.
        VaultDamaged: the object of a withdrawn paper cannot be read.
    """
    demand(ctx, asker, "dossiers_export", target.name)
    ctx.catalogue.check_read()
    moment = datetime(since.year, since.month, since.day, tzinfo=VIETNAM) if since else None
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    listed: datetime | None = None  # when results were given out last
    for event in ctx.journal.events():
        at = datetime.fromisoformat(event["at"])
        listed = at if event["event"] == "dossiers_exported" and event["what"] == "results" else listed
        if moment is None or at >= moment:
            for item in _ended(ctx, event, listed):
                found[item["MaHoSo"], item["TenFileGiayToKetQuaDinhKem"], item["MaKetQua"]] = item
    with ctx.journal.once(str(target.absolute())) as record, new_file(target, ctx.settings.home) as file:
        count = write_items(file, found.values())
        file.flush()
        os.fsync(file.fileno())
        record(
            DossiersExported(
                **dict(asker), subject=target.name, what="ended", since=str(since) if since else None, count=count
            )
        )
    return count


def _ended(ctx: Services, event: Mapping[str, Any], listed: datetime | None) -> Iterator[dict[str, Any]]:
    """What ended by an event, as it is now: what was taken back since has not ended."""
    word, subject = event["event"], str(event["subject"])
    if word == "withdrawn":
        apart = ctx.catalogue.withdrawn.of(subject)
        if apart is not None and listed is not None:
            yield from _withdrawn(ctx, event, apart, listed)
        return
    paper = ctx.catalogue.paper(subject) if word in {"untied", "corrected", "standing"} else None
    code = str(event.get("dossier") or (paper.dossier if paper else "") or "")
    dossier = ctx.desk.dossier(code) if code else None
    if paper is None or dossier is None:
        return
    result = str(event.get("result") or "")
    if not result and not is_result(ctx, paper, procedure_of(ctx, dossier)):
        return
    name = f"{result or paper.result_code or paper.id}.pdf"
    if word == "untied" and paper.dossier != code:
        yield _item(event, code, name, result, "removed")
    elif word == "standing" and paper.standing != "in_force":
        why: EndedWhy = "revoked" if paper.standing == "revoked" else "replaced"
        yield _item(event, code, name, paper.result_code or paper.digitisation_code, why, _replaced_by(ctx, paper))
    elif word == "corrected" and is_of_another(ctx, paper.owner_ids, dossier) and not paper.other_owner:
        yield _item(event, code, name, paper.result_code or "", "removed")
    elif word == "corrected" and paper.result_code is None:  # else its digitisation code never left
        yield from (_item(event, code, name, gone, "recoded", replacement(paper)) for gone in _gone_codes(ctx, paper))


def _withdrawn(
    ctx: Services, event: Mapping[str, Any], apart: WithdrawnPaper, listed: datetime
) -> Iterator[dict[str, Any]]:
    """A withdrawn paper under the name by which a list of results gave it out, as one that was taken out.

    Nothing where no list had it: that it was here is nobody's business (law L8.5).
    """
    if apart.state == "erased":
        left = ctx.catalogue.withdrawn.tombstone(apart.id)
        archived_at, result = left.archived_at, left.codes.result
        dossier = ctx.desk.dossier(parse_result(result)[0]) if result else None
        was_named = dossier is not None
    else:
        paper = read_package(ctx.vault.get(apart.object_id), withdrawn=True).paper
        archived_at, result = paper.archived_at, paper.result_code
        dossier = ctx.desk.dossier(paper.dossier) if paper.dossier else None
        was_named = dossier is not None and is_result(ctx, paper, procedure_of(ctx, dossier))
    if dossier is not None and was_named and archived_at <= listed:
        yield _item(event, dossier.code, f"{result or apart.id}.pdf", result or "", "removed")


def _replaced_by(ctx: Services, paper: Paper) -> str:
    """The code of what replaced it; of a paper that was withdrawn nothing is told."""
    code = paper.replaced_by or ""
    return "" if code and ctx.catalogue.withdrawn.of(code) else code


def _gone_codes(ctx: Services, paper: Paper) -> list[str]:
    """The codes that a correction retired, of those that an export may have told."""
    retired = read_package(ctx.vault.get(paper.object_id)).retired
    gone = [item.code for item in retired if item.kind == "digitisation" and item.why == "corrected"]
    return [code for code in gone if len(code) <= LONGEST_REPLACEMENT]


def _item(
    event: Mapping[str, Any], dossier: str, name: str, code: str, why: EndedWhy, instead: str = ""
) -> dict[str, Any]:
    return {
        "MaHoSo": dossier,
        "TenFileGiayToKetQuaDinhKem": name,
        "MaKetQua": code,
        "LyDo": why,
        "Ngay": f"{datetime.fromisoformat(event['at']).astimezone(VIETNAM):%Y%m%d}",
        "MaKetQuaThayThe": instead,
    }
