"""A catalogue as an earlier release made it, before codes of the one-stop system were only taken."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from archive.schemas import opening
from archive.words import words_of
from config.settings import Settings

_REVISION = "catalogue_0005"
_KEPT = ["title", "abstract", "owner_name", "issuer", "number_symbol", "digitisation_code", "result_code", "dossier"]


def make_former_catalogue(settings: Settings, secret: str, rows: Iterable[tuple[dict[str, Any], str, bool]]) -> None:
    """Make the catalogue of an earlier release, of rows of papers.

    Each row comes with its owner's key, and whether its dossier was stated.  ``secret`` tells under which secret the
    owners were entered.
    """
    engine = create_engine(settings.catalogue_url)
    bring_to(settings.catalogue_url, _REVISION)
    with engine.begin() as db:
        db.execute(text("INSERT INTO properties (name, value) VALUES ('owner keys', :check)"), {"check": secret})
        for row, owner_key, is_stated in rows:
            values = {**row, "owner_key": owner_key, "words": words_of(*(row[name] for name in _KEPT))}
            values |= {name: str(item) for name, item in values.items() if isinstance(item, date | datetime)}
            names = ", ".join(values)
            db.execute(text(f"INSERT INTO papers ({names}) VALUES (:{', :'.join(values)})"), values)  # noqa: S608
            dossier = f"{row['dossier']}#{row['id']}" if is_stated else row["dossier"]
            given = [("dossier", dossier, not is_stated), ("digitisation", row["digitisation_code"], True)]
            given += [("result", row["result_code"], True)] if row["result_code"] else []
            for kind, code, minted in given:
                db.execute(
                    text("INSERT INTO codes (code, kind, document_id, minted) VALUES (:code, :kind, :id, :minted)"),
                    {"code": code, "kind": kind, "id": row["id"], "minted": int(minted)},
                )
            prefix, _, last = row["digitisation_code"].rpartition(".")
            counted = {"prefix": prefix, "last": int(last)}
            db.execute(text("INSERT INTO counters (prefix, last) VALUES (:prefix, :last)"), counted)
    engine.dispose()


def bring_to(url: str, revision: str) -> None:
    """Make an empty catalogue as the release of that revision made it."""
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(opening.MIGRATIONS))
    config.set_main_option("version_locations", str(opening.MIGRATIONS / "catalogue"))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    config.attributes["version_table"] = "catalogue_version"
    command.upgrade(config, revision)
    engine.dispose()
