"""How old an input is: the oldest of its receipt and, on this host, its sending and its picture.

The second catches what a stopped and continued process reads from its queues as if it were new; the
third a stage before that works on old pictures.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from calmloop.base.clock import Clock, host_boot_id
from calmloop.contract.messages.base import Command, Part, PipelineMessage, ServiceMessage

MessageT = TypeVar("MessageT", bound=Part | Command, covariant=True)


@dataclass(frozen=True)
class Received(Generic[MessageT]):
    """A message with when and how it came."""

    message: MessageT
    received_ns: int
    data: bytes = b""
    """Picture bytes of image topics, raw payload of `stop`; empty otherwise."""
    retained: bool = False
    name: str = ""
    """Full topic name."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Values of the topic's placeholders."""


class Ages:
    """Measures ages by the receiver's clock; knows which messages come from this host."""

    def __init__(self, clock: Clock, boot_id: str | None = None) -> None:
        self._clock = clock
        self.boot_id = host_boot_id() if boot_id is None else boot_id

    def age_s(self, received: Received[Part | Command]) -> float:
        """Age of a message in seconds; never negative."""
        born_ns, message = received.received_ns, received.message
        if isinstance(message, ServiceMessage) and message.host_boot_id == self.boot_id:
            born_ns = min(born_ns, message.at_ns or born_ns)
        if isinstance(message, PipelineMessage) and message.captured_on == self.boot_id:
            born_ns = min(born_ns, message.captured_ns)
        return max(0.0, (self._clock.monotonic_ns() - born_ns) / 1e9)


class Latest(Generic[MessageT]):
    """The newest message of a topic, as long as it is younger than the topic's limit."""

    def __init__(self, ages: Ages, max_age_s: float) -> None:
        self._ages = ages
        self._max_age_s = max_age_s
        self._held: Received[MessageT] | None = None

    def put(self, received: Received[MessageT]) -> None:
        """Holds a message that just came."""
        self._held = received

    def clear(self) -> None:
        """Forgets what it holds."""
        self._held = None

    def get(self) -> MessageT | None:
        """The newest message if it is fresh, else None."""
        age = self.age_s()
        return (
            self._held.message
            if self._held and age is not None and age <= self._max_age_s
            else None
        )

    def age_s(self) -> float | None:
        """Age in seconds of the newest message, fresh or not; None before the first."""
        return self._ages.age_s(self._held) if self._held else None
