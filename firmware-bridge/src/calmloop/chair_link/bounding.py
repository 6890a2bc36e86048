"""From a sweep in steps of 1 Hz to the few points that bound the transducer's curve from above.

Between two steps a resonance may rise above both. One of a quality factor up to `MAX_QUALITY`, at
frequency f, is at 0.5 Hz beside its peak lower by sqrt(1 + (Q / f)²), and at least one step is that
near; `RESERVE` covers that resonances overlap. Sharper ones, or two within 2 Hz, are not covered:
nothing padded that carries a child is so.
"""

import math
from collections.abc import Mapping

from calmloop.chair_link.calibration import (
    ACCELERATION_MM_S2,
    FIRST_HZ,
    LAST_HZ,
    MAX_POINTS,
)
from calmloop.chair_link.errors import ImplausibleError

MAX_QUALITY = 20.0
RESERVE = 1.03
SWEEP_HZ = range(FIRST_HZ, LAST_HZ + 1)
EXCESSES = (0.0, 0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
"""How much higher than needed the points are tried."""

Point = tuple[int, int]


def margin(frequency_hz: float) -> float:
    """What may lie between two steps, over the higher one of them."""
    return RESERVE * math.sqrt(1 + (MAX_QUALITY / frequency_hz) ** 2)


def bounding_points(full_mm_s2: Mapping[int, int]) -> tuple[Point, ...]:
    """The points, `MAX_POINTS` at most, whose straight lines bound what full drive gives.

    Args:
        full_mm_s2: Measured, at each of `SWEEP_HZ`.

    They cost as little level as possible: of all such lines the ones that lie least above.

    Raises:
        ImplausibleError: it is so strong that no table can bound it.
    """
    needed = [_needed(full_mm_s2, hz) for hz in SWEEP_HZ]
    strongest = max(needed)
    if strongest not in ACCELERATION_MM_S2:
        raise ImplausibleError(
            f"full drive gives up to {strongest / 1000:.1f} m/s² at "
            f"{SWEEP_HZ[needed.index(strongest)]} Hz, margin included: "
            f"{ACCELERATION_MM_S2[-1] / 1000:g} is the most that a table holds. "
            "Turn the amplifier's gain down and measure again"
        )
    lines = (_cheapest(needed, 1 + excess) for excess in EXCESSES)
    return min((found for found in lines if found is not None), key=lambda found: found[0])[1]


def _needed(full_mm_s2: Mapping[int, int], hz: int) -> int:
    """A line through these at each step lies above what may be between the steps."""
    near = max(full_mm_s2[step] for step in (hz - 1, hz, hz + 1) if step in full_mm_s2)
    return max(ACCELERATION_MM_S2[0], math.ceil(near * margin(hz)))


def _cheapest(needed: list[int], factor: float) -> tuple[float, tuple[Point, ...]] | None:
    """What lines through some of the needed values times `factor` cost, and their points."""
    heights = [min(ACCELERATION_MM_S2[-1], math.ceil(value * factor)) for value in needed]
    costs = _costs(needed, heights)
    best: list[tuple[float, tuple[int, ...]] | None] = [None] * len(needed)
    best[0] = (0.0, (0,))
    for _ in range(MAX_POINTS - 1):
        longer = list(best)
        for (start, end), cost in costs.items():
            before, known = best[start], longer[end]
            if before is not None and (known is None or before[0] + cost < known[0]):
                longer[end] = (before[0] + cost, (*before[1], end))
        best = longer
    if best[-1] is None:
        return None
    cost, steps = best[-1]
    return cost, tuple((SWEEP_HZ[step], heights[step]) for step in steps)


def _costs(needed: list[int], heights: list[int]) -> dict[tuple[int, int], float]:
    """For each pair of steps between which a line stays above: how far, in nepers."""
    costs = {}
    for start in range(len(needed)):
        for end in range(start + 1, len(needed)):
            cost = _cost(needed, heights, start, end)
            if cost is not None:
                costs[start, end] = cost
    return costs


def _cost(needed: list[int], heights: list[int], start: int, end: int) -> float | None:
    slope = (heights[end] - heights[start]) / (end - start)
    cost = 0.0
    for step in range(start + 1, end + 1):
        excess = (heights[start] + slope * (step - start)) / needed[step]
        if excess < 1:
            return None
        cost += math.log(excess)
    return cost
