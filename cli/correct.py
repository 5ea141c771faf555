"""`correct`: a mistake in an archived paper is put right."""

from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import CHATTER, session
from cli.review import pair_of
from cli.show import rows_of
from domain.codes import mask_code
from domain.messages.told import told
from services.context import open_services
from services.corrections.correcting import correct as put_right
from services.corrections.correcting import shown_value
from services.document import show


def correct(
    code: Annotated[str, typer.Argument(help="The paper, by its id or a code that it has or had", metavar="ID|CODE")],
    values: Annotated[
        list[str], typer.Option("--set", help="field=value; type=CODE sets the type; field= takes the value off")
    ],
    reason: Annotated[str, typer.Option(help="How it is known; stays with the paper")] = "",
    case: Annotated[int | None, typer.Option(help="The owner's request that is granted so (`cases list`)")] = None,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Put fields of an archived paper right; the signed copy stays, wrong codes are retired. For archivists."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        done = put_right(ctx, by, code, dict(map(pair_of, values)), reason=reason, case=case)
        view = show(ctx, by, done.paper.id)
        if this.json:
            this.line({**view.line(), "to_do": [item.text() for item in done.remarks]})
            return
        this.facts(rows_of(view, ctx.catalogues))
        for change in done.changes:
            said = {"old": shown_value(change, change.old), "new": shown_value(change, change.new)}
            CHATTER.print(told("corrected_now", field=change.field, **said).text(), markup=False)
        for item in done.retired:
            codes = {"old": mask_code(item.code), "new": mask_code(item.instead or "")}
            CHATTER.print(told("corrected_code", **codes).text(), markup=False)
        if not done.changes:
            CHATTER.print(told("corrected_already").text(), markup=False)
        for remark in done.remarks:
            CHATTER.print(remark.text(), markup=False)
