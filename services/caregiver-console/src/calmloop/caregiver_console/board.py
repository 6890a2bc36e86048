"""The newest of each topic, for two threads: the bus writes, the web reads what is new.

A message is made into text once for all who see it, and only when somebody asks.
"""

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from calmloop.base.clock import Clock
from calmloop.caregiver_console.views import PUBLIC_PATHS, shown
from calmloop.contract.messages.base import Part
from calmloop.contract.topics import AnyTopic

SERVER = "server"
"""Where this process speaks of itself."""
LENIENCE = 2.0
"""A topic counts as not heard after so many times its maximum age: the network is between."""
MAX_ENTRIES = 256
"""A flood of made-up instances or kinds takes no more memory than these."""


@dataclass
class _Entry:
    path: str
    message: Part | None
    version: int
    received_ns: int
    max_age_s: float | None
    texts: dict[bool, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Own:
    """What this process says itself."""

    text: str
    version: int
    public: bool


class Board:
    """What the pages show.

    Attributes:
        dropped: Messages of topics that found no place.
    """

    def __init__(self, clock: Clock) -> None:
        self.dropped = 0
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._own: dict[str, _Own] = {}
        self._version = 0

    def put(self, suffix: str, topic: AnyTopic, message: Part) -> None:
        """Takes a message; `suffix` is what stands behind the chair's name in its topic."""
        with self._lock:
            if suffix not in self._entries and len(self._entries) >= MAX_ENTRIES:
                self.dropped += 1
                return
            self._version += 1
            self._entries[suffix] = _Entry(
                topic.path, message, self._version, self._clock.monotonic_ns(), topic.max_age_s
            )

    def put_own(self, name: str, values: Any, *, public: bool) -> None:
        """Takes what this process says; what is not public is for those who have logged in."""
        with self._lock:
            self._version += 1
            self._own[name] = _Own(_encoded(values), self._version, public)

    def get(self, suffix: str) -> Part | None:
        """The newest message there; None where it was not heard, or not lately."""
        with self._lock:
            self._expire()
            entry = self._entries.get(suffix)
            return entry.message if entry else None

    def changes(self, since: int, *, known: bool) -> tuple[int, str]:
        """What came after version `since`: 0 for all.

        Args:
            since: The version of the last call.
            known: Whether who asks has logged in.

        Returns:
            The version now, and a JSON object by suffix; empty where nothing came.
        """
        with self._lock:
            self._expire()
            parts = [
                f"{json.dumps(suffix)}:{self._text(entry, known)}"
                for suffix, entry in self._entries.items()
                if entry.version > since and (known or entry.path in PUBLIC_PATHS)
            ]
            parts += [
                f'"{name}":{own.text}'
                for name, own in self._own.items()
                if own.version > since and (known or own.public)
            ]
            return self._version, f"{{{','.join(parts)}}}" if parts else ""

    def _text(self, entry: _Entry, known: bool) -> str:
        if entry.message is None:
            return "null"
        if known not in entry.texts:
            entry.texts[known] = _encoded(shown(entry.path, entry.message, known=known))
        return entry.texts[known]

    def _expire(self) -> None:
        now_ns = self._clock.monotonic_ns()
        for entry in self._entries.values():
            if entry.message is None or entry.max_age_s is None:
                continue
            if now_ns - entry.received_ns > entry.max_age_s * LENIENCE * 1e9:
                self._version += 1
                entry.message, entry.version = None, self._version
                entry.texts.clear()


def _encoded(values: Any) -> str:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)
