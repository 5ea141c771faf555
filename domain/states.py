"""Every state that something can be in, as a closed set of words: whoever compares with another word is told by mypy.

The words are stored for ever, in databases and records; they may be added to, never changed.
"""

from typing import Literal, NewType, get_args

DocumentState = Literal["waiting", "held", "refused", "duplicate", "discarded", "secret", "done"]
"""Of a document in the ledger.

``waiting``: it can go on, now or after a pause; ``held``: a person decides; ``refused``: no document comes of it;
``duplicate``: the paper is here already; ``discarded``: a person ended it; ``secret``: one of state secrets, of which
nothing is kept; ``done``: archived and on its way to the index.
"""

Lane = Literal["desk", "backlog"]
"""Of a batch: whether somebody waits at a desk for its papers, which go before all others."""

FailedState = Literal["waiting", "held", "refused", "duplicate"]
"""What a stage that failed leaves a document in; ``waiting`` is tried again."""

EndedState = Literal["duplicate", "discarded", "secret"]
"""How a person ends a document."""

StepOutcome = Literal["passed", "done", "held", "refused", "duplicate", "retry", "elsewhere"]
"""What came of taking a document one stage further; ``elsewhere``: another worker has it, or it is not its turn."""

PassageOutcome = Literal[
    "passed",
    "retry",
    "lost",
    "held",
    "refused",
    "duplicate",
    "discarded",
    "secret",
    "vouched",
    "filled",
    "taken_back",
    "released",
    "rewound",
]
"""How a document left a stage, or what a person did with it while it stood there.

``retry``: the stage failed and is tried again; ``lost``: its worker died or outlived its lease, and another one took
over; ``released``: a person let it go on; ``vouched``: one of two persons did; ``filled``: a person answered a part of
what is asked; ``taken_back``: his last decision counts no more; ``rewound``: it begins again after this stage.
"""

OtherWord = NewType("OtherWord", str)
"""A word of another release, where one of ours is looked for; it is shown as it stands, and means nothing here."""

SourceState = Literal["received", "duplicate", "refused"]
"""Of a file in the ledger: it brought a document, or is one that is here already, or can become none."""

DoorState = Literal["received", "resumed", "known", "duplicate", "refused"]
"""What an intake says of a file: as the ledger, or ``known`` from an earlier batch, or ``resumed`` in its own."""

ShownState = Literal[DocumentState, DoorState, "archived", "withdrawn", "erased"]
"""What a person or a program is told of a document or a file: as ledger or intake, or that the archive holds it.

``withdrawn``: it was found secret after it was archived; ``erased``: nothing of it is left.
"""

WithdrawnState = Literal["withdrawn", "erased"]
"""Of an archived paper that was found secret: it is kept apart until two persons decide, or nothing of it is left."""

OutboxState = Literal["waiting", "done", "dead"]
"""Of a change that the search index needs: to be sent, sent, or one that the index cannot take."""

Standing = Literal["in_force", "revoked", "replaced"]
"""Of a paper, by its issuer's word."""

ValidityState = Literal["valid", "expired", "revoked", "replaced"]
"""Of a paper on a day, as searches ask for it."""

LotState = Literal["open", "accepted", "blocked"]
"""Of a lot whose sample was drawn: papers of it are yet to be looked at, or it is settled which way."""

CaseState = Literal["pending", "granted", "refused"]
"""Of a request of an owner: it is to be settled, or a paper was put right for it, or nothing was, for a reason."""

RegisterState = Literal["found", "not_there", "unavailable", "not_connected"]
"""What a national or sector database says of a paper; ``unavailable``: it could not be asked."""

RenewalOutcome = Literal["due", "renewed", "failed"]
"""Of an archive time stamp that ends soon."""

PartState = Literal["ok", "absent", "ends soon", "missing", "broken"]
"""Of a part of an installation; ``absent``: it works without; ``missing``: it does not, or not everything."""

STOPPED: tuple[DocumentState, ...] = ("held", "refused")
"""A person can let such a document go on, or end it."""

UNDER_WAY: tuple[DocumentState, ...] = ("waiting", "held")
"""A paper may come of such a document yet."""

TAKEN_FOR_ANOTHER: tuple[DocumentState, ...] = ("duplicate", "refused")
"""Such a document may have been found to be the same as another one; its reason tells."""

ENDED: tuple[DocumentState, ...] = get_args(EndedState)
"""No paper comes of such a document, for the paper is here or a person wants none."""

OVER: tuple[DocumentState, ...] = ("done", *ENDED)
"""Nothing is done any more with such a document, and its files of work are needed no more."""
