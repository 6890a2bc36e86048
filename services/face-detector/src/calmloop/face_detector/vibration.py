"""What the chair's own vibration adds to the change that is seen in the seat.

The stillest second at a level of vibration, less the stillest one without any. A child who never
sits still at a level would be taken for vibration: so no more than a fixed share is ever taken off,
and strong movement shows whatever the chair is said to do.
"""

import math

LEVEL_STEP_PCT = 10.0
WINDOW_S = 1.0
KNOWN_AFTER_S = 3.0
"""Time at a level until its stillest second counts: less may hold no still second at all."""

MAX_ADDED = 0.005
"""Largest share of the contrast that is taken off. Ours: five times the change of a seat at rest,
a two-hundredth of what thrashing changes. The chair moves by less than 0.03 mm (1.0 m/s2 rms at
30 Hz), which a camera that stands apart does not see; one that shakes more reads as movement."""


class VibrationShare:
    """Learns by level, and forgets nothing while the camera stays where it is."""

    def __init__(self) -> None:
        self._stillest: dict[int, float] = {}
        self._known_s: dict[int, float] = {}
        self._level: int | None = None
        self._since_s = math.inf
        self._at_s = math.inf

    def learn(self, vibration_pct: float | None, energy: float, at_s: float) -> None:
        """Takes the mean change of the last second, at the level that the chair applies.

        Args:
            vibration_pct: 0 to 100; None where it is not known, which teaches nothing.
            energy: Share of the contrast, the camera's noise taken off.
            at_s: On a steady clock.
        """
        level = None if vibration_pct is None else _level(vibration_pct)
        if level != self._level:
            self._level, self._since_s, self._at_s = level, at_s, at_s
        passed_s, self._at_s = at_s - self._at_s, at_s
        if level is None or at_s - self._since_s < WINDOW_S:
            return
        self._known_s[level] = self._known_s.get(level, 0.0) + max(0.0, min(WINDOW_S, passed_s))
        self._stillest[level] = min(self._stillest.get(level, math.inf), energy)

    def added(self, vibration_pct: float | None) -> float:
        """What to take off at this level, 0 to MAX_ADDED; 0 while it is not known."""
        if vibration_pct is None or (level := _level(vibration_pct)) == 0:
            return 0.0
        rest, here = self._of(0), self._of(level)
        return 0.0 if rest is None or here is None else min(MAX_ADDED, max(0.0, here - rest))

    def _of(self, level: int) -> float | None:
        known = self._known_s.get(level, 0.0) >= KNOWN_AFTER_S
        return self._stillest[level] if known else None


def _level(vibration_pct: float) -> int:
    """0 without vibration, and steps of ten percent above."""
    return math.ceil(min(100.0, vibration_pct) / LEVEL_STEP_PCT) if vibration_pct > 0.0 else 0
