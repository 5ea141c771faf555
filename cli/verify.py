"""`verify`: are the signatures, the file and the object what they say?"""

import getpass
import hashlib
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import Home, Json, Who
from cli.output import Session, session
from cli.show import find
from domain.clock import now
from domain.errors import ExitCode, NotFound, NotValid, UsageError
from domain.owners import mask_text
from pipeline.context import Context, digest, open_context
from pipeline.stages.archive import PDF
from pipeline.stages.conform import is_pdfa
from signing.interface import SignatureVerdict, outcome_of
from signing.report import Checked, draw_report
from signing.verify import open_anchors, verify_pdf

_PDFA = {True: "yes", False: "no", None: "not checked: it holds something that the checker does not know"}


def verify(
    what: Annotated[str, typer.Argument(help="Document id, code, or a PDF file", metavar="CODE|FILE")],
    report: Annotated[Path | None, typer.Option(help="Write a report in Vietnamese to this PDF/A file")] = None,
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Check signatures, PDF/A and fixity of a document, or the signatures of any PDF."""
    with session(home, as_json=as_json) as this, open_context(this.settings) as ctx:
        path, problems, arrived_signed = _locate(ctx, what)
        content, at, anchors = path.read_bytes(), now(), open_anchors(this.settings.signing)
        verdicts = verify_pdf(content, anchors, at)
        told: dict[str, Any] = {
            "file": str(path),
            "sha256": hashlib.sha256(content).hexdigest(),
            "checked_at": at,
            "anchors": [hashlib.sha256(anchor).hexdigest() for anchor in anchors],
            "pdfa": is_pdfa(path),
            "arrived_signed": arrived_signed,
            "fixity": problems or ["ok"],
            "outcome": outcome_of(verdicts),
            "signatures": [
                {**verdict.model_dump(mode="json"), "sound": verdict.sound, "trusted": verdict.trusted}
                for verdict in verdicts
            ],
        }
        # A paper that arrived signed is kept as it came, PDF/A or not.
        is_of_form = told["pdfa"] or arrived_signed
        good = told["outcome"] == "valid" and not problems and is_of_form
        told["valid"] = good
        ctx.journal.record(
            "verified", who=who or getpass.getuser(), subject=what if path.stem == "document" else path.name
        )
        if report is not None:
            _write(report, draw_report(Checked(path.name, told["sha256"], at, anchors, verdicts)))
        if this.json:
            this.line(told)
        else:
            _show(this, told, verdicts)
        raise typer.Exit(ExitCode.OK if good else ExitCode.NOT_VALID)


def _show(this: Session, told: dict[str, Any], verdicts: tuple[SignatureVerdict, ...]) -> None:
    this.table(
        ["what", "value"],
        [
            ["file", told["file"]],
            ["SHA-256", told["sha256"]],
            ["PDF/A-2b", _PDFA[told["pdfa"]] + (" (kept as it arrived, signed)" if told["arrived_signed"] else "")],
            ["fixity", "; ".join(told["fixity"])],
            ["signatures", told["outcome"]],
        ],
    )
    this.table(["field", "signer", "intact", "changes", "time", "trust", "problem"], [_row(v) for v in verdicts])
    if any(verdict.development_only for verdict in verdicts):
        this.table(["note"], [["DEVELOPMENT ONLY: keys of a local test authority, without legal value"]])


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror})", remedy="Name another file") from None


def _row(verdict: SignatureVerdict) -> list[str]:
    time = verdict.timestamp or verdict.signed_at
    return [
        verdict.field,
        mask_text(verdict.signer),
        "yes" if verdict.intact else "NO",
        ", ".join(verdict.changes) or "none",
        f"{verdict.time} {time:%Y-%m-%d %H:%M}" if time else verdict.time,
        verdict.trust,
        verdict.problem,
    ]


def _locate(ctx: Context, what: str) -> tuple[Path, list[str], bool]:
    """The PDF that is meant, what is wrong with the object it lies in, and whether the paper arrived signed."""
    if Path(what).is_file():
        return Path(what), [], False
    paper = ctx.catalogue.paper(find(ctx, what))
    if paper is None:
        raise NotFound(f"No archived document and no file {what}", remedy="Find it with `search` or `status`")
    path = ctx.vault.get(paper.object_id).files[PDF]
    problems = []
    try:
        ctx.vault.check(paper.object_id)
    except NotValid as error:
        problems.append(str(error))
    if digest(path) != paper.pdf_sha256:
        problems.append("the PDF is not the one that was catalogued")
    return path, problems, paper.arrived_signed is not None
