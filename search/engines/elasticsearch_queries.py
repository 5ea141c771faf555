"""The tree of a question in Elasticsearch's words, and the fields of a paper in its mapping."""

from typing import Any

from domain import fold
from search.fields import (
    DAYS,
    FACETS,
    KEYS,
    POSITIONS,
    SCHEMA,
    TEXTS,
    UNCOUNTED,
    fields_of,
    joined,
    kept_body,
    kept_title,
)
from search.interface import IndexEntry
from search.plan import All, BeginsWith, Best, Leaf, Node, Phrase, QueryTerm, Scored, Slip, Some, Span, Weighted

FORMAT = f"schema {SCHEMA}, fold {fold.VERSION}"


def mapping() -> dict[str, Any]:
    """The fields.  Python has split and folded the words already, so the server only cuts at blanks."""
    fields: dict[str, Any] = {"id": {"type": "keyword"}}
    for name in TEXTS:
        options = "positions" if name in POSITIONS else "docs" if name in UNCOUNTED else "freqs"
        is_weighed = name not in UNCOUNTED
        fields[name] = {"type": "text", "analyzer": "whitespace", "index_options": options, "norms": is_weighed}
    fields |= {name: {"type": "keyword"} for name in (*KEYS, *FACETS)}
    fields |= {name: {"type": "integer"} for name in DAYS}
    fields |= {name: {"type": "text", "index": False} for name in ("title_kept", "body_kept")}
    return {
        "dynamic": "strict",
        "_meta": {"format": FORMAT},
        # Safe because whole documents are sent anew, never parts of them.
        "_source": {"includes": ["title_kept", "body_kept"]},
        "properties": fields,
    }


def action(entry: IndexEntry) -> dict[str, Any]:
    """A paper as a bulk request has it."""
    kept = {"title_kept": kept_title(entry), "body_kept": kept_body(entry)}
    return {
        "_op_type": "index",
        "_id": entry.id,
        "version": entry.version,
        "version_type": "external_gte",
        "_source": {"id": entry.id, **fields_of(entry), **kept},
    }


def removal(name: str, version: int) -> dict[str, Any]:
    """A paper that is to be forgotten."""
    return {"_op_type": "delete", "_id": name, "version": version, "version_type": "external_gte"}


def query(node: Node) -> dict[str, Any]:
    """A node of the tree."""
    match node:
        case Scored(inner, score):
            return {"constant_score": {"filter": query(inner), "boost": score}}
        case Weighted(inner, weight):
            return {"bool": {"must": [query(inner)], "boost": weight}}
        case Some(nodes, least):
            return {"bool": {"should": [query(item) for item in nodes], "minimum_should_match": least}}
        case Best(nodes):
            return {"dis_max": {"queries": [query(item) for item in nodes]}}
        case All(must, should):
            return {"bool": {"must": [query(item) for item in must], "should": [query(item) for item in should]}}
        case _:
            return _of_field(node)


def _of_field(leaf: Leaf) -> dict[str, Any]:
    match leaf:
        case QueryTerm(field, value):
            return {"term": {field: {"value": value}}}
        case Slip(field, word, slips):
            return {"fuzzy": {field: {"value": word, "fuzziness": slips, "rewrite": "constant_score"}}}
        case Phrase(field, words):
            return {"match_phrase": {field: joined(words)}}
        case BeginsWith(field, value):
            return {"prefix": {field: {"value": value}}}
        case Span(field, low, high):
            return {"range": {field: {"gte": low, "lte": high}}}
