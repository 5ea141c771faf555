"""`verify`: are the signatures, the file and the object what they say?"""

from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import CHATTER, Session, session
from cli.words import word_of
from domain.clock import listed
from domain.errors import ExitCode
from domain.messages.told import told
from files.outside import check_new, new_file
from services.context import open_services
from services.verify import Verification, report_of
from services.verify import verify as check
from signing.interface import SignatureVerdict, lacks_seal

_YES = {True: told("yes"), False: told("no"), None: told("not_checked")}
_PDFA = {**_YES, None: told("pdfa_not_checked")}


def verify(
    what: Annotated[str, typer.Argument(help="Document id, code, or a PDF file", metavar="CODE|FILE")],
    report: Annotated[Path | None, typer.Option(help="Write a report in Vietnamese to this PDF/A file")] = None,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Check signatures, PDF/A and fixity of a document, or the signatures of any PDF."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        if report is not None:
            check_new(report, this.settings.home)
        found = check(ctx, asked_by(this, who, office), what)
        if report is not None:
            with new_file(report, this.settings.home) as file:
                file.write(report_of(found))
        if this.json:
            this.line(found.line())
        else:
            _show(this, found)
        if found.note:
            CHATTER.print(found.note, markup=False)
        raise typer.Exit(ExitCode.OK if found.valid else ExitCode.NOT_VALID)


def _show(this: Session, found: Verification) -> None:
    lacking = [told("seal_field_empty").text()] if lacks_seal(found.signatures, found.empty_fields) else []
    this.facts(
        [
            ["file", str(found.file)],
            ["SHA-256", found.sha256],
            ["checked at", told("in_vietnam_time", at=listed(found.checked_at)).text()],
            ["PDF/A-2b", f"{_PDFA[found.pdfa]}{told('kept_as_arrived') if found.arrived_signed else ''}"],
            ["fixity", "; ".join(found.fixity)],
            ["signatures", word_of("outcome", found.outcome)],
            *(
                [["certified copy", told("verified_certified", **dict(found.certified)).text()]]
                if found.certified
                else []
            ),
            *([["empty fields", "; ".join((*found.empty_fields, *lacking))]] if found.empty_fields else []),
        ],
    )
    this.table(
        ["field", "signer", "agency", "intact", "changes", "time", "trust", "problem"],
        [_row(item.masked()) for item in found.signatures],
    )
    if any(verdict.development_only for verdict in found.signatures):
        this.table(["note"], [[told("development_only").text()]])


def _row(verdict: SignatureVerdict) -> list[str]:
    time, proof = verdict.timestamp or verdict.signed_at, word_of("time", verdict.time)
    return [
        verdict.field,
        verdict.signer,
        _agency(verdict),
        str(_YES[verdict.intact]),
        ", ".join(word_of("change", change) for change in verdict.changes) or word_of("change", "none"),
        f"{proof} {listed(time)}" if time else proof,
        word_of("trusted", verdict.trust),
        "; ".join(verdict.problems),
    ]


def _agency(verdict: SignatureVerdict) -> str:
    """Whose seal it is: an agency of the settings or lists, or another organisation's; nothing for a person's."""
    if verdict.agency is not None:
        return f"{verdict.organisation} ({verdict.agency})"
    return told("organisation_not_known", name=verdict.organisation).text() if verdict.organisation else ""
