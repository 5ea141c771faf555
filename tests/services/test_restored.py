"""Whatever part of a store is lost or put back: no code is given twice, no held paper called not held; docs/mending.md.

Its table is the specification: it has a row for every part and for all that may happen to it, and each is tried.
"""

import itertools
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from archive.errors import CatalogueBehind
from config.settings import Settings, load_settings
from domain.errors import ExitCode, SetupError
from services.context import open_services
from tests.support.held_papers import OWNER, hold
from tests.support.source import ROOT
from tests.support.spoilt_stores import (
    DOSSIER,
    FORMER,
    HOWS,
    LATER,
    LOTS,
    PARTS,
    TYPE,
    Said,
    build,
    delete,
    import_list,
    mint,
    paths_of,
    put_back,
    receive_again,
    say,
    sign_again,
)
from tests.support.written_pdfs import NOTICE, page

ASKED = ("--owner", OWNER, "--dossier", DOSSIER, "--type", TYPE, "--reason", "sổ giấy")
_OF_THE_MACHINE = {"tesseract", "pdfsig", "redis-server", "second reader", "third reader", "syllables", "rights"}
_PAIRS = list(itertools.combinations([part for part in PARTS if part not in {"`khoso.toml`", "`keys/`"}], 2))
_CANNOT = (
    "`catalogue_incomplete` (9)",
    "`lists_missing` (9)",
    "`owner_secret` (5)",
    "`database_unusable` (5)",
    "`setup` (5)",
)
_LOST = {"`vault/`", "`catalogue.sqlite`"}  # without both nobody knows which codes were given out


class Row(NamedTuple):
    """A row of the table."""

    part: str
    how: str
    lookup: str
    search: str
    doctor: str
    mend: str
    without: str


