"""What carries bytes to and from the broker: paho-mqtt in the product, memory in tests."""

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from calmloop.errors import ConfigurationError
from calmloop.settings import MqttSettings

KEEPALIVE_S = 5
RECONNECT_MIN_S = 1
RECONNECT_MAX_S = 8
HEADER = "header"
SENT, SOON = MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_AGAIN


@dataclass(frozen=True)
class RawMessage:
    """A publication as it goes over the wire."""

    name: str
    payload: bytes
    retain: bool = False
    qos: int = 0
    expiry_s: int | None = None
    header: bytes | None = None
    image: bool = False


@dataclass(frozen=True)
class Subscription:
    """A filter and its options; Retain As Published is always on."""

    filter: str
    qos: int = 0
    no_local: bool = False
    image: bool = False


class Transport(Protocol):
    """Carries messages; calls back from a thread of its own."""

    @property
    def connected(self) -> bool:
        """Whether the broker answers."""

    def start(
        self,
        will: RawMessage | None,
        on_message: Callable[[RawMessage], None],
        on_connected: Callable[[], None],
    ) -> None:
        """Begins to connect, and goes on trying for ever."""

    def subscribe(self, subscription: Subscription) -> None:
        """Subscribes now and after every reconnect."""

    def publish(self, message: RawMessage) -> bool:
        """Sends a message; False when an image is still unsent and this one was dropped."""

    def close(self) -> None:
        """Sends what is pending and disconnects, without the last will."""


class PahoTransport:
    """Two MQTT 5 connections: images never delay a stop.

    The image connection is made only when an image topic is used.
    """

    def __init__(self, settings: MqttSettings, client_id: str) -> None:
        self._settings = settings
        self._log = structlog.get_logger("transport")
        self._told = ""
        self._control = self._client(client_id)
        self._images = self._client(f"{client_id}-images")
        self._images_used = False
        self._subscriptions: list[Subscription] = []
        self._unsent: paho.MQTTMessageInfo | None = None
        self._unacknowledged: paho.MQTTMessageInfo | None = None
        self._on_connected: Callable[[], None] = lambda: None

    @property
    def connected(self) -> bool:
        """Whether the control connection is up."""
        return self._control.is_connected()

    def start(
        self,
        will: RawMessage | None,
        on_message: Callable[[RawMessage], None],
        on_connected: Callable[[], None],
    ) -> None:
        """Begins to connect, and goes on trying for ever, 1 to 8 s apart."""
        self._on_connected = on_connected
        if will is not None:
            properties = _properties(will, PacketTypes.WILLMESSAGE)
            self._control.will_set(will.name, will.payload, will.qos, will.retain, properties)
        for client in (self._control, self._images):
            client.on_message = lambda _c, _u, m: on_message(_raw(m))
        self._connect(self._control)

    def subscribe(self, subscription: Subscription) -> None:
        """Subscribes now and after every reconnect."""
        self._subscriptions.append(subscription)
        client = self._client_for(subscription.image)
        if client.is_connected():
            _subscribe(client, subscription)

    def publish(self, message: RawMessage) -> bool:
        """Sends a message; at most one image is ever unsent."""
        client = self._client_for(message.image)
        if message.image and not (client.is_connected() and _is_gone(self._unsent)):
            return False
        info = client.publish(
            message.name,
            message.payload,
            message.qos,
            message.retain,
            _properties(message, PacketTypes.PUBLISH),
        )
        if message.image:
            self._unsent = info
        elif message.qos:
            self._unacknowledged = info
        return True

    def close(self) -> None:
        """Waits up to 1 s for the last acknowledged message, then disconnects."""
        if self.connected and self._unacknowledged is not None:
            with suppress(RuntimeError):  # lost with an earlier connection
                self._unacknowledged.wait_for_publish(1.0)
        for client in (self._control, self._images):
            client.disconnect()
            client.loop_stop()

    def _client_for(self, image: bool) -> paho.Client:
        if image and not self._images_used:
            self._images_used = True
            self._connect(self._images)
        return self._images if image else self._control

    def _client(self, client_id: str) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv5
        )
        if self._settings.username:
            client.username_pw_set(self._settings.username, self._settings.password())
        if self._settings.tls_ca_file:
            self._use_tls(client, self._settings.tls_ca_file)
        client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)
        client.on_socket_open = _disable_nagle
        client.on_connect = self._connected
        client.on_connect_fail = lambda _c, _u: self._tell("the broker cannot be reached")
        client.on_disconnect = self._disconnected
        return client

    def _use_tls(self, client: paho.Client, ca_file: Path) -> None:
        try:
            client.tls_set(str(ca_file), tls_version=ssl.PROTOCOL_TLS_CLIENT)
        except OSError as error:
            raise ConfigurationError(
                f"mqtt.tls_ca_file: {ca_file} cannot be used ({error}): name a PEM file with the"
                " CA's certificate that this user may read"
            ) from error

    def _connect(self, client: paho.Client) -> None:
        client.connect_async(
            self._settings.host, self._settings.port, keepalive=KEEPALIVE_S, clean_start=True
        )
        client.loop_start()

    def _connected(
        self,
        client: paho.Client,
        _userdata: Any,
        _flags: paho.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._tell(f"the broker refused the connection: {reason}", "check user and password")
            return
        # What paho kept from before the loss is old by now: a command must not arrive late, and
        # of each state the bus itself sends the newest again.
        client.drop_out_messages()
        image = client is self._images
        for subscription in self._subscriptions:
            if subscription.image == image:
                _subscribe(client, subscription)
        if not image:
            self._told = ""
            self._log.info("connected", broker=f"{self._settings.host}:{self._settings.port}")
            self._on_connected()

    def _disconnected(
        self,
        _client: paho.Client,
        _userdata: Any,
        _flags: paho.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._tell(f"the connection to the broker was lost: {reason}")

    def _tell(self, what: str, remedy: str = "check that it runs; trying again") -> None:
        """Logs trouble with the connection, but not the same again and again."""
        if what != self._told:
            self._told = what
            broker = f"{self._settings.host}:{self._settings.port}"
            self._log.warning(what, broker=broker, remedy=remedy)


def _is_gone(info: paho.MQTTMessageInfo | None) -> bool:
    """Whether a message has left this process, or was lost with its connection."""
    return info is None or info.rc not in (SENT, SOON) or info.is_published()


def _disable_nagle(_client: paho.Client, _userdata: Any, sock: Any) -> None:
    # paho leaves Nagle's algorithm on, which delays small publications by up to 46 ms.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _subscribe(client: paho.Client, subscription: Subscription) -> None:
    options = SubscribeOptions(
        qos=subscription.qos, noLocal=subscription.no_local, retainAsPublished=True
    )
    client.subscribe(subscription.filter, options=options)


def _properties(message: RawMessage, packet: int) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]
    if message.expiry_s is not None:
        properties.MessageExpiryInterval = message.expiry_s
    if message.header is not None:
        properties.UserProperty = (HEADER, message.header.decode())
    return properties


def _raw(message: paho.MQTTMessage) -> RawMessage:
    pairs = getattr(message.properties, "UserProperty", [])
    header = next((value for key, value in pairs if key == HEADER), None)
    return RawMessage(
        name=message.topic,
        payload=bytes(message.payload),
        retain=message.retain,
        qos=message.qos,
        header=None if header is None else header.encode(),
    )
