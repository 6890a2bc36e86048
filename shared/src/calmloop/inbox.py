"""What has come and is not handled yet: stops first, then in order, then the newest frames."""

from collections import Counter, deque
from dataclasses import dataclass

from calmloop.topics import AnyTopic
from calmloop.transport import RawMessage

CAPACITY = 1000
"""Messages that wait at most; the oldest go first. Stops have a queue of their own."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A message of a topic, and the monotonic time in ns at which it was received."""

    topic: AnyTopic
    raw: RawMessage
    received_ns: int


class Inbox:
    """Holds messages between the connection and the handlers."""

    def __init__(self, counters: Counter[str]) -> None:
        self._counters = counters
        self._stops: deque[Pending] = deque(maxlen=CAPACITY)
        self._queue: deque[Pending] = deque()
        self._newest: dict[str, Pending] = {}

    def __bool__(self) -> bool:
        """Whether anything is pending."""
        return bool(self._stops or self._queue or self._newest)

    def put_stop(self, pending: Pending) -> None:
        """A stop: nothing comes before it and nothing discards it."""
        self._stops.append(pending)

    def put(self, pending: Pending) -> None:
        """A message whose order matters."""
        if len(self._queue) >= CAPACITY:
            self._queue.popleft()
            self._counters["dropped_overflow"] += 1
        self._queue.append(pending)

    def put_newest(self, pending: Pending) -> None:
        """A message that replaces an unhandled one of the same name."""
        if pending.raw.name in self._newest:
            self._counters["dropped_superseded"] += 1
        self._newest[pending.raw.name] = pending

    def take(self) -> list[Pending]:
        """Everything that is pending, stops first."""
        pending = [*self._stops, *self._queue, *self._newest.values()]
        self._stops.clear()
        self._queue.clear()
        self._newest.clear()
        return pending

    def discard(self) -> None:
        """Forgets everything but stops."""
        self._counters["discarded_late"] += len(self._queue) + len(self._newest)
        self._queue.clear()
        self._newest.clear()
