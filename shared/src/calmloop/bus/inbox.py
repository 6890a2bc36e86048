"""What has come and is not handled yet: stops first, then in order, then the newest frames."""

from collections import Counter, deque
from dataclasses import dataclass, replace

import structlog

from calmloop.base.clock import Clock
from calmloop.bus.transport import RawMessage
from calmloop.contract.topics import AnyTopic

CAPACITY = 1000
"""Messages that wait at most; the oldest go first. Stops have a queue of their own."""
CAPACITY_BYTES = 4 * 1024 * 1024
"""The same in bytes: a thousand of the largest would be 64 MB."""
STOP_BYTES = 64
"""What is kept of a stop's payload; only whether there was one is of interest."""
OVERFLOW_LOG_S = 10
"""A flood is logged this often at most."""
DROPPED = "dropped_overflow"


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
        self._queued_bytes = 0
        self._newest: dict[str, Pending] = {}

    def __bool__(self) -> bool:
        """Whether anything is pending."""
        return bool(self._stops or self._queue or self._newest)

    def put_stop(self, pending: Pending) -> None:
        """A stop: nothing comes before it and nothing discards it."""
        short = replace(pending.raw, payload=pending.raw.payload[:STOP_BYTES])
        self._stops.append(replace(pending, raw=short))

    def put(self, pending: Pending) -> None:
        """A message whose order matters."""
        self._queue.append(pending)
        self._queued_bytes += len(pending.raw.payload)
        while len(self._queue) > CAPACITY or self._queued_bytes > CAPACITY_BYTES:
            self._queued_bytes -= len(self._queue.popleft().raw.payload)
            self._counters[DROPPED] += 1

    def put_newest(self, pending: Pending) -> None:
        """A message that replaces an unhandled one of the same name."""
        if pending.raw.name in self._newest:
            self._counters["dropped_superseded"] += 1
        self._newest[pending.raw.name] = pending

    def pop_all(self) -> list[Pending]:
        """Everything that is pending, stops first."""
        pending = [*self._stops, *self._queue, *self._newest.values()]
        self._stops.clear()
        self._clear()
        return pending

    def discard(self) -> None:
        """Forgets everything but stops, and states that hold: nobody says those again."""
        queued = [pending for pending in self._queue if pending.topic.lasts]
        newest = {name: one for name, one in self._newest.items() if one.topic.lasts}
        kept = len(queued) + len(newest)
        self._counters["discarded_late"] += len(self._queue) + len(self._newest) - kept
        self._clear()
        for pending in queued:
            self.put(pending)
        self._newest.update(newest)

    def _clear(self) -> None:
        self._queue.clear()
        self._queued_bytes = 0
        self._newest.clear()


class OverflowLog:
    """Says in the log that more comes than is read, now and then while it goes on."""

    def __init__(self, clock: Clock, counters: Counter[str]) -> None:
        self._clock = clock
        self._counters = counters
        self._logged = 0
        self._logged_ns: int | None = None

    def write_if_due(self) -> None:
        """Logs what was dropped since the last line, unless that one was just written."""
        now_ns, dropped = self._clock.monotonic_ns(), self._counters[DROPPED]
        due = self._logged_ns is None or now_ns - self._logged_ns >= OVERFLOW_LOG_S * 1e9
        if dropped > self._logged and due:
            self._logged, self._logged_ns = dropped, now_ns
            structlog.get_logger("bus").warning(
                "more comes than can be read; the oldest are dropped", total=dropped
            )
