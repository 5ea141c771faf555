"""What the audit journal says of dossiers, and of papers that are entered in them or taken out."""

from typing import Literal

from domain.events import ActEvent, Masked, MaskedName


class DossiersImported(ActEvent):
    """Dossiers of the one-stop system were entered, or what they have become; ``answered``: without being asked."""

    event: Literal["dossiers_imported"] = "dossiers_imported"
    sha256: str
    added: int
    changed: int
    answered: int = 0


class DossiersListed(ActEvent):
    """Dossiers were listed, or what was brought for them although it was held; ``subject`` is whose, "" all.

    ``papers``: the ids that were named, with commas between them.
    """

    event: Literal["dossiers_listed"] = "dossiers_listed"
    what: Literal["all", "demanded"]
    procedure: str
    since: str
    until: str
    count: int
    papers: str = ""


class DossierShown(ActEvent):
    """A dossier was shown with what was answered when it came."""

    event: Literal["dossier_shown"] = "dossier_shown"
    answers: int
    papers: str = ""


class TermCounted(ActEvent):
    """Until when a paper is kept was counted from the end of its dossier; None: nobody knows any more."""

    event: Literal["term_counted"] = "term_counted"
    dossier: MaskedName
    until: str | None


class DossierTied(ActEvent):
    """A held paper was entered in a dossier; ``other_owner``: though that is somebody else's."""

    event: Literal["tied"] = "tied"
    dossier: str
    other_owner: bool
    reason: Masked


class DossierUntied(ActEvent):
    """A held paper was taken out of the dossier that it was in, and the ``result`` code off it that it had."""

    event: Literal["untied"] = "untied"
    dossier: str
    result: str = ""
    reason: Masked


class DossiersExported(ActEvent):
    """Dossiers or their results were written to a file; so many papers of other owners were ``left_out``."""

    event: Literal["dossiers_exported"] = "dossiers_exported"
    what: Literal["dossiers", "results", "ended"]
    since: str | None
    count: int
    left_out: int = 0
