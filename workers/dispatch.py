"""Handing documents over to workers."""

from pipeline.context import Context
from workers.actors import make_actors, open_broker, reached, send_ready


def hand_over(ctx: Context, url: str) -> int:
    """Send a message for every document that waits; returns how many.

    Raises:
        TemporaryFailure: the broker does not answer; the documents wait in the ledger, a worker will find them.
    """
    broker = open_broker(url)
    with reached(broker, url, "start_broker"):
        return send_ready(ctx, make_actors(broker, lambda: ctx), set())
