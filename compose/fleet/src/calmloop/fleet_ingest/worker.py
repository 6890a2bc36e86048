"""Takes batches from the queue, stores them, and only then tells chair and queue.

It holds nothing: any number of workers may run, and be killed at any moment. What was not told to
the queue comes again, to whichever worker; what was not told to the chair is sent again.

A chair that sends more than its share waits: one batch of it is held until it is due, and others of
it that come meanwhile are let go unread. It was told of none of them, so that it sends them again.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import pika
import structlog
from pika.adapters.blocking_connection import BlockingChannel
from pika.spec import Basic, BasicProperties
from pydantic import ValidationError

from calmloop.contract.fleet_topics import QUEUE, ack_topic, chair_of, routing_key, up_topic
from calmloop.contract.messages.fleet import FleetAck, FleetBatch
from calmloop.fleet_ingest.sharing import FairShares
from calmloop.fleet_ingest.storing import FleetStore, Trouble

EXCHANGE = "amq.topic"
"""Where RabbitMQ has what comes by MQTT."""
PREFETCH = 32
MAX_HELD = PREFETCH // 2
"""Batches that wait for their chairs' shares; the rest is for the others."""
COUNT_S = 5.0
HEARTBEAT_S = 20
ANY_CHAIR = "*"


class Delivery(NamedTuple):
    """A batch as the queue gave it."""

    chair: str
    tag: int
    body: bytes


class IngestWorker:
    """One connection to the broker, one to the database; it ends where either does."""

    def __init__(
        self,
        addresses: Sequence[str],
        store: FleetStore,
        shares: FairShares,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """Connects to the first node that is there, and makes the queue where there is none.

        Raises:
            pika.exceptions.AMQPError: the broker cannot be used.
        """
        self._store, self._shares, self._log = store, shares, log
        self._held: set[str] = set()
        self._deferred: Counter[str] = Counter()
        nodes = [pika.URLParameters(address) for address in addresses]
        for node in nodes:
            node.heartbeat = HEARTBEAT_S
        self._connection = pika.BlockingConnection(nodes)
        self._channel = self._connection.channel()
        # It outlives a node where there are three; a batch that comes back often is not dropped.
        kind = {"x-queue-type": "quorum", "x-delivery-limit": -1}
        self._channel.queue_declare(QUEUE, durable=True, arguments=kind)
        self._channel.queue_bind(QUEUE, EXCHANGE, routing_key(up_topic(ANY_CHAIR)))
        self._channel.basic_qos(prefetch_count=PREFETCH)

    def run(self) -> None:
        """Stores until the connection ends or `stop` is called.

        Raises:
            psycopg.Error: the database cannot be used.
            pika.exceptions.AMQPError: the broker is gone.
        """
        self._channel.basic_consume(QUEUE, self._take)
        self._count_later()
        self._channel.start_consuming()
        self._count_deferred()

    def stop(self) -> None:
        """Ends `run`; any thread may call it."""
        self._connection.add_callback_threadsafe(self._channel.stop_consuming)

    def close(self) -> None:
        """Lets go of the broker."""
        if self._connection.is_open:
            self._connection.close()

    def _take(
        self, _c: BlockingChannel, method: Basic.Deliver, _p: BasicProperties, body: bytes
    ) -> None:
        given = Delivery(chair_of(method.routing_key), method.delivery_tag, body)
        wait_s = self._shares.wait_s(given.chair)
        if wait_s == 0.0 and given.chair not in self._held:
            self._bring(given)
        elif given.chair in self._held or len(self._held) >= MAX_HELD:
            self._deferred[given.chair] += 1
            self._channel.basic_ack(given.tag)
        else:
            self._held.add(given.chair)
            self._connection.call_later(wait_s, lambda: self._release(given))

    def _release(self, given: Delivery) -> None:
        self._held.discard(given.chair)
        self._bring(given)

    def _bring(self, given: Delivery) -> None:
        try:
            batch = FleetBatch.model_validate_json(given.body)
        except ValidationError as error:
            # The chair is not told, so that what it sends is looked into, and is not lost.
            reason = error.errors(include_url=False, include_input=False)[0]["type"]
            self._log.error("no batch", chair=given.chair, reason=reason)
            self._shares.take(given.chair, 0)
            self._store.count(given.chair, Trouble.UNREADABLE, 1, reason)
            self._channel.basic_ack(given.tag)
            return
        ack = FleetAck(epoch=batch.epoch, up_to=self._store.store(given.chair, batch))
        self._shares.take(given.chair, len(batch.items))
        key = routing_key(ack_topic(given.chair))
        self._channel.basic_publish(EXCHANGE, key, ack.model_dump_json())
        self._channel.basic_ack(given.tag)

    def _count_later(self) -> None:
        """Seldom: a flood writes no row for each batch of it."""
        self._count_deferred()
        self._connection.call_later(COUNT_S, self._count_later)

    def _count_deferred(self) -> None:
        for chair, count in self._deferred.items():
            self._store.count(chair, Trouble.DEFERRED, count)
        self._deferred.clear()
