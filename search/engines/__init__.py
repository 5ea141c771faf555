"""One module per search engine; a new one is a module here, a line in the table, and a fixture of the contract test."""

from contextlib import AbstractContextManager
from pkgutil import resolve_name

from config.settings import SearchSettings
from search.interface import SearchIndex

_OPENERS = {
    "elasticsearch": "search.engines.elasticsearch:open_elasticsearch",
    "tantivy": "search.engines.tantivy:open_tantivy",
}


def open_index(settings: SearchSettings, *, fresh: bool = False) -> AbstractContextManager[SearchIndex]:
    """Open the index of the settings; where nothing lies yet, an empty one is made.

    Args:
        settings: which engine, and where it is.
        fresh: do not look at the present index, which may be damaged or outdated: for ``rebuild``.

    Raises:
        IndexOutdated: the index is damaged or of another format.
        EngineAway: the engine does not answer.
    """
    opened: AbstractContextManager[SearchIndex] = resolve_name(_OPENERS[settings.kind])(settings, fresh=fresh)
    return opened
