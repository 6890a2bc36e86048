"""What of an event may leave the chair: named kinds, and of each named figures. Never words.

What is not named here stays: notes, consents, what a person did, who did it, the child's code.
"""

from typing import Any

from calmloop.session_log.records import LogEvent, LogEventKind, SessionSummary

RAN_WITH = (
    "mode", "scenario", "minutes", "ceiling_pct", "services", "network",
    "firmware", "calibration", "calibration_hash",
)  # fmt: skip
FIGURES: dict[LogEventKind, tuple[str, ...]] = {
    LogEventKind.SESSION_STARTED: RAN_WITH,
    LogEventKind.SESSION_RESUMED: (*RAN_WITH, "phase"),
    LogEventKind.SESSION_ENDED: (
        "change", "minutes", "max_pct", "mean_pct", "known_share", "raised", "lowered",
    ),
    LogEventKind.PHASE: ("phase", "minutes_left"),
    LogEventKind.CHANGE: ("change", "from_pct", "to_pct", "label", "confidence"),
    LogEventKind.SCENARIO: ("scenario", "phase"),
    LogEventKind.DISTRESS: ("began",),
    LogEventKind.OVERRIDE: ("hold", "ceiling_pct", "channels_off", "scenario"),
    LogEventKind.ALARM: ("kind", "severity", "active", "acknowledged"),
    LogEventKind.STOP: ("latched",),
    LogEventKind.CHAIR: ("mode", "fault", "stop_reason"),
    LogEventKind.SERVICE: ("service", "presence", "version", "healthy"),
    LogEventKind.RATING: ("when", "value"),
    LogEventKind.LOST: ("table", "first", "last"),
}  # fmt: skip
STAYS = {"id", "child", "began", "began_ms", "ended", "ended_ms", "end_reason", "notes"}
"""Of a summary: words, and what the item says itself."""


def may_leave(kind: LogEventKind) -> bool:
    """Whether anything of such an event does."""
    return kind in FIGURES


def figures_of(event: LogEvent) -> dict[str, Any]:
    """What of an event does."""
    return {name: event.data[name] for name in FIGURES[event.kind] if name in event.data}


def figures_of_summary(summary: SessionSummary) -> dict[str, Any]:
    """What of a session in short does."""
    return summary.model_dump(exclude=STAYS, exclude_none=True)
