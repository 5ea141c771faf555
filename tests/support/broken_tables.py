"""Files whose table of contents is broken in one way each."""

import re


def shifted(content: bytes) -> bytes:
    """Bytes came in between: every offset of the table is wrong."""
    return content.replace(b"\n", b"\n% sent by mail\n%\n", 1)


def wrong_start(content: bytes) -> bytes:
    """The file says that the table is elsewhere."""
    return re.sub(rb"startxref\s+\d+", b"startxref\n7", content)


def no_start(content: bytes) -> bytes:
    """The file does not say where the table is."""
    return re.sub(rb"startxref\s+\d+\s", b"", content)


def garbled_table(content: bytes) -> bytes:
    """The table is no table any more."""
    return re.sub(rb"\d{10} \d{5} n", b"x" * 18, content)


def one_wrong_entry(content: bytes) -> bytes:
    """One line of the table leads astray."""
    entries = list(re.finditer(rb"\d{10} 00000 n", content))
    middle = entries[len(entries) // 2]
    return content[: middle.start()] + b"0000000011 00000 n" + content[middle.end() :]


def too_few(content: bytes) -> bytes:
    """The table says that it has fewer lines than objects."""
    return re.sub(rb"xref\n0 (\d+)", lambda found: b"xref\n0 %d" % (int(found[1]) - 2), content)


def no_table(content: bytes) -> bytes:
    """The table itself is missing, what follows it is there."""
    return re.sub(rb"xref\n0 .*?trailer", b"trailer", content, flags=re.DOTALL)
