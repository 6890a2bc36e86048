"""What full drive gives on one chair, as measured, and the ceilings that follow from it.

PROTOCOL.md, section 6, is the specification; the firmware's `calibration.c` decides.
"""

import math
import struct
from dataclasses import dataclass
from itertools import pairwise

import google_crc32c

from calmloop.chair_link.errors import ImplausibleError
from calmloop.chair_link.messages import Calibrate, CalibrationKind
from calmloop.chair_link.wire.numbers import (
    ACCELERATION_MAX_MM_S2,
    ACCELERATION_MIN_MM_S2,
    CALIBRATION_LEVEL_HZ,
    CALIBRATION_POINTS_MAX,
    FULL_PERMILLE,
    SOUND_LIMIT_DDBA,
    SOUND_MAX_DDBA,
    SOUND_MIN_DDBA,
    VIBRATION_DHZ_MAX,
    VIBRATION_DHZ_MIN,
    VIBRATION_LIMIT_30HZ_MM_S2,
    VIBRATION_LIMIT_MM_S2,
)

FIRST_HZ, LAST_HZ = VIBRATION_DHZ_MIN // 10, VIBRATION_DHZ_MAX // 10
MAX_POINTS = CALIBRATION_POINTS_MAX
"""What fits a CALIBRATE."""
FULL_PPM = 1_000_000
ACCELERATION_MM_S2 = range(ACCELERATION_MIN_MM_S2, ACCELERATION_MAX_MM_S2 + 1)
"""What full drive of a transducer may plausibly give; likewise in the firmware."""
SOUND_DDBA = range(SOUND_MIN_DDBA, SOUND_MAX_DDBA + 1)
"""What full drive of a loudspeaker may plausibly give, in tenths of a decibel."""
LIMIT_MM_S2, LIMIT_30HZ_MM_S2 = VIBRATION_LIMIT_MM_S2, VIBRATION_LIMIT_30HZ_MM_S2
LEVEL_HZ = CALIBRATION_LEVEL_HZ
"""The limit from 40 Hz up, and at 30 Hz; on the straight line between (ISO 2631-1, comfort)."""
VIBRATION_STEPS, SOUND_STEPS = 1023, 256
"""Of the microcontroller's outputs, which round down."""
HEADER = struct.Struct("<BBH")
POINT = struct.Struct("<BH")


def limit_mm_s2(frequency_mhz: int) -> int:
    """The most that anybody may feel at a frequency, in mm/s2 rms, rounded down."""
    above_mhz = frequency_mhz - 1000 * FIRST_HZ
    rise = (LIMIT_MM_S2 - LIMIT_30HZ_MM_S2) * above_mhz // (1000 * (LEVEL_HZ - FIRST_HZ))
    return min(LIMIT_MM_S2, LIMIT_30HZ_MM_S2 + rise)


@dataclass(frozen=True)
class CalibrationTable:
    """What full drive gives at most: acceleration between its points, and sound at the ear.

    Attributes:
        points: (Hz, mm/s2 rms), 2 to 14 of them, ascending from 30 to 80 Hz. The straight lines
            between them lie nowhere below what the transducer gives.
        sound_ddba: Tenths of dBA.
    """

    points: tuple[tuple[int, int], ...]
    sound_ddba: int

    @property
    def record(self) -> bytes:
        """The record that the chair stores."""
        header = HEADER.pack(CalibrationKind.MEASURED, len(self.points), self.sound_ddba)
        points = b"".join(POINT.pack(*point) for point in self.points)
        return (header + points).ljust(HEADER.size + MAX_POINTS * POINT.size, b"\0")

    def message(self, *, may_jump: bool = False) -> Calibrate:
        """The message that brings it to the chair."""
        return Calibrate(may_jump, self.record)

    @property
    def hash(self) -> int:
        """The hash by which IDENTITY names it."""
        return int(google_crc32c.value(self.record))

    def full_mm_s2(self, frequency_mhz: int) -> int:
        """What full drive gives at a frequency at most, rounded up."""
        (low_hz, low), (high_hz, high) = next(
            pair for pair in pairwise(self.points) if frequency_mhz <= 1000 * pair[1][0]
        )
        above, span = frequency_mhz - 1000 * low_hz, 1000 * (high_hz - low_hz)
        return low - (low - high) * above // span

    def vibration_ceiling_ppm(self, frequency_mhz: int) -> int:
        """The highest level that the chair allows at a frequency."""
        limit = limit_mm_s2(frequency_mhz)
        return min(FULL_PPM, FULL_PPM * limit // self.full_mm_s2(frequency_mhz))

    @property
    def sound_ceiling_permille(self) -> int:
        """The highest sound level that the chair allows."""
        above_db = max(0, math.ceil((self.sound_ddba - SOUND_LIMIT_DDBA) / 10))
        return math.floor(FULL_PERMILLE * 10 ** (-above_db / 20))


EMULATED = CalibrationTable(((30, 730), (40, 1000), (80, 1000)), SOUND_LIMIT_DDBA)
"""What the emulated chip carries, since the release firmware takes no table of kind simulated: full
drive is exactly the limit everywhere, where a sweep's margin keeps every measured table from."""


def read_calibration(record: bytes) -> CalibrationTable:
    """The calibration in a record."""
    _, count, sound_ddba = HEADER.unpack_from(record)
    points = list(POINT.iter_unpack(record[HEADER.size :]))[:count]
    return CalibrationTable(tuple(points), sound_ddba)


def min_drive(drive_permille: int, steps: int) -> float:
    """The share that an output of so many steps gives at least, at a level that it was set to.

    It rounds down, and a transducer that got less than was asked for is stronger than it seems.
    """
    return drive_permille * steps // FULL_PERMILLE / steps


def full_acceleration_mm_s2(measured_m_s2: float, drive_permille: int) -> int:
    """What full drive gives when `drive_permille` gave `measured_m_s2`, rounded up.

    Raises:
        ImplausibleError: no transducer gives that.
    """
    share = min_drive(drive_permille, VIBRATION_STEPS)
    full_mm_s2 = math.ceil(round(_finite(measured_m_s2) * 1000 / share, 6))
    if full_mm_s2 not in ACCELERATION_MM_S2:
        low, high = (limit * share / 1000 for limit in _ends(ACCELERATION_MM_S2))
        raise ImplausibleError(
            f"{measured_m_s2:g} m/s² at {drive_permille / 10:g} % drive: between {low:.3g} and "
            f"{high:.3g} is plausible. Is it m/s², and rms? Check the accelerometer and its "
            "mounting, and measure again"
        )
    return full_mm_s2


def full_sound_ddba(measured_dba: float, drive_permille: int) -> int:
    """What full drive gives when `drive_permille` gave `measured_dba`, rounded up.

    Raises:
        ImplausibleError: no loudspeaker gives that.
    """
    below_db = -20 * math.log10(min_drive(drive_permille, SOUND_STEPS))
    full_ddba = math.ceil(round((_finite(measured_dba) + below_db) * 10, 6))
    if full_ddba not in SOUND_DDBA:
        low, high = (limit / 10 - below_db for limit in _ends(SOUND_DDBA))
        raise ImplausibleError(
            f"{measured_dba:g} dBA at {drive_permille / 10:g} % drive: between {low:.1f} and "
            f"{high:.1f} is plausible. Check the meter's weighting and range, and measure again"
        )
    return full_ddba


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ImplausibleError(f"{value} is no measured value: enter a number such as 0.12")
    return value


def _ends(numbers: range) -> tuple[int, int]:
    return numbers[0], numbers[-1]
