"""The judged set on both engines: how many questions are answered right, by kind, and what each takes of a processor.

``python -m benchmarks.questions [--elasticsearch URL] [--former CHECKOUT]``.  The papers and questions are those of
tests/saved/judged.  ``--former`` is a checkout of an earlier commit: its code answers the same questions beside ours.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

from elasticsearch import Elasticsearch

_ROOT = Path(__file__).resolve().parent.parent
_WHERE = "KHOSO_SEARCH__ELASTICSEARCH__"
_LARGEST_LOSS = 1.2  # no kind of question may take so many times what it took


def main() -> int:
    """Ask on every engine that there is, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--elasticsearch", metavar="URL")
    parser.add_argument("--former", type=Path, metavar="CHECKOUT")
    parser.add_argument("--ask", metavar="ENGINE", help=argparse.SUPPRESS)  # in the process of its own code
    given = parser.parse_args()
    if given.ask:
        print(json.dumps(_ask(given.ask, given.elasticsearch)))
        return 0
    from benchmarks.tables import render  # noqa: PLC0415 (the process of a former code has no such package)

    for engine in ("tantivy", *(("elasticsearch",) if given.elasticsearch else ())):
        ours = _asked_by(_ROOT, engine, given.elasticsearch)
        print(render(engine, ours))
        if given.former:
            former = _asked_by(given.former.resolve(), engine, given.elasticsearch)
            print(render(f"{engine}, former code", former))
            print(render(f"{engine}, CPU time ours : former's", _compared(ours, former)))
    return 0


def _asked_by(checkout: Path, engine: str, url: str | None) -> list[dict[str, Any]]:
    """The table of a checkout's code, run in a process of its own."""
    command = [sys.executable, "-P", __file__, "--ask", engine, *(("--elasticsearch", url) if url else ())]
    environment = os.environ | {"PYTHONPATH": str(checkout), "KHOSO_LANG": "en"}
    run = subprocess.run(command, cwd=checkout, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    rows: list[dict[str, Any]] = json.loads(run.stdout)
    return rows


def _ask(engine: str, url: str | None) -> list[dict[str, Any]]:
    """The table of the code that this process finds, for our papers and questions."""
    _ours("held_papers")
    judged = _ours("judged")
    from config.settings import load_settings  # noqa: PLC0415 (the former code's, perhaps)
    from services.context import open_services  # noqa: PLC0415

    server = _server(engine, url)
    with (
        tempfile.TemporaryDirectory() as folder,
        _removed(url, server.get(f"{_WHERE}INDEX")),
        open_services(load_settings(Path(folder) / "home", server)) as ctx,
    ):
        judged.hold_papers(ctx, Path(folder))
        for question in judged.questions()[:20]:  # what is done once
            judged.ask(ctx, question)
        answers = [(question, judged.ask(ctx, question)) for question in judged.questions()]
    rows: list[dict[str, Any]] = judged.told(judged.table(answers))
    return rows


def _server(engine: str, url: str | None) -> Mapping[str, str]:
    if engine == "tantivy":
        return {}
    index = f"judged-{uuid4().hex}"
    return {"KHOSO_SEARCH__KIND": engine, f"{_WHERE}URLS": json.dumps([url]), f"{_WHERE}INDEX": index}


@contextmanager
def _removed(url: str | None, name: str | None) -> Iterator[None]:
    """Leave no index behind on a server."""
    try:
        yield
    finally:
        if url and name:
            with Elasticsearch(url) as client:
                for index in client.indices.get_alias(index=f"{name}-*"):
                    client.indices.delete(index=index)


def _ours(name: str) -> ModuleType:
    """A module of our tests' support under its name, whoever's code it works with."""
    spec = importlib.util.spec_from_file_location(f"tests.support.{name}", _ROOT / "tests" / "support" / f"{name}.py")
    assert spec is not None  # noqa: S101 (the file is there)
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    sys.modules[f"tests.support.{name}"] = module
    spec.loader.exec_module(module)
    return module


def _compared(ours: list[dict[str, Any]], former: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for one, other in zip(ours, former, strict=True):
        ratio = one["CPU ms"] / other["CPU ms"]
        rows.append({"kind": one["kind"], "ours : former": ratio, "": "slower" if ratio > _LARGEST_LOSS else ""})
    return rows


if __name__ == "__main__":
    sys.exit(main())
