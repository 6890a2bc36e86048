"""A real Bus on a transport in memory, for tests of one service without a broker."""

import json
import threading
from collections.abc import Callable
from typing import Any, cast

from calmloop.base.clock import Clock, ManualClock
from calmloop.bus.bus import Bus
from calmloop.bus.outgoing import Sent
from calmloop.bus.transport import RawMessage, Subscription
from calmloop.contract.topics import Account, Topic

CHAIR = "chair-1"


class MemoryTransport:
    """Keeps what was published, and delivers what a test injects."""

    def __init__(self) -> None:
        self.connected = self.hears_all = True
        self.evictions = 0
        self.trouble = ""
        self.published: list[RawMessage] = []
        self.subscriptions: list[Subscription] = []
        self.images_accepted = True
        self._woken = threading.Event()
        self._on_message: Callable[[RawMessage], float | None] = lambda _message: None
        self.reconnect: Callable[[], None] = lambda: None

    def start(
        self,
        will: RawMessage | None,
        on_message: Callable[[RawMessage], float | None],
        on_connected: Callable[[], None],
    ) -> None:
        self.will = will
        self._on_message = on_message
        self.reconnect = on_connected
        on_connected()

    def subscribe(self, subscription: Subscription) -> None:
        self.subscriptions.append(subscription)

    def publish(self, message: RawMessage) -> bool:
        if message.image and not self.images_accepted:
            return False
        self.published.append(message)
        return True

    def wait(self, timeout_s: float) -> None:
        self._woken.wait(timeout_s)
        self._woken.clear()

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        self.connected = False

    def inject(
        self, name: str, payload: bytes, *, retain: bool = False, header: bytes | None = None
    ) -> float | None:
        """Delivers a publication as the broker would; returns for how long it may wait."""
        return self._on_message(RawMessage(name, payload, retain=retain, header=header))

    def send(self, topic: Topic[Any], body: Any, *, data: bytes = b"", **fields: str) -> None:
        """Delivers `body`, a model or plain values, on `topic`, as another service would."""
        text = body.model_dump_json() if hasattr(body, "model_dump_json") else json.dumps(body)
        image = topic.kind.value == "image"
        self.inject(
            topic.name(CHAIR, **fields),
            data if image else text.encode(),
            retain=False,
            header=text.encode() if image else None,
        )

    def messages(self, topic: Topic[Sent], **fields: str) -> list[Sent]:
        """Everything published on `topic` so far, parsed."""
        name = topic.name(CHAIR, **fields)
        bodies = (
            m.payload if m.header is None else m.header for m in self.published if m.name == name
        )
        return [cast(Sent, topic.model.model_validate_json(body)) for body in bodies]


def memory_bus(account: Account, clock: Clock | None = None) -> tuple[Bus, MemoryTransport]:
    """A started bus of `account` for chair `chair-1`, and the transport behind it."""
    transport = MemoryTransport()
    bus = Bus(
        transport,
        chair_id=CHAIR,
        service=account,
        instance="test",
        clock=clock or ManualClock(),
    )
    bus.start()
    return bus, transport
