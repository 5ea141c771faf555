"""What can go wrong with the search index.  It is derived data: everything here is mended by making it anew."""

from domain.errors import Busy, ExitCode, KhosoError, SetupError, TemporaryFailure


class IndexOutdated(SetupError):
    """The search index is missing, damaged, or of another format than this program writes."""

    reason = "index_outdated"
    remedy = "run_reindex"


class IndexBehind(IndexOutdated):
    """The search index lacks what was sent to it: it was deleted, is an earlier copy, or of an earlier release."""

    reason = "index_behind"
    what = "index_behind"


class IndexBusy(Busy):
    """Another process is writing the search index."""

    reason = "index_busy"
    remedy = "try_when_finished"


class IndexNotWritten(TemporaryFailure):
    """The search index could not be written."""

    exit_code = ExitCode.SETUP
    reason = "index_not_written"
    remedy = "check_index_folder"


class EngineAway(TemporaryFailure):
    """The search engine does not answer."""

    exit_code = ExitCode.SETUP
    reason = "search_away"
    remedy = "start_engine"


class EngineRefuses(KhosoError):
    """The search engine does not understand the request."""

    exit_code = ExitCode.SETUP
    reason = "search_refuses"
    remedy = "check_engine"


LATER = (EngineAway, IndexBusy, IndexNotWritten)  # the index cannot be written now; its changes can wait
