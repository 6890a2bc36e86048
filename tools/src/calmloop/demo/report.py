"""What a demo run saw, as numbers: written to the report and shown at the end."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel

from calmloop.contract.messages.session import Evidence


class Latency(BaseModel):
    """Percentiles of one path, in ms."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float

    @classmethod
    def of(cls, samples_ns: Sequence[int]) -> "Latency | None":
        """Percentiles of durations in ns; None without any."""
        if not samples_ns:
            return None
        p50, p95, p99 = np.percentile(np.asarray(samples_ns) / 1e6, (50, 95, 99)).round(2)
        return cls(count=len(samples_ns), p50_ms=p50, p95_ms=p95, p99_ms=p99)


class Latencies(BaseModel):
    """From the capture of a frame, and from a setpoint to the chair that reports it."""

    camera_to_face: Latency | None = None
    camera_to_emotion: Latency | None = None
    camera_to_setpoint: Latency | None = None
    setpoint_to_applied: Latency | None = None


class IntensityChange(BaseModel):
    """The intensity after one cycle or one change, and why."""

    at_s: float
    phase: str
    scenario: str
    cycle: int
    intensity_pct: float
    change: str
    reason: str
    evidence: Evidence | None


class ChairPoint(BaseModel):
    """The chair entered a state."""

    at_s: float
    state: str
    reason: str = ""


class Rejection(BaseModel):
    """A message that a service refused."""

    at_s: float
    topic: str
    reason: str


class AlarmPoint(BaseModel):
    """A caregiver was called for."""

    at_s: float
    kind: str
    active: bool
    text: str


class MovementSeen(BaseModel):
    """What was seen of the child's movement."""

    camera_kind: str = ""
    known: int = 0
    unknown: dict[str, int] = {}
    min_log_energy: float | None = None
    max_log_energy: float | None = None


class HeartSeen(BaseModel):
    """What was heard of the heart."""

    source_kind: str = ""
    known: int = 0
    unknown: dict[str, int] = {}
    min_bpm: float | None = None
    max_bpm: float | None = None


class VoiceSeen(BaseModel):
    """What was heard of the voice."""

    source_kind: str = ""
    known: int = 0
    unknown: dict[str, int] = {}
    max_above_floor_db: float | None = None


class SoundSeen(BaseModel):
    """What the sound player told: states by condition, and those of each track that sounded."""

    conditions: dict[str, int] = {}
    tracks: dict[str, int] = {}


class DemoReport(BaseModel):
    """One run. Times are seconds since all services were ready."""

    source: str
    chair: str
    seconds: float
    frames: int = 0
    frames_skipped: int = 0
    faces: int = 0
    no_face: dict[str, int] = {}
    emotions: dict[str, int] = {}
    doubt: dict[str, int] = {}
    movement: MovementSeen = MovementSeen()
    heart: HeartSeen = HeartSeen()
    voice: VoiceSeen = VoiceSeen()
    sound: SoundSeen = SoundSeen()
    cycles: list[IntensityChange] = []
    changes: list[IntensityChange] = []
    setpoints: int = 0
    highest_vibration_pct: float = 0.0
    chair_states: list[ChairPoint] = []
    alarms: list[AlarmPoint] = []
    rejected: list[Rejection] = []
    restarts: dict[str, int] = {}
    cpu_ms_per_frame: dict[str, float] = {}
    latency: Latencies = Latencies()
