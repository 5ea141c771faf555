"""One module per search engine; a new one is a module here, a line in the table, and a fixture of the contract test."""

OPENERS = {
    "elasticsearch": "search.engines.elasticsearch:open_elasticsearch",
    "tantivy": "search.engines.tantivy:open_tantivy",
}
