"""The matrix of outside parties and ways of trouble: batches of twenty papers that meet each of them in the middle.

A row is a party.  Its batch meets the eight ways one after the other, each after some further papers: trouble begins,
lasts until somebody is told or papers pass all the same, and ends; then the batch must go on by itself.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from config.settings import ElasticsearchSettings, load_settings
from pipeline.indexing import compare_index
from services.context import open_services
from tests.support.batch_desk import SETTINGS, Desk
from tests.support.csc_service import SigningService, serve_keys
from tests.support.pki import Pki
from tests.support.troubled import WAYS, Troubled, Way, before

PAPERS = 20
_NOT_TLS: tuple[Way, ...] = tuple(way for way in WAYS if way != "tls")
MET = {"OCSP and lists": _NOT_TLS}  # which is of the whole address: the row of OCSP meets it for both
PARTIES = ("time stamp", "OCSP", "OCSP and lists", "remote signing", "Elasticsearch")
_LAST_S = 90  # after which a way counts as never met

_REMOTE = """
[signing.{role}_remote]
url = "{url}"
credential = "khoso/{role}"
certificates = "{root}"
timeout_s = 2
"""
_ENGINE = """
[search]
kind = "elasticsearch"
elasticsearch = {{ urls = ["http://127.0.0.1:{port}"], index = "{index}", timeout_s = 2 }}
"""
_WORDS = {"time stamp": "/tsa/", "OCSP": "/ocsp/", "OCSP and lists": "", "remote signing": "", "Elasticsearch": ""}


class Cell(NamedTuple):
    """What a batch did while a party was in a kind of trouble: what it told, or that papers passed all the same."""

    party: str
    way: Way
    told: str
    asked: int
    took_s: float


class Outside:
    """A desk whose parties are behind networks of their own."""

    def __init__(self, desk: Desk, party: str, stands: Troubled, service: SigningService | None) -> None:
        """Know who may be troubled, and the signing service that counts what it is asked."""
        self.desk = desk
        self.service = service
        self._party = party
        self._stands = stands
        self._may_pass = party in {"OCSP", "Elasticsearch"}  # another one stands in, or nobody waits for it

    def meet(self, ways: tuple[Way, ...] | None = None) -> Iterator[Cell]:
        """Go through the ways with one batch, which ends with all papers as they should be."""
        self.desk.begin()
        for way in ways or MET.get(self._party, WAYS):
            cell = self._meet(way)
            yield cell
        assert self.desk.end() == 0, self.desk.chatter
        self.desk.check(waited=self._party != "Elasticsearch")
        with open_services(load_settings(self.desk.home, {})) as ctx:
            assert not compare_index(ctx).all
            assert not ctx.catalogue.outbox.lag().waiting

    def _meet(self, way: Way) -> Cell:
        # What issuers said is kept for the life of a process; to the index it sends every ten seconds.
        asks_anew = self._may_pass or self._party == "OCSP and lists"
        if way == WAYS[0] or not asks_anew:
            self.desk.until(self.desk.done(self.desk.count("done") + 1))
        self.desk.until(lambda: not self.desk.waiting)  # for anything of the trouble before
        if asks_anew:
            self.desk.interrupt()
        self._stands.trouble(way, _WORDS[self._party])
        if asks_anew:
            self.desk.begin()
        done, began = self.desk.count("done"), time.monotonic()
        word = ""
        while not word:
            is_met = self._stands.met or way == "refused"  # nobody is there to count those
            if self._may_pass and is_met and self.desk.count("done") > done:
                break
            assert time.monotonic() - began < _LAST_S, f"{self._party}, {way}: never met"
            assert self.desk.is_running, f"{self._party}, {way}: all papers were done before"
            word = next((word for word in self.desk.waiting if f"Waiting: {word}" in self.desk.chatter), "")
            time.sleep(0.1)
        met = self._stands.met
        self._stands.trouble(None)
        self.desk.until(self.desk.done(done + 1))
        return Cell(self._party, way, word, met, time.monotonic() - began)


@contextmanager
def with_party(
    party: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    papers: int | None = None,
    engine: ElasticsearchSettings | None = None,
) -> Iterator[Outside]:
    """A desk of which one party may be troubled; whatever still runs at the end is stopped.

    ``engine``: the Elasticsearch of the row of that name.
    """
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    with ExitStack() as opened:
        networks: list[Troubled] = []

        def through(port: int) -> int:
            networks.append(opened.enter_context(before("127.0.0.1", port)))
            return networks[0].port if party.startswith("OCSP") else port

        desk = Desk(folder, papers or PAPERS, through=through, workers=1, got=SETTINGS)
        opened.callback(desk.authority.stop)
        desk.authority.start()
        service: SigningService | None = None
        stands = networks[0]
        own = f"http://127.0.0.1:{desk.authority.port}/khoso/tsa/tsa"
        if party == "time stamp":
            own = own.replace(f":{desk.authority.port}/", f":{stands.port}/")
        keys = desk.tokens()
        if party == "remote signing":
            service = opened.enter_context(serve_keys(desk.authority.pki))
            stands = opened.enter_context(before("127.0.0.1", urlsplit(service.url).port or 0))
            keys = _remote(desk.authority.pki, folder, stands.port)
        got = SETTINGS.format(roots=desk.authority.pki.roots, url=own)
        if service is not None:
            got = got.replace('kind = "token"', 'kind = "remote"')
        if engine is not None:
            stands = opened.enter_context(before("127.0.0.1", urlsplit(engine.urls[0]).port or 0))
            keys += _ENGINE.format(port=stands.port, index=engine.index)
        desk.settle(got + keys)
        opened.callback(desk.stop)
        yield Outside(desk, party, stands, service)


def _remote(pki: Pki, folder: Path, port: int) -> str:
    root = folder / "root.pem"
    root.write_bytes(pki.certificate("root").public_bytes(Encoding.PEM))
    url = f"http://127.0.0.1:{port}"
    return "".join(_REMOTE.format(role=role, url=url, root=root) for role in ("officer", "agency"))
