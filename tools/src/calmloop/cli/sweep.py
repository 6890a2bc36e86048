"""The sweep of a calibration: which drives are asked for, and what the readings say of full drive.

Pure: it knows no port, no chair and no clock. At 10 % drive friction hides a part of what a
transducer gives, so that a second pass measures as far up as the first allows.
"""

import math
from collections.abc import Generator, Iterable
from dataclasses import dataclass

from calmloop.chair_link.bounding import SWEEP_HZ, Point, bounding_points
from calmloop.chair_link.calibration import (
    ACCELERATION_MM_S2,
    VIBRATION_STEPS,
    Calibration,
    Implausible,
    least_drive,
    limit_mm_s2,
)

FIRST_DRIVE_PERMILLE = 100
"""No more than what an unmeasured chair allows (PROTOCOL.md, section 6)."""
RISE = 1.25
"""From one drive of the second pass to the next."""
SLOPE_FROM = 1.2
"""Two drives nearer to each other than this say nothing about friction: noise would decide."""
END_M_S2 = 1.0
"""No drive is raised beyond what gives this; nor beyond the limit at its frequency."""


SHY = 0.9
"""Of its limit, for a frequency: friction lets the next step give more than it seems."""


@dataclass(frozen=True)
class Step:
    """One drive to be held and measured."""

    hz: int
    drive_permille: int


@dataclass(frozen=True)
class Reading:
    """What the accelerometer showed at one step, in m/s2 rms."""

    hz: int
    drive_permille: int
    m_s2: float


def first_pass(ceilings_permille: dict[int, int]) -> list[Step]:
    """Every frequency once, at 10 % or, where the chair allows less, at that."""
    return [
        Step(hz, min(FIRST_DRIVE_PERMILLE, ceilings_permille.get(hz, FIRST_DRIVE_PERMILLE)))
        for hz in SWEEP_HZ
    ]


def second_pass(first: Calibration) -> Generator[Step, float, None]:
    """Every frequency, rising stepwise to what the first pass allows; send each reading back.

    A frequency ends before the step that would give more than its limit if full drive went on as it
    went from the last step to this one.
    """
    for hz in SWEEP_HZ:
        allowed = first.vibration_ceiling_ppm(1000 * hz) // 1000
        end_m_s2 = min(END_M_S2, limit_mm_s2(1000 * hz) / 1000)
        drive, slope_from = FIRST_DRIVE_PERMILLE, (0, 0.0)
        while drive < allowed:
            drive = min(allowed, math.ceil(drive * RISE))
            m_s2 = yield Step(hz, drive)
            slope = (m_s2 - slope_from[1]) / (drive - slope_from[0])
            slope_from = (drive, m_s2)
            if m_s2 + slope * drive * (RISE - 1) >= SHY * end_m_s2:
                break


def full_mm_s2(readings: Iterable[Reading]) -> int:
    """What full drive gives at one frequency at most, by its readings.

    Friction takes a part of each drive: the steepest of what the drives gave, and of what one gave
    over another, bounds what any higher one gives.

    Raises:
        Implausible: no transducer gives that.
    """
    taken = sorted((least_drive(r.drive_permille, VIBRATION_STEPS), _positive(r)) for r in readings)
    gains = [m_s2 / drive for drive, m_s2 in taken]
    gains += [
        (high - low) / (high_drive - low_drive)
        for low_drive, low in taken
        for high_drive, high in taken
        if high_drive >= SLOPE_FROM * low_drive
    ]
    full = math.ceil(round(1000 * max(gains), 6))
    if full > ACCELERATION_MM_S2[-1]:
        drive, m_s2 = taken[-1]
        raise Implausible(
            f"{m_s2:g} m/s² at {100 * drive:.1f} % drive: full drive would give "
            f"{full / 1000:.1f} m/s², and {ACCELERATION_MM_S2[-1] / 1000:g} is plausible. Is it "
            "m/s², and rms? Check the accelerometer and its mounting, turn the amplifier's gain "
            "down, and measure again"
        )
    return max(ACCELERATION_MM_S2[0], full)


def points_of(readings: Iterable[Reading]) -> tuple[Point, ...]:
    """The points of the table that bound all readings; each frequency of the sweep has one.

    Raises:
        Implausible: no transducer gives that.
    """
    by_hz: dict[int, list[Reading]] = {}
    for reading in readings:
        by_hz.setdefault(reading.hz, []).append(reading)
    return bounding_points({hz: full_mm_s2(by_hz[hz]) for hz in SWEEP_HZ})


def missing(readings: Iterable[Reading]) -> list[int]:
    """The frequencies that have no reading yet."""
    known = {reading.hz for reading in readings}
    return [hz for hz in SWEEP_HZ if hz not in known]


def _positive(reading: Reading) -> float:
    if not (math.isfinite(reading.m_s2) and reading.m_s2 > 0):
        raise Implausible(
            f"{reading.hz} Hz at {reading.drive_permille / 10:g} %: {reading.m_s2:g} m/s² is no "
            "measured value: it is more than 0, such as 0.12. Is the accelerometer on?"
        )
    return reading.m_s2
