"""Every metric that is told, by name, unit and labels. The board's own are in `board.py`.

Names follow Prometheus: base units, `_total` for what only grows. No label holds what a message
wrote freely: no child's code, no name, no text.
"""

from prometheus_client import Counter, Histogram
from prometheus_client.registry import CollectorRegistry

from calmloop.base.clock import Clock
from calmloop.contract import topics
from calmloop.metrics_exporter.held import HeldGauge

LATENCY_BUCKETS_S = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.5)
LEASE_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
"""A lease is void after 0.5 s."""
CHAIR_AGE_S = 2.0
"""The chair reports ten times a second; a scrape must not miss it for a message that was late."""
EMOTION_AGE_S = topics.EMOTION_STATE.max_age_s or 1.0
SESSION_AGE_S = topics.SESSION_STATE.max_age_s or 2.5
STOP_AGE_S = topics.STOP_STATE.max_age_s or 2.5


class LoopMetrics:
    """Of the loop: pictures, faces, emotions, setpoints, sessions."""

    def __init__(self, registry: CollectorRegistry, clock: Clock) -> None:
        self._take_latencies(registry)
        self._take_pictures(registry, clock)
        self._take_session(registry, clock)

    def _take_latencies(self, registry: CollectorRegistry) -> None:
        self.latency = Histogram(
            "calmloop_latency_seconds",
            "From a frame's capture to the face, emotion and setpoint made of it, and to the"
            " chair's report that it applies that setpoint.",
            ["to"],
            buckets=LATENCY_BUCKETS_S,
            registry=registry,
        )
        self.setpoint_applied = Histogram(
            "calmloop_setpoint_applied_seconds",
            "From a setpoint to the chair's report that it applies it.",
            buckets=LATENCY_BUCKETS_S,
            registry=registry,
        )

    def _take_pictures(self, registry: CollectorRegistry, clock: Clock) -> None:
        self.frames = Counter(
            "calmloop_frames_total", "Frames that face-detector judged.", registry=registry
        )
        self.frames_skipped = Counter(
            "calmloop_frames_skipped_total",
            "Frames that face-detector passed over, since newer ones had come.",
            registry=registry,
        )
        self.faces_unusable = Counter(
            "calmloop_faces_unusable_total",
            "Frames without a usable face, by reason.",
            ["reason"],
            registry=registry,
        )
        self.emotions = Counter(
            "calmloop_emotions_total", "Readings of an emotion.", ["label"], registry=registry
        )
        self.emotions_unknown = Counter(
            "calmloop_emotions_unknown_total",
            "Readings that are unknown, by reason.",
            ["reason"],
            registry=registry,
        )
        self.valence = HeldGauge(
            "calmloop_emotion_valence",
            "The face's valence as read last, -1 to 1.",
            (),
            clock,
            registry,
            EMOTION_AGE_S,
        )

    def _take_session(self, registry: CollectorRegistry, clock: Clock) -> None:
        self.changes = Counter(
            "calmloop_session_changes_total",
            "Changes of the intensity, by why.",
            ["change"],
            registry=registry,
        )
        session = (clock, registry, SESSION_AGE_S)
        self.phase = HeldGauge(
            "calmloop_session_phase", "1 for the session's phase.", ("phase",), *session
        )
        self.intensity = HeldGauge(
            "calmloop_session_intensity_ratio", "Intensity of the session.", (), *session
        )
        self.ceiling = HeldGauge(
            "calmloop_session_ceiling_ratio", "What the intensity may reach.", (), *session
        )


class ChainMetrics:
    """Of the safety chain: the chair and its link, leases, stops, alarms, services."""

    def __init__(self, registry: CollectorRegistry, clock: Clock) -> None:
        self._take_chair(registry, clock)
        self._take_stops(registry, clock)
        self.service_events = Counter(
            "calmloop_service_events_total",
            "What services dropped, refused and failed at, by their own counters.",
            ["service", "counter"],
            registry=registry,
        )
        self.rejected = Counter(
            "calmloop_messages_rejected_total",
            "Messages that were refused and reported, by who refused them.",
            ["service"],
            registry=registry,
        )
        self.connected = HeldGauge(
            "calmloop_exporter_connected",
            "Whether the exporter hears the broker: without it nothing else here is news.",
            (),
            clock,
            registry,
        )

    def _take_chair(self, registry: CollectorRegistry, clock: Clock) -> None:
        self.lease_round_trip = Histogram(
            "calmloop_lease_round_trip_seconds",
            "From the chair's report to the lease that answers it, by the bridge's clock.",
            buckets=LEASE_BUCKETS_S,
            registry=registry,
        )
        self.link_round_trip = Histogram(
            "calmloop_link_round_trip_seconds",
            "From a frame on the serial line to its acknowledgement.",
            buckets=LEASE_BUCKETS_S,
            registry=registry,
        )
        self.link_frames = Counter(
            "calmloop_link_frames_total",
            "Frames on the serial line.",
            ["direction"],
            registry=registry,
        )
        self.link_errors = Counter(
            "calmloop_link_errors_total",
            "Frames lost or damaged on the serial line, and openings of it anew.",
            ["error"],
            registry=registry,
        )
        chair = (clock, registry, CHAIR_AGE_S)
        self.mode = HeldGauge("calmloop_chair_mode", "1 for the chair's mode.", ("mode",), *chair)
        self.applied = HeldGauge(
            "calmloop_chair_applied_ratio", "What the chair does now.", ("channel",), *chair
        )

    def _take_stops(self, registry: CollectorRegistry, clock: Clock) -> None:
        self.stops = Counter(
            "calmloop_stops_total", "Latched stops, by cause.", ["cause"], registry=registry
        )
        self.alarms = Counter(
            "calmloop_alarms_total", "Alarms that were raised.", ["kind"], registry=registry
        )
        stop = (clock, registry, STOP_AGE_S)
        self.latched = HeldGauge("calmloop_stop_latched", "Whether a stop is latched.", (), *stop)
        self.withheld = HeldGauge(
            "calmloop_lease_withheld",
            "Whether the chair gets no lease for a reason beside a latched stop.",
            (),
            *stop,
        )
        labels = ("kind", "severity")
        self.active = HeldGauge(
            "calmloop_alarm_active", "Whether the alarm is on.", labels, clock, registry
        )
        self.unacknowledged = HeldGauge(
            "calmloop_alarm_unacknowledged",
            "Whether the alarm is on and nobody has acknowledged it.",
            labels,
            clock,
            registry,
        )
