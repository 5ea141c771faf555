"""The contract of every search engine, and what is particular to the one of a single machine."""

import json
import multiprocessing
import os
import resource
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Literal
from unicodedata import normalize

import pytest

from config.settings import SearchSettings
from domain.clock import today
from domain.errors import SetupError, UsageError
from domain.states import ValidityState
from search.engines import open_index
from search.engines import tantivy as tantivy_engine
from search.errors import IndexBusy, IndexNotWritten, IndexOutdated
from search.filters import Filters
from search.interface import Hit, IndexEntry, IndexMark, Near, SearchIndex, Sort
from tests.support.indexed import entry, found


def rebuild(index: SearchIndex, entries: Iterable[IndexEntry]) -> int:
    """Make the index anew of these documents alone."""
    with index.rebuild() as draft:
        draft.add(entries)
        return draft.publish()


def marked(hit: Hit) -> list[str]:
    """The marked pieces of a snippet."""
    (best, *_) = hit.passages
    return [best.snippet[start:end] for start, end in best.marks]


@pytest.fixture
def index(engine: SearchSettings) -> Iterator[SearchIndex]:
    """An empty index of each engine in turn."""
    with open_index(engine, make=True) as opened:
        yield opened


# The contract of every engine


def test_new_index_is_empty(index: SearchIndex) -> None:
    """Where nothing lay an empty index is made, and searching it finds nothing."""
    assert (index.count(), index.ids(), found(index, "khai sinh")) == (0, set(), [])


def test_add_replaces(index: SearchIndex) -> None:
    """A document added again takes the place of the first, within one call and across calls."""
    index.add([entry("a", "một"), entry("b", "hai"), entry("a", "ba")])
    index.add([entry("b", "bốn")])
    index.add([])
    assert (index.count(), index.ids()) == (2, {"a", "b"})
    assert [found(index, word) for word in ("một", "hai", "ba", "bốn")] == [[], [], ["a"], ["b"]]


def test_all_words_must_match(index: SearchIndex) -> None:
    """A paper is found when every word is somewhere in it: text, title, type or issuer."""
    index.add([entry("a", "Nguyễn Văn An", "Trích lục"), entry("b", "Nguyễn Văn Bình")])
    assert found(index, "trích lục khai sinh tư pháp nguyễn an") == ["a"]
    assert found(index, "nguyễn chi") == []


