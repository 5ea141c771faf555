"""A database that lacks tables or columns of this release is told, and gets back what something else tells."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect

from archive.database import DatabaseKind, open_as_it_is
from archive.errors import StoreLacks
from archive.schemas.mending import mend_database
from archive.schemas.opening import HEADS, open_database
from archive.schemas.shape import ON_WAY, TABLES, Lack, can_be_mended
from tests.support.lacking_parts import drop, parts

KINDS = tuple(TABLES)


@pytest.mark.parametrize("kind", KINDS)
def test_all_tables_of_this_release_are_compared(kind: DatabaseKind, tmp_path: Path) -> None:
    """What the migrations make is what the models have, so that nothing is called lacking that is not."""
    url = f"sqlite:///{tmp_path / 'made.sqlite'}"
    with open_database(url, kind) as engine:
        there = set(inspect(engine).get_table_names())
    assert there - {"sqlite_sequence"} == {*TABLES[kind].tables, f"{kind}_version"}


@pytest.mark.parametrize("kind", KINDS)
def test_any_table_or_column_that_is_gone_is_told_and_mended_where_it_can_be(
    kind: DatabaseKind, tmp_path: Path
) -> None:
    """Opening it says what is lacking; mending adds it, or says that nothing tells it and changes nothing."""
    whole = tmp_path / "whole.sqlite"
    with open_database(f"sqlite:///{whole}", kind):
        pass
    with closing(sqlite3.connect(whole)) as db:
        db.execute("PRAGMA journal_mode=DELETE")
    mended = 0
    for number, lack in enumerate(parts(kind)):
        path = tmp_path / f"{number}.sqlite"
        path.write_bytes(whole.read_bytes())
        drop(path, lack)
        url = f"sqlite:///{path}"
        with pytest.raises(StoreLacks) as told, open_database(url, kind):
            pass
        assert str(lack) in told.value.told.text()
        with open_as_it_is(url, kind) as engine:
            if can_be_mended(kind, (lack,)):
                assert mend_database(engine, kind) == (lack,)
                mended += 1
            else:
                with pytest.raises(StoreLacks):
                    mend_database(engine, kind)
        if can_be_mended(kind, (lack,)):
            with open_database(url, kind):
                pass
        else:
            with pytest.raises(StoreLacks), open_database(url, kind):
                pass
    assert mended >= len(ON_WAY) if kind == "ledger" else mended


def test_a_column_that_comes_back_has_its_index_and_its_default(tmp_path: Path) -> None:
    """As the migration that should have made it would have given it."""
    path = tmp_path / "desk.sqlite"
    url = f"sqlite:///{path}"
    with open_database(url, "desk"):
        pass
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP INDEX ix_book_entries_made")
        db.execute("ALTER TABLE book_entries DROP COLUMN made")
        db.execute(
            "INSERT INTO book_entries VALUES ('b', 'o', 2026, 1, '2026-01-01', 'w', 'p', 'c', 'd', 1, 's', '', '', '')"
        )
    with open_as_it_is(url, "desk") as engine:
        assert mend_database(engine, "desk") == (Lack("book_entries", "made"),)
        assert "ix_book_entries_made" in {item["name"] for item in inspect(engine).get_indexes("book_entries")}
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT made FROM book_entries").fetchall() == [("",)]


def test_a_catalogue_that_was_mended_is_behind_its_vault(tmp_path: Path) -> None:
    """What stood in it is gone, so it says nothing of itself any more until it is made anew."""
    path = tmp_path / "catalogue.sqlite"
    url = f"sqlite:///{path}"
    with open_database(url, "catalogue"):
        pass
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO properties VALUES ('epoch', '7')")
    drop(path, Lack("papers"))
    with open_as_it_is(url, "catalogue") as engine:
        mend_database(engine, "catalogue")
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT * FROM properties").fetchall() == []


def test_what_is_on_its_way_is_entered_anew(tmp_path: Path) -> None:
    """The ledger says so itself: nobody may conclude anything from rows that are not there."""
    path = tmp_path / "ledger.sqlite"
    url = f"sqlite:///{path}"
    with open_database(url, "ledger"):
        pass
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE ledger_properties SET value = 'entered'")
    drop(path, Lack("on_way_words"))
    with open_as_it_is(url, "ledger") as engine:
        mend_database(engine, "ledger")
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT name, value FROM ledger_properties ORDER BY 1").fetchall() == [
            ("owner keys", ""),
            ("words on way", ""),
        ]


def test_an_earlier_database_that_cannot_be_brought_up_is_told(tmp_path: Path) -> None:
    """A table is not there to which a migration would add: nothing is changed, and it says its former schema still."""
    path = tmp_path / "quality.sqlite"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE checks (id INTEGER)")
        db.execute("CREATE TABLE quality_version (version_num VARCHAR(32) NOT NULL)")
        db.execute("INSERT INTO quality_version VALUES ('quality_0001')")
    with pytest.raises(StoreLacks) as told, open_database(f"sqlite:///{path}", "quality"):
        pass
    assert "inspections" in told.value.told.text()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT version_num FROM quality_version").fetchall() == [("quality_0001",)]
    assert HEADS["quality"] != "quality_0001"
