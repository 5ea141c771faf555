"""One actor per stage, made from the flow.  A message holds a document's id and nothing else."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import dramatiq
from dramatiq import Broker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import BrokerConnectionError
from dramatiq.middleware import AgeLimit, ShutdownNotifications
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSilent

from domain.errors import KhosoError, TemporaryFailure, UsageError
from domain.shown import without_secret
from domain.states import StepOutcome
from pipeline.context import Context
from pipeline.flow import DIGITISE, Stage
from pipeline.runner import advance, ready, serve_desks

AWAY = (BrokerConnectionError, RedisAway, RedisSilent)  # dramatiq lets some of the client's own errors through
_SILENT_S = 10  # after which a broker that says nothing is away
_log = logging.getLogger("khoso.workers")


def check_address(url: str) -> None:
    """See that an address may be that of a broker.

    Raises:
        UsageError: it is of no kind that khoso knows.
    """
    if not url.startswith(("redis://", "rediss://")):
        raise UsageError("broker_of_no_kind", remedy="give_redis", url=without_secret(url))


def open_broker(url: str) -> RedisBroker:
    """The broker at an address.  The ledger counts tries and pauses, so dramatiq's retries are left out.

    Raises:
        UsageError: the address is of no kind that khoso knows.
    """
    check_address(url)
    client = Redis.from_url(url, socket_timeout=_SILENT_S, socket_connect_timeout=_SILENT_S)
    return RedisBroker(  # type: ignore[no-untyped-call]
        client=client, middleware=[AgeLimit(), ShutdownNotifications()], namespace="khoso"
    )


@contextmanager
def reached(broker: RedisBroker, url: str, then: str) -> Iterator[None]:
    """Make sure that a broker answers, and close it when all is done.

    Raises:
        TemporaryFailure: it does not, or does not any more; ``then`` is the code of what a person does.
    """
    try:
        broker.client.ping()
        yield
    except AWAY:
        where = without_secret(url)
        raise TemporaryFailure("broker_silent", reason="broker_away", remedy=then, where=where) from None
    finally:
        broker.close()


def make_actors(
    broker: Broker,
    context: Callable[[], Context],
    halt: Callable[[KhosoError], None] = lambda _: None,
    busy: AbstractContextManager[Any] = nullcontext(),  # noqa: B008 (it holds nothing)
) -> dict[str, dramatiq.Actor[Any, Any]]:
    """An actor for every stage that a worker runs, by the stage's name.

    ``halt`` hears of what stops the line; ``busy`` is held while a paper is in hand.
    """
    actors: dict[str, dramatiq.Actor[Any, Any]] = {}
    for stage in DIGITISE.stages[1:]:
        make = dramatiq.actor(actor_name=stage.name, queue_name=stage.name, broker=broker)
        actors[stage.name] = make(_work(stage, actors, context, halt, busy))
    return actors


def send_ready(ctx: Context, actors: dict[str, dramatiq.Actor[Any, Any]], sent: set[tuple[str, str]]) -> int:
    """Send a message for whatever the ledger says can go on and has not been sent from here; returns how many."""
    number = 0
    for entry in ready(ctx):
        stage = DIGITISE.after(entry.stage)
        key = (entry.id, entry.stage)
        if stage is not None and key not in sent:
            actors[stage.name].send(entry.id)
            sent.add(key)
            number += 1
    return number


def _work(
    stage: Stage,
    actors: dict[str, dramatiq.Actor[Any, Any]],
    context: Callable[[], Context],
    halt: Callable[[KhosoError], None],
    busy: AbstractContextManager[Any],
) -> Callable[[str], None]:
    follower = DIGITISE.after(stage.name)

    def work(document_id: str) -> None:
        with busy:
            outcome = _advance(context(), stage, document_id, halt)
        if outcome is None:
            return
        ctx = context()
        _log.info("%s: %s %s", document_id, stage.name, outcome)
        if outcome == "passed" and follower is not None:
            entry = ctx.ledger.entry(document_id)
            then = DIGITISE.after(entry.stage) if entry else None
            if then is not None:
                actors[then.name].send(document_id)
        _let_through(ctx, actors)

    return work


def _advance(ctx: Context, stage: Stage, document_id: str, halt: Callable[[KhosoError], None]) -> StepOutcome | None:
    """Serve desks, then take a paper through a stage; None when nothing follows from it."""
    try:
        serve_desks(ctx, document_id)
        if stage.in_order and document_id not in {entry.id for entry in ready(ctx)}:
            return None  # not its turn: whoever lets it through sends it again
        return advance(ctx, document_id, DIGITISE.before(stage.name)[-1])
    except KhosoError as error:
        halt(error)
        return None


def _let_through(ctx: Context, actors: dict[str, dramatiq.Actor[Any, Any]]) -> None:
    """Send the papers whose turn at the stage that keeps the order has come."""
    for entry in ready(ctx):
        stage = DIGITISE.after(entry.stage)
        if stage is not None and stage.in_order and entry.lease_owner is None:
            actors[stage.name].send(entry.id)
