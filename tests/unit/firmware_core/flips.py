"""One flipped bit of the core's memory, and what a healthy host finds after it."""

import ctypes
from ctypes import POINTER, Structure, c_uint32, c_void_p
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache

from calmloop.chair_link.messages import Fault
from calmloop.emulator.build import make
from tests.unit.firmware_core.binding import FIRMWARE, chosen_library
from tests.unit.firmware_core.core import CoreChair

OVER_MAX_MS, STOP_MAX_MS = 1300, 300
EXPIRY_MAX_MS = 1300
"""From the flip on: the rest of lease or TTL, 500 ms more that the flip may add, and the fall."""


class Way(IntEnum):
    """`enum flip_way`: what the host does after the flip."""

    DRIVEN = 0
    STOPPED = 1
    UNLEASED = 2
    SILENT = 3


class Field(IntEnum):
    """`enum host_field`: what a test flips a bit of."""

    CALIBRATION = 0
    STATE = 1
    FAULT = 2
    SETPOINT_DEADLINE = 3
    LEASE_DEADLINE = 4
    LOCKOUT_DEADLINE = 5
    LOCKOUT_RUNNING = 6
    LOCKOUT_IS_LONG = 7
    CHILD_LATCHED = 8
    ESTOP_LATCHED = 9
    HOUR_TOTAL = 10
    HOUR_MINUTES = 11
    HOUR_NEWEST = 12
    HOUR_AGE = 13
    HOUR_PART = 14
    HOUR_SEQ = 15
    HOUR_CLAIM = 16
    LATCHES_FAILURES = 17
    TABLE_DUE = 18
    RECEIVED_SIZE = 19
    HOUR_RECORD_DUE = 20
    TABLE_GENERATION = 21


class CPlace(Structure):
    """`struct host_place`."""

    _fields_ = [("at", c_uint32), ("size", c_uint32)]


class COutcome(Structure):
    """`struct flip_outcome`."""

    _fields_ = [(name, c_uint32) for name in ("over_ms", "quiet_ms", "fault", "gained_s")]


@dataclass
class Flips:
    """What became of all the flips of one chair.

    Attributes:
        bits: How many were flipped, one at a time.
        over: Those that held an output above its ceiling for too long, with the milliseconds.
        unstopped: Those after which the chair was not silent in time, with the milliseconds.
        gained: Those that gave back seconds of the hour, with the seconds.
        told: How many ended in a FAULT of memory.
        longest_over_ms: The longest time above a ceiling.
        driven: After how many something was still felt when the host stopped it.
    """

    bits: int
    over: dict[int, int] = field(default_factory=dict)
    unstopped: dict[int, int] = field(default_factory=dict)
    gained: dict[int, int] = field(default_factory=dict)
    told: int = 0
    longest_over_ms: int = 0
    driven: int = 0

    def __str__(self) -> str:
        return (
            f"{self.bits} bits flipped: {len(self.over)} lifted a ceiling for more than "
            f"{OVER_MAX_MS} ms (longest {self.longest_over_ms} ms), {len(self.unstopped)} kept the "
            f"chair from stopping, {len(self.gained)} gained time, {self.told} ended in "
            f"FAULT {Fault.MEMORY.value}"
        )


@cache
def plain_library() -> ctypes.CDLL:
    """The core as a machine runs it: a flipped bool is no reason for the sanitizer to end it."""
    chosen = chosen_library()
    if chosen is None:
        build = "BUILD=build/plain"
        make(FIRMWARE, "host", "SANITIZE=", build)
        chosen = str(FIRMWARE / "build" / "plain" / "libchair.so")
    core = ctypes.CDLL(chosen)
    core.host_size.restype, core.host_place_of.restype = c_uint32, CPlace
    core.host_flip.restype = None
    core.host_flip.argtypes = [c_void_p, c_uint32, c_uint32, c_uint32, POINTER(COutcome)]
    return core


def bits_of(field: Field) -> range:
    """The bits of a chair that belong to this field."""
    place = plain_library().host_place_of(field)
    return range(8 * place.at, 8 * (place.at + place.size))


def flip_each(chair: CoreChair, way: Way) -> Flips:
    """Flips every bit of the chair as it is now, each in a copy of its own."""
    core, outcome = plain_library(), COutcome()
    flips = Flips(core.host_size() * 8)
    silent_ms = STOP_MAX_MS if way in (Way.DRIVEN, Way.STOPPED) else EXPIRY_MAX_MS
    for bit in range(flips.bits):
        core.host_flip(chair.address, chair.now_ms, bit, way, outcome)
        flips.longest_over_ms = max(flips.longest_over_ms, outcome.over_ms)
        flips.driven += outcome.quiet_ms > 0
        flips.told += outcome.fault == Fault.MEMORY
        if outcome.over_ms > OVER_MAX_MS:
            flips.over[bit] = outcome.over_ms
        if outcome.gained_s > 0:
            flips.gained[bit] = outcome.gained_s
        if outcome.quiet_ms > silent_ms:
            flips.unstopped[bit] = outcome.quiet_ms
    return flips
