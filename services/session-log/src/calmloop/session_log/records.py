"""What the log holds, as it is read over HTTP and exported."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

MAX_TEXT = 2000


class LogEventKind(StrEnum):
    """What happened. `data` holds the figures of it."""

    SESSION_STARTED = "session_started"
    """data: mode, scenario, choice, minutes, ceiling_pct, services (name: version), network,
    firmware, calibration, calibration_hash."""
    SESSION_RESUMED = "session_resumed"
    """What the log hears of a session goes on, or begins late: it was away before. data: as of
    session_started, with the phase it was in; minutes are those that were left."""
    SESSION_ENDED = "session_ended"
    """text: why; data: change, minutes, max_pct."""
    PHASE = "phase"
    """data: phase, minutes_left."""
    CHANGE = "change"
    """Why the intensity changed. data: change, from_pct, to_pct, label, confidence, signals (what
    each says of distress, log-odds a second), distress_fast, distress_slow."""
    SCENARIO = "scenario"
    """data: scenario, phase, scores."""
    QUESTION = "question"
    DISTRESS = "distress"
    """A critical event: strong or lasting distress began, or is over."""
    OVERRIDE = "override"
    """What a caregiver has set. data: hold, ceiling_pct, channels_off, scenario."""
    LEARNING = "learning"
    """A caregiver corrected what was learned. data: pinned, excluded, rating, halted."""
    ALARM = "alarm"
    """data: kind, severity, active, acknowledged, by."""
    STOP = "stop"
    """data: latched."""
    CHAIR = "chair"
    """The chair's own state, its faults, what was pressed on it. data: mode, fault, inputs."""
    SERVICE = "service"
    """A service came or went, or is not well. data: service, instance, presence, version."""
    REFUSED = "refused"
    """A message was refused. data: topic."""
    TROUBLE = "trouble"
    """Records of the selector that are damaged or not kept."""
    NOTE = "note"
    RATING = "rating"
    """How the child is. data: when (before, after), value 1 to 5."""
    CONSENT = "consent"
    """data: given, what."""
    CONTRAINDICATIONS = "contraindications"
    """What was asked and answered. data: present, absent."""
    NOTICE = "notice"
    """A notice that was shown. data: notice, language."""
    ACTION = "action"
    """What a person did at the console. data: whatever the console says of it."""
    LOST = "lost"
    """A part of the log was lost. data: table, first, last."""
    SETTING = "setting"
    """How long a child's sessions are kept. data: keep_days."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class LogFact(_Record):
    """Something that happened, not yet kept."""

    kind: LogEventKind
    text: str = Field("", max_length=MAX_TEXT, description="In plain words.")
    data: dict[str, Any] = Field(default_factory=dict, description="See the kinds of event.")
    by: str = Field("", max_length=64, description="Who entered or did it, as far as known.")
    at_ms: int = Field(ge=0, description="Unix time in ms.")
    child: str = Field("", description="The child's code; empty: of the chair alone.")
    session: str = Field("", max_length=64, description="Empty: outside a session.")


class LogEvent(LogFact):
    """One event as it is kept."""

    id: int = Field(ge=1, description="Rises with every event of this log; never used twice.")
    at: str = Field(description="`at_ms` as RFC 3339, UTC.")


class LogSample(_Record):
    """What was, twice a second. What is not known is null."""

    at_ms: int = Field(ge=0, description="Unix time in ms.")
    level_pct: float | None = Field(None, description="The intensity that the selector wants.")
    vibration_pct: float | None = Field(None, description="What the chair applies.")
    vibration_hz: float | None = None
    sound_pct: float | None = None
    red_pct: float | None = None
    green_pct: float | None = None
    blue_pct: float | None = None
    emotion: str | None = Field(None, description="The group that most readings of it were in.")
    confidence: float | None = Field(None, description="Mean of those readings.")
    valence: float | None = Field(None, description="Mean of those that were not unknown.")
    coverage: float | None = Field(
        None, description="Share of the time's readings that were not unknown; null: no reading."
    )
    distress_fast: float | None = None
    distress_slow: float | None = None
    movement: float | None = Field(None, description="log10(1 + motion energy / 0.001).")
    head_speed: float | None = Field(None, description="Face widths a second.")
    heart_bpm: float | None = None
    rmssd_ms: float | None = None
    voice_db: float | None = Field(None, description="Above the room's floor.")
    crying: float | None = None


class SessionSummary(_Record):
    """A session in short."""

    id: str
    child: str
    began: str = Field(description="RFC 3339, UTC.")
    began_ms: int
    ended: str | None = Field(None, description="Null: it runs, or its end was not seen.")
    ended_ms: int | None = None
    mode: str = ""
    scenario: str = Field("", description="The first one.")
    planned_minutes: float | None = Field(None, description="Null: the log was away when it began.")
    minutes: float | None = Field(None, description="From its start to its end.")
    max_pct: float | None = Field(None, description="The highest intensity.")
    mean_pct: float | None = Field(None, description="The intensity's mean over time.")
    known_share: float | None = Field(
        None, description="Share of the time's readings of the face that were not unknown."
    )
    raised: int | None = Field(
        None, description="Steps up; how it begins, pauses and ends apart. Those on end are one."
    )
    lowered: int | None = Field(None, description="Steps down, the same.")
    end_change: str = Field("", description="Why it ended, in one word.")
    end_reason: str = Field("", description="The same in plain words.")
    distress: int = Field(0, description="Critical events.")
    alarms: int = Field(0, description="Raised in it.")
    stops: int = 0
    overrides: int = 0
    rating_before: int | None = None
    rating_after: int | None = None
    notes: int = 0
    events: int = 0
    unreadable: int = Field(0, description="Rows that are damaged, or whose key is not here.")


class ChildSummary(_Record):
    """A child of whom something is kept."""

    code: str
    sessions: int
    first: str | None = Field(None, description="Start of its first session kept; RFC 3339, UTC.")
    last: str | None = None
    keep_days: int = Field(description="Its sessions are deleted after so many local days.")


def utc(at_ms: int) -> str:
    """RFC 3339 with milliseconds, UTC."""
    stamp = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return stamp.replace("+00:00", "Z")
