"""Whether the log beside an SQLite database belongs to it (sqlite.org/fileformat2.html, sections 1.3 and 4).

A killed command leaves its log.  SQLite enters it into whatever database then lies there, though that was put back from
a copy, and makes one file of two that never were.  So every transaction gives the first page the next number
(``PRAGMA user_version``), which is in the log then as well: a log begins with the state that its database has.
"""

import os
import struct
import time
from pathlib import Path
from typing import BinaryIO, NamedTuple

_STILL_S = 0.2  # for which both must stay as they are until a log is called foreign: others may be writing
_HEADER, _USER_VERSION = 100, slice(60, 64)  # of the first page
_LOG_HEADER, _FRAME_HEADER = struct.Struct(">IIII8sII"), struct.Struct(">II8sII")
_BIG_ENDIAN = 0x377F0683
_WORD = 2**32


class _Logged(NamedTuple):
    """The numbers of the first and the last transaction in a log; ``head`` is another one when it begins anew."""

    first: int
    last: int
    head: bytes


def has_foreign_log(path: Path) -> bool:
    """Whether the log beside a database was written for another state of it.

    The database has the number before the first of its log, or one of the log's own when parts are entered already.
    """
    seen, since = None, 0.0
    while (logged := _logged(path)) is not None:
        with path.open("rb") as file:
            number = _number_in(file.read(_HEADER))
        if number is None or logged.first - 1 <= number <= logged.last:
            return False
        if (logged, number) != seen:
            seen, since = (logged, number), time.monotonic()
        elif time.monotonic() - since >= _STILL_S:
            return True
        time.sleep(_STILL_S / 10)
    return False


def _number_in(page: bytes) -> int | None:
    return int.from_bytes(page[_USER_VERSION], signed=True) if len(page) >= _HEADER else None


def _logged(path: Path) -> _Logged | None:
    """What a log says; None where there is none, or none that says anything of the first page."""
    try:
        file = path.with_name(f"{path.name}-wal").open("rb")
    except FileNotFoundError:
        return None
    with file:
        head = file.read(_LOG_HEADER.size)
        if len(head) < _LOG_HEADER.size:
            return None
        first_pages = _first_pages(file, head)
        if not first_pages or (first := _number(file, head, first_pages[0])) is None:
            return None  # SQLite enters nothing of a log that begins so
        numbers = (_number(file, head, place) for place in reversed(first_pages))
        return _Logged(first, next((number for number in numbers if number is not None), first), head)


def _first_pages(file: BinaryIO, head: bytes) -> list[int]:
    """Where the frames of the first page stand in a log; what is of an earlier log lies behind them."""
    _, _, page_size, _, salts, _, _ = _LOG_HEADER.unpack(head)
    found, place = [], _LOG_HEADER.size
    while len(frame := os.pread(file.fileno(), _FRAME_HEADER.size, place)) == _FRAME_HEADER.size:
        page, _, of, _, _ = _FRAME_HEADER.unpack(frame)
        if of != salts:
            break
        if page == 1:
            found.append(place)
        place += _FRAME_HEADER.size + page_size
    return found


def _number(file: BinaryIO, head: bytes, place: int) -> int | None:
    """The number in a frame of the first page; None when its page was not written yet, and is that of an earlier log.

    Its checksum goes on from that of the frame before, or of the log's header.
    """
    magic, _, page_size, _, _, *before = _LOG_HEADER.unpack(head)
    if place > _LOG_HEADER.size:
        former = os.pread(file.fileno(), _FRAME_HEADER.size, place - _FRAME_HEADER.size - page_size)
        if len(former) < _FRAME_HEADER.size:  # somebody cut the log meanwhile
            return None
        before = list(_FRAME_HEADER.unpack(former)[-2:])
    frame = os.pread(file.fileno(), _FRAME_HEADER.size + page_size, place)
    if len(frame) < _FRAME_HEADER.size + page_size:
        return None
    *_, one, two = _FRAME_HEADER.unpack_from(frame)
    content = frame[:8] + frame[_FRAME_HEADER.size :]
    words = struct.unpack(f"{'>' if magic == _BIG_ENDIAN else '<'}{len(content) // 4}I", content)
    return _number_in(frame[_FRAME_HEADER.size :]) if _checksum(words, *before) == (one, two) else None


def _checksum(words: tuple[int, ...], one: int, two: int) -> tuple[int, int]:
    """SQLite's, of pairs of words (section 4.2)."""
    for place in range(0, len(words), 2):
        one = (one + words[place] + two) % _WORD
        two = (two + words[place + 1] + one) % _WORD
    return one, two
