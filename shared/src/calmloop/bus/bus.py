"""The one way onto the bus: typed publish and subscribe over a transport.

All of it belongs to one thread, the service's own: `wait` lets messages in, `dispatch` calls the
handlers, and only `wake` may be called from another. An exception in a handler is logged and
counted, and neither the connection nor the service ends with it.
"""

from collections import Counter
from collections.abc import Callable

import structlog

from calmloop.base.clock import Clock
from calmloop.base.errors import NotConnectedError, PayloadError
from calmloop.base.freshness import Ages, MessageT, Received
from calmloop.bus.inbox import Inbox, OverflowLog, Pending
from calmloop.bus.incoming import AnyReceived, Subscriber, decode, is_stale, oversize
from calmloop.bus.outgoing import Envelope, RejectionLimit, Sent, encode, rejected_message
from calmloop.bus.transport import RawMessage, Subscription, Transport
from calmloop.contract import topics
from calmloop.contract.messages.service import Presence, ServiceStatus
from calmloop.contract.topics import SERVICES, Account, AnyTopic, Topic, TopicKind


class Bus:
    """One participant on the bus of one chair.

    Attributes:
        counters: What was dropped, refused and failed, by reason; shown in the service's status.
        ages: Measures how old a received message is.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        chair_id: str,
        service: Account,
        instance: str,
        clock: Clock,
        version: str = "",
        share_group: str = "",
    ) -> None:
        self.chair_id = chair_id
        self.service = service
        self.instance = instance
        self.counters: Counter[str] = Counter()
        self.ages = Ages(clock)
        self._transport = transport
        self._clock = clock
        self._version = version
        self._share_group = share_group
        self._inbox = Inbox(self.counters)
        self._subscribers: dict[str, Subscriber] = {}
        self._states: dict[str, RawMessage] = {}
        self._envelope = Envelope(f"{service.value}/{instance}", clock, self.ages.boot_id)
        self._rejection_limit = RejectionLimit(clock)
        self._overflow_log = OverflowLog(clock, self.counters)
        self._log = structlog.get_logger("bus")

    @property
    def connected(self) -> bool:
        """Whether the broker answers."""
        return self._transport.connected

    @property
    def trouble(self) -> str:
        """Why there was no connection the last time, and the next step; empty before."""
        return self._transport.trouble

    @property
    def hears_all(self) -> bool:
        """Whether nothing that was subscribed to can be missed, pictures included."""
        return self._transport.hears_all

    @property
    def evictions(self) -> int:
        """How often another client with the same id took over a connection."""
        return self._transport.evictions

    @property
    def host_boot_id(self) -> str:
        """This kernel's boot id, as stamped on messages."""
        return self.ages.boot_id

    @property
    def _is_service(self) -> bool:
        """Only services may write their status and refusals."""
        return self.service in SERVICES

    def start(self) -> None:
        """Begins to connect; subscriptions and retained states follow on every connect."""
        will = None
        if self._is_service:
            status = self._status(Presence.OFFLINE)
            will = encode(topics.SERVICE_STATUS, status, b"", self._status_name())
        self._transport.start(will, self._receive, self._connected)

    def close(self) -> None:
        """Says `stopped` and disconnects."""
        if self.connected:
            self.publish_status(Presence.STOPPED)
        self._transport.close()

    # --- in --------------------------------------------------------------------------------

    def subscribe(
        self,
        topic: Topic[MessageT],
        handler: Callable[[Received[MessageT]], None],
        *,
        latest_only: bool = False,
        may_wait_s: float = 0.0,
        shared: bool = False,
        no_local: bool = False,
        **fields: str,
    ) -> None:
        """Has `handler` called for each message of `topic`, in the thread that dispatches.

        Args:
            topic: A topic of the registry.
            handler: Gets a valid message that is not older than the topic's maximum age.
            latest_only: An unhandled message is replaced by a newer one.
            may_wait_s: So long it may wait for others, so that one turn sees to all of them.
            shared: Replicas with the same share group get each message once between them.
            no_local: Own publications do not come back.
            fields: Values of the topic's placeholders; one that is not given may be anything.
        """
        name = topic.filter(self.chair_id, **fields)
        self._subscribers[topic.path] = Subscriber(handler, latest_only, may_wait_s)
        if shared and self._share_group:
            name = f"$share/{self._share_group}/{name}"
        self._transport.subscribe(
            Subscription(
                name,
                topic.qos,
                no_local,
                image=topic.kind is TopicKind.IMAGE,
                large=topic.kind is TopicKind.STOP,
            )
        )

    def wait(self, timeout_s: float) -> None:
        """Lets messages in until one may wait no longer, until `wake`, or for `timeout_s`."""
        self._transport.wait(0.0 if self._inbox else timeout_s)

    def wake(self) -> None:
        """Ends the wait at once; callable from any thread."""
        self._transport.wake()

    def discard(self) -> None:
        """Forgets what waits, and what waits to be let in, but stops and states that last."""
        self._transport.wait(0.0)
        self._inbox.discard()

    def dispatch(self) -> int:
        """Hands what is pending to the handlers; returns how many messages that were."""
        self._overflow_log.write_if_due()
        pending = self._inbox.pop_all()
        for item in pending:
            self._handle(item)
        return len(pending)

    def _receive(self, raw: RawMessage) -> float:
        """Takes a message in; for how long it may wait for others, in seconds."""
        topic = topics.find(self.chair_id, raw.name)
        subscriber = self._subscribers.get(topic.path) if topic else None
        if topic is None or subscriber is None:
            return 0.0
        if reason := oversize(topic, raw):
            self._reject(topic, raw.name, raw.payload, reason)
            return 0.0
        pending = Pending(topic, raw, self._clock.monotonic_ns())
        if topic.kind is TopicKind.STOP:
            self._inbox.put_stop(pending)
        elif subscriber.latest_only:
            self._inbox.put_newest(pending)
        else:
            self._inbox.put(pending)
        return subscriber.may_wait_s

    def _handle(self, pending: Pending) -> None:
        topic, raw = pending.topic, pending.raw
        try:
            received = decode(self.chair_id, pending)
        except PayloadError as error:
            self._reject(topic, raw.name, raw.payload, str(error))
            return
        if is_stale(self.ages, topic, received):
            self.counters["stale"] += 1
            return
        try:
            self._subscribers[topic.path].handler(received)
        except Exception:
            self.counters["handler_errors"] += 1
            self._log.exception("a message's handler failed", topic=raw.name)

    # --- out -------------------------------------------------------------------------------

    def publish(
        self, topic: Topic[Sent], message: Sent, *, data: bytes = b"", **fields: str
    ) -> Sent | None:
        """Stamps and sends a message.

        Args:
            topic: A topic of the registry.
            message: Its body; the envelope is filled in here.
            data: The picture of an image topic.
            fields: Values of the topic's placeholders.

        Returns:
            The stamped message, or None if it was dropped: an image while one is unsent, anything
            but a command while the broker is away. The newest of each state is sent again on
            every connect.

        Raises:
            NotConnectedError: a command while the broker is away; it must not arrive later.
        """
        name = topic.name(self.chair_id, **fields)
        stamped = self._envelope.stamp(name, message)
        raw = encode(topic, stamped, data, name)
        if topic.kind is TopicKind.STATE:
            self._states[name] = raw
        if not self.connected:
            if topic.kind is TopicKind.COMMAND:
                raise NotConnectedError(f"{name}: not sent, since the broker is away; try again")
            self.counters["not_connected"] += 1
            return None
        if not self._transport.publish(raw):
            self.counters["unsent_images" if raw.image else "unsent"] += 1
            if topic.kind is TopicKind.COMMAND:
                raise NotConnectedError(f"{name}: not sent, since too much waits for the broker")
            return None
        return stamped

    def publish_stop(self, payload: bytes = b"", *, clear_retained: bool = False) -> None:
        """Stops the chair; or clears a retained stop, which everyone else takes as a stop too.

        Raises:
            NotConnectedError: the broker is away: use the red button.
        """
        if not self.connected:
            raise NotConnectedError(
                "stop: not sent, since the broker is away; press the red button"
            )
        name = topics.STOP.name(self.chair_id)
        if not self._transport.publish(RawMessage(name, payload, retain=clear_retained, qos=1)):
            raise NotConnectedError(
                "stop: not sent, since the broker is stuck; press the red button"
            )

    def publish_status(self, presence: Presence = Presence.ONLINE) -> None:
        """Says that this service is there, with its counters; people's programs say nothing."""
        if not self._is_service:
            return
        self.publish(
            topics.SERVICE_STATUS,
            self._status(presence),
            service=self.service.value,
            instance=self.instance,
        )

    def reject(self, received: AnyReceived, reason: str) -> None:
        """Refuses a valid message for a reason that its sender should know."""
        topic = topics.find(self.chair_id, received.name)
        if topic is not None:
            body = received.data or received.message.model_dump_json(exclude_none=True).encode()
            self._reject(topic, received.name, body, reason)

    def _reject(self, topic: AnyTopic, name: str, body: bytes, reason: str) -> None:
        self.counters["rejected"] += 1
        if not self._rejection_limit.passes():
            return
        self._log.warning("a message was refused", topic=name, reason=reason)
        if self._is_service:
            self.publish(topics.REJECTED, rejected_message(topic, name, body, reason))

    def _connected(self) -> None:
        self.publish_status()
        for raw in list(self._states.values()):
            self._transport.publish(raw)

    def _status(self, presence: Presence) -> ServiceStatus:
        return ServiceStatus(
            service=self.service.value,
            instance=self.instance,
            presence=presence,
            version=self._version,
            counters=dict(self.counters),
        )

    def _status_name(self) -> str:
        return topics.SERVICE_STATUS.name(
            self.chair_id, service=self.service.value, instance=self.instance
        )
