"""What the audit journal may say: the closed set of events, each with its fields.

Whatever changes or discloses something records one of these, before what a run that was cut off would not do again: so
none is missing, and ``Journal.once`` sees to it that a change which is made again is not told again.  Only what is told
with its numbers and can be repeated at will (an index sent or made anew) is recorded when it is done.

``subject`` is what the event is about, most often a document id.  Texts that people or files bring are masked here, at
the journal's door (design law 7), for whoever forgets it elsewhere.
"""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from domain.owners import mask_text
from domain.record import Frozen
from domain.states import LotState, Standing


def _printable(text: object) -> object:
    """Bytes of a file's name that are no UTF-8 stand escaped."""
    return (
        text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") if isinstance(text, str) else text
    )


Masked = Annotated[str, AfterValidator(mask_text)]
MaskedName = Annotated[str, BeforeValidator(_printable), AfterValidator(mask_text)]


Came = Literal["received", "resumed", "duplicate", "refused"]


class Actor(Frozen):
    """Who does something, and from which office and in which role, where somebody was asked for them."""

    who: str
    office: str | None = None
    role: str | None = None


class AuditEvent(Frozen):
    """An event: its word, who did it, and about what."""

    model_config = ConfigDict(defer_build=True)  # a command records one or two kinds of them

    event: str
    who: str
    subject: MaskedName


class ActEvent(AuditEvent):
    """What somebody asked for by an act of ``services/``, in a role and from an office."""

    role: str
    office: str


class DoorEvent(AuditEvent):
    """What somebody does with a scan; journals of earlier releases have no role and office for it."""

    role: str | None = None
    office: str | None = None


LINE: Final = "the line"
"""``who`` of what happens to a paper on its way, by no person's decision."""


# At the door and on the line


class FileReceived(DoorEvent):
    """A file came to the door of a batch; ``state`` is what became of it, ``reason`` the fixed word why."""

    event: Literal["received"] = "received"
    batch: str
    state: Came
    sha256: str
    document: str | None
    reason: str


class ScanAccepted(DoorEvent):
    """A person decided ``about`` a scan what the rules alone do not take."""

    event: Literal["accepted"] = "accepted"
    about: str
    value: Masked
    why: Masked


class PaperHeld(AuditEvent):
    """A paper was held, or refused, by a ``stage``: the fixed word of the reason."""

    event: Literal["held", "turned_away"]
    stage: str
    reason: str


class PaperLinked(AuditEvent):
    """A paper ended as a duplicate of another one, as the settings say."""

    event: Literal["linked"] = "linked"
    told: Masked


class SecrecyDecided(ActEvent):
    """A person said of a paper that stopped whether it is secret, by what was ``seen`` of it."""

    event: Literal["secrecy_decided"] = "secrecy_decided"
    verdict: Literal["secret", "not_secret"]
    seen: Literal["manifest", "paper"]
    batch: str
    why: Masked


class PaperArchived(AuditEvent):
    """A paper entered the vault as ``object``."""

    event: Literal["archived"] = "archived"
    object: str


# Looking and asking


class AccessRefused(AuditEvent):
    """Somebody was refused an ``act``: by the role, the agency, or a rule of the act."""

    event: Literal["refused"] = "refused"
    act: str
    role: str
    office: str
    dossier: MaskedName | None = None
    reason: str


class PaperShown(ActEvent):
    """What is known of a paper was shown; ``disclosed``: with identity numbers and the places of its files."""

    event: Literal["shown"] = "shown"
    disclosed: bool


class WaitingListed(ActEvent):
    """The list of what waits for a person was shown."""

    event: Literal["waiting_listed"] = "waiting_listed"
    count: int


class PapersSearched(ActEvent):
    """Papers were looked for by what they say; so many were found, and these ``papers``, with commas between them."""

    event: Literal["searched"] = "searched"
    hits: int
    papers: str = ""


class OwnerListed(ActEvent):
    """Papers of one owner were listed, for a reason."""

    event: Literal["listed"] = "listed"
    reason: Masked
    papers: str = ""


class NumbersLinked(ActEvent):
    """Somebody decided that an old and a new number are one person's, or that they are not; both are masked."""

    event: Literal["numbers_linked", "numbers_unlinked"] = "numbers_linked"
    other: str
    reason: Masked


class ReuseAsked(AuditEvent):
    """A desk asked whether a component of a procedure must be brought, and was answered.

    ``concerns`` is the role in the dossier of the person who was asked about; the subject is empty where nobody was.

    ``doubts``: the words of what made the purpose doubtful, with commas between them, and ``why`` it was asked anyway.
    """

    event: Literal["asked"] = "asked"
    office: str
    role: str
    dossier: str
    procedure: str | None
    component: str = Field(serialization_alias="for")
    answer: str
    paper: str | None
    doubts: str = ""
    why: Masked = ""
    concerns: str = ""


