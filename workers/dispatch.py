"""Handing documents over to workers."""

from domain.errors import TemporaryFailure
from pipeline.context import Context
from workers.actors import AWAY, make_actors, open_broker, send_ready


def hand_over(ctx: Context, url: str) -> int:
    """Send a message for every document that waits; returns how many.

    Raises:
        TemporaryFailure: the broker does not answer; the documents wait in the ledger, a worker will find them.
    """
    broker = open_broker(url)
    try:
        return send_ready(ctx, make_actors(broker, lambda: ctx), set())
    except AWAY:
        raise TemporaryFailure(
            f"The broker at {url} does not answer",
            reason="broker_away",
            remedy="Start it; a worker finds the documents in the ledger",
        ) from None
    finally:
        broker.close()
