"""A client of one account at a deployment's broker, made of paho alone."""

import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho

from tests.mqtt_client import MqttClient
from tests.system.deployment import CHAIR

ROOT = f"calmloop/{CHAIR}"
PATIENCE_S = 20.0


@dataclass(frozen=True)
class Message:
    """One received publication."""

    topic: str
    payload: bytes
    at_s: float

    @property
    def body(self) -> dict[str, Any]:
        """The JSON in it."""
        parsed: dict[str, Any] = json.loads(self.payload)
        return parsed


class BusClient(MqttClient):
    """Subscribes, publishes, and waits for what must come.

    Comes back by itself after a broker's restart, and subscribes again.

    Attributes:
        received: Everything that came, in order.
        refused: Set when the broker has turned the account or its password down.
    """

    def __init__(self, account: str, password: str, port: int, *, ca: Path | None = None) -> None:
        super().__init__()
        self.received: list[Message] = []
        self.refused = threading.Event()
        self._filters: list[str] = []
        self._client.username_pw_set(account, password)
        if ca is not None:
            self._client.tls_set_context(ssl.create_default_context(cafile=str(ca)))
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.connect("localhost", port)
        self._client.loop_start()

    def subscribe(self, path: str) -> None:
        """Subscribes below the chair's root; returns when the broker has acknowledged."""
        self._subscribed.clear()
        self._filters.append(f"{ROOT}/{path}")
        self._client.subscribe(f"{ROOT}/{path}", qos=1)
        assert self._subscribed.wait(PATIENCE_S), f"{path}: no acknowledgement"

    def publish(self, path: str, body: dict[str, Any] | bytes = b"") -> None:
        """Publishes below the chair's root; returns when the broker has answered."""
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._client.publish(f"{ROOT}/{path}", payload, qos=1).wait_for_publish(PATIENCE_S)

    def wait_for(
        self,
        path: str,
        fits: Callable[[dict[str, Any]], bool] = lambda _body: True,
        timeout_s: float = PATIENCE_S,
    ) -> dict[str, Any]:
        """The body of the next message on `path` that fits; earlier ones do not count."""
        return self.wait_for_message(path, lambda message: fits(message.body), timeout_s).body

    def wait_for_message(
        self,
        path: str,
        fits: Callable[[Message], bool] = lambda _message: True,
        timeout_s: float = PATIENCE_S,
    ) -> Message:
        """The next message on `path` that fits."""
        deadline = time.monotonic() + timeout_s
        last: Message | None = None
        with self._changed:
            seen = len(self.received)
            while time.monotonic() < deadline:
                for message in self.received[seen:]:
                    if message.topic == f"{ROOT}/{path}":
                        last = message
                        if fits(message):
                            return message
                seen = len(self.received)
                self._changed.wait(max(0.0, deadline - time.monotonic()))
        raise AssertionError(f"nothing fitting on {path} in {timeout_s:g} s; the last was {last}")

    def messages(self, path: str, since_s: float = 0.0) -> list[Message]:
        """What came on `path` since a time of CLOCK_MONOTONIC."""
        with self._changed:
            return [m for m in self.received if m.topic == f"{ROOT}/{path}" and m.at_s >= since_s]

    def topics(self) -> set[str]:
        """Every topic that something came on, below the chair's root."""
        with self._changed:
            return {message.topic.removeprefix(f"{ROOT}/") for message in self.received}

    def _on_connect(self, client: paho.Client, *answer: Any) -> None:
        if answer[2].is_failure:
            self.refused.set()
        for name in self._filters:
            client.subscribe(name, qos=1)

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        with self._changed:
            self.received.append(Message(message.topic, bytes(message.payload), time.monotonic()))
            self._changed.notify_all()
