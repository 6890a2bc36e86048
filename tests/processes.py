"""Real service processes and a test's own MQTT client."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from calmloop.demo.children import start_child, stop_child
from tests.broker import Broker
from tests.mqtt_client import MqttClient

CHAIR = "chair-1"
READY_S = 20.0


@dataclass(frozen=True)
class Message:
    """One received publication."""

    name: str
    payload: bytes
    retain: bool
    header: str | None
    at_s: float

    @property
    def body(self) -> dict[str, Any]:
        """The JSON payload, or the header of an image."""
        parsed: dict[str, Any] = json.loads(
            self.header if self.header is not None else self.payload
        )
        return parsed


class Client(MqttClient):
    """Subscribes, publishes and waits for events; an MQTT 5 client independent of the product."""

    def __init__(self, broker: Broker) -> None:
        super().__init__()
        self.received: list[Message] = []
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()

    def subscribe(self, filter_: str) -> None:
        """Subscribes, and returns when the broker has acknowledged."""
        self._subscribed.clear()
        self._client.subscribe(filter_, options=SubscribeOptions(qos=1, retainAsPublished=True))
        assert self._subscribed.wait(5), f"no acknowledgement for {filter_}"

    def publish(
        self,
        name: str,
        payload: bytes | str | dict[str, Any] = b"",
        *,
        retain: bool = False,
        header: dict[str, Any] | None = None,
        qos: int = 1,
    ) -> None:
        """Publishes, with QoS 1 returns when it is acknowledged; a dict goes as JSON."""
        body = json.dumps(payload) if isinstance(payload, dict) else payload
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if header is not None:
            properties.UserProperty = ("header", json.dumps(header))
        sent = self._client.publish(name, body, qos, retain, properties)
        if qos:
            sent.wait_for_publish(5)

    def wait_for(
        self,
        name: str,
        predicate: Callable[[Any], bool] = lambda _body: True,
        timeout_s: float = 10.0,
        *,
        since: int = 0,
    ) -> dict[str, Any]:
        """The body of the first message on `name`, from the `since`-th received on, that fits."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            seen = since
            while True:
                for message in self.received[seen:]:
                    filled = message.payload or message.header
                    if message.name == name and filled and predicate(message.body):
                        return message.body
                seen = len(self.received)
                left_s = deadline - time.monotonic()
                assert left_s > 0, f"nothing fitting on {name}; {self._heard(name)}"
                self._changed.wait(left_s)

    def _heard(self, name: str) -> str:
        last = [m.payload[:300] for m in self.received if m.name == name][-3:]
        return f"last {last}; heard {sorted({m.name for m in self.received})}"

    def wait(self, timeout_s: float) -> None:
        """Returns when something arrives, or after `timeout_s`."""
        with self._changed:
            self._changed.wait(timeout_s)

    def bodies(self, name: str) -> list[dict[str, Any]]:
        """All bodies received on `name` so far."""
        with self._changed:
            return [m.body for m in self.received if m.name == name]

    def _on_message(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        pairs = getattr(message.properties, "UserProperty", [])
        header = next((value for key, value in pairs if key == "header"), None)
        with self._changed:
            self.received.append(
                Message(
                    message.topic, bytes(message.payload), message.retain, header, time.monotonic()
                )
            )
            self._changed.notify_all()


class ServiceProcess:
    """One service as a process, connected to a test's broker."""

    def __init__(self, child: subprocess.Popen[bytes], log: Path, instance: str) -> None:
        self._child = child
        self.log = log
        self.instance = instance

    def __enter__(self) -> "ServiceProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.terminate()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child.poll() is None

    def terminate(self) -> int:
        """Ends it with SIGTERM (and -9 if that does not do); returns the exit code."""
        return stop_child(self._child)

    def kill(self) -> None:
        """kill -9."""
        self._child.kill()
        self._child.wait()

    def signal(self, number: signal.Signals) -> None:
        self._child.send_signal(number)

    def wait(self, timeout_s: float = 10.0) -> int:
        """The exit code, when it ends by itself."""
        return self._child.wait(timeout_s)


def clean_environment(**variables: str) -> dict[str, str]:
    """This process' environment without its CALMLOOP_* variables, plus `variables`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CALMLOOP_")}
    return {**kept, **variables}


def start_service(
    module: str,
    broker: Broker,
    folder: Path,
    *,
    instance: str = "test",
    ready: bool = True,
    **variables: str,
) -> ServiceProcess:
    """Starts `python -m calmloop.<module>` and waits until it is online.

    `variables` are environment variables without their CALMLOOP_ prefix, such as
    `CAMERA__SOURCE="sim"`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{module}-{instance}.log"
    settings = {"MQTT__PORT": str(broker.port), "INSTANCE": instance, "CHAIR_ID": CHAIR} | variables
    env = clean_environment(**{f"CALMLOOP_{key}": value for key, value in settings.items()})
    child = start_child([sys.executable, "-m", f"calmloop.{module}"], log=log, env=env)
    process = ServiceProcess(child, log, instance)
    if ready:
        _await_heartbeat(process, broker, module.replace("_", "-"))
    return process


def _await_heartbeat(process: ServiceProcess, broker: Broker, service: str) -> None:
    name = f"calmloop/{CHAIR}/service/{service}/{process.instance}/heartbeat"
    deadline = time.monotonic() + READY_S
    with Client(broker) as client:
        client.subscribe(name)
        while not client.bodies(name):
            if not process.running or time.monotonic() > deadline:
                process.terminate()
                raise AssertionError(f"{service} is not ready: {process.log.read_text()[-2000:]}")
            client.wait(0.25)
