"""What the progress bar says of the time left."""

from hypothesis import given
from hypothesis import strategies as st

from cli.pace import Pace, Waiting

TICK_S = 0.5
PAGE_S = 2.0


def run(papers: list[int], known: int) -> list[tuple[float, float | None]]:
    """Let one process work on papers of so many pages, ``known`` of which are looked into before their turn.

    Gives at every tick the time that was left in truth, and the one that was told.
    """
    pace, got, at = Pace(1), [], 0.0
    until = [sum(papers[: i + 1]) * PAGE_S for i in range(len(papers))]
    while at < until[-1]:
        turn = next(i for i, end in enumerate(until) if at < end)
        waiting = {
            str(i): Waiting(pages=pages if i < turn + known else 0, in_hand=i == turn)
            for i, pages in enumerate(papers)
            if i >= turn
        }
        pace.watch(at, waiting)
        got.append((until[-1] - at, pace.left_s(waiting, 0)))
        at += TICK_S
    return got


@given(st.lists(st.integers(1, 60), min_size=2, max_size=30))
def test_pages_that_are_known_tell_the_time_left(papers: list[int]) -> None:
    """When every page costs the same, the time left is right to a second as soon as one is done."""
    for left, got in run(papers, known=len(papers)):
        assert got is None or abs(got - left) <= 1


def test_a_long_paper_at_the_end_is_told_when_it_is_opened() -> None:
    """After a dozen single sheets a paper of sixty pages does not stand at some seconds left for minutes."""
    last = run([1] * 12 + [60], known=1)[-110:]
    assert all(got is not None and abs(got - left) <= 1 for left, got in last)


def test_unknown_papers_count_as_the_usual_ones() -> None:
    """Papers that nobody has opened are taken for as long as those before them."""
    times = run([3] * 40, known=1)
    assert all(got is None or abs(got - left) <= 1 for left, got in times)


def test_files_not_yet_received_count_too() -> None:
    """What is still to come through the door is part of the time left."""
    pace = Pace(2)
    for at in range(5):
        pace.watch(at, {"first": Waiting(pages=2, in_hand=True)})
    pace.watch(5, {})
    assert pace.left_s({}, unseen=10) == 10 * 5 / 2


def test_nothing_is_told_before_anything_is_done() -> None:
    """Without a document that is done there is no pace, and no time is made up."""
    pace = Pace(1)
    pace.watch(0, {"first": Waiting(pages=1, in_hand=True)})
    assert pace.left_s({"first": Waiting(pages=1, in_hand=True)}, unseen=3) is None


@given(st.floats(10, 10_000))
def test_what_takes_too_long_is_told_to_take_longer(late: float) -> None:
    """A document that took longer than its pages should never leaves nothing to wait for."""
    pace = Pace(1)
    pace.watch(0, {"first": Waiting(pages=1, in_hand=True)})
    pace.watch(1, {"first": Waiting(pages=1, in_hand=True)})
    slow = {"second": Waiting(pages=1, in_hand=True)}
    pace.watch(2, slow)
    pace.watch(2 + late, slow)
    left = pace.left_s(slow, unseen=0)
    assert left is not None
    assert left > late / 2
