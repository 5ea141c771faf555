"""The search index on an Elasticsearch 9 cluster, for archives that several machines search.

An alias names the live index.  A rebuild fills a new index beside it and moves the alias in one step.  Only what the
barest server has is used: no ``GET /``, scripts, server-side folding, ``_reindex`` or ``_delete_by_query``.
Documents carry the version of the catalogue (external versions), so messages may come late, twice or in any order.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

from elasticsearch import AuthorizationException, BadRequestError, Elasticsearch, NotFoundError, helpers
from pydantic import ValidationError

from config.settings import ElasticsearchSettings, SearchSettings
from domain.clock import today
from domain.shown import without_secret
from search.answer import Match, answer
from search.counting import aggregations, read_counts
from search.engines.elasticsearch_client import blocked_by, connect, errors_explained, not_taken
from search.engines.elasticsearch_queries import FORMAT, action, mapping, query, removal
from search.errors import IndexMissing, IndexNotWritten, IndexOutdated
from search.filters import Filters
from search.interface import Counts, Found, IndexEntry, IndexMark, Rejected, Sort
from search.plan import AHEAD, SPELLED_AS_TYPED, All, Node, Plan, QueryTerm, Scored, Some

_AT_A_TIME = 500
_BYTES_AT_A_TIME = 5_000_000
_TRIES = 5  # of what the engine is too busy for, with growing pauses
_STALE, _UNKNOWN, _UNFIT = 409, 404, 400
_PAGE = 5_000
_MANY = 100_000  # papers; to count further tells nothing of which words are rare
_ANY = Filters()


@contextmanager
def open_elasticsearch(settings: SearchSettings, *, fresh: bool, make: bool) -> Iterator["ElasticsearchIndex"]:
    """Connect to the cluster; see ``search.interface.open_index``."""
    response = settings.server
    with connect(response) as client:
        index = ElasticsearchIndex(client, response)
        if not fresh:
            index.check(make=make)
        yield index


class ElasticsearchIndex:
    """``search.interface.SearchIndex`` over Elasticsearch."""

    def __init__(self, client: Elasticsearch, settings: ElasticsearchSettings) -> None:
        """Use the indexes whose names begin with the one of the settings."""
        self._client = client
        self._alias = settings.index
        self._replicas = settings.replicas
        self._url = without_secret(settings.urls[0].rstrip("/"))

    def check(self, *, make: bool = False) -> None:
        """See that one index is live, of our format and with our fields; make an empty one where there is none."""
        with errors_explained():
            live = self._live()
            if not live and make:
                self._create()
                live = self._live()
        if not live:
            raise IndexMissing
        if len(live) > 1:
            raise IndexOutdated("alias_on_many", alias=self._alias, names=sorted(live))
        (index,) = live.values()
        with errors_explained():
            format_, fields = index["mappings"].get("_meta", {}).get("format"), index["mappings"].get("properties", {})
            types = {name: field.get("type") for name, field in fields.items()}
        if format_ != FORMAT:
            raise IndexOutdated("index_format", index=self._alias, formats=format_, needed=FORMAT)
        if lost := [name for name, field in mapping()["properties"].items() if types.get(name) != field["type"]]:
            raise IndexOutdated("mapping_changed", index=self._alias, names=lost)

    def add(self, entries: Iterable[IndexEntry]) -> list[Rejected]:
        """See the interface."""
        return self._send((action(entry) for entry in entries), self._alias, require_alias=True)

    def remove(self, versions: Iterable[tuple[str, int]]) -> None:
        """See the interface."""
        self._send((removal(name, version) for name, version in versions), self._alias, require_alias=True)

    def search(
        self,
        text: str,
        limit: int = 20,
        *,
        filters: Filters = _ANY,
        sort: Sort = "best",
        offset: int = 0,
        counted: bool = False,
    ) -> Found:
        """See the interface."""
        return answer(self, text, limit=limit, filters=filters, sort=sort, offset=offset, counted=counted)

    def best(self, asked: Plan, limit: int, offset: int) -> list[Match]:
        """See ``search.answer.Reader``."""
        first = [Scored(node, AHEAD) for node in asked.ahead]
        if asked.exact:
            first.append(Scored(asked.exact, SPELLED_AS_TYPED))
        return self._matches(All((asked.found,), tuple(first)), ["_score", {"issued": _order("desc")}], limit, offset)

    def dated(self, node: Node, limit: int, offset: int, *, newest: bool) -> list[Match]:
        """See ``search.answer.Reader``."""
        return self._matches(node, [{"issued": _order("desc" if newest else "asc")}], limit, offset)

    def counts(self, node: Node) -> Counts:
        """See ``search.answer.Reader``."""
        with errors_explained():
            response = self._client.search(index=self._alias, query=query(node), aggs=aggregations(today()), size=0)
            return read_counts(response["aggregations"])

    def known(self, terms: Sequence[QueryTerm]) -> list[int]:
        """See ``search.answer.Reader``."""
        asked = ({"query": query(term), "size": 0, "track_total_hits": _MANY} for term in terms)
        with errors_explained():
            response = self._client.msearch(index=self._alias, searches=[part for one in asked for part in ({}, one)])
            return [int(item["hits"]["total"]["value"]) if "hits" in item else 0 for item in response["responses"]]

    def having(self, ids: Sequence[str], node: Node) -> set[str]:
        """See ``search.answer.Reader``."""
        among = Some(tuple(QueryTerm("id", name) for name in ids))
        with errors_explained():
            response = self._client.search(
                index=self._alias, query=query(All((node, Scored(among, 0.0)))), size=len(ids), source=False
            )
            return {hit["_id"] for hit in response["hits"]["hits"]}

    def mark(self) -> IndexMark | None:
        """See the interface."""
        with errors_explained():
            response = [index["mappings"].get("_meta", {}).get("mark") for index in self._live().values()]
        try:
            return IndexMark.model_validate(response[0]) if response and response[0] else None
        except ValidationError:
            return None

    def put_mark(self, mark: IndexMark) -> None:
        """See the interface."""
        self.sign(self._alias, mark)

    def sign(self, name: str, mark: IndexMark) -> None:
        """Write a mark where the index has its fields: it is copied and restored with it."""
        with errors_explained():
            self._client.indices.put_mapping(index=name, meta={"format": FORMAT, "mark": mark.model_dump()})

    def check_writable(self) -> None:
        """See the interface."""
        with errors_explained():
            blocks = [index["settings"]["index"].get("blocks", {}) for index in self._live().values()]
            cluster: dict[str, Any] = {}
            with suppress(AuthorizationException):  # whoever may only use an index is not told of the cluster
                for settings in self._client.cluster.get_settings(flat_settings=True).values():
                    cluster |= {name: value for name, value in settings.items() if name.startswith("cluster.blocks.")}
            named = {f"index.blocks.{name}": value for block in blocks for name, value in block.items()} | cluster
        if on := [name for name, value in named.items() if value == "true"]:
            raise blocked_by(on)

    def count(self) -> int:
        """See the interface."""
        with errors_explained():
            return int(self._client.count(index=self._alias)["count"])

    def ids(self) -> set[str]:
        """See the interface."""
        return {name for name, _ in self.versions()}

    def versions(self) -> Iterator[tuple[str, int]]:
        """See the interface."""
        with errors_explained():
            point = self._client.open_point_in_time(index=self._alias, keep_alive="5m")["id"]
            after: list[Any] | None = None
            while hits := self._client.search(
                pit={"id": point, "keep_alive": "5m"},
                sort=[{"id": "asc"}],
                search_after=after,
                size=_PAGE,
                version=True,
                source=False,
                track_total_hits=False,
            )["hits"]["hits"]:
                yield from ((hit["_id"], hit["_version"]) for hit in hits)
                after = hits[-1]["sort"]
            self._client.close_point_in_time(id=point)

    @contextmanager
    def rebuild(self) -> Iterator["ElasticsearchDraft"]:
        """See the interface.  One at a time: what another one left behind is deleted."""
        with errors_explained():
            self._delete(set(self._indexes()) - set(self._live()))
            name = f"{self._alias}-{uuid4().hex}"
            self._client.indices.create(index=name, mappings=mapping(), settings=self._settings("-1"))
        try:
            yield ElasticsearchDraft(self, name)
        finally:
            with errors_explained():
                if name not in self._live():
                    self._delete({name})

    def send(self, entries: Iterable[IndexEntry], name: str) -> list[Rejected]:
        """Put documents into the index of a draft."""
        return self._send((action(entry) for entry in entries), name)

    def withdraw(self, versions: Iterable[tuple[str, int]], name: str) -> None:
        """Take documents out of the index of a draft."""
        self._send((removal(item, version) for item, version in versions), name)

    def replace(self, name: str) -> int:
        """Move the alias to a finished index."""
        with errors_explained():
            self._client.indices.put_settings(index=name, settings={"refresh_interval": "1s"})
            self._client.indices.refresh(index=name)
            old = set(self._live())
            moves = [{"remove": {"index": index, "alias": self._alias}} for index in old]
            self._client.indices.update_aliases(actions=[*moves, {"add": {"index": name, "alias": self._alias}}])
            self._delete(old)
        return self.count()

    def _live(self) -> dict[str, Any]:
        """The index behind the alias; none where nothing lies yet."""
        try:
            live = dict(self._client.indices.get(index=self._alias, expand_wildcards="none"))
        except NotFoundError:
            return {}
        if self._alias in live:
            raise IndexOutdated("index_named_so", remedy="delete_or_other_index", index=self._alias, url=self._url)
        return live

    def _indexes(self) -> dict[str, Any]:
        return dict(self._client.indices.get_alias(index=f"{self._alias}-*"))

    def _create(self) -> None:
        """The first index has a name of its own, so that of two processes that begin together one makes it."""
        if set(self._indexes()) - {f"{self._alias}-first"}:
            raise IndexOutdated("alias_missing", alias=self._alias)
        try:
            self._client.indices.create(
                index=f"{self._alias}-first",
                mappings=mapping(),
                settings=self._settings("1s"),
                aliases={self._alias: {}},
            )
        except BadRequestError as error:
            if error.error != "resource_already_exists_exception":
                raise

    def _settings(self, refresh: str) -> dict[str, Any]:
        return {"number_of_shards": 1, "number_of_replicas": self._replicas, "refresh_interval": refresh}

    def _delete(self, names: set[str]) -> None:
        for name in names:
            self._client.indices.delete(index=name, ignore_unavailable=True)

    def _send(self, actions: Iterable[dict[str, Any]], name: str, **options: Any) -> list[Rejected]:
        """Send in bulk and look at every item: stale ones are as good as done, unfit ones are told."""
        rejected: list[Rejected] = []
        sent = 0
        with errors_explained():
            for done, response in helpers.streaming_bulk(
                self._client,
                actions,
                index=name,
                chunk_size=_AT_A_TIME,
                max_chunk_bytes=_BYTES_AT_A_TIME,
                max_retries=_TRIES,
                initial_backoff=0.5,
                max_backoff=20,
                retry_on_status=(429, 503),
                raise_on_error=False,
                **options,
            ):
                sent += 1
                ((kind, item),) = response.items()
                if done or item["status"] == _STALE or (kind == "delete" and item["status"] == _UNKNOWN):
                    continue
                error = item.get("error", {})
                if item["status"] != _UNFIT:
                    raise not_taken(item["_id"], item["status"], error)
                rejected.append(Rejected(id=item["_id"], reason=error.get("reason", "")))
            self._client.indices.refresh(index=name)
        if rejected and name == self._alias:
            self.check()  # what is wrong with the index is not the papers' fault
        if len(rejected) > 1 and len(rejected) == sent:
            raise IndexNotWritten("engine_took_none", number=sent, why=rejected[0].reason)
        return rejected

    def _matches(self, node: Node, sort: list[Any], limit: int, offset: int) -> list[Match]:
        with errors_explained():
            response = self._client.search(
                index=self._alias,
                query=query(node),
                sort=[*sort, {"id": "asc"}],
                size=limit,
                from_=offset,
                source_includes=["title_kept", "body_kept"],
                track_total_hits=False,
            )
            return [
                Match(hit["_id"], hit["_score"] or 0.0, hit["_source"]["title_kept"], hit["_source"]["body_kept"])
                for hit in response["hits"]["hits"]
            ]


class ElasticsearchDraft:
    """``search.interface.Draft`` in an index of its own."""

    def __init__(self, index: ElasticsearchIndex, name: str) -> None:
        """Fill the index ``name``."""
        self._index = index
        self._name = name

    def add(self, entries: Iterable[IndexEntry]) -> list[Rejected]:
        """See the interface."""
        return self._index.send(entries, self._name)

    def remove(self, versions: Iterable[tuple[str, int]]) -> None:
        """See the interface."""
        self._index.withdraw(versions, self._name)

    def publish(self, mark: IndexMark | None = None) -> int:
        """See the interface."""
        if mark is not None:
            self._index.sign(self._name, mark)
        return self._index.replace(self._name)


def _order(order: str) -> dict[str, str]:
    return {"order": order, "missing": "_last"}
