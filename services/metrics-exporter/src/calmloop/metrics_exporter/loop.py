"""What the loop's messages say, as metrics. Latencies are between stamps of one machine alone."""

from calmloop.base.freshness import Ages, Received
from calmloop.contract.messages.base import PipelineMessage
from calmloop.contract.messages.chair import ChairState
from calmloop.contract.messages.emotion import EmotionState
from calmloop.contract.messages.face import FaceState
from calmloop.contract.messages.session import Change, Phase, SessionState
from calmloop.contract.messages.stimulus import Setpoint
from calmloop.metrics_exporter.held import Increments
from calmloop.metrics_exporter.metrics import SESSION_AGE_S, LoopMetrics

SETPOINTS_REMEMBERED = 200
MAX_LATENCY_S = 10.0
"""What is older is no latency, but a stamp that is wrong."""


def latency_s(later_ns: int, earlier_ns: int | None) -> float | None:
    """Seconds between two stamps; None where they cannot be meant so."""
    if not earlier_ns or not 0 <= later_ns - earlier_ns <= MAX_LATENCY_S * 1e9:
        return None
    return (later_ns - earlier_ns) / 1e9


class LoopObserver:
    """Takes each message of the loop as it comes."""

    def __init__(self, metrics: LoopMetrics, ages: Ages) -> None:
        self._metrics, self._ages = metrics, ages
        self._skipped = Increments()
        self._camera_host = ""
        self._sent: dict[int, tuple[int, int | None]] = {}
        self._change: tuple[Change, float] | None = None

    def receive_face(self, received: Received[FaceState]) -> None:
        """One frame, judged."""
        state = received.message
        self._metrics.frames.inc()
        self._metrics.frames_skipped.inc(self._skipped.take("face", state.skipped))
        if state.reason is not None:
            self._metrics.faces_unusable.labels(state.reason).inc()
        self._since_capture("face", state)

    def receive_emotion(self, received: Received[EmotionState]) -> None:
        """One reading."""
        state = received.message
        self._camera_host = state.captured_on
        self._metrics.emotions.labels(state.label).inc()
        self._metrics.valence.set(state.valence)
        if state.reason is not None:
            self._metrics.emotions_unknown.labels(state.reason).inc()
        self._since_capture("emotion", state)

    def receive_setpoint(self, received: Received[Setpoint]) -> None:
        """What the chair should do; it carries a frame where a new reading led to it."""
        setpoint = received.message
        on_camera_s_host = setpoint.host_boot_id == self._camera_host
        captured_ns = setpoint.captured_ns if on_camera_s_host else None
        self._observe("setpoint", setpoint.at_ns, captured_ns)
        self._sent[setpoint.seq] = (setpoint.at_ns, captured_ns)
        while len(self._sent) > SETPOINTS_REMEMBERED:
            del self._sent[next(iter(self._sent))]

    def receive_chair(self, received: Received[ChairState]) -> None:
        """The chair applies a setpoint, which it names."""
        state = received.message
        sent_ns, captured_ns = self._sent.pop(state.setpoint_seq or 0, (0, None))
        took_s = latency_s(state.at_ns, sent_ns)
        if took_s is not None:
            self._metrics.setpoint_applied.observe(took_s)
        self._observe("applied", state.at_ns, captured_ns)

    def receive_session(self, received: Received[SessionState]) -> None:
        """The session; one that the broker kept from before says nothing of now."""
        if self._ages.age_s(received) > SESSION_AGE_S:
            return
        state = received.message
        self._metrics.phase.set_one(state.phase, list(Phase))
        self._metrics.intensity.set(state.intensity_pct / 100)
        self._metrics.ceiling.set(state.ceiling_pct / 100)
        change = (state.change, state.intensity_pct)
        if self._change is not None and change != self._change:
            self._metrics.changes.labels(state.change).inc()
        self._change = change

    def _since_capture(self, to: str, state: PipelineMessage) -> None:
        if state.host_boot_id == state.captured_on:
            self._observe(to, state.at_ns, state.captured_ns)

    def _observe(self, to: str, at_ns: int, captured_ns: int | None) -> None:
        took_s = latency_s(at_ns, captured_ns)
        if took_s is not None:
            self._metrics.latency.labels(to).observe(took_s)
