"""In what words a desk is answered."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.validity import LookupAnswer

ANSWERS: Final[Mapping[LookupAnswer, str]] = MappingProxyType(
    {
        "held-and-valid": "answer_held_and_valid",
        "held-but-expired": "answer_expired",
        "held-but-revoked": "answer_revoked",
        "held-but-replaced": "answer_replaced",
        "held-but-untrusted": "answer_untrusted",
        "held-but-not-here": "answer_not_here",
        "held-unchecked": "answer_unchecked",
        "not-held": "answer_not_held",
        "held-elsewhere": "answer_elsewhere",
        "must-be-brought": "answer_brought",
        "owner-unknown": "answer_owner_unknown",
    }
)
"""The code of the message that says each answer."""

NOT_BROUGHT: Final = frozenset[LookupAnswer]({"held-and-valid", "held-elsewhere"})
"""The answers by which a paper need not be brought."""
