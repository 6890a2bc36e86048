"""The simulated child's heart: a regression tool, and never evidence of anything."""

import math
import random
from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from calmloop.base.clock import monotonic_s
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.chair import Applied
from calmloop.heart_monitor.reading import Battery, Measurement, Reading
from calmloop.heart_monitor.sources.source import READ_S, SourceContext, SourceSection

CALM_BPM, UPSET_BPM = 88.0, 124.0
BREATHS_HZ = 0.3
SWAY_MS = 45.0
"""How far breath moves the calm child's intervals; hardly the upset one's."""
NOISE_MS = 8.0
LIKED_PCT = 22.0
SETTLING_S = 20.0
TELLS_EVERY_S = 1.0
RESTING = 0.35
"""How upset it is while nothing is felt."""


class Feeling(StrEnum):
    """Lets the simulated child settle as the chair soothes it, or holds it for a test."""

    AUTO = "auto"
    CALM = "calm"
    UPSET = "upset"


class SimulatedSection(SourceSection):
    """A made-up heart, for a demo and for tests."""

    backend = "simulated"

    feeling: Feeling = Field(Feeling.AUTO, description="Holds the child calm or upset.")
    seed: int = Field(1, ge=0, le=2**31 - 1, description="Its chances.")

    def load(self, context: SourceContext) -> "SimulatedHeart":
        """See `SourceSection.load`."""
        return SimulatedHeart(self, context)


class SimulatedHeart:
    """Beats by the clock; the chair's vibration and sound settle it or are too much for it."""

    origin = "simulated child"
    source_kind = SignalKind.SIMULATED

    def __init__(self, section: SimulatedSection, context: SourceContext) -> None:
        self._section = section
        self._clock, self._pause = context.clock, context.pause
        self._applied = Applied()
        self._rng = random.Random(section.seed)
        self._upset = {Feeling.CALM: 0.0, Feeling.UPSET: 1.0}.get(section.feeling, RESTING)
        self._beat_s: float | None = None
        self._interval_s = self._next_interval_s(0.0)
        self._told_s = 0.0

    def feel(self, applied: Applied) -> None:
        """Tells what the chair does now; callable from another thread."""
        self._applied = applied

    def open(self) -> None:
        """Always there."""
        self._beat_s = self._told_s = monotonic_s(self._clock)

    def read(self) -> Sequence[Reading]:
        """The beats since it told last, once a second as a strap does."""
        now_s = monotonic_s(self._clock)
        if self._beat_s is None or now_s - self._told_s < TELLS_EVERY_S:
            self._pause(READ_S)
            return []
        # A clock that was stopped for long is not caught up with.
        self._beat_s = max(self._beat_s, now_s - 2 * TELLS_EVERY_S)
        rr_ms = []
        while self._beat_s + self._interval_s <= now_s:
            rr_ms.append(round(self._interval_s * 1024) * 1000 / 1024)
            self._beat_s += self._interval_s
            self._interval_s = self._next_interval_s(self._beat_s)
        self._told_s = now_s
        at_ns = self._clock.monotonic_ns()
        told_bpm = round(60_000 * len(rr_ms) / sum(rr_ms)) if rr_ms else None
        return [Measurement(at_ns, told_bpm, tuple(rr_ms), contact=True), Battery(at_ns, 90)]

    def close(self) -> None:
        """Nothing to let go."""
        self._beat_s = None

    def _next_interval_s(self, at_s: float) -> float:
        if self._section.feeling is Feeling.AUTO:
            self._upset += (self._drawn_to() - self._upset) / SETTLING_S
        mean_ms = 60_000 / (CALM_BPM + (UPSET_BPM - CALM_BPM) * self._upset)
        breath_ms = SWAY_MS * (1.0 - 0.8 * self._upset) * math.sin(math.tau * BREATHS_HZ * at_s)
        return (mean_ms + breath_ms + self._rng.gauss(0.0, NOISE_MS)) / 1000

    def _drawn_to(self) -> float:
        """A little is soothing, nothing is dull, more than twice as much as it likes upsets."""
        felt_pct = (self._applied.vibration_pct + self._applied.sound_pct) / 2
        share = felt_pct / LIKED_PCT
        return min(1.0, max(0.0, RESTING - 0.6 * share * (2.0 - share)))
