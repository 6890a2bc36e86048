"""Chairs whose memory a test damages."""

from tests.unit.firmware_core.core import CoreChair
from tests.unit.firmware_core.flips import Field, bits_of
from tests.unit.firmware_core.stored import (
    HOUR_AT,
    MINUTE_SIZE,
    measured_record,
    minute,
    store,
)

TABLES = {"uncalibrated": None, "measured": measured_record()}
RECORD_CHECK_AT, FOLLOWED_AT = 48, 52
"""Behind the record, in a calibration."""


def used(image: bytearray, minutes: int) -> bytearray:
    """The store of a chair that was ACTIVE for so many whole minutes of the last."""
    for slot in range(minutes):
        at = HOUR_AT + MINUTE_SIZE * slot
        image[at : at + MINUTE_SIZE] = minute(slot + 1, 60, 60 if slot else 0)
    return image


def of_table(table: str) -> CoreChair:
    """SAFE, and ready to be armed, with 19 minutes of the hour used."""
    chair = CoreChair(image=used(store(calibration=TABLES[table]), 19))
    chair.leased = True
    chair.identify(calibration_hash=chair.view.calibration_hash)
    chair.run(3201)
    return chair


def driven(table: str) -> CoreChair:
    """ACTIVE, at its ceilings."""
    chair = of_table(table)
    chair.arm()
    chair.run(1)
    chair.drive(6000, vibration_permille=1000, sound_permille=1000)
    return chair


def flip(chair: CoreChair, byte: int) -> None:
    """Flips the lowest bit of one byte of the calibration."""
    chair.flip(bits_of(Field.CALIBRATION)[8 * byte])