class SlipPrinted(ActEvent):
    """The answers of a look-up were written out for the owner, to be printed."""

    event: Literal["slip_printed"] = "slip_printed"
    dossier: str
    answers: int


class PaperUsed(AuditEvent):
    """A paper was handed over for a dossier; ``used_again``: for one for which it had been handed over before."""

    event: Literal["used", "used_again"]
    dossier: str
    office: str
    role: str


class FileVerified(ActEvent):
    """The signatures of a paper or of any file were checked; ``sha256`` says of which file, for names say little."""

    event: Literal["verified"] = "verified"
    sha256: str


# The acceptance of lots


class QualityOpened(ActEvent):
    """A sample of a batch was drawn by a ``seed``; ``allowed`` of its papers may have a defect."""

    event: Literal["quality_opened"] = "quality_opened"
    round: int
    reason: Masked
    papers: int
    pages: int
    list_sha256: str
    aql: float
    level: str
    letter: str
    sample: int
    allowed: int
    critical_allowed: int
    seed: str


class SampleRedrawn(ActEvent):
    """A paper that is held no more was taken out of a sample; the next one of the draw, if any, stands ``instead``."""

    event: Literal["sample_redrawn"] = "sample_redrawn"
    batch: str
    round: int
    instead: str | None


class PaperChecked(ActEvent):
    """A paper of a sample was looked at by a second person, who found ``defects`` of these kinds, or none."""

    event: Literal["checked"] = "checked"
    batch: str
    round: int
    defects: str
    told: Masked
    reason: Masked


class LotDecided(ActEvent):
    """By the last check it is settled whether the lot of a batch is accepted; ``open``: it is so no more."""

    event: Literal["lot_decided"] = "lot_decided"
    round: int
    state: LotState
    checked: int
    defective: int
    critical: int


class MinutesSigned(ActEvent):
    """The minutes of a lot were signed, and kept under this digest."""

    event: Literal["minutes_signed"] = "minutes_signed"
    round: int
    state: LotState
    contract: Masked
    sha256: str


class MinutesGiven(ActEvent):
    """Minutes that were signed before were written out once more."""

    event: Literal["minutes_given"] = "minutes_given"
    round: int
    sha256: str


# What changes the store


class StandingEntered(AuditEvent):
    """A paper was revoked, replaced, or counts again; no ``role`` for what was reviewed under an earlier release."""

    event: Literal["standing"] = "standing"
    role: str | None
    office: str | None
    standing: Standing
    reason: Masked


class StampRenewed(ActEvent):
    """The archive time stamp of a paper was renewed; the new one is due on the day ``until``."""

    event: Literal["renewed"] = "renewed"
    until: str


class IndexSent(ActEvent):
    """The search index was brought up to the catalogue: ``how``, and with how many papers."""

    event: Literal["indexed"] = "indexed"
    how: Literal["sent", "compared", "made_anew"]
    papers: int


class CatalogueRebuilt(ActEvent):
    """The catalogue was made anew from the vault; with ``unread`` objects and ``differences`` told."""

    event: Literal["rebuilt"] = "rebuilt"
    papers: int
    unread: int
    differences: int


FormerPart = Literal["journal head", "desk"]
"""What stores of the very first releases did not have."""


class StoreUpgraded(ActEvent):
    """A store of the version ``former`` was brought up to the one of this release; ``without``: what it never had."""

    event: Literal["upgraded"] = "upgraded"
    former: int
    version: int
    without: tuple[FormerPart, ...] = ()


class OwnerSecretReplaced(ActEvent):
    """Owners were entered under the secret that is there now; so many questions belong to no owner any more."""

    event: Literal["owner_secret_replaced"] = "owner_secret_replaced"
    lost_questions: int


class PaperDiffers(ActEvent):
    """What a rebuild found of one paper: ``how`` it is not as the former catalogue or the ledger knew it."""

    event: Literal["differs"] = "differs"
    how: Literal["unread", "missing", "changed", "older", "same_code", "unreadable", "withdrawn"]


class CatalogueImported(ActEvent):
    """A list of procedures or agencies became a version of the catalogues."""

    event: Literal["catalogue_imported"] = "catalogue_imported"
    version: int
    sha256: str
    starts: str
    added: int
    changed: int
    ended: int
    confirmed: int
    unchanged: int
    types: int


class CatalogueUndone(ActEvent):
    """The last import was taken back, by a version of its own."""

    event: Literal["catalogue_undone"] = "catalogue_undone"
    version: int
