"""Files that are locked and broken, and trees of pages with a gap."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from config.settings import Settings
from domain.errors import ExitCode, Held
from pipeline.intake import open_batch, take_in
from pipeline.records import Prepared, Statement
from pipeline.runner import advance
from pipeline.scans.opening import REPAIRED, UNFINISHED, UNLOCKED
from services.context import Services, open_services
from tests.support.broken_tables import garbled_table, no_start, shifted, wrong_start
from tests.support.desk import run_json
from tests.support.door import SECRET, keys
from tests.support.scans import as_pdf, prepared
from tests.support.walks import slip


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A scan of two pages that needs a password, with its table of contents in the open."""
    target = io.BytesIO()
    with pikepdf.open(as_pdf(tmp_path_factory.mktemp("locked") / "a.pdf", slip(), slip("official_letter"))) as pdf:
        lock = pikepdf.Encryption(user=SECRET, owner="o")
        pdf.save(target, encryption=lock, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return target.getvalue()


def stopped(ctx: Services, path: Path, *passwords: str) -> tuple[str, str]:
    """The document of a file that stops at the door, and the reason."""
    document = take_in(ctx, path, open_batch(ctx, "test"), Statement(), passwords).document_id
    assert document is not None
    advance(ctx, document, "receive")
    entry = ctx.ledger.entry(document)
    assert entry is not None
    return document, entry.reason.word


def begun(content: bytes) -> bytes:
    """Behind the file stands the beginning of a change."""
    return content + b"\n90 0 obj\n<< /Ty"


@pytest.mark.parametrize(
    ("spoil", "remark"),
    [(each, REPAIRED) for each in (shifted, wrong_start, no_start, garbled_table)] + [(begun, UNFINISHED)],
)
def test_a_locked_file_with_a_broken_table(
    settings: Settings, tmp_path: Path, locked: bytes, spoil: Callable[[bytes], bytes], remark: str
) -> None:
    """It asks for its password, and is then repaired like any other, which the copy says."""
    path = tmp_path / "a.pdf"
    path.write_bytes(spoil(locked))
    with open_services(settings) as ctx:
        document, reason = stopped(ctx, path)
        assert reason == "encrypted"
        assert stopped(ctx, path, SECRET) == (document, "")
        entry = ctx.ledger.entry(document)
        assert entry is not None
        record = Prepared.model_validate_json(entry.record)
    assert {UNLOCKED, remark} <= set(record.remarks)
    assert record.pages == 2


def test_a_locked_file_of_which_something_is_gone(settings: Settings, tmp_path: Path, locked: bytes) -> None:
    """Once the right password opens it, it is told that it is damaged, and no password is asked for again."""
    path = tmp_path / "in" / "a.pdf"
    path.parent.mkdir()
    with pikepdf.open(io.BytesIO(locked), password=SECRET) as pdf:
        number = pdf.pages[1].Contents.objgen[0]
    path.write_bytes(locked.replace(b"\n%d 0 obj" % number, b"\n%d 0 obx" % number))
    with open_services(settings) as ctx:
        document, reason = stopped(ctx, path)
        assert reason == "encrypted"
    assert run_json(settings, "review", document, "--password-file", str(keys(path.parent, "wrong")))[0] == 2
    code, (after,) = run_json(settings, "review", document, "--password-file", str(keys(path.parent, SECRET)))
    assert (code, after["reason"].partition(":")[0]) == (ExitCode.REFUSED, "damaged")
    assert "page 2 lacks what it shows" in after["reason"]


def two_pages(folder: Path) -> bytes:
    """A scan of two pages whose tree of pages stands in the open."""
    whole = as_pdf(folder / "whole.pdf", slip(), slip("official_letter")).read_bytes()
    assert b"/Count 2" in whole
    return whole


def one_more(whole: bytes) -> bytes:
    """It counts a page that is not there."""
    return whole.replace(b"/Count 2", b"/Count 3")


def gap(whole: bytes) -> bytes:
    """In the place of a page there is nothing."""
    return re.sub(rb"(/Kids\s*\[\s*\d+ 0 R\s+)\d 0 R", rb"\1null ", whole)


@pytest.mark.parametrize(("spoil", "number"), [(one_more, 3), (gap, 2)])
def test_a_page_that_is_counted_and_not_there(
    settings: Settings, tmp_path: Path, spoil: Callable[[bytes], bytes], number: int
) -> None:
    """A page that the file counts and that is gone is told; the paper is not archived without it."""
    whole = two_pages(tmp_path)
    path = tmp_path / "a.pdf"
    path.write_bytes(spoil(whole))
    assert len(path.read_bytes()) == len(whole)
    assert path.read_bytes() != whole
    with open_services(settings) as ctx:
        with pytest.raises(Held, match=f"Page {number} is damaged") as caught:
            prepared(ctx, path)
        assert caught.value.reason == "damaged_page"


def test_a_page_that_is_there_and_not_counted(settings: Settings, tmp_path: Path) -> None:
    """A page that readers do not show, for the file counts fewer, is taken all the same, and it is told."""
    path = tmp_path / "a.pdf"
    path.write_bytes(two_pages(tmp_path).replace(b"/Count 2", b"/Count 1"))
    with open_services(settings) as ctx:
        (document,) = prepared(ctx, path)
    assert document.pages == 2
    assert "the file counts 1 pages; all 2 that are in it were taken" in map(str, document.remarks)
