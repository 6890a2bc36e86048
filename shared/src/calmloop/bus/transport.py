"""What carries bytes to and from the broker: `calmloop.bus.mqtt` here, memory in tests."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

MAX_PACKET_BYTES = 65536 + 2048
"""What a service lets the broker send it at once: the largest JSON that is read, and its topic."""
MAX_LARGE_PACKET_BYTES = 5 * 1024 * 1024 // 2
"""The same where pictures come, or stops: anything at all is a stop, so that the broker has to take
no more than this either. White noise of 1920 x 1080 at quality 95 is a JPEG of 2.44 MB."""


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
    large: bool = False
    """Anything that the broker takes must come through."""


class Transport(Protocol):
    """Carries messages, and calls back, in the thread that waits on it."""

    evictions: int
    """How often another client with the same id took over the connection."""

    @property
    def connected(self) -> bool:
        """Whether the broker answers."""

    @property
    def trouble(self) -> str:
        """Why there was no connection the last time, and the next step; empty before."""

    @property
    def hears_all(self) -> bool:
        """Whether nothing that was subscribed to can be missed, pictures included."""

    def start(
        self,
        will: RawMessage | None,
        on_message: Callable[[RawMessage], float | None],
        on_connected: Callable[[], None],
    ) -> None:
        """Begins to connect, and goes on trying without end.

        `on_message` says for how many seconds `wait` may go on for others to come; None: not at
        all.
        """

    def subscribe(self, subscription: Subscription) -> None:
        """Subscribes now and after every reconnect."""

    def publish(self, message: RawMessage) -> bool:
        """Sends a message; False when it was dropped.

        An image is while another is unsent; anything is while too much waits for the broker.
        """

    def wait(self, timeout_s: float) -> None:
        """Carries what there is; returns after `wake`, `timeout_s`, or what may wait no longer.

        Has to be called again and again: nothing comes in and no connection is kept without it.
        """

    def wake(self) -> None:
        """Ends the present or the next wait at once; callable from any thread."""

    def close(self) -> None:
        """Sends what is pending and disconnects, without the last will."""
