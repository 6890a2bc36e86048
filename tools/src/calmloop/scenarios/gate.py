"""What the chair's gate makes of levels over time, by the bounds of its protocol.

It follows `firmware-bridge/firmware/core/gate.c` for a chair whose ceilings are full scale; a
calibrated chair has lower ones, to which everything is relative. It is for looking: what keeps a
child safe is the gate in the chair.
"""

import numpy as np
from numpy.typing import NDArray

from calmloop.chair_link.wire.numbers import FALL_MS, LIGHT_SLEW_PPM_PER_MS, RISE_MS

Levels = NDArray[np.float64]

RISE_PCT_PER_S = 100.0 * 1000.0 / RISE_MS
FALL_PCT_PER_S = 100.0 * 1000.0 / FALL_MS
LIGHT_PCT_PER_S = LIGHT_SLEW_PPM_PER_MS / 10.0


def gated_level(asked_pct: Levels, step_s: float, start_pct: float) -> Levels:
    """Vibration or sound as it leaves the gate.

    Args:
        asked_pct: A level each step, 0..100, shape (steps,).
        step_s: Between two of them.
        start_pct: The level before the first.
    """
    given, level = np.empty_like(asked_pct), start_pct
    for place, target in enumerate(asked_pct):
        level += float(np.clip(target - level, -FALL_PCT_PER_S * step_s, RISE_PCT_PER_S * step_s))
        given[place] = level
    return given


def gated_light(asked_pct: Levels, step_s: float) -> Levels:
    """The light as it leaves the gate, along the straight line to what is asked.

    Args:
        asked_pct: Linear RGB each step, 0..100, shape (steps, 3); not saturated red.
        step_s: Between two of them. The light begins at the first.
    """
    given, light = np.empty_like(asked_pct), asked_pct[0]
    for place, target in enumerate(asked_pct):
        way = target - light
        longest = float(np.abs(way).max())
        share = min(1.0, LIGHT_PCT_PER_S * step_s / longest) if longest > 0.0 else 1.0
        light = light + share * way
        given[place] = light
    return given
