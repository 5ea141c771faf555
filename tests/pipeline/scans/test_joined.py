"""A PDF with another file behind its end is told: readers show one of the two, without a word."""

import io
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from domain.errors import Held
from pipeline.scans.pdfs import check_alone


def _written(pages: int = 1, *, is_packed: bool = False, attached: bytes = b"") -> bytes:
    stream = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        if attached:
            pdf.attachments["other.pdf"] = attached
        mode = pikepdf.ObjectStreamMode.generate if is_packed else pikepdf.ObjectStreamMode.disable
        pdf.save(stream, object_stream_mode=mode, compress_streams=False)
    return stream.getvalue()


def _picture(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (300, 400), 200).save(stream, kind)
    return stream.getvalue()


def _changed(content: bytes) -> bytes:
    """With a change that was written behind its end, of an object that holds a whole PDF as it is."""
    other = _written()
    place = content.index(b"startxref") + 10
    table = content[place:].split(maxsplit=1)[0]
    begin = len(content)
    change = b"90 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(other), other)
    end = b"xref\n90 1\n%010d 00000 n \ntrailer << /Size 91 /Root 1 0 R /Prev %s >>\n" % (begin, table)
    return content + change + end + b"startxref\n%d\n%%%%EOF\n" % (begin + len(change))


@pytest.mark.parametrize(
    "behind",
    [
        _written(),
        _written(is_packed=True),
        b"\r\n\r\n" + _written(2),
        _written()[:-300],
        _picture("JPEG"),
        _picture("PNG"),
        _picture("TIFF"),
        b"--boundary\r\n" + b"any" * 3000,
    ],
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_another_file_behind_the_end_is_told(tmp_path: Path, behind: bytes, *, is_packed: bool) -> None:
    """Pages that no reader shows, be they in front or behind, are not archived as if they were not there."""
    path = tmp_path / "scan.pdf"
    path.write_bytes(_written(is_packed=is_packed) + behind)
    with pytest.raises(Held) as caught:
        check_alone(path, is_open=False)
    assert caught.value.reason == "files_joined"


@pytest.mark.parametrize(
    "content",
    [
        _written(),
        _written() + b"\r\n" + bytes(20_000),
        _written() + b"\x1a--sent by mail--\r\n",
        _written(attached=_written()),
        _written(attached=_written() + _written(2)),
        _changed(_written()),
        _written()[:-40],
    ],
)
def test_what_belongs_to_a_file_is_no_other(tmp_path: Path, content: bytes) -> None:
    """Changes at its end, what a program fills it up with, and files that are attached to it, joined or not."""
    path = tmp_path / "scan.pdf"
    path.write_bytes(content)
    check_alone(path, is_open=False)


def test_of_a_locked_file_nothing_is_said_before_it_is_open(tmp_path: Path) -> None:
    """It needs a password first; then the file behind it is told."""
    stream, path = io.BytesIO(), tmp_path / "scan.pdf"
    with pikepdf.open(io.BytesIO(_written())) as pdf:
        pdf.save(stream, encryption=pikepdf.Encryption(owner="a", user="b"))
    path.write_bytes(_written() + stream.getvalue())
    check_alone(path, is_open=False)
    with pytest.raises(Held) as caught:
        check_alone(path, is_open=True)
    assert caught.value.reason == "files_joined"
