"""Codes that earlier releases made up in the one-stop system's range are nobody's any more (law L2.8)."""

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from archive.package import METADATA
from config.settings import Settings, load_settings
from domain.errors import NotFound
from services.context import Services, open_services
from services.document import show
from services.dossiers.tie import tie
from services.permissions import Asker
from services.rebuild import rebuild_catalogue
from services.standing import change_standing
from tests.support.former_catalogue import make_former_catalogue
from tests.support.held_papers import OWNER

_SAVED = Path(__file__).parents[1] / "saved" / "format-1"
_ID, _INVENTED = "aafc557489ab4055", "H17.12-261129-0001"
STATED = "H17.12-261128-0007"
LAN = Asker(who="Lan", office="H17.12", role="operator")
BINH = Asker(who="Bình", office="H17.12", role="archivist")


@pytest.fixture
def yesterday(tmp_path: Path) -> Settings:
    """A store of an earlier release: a paper without a dossier, and a result of a dossier that was stated."""
    shutil.copytree(_SAVED, tmp_path / "home")
    settings = load_settings(tmp_path / "home", {})
    with open_services(settings) as ctx:
        former = _metadata(ctx, _ID)
        result = _result(former)
        _put(ctx, tmp_path, result)
        rows = [(item["paper"], ctx.owner_keys.of(item["paper"]["owner_id"])) for item in (former, result)]
        check = ctx.owner_keys.check
    columns = set(former["paper"])
    made = [({name: row.get(name) for name in columns}, key, row["id"] != _ID) for row, key in rows]
    make_former_catalogue(settings, check, made)
    return settings


def _metadata(ctx: Services, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ctx.vault.get(f"urn:khoso:{name}").files[METADATA].read_text(encoding="utf-8"))
    return found


def _result(former: dict[str, Any]) -> dict[str, Any]:
    """A result of a stated dossier, with the result code that was made up for it."""
    own = {"digitisation": f"{OWNER}.KQ.G15.000031.KS.01", "dossier": STATED, "result": f"{STATED}-KQ1"}
    fields = {**former["record"]["description"]["fields"], "dossier_code": {"value": STATED, "source": "manifest"}}
    description = {**former["record"]["description"], "fields": fields}
    return {
        **former,
        "paper": {
            **former["paper"],
            "id": "b" * 16,
            "sha256": "b" * 64,
            "owner_id": OWNER,
            "dossier": STATED,
            "digitisation_code": own["digitisation"],
            "result_code": own["result"],
            "object_id": f"urn:khoso:{'b' * 16}",
            "archived_at": "2026-11-29T09:00:00+07:00",
        },
        "record": {**former["record"], "codes": own, "description": description},
    }


def _put(ctx: Services, folder: Path, metadata: dict[str, Any]) -> None:
    files = dict(ctx.vault.get(f"urn:khoso:{_ID}").files)
    files[METADATA] = folder / "metadata.json"
    files[METADATA].write_text(json.dumps(metadata, ensure_ascii=False), encoding="utf-8")
    paper = metadata["paper"]
    at = datetime.fromisoformat(paper["archived_at"])
    ctx.vault.put(paper["object_id"], files, created=at, who="test", message="test")


def tables(settings: Settings) -> dict[str, list[str]]:
    """What the catalogue says of papers and codes."""
    engine = create_engine(settings.catalogue_url)
    with engine.connect() as db:
        found = {
            name: sorted(map(repr, (tuple(row) for row in db.execute(text(f"SELECT {columns} FROM {name}")))))  # noqa: S608
            for name, columns in {
                "papers": "id, dossier, digitisation_code, result_code, file_code, agency, tied_at, other_owner, words",
                "codes": "code, kind, document_id",
                "retired": "code, document_id, kind, instead, why",
            }.items()
        }
    engine.dispose()
    return found


def test_a_store_of_yesterday_has_no_made_up_codes_and_a_rebuild_says_the_same(yesterday: Settings) -> None:
    """They lead to their paper, are never exported, and the paper is tied to the true dossier of that code like any."""
    with open_services(yesterday) as ctx:
        ctx.catalogue.check()
    migrated = tables(yesterday)
    for _ in range(2):
        with open_services(yesterday) as ctx:
            paper, result = ctx.catalogue.paper(_ID), ctx.catalogue.paper("b" * 16)
            assert paper is not None
            assert result is not None
            assert (paper.dossier, paper.result_code) == (None, None)
            assert (result.dossier, result.result_code) == (STATED, None)
            view = show(ctx, LAN, _INVENTED)
            assert (view.id, view.dossier) == (_ID, None)
            assert [(item["code"], item["why"]) for item in view.retired] == [(_INVENTED, "invented")]
            assert show(ctx, LAN, f"{STATED}-KQ1").id == result.id
            with pytest.raises(NotFound):
                show(ctx, LAN, f"{STATED}-KQ2")
            assert not ctx.catalogue.of_dossier(_INVENTED)
            found = rebuild_catalogue(ctx)
            assert (found.papers, found.unread, found.differences) == (2, (), ())
        assert tables(yesterday) == migrated
        for file in yesterday.home.glob("catalogue.sqlite*"):
            file.unlink()
        with open_services(yesterday, rebuilding=True) as ctx:
            rebuild_catalogue(ctx)
        assert tables(yesterday) == migrated


def test_what_happens_to_a_paper_of_yesterday_brings_no_made_up_code_back(yesterday: Settings) -> None:
    """A version of its object that this release writes says what is retired; so it may be tied to that very code."""
    with open_services(yesterday) as ctx:
        change_standing(ctx, BINH, _ID, "revoked", reason="QĐ 1")
        assert ctx.catalogue.paper(_ID).dossier is None  # type: ignore[union-attr]
        tied = tie(ctx, LAN, _ID, _INVENTED, reason="đúng là hồ sơ này")
        assert rebuild_catalogue(ctx).differences == ()
        assert ctx.catalogue.paper(_ID) == tied
        assert tied.dossier == _INVENTED
        assert [item[0] for item in ctx.catalogue.retired(_INVENTED)] == [_ID]
