"""One exchange over HTTP with a server that is not ours: whole by a deadline, of bounded size, never redirected."""

import time
from collections.abc import Mapping
from typing import NamedTuple

import urllib3

_AT_A_TIME = 64 << 10


class HttpAnswer(NamedTuple):
    """What a server answered; ``kind`` is the media type without its parameters."""

    status: int
    kind: str
    body: bytes


class Unanswered(Exception):
    """Nothing whole came back: ``how``, in the transport's word, and whether one may not trust who is there."""

    def __init__(self, how: str, *, is_late: bool = False, is_distrusted: bool = False) -> None:
        """Tell what happened."""
        self.how = how
        self.is_late = is_late
        self.is_distrusted = is_distrusted
        super().__init__(how)


class TooMuch(Unanswered):
    """The answer has more bytes than any good one."""


def post(
    pool: urllib3.PoolManager, url: str, body: bytes, headers: Mapping[str, str], *, within_s: float, at_most: int
) -> HttpAnswer:
    """The whole answer to a POST.

    A server that sends a byte now and then keeps nobody beyond the deadline, one that never ends fills no memory.

    Raises:
        Unanswered: it could not be reached, broke off, took too long or sent too much.
    """
    deadline = time.monotonic() + within_s
    try:
        response = pool.request(
            "POST",
            url,
            body=body,
            headers={"Accept-Encoding": "identity", **headers},
            timeout=urllib3.Timeout(total=within_s),
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            content = whole_body(response, deadline, at_most)
        except BaseException:
            response.close()  # what is left of the answer must not be taken for the next one's
            raise
        response.release_conn()
    except urllib3.exceptions.SSLError as error:
        raise Unanswered(type(error).__name__, is_distrusted=True) from None
    except urllib3.exceptions.NewConnectionError as error:  # which counts as a time-out in urllib3
        raise Unanswered(type(error).__name__) from None
    except (urllib3.exceptions.TimeoutError, TimeoutError) as error:
        raise Unanswered(type(error).__name__, is_late=True) from None
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Unanswered(type(error).__name__) from None
    return HttpAnswer(response.status, response.headers.get("Content-Type", "").partition(";")[0].strip(), content)


def whole_body(response: urllib3.BaseHTTPResponse, deadline: float, at_most: int) -> bytes:
    """The body of an answer that was opened and not yet read.

    Raises:
        TooMuch: it has more bytes than any good one.
        TimeoutError: it is not whole by the deadline, on the monotonic clock.
    """
    content = bytearray()
    while chunk := response.read1(_AT_A_TIME):
        content += chunk
        if len(content) > at_most:
            raise TooMuch("TooMuch")
        if time.monotonic() > deadline:
            raise TimeoutError
    return bytes(content)
