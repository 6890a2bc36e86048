"""Where a pace may begin: at the child's own rhythm, from which it slows.

At rest a child breathes faster than a chair should swell, 15 to 30 times a minute. The pace is then
its rate over the smallest whole number that makes 10 or less of it: a swell to every two or three
breaths. Nothing but a pace comes of it, which stays from 4 to 10 whatever a heart sensor tells.
"""

import math
from dataclasses import dataclass

from calmloop.scenario_selector.pacing import MAX_PER_MIN, MIN_PER_MIN, BreathPace

BEATS_A_BREATH = 4.0
"""At rest (median 4.2: Scholkmann, Zohdi and Wolf, Physiol Res 68 (2019) 1027-1032, of adults)."""

MAX_SLOWING = 0.2
"""From the child's own rhythm, over one phase."""


@dataclass(frozen=True)
class Rhythm:
    """How fast a child breathes.

    Attributes:
        per_min: Breaths.
        source: Where that was taken from, in words.
    """

    per_min: float
    source: str


def rhythm_of(rate_bpm: float, breaths_per_min: float | None) -> Rhythm:
    """From the breath that sways its heartbeats; from their rate where there is none to be seen.

    Args:
        rate_bpm: Heartbeats.
        breaths_per_min: As they tell them; more than half of the beats cannot be seen in these.
    """
    if breaths_per_min is not None and 2.0 * breaths_per_min <= rate_bpm:
        return Rhythm(breaths_per_min, "as its heartbeats sway")
    source = f"taken from {rate_bpm:.0f} heartbeats, {BEATS_A_BREATH:g} a breath"
    return Rhythm(rate_bpm / BEATS_A_BREATH, source)


class PhasePace:
    """The pace of one phase; where it may be the child's own, that is asked for once.

    Attributes:
        said: Whence it comes, in words; empty where that needs none.
    """

    def __init__(self, pace: BreathPace | None) -> None:
        self.said = ""
        self._pace = pace
        self._is_open = pace is not None and pace.starts_at is not None

    def per_min_at(self, into: float, rhythm: Rhythm | None) -> float | None:
        """Breaths a minute; None where the phase has no pace.

        Args:
            into: Which share of the phase is over, 0..1. It is asked once this is more than 0.
            rhythm: The child's own, where it is known now.
        """
        pace = self._pace
        if pace is None:
            return None
        if self._is_open and into > 0.0:
            self._is_open = False
            self._pace, self.said = entrained(pace, rhythm)
        return self._pace.per_min_at(into) if self._pace else None


def entrained(pace: BreathPace, rhythm: Rhythm | None) -> tuple[BreathPace, str]:
    """A pace from the child's rhythm towards its own end, and whence it comes, in words.

    It gets no faster, and slower by MAX_SLOWING at most.

    Args:
        pace: As it is written.
        rhythm: The child's; None where it is not known: then the pace stays as written.
    """
    if rhythm is None or not math.isfinite(rhythm.per_min) or rhythm.per_min <= 0.0:
        return pace, f"{_from_to(pace)}, as written: the child's heart is not known"
    breaths = max(1, math.ceil(rhythm.per_min / MAX_PER_MIN))
    start = _within(rhythm.per_min / breaths)
    end = _within(max((1.0 - MAX_SLOWING) * start, min(start, pace.to_per_min)))
    own = pace.model_copy(update={"from_per_min": start, "to_per_min": end})
    whose = "a breath" if breaths == 1 else f"{breaths} breaths"
    return own, f"{_from_to(own)}: {whose} of the child's {rhythm.per_min:.0f}, {rhythm.source}"


def _from_to(pace: BreathPace) -> str:
    return f"{pace.from_per_min:.1f} to {pace.to_per_min:.1f} a minute"


def _within(per_min: float) -> float:
    return min(MAX_PER_MIN, max(MIN_PER_MIN, per_min))