@pytest.mark.parametrize("typed", ["đường Đà Nẵng", "duong da nang", "ĐƯỜNG ĐÀ NẴNG", "Ðường Ðà Nẵng", "dưong dà nang"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_are_optional(index: SearchIndex, typed: str, form: Literal["NFC", "NFD"]) -> None:
    """Accents, case, look-alikes of Đ and the Unicode form of paper and query do not matter."""
    index.add([entry("a", normalize(form, "Số 5 đường Đà Nẵng"))])
    (hit,) = index.search(normalize(form, typed)).hits
    assert (hit.passages[0].snippet, marked(hit)) == ("Số 5 đường Đà Nẵng", ["đường", "Đà", "Nẵng"])


def test_spelled_as_typed_comes_first(index: SearchIndex) -> None:
    """When accents are typed, papers spelled so come first, however often the others have the word."""
    index.add(
        [entry("ban", "bàn bán bạn " * 30), entry("bản", "bản sao " + "giấy tờ khác " * 200), entry("bàn", "bàn")]
    )
    assert found(index, "bản")[0] == "bản"
    assert sorted(found(index, "ban")) == ["ban", "bàn", "bản"]


def test_place_of_the_tone(index: SearchIndex) -> None:
    """Hoà and hòa are one spelling, also where the spelling counts."""
    index.add([entry("old", "hoà thuỷ"), entry("other", "hoa thúy")])
    assert found(index, "hòa thủy") == ["old", "other"]


def test_phrase(index: SearchIndex) -> None:
    """Quoted words are found side by side only, and never from one field into the next."""
    index.add([entry("a", "sinh khai", "An"), entry("b", "được khai báo sinh")])
    assert found(index, '"khai báo"') == ["b"]
    assert found(index, '"báo khai"') == []
    assert found(index, '"An Giấy"') == []
    assert sorted(found(index, '"giay khai sinh"')) == ["a", "b"]


def test_side_by_side_comes_first(index: SearchIndex) -> None:
    """Of papers with all the words, those come first that have them together."""
    apart = "nhân " + "giấy tờ kèm theo " * 10 + "hôn"
    index.add([entry("apart", apart), entry("together", "kết hôn nhân " + "giấy tờ kèm theo " * 10)])
    assert found(index, "hon nhan") == ["together", "apart"]


def test_number_finds_exactly_that_number(index: SearchIndex) -> None:
    """12/QĐ-UBND finds the paper that bears it, then those that cite it, and no other number."""
    index.add(
        [
            entry("cites", "Căn cứ Quyết định số 12/QĐ-UBND, 12/QĐ-UBND và 12/QĐ-UBND", number="30/QĐ-UBND"),
            entry("bears", "văn bản mờ", number="12/QĐ-UBND"),
            entry("112", "112/QĐ-UBND", number="112/QĐ-UBND"),
            entry("SXD", "12/QĐ-SXD", number="12/QĐ-SXD"),
            entry("longer", "12/QĐ-UBND-VP 1.12/QĐ-UBND", number="12/QĐ-UBND-VP"),
            entry("apart", "12 QĐ UBND"),
        ]
    )
    for typed in ("12/QĐ-UBND", "12/qd-ubnd", "số 012 / QÐ–UBND", '"12/QĐ-UBND"'):
        assert found(index, typed.removeprefix("số ")) == ["bears", "cites"]
    assert found(index, "112/qđ-ubnd") == ["112"]


def test_codes_and_days_find_their_paper(index: SearchIndex) -> None:
    """A paper is found by its id, each of its codes, its dossier, its type code and its day of issue."""
    codes = ("H17.12-250901-0001-KQ1", "048085001234.KQ.G15.000031.05/QĐ-UBND.01")
    index.add([entry("d-17", "", codes=codes, number="0315", issued=date(2025, 6, 5)), entry("x", "05/6/2025")])
    for typed in ("d-17", *codes, "0315", "315", "5/6/2025", "05/06/2025"):
        assert found(index, typed)[0] == "d-17", typed
    assert sorted(found(index, "KQ.G15.000031")) == sorted(found(index, "H17.12-250901-0001")) == ["d-17", "x"]


def test_slips_only_when_nothing_is_found(index: SearchIndex) -> None:
    """A word of five letters may have one slip, when otherwise nothing is found; shorter ones and phrases never."""
    index.add([entry("slip", "ông Nguyeen Lân")])
    (hit,) = index.search("nguyen lan").hits
    assert (hit.id, marked(hit)) == ("slip", ["Nguyeen", "Lân"])
    assert found(index, "nguyen lam") == found(index, '"ong nguyen"') == []
    index.add([entry("right", "ông Nguyễn Lân")])
    assert found(index, "nguyen lan") == ["right"]


def test_one_of_many_words_may_be_missing(index: SearchIndex) -> None:
    """Of four words and more one may be missing when nothing has them all, and the answer says that it is loose."""
    index.add([entry("a", "kiện toàn bộ phận một cửa"), entry("b", "bộ phận một cửa điện tử")])
    assert not index.search("bo phan mot cua").loose
    answer = index.search("khien toan bo phan mot cua")
    assert (answer.loose, [hit.id for hit in answer.hits]) == (True, ["a"])
    assert {hit.fit.lacks for hit in index.search("bo phan chin tam").hits} == {("chin", "tam")}, (
        "the rarest half decides"
    )
    assert index.search("chin bo phan").hits == ()


def test_filters(index: SearchIndex) -> None:
    """Type, agency, number, dossier, owners and days narrow what is found; choices of one filter widen it."""
    index.add(
        [
            entry("birth", "khai sinh", number="1/2025", issued=date(2025, 6, 5), owners=("key-1",)),
            entry(
                "permit",
                "khai sinh 1/2025",
                issued=date(2024, 12, 31),
                type_code="GP.1",
                type_name="Giấy phép xây dựng",
            ),
            entry("undated", "khai sinh", issuer="Ủy ban nhân dân phường Hải Châu", dossier="H17.12-250901-0002"),
        ]
    )
    asked = {
        "loại:KQ.G15.000031": {"birth", "undated"},
        'loại:"giấy phép"': {"permit"},
        'loai:"phep giay"': set(),
        'loại:GP.1 loại:"khai sinh"': {"birth", "permit", "undated"},
        "cq:hải": {"undated"},
        'cq:"sở tư pháp"': {"birth", "permit"},
        "số:1/2025": {"birth"},
        "so: 01 / 2025 khai": {"birth"},
        "hs:H17.12-250901-0002": {"undated"},
        "từ:2025": {"birth"},
        "đến:2024": {"permit"},
        "tu:12/2024 den:5/6/2025": {"birth", "permit"},
        "từ:6/6/2025": set(),
        "từ:2025 đến:2024": set(),
        "khai từ: 2025-06-05 đến: 2025-06": {"birth"},
    }
    for text, wanted in asked.items():
        assert set(found(index, text)) == wanted, text
    assert [hit.id for hit in index.search("khai", filters=Filters(owners=("key-1",))).hits] == ["birth"]
    assert index.search("khai", filters=Filters(owners=("key",))).hits == ()
    assert [hit.id for hit in index.search("từ:2025", filters=Filters(dossier="H17.12-250901-0002")).hits] == []


def test_number_filter_is_loosened_at_last(index: SearchIndex) -> None:
    """When no paper bears the number that was asked for, those that mention it are found, as near ones."""
    index.add([entry("cites", "theo Quyết định 30/QĐ-UBND")])
    answer = index.search("số:30/QĐ-UBND")
    assert (answer.loose, [hit.id for hit in answer.hits]) == (True, ["cites"])


def test_states_are_those_of_today(index: SearchIndex) -> None:
    """A paper is valid on its last day; revoked and replaced ones are neither valid nor expired."""
    index.add(
        [
            entry("for ever", "khai sinh"),
            entry("last day", "khai sinh", valid_until=today()),
            entry("over", "khai sinh", valid_until=today() - timedelta(days=1)),
            entry("revoked", "khai sinh", standing="revoked"),
            entry("replaced", "khai sinh", standing="replaced", valid_until=date(2000, 1, 1)),
        ]
    )
    wanted: dict[ValidityState, set[str]] = {
        "valid": {"for ever", "last day"},
        "expired": {"over"},
        "revoked": {"revoked"},
        "replaced": {"replaced"},
    }
    for state, ids in wanted.items():
        assert {hit.id for hit in index.search("khai", filters=Filters(states=(state,))).hits} == ids, state
    counts = index.search("khai", counted=True).counts
    assert counts is not None
    assert dict(counts.states) == {"valid": 2, "expired": 1, "revoked": 1, "replaced": 1}


def test_counts(index: SearchIndex) -> None:
    """All papers that are found are counted, by type, agency and year, the most first; not only those shown."""
    index.add(
        [entry(str(i), "khai sinh", issued=date(2020 + i % 3, 1, 1)) for i in range(7)]
        + [
            entry("other", "khai sinh", type_code="GP.1", issuer=None),
            entry("not found", "phép", type_name="Giấy phép"),
        ]
    )
    answer = index.search("khai", 2, counted=True)
    assert answer.counts is not None
    assert (len(answer.hits), answer.counts.total) == (2, 8)
    assert answer.counts.types == (("KQ.G15.000031", 7), ("GP.1", 1))
    assert answer.counts.agencies == (("Sở Tư pháp", 7),)
    assert answer.counts.years == (("2020", 3), ("2021", 2), ("2022", 2))
    nothing = index.search("vắng mặt", counted=True).counts
    assert nothing is not None
    assert nothing.total == 0


@pytest.mark.parametrize("typed", ["khai", "loại:KQ.G15.000031"])
def test_sorted_by_date(index: SearchIndex, typed: str) -> None:
    """Newest or oldest first; papers without a date come last; a page of hits follows the one before it."""
    days = {"b": date(2024, 1, 1), "c": date(2025, 1, 1), "a": date(1999, 1, 1), "none": None, "nor": None}
    index.add(entry(name, "khai sinh", issued=day) for name, day in days.items())
    orders: tuple[tuple[Sort, list[str]], ...] = (("newest", ["c", "b", "a"]), ("oldest", ["a", "b", "c"]))
    for sort, order in orders:
        ids = [hit.id for hit in index.search(typed, sort=sort).hits]
        assert (ids[:3], set(ids[3:])) == (order, {"none", "nor"})
        paged = [hit.id for start in range(5) for hit in index.search(typed, 1, sort=sort, offset=start).hits]
        assert paged == ids
    assert index.search(typed, offset=5).hits == ()


def test_pages_of_hits(index: SearchIndex) -> None:
    """Leaving out the first hits goes on where they ended, across the border of exact and folded spelling."""
    index.add([entry(f"exact {i}", "bản " * (i + 1)) for i in range(5)] + [entry(f"not {i}", "bạn") for i in range(5)])
    whole = [hit.id for hit in index.search("bản").hits]
    assert [name.split()[0] for name in whole] == ["exact"] * 5 + ["not"] * 5
    for size in (1, 3, 4):
        paged = [hit.id for start in range(0, 10, size) for hit in index.search("bản", size, offset=start).hits]
        assert sorted(paged) == sorted(whole)
        assert paged[:5] == whole[:5]
    with pytest.raises(UsageError, match="cannot be shown"):
        index.search("bản", offset=1000)


def test_hits_tell_their_pages(index: SearchIndex) -> None:
    """A hit tells the pages on which the words stand, the one with most of them first."""
    index.add([entry("a", "Trang đầu\fkhai báo\fgiấy khai sinh\fkhai\fkhai\fkhông")])
    (hit,) = index.search("khai sinh").hits
    assert [(passage.page, passage.snippet) for passage in hit.passages] == [
        (3, "giấy khai sinh"),
        (2, "khai báo"),
        (4, "khai"),
    ]


def test_snippet(index: SearchIndex) -> None:
    """The snippet is from the body where it matches, else from the title, else the beginning of the body."""
    index.add([entry("a", "Họ tên: Trần Thị Bích", "Trích lục kết hôn", number="9/TL")])
    snippets = [
        (hit.passages[0].snippet, marked(hit))
        for typed in ("bich", "ket hon", "9/TL")
        for hit in index.search(typed).hits
    ]
    assert snippets == [
        ("Họ tên: Trần Thị Bích", ["Bích"]),
        ("Trích lục kết hôn", ["kết", "hôn"]),
        ("Họ tên: Trần Thị Bích", []),
    ]


def test_limit(index: SearchIndex) -> None:
    """No more than asked for is found, and asking for none is refused."""
    index.add(entry(str(i), "khai sinh") for i in range(30))
    assert (len(index.search("sinh").hits), len(index.search("sinh", limit=3).hits)) == (20, 3)
    with pytest.raises(UsageError):
        index.search("sinh", limit=0)


@pytest.mark.parametrize(
    "typed", ['"mở', "số: 12/QĐ", "a AND OR NOT", "title:x^2~", "[a TO b]", "*", "(", "\\", "\0", "x" * 100_000]
)
def test_engine_syntax_is_text(index: SearchIndex, typed: str) -> None:
    """What is syntax to the engine is ordinary text to us."""
    index.add([entry("a", "mở số 12/QĐ a and or not title x 2 a to b")])
    index.search(typed)


def test_failure_while_adding_adds_nothing(index: SearchIndex) -> None:
    """When the source of the documents fails, none of the call is added, and the next call works."""

    def broken() -> Iterator[IndexEntry]:
        yield entry("a", "một")
        raise OSError("source failed")

    with pytest.raises(OSError, match="source failed"):
        index.add(broken())
    assert index.count() == 0
    index.add([entry("b", "hai")])
    assert index.ids() == {"b"}


def test_a_word_that_no_paper_has_is_told_as_papers_spell_it(index: SearchIndex) -> None:
    """With up to two slips, where nothing is found at all."""
    index.add([entry("a", "đường Bạch Đằng"), entry("b", "Thường trực")])
    assert index.search("duobgn lê").near == (Near(word="duobgn", spelled=("đường",)),)
    assert index.search("đường lê").near == ()
    assert index.search("duobgn").near == (Near(word="duobgn", spelled=("đường",)),)
    assert index.search("dbobgn lê").near == ()


def test_papers_that_fit_alike_keep_their_order(index: SearchIndex) -> None:
    """Whatever the order in which they came into the index."""
    names = ["a", "b", "c", "d", "e"]
    index.add([entry(name, "khai sinh") for name in names])
    before = found(index, "khai sinh")
    rebuild(index, [entry(name, "khai sinh") for name in reversed(names)])
    assert before == found(index, "khai sinh")


def test_rebuild_replaces_everything(index: SearchIndex) -> None:
    """A rebuilt index holds the new documents, each once, and nothing else."""
    index.add([entry("a", "một"), entry("b", "hai")])
    assert rebuild(index, [entry("b", "ba"), entry("c", "hai"), entry("c", "bốn")]) == 2
    assert (index.ids(), found(index, "hai"), found(index, "ba")) == ({"b", "c"}, [], ["b"])


def test_rebuild_failing_changes_nothing(index: SearchIndex) -> None:
    """Until the new index is complete the old one answers; when it never is, the old one stays."""

    def broken() -> Iterator[IndexEntry]:
        yield entry("b", "hai")
        assert index.ids() == {"a"}
        raise OSError("source failed")

    index.add([entry("a", "một")])
    with pytest.raises(OSError, match="source failed"):
        rebuild(index, broken())
    assert found(index, "một") == ["a"]


def test_live_index_is_written_while_a_draft_is(index: SearchIndex) -> None:
    """While a new index is filled the live one takes documents; the draft holds what was put into it alone."""
    index.add([entry("a", "một")])
    with index.rebuild() as draft:
        draft.add([entry("a", "một"), entry("gone", "một")])
        index.add([entry("b", "một")])
        assert index.ids() == {"a", "b"}
        draft.remove([("gone", 1)])
        draft.add([entry("b", "hai")])
        assert draft.publish() == 2
    assert (found(index, "một"), found(index, "hai")) == (["a"], ["b"])


def test_unpublished_draft_leaves_no_trace(index: SearchIndex) -> None:
    """A draft that is not published is thrown away."""
    index.add([entry("a", "một")])
    with index.rebuild() as draft:
        draft.add([entry("b", "một")])
    assert index.ids() == {"a"}


def test_earlier_versions_are_passed_over(index: SearchIndex) -> None:
    """A message that comes late does not undo a later one; the same message twice does no harm."""
    index.add([entry("a", "hai", version=2)])
    index.add([entry("a", "một", version=1)])
    index.add([entry("a", "hai", version=2), entry("b", "ba", version=5), entry("b", "bốn", version=4)])
    assert (found(index, "một"), found(index, "hai"), found(index, "ba")) == ([], ["a"], ["b"])
    assert list(index.versions()) == [("a", 2), ("b", 5)]
    index.remove([("a", 1), ("b", 5), ("never known", 1)])
    assert index.ids() == {"a"}


def test_others_see_changes(engine: SearchSettings) -> None:
    """Who has the index open sees what others add and rebuild, without opening it again."""
    with open_index(engine, make=True) as reader, open_index(engine) as writer:
        writer.add([entry("a", "một")])
        assert found(reader, "một") == ["a"]
        rebuild(writer, [entry("b", "một")])
        assert found(reader, "một") == ["b"]
        reader.add([entry("c", "một")])
        assert writer.count() == 2


def _add_many(engine: SearchSettings, name: str) -> None:
    with open_index(engine, make=True) as index:
        for i in range(15):
            index.add([entry(f"{name}{i}", "song song"), entry("shared", name)])


def test_two_processes_lose_nothing(engine: SearchSettings) -> None:
    """Processes that open a new index and add at the same time lose nothing and double nothing."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_add_many, args=(engine, name)) for name in "ab"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    with open_index(engine, make=True) as index:
        assert index.ids() == {"shared", *(f"{name}{i}" for name in "ab" for i in range(15))}
        assert index.count() == 31


def _search_until_stopped(engine: SearchSettings, stop: str, failures: str) -> None:
    try:
        with open_index(engine, make=True) as index:
            while not Path(stop).exists():
                assert found(index, "sinh") == ["a"]
                with open_index(engine, make=True) as opened:
                    assert opened.count() == 1
    except BaseException as error:
        Path(failures).write_text(repr(error), encoding="utf-8")
        raise


def test_readers_never_see_a_gap(engine: SearchSettings, tmp_path: Path) -> None:
    """While the index is rebuilt again and again, a reader in another process always finds the document."""
    with open_index(engine, make=True) as index:
        index.add([entry("a", "khai sinh")])
        stop, failures = tmp_path / "stop", tmp_path / "failures"
        context = multiprocessing.get_context("spawn")
        reader = context.Process(target=_search_until_stopped, args=(engine, str(stop), str(failures)))
        reader.start()
        for _ in range(8):
            rebuild(index, [entry("a", "khai sinh")])
        stop.touch()
        reader.join()
    assert not failures.exists(), failures.read_text(encoding="utf-8")
    assert reader.exitcode == 0


# What is particular to tantivy


def test_rebuild_leaves_one_folder(tantivy: SearchSettings) -> None:
    """After a rebuild the old index is gone, and so is what a killed rebuild left behind."""
    with open_index(tantivy, make=True) as index:
        (tantivy.path / f"index-{'0' * 32}").mkdir()
        rebuild(index, [])
        assert len(list(tantivy.path.glob("index-*"))) == 1


def test_many_small_adds_are_merged(tantivy: SearchSettings) -> None:
    """Each add commits a segment; they do not pile up."""
    with open_index(tantivy, make=True) as index:
        for i in range(30):
            index.add([entry(str(i), "khai sinh")])
    assert len(list(tantivy.path.glob("index-*/*.store"))) < 15


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("current.json", json.dumps({"folder": f"index-{'0' * 32}", "format": "schema 0"}).encode()),
        ("current.json", b'{"folder'),
        ("current.json", None),
        ("index-*", None),
        ("index-*/*.store", b"torn"),
        ("index-*/*.store", b"torn in the middle"),
    ],
)
def test_broken_index_is_refused_and_rebuilt(tantivy: SearchSettings, what: str, content: bytes | None) -> None:
    """A damaged or outdated index is refused with the remedy, never taken for an empty one; a rebuild mends it."""
    with open_index(tantivy, make=True) as index:
        index.add([entry("a", "một")])
    for harmed in list(tantivy.path.glob(what)):
        if content is not None:
            harmed.write_bytes(content)
        elif harmed.is_dir():
            shutil.rmtree(harmed)
        else:
            harmed.unlink()
    with pytest.raises(IndexOutdated, match="index") as raised, open_index(tantivy):
        pass
    assert isinstance(raised.value, SetupError)
    assert "reindex" in raised.value.explain()
    with open_index(tantivy, fresh=True) as index:
        with pytest.raises(IndexOutdated):
            index.search("một")
        with pytest.raises(IndexOutdated):
            index.add([entry("b", "hai")])
        assert rebuild(index, [entry("a", "một")]) == 1
    with open_index(tantivy, make=True) as index:
        assert found(index, "một") == ["a"]


def test_an_index_whose_first_maker_was_killed(tantivy: SearchSettings) -> None:
    """An empty index that was not announced yet holds nothing: whoever comes next makes another one."""
    with open_index(tantivy, make=True) as index:
        assert index.count() == 0
    (tantivy.path / "current.json").unlink()
    with open_index(tantivy, make=True) as index:
        index.add([entry("a", "một")])
        assert found(index, "một") == ["a"]
    assert len(list(tantivy.path.glob("index-*"))) == 1


def _cut(content: bytearray) -> None:
    del content[len(content) // 2 :]


def _changed(content: bytearray) -> None:
    content[5] ^= 1


def _huge(content: bytearray) -> None:
    content[: min(64, len(content))] = b"\xff" * min(64, len(content))


def _zero(content: bytearray) -> None:
    content[-16:] = bytes(16)


@pytest.mark.parametrize("damage", [bytearray.clear, _cut, _changed, _huge, _zero])
def test_no_damaged_file_is_read(tantivy: SearchSettings, tmp_path: Path, damage: Callable[[bytearray], None]) -> None:
    """Whichever it is, opening tells; the library would panic over it, or ask for more memory than there is."""
    mark = IndexMark(series="a", reached=1)
    with open_index(tantivy, make=True) as index:
        index.add(entry(str(number), f"khai sinh {number}") for number in range(50))
        index.remove([("3", 9)])
        index.put_mark(mark)
    kept = tmp_path / "kept"
    shutil.copytree(tantivy.path, kept)
    names = [path.relative_to(kept) for path in kept.rglob("*") if path.is_file() and path.stat().st_size]
    assert {"store", "term", "idx", "pos", "fieldnorm", "fast", "del"} <= {name.suffix[1:] for name in names}
    for name in names:
        shutil.rmtree(tantivy.path)
        shutil.copytree(kept, tantivy.path)
        content = bytearray((kept / name).read_bytes())
        damage(content)
        (tantivy.path / name).write_bytes(content)
        try:
            with open_index(tantivy) as index:
                assert index.mark() is None or (index.mark() == mark and len(index.search("khai sinh", 50).hits) == 49)
                told = index.mark() is None
        except IndexOutdated:
            told = True
        assert told or name.name in {".managed.json", "checked.json", "list-sum.json"}, name  # as if nobody had looked


def test_damage_behind_an_open_index(tantivy: SearchSettings) -> None:
    """Who has it open does not read what was cut off meanwhile: that would end the process."""
    with open_index(tantivy, make=True) as index:
        index.add([entry("a", "khai sinh")])
        assert index.search('"khai sinh"').hits
        for file in tantivy.path.glob("index-*/*.pos"):
            os.truncate(file, 0)
        with pytest.raises(IndexOutdated):
            index.search('"khai sinh"')


def _add_with_full_disk(engine: SearchSettings) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    with open_index(engine, make=True) as index, pytest.raises(IndexNotWritten):
        index.add(entry(str(i), f"số {i} " * 100) for i in range(100))


def test_full_disk(tantivy: SearchSettings) -> None:
    """When the disk is full the call fails as one to try again, and the index is as it was."""
    with open_index(tantivy, make=True) as index:
        index.add([entry("a", "một")])
        process = multiprocessing.get_context("spawn").Process(target=_add_with_full_disk, args=(tantivy,))
        process.start()
        process.join()
        assert process.exitcode == 0
        assert index.ids() == {"a"}
        index.add([entry("b", "hai")])
        assert index.ids() == {"a", "b"}


def test_writer_waits_and_gives_up(tantivy: SearchSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who cannot write within the waiting time is told so and may try again; readers do not wait."""
    monkeypatch.setattr(tantivy_engine, "_LOCK_WAIT_S", 0.1)
    with open_index(tantivy, make=True) as first, open_index(tantivy) as second:

        def while_adding() -> Iterator[IndexEntry]:
            with pytest.raises(IndexBusy):
                second.add([entry("b", "hai")])
            assert second.count() == 0
            yield entry("a", "một")

        first.add(while_adding())
        second.add([entry("b", "hai")])
        assert first.ids() == {"a", "b"}
