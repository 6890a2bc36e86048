"""What the safety chain's messages say, as metrics."""

from typing import TypeGuard

from calmloop.base.freshness import Ages, Received
from calmloop.contract.messages.chair import ChairMode, ChairState, LinkQuality
from calmloop.contract.messages.safety import Alarm, Severity, StopState
from calmloop.contract.messages.service import RejectedMessage, ServiceStatus
from calmloop.contract.topics import SERVICES
from calmloop.metrics_exporter.held import OTHER, Increments, bounded
from calmloop.metrics_exporter.loop import MAX_LATENCY_S
from calmloop.metrics_exporter.metrics import STOP_AGE_S, ChainMetrics

COUNTERS = frozenset(
    {
        "bad_crops",
        "discarded_late",
        "dropped_overflow",
        "dropped_readings",
        "dropped_superseded",
        "handler_errors",
        "late_turns",
        "not_connected",
        "refused_readings",
        "rejected",
        "setpoints_not_sent",
        "stale",
        "temporal_faults",
        "undecodable_pictures",
        "unsent",
        "unsent_images",
        "unwritten",
    }
)
"""The names that services give to what they count; any other is told as `other`."""


class ChainObserver:
    """Takes each message of the safety chain, and of the services, as it comes."""

    def __init__(self, metrics: ChainMetrics, ages: Ages) -> None:
        self._metrics, self._ages = metrics, ages
        self._link = Increments()
        self._events = Increments()
        self._lease_ms: float | None = None
        self._round_trip_ms: float | None = None
        self._stop: StopState | None = None
        self._alarms: dict[str, bool] = {}

    def receive_chair(self, received: Received[ChairState]) -> None:
        """The chair's report, ten times a second."""
        state = received.message
        self._metrics.mode.set_one(state.mode, list(ChairMode))
        self._metrics.applied.set(state.applied.vibration_pct / 100, "vibration")
        self._metrics.applied.set(state.applied.sound_pct / 100, "sound")
        self._receive_link(state.link)

    def receive_stop(self, received: Received[StopState]) -> None:
        """Latched or not; one that the broker kept from before says nothing of now."""
        state, before = received.message, self._stop
        if self._ages.age_s(received) > STOP_AGE_S:
            return
        self._stop = state
        self._metrics.latched.set(state.latched)
        self._metrics.withheld.set(bool(state.withheld))
        if before is None or not state.latched:
            return
        if (before.latched, before.since) != (True, state.since):
            self._metrics.stops.labels(state.kind or OTHER).inc()

    def receive_alarm(self, received: Received[Alarm]) -> None:
        """An alarm is raised, acknowledged or over."""
        alarm = received.message
        for severity in Severity:
            on = alarm.active and alarm.severity is severity
            self._metrics.active.set(on, alarm.kind, severity)
            self._metrics.unacknowledged.set(on and not alarm.acknowledged, alarm.kind, severity)
        fresh = self._ages.age_s(received) <= STOP_AGE_S
        if alarm.active and not self._alarms.get(alarm.kind, not fresh):
            self._metrics.alarms.labels(alarm.kind).inc()
        self._alarms[alarm.kind] = alarm.active

    def receive_status(self, received: Received[ServiceStatus]) -> None:
        """A service's own counters: by how much they have grown."""
        state = received.message
        service = bounded(state.service, SERVICES)
        for name, value in state.counters.items():
            grown = self._events.take((service, state.instance[:64], name[:64]), value)
            if grown:
                self._metrics.service_events.labels(service, bounded(name, COUNTERS)).inc(grown)

    def receive_rejected(self, received: Received[RejectedMessage]) -> None:
        """A message was refused."""
        service = received.message.source.partition("/")[0]
        self._metrics.rejected.labels(bounded(service, SERVICES)).inc()

    def _receive_link(self, link: LinkQuality) -> None:
        for direction, frames in (("sent", link.sent), ("received", link.received)):
            grown = self._link.take(direction, frames)
            self._metrics.link_frames.labels(direction).inc(grown)
        for error in ("lost", "bad_crc", "reopened"):
            self._metrics.link_errors.labels(error).inc(
                self._link.take(error, getattr(link, error))
            )
        # Each report repeats the last value: only one that differs is a new one.
        if link.status_to_lease_ms != self._lease_ms:
            self._lease_ms = link.status_to_lease_ms
            if _plausible(self._lease_ms):
                self._metrics.lease_round_trip.observe(self._lease_ms / 1000)
        if link.round_trip_ms != self._round_trip_ms:
            self._round_trip_ms = link.round_trip_ms
            if _plausible(self._round_trip_ms):
                self._metrics.link_round_trip.observe(self._round_trip_ms / 1000)


def _plausible(value_ms: float | None) -> TypeGuard[float]:
    return value_ms is not None and 0.0 <= value_ms <= MAX_LATENCY_S * 1000
