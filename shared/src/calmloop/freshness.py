"""How old an input is: the older of its receipt age and, from this host, its sender's age.

The second catches what a stopped and continued process reads from its queues as if it were new.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from calmloop.clock import Clock, host_boot_id
from calmloop.messages.base import ServiceMessage

MessageT = TypeVar("MessageT", bound=ServiceMessage)


@dataclass(frozen=True)
class Arrival:
    """When something came, by whose clock, and how it came."""

    received_ns: int
    retained: bool = False
    topic: str = ""
    payload: bytes = b""


class Ages:
    """Tells ages by the receiver's clock; knows which messages come from this host."""

    def __init__(self, clock: Clock, boot_id: str | None = None) -> None:
        self._clock = clock
        self._boot_id = host_boot_id() if boot_id is None else boot_id

    def age_s(self, message: ServiceMessage, arrival: Arrival) -> float:
        """Age of a message in seconds; never negative."""
        born_ns = arrival.received_ns
        if message.host_boot_id == self._boot_id and message.at_ns:
            born_ns = min(born_ns, message.at_ns)
        return max(0.0, (self._clock.monotonic_ns() - born_ns) / 1e9)


class Latest(Generic[MessageT]):
    """The newest message of a topic, as long as it is younger than the topic's limit."""

    def __init__(self, ages: Ages, max_age_s: float) -> None:
        self._ages = ages
        self._max_age_s = max_age_s
        self._held: tuple[MessageT, Arrival] | None = None

    def put(self, message: MessageT, arrival: Arrival) -> None:
        """Takes a message that just came."""
        self._held = (message, arrival)

    def clear(self) -> None:
        """Forgets what it holds."""
        self._held = None

    def get(self) -> MessageT | None:
        """The newest message if it is fresh, else None."""
        age = self.age_s()
        return self._held[0] if self._held and age is not None and age <= self._max_age_s else None

    def age_s(self) -> float | None:
        """Age in seconds of the newest message, fresh or not; None before the first."""
        return self._ages.age_s(*self._held) if self._held else None
