"""Which services beat, and are well: as of the moment that Prometheus asks."""

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from calmloop.base.clock import Clock
from calmloop.base.freshness import Received
from calmloop.contract.messages.service import Heartbeat, Presence, ServiceStatus
from calmloop.contract.topics import HEARTBEAT, SERVICES
from calmloop.metrics_exporter.held import bounded

MAX_AGE_S = HEARTBEAT.max_age_s or 1.5
LONG_AGO_NS = -(2**62)


class ServicePresence(Collector):
    """A service that was never heard, or that said that it stops, is not told of."""

    def __init__(self, registry: CollectorRegistry, clock: Clock) -> None:
        self._clock = clock
        self._beats: dict[str, int] = {}
        self._unwell: dict[str, int] = {}
        registry.register(self)

    def receive_heartbeat(self, received: Received[Heartbeat]) -> None:
        """A service's loop turns; of several instances one that is not well counts."""
        beat = received.message
        service = bounded(beat.service, SERVICES)
        self._beats[service] = received.received_ns
        if not beat.healthy:
            self._unwell[service] = received.received_ns

    def receive_status(self, received: Received[ServiceStatus]) -> None:
        """One that says goodbye is not missed."""
        if received.message.presence is Presence.STOPPED:
            service = bounded(received.message.service, SERVICES)
            self._beats.pop(service, None)
            self._unwell.pop(service, None)

    def describe(self) -> Iterator[Metric]:
        """The names without samples."""
        yield from self._families()

    def collect(self) -> Iterator[Metric]:
        """Each service that was heard; called by the thread that answers."""
        up, healthy = self._families()
        unwell = self._unwell.copy()
        for service, beat_ns in self._beats.copy().items():
            beats = self._fresh(beat_ns)
            up.add_metric([service], beats)
            well = beats and not self._fresh(unwell.get(service, LONG_AGO_NS))
            healthy.add_metric([service], well)
        yield up
        yield healthy

    def _fresh(self, at_ns: int) -> bool:
        return self._clock.monotonic_ns() - at_ns <= MAX_AGE_S * 1e9

    def _families(self) -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
        return (
            GaugeMetricFamily("calmloop_service_up", "Whether it beats.", labels=["service"]),
            GaugeMetricFamily(
                "calmloop_service_healthy", "Whether it beats and is well.", labels=["service"]
            ),
        )
