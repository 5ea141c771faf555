"""Files that open only with help: a lost table of contents, a password, attachments under lock, unknown packing."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest

from config.settings import load_settings
from domain.errors import KhosoError
from pipeline.scans.opening import ATTACHMENTS, REPAIRED, UNFINISHED, open_pdf
from services.context import Services, open_services
from tests.support.broken_tables import (
    garbled_table,
    no_start,
    no_table,
    one_wrong_entry,
    shifted,
    too_few,
    wrong_start,
)
from tests.support.scans import as_pdf, paper, prepared


@pytest.fixture(scope="module")
def ctx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """One store for all files of this module; nothing of it is entered in the ledger."""
    with open_services(load_settings(tmp_path_factory.mktemp("store"), {})) as opened:
        yield opened


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A scan of two pages with a table of contents in the open."""
    folder = tmp_path_factory.mktemp("plain")
    pages = [paper().convert("L").crop((0, 0, 1654, 1200)), paper("official_letter").convert("L")]
    with pikepdf.open(as_pdf(folder / "scan.pdf", *pages)) as pdf:
        pdf.save(folder / "plain.pdf", object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return (folder / "plain.pdf").read_bytes()


@pytest.fixture(scope="module")
def packed(plain: bytes) -> bytes:
    """The same with objects in streams, as newer programs write."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return target.getvalue()


BROKEN = [shifted, wrong_start, no_start, garbled_table, one_wrong_entry, too_few, no_table]


@pytest.mark.parametrize("spoil", BROKEN)
def test_a_broken_table_is_repaired(
    ctx: Services, tmp_path: Path, plain: bytes, spoil: Callable[[bytes], bytes]
) -> None:
    """Where every page is whole, the copy is made from the repaired file, and the file stays as it came."""
    path = tmp_path / "broken.pdf"
    path.write_bytes(spoil(plain))
    assert path.read_bytes() != plain
    (document,) = prepared(ctx, path)
    assert REPAIRED in document.remarks
    assert document.pages == 2
    assert ctx.scan(document).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("spoil", [shifted, wrong_start, no_start])
def test_a_broken_packed_table_is_repaired(
    ctx: Services, tmp_path: Path, packed: bytes, spoil: Callable[[bytes], bytes]
) -> None:
    """The same where table and objects lie in streams."""
    path = tmp_path / "broken.pdf"
    path.write_bytes(spoil(packed))
    (document,) = prepared(ctx, path)
    assert REPAIRED in document.remarks
    assert document.pages == 2


@pytest.mark.parametrize("left", [b"trailer <<", b"trailer", b"startxref"])
def test_a_file_that_lost_only_its_tail_is_repaired(
    ctx: Services, tmp_path: Path, plain: bytes, packed: bytes, left: bytes
) -> None:
    """Where all objects are there and what was cut off only tells where they lie, the pages are whole."""
    for number, content in enumerate((plain, packed) if left in packed else (plain,)):
        path = tmp_path / f"cut{number}.pdf"
        path.write_bytes(content[: content.rindex(left) + len(left) - 1])
        (document,) = prepared(ctx, path)
        assert REPAIRED in document.remarks
        assert document.pages == 2


def before_the_table(content: bytes) -> bytes:
    """Objects may have followed."""
    return content[: content.rindex(b"xref\n0 ")]


def within_an_update(content: bytes) -> bytes:
    """The file was changed, and the end of the change is missing."""
    return no_start(content) + b"90 0 obj\n<< /Type /Page >>\nendobj\n91 0 obj\n<< /Ty"


CHANGES = {
    "information": b"\n90 0 obj\n<< /Producer (Scan) >>\nendobj\n91 0 obj\n<< /Ti",
    "a long one": b"\n90 0 obj\n<< /Length 9000 >>\nstream\n" + b"x" * 8000,
    "a note on a page": b"\n%(page)d 0 obj\n<< /Type /Page /Annots [ 90 0 R ] >>\nendobj\n90 0 obj\n<< /Type /Annot",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_that_was_never_finished_is_told(
    ctx: Services, tmp_path: Path, plain: bytes, packed: bytes, change: bytes
) -> None:
    """Behind a sound file stands the beginning of a change: it is taken as readers show it, and that is told."""
    for number, content in enumerate((plain, packed)):
        with pikepdf.open(io.BytesIO(content)) as pdf:
            begun = change % {b"page": pdf.pages[1].obj.objgen[0]} if b"%(" in change else change
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(content + begun)
        (document,) = prepared(ctx, path)
        assert UNFINISHED in document.remarks
        assert REPAIRED not in document.remarks
        assert document.pages == 2
        assert ctx.scan(document).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("padding", [0, 9000])
@pytest.mark.parametrize(
    "change",
    [
        b"\n90 0 obj\n<< /Contents 91 0 R /Type /Page >>\nendobj\n91 0 obj\n<< /Length 9",
        b"\n90 0 obj\n<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00",
        b"\n90 0 obj\n<< /Type /ObjStm /N 3",
    ],
)
def test_a_page_or_signature_that_was_being_added_is_damage(
    ctx: Services, tmp_path: Path, plain: bytes, change: bytes, padding: int
) -> None:
    """Where the change may have brought a page or a signature, nothing is taken without it."""
    path = tmp_path / "scan.pdf"
    path.write_bytes(plain + change + b"%" * padding)
    with pytest.raises(KhosoError) as caught:
        prepared(ctx, path)
    assert caught.value.reason == "damaged"
    assert "last change" in caught.value.explain()


@pytest.mark.parametrize("padding", [0, 9000])
def test_a_change_that_lost_only_its_tail_counts(tmp_path: Path, plain: bytes, padding: int) -> None:
    """Where all objects of a change are there, and only the place of its table is not told, the change is shown."""
    path = tmp_path / "scan.pdf"
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        number = pdf.pages[1].obj.objgen[0]
    start, end = next(m.span() for m in re.finditer(rb"(?m)^%d 0 obj.*?endobj" % number, plain, re.DOTALL))
    turned = plain[start:end].replace(b"/Type /Page", b"/Rotate 90 /Type /Page")
    added = (
        b"%" * padding
        + b"\n"
        + turned
        + b"\nxref\n%d 1\n%010d 00000 n \ntrailer\n<< /Si" % (number, len(plain) + padding)
    )
    path.write_bytes(plain + added)
    with open_pdf(path) as (pdf, remarks):
        assert remarks == (REPAIRED,)
        assert [int(page.obj.get("/Rotate", 0)) for page in pdf.pages] == [0, 90]


@pytest.mark.parametrize("behind", [b"", b"\n", b"\0" * 3000, b"\n<html>1 0 obj</html>"])
def test_what_is_no_change_is_not_told(tmp_path: Path, plain: bytes, behind: bytes) -> None:
    """Bytes behind the file that are no objects change nothing."""
    path = tmp_path / "scan.pdf"
    path.write_bytes(plain + behind)
    with open_pdf(path) as (pdf, remarks):
        assert UNFINISHED not in remarks
        assert len(pdf.pages) == 2


def listed(content: bytes, kids: bytes, count: int) -> bytes:
    """The file with another list of pages, whose places are told anew; ``%(a)d`` and ``%(b)d`` are its pages."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        first, second = (page.obj.objgen[0] for page in pdf.pages)
    written = re.sub(rb"/Kids \[[^\]]*\]", b"/Kids [ " + kids % {b"a": first, b"b": second} + b" ]", content)
    written = re.sub(rb"/Count \d+", b"/Count %d" % count, written)
    start = written.rindex(b"\nxref\n") + 1
    places = {int(found[1]): found.start() for found in re.finditer(rb"(?m)^(\d+) 0 obj", written)}
    lines = b"".join(b"%010d 00000 n \n" % places[number] for number in sorted(places))
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1) + lines
    tail = re.sub(rb"startxref\s+\d+", b"startxref\n%d" % start, written[written.index(b"trailer", start) :])
    return written[:start] + table + tail


