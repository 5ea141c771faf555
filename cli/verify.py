"""`verify`: are the signatures, the file and the object what they say?"""

from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import CHATTER, Session, session
from domain.clock import listed
from domain.errors import ExitCode
from domain.messages.told import told
from domain.owners import mask_text
from files.outside import check_new, new_file
from services.context import open_services
from services.verify import Verification, report_of
from services.verify import verify as check
from signing.interface import SignatureVerdict

_PDFA = {True: "yes", False: "no", None: "not checked: it holds something that the checker does not know"}


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
    this.facts(
        [
            ["file", str(found.file)],
            ["SHA-256", found.sha256],
            ["PDF/A-2b", _PDFA[found.pdfa] + (" (kept as it arrived, signed)" if found.arrived_signed else "")],
            ["fixity", "; ".join(found.fixity)],
            ["signatures", found.outcome],
        ],
    )
    this.table(
        ["field", "signer", "intact", "changes", "time", "trust", "problem"], [_row(v) for v in found.signatures]
    )
    if any(verdict.development_only for verdict in found.signatures):
        this.table(["note"], [[told("development_only").text()]])


def _row(verdict: SignatureVerdict) -> list[str]:
    time = verdict.timestamp or verdict.signed_at
    return [
        verdict.field,
        mask_text(verdict.signer),
        "yes" if verdict.intact else "NO",
        ", ".join(verdict.changes) or "none",
        f"{verdict.time} {listed(time)}" if time else verdict.time,
        verdict.trust,
        verdict.problem,
    ]
