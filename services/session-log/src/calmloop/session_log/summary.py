"""A session in short, worked out from its events: nothing of it is kept a second time."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from calmloop.session_log.records import LogEvent, LogEventKind, SessionSummary, utc

COUNTED = {
    LogEventKind.STOP: "latched",
    LogEventKind.ALARM: "raised",
    LogEventKind.DISTRESS: "began",
}
"""Kinds of which only the beginning counts, which `data` says under this name."""
OVER_TIME = ("mean_pct", "known_share", "raised", "lowered")
"""What a session's end says of its course; an older one does not."""


def summarize(
    session: str, child: str, began_ms: int, events: Sequence[LogEvent], unreadable: int
) -> SessionSummary:
    """What `events`, all of one session in their order, come to."""
    counts = Counter(e.kind for e in events if e.data.get(COUNTED.get(e.kind, ""), True))
    return SessionSummary(
        id=session,
        child=child,
        began=utc(began_ms),
        began_ms=began_ms,
        **_start(events),
        **_end(events),
        distress=counts[LogEventKind.DISTRESS],
        alarms=counts[LogEventKind.ALARM],
        stops=counts[LogEventKind.STOP],
        overrides=counts[LogEventKind.OVERRIDE],
        notes=counts[LogEventKind.NOTE],
        rating_before=_rating(events, "before"),
        rating_after=_rating(events, "after"),
        events=len(events),
        unreadable=unreadable,
    )


def _start(events: Sequence[LogEvent]) -> dict[str, Any]:
    heard = (LogEventKind.SESSION_STARTED, LogEventKind.SESSION_RESUMED)
    first = next((e for e in events if e.kind in heard), None)
    data = first.data if first else {}
    from_the_start = first is not None and first.kind is LogEventKind.SESSION_STARTED
    return {
        "mode": str(data.get("mode", "")),
        "scenario": str(data.get("scenario", "")),
        "planned_minutes": data.get("minutes") if from_the_start else None,
    }


def _end(events: Sequence[LogEvent]) -> dict[str, Any]:
    ended = [e for e in events if e.kind is LogEventKind.SESSION_ENDED]
    if not ended:
        return {}
    last = ended[-1]
    return {
        "ended": last.at,
        "ended_ms": last.at_ms,
        "minutes": last.data.get("minutes"),
        "max_pct": last.data.get("max_pct"),
        **{name: last.data.get(name) for name in OVER_TIME},
        "end_change": str(last.data.get("change", "")),
        "end_reason": last.text,
    }


def _rating(events: Sequence[LogEvent], when: str) -> int | None:
    """The newest: a person may correct one."""
    given = [e.data for e in events if e.kind is LogEventKind.RATING and e.data.get("when") == when]
    value = given[-1].get("value") if given else None
    return value if isinstance(value, int) else None
