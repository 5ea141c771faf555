"""`verify`: are the signatures, the file and the object what they say?"""

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import Home, Json, Who
from cli.output import session
from cli.show import find
from domain.errors import ExitCode, NotFound, NotValid
from domain.owners import mask_text
from pipeline.context import Context, digest, open_context
from pipeline.stages.archive import PDF
from pipeline.stages.conform import is_pdfa
from signing.interface import SignatureVerdict
from signing.verify import open_anchors, verify_pdf


def verify(
    what: Annotated[str, typer.Argument(help="Document id, code, or a PDF file", metavar="CODE|FILE")],
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Check signatures, PDF/A and fixity of a document, or the signatures of any PDF."""
    with session(home, as_json=as_json) as this, open_context(this.settings) as ctx:
        path, problems, arrived_signed = _locate(ctx, what)
        verdicts = verify_pdf(path.read_bytes(), open_anchors(this.settings.signing))
        told: dict[str, Any] = {
            "file": str(path),
            "pdfa": is_pdfa(path),
            "arrived_signed": arrived_signed,
            "fixity": problems or ["ok"],
            "signatures": [verdict.model_dump(mode="json") for verdict in verdicts],
        }
        # A paper that arrived signed is kept as it came, PDF/A or not.
        is_of_form = told["pdfa"] or arrived_signed
        good = bool(verdicts) and not problems and is_of_form and not any(verdict.problem for verdict in verdicts)
        told["valid"] = good
        ctx.journal.record(
            "verified", who=who or getpass.getuser(), subject=what if path.stem == "document" else path.name
        )
        if this.json:
            this.line(told)
        else:
            this.table(
                ["what", "value"],
                [
                    ["file", str(path)],
                    ["PDF/A-2b", str(told["pdfa"]) + (" (kept as it arrived, signed)" if arrived_signed else "")],
                    ["fixity", "; ".join(told["fixity"])],
                ],
            )
            this.table(
                ["field", "signer", "intact", "changes", "time", "trust", "problem"], [_row(v) for v in verdicts]
            )
            if any(verdict.development_only for verdict in verdicts):
                this.table(["note"], [["DEVELOPMENT ONLY: keys of a local test authority, without legal value"]])
        raise typer.Exit(ExitCode.OK if good else ExitCode.NOT_VALID)


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
