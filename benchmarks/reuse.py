"""The lookup of a procedure with five components, in a store of many papers and owners.

``python -m benchmarks.reuse [PAPERS] [OWNERS]`` (default 1 000 000 papers of 300 000 owners).  Times are of whole
calls: the answers, the limit of the officer, and the events in journal and database, both flushed to the disk; and of
the answers alone.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from statistics import quantiles

from sqlalchemy import create_engine, insert

from archive.interface import Paper
from archive.owner_keys import open_owner_keys
from archive.tables import papers
from benchmarks.tables import Row, render
from config.models import Component, Procedure, Procedures
from config.settings import load_settings
from domain.clock import now, today
from services.context import Services, open_services
from services.permissions import Asker
from services.registers.interface import answer_component
from services.reuse.asking import lookup

_TYPES = ("KQ.G15.000031", "KQ.G15.000038", "KQ.G15.000032", "KQ.G15.990012", "KQ.G15.990007")
_ASKED = 3_000
_OFFICERS = 200  # each within the limit of owners an hour
_AT_A_TIME = 20_000
_CODE = "1.999999"


def main(number: int, owners: int) -> None:
    """Fill a store, then ask as many desks do."""
    with tempfile.TemporaryDirectory(prefix="khoso-bench-") as folder:
        home = Path(folder) / "home"
        settings = load_settings(home, {})
        with open_services(settings) as ctx:
            began = time.perf_counter()
            _fill(ctx, number, owners)
            os.sync()  # else every flush of an event waits for what was written here
            rows: list[Row] = [{"what": f"{number} papers of {owners} owners entered, s", "value": _spent(began)}]
            size = sum(file.stat().st_size for file in home.glob("catalogue.sqlite*")) / 1e6
            rows.append({"what": "catalogue, MB", "value": f"{size:.0f}"})
            ctx.catalogues = ctx.catalogues.model_copy(update={"procedures": Procedures([_procedure()])})
            chance = random.Random(2)  # noqa: S311 (no secret)
            asked = [_owner(chance.randrange(owners * 11 // 10)) for _ in range(_ASKED)]  # a tenth is unknown here
            rows += _rows("lookup", _times(lambda i: _ask(ctx, i, asked[i])))
            rows += _rows("answers alone", _times(lambda i: _held(ctx, asked[i])))
    print(render("Lookup of five components, ms", rows))


def _fill(ctx: Services, number: int, owners: int) -> None:
    """Straight into the table: entering papers is not what is measured."""
    keys = open_owner_keys(ctx.settings.owner_secret)
    engine = create_engine(ctx.settings.catalogue_url)
    rows = _papers(number, owners)
    with engine.begin() as db:
        while some := list(islice(rows, _AT_A_TIME)):
            values = [{**paper.model_dump(), "owner_key": keys.of(paper.owner_id), "words": ""} for paper in some]
            db.execute(insert(papers), values)
    engine.dispose()


def _papers(number: int, owners: int) -> Iterator[Paper]:
    chance = random.Random(1)  # noqa: S311 (no secret)
    at, day = now(), today()
    for i in range(number):
        owner, type_code = _owner(chance.randrange(owners)), chance.choice(_TYPES)
        until = None if chance.random() < 0.6 else day + timedelta(days=chance.randrange(-700, 700))
        yield Paper(
            id=f"{i:016x}",
            sha256=f"{i:064x}",
            type_code=type_code,
            owner_id=owner,
            dossier=f"H17.12-{260101 + i % 28}-{i:07d}",
            digitisation_code=f"{owner}.{type_code}.{i}.01",
            result_code=None,
            number_symbol=f"{i}/UBND",
            issued=day - timedelta(days=chance.randrange(9000)),
            issuer="Ủy ban nhân dân phường Thạch Thang",
            title="Giấy khai sinh",
            abstract=None,
            owner_name="Nguyễn Văn A",
            valid_until=until,
            pages=1,
            retention_class="vinh-vien",
            retention_until=None,
            object_id=f"urn:khoso:{i:016x}",
            pdf_sha256=f"{i:064x}",
            archived_at=at,
            level="B-LTA",
        )


def _owner(number: int) -> str:
    return f"0482{number % 100:02d}{number:06d}"


def _procedure() -> Procedure:
    components = tuple(Component(code=f"C{i}", name=code, types=(code,)) for i, code in enumerate(_TYPES))
    return Procedure(
        code=_CODE,
        name="Benchmark",
        field="-",
        level="commune",
        components=components,
        valid_from=date(2016, 1, 1),
        confirmed=False,
        source="made for the benchmark",
    )


def _ask(ctx: Services, number: int, owner: str) -> None:
    asker = Asker(who=f"officer {number % _OFFICERS}", office="H17.12", role="desk")
    lookup(ctx, asker, owner_id=owner, dossier="H17.12-261124-0001", procedure=_CODE, reason="hồ sơ giấy, chưa nhập")


def _held(ctx: Services, owner: str) -> None:
    nobody = ctx.registers.about(owner, owner_key="", dossier="", consent=False)
    held = ctx.catalogue.held(ctx.owner_keys.of(owner), _TYPES)
    for component in ctx.catalogues.procedure(_CODE, today()).components:
        answer_component(component, held, connections=nobody, today=today(), office="H17.12")


def _times(call: Callable[[int], None]) -> list[float]:
    times = []
    for i in range(_ASKED):
        began = time.perf_counter()
        call(i)
        times.append(1000 * (time.perf_counter() - began))
    return times


def _rows(what: str, times: list[float]) -> list[Row]:
    marks = quantiles(times, n=100)
    return [
        {"what": f"{what}, {name}", "value": f"{value:.2f}"}
        for name, value in (("p50", marks[49]), ("p95", marks[94]), ("p99", marks[98]), ("most", max(times)))
    ]


def _spent(began: float) -> str:
    return f"{time.perf_counter() - began:.0f}"


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given or [1_000_000, 300_000]))
