"""What went wrong lately, kept in memory for the page Health: bounded, the newest first.

For whoever opens a page after it happened. It has no picture and no name of a person.
"""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.freshness import Received
from calmloop.contract import topics
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.service import (
    Heartbeat,
    Presence,
    RejectedMessage,
    ServiceStatus,
)

ERRORS = "errors"
"""Where the pages find them."""
KEPT = 20
ILL_S = 5.0
"""A service that waits for less is starting."""
CHAIR = "chair"


class ErrorKind(StrEnum):
    """Of which what to do depends."""

    REFUSED = "refused"
    FAULT = "fault"
    WAITS = "waits"
    LOST = "lost"


@dataclass(frozen=True)
class RecentError:
    """One, and how often it came.

    Attributes:
        source: The topic that was refused, the service, or the chair.
        text: What it says.
        remedy: What to do, where it says so itself.
        time: When it came last, RFC 3339, UTC.
    """

    kind: ErrorKind
    source: str
    text: str
    remedy: str
    time: str
    count: int = 1


class RecentErrors:
    """Follows what services and the chair say; told to the pages where something changed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._errors: list[RecentError] = []
        self._has_changed = True
        self._fault = ""
        self._ill: dict[tuple[str, str], float | None] = {}
        self._away: set[tuple[str, str]] = set()

    @property
    def receivers(self) -> dict[str, Callable[[Received[Any]], None]]:
        """By the topic's path."""
        return {
            topics.REJECTED.path: self._on_rejected,
            topics.CHAIR_STATE.path: self._on_chair,
            topics.HEARTBEAT.path: self._on_beat,
            topics.SERVICE_STATUS.path: self._on_status,
        }

    def news(self) -> list[dict[str, Any]] | None:
        """All of them as plain values; None where they are what they were."""
        with self._lock:
            if not self._has_changed:
                return None
            self._has_changed = False
            return [asdict(error) for error in self._errors]

    def forget(self, code: str) -> None:
        """Drops what names a child that was erased; from any thread."""
        with self._lock:
            self._errors = [e for e in self._errors if code not in e.text + e.source]
            self._has_changed = True

    def _on_rejected(self, received: Received[RejectedMessage]) -> None:
        topic = received.message.topic.split("/", 2)[-1]
        self._add(ErrorKind.REFUSED, topic, received.message.reason)

    def _on_chair(self, received: Received[ChairState]) -> None:
        chair = received.message
        lost = chair.mode is ChairMode.DISCONNECTED
        fault = chair.fault or (chair.reason or chair.mode.value if lost else "")
        if fault and fault != self._fault:
            self._add(ErrorKind.FAULT, CHAIR, fault, chair.fault_remedy)
        self._fault = fault

    def _on_beat(self, received: Received[Heartbeat]) -> None:
        beat, now_s = received.message, monotonic_s(self._clock)
        name = (beat.service, beat.instance)
        if beat.healthy:
            self._ill.pop(name, None)
            return
        since_s = self._ill.setdefault(name, now_s)
        if since_s is not None and now_s - since_s >= ILL_S:
            self._ill[name] = None  # it was told
            self._add(ErrorKind.WAITS, beat.service, beat.waits_for)

    def _on_status(self, received: Received[ServiceStatus]) -> None:
        status = received.message
        name = (status.service, status.instance)
        if status.presence is not Presence.OFFLINE:
            self._away.discard(name)
        elif name not in self._away:
            self._away.add(name)
            self._add(ErrorKind.LOST, status.service, "")

    def _add(self, kind: ErrorKind, source: str, text: str, remedy: str = "") -> None:
        time = self._clock.utc_now().isoformat(timespec="seconds")
        new = RecentError(kind, source, text, remedy, time)
        with self._lock:
            same = next((e for e in self._errors if replace(e, time=time, count=1) == new), None)
            others = [e for e in self._errors if e is not same]
            new = replace(new, count=same.count + 1 if same else 1)
            self._errors = [new, *others][:KEPT]
            self._has_changed = True
