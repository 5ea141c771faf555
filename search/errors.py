"""What can go wrong with the search index.  It is derived data: everything here is mended by making it anew."""

from domain.errors import Busy, ExitCode, SetupError, TemporaryFailure


class IndexOutdated(SetupError):
    """The search index is missing, damaged, or of another format than this program writes."""

    reason = "index_outdated"
    remedy = "run_reindex"


class IndexBehind(IndexOutdated):
    """The search index lacks what was sent to it: it was deleted, is an earlier copy, or of an earlier release."""

    reason = "index_behind"
    what = "index_behind"


class IndexMissing(IndexBehind):
    """Nothing lies where the search index should be; only who fills it may make one."""

    what = "index_missing"


class IndexOfAnother(IndexOutdated):
    """The search index belongs to another catalogue, which may be in use."""

    what = "index_of_another_catalogue"
    remedy = "another_index_or_reindex"


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


class EngineRefuses(TemporaryFailure):
    """The search engine, or what answers in its place, does not understand the request."""

    exit_code = ExitCode.SETUP
    reason = "search_refuses"
    remedy = "check_engine"


class EngineLocked(SetupError):
    """The search engine does not let us in."""

    reason = "search_login"
    remedy = "check_login"


LATER = (EngineAway, EngineRefuses, IndexBusy, IndexNotWritten)  # the index cannot be written now; changes can wait
UNUSABLE = (
    EngineAway,
    EngineRefuses,
    EngineLocked,
    IndexOutdated,
    IndexNotWritten,
)  # the catalogue answers in its place
