"""One MQTT connection, carried by the thread that uses it; only connecting has one of its own.

With paho's thread between, each message would wake two threads instead of one, which cost more
than the message itself.
"""

import secrets
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from calmloop.base.errors import ConfigurationError
from calmloop.base.settings import MqttSettings
from calmloop.bus.client import Client
from calmloop.bus.transport import MAX_PACKET_BYTES
from calmloop.contract.accounts import Account

KEEPALIVE_S = 5
RECONNECT_MIN_S = 1.0
RECONNECT_MAX_S = 4.0
"""So long at most it waits once a network is back."""
TEND_S = 1.0
"""How often the keepalive is looked at; well below the 5 s after which the broker is asked."""
STEADY_S = 10.0
"""A connection that ends sooner does not count as a success: the next comes later. Two clients with
one id throw each other off, and some brokers, Mosquitto 2.0.11 among them, do not say why."""
EVICTED_MIN_S = 5.0
EVICTED_MAX_S = 30.0
"""After another client of the same id took over: how long it stays away, doubled each time."""
MAX_QUEUED = 200
"""Acknowledged messages that wait for the broker at most."""
DROP_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER (socket(7)): on, and not for a second."""
PROCESS_SECRET = secrets.token_hex(8)
"""Told to nobody but the broker: see `client_id`."""
ARRIVES_S = 2.0
"""A packet comes whole within so long: a picture is of no use after 1 s, and a false length
swallows all that follows, since paho counts each byte of it as a sign that the broker lives."""
READ_AT_ONCE = 1000
"""Packets read in one go at most, so that a flood cannot keep the loop from turning."""


class Connection:
    """Connects a client, and again when it was lost, 1 to 4 s apart, without end.

    Everything here belongs to one thread, the one that calls `tend`, `read` and `write`.

    Attributes:
        client: The client that is connected.
        packet_max_bytes: What the broker may send at once, from the next connect on.
    """

    def __init__(
        self,
        client: paho.Client,
        address: tuple[str, int],
        *,
        wake: Callable[[], None],
        on_failed: Callable[[str], None],
    ) -> None:
        self.client = client
        self._wake = wake
        self._on_failed = on_failed
        self._connecting = self._closed = False
        self._failure: str | None = None
        self._delay_s = RECONNECT_MIN_S
        self._due_s: float | None = None
        self._tended_s = 0.0
        self._evicted_s = 0.0
        self._up_since_s: float | None = None
        self._address = address
        self._arriving = bytearray()
        self._arriving_since_s = 0.0
        client.on_socket_close = self._leave_nothing_behind
        self.packet_max_bytes = MAX_PACKET_BYTES

    @property
    def socket(self) -> Any:
        """What to select on; None while there is nothing to read from or to write to."""
        return None if self._connecting else self.client.socket()

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted it, and still answers."""
        # paho goes on saying so when the broker said goodbye, until it connects again.
        return self.socket is not None and self.client.is_connected()

    @property
    def wants_write(self) -> bool:
        """Whether something waits for the socket to take it."""
        return self.client.want_write()

    @property
    def has_decrypted(self) -> bool:
        """Whether TLS holds bytes that the socket no longer shows as readable."""
        pending = getattr(self.socket, "pending", None)
        return pending is not None and pending() > 0

    def tend(self, now_s: float) -> None:
        """Asks a silent broker whether it is there; connects when there is no connection."""
        if self._connecting:
            return
        if self._failure is not None:
            failure, self._failure = self._failure, None
            self._on_failed(failure)
        if self.client.socket() is None:
            self._up_since_s = None
            self._connect_when_due(now_s)
        elif now_s - self._tended_s >= TEND_S:
            self._tended_s = now_s
            if self.client.is_connected():
                self._keep(now_s)
            self.client.loop_misc()

    def read(self) -> None:
        """Takes in what has come."""
        for _ in range(READ_AT_ONCE):
            self.client.loop_read()
            sock = self.client.socket()
            if sock is None:
                return
            if not self.has_decrypted and not select.select([sock], [], [], 0)[0]:
                break
        self._end_if_stuck(time.monotonic())

    def write(self) -> None:
        """Sends what had to wait."""
        self.client.loop_write()

    def connect(self) -> None:
        """Begins to connect; names and handshakes take their time, so not in this thread."""
        self._due_s = None
        host, port = self._address
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.MaximumPacketSize = self.packet_max_bytes
        self.client.connect_async(
            host, port, keepalive=KEEPALIVE_S, clean_start=True, properties=properties
        )
        self._connecting = True
        threading.Thread(target=self._run, name="connecting", daemon=True).start()

    def close(self) -> None:
        """Says goodbye if it can, and connects no more."""
        self._closed = True
        if not self._connecting:
            self.client.disconnect()

    def evicted(self) -> None:
        """Another client took over: stays away for a while before it does the same."""
        self._evicted_s = min(max(2 * self._evicted_s, EVICTED_MIN_S), EVICTED_MAX_S)
        self._delay_s = self._evicted_s

    def _end_if_stuck(self, now_s: float) -> None:
        """Ends a connection on which one packet does not come to its end."""
        state = self.client._in_packet  # paho shows it nowhere else
        if state["packet"] is not self._arriving or not self._arriving:
            self._arriving, self._arriving_since_s = state["packet"], now_s
        elif now_s - self._arriving_since_s > ARRIVES_S:
            length = state["remaining_length"]
            self._failure = f"a packet of {length} bytes was not whole after {ARRIVES_S:g} s"
            self.client.disconnect(ReasonCode(PacketTypes.DISCONNECT, "Malformed packet"))

    def _leave_nothing_behind(self, _client: paho.Client, _userdata: Any, sock: Any) -> None:
        """Lets the kernel drop what it has not sent of a connection that is lost.

        Else it sends it once the network is back: old messages, and a CONNECT that evicts the next.
        """
        if not self._closed:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, DROP_AT_ONCE)

    def _keep(self, now_s: float) -> None:
        self._up_since_s = self._up_since_s or now_s
        if now_s - self._up_since_s > STEADY_S:
            self._delay_s = RECONNECT_MIN_S
        if now_s - self._up_since_s > EVICTED_MAX_S:
            self._evicted_s = 0.0

    def _connect_when_due(self, now_s: float) -> None:
        if self._due_s is None:
            self._due_s = now_s + self._delay_s
            self._delay_s = max(self._delay_s, min(2 * self._delay_s, RECONNECT_MAX_S))
        elif now_s >= self._due_s:
            self.connect()

    def _run(self) -> None:
        try:
            self.client.reconnect()
        except (OSError, ValueError) as error:
            self._failure = getattr(error, "strerror", None) or str(error)
        if self._closed:
            self.client.disconnect()
        self._connecting = False
        self._wake()


