"""Values that others told: shown while they are fresh, counted on from where they were.

Nothing here grows with what comes: labels are mapped to bounded sets before, and what is remembered
has a bound of its own.
"""

from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from calmloop.base.clock import Clock

OTHER = "other"
"""Stands for every value of a label that is not among the known ones."""
MAX_VALUE = 2**53
"""The largest whole number that every reader of a metric holds exactly."""


def bounded(value: str, known: Collection[str]) -> str:
    """The value, if it is a known one."""
    return value if value in known else OTHER


class HeldGauge(Collector):
    """A gauge whose samples are gone once they are old: none looks like a new one."""

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: tuple[str, ...],
        clock: Clock,
        registry: CollectorRegistry,
        max_age_s: float = float("inf"),
    ) -> None:
        self._name, self._documentation, self._labels = name, documentation, labels
        self._clock, self._max_age_s = clock, max_age_s
        self._held: dict[tuple[str, ...], tuple[float, int]] = {}
        registry.register(self)

    def set(self, value: float, *labels: str) -> None:
        """Shows a value from now on."""
        self._held[labels] = (float(value), self._clock.monotonic_ns())

    def set_one(self, chosen: str, among: Collection[str]) -> None:
        """Shows 1 for the chosen label, and 0 for the others."""
        for name in among:
            self.set(float(name == chosen), name)

    def clear(self) -> None:
        """Shows nothing until the next value."""
        self._held.clear()

    def describe(self) -> Iterator[Metric]:
        """Its name without samples."""
        yield self._family()

    def collect(self) -> Iterator[Metric]:
        """What is fresh; called by the thread that answers."""
        family, now_ns = self._family(), self._clock.monotonic_ns()
        for labels, (value, at_ns) in self._held.copy().items():
            if now_ns - at_ns <= self._max_age_s * 1e9:
                family.add_metric(labels, value)
        yield family

    def _family(self) -> GaugeMetricFamily:
        return GaugeMetricFamily(self._name, self._documentation, labels=self._labels)


class Increments:
    """By how much each of others' counters has grown, whose process may have begun anew."""

    def __init__(self, capacity: int = 256) -> None:
        self._capacity = capacity
        self._last: OrderedDict[Hashable, int] = OrderedDict()

    def take(self, key: Hashable, value: int) -> int:
        """Its growth since the last value of this key; 0 for the first one."""
        value = min(max(value, 0), MAX_VALUE)
        last = self._last.pop(key, value)
        self._last[key] = value
        if len(self._last) > self._capacity:
            self._last.popitem(last=False)
        return value - last if value >= last else value
