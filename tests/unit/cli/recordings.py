"""Messages, lines and the commands that write and send them."""

import json
import threading
from typing import Any

import typer
from typer.testing import CliRunner, Result

from calmloop.bus.transport import RawMessage
from calmloop.cli.recording import record, replay
from calmloop.recording.lines import Line
from tests.broker import Broker
from tests.processes import Client

CHAIR = "chair-1"
ROOT = f"calmloop/{CHAIR}"
FRAME = {"width_px": 640, "height_px": 480, "frame_seq": 1, "captured_ns": 5, "at_ns": 9}
EMOTION = {"label": "neutral", "confidence": 0.7, "valence": 0.1, "frame_seq": 1, "captured_ns": 5}

app = typer.Typer()
app.command()(record)
app.command()(replay)


def calmloop(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def raw(topic: str, body: object, **more: Any) -> RawMessage:
    return RawMessage(f"{ROOT}/{topic}", json.dumps(body).encode(), **more)


def line(topic: str, body: dict[str, Any] | None, t_s: float = 0.0) -> Line:
    return Line(t_s=t_s, topic=topic, body=body, size_bytes=0)


class Sender:
    """Publishes pictures and emotions until the context ends."""

    def __init__(self, broker: Broker) -> None:
        self.client = Client(broker)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self) -> "Sender":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self.client.__exit__(None, None, None)

    def _send(self) -> None:
        while not self._ended.wait(0.05):
            self.client.publish(f"{ROOT}/camera/frame", b"PICTURE", header=FRAME, qos=0)
            self.client.publish(f"{ROOT}/emotion/state", EMOTION, qos=0)
            self.client.publish(f"{ROOT}/session/set", {"action": "pause"}, qos=0)
