"""How a body moves in each state, as positions over time.

Lengths are in half face widths, about 7 cm of a child. Sizes of the states overlap on purpose: a
small rocking moves less than a large fidget.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from calmloop.training.data.faces import FloatArray

FINE_HZ = 100
"""Courses are made so finely, for an accelerometer of half as many readings."""
BREATHS_HZ, BREATH_DEPTH = (0.2, 0.4), 0.02
SHIFT_SHARE, SHIFT_S = 0.3, 1.5
"""Who sits calmly still shifts its weight now and then, slowly."""
LEAVES_FROM, LEAVES_LATEST_S = 0.3, 1.0
"""A child begins to leave after this share of the course, and so long before its end."""

Floats = npt.NDArray[np.float64]


class Restlessness(StrEnum):
    """What a child does; the place in here is its number."""

    CALM = "calm"
    FIDGETING = "fidgeting"
    ROCKING = "rocking"
    THRASHING = "thrashing"
    LEAVING = "leaving"


STATES = tuple(Restlessness)


@dataclass(frozen=True)
class BodyCourse:
    """Where a body is, FINE_HZ times a second.

    Attributes:
        trunk: Right, down and towards the camera, (T, 3).
        head: Right and down, beside the trunk's, (T, 2).
        roll_deg: Tilt of the head, (T,).
    """

    trunk: FloatArray
    head: FloatArray
    roll_deg: FloatArray


def course_of(state: Restlessness, seconds: float, rng: np.random.Generator) -> BodyCourse:
    """A child in that state for so long; one that leaves is out of the picture in the end."""
    count = round(seconds * FINE_HZ)
    at_s = np.arange(count) / FINE_HZ
    trunk, roll_deg = np.zeros((count, 3)), np.zeros(count)
    trunk[:, 1] += BREATH_DEPTH * np.sin(2 * np.pi * rng.uniform(*BREATHS_HZ) * at_s)
    head = np.zeros((count, 2))
    if state is Restlessness.CALM and rng.random() < SHIFT_SHARE:
        start_s = rng.uniform(0, max(0.0, seconds - SHIFT_S))
        trunk += step(at_s, start_s, SHIFT_S)[:, None] * _direction(rng) * rng.uniform(0.05, 0.25)
    elif state is Restlessness.FIDGETING:
        trunk += _fidget(at_s, rng)
        head += 0.5 * rng.uniform() * _fidget(at_s, rng)[:, :2]
    elif state is Restlessness.ROCKING:
        trunk += _rock(at_s, rng)
    elif state is Restlessness.THRASHING:
        size = rng.uniform(0.25, 0.8)
        trunk += size * np.column_stack([band(count, 1.0, 4.0, rng) for _ in range(3)])
        head += size / 2 * np.column_stack([band(count, 1.0, 4.0, rng) for _ in range(2)])
        roll_deg += 15 * size * band(count, 1.0, 4.0, rng)
    elif state is Restlessness.LEAVING:
        trunk += _leave(at_s, rng)
    return BodyCourse(*(np.asarray(one, np.float32) for one in (trunk, head, roll_deg)))


def band(count: int, low_hz: float, high_hz: float, rng: np.random.Generator) -> Floats:
    """Noise of those frequencies alone, (count,), of standard deviation 1."""
    hz = np.fft.rfftfreq(count, 1 / FINE_HZ)
    spectrum = np.fft.rfft(rng.normal(size=count)) * ((hz >= low_hz) & (hz <= high_hz))
    noise = np.fft.irfft(spectrum, count)
    return np.asarray(noise / max(1e-9, float(noise.std())), np.float64)


def step(at_s: Floats, start_s: float, lasts_s: float) -> Floats:
    """From 0 to 1, without a jerk at either end."""
    share = np.clip((at_s - start_s) / lasts_s, 0.0, 1.0)
    return np.asarray(share**3 * (10 - 15 * share + 6 * share**2), np.float64)


def _direction(rng: np.random.Generator) -> Floats:
    one = rng.normal(size=3) * (1.0, 0.4, 1.0)
    return np.asarray(one / np.linalg.norm(one), np.float64)


def _fidget(at_s: Floats, rng: np.random.Generator) -> Floats:
    """Short bursts at random moments, each limb in its own way."""
    bursts = np.zeros(len(at_s))
    start_s = rng.uniform(0, 1)
    while start_s < at_s[-1]:
        lasts_s = rng.uniform(0.4, 1.2)
        share = np.clip((at_s - start_s) / lasts_s, 0.0, 1.0)
        bursts = np.maximum(bursts, np.sin(np.pi * share) ** 2)
        start_s += lasts_s + rng.uniform(0.1, 1.2)
    noise = np.column_stack([band(len(at_s), 0.7, 3.0, rng) for _ in range(3)])
    return np.asarray(rng.uniform(0.06, 0.3) * bursts[:, None] * noise, np.float64)


def _rock(at_s: Floats, rng: np.random.Generator) -> Floats:
    """To and fro at 0.4 to 1.5 Hz, a little unevenly; what is quicker is smaller."""
    hz = rng.uniform(0.4, 1.5)
    uneven = rng.uniform(0, 0.4) * np.sin(2 * np.pi * rng.uniform(0.05, 0.2) * at_s)
    swing = np.sin(2 * np.pi * (hz * at_s + rng.uniform()) + uneven)
    wane = 1 + 0.2 * np.sin(2 * np.pi * rng.uniform(0.05, 0.2) * at_s + rng.uniform(0, 6))
    size = rng.uniform(0.2, 1.2) * min(1.0, 0.6 / hz)
    return np.asarray(size * (swing * wane)[:, None] * _direction(rng), np.float64)


def _leave(at_s: Floats, rng: np.random.Generator) -> Floats:
    """To a side, up or down; before that at rest, or fidgeting."""
    seconds = at_s[-1]
    start_s = rng.uniform(LEAVES_FROM * seconds, seconds - LEAVES_LATEST_S)
    right, down = ((-1, 0), (1, 0), (0, -1), (0, 1))[rng.choice(4, p=(0.35, 0.35, 0.15, 0.15))]
    way = np.array([right, down, rng.uniform(-0.1, 0.1)]) * rng.uniform(9, 12)
    gone = step(at_s, start_s, rng.uniform(1.2, 2.5))[:, None] * way
    before = _fidget(at_s, rng) if rng.random() < 0.5 else np.zeros((len(at_s), 3))
    return np.asarray(gone + before, np.float64)
