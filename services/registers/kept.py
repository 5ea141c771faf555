"""Answers of other databases that are kept for some minutes, in memory only, where the owner consented (law L8.1).

The key has the owner's keyed hash and the dossier: consent is for a purpose, and an answer serves no other one.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from services.registers.interface import Elsewhere

_MOST = 10_000


class Key(NamedTuple):
    """What was asked: which database, about whom (keyed hash), for which dossier and component."""

    source: str
    owner_key: str
    dossier: str
    component: str


class Kept:
    """Positive answers with the moment until which they may be given again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: OrderedDict[Key, tuple[float, Elsewhere]] = OrderedDict()

    def find(self, key: Key) -> Elsewhere | None:
        """The answer that is kept, unless its time is over."""
        with self._lock:
            until, answer = self._answers.get(key, (0.0, None))
            if answer is not None and until <= self._clock():
                del self._answers[key]
                return None
            return answer

    def keep(self, key: Key, answer: Elsewhere, seconds: float) -> None:
        """Keep an answer; the oldest makes room."""
        with self._lock:
            self._answers[key] = (self._clock() + seconds, answer)
            self._answers.move_to_end(key)
            while len(self._answers) > _MOST:
                self._answers.popitem(last=False)

    def forget(self, owner_key: str, dossier: str) -> None:
        """Keep nothing about an owner for a dossier any more: the consent is not there, or was withdrawn."""
        with self._lock:
            for key in [key for key in self._answers if (key.owner_key, key.dossier) == (owner_key, dossier)]:
                del self._answers[key]

    def __len__(self) -> int:
        return len(self._answers)
