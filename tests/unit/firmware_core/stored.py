"""What the chair keeps: records, slots and whole stores, as PROTOCOL.md lays them out."""

import ctypes
import struct
from collections.abc import Sequence

from tests.unit.firmware_core.binding import CCalibration, library

STORE_SIZE = 1024
RECORD_SIZE = 46
SLOT_MAX = RECORD_SIZE + 6
CALIBRATION_AT, OTHER_CALIBRATION_AT = 160, 224


def slot(generation: int, payload: bytes) -> bytes:
    """One slot of the store."""
    body = generation.to_bytes(2, "little") + payload
    return body + crc(body).to_bytes(4, "little")


def slot_is_whole(data: bytes | bytearray) -> bool:
    """Whether a slot's checksum fits."""
    return crc(bytes(data[:-4])) == int.from_bytes(data[-4:], "little")


def crc(data: bytes) -> int:
    """CRC-32C by the firmware."""
    return int(library().crc32c(data, len(data)))


HOUR_AT, MINUTES, MINUTE_SIZE = 768, 61, 4
LOCKOUT_OWED, ESTOP_LATCHED = 0x40, 0x80
"""Bits of the latches' byte, beside the fault's code."""


def simulated_record() -> bytes:
    """The calibration record of a simulated chair."""
    record = ctypes.create_string_buffer(RECORD_SIZE)
    library().calibration_simulated(record)
    return record.raw


def store(fault: int | None = None, calibration: bytes | None = None) -> bytearray:
    """A store with these records, erased where there is none."""
    image = bytearray(b"\xff" * STORE_SIZE)
    if fault is not None:
        image[0:7] = slot(1, bytes([fault]))
    if calibration is not None:
        image[CALIBRATION_AT : CALIBRATION_AT + SLOT_MAX] = slot(1, calibration)
    return image


def measured_record(*, sound_ddba: int = 812, **changes: int) -> bytes:
    """A plausible record of a measured chair, with `changes` such as `at_40hz=1200` in mm/s2."""
    full = {"at_30hz": 900, "at_40hz": 700, "at_50hz": 2500}
    full |= {"at_60hz": 1000, "at_70hz": 2800, "at_80hz": 400} | changes
    points = tuple((int(name[3:5]), mm_s2) for name, mm_s2 in full.items())
    return record_of(points, sound_ddba)


def record_of(points: Sequence[tuple[int, int]], sound_ddba: int, *, kind: int = 1) -> bytes:
    """A record with these points (Hz, mm/s2)."""
    header = struct.pack("<BBH", kind, len(points), sound_ddba)
    body = b"".join(struct.pack("<BH", *point) for point in points)
    return (header + body).ljust(RECORD_SIZE, b"\0")


def minute(seq: int, seconds: int, over_s: int = 0) -> bytes:
    """The record of a minute, with the seconds of the one before."""
    return bytes([(3 * seq + 5 * seconds + 7 * over_s + 1) % 256, seconds, over_s, seq])


def newest_table(image: bytearray) -> CCalibration:
    """The table that a store holds, as PROTOCOL.md says how to find it."""
    table = CCalibration()
    whole = [
        (int.from_bytes(image[at : at + 2], "little"), bytes(image[at + 2 : at + 48]))
        for at in (CALIBRATION_AT, OTHER_CALIBRATION_AT)
        if slot_is_whole(image[at : at + SLOT_MAX])
    ]
    if not whole or not library().calibration_read(table, max(whole)[1]):
        library().calibration_none(table)
    return table
