"""The sweep of a calibration: which drives are asked for, and what the readings say of full drive.

Pure: it knows no port, no chair and no clock. At 10 % drive friction hides a part of what a
transducer gives, so that a second pass measures as far up as the first allows.
"""

import math
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass

from calmloop.chair_link.bounding import SWEEP_HZ, Point, bounding_points
from calmloop.chair_link.calibration import (
    ACCELERATION_MM_S2,
    VIBRATION_STEPS,
    CalibrationTable,
    limit_mm_s2,
    min_drive,
)
from calmloop.chair_link.errors import ImplausibleError

FIRST_DRIVE_PERMILLE = 100
"""No more than what an unmeasured chair allows (PROTOCOL.md, section 6)."""
RISE = 1.25
"""From one drive of the second pass to the next, at most."""
LEAST_RISE = 1.1
"""A shorter step is not worth its time."""
SLOPE_FROM = 1.2
"""Two drives nearer to each other than this say nothing about friction: noise would decide."""
END_M_S2 = 1.0
"""No drive is raised beyond what gives this; nor beyond the limit at its frequency."""


SHY = 0.9
"""Of its limit, for a frequency: the next step may give more than it seems."""
FRICTION = 0.5
"""The share of the first drive that friction is taken to hide until two drives have shown it."""


@dataclass(frozen=True)
class SweepStep:
    """One drive to be held and measured."""

    hz: int
    drive_permille: int


@dataclass(frozen=True)
class DriveReading:
    """What the accelerometer showed at one step, in m/s2 rms."""

    hz: int
    drive_permille: int
    m_s2: float


def first_pass() -> list[SweepStep]:
    """Every frequency once, at 10 %; a chair whose table allows less there gives that."""
    return [SweepStep(hz, FIRST_DRIVE_PERMILLE) for hz in SWEEP_HZ]


def second_pass(
    first: CalibrationTable, readings: Mapping[int, DriveReading]
) -> Generator[SweepStep, float, None]:
    """Every frequency, rising stepwise to what the first pass allows; send each reading back.

    No step is taken to a drive that would give more than its limit if it went on from the last one
    as steep as it went there. Where friction could let the very first step do so, a drive
    below the one of the first pass shows how steep it is.

    Args:
        first: The table in force, that of the first pass.
        readings: The first pass's reading of each Hz.
    """
    for hz in SWEEP_HZ:
        allowed = first.vibration_ceiling_ppm(1000 * hz) // 1000
        end_m_s2 = SHY * min(END_M_S2, limit_mm_s2(1000 * hz) / 1000)
        drive, m_s2 = readings[hz].drive_permille, readings[hz].m_s2
        slope = m_s2 / ((1 - FRICTION) * drive)
        if drive < allowed and drive + (end_m_s2 - m_s2) / slope < RISE * drive:
            below = math.floor(drive / RISE)
            slope = (m_s2 - (yield SweepStep(hz, below))) / (drive - below)
        while drive < allowed:
            reach = drive + (end_m_s2 - m_s2) / max(slope, m_s2 / drive)
            if reach < LEAST_RISE * drive:
                break
            before, before_m_s2 = drive, m_s2
            drive = min(allowed, math.ceil(RISE * drive), math.floor(reach))
            m_s2 = yield SweepStep(hz, drive)
            slope = (m_s2 - before_m_s2) / (drive - before)


def full_mm_s2(readings: Iterable[DriveReading]) -> int:
    """What full drive gives at one frequency at most, by its readings.

    Friction takes a part of each drive: the steepest of what the drives gave, and of what one gave
    over another, bounds what any higher one gives.

    Raises:
        ImplausibleError: no transducer gives that.
    """
    taken = sorted((min_drive(r.drive_permille, VIBRATION_STEPS), _positive(r)) for r in readings)
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
        raise ImplausibleError(
            f"{m_s2:g} m/s² at {100 * drive:.1f} % drive: full drive would give "
            f"{full / 1000:.1f} m/s², and {ACCELERATION_MM_S2[-1] / 1000:g} is plausible. Is it "
            "m/s², and rms? Check the accelerometer and its mounting, turn the amplifier's gain "
            "down, and measure again"
        )
    return max(ACCELERATION_MM_S2[0], full)


def points_of(readings: Iterable[DriveReading]) -> tuple[Point, ...]:
    """The points of the table that bound all readings; each frequency of the sweep has one.

    Raises:
        ImplausibleError: no transducer gives that.
    """
    by_hz: dict[int, list[DriveReading]] = {}
    for reading in readings:
        by_hz.setdefault(reading.hz, []).append(reading)
    return bounding_points({hz: full_mm_s2(by_hz[hz]) for hz in SWEEP_HZ})


def missing(readings: Iterable[DriveReading]) -> list[int]:
    """The frequencies that have no reading yet."""
    known = {reading.hz for reading in readings}
    return [hz for hz in SWEEP_HZ if hz not in known]


def _positive(reading: DriveReading) -> float:
    if not (math.isfinite(reading.m_s2) and reading.m_s2 > 0):
        raise ImplausibleError(
            f"{reading.hz} Hz at {reading.drive_permille / 10:g} %: {reading.m_s2:g} m/s² is no "
            "measured value: it is more than 0, such as 0.12. Is the accelerometer on?"
        )
    return reading.m_s2
