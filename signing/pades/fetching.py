"""What issuers of certificates answer, taken whole or not at all.

pyHanko's fetchers know the errors of aiohttp.  A request that takes too long, and a broken connection, are none there,
and how much an answer may have nobody asks.  Here they become such errors, so that the next source is asked.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import aiohttp

_AT_A_TIME = 64 << 10
_LARGEST = 64 << 20  # the revocation list of a large issuer has some megabytes


class WholeAnswers:
    """The two acts of an ``aiohttp.ClientSession`` that fetchers use."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        """Ask by a session, which is the caller's to close."""
        self._session = session
        self._asked: dict[str, bool] = {}  # whether who was asked last answered

    @property
    def silent(self) -> tuple[str, ...]:
        """Who did not answer; where all did, but not as they should, all of them."""
        return tuple(host for host, answered in self._asked.items() if not answered) or tuple(self._asked)

    @asynccontextmanager
    async def get(self, **request: Any) -> AsyncIterator["WholeAnswer"]:
        """The answer to a GET."""
        async with self._whole("GET", request) as answer:
            yield answer

    @asynccontextmanager
    async def post(self, **request: Any) -> AsyncIterator["WholeAnswer"]:
        """The answer to a POST."""
        async with self._whole("POST", request) as answer:
            yield answer

    @asynccontextmanager
    async def _whole(self, method: str, request: dict[str, Any]) -> AsyncIterator["WholeAnswer"]:
        """The answer, all of which is there.

        Raises:
            aiohttp.ClientError: it does not come whole, in time, or of a size that any good answer has.
        """
        host = urlsplit(str(request["url"])).netloc
        self._asked[host] = False
        try:
            async with self._session.request(method, **request) as response:
                answer = WholeAnswer(response, await _body(response))
        except aiohttp.ClientError:
            raise
        except (TimeoutError, OSError, ValueError) as error:
            raise aiohttp.ClientPayloadError(type(error).__name__) from error
        self._asked[host] = True
        yield answer


class WholeAnswer:
    """What is asked of a response: its body and its headers."""

    def __init__(self, response: aiohttp.ClientResponse, body: bytes) -> None:
        """Keep the body beside the response, which is closed."""
        self.headers = response.headers
        self.request_info = response.request_info
        self.history = response.history
        self._body = body

    async def read(self) -> bytes:
        """The body."""
        return self._body


async def _body(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(_AT_A_TIME):
        content += chunk
        if len(content) > _LARGEST:
            raise aiohttp.ClientPayloadError("more than any good answer has")
    return bytes(content)
