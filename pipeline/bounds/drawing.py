"""How much a page draws, counted before anybody draws it.

A form may draw another ten times, which draws another ten times: a file of a few lines then asks for more than any
machine can draw.  So the drawing orders of a form count as often as it is drawn.
"""

from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager

from domain.errors import Refused

DEEPEST = 32  # forms within forms; PDFium leaves out what lies deeper than 40, and says nothing
MOST_NOTES = 10_000  # of a page; each is looked at in Python


class Weights:
    """The weight of what the pages of one file draw, in bytes of drawing orders."""

    def __init__(self, most_mib: int) -> None:
        self.most = most_mib << 20
        self._known: dict[Hashable, int] = {}
        self._depth = 0

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Look at what a form draws.

        Raises:
            Refused: it lies in too many others.
        """
        self._depth += 1
        try:
            if self._depth > DEEPEST:
                raise too_complex("forms lie within forms, deeper than readers look")
            yield
        finally:
            self._depth -= 1

    def weigh(self, key: Hashable, own: int, draws: Iterable[tuple[Hashable, int]]) -> None:
        """Keep the weight of a form or page: its own orders, and each form that it draws so and so many times.

        What is not known draws itself, and readers leave that out.

        Raises:
            Refused: it is too heavy.
        """
        weight = own + sum(times * self._known.get(form, 0) for form, times in draws)
        if weight > self.most:
            raise too_complex("more drawing orders than any page needs")
        self._known[key] = weight


def check_notes(number: int) -> None:
    """Refuse a page with more notes and fields than anybody can look at.

    Raises:
        Refused: it has more.
    """
    if number > MOST_NOTES:
        raise too_complex(f"{number} notes")


def too_complex(what: str) -> Refused:
    """What is said of a page that is more work than any paper is worth."""
    return Refused("page_too_complex", reason="too_complex", remedy="print_and_scan", what=what)
