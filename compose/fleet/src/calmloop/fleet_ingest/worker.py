"""Takes batches from the queue, stores them, and only then tells chair and queue.

It holds nothing: any number of workers may run, and be killed at any moment. What was not told to
the queue comes again, to whichever worker; what was not told to the chair is sent again.
"""

import pika
import psycopg
import structlog
from pika.adapters.blocking_connection import BlockingChannel
from pika.spec import Basic, BasicProperties
from pydantic import ValidationError

from calmloop.contract.fleet_topics import QUEUE, ack_topic, chair_of, routing_key, up_topic
from calmloop.contract.messages.fleet import FleetAck, FleetBatch
from calmloop.fleet_ingest.storing import FleetStore

EXCHANGE = "amq.topic"
"""Where RabbitMQ has what comes by MQTT."""
PREFETCH = 8
HEARTBEAT_S = 20
ANY_CHAIR = "*"


class IngestWorker:
    """One connection to the broker, one to the database; it ends where either does."""

    def __init__(
        self, address: str, store: FleetStore, log: structlog.typing.FilteringBoundLogger
    ) -> None:
        """Connects, and makes the queue where there is none.

        Raises:
            pika.exceptions.AMQPError: the broker cannot be used.
        """
        self._store, self._log = store, log
        parameters = pika.URLParameters(address)
        parameters.heartbeat = HEARTBEAT_S
        self._connection = pika.BlockingConnection(parameters)
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
        self._channel.start_consuming()

    def stop(self) -> None:
        """Ends `run`; any thread may call it."""
        self._connection.add_callback_threadsafe(self._channel.stop_consuming)

    def close(self) -> None:
        """Lets go of the broker."""
        if self._connection.is_open:
            self._connection.close()

    def _take(
        self, channel: BlockingChannel, method: Basic.Deliver, _p: BasicProperties, body: bytes
    ) -> None:
        chair = chair_of(method.routing_key)
        try:
            batch = FleetBatch.model_validate_json(body)
            ack = FleetAck(epoch=batch.epoch, up_to=self._store.store(chair, batch))
        except (ValidationError, psycopg.DataError) as error:
            # The chair is not told, so that what it sends is looked into, and is not lost.
            self._log.error("no batch", chair=chair, reason=type(error).__name__)
            channel.basic_reject(method.delivery_tag, requeue=False)
            return
        channel.basic_publish(EXCHANGE, routing_key(ack_topic(chair)), ack.model_dump_json())
        channel.basic_ack(method.delivery_tag)
