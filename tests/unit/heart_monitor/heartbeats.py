"""Hearts for tests: intervals with breath and chance in them, told as a strap tells them."""

import math
import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

from calmloop.heart_monitor.reading import Measurement

START_NS = 1_000_000_000_000


def intervals_ms(
    rate_bpm: float = 90.0, seconds: float = 60.0, seed: int = 1, sway_ms: float = 40.0
) -> list[float]:
    """As a strap tells them, in steps of 1/1024 s."""
    rng, found, at_s = random.Random(seed), list[float](), 0.0
    while at_s < seconds:
        sway = sway_ms * math.sin(math.tau * 0.25 * at_s)
        found.append(round((60_000 / rate_bpm + sway + rng.gauss(0, 10)) * 1.024) / 1.024)
        at_s += found[-1] / 1000
    return found


def told(
    rr_ms: Sequence[float],
    *,
    start_ns: int = START_NS,
    rate_bpm: float | None = None,
    contact: bool | None = True,
) -> Iterator[Measurement]:
    """One message a second, with the beats of that second."""
    waiting, beat_s, second = list(rr_ms), 0.0, 1
    while waiting:
        now: list[float] = []
        while waiting and beat_s + waiting[0] / 1000 <= second:
            beat_s += waiting[0] / 1000
            now.append(waiting.pop(0))
        yield Measurement(start_ns + second * 1_000_000_000, rate_bpm, tuple(now), contact)
        second += 1


def plain_rmssd_ms(rr_ms: Sequence[float]) -> float:
    """The definition, as it stands in the Task Force's paper."""
    differences = [later - sooner for sooner, later in pairwise(rr_ms)]
    return math.sqrt(sum(d * d for d in differences) / len(differences))