ROWS = [
    Row(*(cell.strip() for cell in line.strip().strip("|").split("|")))
    for line in (ROOT / "docs" / "mending.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not line.startswith(("| part", "|---"))
]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as it was yesterday, and as it is today; today it holds one paper more."""
    folder = tmp_path_factory.mktemp("stores")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def before(stores: Path) -> set[str]:
    """Every code of today's store."""
    with open_services(load_settings(stores / "now", {})) as ctx:
        return {code for paper in ctx.catalogue.all() for code in (paper.digitisation_code, paper.file_code) if code}


def spoilt(stores: Path, home: Path, how: str, *parts: str) -> Path:
    """Today's store, to some parts of which something happened."""
    shutil.copytree(stores / "now", home)
    for part in parts:
        HOWS[how](stores, home, part)
    return home


def in_words(said: Said, *, right: bool) -> str:
    """What a question was answered, as the table has it."""
    if said.code == ExitCode.OK:
        return "answers" if right else f"wrong: {said.lines}"
    return f"`{said.reason}` ({said.code.value if isinstance(said.code, ExitCode) else said.code})"


def look_up(settings: Settings) -> str:
    """What a desk is told of the paper that came today."""
    said = say(settings, "lookup", *ASKED, "--who", "Hoa")
    return in_words(said, right=[line.get("answer") for line in said.lines] == ["held-and-valid"])


def search(settings: Settings) -> str:
    """What is found of the words of the paper that came today, which only the index knows."""
    said = say(settings, "search", LATER)
    return in_words(said, right=[(line["id"], line["from"]) for line in said.lines] == [(LATER, "index")])


def examine(settings: Settings) -> str:
    """What `doctor` says of a store that is not in order."""
    said = say(settings, "doctor")
    if not said.lines:
        return in_words(said, right=True)
    wrong = [f"{line['name']}: {line['state']}" for line in said.lines if line["state"] not in {"ok", "ends soon"}]
    own = [text for text in wrong if text.partition(":")[0] not in _OF_THE_MACHINE]
    return ", ".join(own) or "–"


def _rebuild(code: int) -> Callable[[Path, Path, str], None]:
    def rebuild(_stores: Path, home: Path, _part: str) -> None:
        said = say(load_settings(home, {}), "rebuild")
        assert said.code == code, said

    return rebuild


def _reindex(_stores: Path, home: Path, _part: str) -> None:
    assert say(load_settings(home, {}), "reindex").code == 0


def _copy(stores: Path, home: Path, part: str) -> None:
    put_back(stores, home, part, "now")


def _files(stores: Path, home: Path, _part: str) -> None:
    with open_services(load_settings(home, {})) as ctx:
        receive_again(ctx, stores)


def _lists(stores: Path, home: Path, part: str) -> None:
    delete(stores, home, part)
    for number in (1, 2):
        import_list(load_settings(home, {}), stores, number)


def _ask(_stores: Path, home: Path, _part: str) -> None:
    assert say(load_settings(home, {}), "lookup", *ASKED).code == 0


def _further(_stores: Path, home: Path, _part: str) -> None:
    """Draw a further sample, which needs a reason; as the first one it is refused, for the journal remembers."""
    settings = load_settings(home, {})
    assert say(settings, "quality", "open", LOTS[1]).code == ExitCode.USAGE
    assert say(settings, "quality", "open", LOTS[1], "--again", "--reason", "mất mẫu").lines[0]["round"] == 2


def _minutes(_stores: Path, home: Path, _part: str) -> None:
    with open_services(load_settings(home, {})) as ctx:
        sign_again(ctx, home.parent)


def _aside(then: Callable[[Path, Path, str], None]) -> Callable[[Path, Path, str], None]:
    def put_aside(stores: Path, home: Path, part: str) -> None:
        for path in paths_of(home, part):
            path.rename(home.with_name(f"aside-{path.name}"))
        then(stores, home, part)

    return put_aside


def _new_journal(_stores: Path, home: Path, _part: str) -> None:
    for path in home.glob("audit.jsonl*"):
        path.rename(home.with_name(f"aside-{path.name}"))


def _nothing(_stores: Path, _home: Path, _part: str) -> None:
    """Leave all as it is."""


def _new_keys(_stores: Path, home: Path, part: str) -> None:
    """Order new keys."""
    for name in PARTS[part]:
        (home / name).mkdir(mode=0o700)


MENDS: dict[str, Callable[[Path, Path, str], None]] = {
    "nothing to do": _nothing,
    "its copy": _copy,
    "`rebuild`": _rebuild(ExitCode.OK),
    "`reindex`": _reindex,
    "the files put in again": _files,
    "the lists imported again": _lists,
}
WITHOUT: dict[str, Callable[[Path, Path, str], None]] = {
    "": _nothing,
    "`rebuild`, which tells what is lost (7)": _rebuild(ExitCode.NOT_VALID),
    "the files put in again; what each paper passed is not known any more": _files,
    "put it aside, then the files in again": _aside(_files),
    "`lookup` again before `use`": _ask,
    "put it aside, then `lookup` again before `use`": _aside(_ask),
    "a further sample by `quality open --again`": _further,
    "put it aside, then a further sample by `quality open --again`": _aside(_further),
    "`quality minutes` again": _minutes,
    "put it aside, then `quality minutes` again": _aside(_minutes),
    "it goes on; what it lacks is in no journal": _nothing,
    "put it aside with its `.head`; a new one begins": _new_journal,
    "put it aside, then `rebuild`, which tells what is lost (7)": _aside(_rebuild(ExitCode.NOT_VALID)),
    "the lists imported again": _lists,
    "an empty folder in its place, and new ones are made; `verify` trusts them, and the former ones no more": _new_keys,
    "put it aside; an empty folder in its place, and new ones are made": _aside(_new_keys),
    "what is not set has its default": _nothing,
    "put it aside; what is not set has its default": _aside(_nothing),
}


def name_of(row: Row) -> str:
    """By which a test is called."""
    return f"{row.part} {row.how}".replace("`", "")


def test_the_table_has_every_part() -> None:
    """No part and nothing that may happen to one is left out, and nothing stands there twice."""
    assert [(row.part, row.how) for row in ROWS] == list(itertools.product(PARTS, HOWS))


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_what_is_said_and_how_it_is_mended(stores: Path, tmp_path: Path, before: set[str], row: Row) -> None:
    """Lookup, search and doctor say what the table says; its remedy makes all as it was."""
    home = spoilt(stores, tmp_path / "home", row.how, row.part)
    if row.lookup == "`setup` (5)" and row.search == row.lookup:  # the settings themselves
        with pytest.raises(SetupError):
            load_settings(home, {})
        settings = load_settings(stores / "now", {}).model_copy(update={"home": home})
    else:
        settings = load_settings(home, {})
    assert (look_up(settings), search(settings), examine(settings)) == (row.lookup, row.search, row.doctor)
    home = spoilt(stores, tmp_path / "again", row.how, row.part)  # of which nothing was asked meanwhile
    MENDS[row.mend](stores, home, row.part)
    settings = load_settings(home, {})
    assert (look_up(settings), search(settings), examine(settings)) == ("answers", "answers", "–")
    is_whole(settings, tmp_path, before)


def is_whole(settings: Settings, folder: Path, before: set[str]) -> None:
    """See that a paper is handed over, all are held, and none of their codes is given out again."""
    assert say(settings, "lookup", *ASKED).code == ExitCode.OK
    assert say(settings, "use", LATER, "--dossier", DOSSIER, "--out", str(folder / "out.pdf")).code == ExitCode.OK
    with open_services(settings) as ctx:
        assert not set(mint(ctx, "new")) & before
        assert {paper.id for paper in ctx.catalogue.all()} == {*FORMER, LATER}


@pytest.mark.parametrize("row", [row for row in ROWS if row.without], ids=name_of)
def test_without_a_copy(stores: Path, tmp_path: Path, before: set[str], row: Row) -> None:
    """What can be had without a copy is had: the store works, and gives no code twice."""
    home = spoilt(stores, tmp_path / "home", row.how, row.part)
    WITHOUT[row.without](stores, home, row.part)
    settings = load_settings(home, {})
    got = (look_up(settings), search(settings))
    if row.part != "`vault/`":
        assert got == ("answers", "answers")
        is_whole(settings, tmp_path, before)
    with open_services(settings) as ctx:
        assert not set(mint(ctx, "another")) & before
    assert not {"missing", "broken"} & set(re.findall(r"\w+", examine(settings)))


@pytest.mark.long
@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_file_that_comes_now(stores: Path, tmp_path: Path, before: set[str], row: Row) -> None:
    """It is digitised with codes of its own, or the line stops and says why; what was on its way goes on."""
    home = spoilt(stores, tmp_path / "home", row.how, row.part)
    if row.lookup == "`setup` (5)" and row.search == row.lookup:
        return
    settings = load_settings(home, {})
    (tmp_path / "new.pdf").write_bytes(page(NOTICE))
    said = say(settings, "ingest", str(tmp_path / "new.pdf"))
    if said.code not in {ExitCode.OK, ExitCode.HELD}:
        assert said.code in {ExitCode.SETUP, ExitCode.INCOMPLETE}, said
        assert said.reason
        MENDS[row.mend](stores, home, row.part)
        said = say(load_settings(home, {}), "ingest", str(tmp_path / "new.pdf"))
    assert said.code in {ExitCode.OK, ExitCode.HELD}, said
    (line,) = said.lines
    assert line["state"] in {"archived", "held"}, line
    assert line["code"] not in before


@pytest.mark.long
@pytest.mark.parametrize("how", list(HOWS))
@pytest.mark.parametrize("parts", _PAIRS, ids=" ".join)
def test_two_parts(stores: Path, tmp_path: Path, before: set[str], parts: tuple[str, str], how: str) -> None:
    """Either the store goes on as it was, or it says that it cannot answer now until it is mended."""
    home = spoilt(stores, tmp_path / "home", how, *parts)
    settings = load_settings(home, {})
    got = look_up(settings)
    assert got in {"answers", *_CANNOT}
    assert not search(settings).startswith("wrong")
    if say(settings, "rebuild").code not in {ExitCode.OK, ExitCode.NOT_VALID}:
        for part in set(parts) - _LOST:
            put_back(stores, home, part, "now")
        assert say(settings, "rebuild").code in {ExitCode.OK, ExitCode.NOT_VALID}
    with open_services(settings) as ctx:
        if not set(parts) >= _LOST:
            assert not set(mint(ctx, "new")) & before
        if not set(parts) & _LOST:
            assert {paper.id for paper in ctx.catalogue.all()} == {*FORMER, LATER}


def test_a_catalogue_of_another_store_is_not_taken(stores: Path, tmp_path: Path) -> None:
    """Counts may meet by chance; the name of the store tells them apart."""
    with open_services(load_settings(tmp_path / "other", {})) as ctx:
        for name in ("x", "y", "z"):
            hold(ctx, tmp_path, name, digitisation_code=f"{name}.01")
        for name in ("x", "y", "z"):
            ctx.catalogue.change_standing(ctx.catalogue.some([name])[0].model_copy(update={"standing": "revoked"}))
    home = spoilt(stores, tmp_path / "store", "deleted", "`catalogue.sqlite`")
    shutil.copy2(tmp_path / "other" / "catalogue.sqlite", home)
    shutil.copy2(tmp_path / "other" / "owner.secret", home)
    with open_services(load_settings(home, {})) as ctx, pytest.raises(CatalogueBehind, match="another store"):
        ctx.catalogue.count()
