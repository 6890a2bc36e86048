"""A client with a device's certificate that need not behave as the link does."""

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from calmloop.contract.fleet_topics import ack_topic, up_topic
from calmloop.contract.messages.fleet import FleetAck, FleetBatch, FleetItem, FleetItemKind
from tests.mqtt_client import MqttClient

EPOCH = "0123456789abcdef"
CONNECT_S = 20.0
AT_MS = 1_764_500_000_000


class Device(MqttClient):
    """Connects with one chair's certificate.

    Attributes:
        refused: Why the broker did not take it; empty: it did, or has not said.
        connected: Whether it is.
    """

    def __init__(self, port: int, certificates: Path, name: str) -> None:
        super().__init__()
        self.name, self.refused, self.connected = name, "", False
        self.heard: list[tuple[str, bytes]] = []
        context = ssl.create_default_context(cafile=str(certificates / "authority.crt"))
        context.load_cert_chain(certificates / f"{name}.crt", certificates / f"{name}.key")
        self._client.tls_set_context(context)
        self._client._client_id = name.encode()
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.connect_async("127.0.0.1", port)
        self._client.loop_start()

    def until(self, condition: Any, timeout_s: float = CONNECT_S) -> bool:
        """Whether it came about in time."""
        with self._changed:
            return bool(self._changed.wait_for(condition, timeout_s))

    def subscribe(self, topic: str) -> None:
        """Asks for a topic; the broker may not give it."""
        self._client.subscribe(topic, qos=1)

    def publish(self, topic: str, payload: str) -> None:
        """Sends, whoever's topic that is."""
        self._client.publish(topic, payload, qos=1)

    def send(self, first: int, last: int) -> None:
        """A batch of its own."""
        self.publish(up_topic(self.name), batch(range(first, last + 1)).model_dump_json())

    def acks(self) -> list[int]:
        """Up to where it was told that the centre holds it."""
        mine = [payload for topic, payload in self.heard if topic == ack_topic(self.name)]
        return [FleetAck.model_validate_json(payload).up_to for payload in mine]

    def _on_connect(self, _c: Any, _d: Any, _flags: Any, reason: Any, _p: Any) -> None:
        with self._changed:
            self.refused = str(reason) if reason.is_failure else ""
            self.connected = not reason.is_failure
            if self.connected:
                self.subscribe(ack_topic(self.name))
            self._changed.notify_all()

    def _on_disconnect(self, *_: Any) -> None:
        with self._changed:
            self.connected = False
            self._changed.notify_all()

    def _on_message(self, _client: Any, _data: Any, message: Any) -> None:
        with self._changed:
            self.heard.append((message.topic, message.payload))
            self._changed.notify_all()


def batch(numbers: Sequence[int], **more: Any) -> FleetBatch:
    """Events with these numbers."""
    items = [
        FleetItem(seq=n, kind=FleetItemKind.EVENT, at_ms=AT_MS + n, what="rating", **more)
        for n in numbers
    ]
    return FleetBatch(epoch=EPOCH, items=tuple(items))
