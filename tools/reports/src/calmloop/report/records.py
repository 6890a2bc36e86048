"""What a report is made of, as the session log tells it."""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
"""A summary, an event or a sample, as the log's `/openapi.json` describes it."""
BEGAN = ("session_started", "session_resumed")
TOLD_AT_BEGIN = ("mode", "choice", "minutes_today", "ceiling_pct", "services", "network",
                 "firmware", "calibration", "calibration_hash")  # fmt: skip


@dataclass(frozen=True)
class RecordedSession:
    """One session.

    Attributes:
        summary: In short.
        events: All of it, in their order.
        samples: By time.
        unreadable: Rows of it that are damaged, or whose key is not there.
    """

    summary: Row
    events: list[Row] = field(default_factory=list)
    samples: list[Row] = field(default_factory=list)
    unreadable: int = 0

    @property
    def began_ms(self) -> int:
        """When it started, Unix time in ms; what was entered for it before is earlier."""
        started = next((event["at_ms"] for event in self.of_kind(*BEGAN)), None)
        return int(self.summary["began_ms"] if started is None else started)

    @property
    def length_s(self) -> float:
        """From its start to its end, or to the last that is known of it."""
        known = [row["at_ms"] for row in (*self.events[-1:], *self.samples[-1:])]
        if (ended_ms := self.summary.get("ended_ms")) is None:
            ended_ms = max(known, default=self.began_ms)
        return max(0, int(ended_ms) - self.began_ms) / 1000

    @property
    def cut_off(self) -> bool:
        """Whether its end was not seen."""
        return self.summary.get("ended_ms") is None

    def of_kind(self, *kinds: str) -> list[Row]:
        """Its events of these kinds."""
        return [event for event in self.events if event["kind"] in kinds]

    @property
    def beginning(self) -> Row:
        """What it began with; None for what was not kept."""
        told: Row = next((event["data"] for event in self.of_kind(*BEGAN)), {})
        return dict.fromkeys(TOLD_AT_BEGIN) | told


@dataclass(frozen=True)
class RecordedCourse:
    """A child's sessions.

    Attributes:
        code: The child's.
        sessions: In the order in which they were held; the newest with samples.
        events: Of the child, the kinds that a report tells of, in their order.
        left_out: Older sessions that are kept, and are not among them.
    """

    code: str
    sessions: list[RecordedSession]
    events: list[Row] = field(default_factory=list)
    left_out: int = 0
