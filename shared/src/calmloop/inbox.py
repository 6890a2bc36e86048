"""What has come and is not handled yet: stops first, then in order, then the newest frames."""

import threading
from collections import Counter, deque

from calmloop.transport import RawMessage

CAPACITY = 1000
"""Messages that wait at most; the oldest go first. Stops have a queue of their own."""

Pending = tuple[RawMessage, int]
"""A message and the monotonic time in ns at which it was received."""


class Inbox:
    """Hands messages from the network's thread to the service's own."""

    def __init__(self, counters: Counter[str]) -> None:
        self._counters = counters
        self._changed = threading.Condition()
        self._woken = False
        self._stops: deque[Pending] = deque(maxlen=CAPACITY)
        self._queue: deque[Pending] = deque()
        self._newest: dict[str, Pending] = {}

    def put_stop(self, pending: Pending) -> None:
        """A stop: nothing comes before it and nothing discards it."""
        with self._changed:
            self._stops.append(pending)
            self._changed.notify()

    def put(self, pending: Pending) -> None:
        """A message whose order matters."""
        with self._changed:
            if len(self._queue) >= CAPACITY:
                self._queue.popleft()
                self._counters["dropped_overflow"] += 1
            self._queue.append(pending)
            self._changed.notify()

    def put_newest(self, pending: Pending) -> None:
        """A message that replaces an unhandled one of the same name."""
        with self._changed:
            if pending[0].name in self._newest:
                self._counters["dropped_superseded"] += 1
            self._newest[pending[0].name] = pending
            self._changed.notify()

    def wake(self) -> None:
        """Ends the present or the next wait at once."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def wait(self, timeout_s: float) -> None:
        """Returns when something is pending, after a wake, or after `timeout_s`."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._woken or self._stops or self._queue or self._newest, timeout_s
            )
            self._woken = False

    def take(self) -> list[Pending]:
        """Everything that is pending, stops first."""
        with self._changed:
            pending = [*self._stops, *self._queue, *self._newest.values()]
            self._clear()
            return pending

    def discard(self) -> None:
        """Forgets everything but stops."""
        with self._changed:
            self._counters["discarded_late"] += len(self._queue) + len(self._newest)
            stops = list(self._stops)
            self._clear()
            self._stops.extend(stops)

    def _clear(self) -> None:
        self._stops.clear()
        self._queue.clear()
        self._newest.clear()
