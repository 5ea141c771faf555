"""The connection to an Elasticsearch cluster, and what it says in our words.

Its client waits for each piece of an answer anew, so that one that drips would keep a command for ever, and one that
never ends would fill the memory.  Here an answer is whole by the time-out of the settings, or none.
"""

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import urllib3
from elastic_transport import NodeConfig, Urllib3HttpNode
from elasticsearch import ApiError, Elasticsearch, ElasticsearchWarning, NotFoundError, TransportError

from config.settings import ElasticsearchSettings
from domain.errors import SetupError
from files.exchange import TooMuch, whole_body
from search.errors import EngineAway, EngineLocked, EngineRefuses, IndexNotWritten, IndexOutdated

_LARGEST = 512 << 20  # a page of papers comes with their texts
_RECOVERING = 503  # the whole cluster is blocked as long as it has no master or no state
_FULL = "index.blocks.read_only_allow_delete"  # set by Elasticsearch itself when its disk is full
_BLOCKED = "cluster_block_exception"

warnings.simplefilter("ignore", ElasticsearchWarning)  # what a server tells its administrators, on our standard error


def connect(settings: ElasticsearchSettings) -> Elasticsearch:
    """A client, which is the caller's to close.

    Raises:
        EngineLocked: the secret cannot be read.
    """
    login: dict[str, Any] = {}
    if settings.api_key_file:
        login["api_key"] = _secret(settings.api_key_file)
    elif settings.password_file:
        login["basic_auth"] = (settings.user, _secret(settings.password_file))
    if settings.ca:
        login["ca_certs"] = str(settings.ca)
    return Elasticsearch(
        list(settings.urls), request_timeout=settings.timeout_s, max_retries=2, node_class=_Node, **login
    )


@contextmanager
def errors_explained() -> Iterator[None]:
    """Tell in our words what Elasticsearch says."""
    try:
        yield
    except NotFoundError as error:
        raise IndexOutdated("no_such_index", error=error) from error
    except ApiError as error:
        status = error.meta.status
        if error.error == _BLOCKED and status != _RECOVERING:
            raise blocked(_why(error)) from error
        if error.error == "index_closed_exception":
            raise IndexOutdated("index_closed", remedy="open_or_reindex") from error
        if status in {401, 403, 407}:
            raise EngineLocked("engine_lets_nobody_in", status=status) from error
        if error.error == "media_type_header_exception":
            raise SetupError("engine_older", remedy="use_server9", reason="search_version") from error
        if status == 429 or status >= 500:
            raise EngineAway("engine_busy", status=status) from error
        raise EngineRefuses("engine_not_understands", error=error) from error
    except TransportError as error:
        raise EngineAway("engine_silent") from error
    except (LookupError, TypeError, AttributeError, ValueError) as error:  # JSON, but not what it was asked for
        raise EngineRefuses("engine_answers_oddly") from error


def blocked(why: str) -> IndexNotWritten:
    """The error of an index that Elasticsearch does not let be written: its disk is full, or somebody blocked it."""
    if "disk usage exceeded" in why or "read-only-allow-delete" in why:
        return IndexNotWritten("engine_disk_full", remedy="free_engine_disk", block=_FULL)
    return IndexNotWritten("engine_blocked", remedy="lift_block", why=why.rstrip(";"))


def blocked_by(names: list[str]) -> IndexNotWritten:
    """The same of the settings that block it."""
    if _FULL in names:
        return blocked("read-only-allow-delete")
    return blocked(", ".join(names))


def not_taken(name: str, status: int, error: dict[str, Any]) -> Exception:
    """The error of a paper that was not taken, through no fault of its own."""
    why = str(error.get("reason", ""))
    if error.get("type") == _BLOCKED:
        return blocked(why)
    if status == 429 or status >= 500:
        return EngineAway("engine_busy", status=status)
    return IndexNotWritten("engine_did_not_take", remedy="check_engine", id=name, status=status, why=why)


def _why(error: ApiError) -> str:
    """What it says first of why."""
    told_why = error.body.get("error") if isinstance(error.body, dict) else None
    return str(told_why.get("reason", error.error) if isinstance(told_why, dict) else told_why or error.error)


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise EngineLocked("engine_secret_unread", path=path, error=type(error).__name__) from None


class _Node(Urllib3HttpNode):
    """A node whose answers are whole by the time-out."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        self.pool: Any = _Pool(self.pool, config.request_timeout or 0.0)


class _Answer(NamedTuple):
    """What a node reads of an answer."""

    status: int
    headers: Any
    data: bytes


class _Pool:
    """The connections to a node: of their answers nothing is left unread."""

    def __init__(self, pool: urllib3.HTTPConnectionPool, within_s: float) -> None:
        self._pool = pool
        self._within_s = within_s

    def urlopen(self, method: str, target: str, **request: Any) -> _Answer:
        """The whole answer to a request.

        Raises:
            ReadTimeoutError: it is not whole in time.
            HTTPError: another fault of the network.
        """
        within_s = request.get("timeout")
        deadline = time.monotonic() + (self._within_s if within_s is None else within_s)
        response = self._pool.urlopen(method, target, preload_content=False, **request)
        try:
            content = whole_body(response, deadline, _LARGEST)
        except BaseException as error:
            response.close()  # what is left of the answer must not be taken for the next one's
            if isinstance(error, TimeoutError):
                raise urllib3.exceptions.ReadTimeoutError(self._pool, target, "too slow") from None
            if isinstance(error, TooMuch):
                raise urllib3.exceptions.HTTPError(error.how) from None
            raise
        response.release_conn()
        return _Answer(response.status, response.headers, content)

    def close(self) -> None:
        """End all connections."""
        self._pool.close()
