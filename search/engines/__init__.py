"""One module per search engine; a new one is a module here, a line in the table, and a fixture of the contract test."""

from contextlib import AbstractContextManager
from pkgutil import resolve_name

from config.settings import SearchSettings
from search.interface import SearchIndex

_OPENERS = {
    "elasticsearch": "search.engines.elasticsearch:open_elasticsearch",
    "tantivy": "search.engines.tantivy:open_tantivy",
}


def open_index(
    settings: SearchSettings, *, fresh: bool = False, make: bool = False
) -> AbstractContextManager[SearchIndex]:
    """Open the index of the settings.

    Args:
        settings: which engine, and where it is.
        fresh: do not look at the present index, which may be damaged or outdated: for ``rebuild``.
        make: make an empty one where nothing lies yet: for who fills it.  A reader would find nothing in it.

    Raises:
        IndexMissing: nothing lies there.
        IndexOutdated: the index is damaged, ambiguous or of another format.
        EngineLocked: the engine does not let us in.
        EngineAway, EngineRefuses: the engine does not answer, or something else does.
    """
    opened: AbstractContextManager[SearchIndex] = resolve_name(_OPENERS[settings.kind])(
        settings, fresh=fresh, make=make
    )
    return opened
