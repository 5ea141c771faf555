"""A remote signing service for the tests: certomancer's, on loopback, with what it lacks: PIN, access, counts, ends."""

import asyncio
import json
import threading
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web
from csc_dummy.csc_dummy_server import CSCWithCertomancer, DummyServiceParams

from tests.support.pki import Pki

PIN, OTP, ACCESS = "481516", "234200", "Zm9yIHRlc3RzIG9ubHk"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SigningService:
    """How the service behaves; a test may change it at any time."""

    def __init__(self) -> None:
        """Ask for nothing; ``url`` is set when it serves."""
        self.url = ""
        self.pin = ""
        self.otp = ""
        self.access = ""
        self.most = 10
        self.is_pinned = False
        self.lasts_s = 300.0
        self.info: dict[str, Any] = {}
        self.answer: Callable[[], web.Response] | None = None
        self.asked: list[str] = []
        self.left: dict[str, int] = {}

    def count(self, method: str) -> int:
        """How many requests were for a method."""
        return self.asked.count(method)

    async def gate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """What certomancer's service leaves out."""
        method = request.path.removeprefix("/csc/v1/")
        body = await request.json()
        self.asked.append(method)
        if self.answer is not None:
            return self.answer()
        if self.access and request.headers.get("Authorization") != f"Bearer {self.access}":
            return _error(401, "access_denied")
        if method == "credentials/sendOTP":
            return web.json_response({})
        if method == "credentials/authorize" and (fault := self._fault(body)):
            return _error(400, fault)
        if method == "signatures/signHash":
            self.left[body["SAD"]] = self.left.get(body["SAD"], 0) - len(body["hash"])
            if self.left[body["SAD"]] < 0:
                return _error(400, "invalid_request")
        response = await handler(request)
        assert isinstance(response, web.Response)
        assert isinstance(response.body, bytes)
        got = json.loads(response.body)
        if method == "credentials/info":
            got |= {"multisign": self.most, "SCAL": "2" if self.is_pinned else "1"}
            if self.pin or self.otp:
                got |= {"authMode": "explicit", "PIN": {"presence": str(bool(self.pin)).lower()}}
                got["OTP"] = {"presence": str(bool(self.otp)).lower(), "type": "online"}
            got |= self.info
        if method == "credentials/authorize":
            self.left[got["SAD"]] = body["numSignatures"]
            got["expiresIn"] = self.lasts_s
        return web.json_response(got)

    def _fault(self, body: dict[str, Any]) -> str:
        found = (
            (self.pin and body.get("PIN") != self.pin, "invalid_pin"),
            (self.otp and body.get("OTP") != self.otp, "invalid_otp"),
            (body["numSignatures"] > self.most, "invalid_request"),
            (self.is_pinned and "hash" not in body, "invalid_request"),
        )
        return next((fault for is_wrong, fault in found if is_wrong), "")


def _error(status: int, code: str) -> web.Response:
    return web.json_response({"error": code, "error_description": "in free words"}, status=status)


@contextmanager
def serve_keys(pki: Pki) -> Iterator[SigningService]:
    """Serve the keys of the authority until the end of the ``with``."""
    service = SigningService()
    loop = asyncio.new_event_loop()

    @web.middleware
    async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await service.gate(request, handler)

    async def start() -> web.AppRunner:
        params = DummyServiceParams(hash_pinning_required=False)  # pinned or not, it holds to the digests it was given
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it names its entries by words, as aiohttp does not like any more
            dummy = CSCWithCertomancer(pki.config, service_params=params)
        dummy.register_routes()
        dummy.app.router.add_post("/csc/v1/credentials/sendOTP", dummy.info)
        dummy.app.middlewares.append(gate)
        runner = web.AppRunner(dummy.app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    runner = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
