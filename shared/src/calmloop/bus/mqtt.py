"""The transport of the product: paho-mqtt over MQTT 5, turned by the service's own thread."""

import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from calmloop.base.settings import MqttSettings
from calmloop.bus import packets
from calmloop.bus.broker_refusals import OTHERWISE, next_step
from calmloop.bus.connection import TEND_S, Connection, make_client
from calmloop.bus.transport import MAX_LARGE_PACKET_BYTES, RawMessage, Subscription

GOODBYE_S = 1.0
"""Time to get the last messages out when it closes."""
TAKEN_OVER = 0x8E
"""MQTT 5's reason code: another client connected with the same id."""
SENT, SOON = MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_AGAIN


class PahoTransport:
    """Two MQTT 5 connections: images never delay a stop.

    The image connection is made only when an image topic is used.

    Attributes:
        evictions: How often another client with the same id took over the connection.
        trouble: Why there was no connection the last time, and the next step; empty before.
    """

    def __init__(self, settings: MqttSettings, client_id: str) -> None:
        self._settings = settings
        self._log = structlog.get_logger("transport")
        self.trouble = ""
        self._last_logged = ""
        self._refused = False
        self._waker, self._alarm = socket.socketpair()
        for end in (self._waker, self._alarm):
            end.setblocking(False)
        self._control = self._connection(client_id)
        self._images = self._connection(f"{client_id}:images")
        self._images.packet_max_bytes = MAX_LARGE_PACKET_BYTES
        self.evictions = 0
        self._used = [self._control]
        self._until_s = 0.0
        self._subscriptions: list[Subscription] = []
        self._unconfirmed: set[tuple[paho.Client, int]] = set()
        self._unsent: paho.MQTTMessageInfo | None = None
        self._unacknowledged: paho.MQTTMessageInfo | None = None
        self._on_message: Callable[[RawMessage], float | None] = lambda _message: None
        self._on_connected: Callable[[], None] = lambda: None

    @property
    def connected(self) -> bool:
        """Whether the control connection is up."""
        return self._control.connected

    @property
    def hears_all(self) -> bool:
        """Whether every connection in use is up, and the broker has confirmed each subscription."""
        return not self._unconfirmed and all(connection.connected for connection in self._used)

    def start(
        self,
        will: RawMessage | None,
        on_message: Callable[[RawMessage], float | None],
        on_connected: Callable[[], None],
    ) -> None:
        """Begins to connect, and goes on trying without end, 1 to 4 s apart."""
        self._on_message, self._on_connected = on_message, on_connected
        if will is not None:
            properties = packets.properties(will)
            self._control.client.will_set(
                will.name, will.payload, will.qos, will.retain, properties
            )
        self._control.connect()

    def subscribe(self, subscription: Subscription) -> None:
        """Subscribes now and after every reconnect."""
        self._subscriptions.append(subscription)
        if subscription.large:
            self._control.packet_max_bytes = MAX_LARGE_PACKET_BYTES
        connection = self._connection_for(subscription.image)
        if connection.connected:
            self._subscribe(connection.client, subscription)

    def publish(self, message: RawMessage) -> bool:
        """Sends a message; at most one image is ever unsent, and no packet is too large."""
        connection = self._connection_for(message.image)
        if message.image and not (connection.connected and _is_gone(self._unsent)):
            return False
        if len(message.payload) > MAX_LARGE_PACKET_BYTES - packets.HEADER_MAX_BYTES:
            return False
        info = connection.client.publish(
            message.name,
            message.payload,
            message.qos,
            message.retain,
            packets.properties(message),
        )
        if info.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            return False
        if message.image:
            self._unsent = info
        elif message.qos:
            self._unacknowledged = info
        return True

    def wait(self, timeout_s: float) -> None:
        """Reads, writes and connects until `wake`, `timeout_s`, or what may wait no longer."""
        self._until_s = time.monotonic() + timeout_s
        while True:
            now_s = time.monotonic()
            for connection in self._used:
                connection.tend(now_s)
            self._carry(max(0.0, min(self._until_s - now_s, TEND_S)))
            if time.monotonic() >= self._until_s:
                return

    def wake(self) -> None:
        """Ends the present or the next wait at once; callable from any thread."""
        with suppress(OSError):  # full, so it will wake; or closed, so nobody waits
            self._alarm.send(b"!")

    def close(self) -> None:
        """Waits up to 1 s for the last acknowledged message, then disconnects."""
        until_s = time.monotonic() + GOODBYE_S
        while self.connected and not _is_gone(self._unacknowledged) and time.monotonic() < until_s:
            self.wait(until_s - time.monotonic())
        for connection in self._used:
            connection.close()
        while any(c.socket is not None for c in self._used) and time.monotonic() < until_s:
            self._carry(until_s - time.monotonic())
        self._waker.close()
        self._alarm.close()

    def _carry(self, timeout_s: float) -> None:
        """Waits until a connection can be read or written, and does it."""
        sockets = self._sockets()
        unwritten = [sock for sock, connection in sockets.items() if connection.wants_write]
        decrypted = [sock for sock, connection in sockets.items() if connection.has_decrypted]
        readable, writable, _ = select.select(
            [self._waker, *sockets], unwritten, [], 0.0 if decrypted else timeout_s
        )
        self._note_wake(readable)
        for sock in writable:
            sockets[sock].write()
        for sock, connection in sockets.items():
            if sock in readable or sock in decrypted:
                connection.read()

    def _sockets(self) -> dict[socket.socket, Connection]:
        return {c.socket: c for c in self._used if c.socket is not None}

    def _note_wake(self, readable: list[socket.socket]) -> None:
        if self._waker in readable:
            self._waker.recv(4096)
            self._until_s = 0.0

    def _connection_for(self, image: bool) -> Connection:
        if not image:
            return self._control
        if self._images not in self._used:
            self._used.append(self._images)
            self._images.connect()
        return self._images

    def _connection(self, client_id: str) -> Connection:
        client = make_client(self._settings, client_id)
        client.on_connect = self._connected
        client.on_message = self._received
        client.on_publication = self._take
        client.on_subscribe = self._confirmed
        client.on_disconnect = self._disconnected
        return Connection(
            client,
            (self._settings.host, self._settings.port),
            wake=self.wake,
            on_failed=lambda why: self._tell(f"the broker cannot be reached ({why})", OTHERWISE),
        )

    def _received(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        try:
            raw = packets.raw(message)
        except UnicodeDecodeError:
            self._tell("a message came under a name that is no UTF-8", OTHERWISE)
        else:
            self._take(raw)

    def _take(self, raw: RawMessage) -> None:
        may_wait_s = self._on_message(raw) or 0.0
        self._until_s = min(self._until_s, time.monotonic() + may_wait_s)

    def _connected(
        self,
        client: paho.Client,
        _userdata: Any,
        _flags: paho.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._until_s = 0.0
        if reason.is_failure:
            self._refused = True
            self._tell(f"the broker refused the connection: {reason}", next_step(reason))
            return
        # What paho kept from before the loss is old by now: a command must not arrive late, and
        # of each state the bus itself sends the newest again.
        client.drop_out_messages()
        image = client is self._images.client
        for subscription in self._subscriptions:
            if subscription.image == image:
                self._subscribe(client, subscription)
        if not image:
            self._last_logged = ""
            self._log.info("connected", broker=f"{self._settings.host}:{self._settings.port}")
            self._on_connected()

    def _subscribe(self, client: paho.Client, subscription: Subscription) -> None:
        options = SubscribeOptions(
            qos=subscription.qos, noLocal=subscription.no_local, retainAsPublished=True
        )
        _, number = client.subscribe(subscription.filter, options=options)
        if number is not None:
            self._unconfirmed.add((client, number))

    def _confirmed(self, client: paho.Client, _userdata: Any, number: int, *_: Any) -> None:
        self._unconfirmed.discard((client, number))

    def _disconnected(
        self,
        client: paho.Client,
        _userdata: Any,
        _flags: paho.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._until_s = 0.0
        self._unconfirmed = {asked for asked in self._unconfirmed if asked[0] is not client}
        # A refusal is followed by the end of the connection, which says less.
        refused, self._refused = self._refused, False
        if reason.value == TAKEN_OVER:
            self.evictions += 1
            (self._control if client is self._control.client else self._images).evicted()
        if reason.is_failure and not refused:
            self._tell(f"the connection to the broker was lost: {reason}", next_step(reason))

    def _tell(self, what: str, remedy: str) -> None:
        """Logs trouble with the connection, but not the same again and again."""
        self.trouble = f"{what}: {remedy}"
        if what != self._last_logged:
            self._last_logged = what
            broker = f"{self._settings.host}:{self._settings.port}"
            self._log.warning(what, broker=broker, remedy=f"{remedy}; trying again")


def _is_gone(info: paho.MQTTMessageInfo | None) -> bool:
    """Whether a message has left this process, or was lost with its connection."""
    return info is None or info.rc not in (SENT, SOON) or info.is_published()