def client_id(chair_id: str, account: Account, instance: str) -> str:
    """`<chair>.<account>.<secret>.<instance>`: equal ids evict each other, from chair to chair too.

    Mosquitto takes any id from any account, and chair, service and instance stand in the status
    that everyone may read. The secret, new in each process, keeps whoever may only read from
    throwing a service off the broker by taking its id.

    No part but the last may hold a dot, so that no two of them give the same id. The image
    connection adds `:images`, which no instance's name can end with.
    """
    return f"{chair_id}.{account.value}.{PROCESS_SECRET}.{instance}"


def make_client(settings: MqttSettings, client_id: str) -> Client:
    """An MQTT 5 client with its credentials, not connected.

    Raises:
        ConfigurationError: the password or the CA's certificate cannot be read.
    """
    client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv5)
    if settings.username:
        client.username_pw_set(settings.username, settings.password())
    if settings.tls_ca_file:
        _use_tls(client, settings.tls_ca_file)
    client.on_socket_open = _disable_nagle
    client.max_queued_messages_set(MAX_QUEUED)
    return client


def _use_tls(client: Client, ca_file: Path) -> None:
    try:
        client.tls_set(str(ca_file), tls_version=ssl.PROTOCOL_TLS_CLIENT)
    except OSError as error:
        raise ConfigurationError(
            f"mqtt.tls_ca_file: {ca_file} cannot be used ({error}): name a PEM file with the"
            " CA's certificate that this user may read"
        ) from error


def _disable_nagle(_client: paho.Client, _userdata: Any, sock: Any) -> None:
    # paho leaves Nagle's algorithm on, which delays small publications by up to 46 ms.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
