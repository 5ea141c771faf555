"""A database of the state on loopback: it answers as a national register would, or as badly as a test wants."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]

HELD = {
    "TonTai": 1,
    "CoQuanCap": "Ủy ban nhân dân phường Hải Châu",
    "SoKyHieu": "215/2019",
    "NgayCap": "20/09/2019",
    "ThoiHanHieuLuc": None,
}


class Reference:
    """What was asked, and what to answer next: one answer after the other, the last one for ever."""

    def __init__(self) -> None:
        """Answer that it holds everything."""
        self.url = ""
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self._answers: list[Answer] = [says(HELD)]

    def answers(self, *answers: Answer) -> None:
        """Answer so from now on."""
        self._answers = list(answers)

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        self.paths.append(request.path)
        self.headers.append(dict(request.headers))
        self.asked.append(json.loads(request.rfile.read(int(request.headers["Content-Length"]))))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        answer(request)


def says(content: Any, status: int = 200) -> Answer:
    """An answer with JSON, or with these very bytes."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("Location", "/elsewhere")  # followed by nobody
        request.end_headers()
        request.wfile.write(body)

    return answer


def waits(seconds: float) -> Answer:
    """No answer for a while, then a good one."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        says(HELD)(request)

    return answer


def drips(request: BaseHTTPRequestHandler) -> None:
    """An answer that comes byte by byte and never ends."""
    request.send_response(200)
    request.send_header("Content-Length", "4096")
    request.end_headers()
    for _ in range(4096):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.02)


def breaks(request: BaseHTTPRequestHandler) -> None:
    """The connection ends in the middle of the answer."""
    request.send_response(200)
    request.send_header("Content-Length", "4096")
    request.end_headers()
    request.wfile.write(b'{"TonTai"')
    request.close_connection = True


@contextmanager
def served(tls: Path | None = None) -> Iterator[Reference]:
    """The server, in a thread; with a certificate and key in a PEM file over TLS."""
    reference = Reference()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Answer; who has gone meanwhile is not waited for."""
            try:
                reference.serve(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_args: object) -> None:
            """Who distrusts our certificate goes away, and the tests look at that from the other side."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    reference.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}/tra-cuu"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield reference
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
