"""Cumulative sums of what is said of distress, with a leak and a drift (Page, 1954)."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Memory:
    """How a sum is kept.

    Attributes:
        leak_s: Time in which a share of 1 - 1/e is forgotten.
        drift_per_s: What calm is taken to say each second, whatever is seen.
        threshold: Above it the sum has something to say.
        highest: It never exceeds this, so that calm is heard soon.
        least_face: What a calm face says a second, at least: others are heard beside it.
    """

    leak_s: float
    drift_per_s: float
    threshold: float
    highest: float
    least_face: float


FAST = Memory(leak_s=6.0, drift_per_s=0.3, threshold=1.65, highest=5.2, least_face=-0.6)
SLOW = Memory(leak_s=84.0, drift_per_s=0.28, threshold=17.0, highest=24.0, least_face=-1.5)

WITHOUT_FACE_SHARE = 0.9
"""Of the threshold, for what is heard besides the face."""


class DistressSums:
    """Cumulative sums of log-odds, never below zero.

    Of the face alone and of all signals, of which the larger counts: no signal that lies of calm
    keeps the face from being heard. And of all but the face.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.face = self.together = self.others = 0.0

    @property
    def value(self) -> float:
        """The larger one."""
        return max(self.face, self.together)

    @property
    def is_over(self) -> bool:
        """Whether it has something to say."""
        return self.value > self._memory.threshold or self.is_over_without_face

    @property
    def is_over_without_face(self) -> bool:
        """Whether it has, whatever the face says."""
        return self.others > WITHOUT_FACE_SHARE * self._memory.threshold

    @property
    def share(self) -> float:
        """Of the threshold, 0 to 1 and above."""
        return self.value / self._memory.threshold

    def add(self, face: float, others: float, seconds: float, alone: float = 0.0) -> None:
        """Lets `seconds` pass in which the face and the others said this each second.

        Args:
            face: Of the face, as log-odds.
            others: The same of all others.
            seconds: How long.
            alone: What of them counts without the face.
        """
        heard = max(self._memory.least_face, face)
        self.face = self._after(self.face, heard, seconds)
        self.together = self._after(self.together, heard + others, seconds)
        self.others = self._after(self.others, alone, seconds)

    def clear(self) -> None:
        """Begins anew."""
        self.face = self.together = self.others = 0.0

    def _after(self, value: float, log_odds_per_s: float, seconds: float) -> float:
        kept = value * math.exp(-seconds / self._memory.leak_s)
        grown = kept + (log_odds_per_s - self._memory.drift_per_s) * seconds
        return min(self._memory.highest, max(0.0, grown))
