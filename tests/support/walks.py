"""A person who walks from a reason to the end of a paper: puts files in, does what is named, looks what came of it."""

from pathlib import Path
from typing import Any

from PIL import Image

from config.settings import Settings
from pipeline.intake import Seen, open_batch, take_in
from pipeline.records import Statement
from pipeline.runner import run_through
from services.context import open_services
from services.document import source_views
from tests.support.desk import STATED, run_json
from tests.support.scans import as_pdf, paper

View = dict[str, Any]


def slip(kind: str = "notice") -> Image.Image:
    """The upper half of a paper: all that a walk needs."""
    return paper(kind).crop((0, 0, 1654, 1200))


class Walker:
    """A store, and a folder of files beside it."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        """Begin with an empty folder."""
        self.settings = settings
        self.folder = folder
        folder.mkdir()

    def path(self, name: str) -> Path:
        """Where a file of that name lies."""
        return self.folder / name

    def put(self, path: Path, stated: Statement = STATED, *passwords: str) -> list[View]:
        """Put a file in and take it as far as it goes; what is told of each of its papers."""
        with open_services(self.settings) as ctx:
            seen: Seen = take_in(ctx, path, open_batch(ctx, "walk"), stated, passwords)
            entry = ctx.ledger.entry(seen.document_id) if seen.document_id else None
            done: set[str] = set()
            while entry and (left := {part.id for part in ctx.ledger.parts(entry.sha256)} - done):
                for document_id in sorted(left):
                    run_through(ctx, document_id)
                done |= left
            return [view.line() for view in source_views(ctx, seen)]

    def put_one(self, path: Path, stated: Statement = STATED, *passwords: str) -> View:
        """Put in a file that is one paper."""
        (view,) = self.put(path, stated, *passwords)
        return view

    def put_scan(self, name: str, kind: str = "notice", stated: Statement = STATED) -> View:
        """Put a sound scan in; whatever lay at its path is gone."""
        path = self.path(name)
        path.unlink(missing_ok=True)
        if path.suffix == ".pdf":
            as_pdf(path, slip(kind))
        else:
            slip(kind).save(path, dpi=(200, 200))
        return self.put_one(path, stated)

    def review(self, view: View, *arguments: str) -> View:
        """Decide about a paper; the command must take it."""
        code, lines = run_json(self.settings, "review", str(view["id"]), *arguments, "--who", "Lê Thị Hoa")
        assert lines, f"exit code {code}"
        (after,) = lines
        return after

    def discard(self, view: View) -> None:
        """End a held paper in whose place another one was put in: nothing waits for it any more."""
        assert "--discard --reason" in view["reason"]
        assert self.review(view, "--discard", "--reason", "quét lại")["state"] == "discarded"
        assert run_json(self.settings, "review") == (0, [])


def got(view: View, state: str, reason: str, remedy: str) -> View:
    """The same view, once it is seen that it says what is so and what to do."""
    found = (view["state"], str(view["reason"]).partition(":")[0])
    assert found == (state, reason), view["reason"]
    assert remedy in view["reason"], view["reason"]
    return view


def archived(*views: View) -> None:
    """See that papers are archived."""
    for view in views:
        assert view["state"] == "archived", view["reason"]
        assert view["code"]