@pytest.mark.parametrize(
    "kids", [b"null %(a)d 0 R %(b)d 0 R", b"%(a)d 0 R null %(b)d 0 R", b"null null %(a)d 0 R %(b)d 0 R"]
)
def test_an_empty_place_in_the_list_of_pages_is_no_page(
    ctx: Services, tmp_path: Path, plain: bytes, kids: bytes
) -> None:
    """Where the list of pages has a place with nothing in it, and counts the pages that are there, these are taken."""
    path = tmp_path / "scan.pdf"
    path.write_bytes(listed(plain, kids, 2))
    (document,) = prepared(ctx, path)
    assert document.pages == 2
    assert any("empty places" in str(remark) for remark in document.remarks)


@pytest.mark.parametrize(
    ("kids", "count", "number"),
    [
        (b"%(a)d 0 R null %(b)d 0 R", 3, 2),
        (b"%(a)d 0 R 90 0 R %(b)d 0 R", 2, 2),
        (b"%(a)d 0 R 90 0 R null %(b)d 0 R", 2, 2),
        (b"90 0 R %(a)d 0 R %(b)d 0 R", 3, 1),
    ],
)
def test_a_page_that_is_listed_and_gone_is_damaged(
    ctx: Services, tmp_path: Path, plain: bytes, kids: bytes, count: int, number: int
) -> None:
    """Where the list of pages counts or names a page that is not in the file, the paper is held and the page named."""
    path = tmp_path / "scan.pdf"
    path.write_bytes(listed(plain, kids, count))
    with pytest.raises(KhosoError, match=f"Page {number} is damaged") as caught:
        prepared(ctx, path)
    assert caught.value.reason == "damaged_page"


