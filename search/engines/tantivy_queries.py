"""The tree of a question in tantivy's words, and the fields of a paper in its schema."""

import re
from functools import cache

import tantivy
from tantivy import FieldType, Occur, Query

from search.fields import DAYS, FACETS, KEYS, POSITIONS, TEXTS, UNCOUNTED, fields_of, kept_body, kept_title
from search.interface import IndexEntry
from search.plan import All, BeginsWith, Best, Leaf, Node, Phrase, QueryTerm, Scored, Slip, Some, Span, Weighted


@cache
def schema() -> tantivy.Schema:
    """The fields; the texts for snippets are kept as bytes."""
    made = tantivy.SchemaBuilder()
    made.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    made.add_text_field("stamp", tokenizer_name="raw", index_option="basic")
    made.add_integer_field("version", stored=True)
    for name in TEXTS:
        # Python has split the words already: no tokenizer of ours to register in every process.
        option = "position" if name in POSITIONS else "basic" if name in UNCOUNTED else "freq"
        made.add_text_field(name, tokenizer_name="whitespace", index_option=option)
    for name in (*KEYS, *FACETS):
        made.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=name in FACETS)
    for name in DAYS:
        made.add_unsigned_field(name, fast=True)
    for name in ("title_kept", "body_kept"):
        made.add_bytes_field(name, stored=True)
    return made.build()


def document(entry: IndexEntry) -> tantivy.Document:
    """A paper as tantivy takes it."""
    kept = {"title_kept": kept_title(entry).encode(), "body_kept": kept_body(entry).encode()}
    named = {"id": entry.id, "version": entry.version, "stamp": f"{entry.id}\x00{entry.version}"}
    # With the schema: without it numbers are guessed signed and kill the writer's thread.
    return tantivy.Document.from_dict({**named, **fields_of(entry), **kept}, schema())


def query(node: Node) -> Query:
    """A node of the tree."""
    match node:
        case Best(nodes):
            return Query.disjunction_max_query([query(item) for item in nodes])
        case Scored(inner, score):
            return Query.const_score_query(query(inner), score)
        case Weighted(inner, weight):
            return Query.boost_query(query(inner), weight)
        case Some(nodes, least):
            choices = [(Occur.Should, query(item)) for item in nodes]
            return Query.boolean_query(choices, minimum_number_should_match=least)
        case All(must, should):
            wanted = [(Occur.Must, query(item)) for item in must]
            return Query.boolean_query(wanted + [(Occur.Should, query(item)) for item in should])
        case _:
            return _of_field(node)


def _of_field(leaf: Leaf) -> Query:
    match leaf:
        case QueryTerm(field, value):
            option = "basic" if field in UNCOUNTED or field not in TEXTS else "freq"
            return Query.term_query(schema(), field, value, option)
        case Slip(field, word, slips):
            return Query.fuzzy_term_query(schema(), field, word, distance=slips)
        case Phrase(field, words):
            return Query.phrase_query(schema(), field, list(words))
        case BeginsWith(field, value):
            return Query.regex_query(schema(), field, f"{re.escape(value)}.*")
        case Span(field, low, high):
            return Query.range_query(schema(), field, FieldType.Unsigned, low, high)
