"""The firmware's core as a shared library: its functions and structures, as C declares them."""

import ctypes
import os
import re
from ctypes import POINTER, Structure, c_bool, c_size_t, c_uint8, c_uint16, c_uint32, c_void_p
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from calmloop.chair_link.wire.numbers import CALIBRATION_RECORD_SIZE
from calmloop.emulator.build import make
from tests.unit.firmware_core.wire_structs import CFrame

FIRMWARE = Path(__file__).parents[3] / "firmware-bridge" / "firmware"
VECTORS = FIRMWARE.parent / "vectors"
STORE_WRITE_MAX = 52

HOST_VIEW = (FIRMWARE / "host" / "host.h").read_text().partition("struct host_view {")[2]
VIEW_FIELDS = tuple(re.findall(r"uint32_t (\w+);", HOST_VIEW.partition("};")[0]))
"""Of `struct host_view`, in its order."""


class CView(Structure):
    """`struct host_view`."""

    _fields_ = [(name, c_uint32) for name in VIEW_FIELDS]
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CView) and bytes(self) == bytes(other)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> int: ...


class CRow(Structure):
    """`struct host_row`."""

    _fields_ = [
        ("now_ms", c_uint32),
        ("step_ms", c_uint32),
        ("count", c_uint32),
        ("current_ma", c_uint16),
        ("supply_mv", c_uint16),
        ("inputs", c_uint8),
        ("leases", c_uint8),
        ("stores", c_uint8),
    ]


class CTurns(Structure):
    """`struct host_turns`."""

    _fields_ = [
        ("wire_size", c_uint16),
        ("store_at", c_uint16),
        ("store_size", c_uint8),
        ("store", c_uint8 * STORE_WRITE_MAX),
        ("wire", c_uint8 * 4096),
    ]

    @property
    def sent(self) -> bytes:
        """The frames, one after the other."""
        return ctypes.string_at(self.wire, self.wire_size)

    @property
    def stored(self) -> bytes:
        """What is to be written at `store_at`; empty when nothing is."""
        return ctypes.string_at(self.store, self.store_size)


class CLight(Structure):
    """`struct light`."""

    _fields_ = [("red_ppm", c_uint32), ("green_ppm", c_uint32), ("blue_ppm", c_uint32)]


class CGate(Structure):
    """`struct gate` and `struct gate_target`, which have the same fields."""

    _fields_ = [
        ("vibration_ppm", c_uint32),
        ("vibration_mhz", c_uint32),
        ("sound_ppm", c_uint32),
        ("light", CLight),
    ]


class CCalibration(Structure):
    """`struct calibration`."""

    _fields_ = [
        ("record", c_uint8 * CALIBRATION_RECORD_SIZE),
        ("record_check", c_uint32),
        ("followed_mhz", c_uint32),
        ("followed_ppm", c_uint32),
        ("followed_check", c_uint32),
    ]

    @property
    def kind(self) -> int:
        """Where it comes from."""
        return int(self.record[0])

    @property
    def hash(self) -> int:
        """As IDENTITY names it."""
        return int(library().calibration_hash(self))


def chosen_library() -> str | None:
    """The build that CALMLOOP_CHAIR_LIBRARY names, such as the one that counts coverage."""
    return os.environ.get("CALMLOOP_CHAIR_LIBRARY")


@cache
def library() -> ctypes.CDLL:
    """The core as a shared library with the undefined-behaviour sanitizer, built if it is stale."""
    chosen = chosen_library()
    if chosen is None:
        make(FIRMWARE, "host")
        chosen = str(FIRMWARE / "build" / "libchair.so")
    core = ctypes.CDLL(chosen)
    for name, result, arguments in (
        ("crc32c", c_uint32, [c_void_p, c_size_t]),
        ("cobs_encode", c_size_t, [c_void_p, c_size_t, c_void_p]),
        ("cobs_decode", c_size_t, [c_void_p, c_size_t, c_void_p]),
        ("frame_encode", c_size_t, [POINTER(CFrame), c_void_p]),
        ("frame_decode", c_uint32, [c_void_p, c_size_t, POINTER(CFrame)]),
        ("envelope_hash", c_uint32, []),
        ("lease_proof", c_uint32, [c_uint32, c_uint32]),
        ("fault_of_reset", c_uint32, [c_uint8]),
        ("calibration_none", None, [POINTER(CCalibration)]),
        ("calibration_read", c_bool, [POINTER(CCalibration), c_void_p]),
        ("calibration_simulated", None, [c_void_p]),
        ("calibration_vibration_ppm", c_uint32, [POINTER(CCalibration), c_uint32]),
        ("calibration_follow_ppm", c_uint32, [POINTER(CCalibration), c_uint32]),
        ("calibration_full_mm_s2", c_uint32, [POINTER(CCalibration), c_uint32]),
        ("calibration_hash", c_uint32, [POINTER(CCalibration)]),
        ("calibration_jumps", c_bool, [POINTER(CCalibration), POINTER(CCalibration)]),
        ("calibration_sound_ppm", c_uint32, [POINTER(CCalibration)]),
        ("gate_init", None, [POINTER(CGate)]),
        ("gate_cut", None, [POINTER(CGate)]),
        ("gate_step", None, [POINTER(CGate), POINTER(CGate), POINTER(CCalibration), c_uint32]),
        ("gate_project", CLight, [CLight]),
        ("gate_round_down", c_uint16, [c_uint32, c_uint16]),
        ("gate_round_up", c_uint16, [c_uint32, c_uint16]),
        (
            "host_new",
            c_void_p,
            [c_uint32, c_uint8, c_uint8, c_uint8, c_uint32, c_uint8, c_void_p, c_uint32],
        ),
        ("host_free", None, [c_void_p]),
        ("host_tick", None, [c_void_p, c_uint8, c_uint16, c_uint16, c_uint32]),
        ("host_run", c_uint32, [c_void_p, POINTER(CRow), POINTER(CTurns)]),
        ("host_view", None, [c_void_p, c_uint32, POINTER(CView)]),
        ("chair_store_written", None, [c_void_p, c_bool]),
        ("chair_receive", None, [c_void_p, c_void_p, c_size_t, c_uint32]),
        ("chair_transmit", c_size_t, [c_void_p, c_void_p, c_uint32]),
    ):
        function = getattr(core, name)
        function.restype, function.argtypes = result, arguments
    return core