def test_numbers_that_are_objects_are_no_loss(ctx: Services, tmp_path: Path, plain: bytes) -> None:
    """A number that is an object of its own, as many programs write lengths, does not keep a file from repair."""
    path = tmp_path / "broken.pdf"
    numbered = plain.replace(b"/Type /Page ", b"/Rotate 90 0 R /Type /Page ", 1)
    assert numbered != plain
    path.write_bytes(no_start(numbered.replace(b"\nxref\n", b"\n90 0 obj\n0\nendobj\nxref\n")))
    (document,) = prepared(ctx, path)
    assert REPAIRED in document.remarks


def object_of(content: bytes, wanted: bytes) -> tuple[int, int]:
    """Where the object that has some bytes begins and ends."""
    return next(
        found.span() for found in re.finditer(rb"\d+ 0 obj.*?endobj", content, re.DOTALL) if wanted in found.group()
    )


def lost_picture(content: bytes) -> bytes:
    """A picture is gone, and the table with it."""
    start, end = object_of(content, b"/Image")
    return content[:start] + content[end:]


def without_object(content: bytes, number: int) -> bytes:
    """The file without one of its objects, which its table still names."""
    found = re.search(rb"\n%d 0 obj.*?endobj" % number, content, re.DOTALL)
    assert found
    return content[: found.start()] + content[found.end() :]


def lost_contents(content: bytes) -> bytes:
    """What draws a page is gone."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        number = pdf.pages[1].Contents.objgen[0]
    return without_object(content, number)


def lost_page(content: bytes) -> bytes:
    """A page is gone, and its picture lies about."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        number = pdf.pages[1].obj.objgen[0]
    return without_object(content, number)


