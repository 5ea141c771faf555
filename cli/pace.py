"""How long a run will still take, from what pages have cost so far: papers have one page or a hundred."""

from collections import deque
from collections.abc import Mapping

from domain.record import Frozen

_PAPERS = 200  # the last so many tell what a page costs: a backlog changes from shelf to shelf


class Waiting(Frozen):
    """A document that is not done; ``pages`` 0 while nobody knows them, ``in_hand`` while a process works on it."""

    pages: int
    in_hand: bool


class Pace:
    """Seconds of work that a page takes, by watching documents in hand until they are done."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._at = 0.0
        self._in_hand: set[str] = set()
        self._pages: dict[str, int] = {}
        self._spent: dict[str, float] = {}
        self._done: deque[tuple[float, int]] = deque(maxlen=_PAPERS)

    def watch(self, at: float, waiting: Mapping[str, Waiting]) -> None:
        """Look at what waits at a moment, given in seconds; more looks give a better estimate."""
        for name in self._in_hand:
            self._spent[name] = self._spent.get(name, 0.0) + at - self._at
        for name in self._spent.keys() - waiting.keys():
            self._done.append((self._spent.pop(name), self._pages.pop(name)))
        self._in_hand = {name for name, document in waiting.items() if document.in_hand}
        self._pages.update({name: waiting[name].pages for name in self._in_hand})
        self._at = at

    def left_s(self, waiting: Mapping[str, Waiting], unseen: float) -> float | None:
        """Seconds until everything is done, with ``unseen`` documents to come; None before any is done."""
        pages = sum(pages for _, pages in self._done)
        if not pages:
            return None
        a_page = sum(spent for spent, _ in self._done) / pages
        usual = pages / len(self._done)
        # What takes longer than thought is thought to need as much again as it is late.
        further = [
            abs((document.pages or usual) * a_page - self._spent.get(name, 0.0)) for name, document in waiting.items()
        ]
        # However many processes there are, the last document is worked on by one of them.
        return max((sum(further) + unseen * usual * a_page) / self._workers, max(further, default=0.0))
