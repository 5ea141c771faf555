"""A public key infrastructure for the tests: certomancer on loopback.

It serves time stamps, OCSP answers and revocation lists over HTTP: in this process, with the time of the test, where it
can be told to go away (``serve``); or in a process of its own, with the time of the machine (``Authority``).
"""

import multiprocessing
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import yaml
from asn1crypto.tsp import TimeStampReq
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, PKIArchitecture, ServiceLabel
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from config.signing import TimeStampAuthority
from domain import clock
from signing.keys.credentials import Algorithm, Credential, PrivateKey, SoftwareKey
from tests.support.troubled import Troubled, before

CONFIG = Path(__file__).parents[2] / "deploy" / "pki" / "certomancer.yml"
SIGNED_AT = datetime(2026, 11, 24, 10, 0, 0, tzinfo=clock.VIETNAM)
_ARCH = ArchLabel("khoso")
_RSA = ("officer", "agency", "revoked")  # as on the tokens of the state


class Pki:
    """The authorities, as of the moment of the test, or with a running clock from a year like that one."""

    def __init__(
        self, folder: Path, keys: dict[str, PrivateKey], moment: datetime, *, is_running: bool = False
    ) -> None:
        """Begin with all services there; ``url`` is set when they are."""
        self.moment = moment
        self._is_running = is_running
        self.roots = folder / "roots"
        self.url = ""
        self.behind = timedelta()  # what the services' clock is late
        self.away: set[str] = set()
        self.away_status = 503
        self.asked: list[str] = []
        self.answers: dict[str, Callable[[bytes], bytes]] = {}
        self._folder = folder
        self._keys = keys
        self._arch: PKIArchitecture | None = None
        self._animator: Animator | None = None

    def open(self, url: str) -> None:
        """Issue the certificates, which name the address of the services."""
        self.url = url
        (self._folder / "keys").mkdir()
        for name, key in self._keys.items():
            (self._folder / "keys" / f"{name}.pem").write_bytes(_pkcs8(key))
        later = self.moment.year - SIGNED_AT.year if self._is_running else 0
        text = re.sub(r'"(\d{4})-', lambda year: f'"{int(year[1]) + later}-', CONFIG.read_text(encoding="utf-8"))
        config = yaml.safe_load(text) | {"external-url-prefix": url}
        self.config = CertomancerConfig(config, key_search_dir=str(self._folder))
        archs = self.config.pki_archs
        self._arch = archs[_ARCH]
        for label in config["pki-architectures"][_ARCH.value]["certs"]:
            self.certificate(label)  # issued once, whatever processes serve it
        self._animator = Animator(AnimatorArchStore(archs), with_web_ui=False)
        self.roots.mkdir()
        (self.roots / "root.der").write_bytes(self.certificate("root").public_bytes(serialization.Encoding.DER))

    def certificate(self, label: str) -> x509.Certificate:
        """A certificate by its name in the configuration."""
        assert self._arch
        return x509.load_der_x509_certificate(self._arch.get_cert(CertLabel(label)).dump())

    def credential(self, label: str) -> Credential:
        """The certificate with its key and its chain."""
        chain = ("issuing", "root") if label in _RSA else ("root",)
        algorithm = Algorithm.PSS if label in _RSA else Algorithm.ECDSA
        key = SoftwareKey(self._keys[label])
        return Credential(self.certificate(label), tuple(map(self.certificate, chain)), key, algorithm)

    def authority(self, label: str, **values: Any) -> TimeStampAuthority:
        """Settings of a time stamp authority."""
        return TimeStampAuthority.model_validate({"url": f"{self.url}/khoso/tsa/{label}", "timeout_s": 5} | values)

    def stamp(self, label: str, request: bytes) -> bytes:
        """What an authority answers, for a test that changes the answer."""
        assert self._arch
        authority = self._arch.service_registry.summon_timestamper(ServiceLabel(label), self.moment)
        return bytes(authority.request_tsa_response(TimeStampReq.load(request)).dump())

    @contextmanager
    def on(self, moment: datetime) -> Iterator[None]:
        """Let it be another time, for the services and for khoso; ``moment`` may be set anew meanwhile."""
        self.moment = moment
        with clock.set_to(lambda: self.moment):
            yield

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; a word of ``away`` or ``answers`` may end with "$", as every path here does."""
        path = environ["PATH_INFO"] + "$"
        self.asked.append(path)
        assert self._animator
        if any(word in path for word in self.away):
            return Response("gone", self.away_status)(environ, start_response)
        for word, answer in self.answers.items():
            if word in path:
                body = answer(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
                return Response(body, mimetype="application/timestamp-reply")(environ, start_response)
        if not self._is_running:
            environ["HTTP_X_CERTOMANCER_FAKE_TIME"] = (self.moment - self.behind).isoformat()
        response: Iterable[bytes] = self._animator(environ, start_response)
        return response

    def count(self, word: str) -> int:
        """How many requests had a word in their path."""
        return sum(word in path for path in self.asked)


def _pkcs8(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # keep-alive

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        pass


def _new_keys(given: dict[str, PrivateKey] | None = None) -> dict[str, PrivateKey]:
    names = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["keysets"]["khoso"]["keys"]
    made: dict[str, PrivateKey] = {
        name: rsa.generate_private_key(65537, 2048)
        if name in {*_RSA, "tsa-3"}
        else ec.generate_private_key(ec.SECP256R1())
        for name in names
    }
    return made | (given or {})


@contextmanager
def serve(folder: Path, moment: datetime = SIGNED_AT) -> Iterator[Pki]:
    """Run the services until the end of the ``with``."""
    with _serving(folder, moment) as (pki, port):
        pki.open(f"http://127.0.0.1:{port}")
        yield pki


@contextmanager
def serve_troubled(folder: Path, moment: datetime = SIGNED_AT) -> Iterator[tuple[Pki, Troubled]]:
    """The same, and what stands before them in the network and may be troubled."""
    with _serving(folder, moment) as (pki, port), before("127.0.0.1", port) as stands:
        pki.open(f"http://127.0.0.1:{stands.port}")
        yield pki, stands


@contextmanager
def _serving(folder: Path, moment: datetime) -> Iterator[tuple[Pki, int]]:
    pki = Pki(folder, _new_keys(), moment)
    server = make_server("127.0.0.1", 0, pki, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield pki, server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Authority:
    """The services in a process of their own, which can be killed, frozen, and started again at the same address."""

    def __init__(self, folder: Path, through: Callable[[int], int] = lambda port: port, **given: PrivateKey) -> None:
        """Issue the certificates, some for keys that are given; nothing is served yet.

        ``through``: by which port the certificates say that the services are asked, when another one leads to theirs.
        """
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.pki = Pki(folder, _new_keys(given), clock.now(), is_running=True)
        self.pki.open(f"http://127.0.0.1:{through(self.port)}")
        self._process: multiprocessing.process.BaseProcess | None = None

    def start(self) -> None:
        """Serve; back when the port answers."""
        fork = multiprocessing.get_context("fork")  # so that every one of them serves the same certificates
        self._process = fork.Process(target=self._run, daemon=True)
        self._process.start()
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError

    def stop(self) -> None:
        """Die at once: connections are refused."""
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def freeze(self) -> None:
        """Hang: connections are accepted and nothing is answered."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        assert self._process is not None
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def _run(self) -> None:
        make_server("127.0.0.1", self.port, self.pki, threaded=True, request_handler=_Quiet).serve_forever()
