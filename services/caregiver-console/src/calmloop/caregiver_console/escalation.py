"""Alarms that nobody acknowledges are told elsewhere: by a webhook, as ntfy takes it.

What is told is the alarm's own text, which has no child's code in it. Nothing waits for it.
"""

import http.client
import queue
import threading
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from urllib.error import URLError

import structlog

from calmloop.base.clock import Clock, monotonic_s
from calmloop.contract.messages.safety import Alarm, Severity

AFTER_S = {Severity.CRITICAL: 10.0, Severity.WARNING: 120.0}
"""A critical one ends the lease 30 s after it began: whoever is called may still look before."""
PRIORITY = {Severity.CRITICAL: "urgent", Severity.WARNING: "high"}
TIMEOUT_S = 5.0
MAX_WAITING = 20
CLOSE_S = 1.0


class Escalation:
    """Which alarms have stood unacknowledged for too long; each is told once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since_s: dict[str, float] = {}
        self._told: set[str] = set()

    def due(self, alarms: Iterable[Alarm]) -> list[Alarm]:
        """Those to tell now.

        Args:
            alarms: The newest news of each alarm, standing or not.
        """
        now_s = monotonic_s(self._clock)
        waiting = {_key(alarm): alarm for alarm in alarms if _waits(alarm)}
        self._since_s = {key: self._since_s.get(key, now_s) for key in waiting}
        self._told &= waiting.keys()
        found = [
            (key, alarm)
            for key, alarm in waiting.items()
            if key not in self._told and now_s - self._since_s[key] >= AFTER_S[alarm.severity]
        ]
        self._told |= {key for key, _ in found}
        return [alarm for _, alarm in found]


class Webhook:
    """Posts to one address, from a thread of its own."""

    def __init__(self, url: str, token_file: Path | None) -> None:
        self._url, self._token_file = url, token_file
        self._queue: queue.Queue[Alarm | None] = queue.Queue(MAX_WAITING)
        self._thread = threading.Thread(target=self._run, name="webhook", daemon=True)
        self._thread.start()

    def tell(self, alarm: Alarm) -> None:
        """Takes an alarm; returns at once."""
        try:
            self._queue.put_nowait(alarm)
        except queue.Full:
            structlog.get_logger("webhook").error("not told: too many wait", kind=alarm.kind)

    def close(self) -> None:
        """Ends the thread, if it is not under way."""
        self._queue.put(None)
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        while (alarm := self._queue.get()) is not None:
            try:
                self._post(alarm)
            except (OSError, ValueError, URLError, http.client.HTTPException) as error:
                # Never the address: who knows it may read what is told there.
                structlog.get_logger("webhook").error(
                    "an alarm could not be told", kind=alarm.kind, reason=type(error).__name__
                )

    def _post(self, alarm: Alarm) -> None:
        request = urllib.request.Request(self._url, alarm.text.encode(), method="POST")
        request.add_header("Title", f"Calmloop: {alarm.kind}")
        request.add_header("Priority", PRIORITY[alarm.severity])
        request.add_header("Content-Type", "text/plain; charset=utf-8")
        if self._token_file is not None:
            token = self._token_file.read_text(encoding="ascii").strip()
            request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=TIMEOUT_S):
            structlog.get_logger("webhook").info("an alarm was told", kind=alarm.kind)


def _waits(alarm: Alarm) -> bool:
    return alarm.active and not alarm.acknowledged


def _key(alarm: Alarm) -> str:
    """What becomes worse is told again."""
    return f"{alarm.kind} {alarm.since} {alarm.severity}"
