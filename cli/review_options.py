"""What `review` may be given."""

from pathlib import Path
from typing import Annotated

import typer

Which = Annotated[str | None, typer.Argument(help="The document", metavar="[ID]")]
Values = Annotated[
    list[str] | None,
    typer.Option("--set", help="field=value; type=CODE sets the type; only what is asked of it is answered"),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        help="Of all papers that wait, those of one batch=, type=, box= or doubt=; what would change is shown first",
        metavar="NAME=VALUE",
    ),
]
Manifest = Annotated[
    Path | None,
    typer.Option(help="A manifest that comes later, for papers that wait; what would change is shown first"),
]
Prefer = Annotated[
    str | None,
    typer.Option(help="Whose word counts where the manifest says something else than a person did: manifest or person"),
]
TakeBack = Annotated[bool, typer.Option("--undo", help="Take your last decision about it back, if nothing came of it")]
Yes = Annotated[bool, typer.Option("--yes", help="Do what is shown without it")]
Release = Annotated[
    bool,
    typer.Option(
        "--release",
        help="Confirm the rest of what is asked as it was read; it is no duplicate; or try a failed stage again",
    ),
]
Discard = Annotated[
    bool,
    typer.Option(
        "--discard", help="End it: it is the same paper as the one that is named; or, with --reason, nothing of it"
    ),
]
Replaces = Annotated[
    bool, typer.Option("--replaces", help="It is a longer scan of the paper that is named, and takes its place")
]
Accept = Annotated[str | None, typer.Option(help="`resolution`: take the paper with the dots it has; with --reason")]
Why = Annotated[str, typer.Option("--reason", help="Why it is accepted, ended, or another's; stays with it")]
OtherOwner = Annotated[
    bool, typer.Option("--other-owner", help="Its dossier is somebody else's, and it belongs there; with --reason")
]
Reject = Annotated[
    str | None,
    typer.Option(
        "--reject", help="Send it back, with --reason: `rescan`, `bring-again` or `not-digitised`", metavar="HOW"
    ),
]
ToScan = Annotated[
    bool, typer.Option("--rescan", help="List what is to be scanned again, of all batches or of the one that is named")
]
Effort = Annotated[
    bool, typer.Option("--stats", help="How often each field was asked, what was said, and how long it took")
]
ListFile = Annotated[Path | None, typer.Option("--out", help="With --rescan: write the list to this CSV file, too")]
NoRescan = Annotated[bool, typer.Option("--no-rescan", help="It is no new scan of the paper that is named")]
Sheets = Annotated[str | None, typer.Option(help="The size of its sheets, as A5, when the file does not tell")]
PasswordFile = Annotated[Path | None, typer.Option(help="Text file: passwords, one a line; they are kept nowhere")]
NotSecret = Annotated[
    bool, typer.Option("--not-secret", help="It is no secret paper; two persons must say so, with --reason")
]
Secret = Annotated[
    bool, typer.Option("--secret", help="It is a secret paper: what was made of it here is erased; with --reason")
]