def cut_off(content: bytes) -> bytes:
    """The end is missing, as after a broken transfer."""
    return content[: len(content) * 9 // 10]


@pytest.mark.parametrize("spoil", [lost_picture, lost_contents, lost_page, cut_off, before_the_table, within_an_update])
def test_what_pages_show_and_is_lost_is_damage(
    ctx: Services, tmp_path: Path, plain: bytes, spoil: Callable[[bytes], bytes]
) -> None:
    """Where repair would lose what a page shows, the file is damaged, not repaired."""
    path = tmp_path / "broken.pdf"
    path.write_bytes(spoil(plain))
    with pytest.raises(KhosoError) as caught:
        prepared(ctx, path)
    assert caught.value.reason in {"damaged", "damaged_page"}
    assert str(tmp_path) not in caught.value.explain()


def attachments_only(content: bytes, ways: bytes = b"") -> bytes:
    """A file of which only the attachments are locked (ISO 32000-1, 7.6.5), written as an update of it."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.attachments["letter.txt"] = pikepdf.AttachedFileSpec(pdf, b"Xin chao", filename="letter.txt")
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    whole = target.getvalue()
    with pikepdf.open(io.BytesIO(whole)) as pdf:
        size, root = len(pdf.objects) + 1, pdf.Root.objgen[0]
    keys = b"/O <%s> /U <%s>" % (b"ab" * 32, b"cd" * 32)
    filters = b"/CF << /StdCF << /AuthEvent /EFOpen /CFM /AESV2 /Length 16 >> >> /EFF /StdCF" + ways
    lock = b"%d 0 obj\n<< /Filter /Standard /V 4 /R 4 /Length 128 /P -1 %s %s >>\nendobj\n" % (size, keys, filters)
    before = re.search(rb"startxref\s+(\d+)", whole)
    assert before
    trailer = b"trailer << /Size %d /Root %d 0 R /Prev %s /Encrypt %d 0 R /ID [<%s> <%s>] >>" % (
        size + 1, root, before[1], size, b"ef" * 16, b"ef" * 16
    )  # fmt: skip
    table = b"xref\n%d 1\n%010d 00000 n \n" % (size, len(whole))
    return whole + lock + table + trailer + b"\nstartxref\n%d\n%%%%EOF\n" % (len(whole) + len(lock))


@pytest.mark.parametrize("ways", [b"", b" /StmF /Identity /StrF /Identity"])
def test_locked_attachments_lock_no_page(ctx: Services, tmp_path: Path, plain: bytes, ways: bytes) -> None:
    """Where only attachments need a password, the pages are read, and it is told where the attachments are."""
    path = tmp_path / "letter.pdf"
    path.write_bytes(attachments_only(plain, ways))
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(path)
    (document,) = prepared(ctx, path)
    assert ATTACHMENTS in document.remarks
    assert document.pages == 2
    with pikepdf.open(ctx.file(document, document.pdf)) as pdf:
        assert not pdf.attachments


def test_locked_pages_are_no_locked_attachments(ctx: Services, tmp_path: Path, plain: bytes) -> None:
    """Where the pages are locked too, the password is asked for."""
    path = tmp_path / "letter.pdf"
    path.write_bytes(attachments_only(plain, b" /StmF /StdCF /StrF /StdCF"))
    with pytest.raises(KhosoError) as caught:
        prepared(ctx, path)
    assert caught.value.reason == "encrypted"
    assert "--password-file" in caught.value.advice


@pytest.mark.parametrize("place", ["page", "picture", "form", "mask", "file"])
def test_unknown_packing_is_no_damage(ctx: Services, tmp_path: Path, plain: bytes, place: str) -> None:
    """A file packed by a filter that nothing here knows is told so, and what to do."""
    path = tmp_path / "brotli.pdf"
    if place == "file":
        table = re.search(rb"\d+ 0 obj\s*<<[^>]*/Type /XRef", packed_by_brotli(plain), re.DOTALL)
        assert table
        path.write_bytes(packed_by_brotli(plain))
    else:
        with pikepdf.open(io.BytesIO(plain)) as pdf:
            page = pdf.pages[1]
            picture = next(iter(page.get_images().values()))
            stream = {"page": page.Contents, "picture": picture}.get(place)
            if place == "mask":
                stream = picture.SMask = pdf.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
            elif place == "form":
                inner, outer = (pdf.make_stream(b"", Subtype=pikepdf.Name.Form) for _ in range(2))
                outer.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Inner=inner, Again=outer))
                page.Resources.XObject.Outer, stream = outer, inner
            assert stream is not None
            stream.write(b"\x0b\x02\x80\x03", filter=pikepdf.Name.BrotliDecode)
            pdf.save(path, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    with pytest.raises(KhosoError, match="packed as BrotliDecode") as caught:
        prepared(ctx, path)
    assert caught.value.reason == "unsupported_format"
    assert "Save it as PDF 1.7" in caught.value.advice


def packed_by_brotli(content: bytes) -> bytes:
    """A file whose objects and table are packed so."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return target.getvalue().replace(b"/FlateDecode", b"/BrotliDecode", -1)
