"""A server outside that stands in for any party and answers, or fails, in one of the ordinary ways of networks.

It passes on to the real service what it is asked while all is well.  In trouble, it treats requests whose path has a
word (or all) so: the connection is refused, or reset; the first byte comes late; the body drips, or never ends; what
comes is garbage, or a page of a gateway; or an alert of TLS.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Way = Literal["refused", "reset", "late", "dripping", "endless", "garbage", "another type", "tls"]
WAYS: tuple[Way, ...] = ("refused", "reset", "late", "dripping", "endless", "garbage", "another type", "tls")
_ALERT = b"\x15\x03\x03\x00\x02\x02\x28"  # TLS: fatal, handshake failure
_PAGE = b"<html><body>Log in to the network</body></html>"
_LONG = 1 << 30


class Troubled:
    """The server; ``way`` None: all is well.  ``words``: in the path of the requests that are in trouble."""

    def __init__(self, behind: tuple[str, int]) -> None:
        """Stand before a service; ``port`` is where it is asked."""
        self._behind = behind
        self.way: Way | None = None
        self.words: tuple[str, ...] = ("",)
        self.met = 0  # requests that were treated so
        self._stopped = threading.Event()
        self._listener: socket.socket | None = None
        self.port = 0
        self._listen()

    def trouble(self, way: Way | None, *words: str) -> None:
        """Be in trouble, or well again."""
        self.way, self.words, self.met = way, words or ("",), 0
        if way == "refused" and self._listener is not None:
            listener, self._listener = self._listener, None
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        elif way != "refused" and self._listener is None:
            self._listen()

    def close(self) -> None:
        """Go away."""
        self._stopped.set()
        self.trouble("refused")

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """One request a connection."""
        with connection, contextlib.suppress(OSError):
            connection.settimeout(20)
            if self.way == "tls":
                self.met += 1
                connection.recv(1 << 16)
                connection.sendall(_ALERT)
                return
            request = _read(connection)
            path = request.partition(b"\r\n")[0].decode("latin-1")
            if self.way is not None and any(word in path for word in self.words):
                self.met += 1
                self._fail(connection)
                return
            with socket.create_connection(self._behind, timeout=20) as behind:
                behind.sendall(_closing(request))
                while data := behind.recv(1 << 16):
                    connection.sendall(data)

    def _fail(self, connection: socket.socket) -> None:
        if self.way == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self.way == "late":
            self._stopped.wait(20)
        elif self.way == "garbage":
            connection.sendall(b"\x00\xff\x17 no HTTP\r\n\r\n" * 20)
        elif self.way == "another type":
            connection.sendall(_head("text/html", len(_PAGE)) + _PAGE)
        else:
            connection.sendall(_head("application/octet-stream", _LONG))
            sent = 0
            while not self._stopped.is_set() and sent < _LONG:
                data = b"\x30" if self.way == "dripping" else b"\x30" * (1 << 16)
                connection.sendall(data)
                sent += len(data)
                if self.way == "dripping":
                    time.sleep(0.05)


def _head(kind: str, length: int) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n".encode()


def _read(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(1 << 16)):
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length and (more := connection.recv(1 << 16)):
        body += more
    return head + b"\r\n\r\n" + body


def _closing(request: bytes) -> bytes:
    """The request by which the service behind ends the connection after its answer."""
    head, _, body = request.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body


@contextmanager
def before(host: str, port: int) -> Iterator[Troubled]:
    """Stand before a service until the end of the ``with``."""
    stands = Troubled((host, port))
    try:
        yield stands
    finally:
        stands.close()
