"""What full drive gives on one chair, as measured, and the ceilings that follow from it.

PROTOCOL.md, section 6, is the specification; the firmware's `calibration.c` decides.
"""

import math
from dataclasses import astuple, dataclass

import google_crc32c

from calmloop.chair_link.messages import Calibrate, CalibrationKind

FREQUENCIES_HZ = (30, 40, 50, 60, 70, 80)
FULL_PERMILLE = 1000
ACCELERATION_MM_S2 = range(50, 20_001)
"""What full drive of a transducer may plausibly give; likewise in the firmware."""
SOUND_DDBA = range(400, 1201)
"""What full drive of a loudspeaker may plausibly give, in tenths of a decibel."""
ACCELERATION_LIMITS_MM_S2 = (730, 1000, 1000, 1000, 1000, 1000)
"""At `FREQUENCIES_HZ`: ISO 2631-1, comfort (PROTOCOL.md, section 6)."""
SOUND_LIMIT_DDBA = 750
"""WHO-ITU H.870."""


class Implausible(ValueError):
    """A measured value that no chair gives; the text names value, limit and what to do."""


@dataclass(frozen=True)
class Calibration:
    """Full drive in mm/s2 rms at `FREQUENCIES_HZ`, and in tenths of dBA at the ear."""

    acceleration_mm_s2: tuple[int, ...]
    sound_ddba: int

    @property
    def message(self) -> Calibrate:
        """The message that brings it to the chair; its payload is the stored record."""
        numbers = (CalibrationKind.MEASURED, *self.acceleration_mm_s2, self.sound_ddba)
        return Calibrate.read(Calibrate.layout.pack(*numbers))

    @property
    def hash(self) -> int:
        """The hash by which IDENTITY names it."""
        return int(google_crc32c.value(self.message.payload()))

    @property
    def vibration_ceilings_permille(self) -> tuple[int, ...]:
        """The highest level that the chair allows at each of `FREQUENCIES_HZ`."""
        limits = zip(ACCELERATION_LIMITS_MM_S2, self.acceleration_mm_s2, strict=True)
        return tuple(min(FULL_PERMILLE, FULL_PERMILLE * limit // full) for limit, full in limits)

    @property
    def sound_ceiling_permille(self) -> int:
        """The highest sound level that the chair allows."""
        above_db = max(0, math.ceil((self.sound_ddba - SOUND_LIMIT_DDBA) / 10))
        return math.floor(FULL_PERMILLE * 10 ** (-above_db / 20))


def read_calibration(message: Calibrate) -> Calibration:
    """The calibration in a message."""
    _, *acceleration_mm_s2, sound_ddba = astuple(message)
    return Calibration(tuple(acceleration_mm_s2), sound_ddba)


def full_acceleration_mm_s2(measured_m_s2: float, drive_permille: int) -> int:
    """What full drive gives when `drive_permille` gave `measured_m_s2`, rounded up.

    Raises:
        Implausible: no transducer gives that.
    """
    share = drive_permille / FULL_PERMILLE
    # Rounded first, so that 0.12 at 10 % is 1200 and not the 1201 of a binary fraction.
    full_mm_s2 = math.ceil(round(_finite(measured_m_s2) * 1000 / share, 6))
    if full_mm_s2 not in ACCELERATION_MM_S2:
        low, high = (limit * share / 1000 for limit in _ends(ACCELERATION_MM_S2))
        raise Implausible(
            f"{measured_m_s2:g} m/s² at {drive_permille / 10:g} % drive: between {low:.3g} and "
            f"{high:.3g} is plausible. Is it m/s², and rms? Check the accelerometer and its "
            "mounting, and measure again"
        )
    return full_mm_s2


def full_sound_ddba(measured_dba: float, drive_permille: int) -> int:
    """What full drive gives when `drive_permille` gave `measured_dba`, rounded up.

    Raises:
        Implausible: no loudspeaker gives that.
    """
    below_db = 20 * math.log10(FULL_PERMILLE / drive_permille)
    full_ddba = math.ceil(round((_finite(measured_dba) + below_db) * 10, 6))
    if full_ddba not in SOUND_DDBA:
        low, high = (limit / 10 - below_db for limit in _ends(SOUND_DDBA))
        raise Implausible(
            f"{measured_dba:g} dBA at {drive_permille / 10:g} % drive: between {low:.1f} and "
            f"{high:.1f} is plausible. Check the meter's weighting and range, and measure again"
        )
    return full_ddba


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise Implausible(f"{value} is no measured value: enter a number such as 0.12")
    return value


def _ends(numbers: range) -> tuple[int, int]:
    return numbers[0], numbers[-1]
