"""What is wrong in the rows of a list, told before the command ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from cli.output import Session, say
from config.imports.plan import RowsRefused

SHOWN = 50  # lines that a person reads; --json gives all


@contextmanager
def faults_shown(this: Session) -> Iterator[None]:
    """Tell every fault of a list, then let its error end the command."""
    try:
        yield
    except RowsRefused as error:
        if this.json:
            for fault in error.faults:
                told = {"row": fault.row, "column": fault.column, "remedy": fault.remedy.text()}
                this.line({"fault": fault.what.text(), **told})
        else:
            rows = [[str(item.row), item.column, item.what.text(), item.remedy.text()] for item in error.faults]
            this.table(["row", "column", "fault", "remedy"], rows[:SHOWN])
            tell_rest(len(rows))
        raise


def tell_rest(number: int) -> None:
    """Tell how many lines are not shown."""
    if number > SHOWN:
        say("lines_more", count=number - SHOWN)
