"""The circuit breaker: whoever failed several times in a row is left alone for a while, then tried once."""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Closed; open for ``rest_s`` after ``failures`` in a row; then half-open: one may try, the others wait."""

    def __init__(self, failures: int, rest_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = failures
        self._rest_s = rest_s
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._until = 0.0

    def may_try(self) -> bool:
        """Whether to ask now; who is let through while it is half-open tries for all."""
        with self._lock:
            if self._failed < self._most:
                return True
            if self._clock() < self._until:
                return False
            self._until = self._clock() + self._rest_s
            return True

    def succeeded(self) -> None:
        """Close it."""
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        """Count; open it at the last failure that is allowed, and anew when a trial failed."""
        with self._lock:
            self._failed += 1
            if self._failed >= self._most:
                self._until = self._clock() + self._rest_s
