"""The structures of `protocol.h` and `frame.h`.

Written by `make protocol` from firmware-bridge/protocol.toml: change that, not this.
"""

from ctypes import POINTER, Structure, c_bool, c_uint8, c_uint16, c_uint32


class CFrame(Structure):
    """`struct frame`."""

    _fields_ = [
        ("version", c_uint8),
        ("type", c_uint8),
        ("seq", c_uint16),
        ("boot_id", c_uint32),
        ("size", c_uint8),
        ("payload", c_uint8 * 48),
    ]


class CIdentify(Structure):
    """`struct identify`."""

    _fields_ = [
        ("protocol", c_uint8),
        ("firmware_major", c_uint8),
        ("cap_hash", c_uint32),
        ("calibration_hash", c_uint32),
    ]


class CArm(Structure):
    """`struct arm`."""

    _fields_ = [
        ("arm_id", c_uint32),
        ("nonce", c_uint32),
    ]


class CSetpoint(Structure):
    """`struct setpoint`."""

    _fields_ = [
        ("tag", c_uint16),
        ("vibration_dhz", c_uint16),
        ("vibration_permille", c_uint16),
        ("sound_permille", c_uint16),
        ("red_permille", c_uint16),
        ("green_permille", c_uint16),
        ("blue_permille", c_uint16),
        ("ttl_ms", c_uint16),
    ]


class CLease(Structure):
    """`struct lease_answer`."""

    _fields_ = [
        ("nonce", c_uint32),
        ("proof", c_uint32),
    ]


class CStop(Structure):
    """`struct stop`."""

    _fields_ = [
        ("reason", c_uint8),
        ("tag", c_uint16),
    ]


class CCalibrate(Structure):
    """`struct calibrate`."""

    _fields_ = [
        ("may_jump", c_bool),
        ("record", POINTER(c_uint8)),
    ]


class CStatus(Structure):
    """`struct status`."""

    _fields_ = [
        ("state", c_uint8),
        ("fault", c_uint8),
        ("stop_reason", c_uint8),
        ("arm_block", c_uint8),
        ("inputs", c_uint8),
        ("flags", c_uint8),
        ("vibration_permille", c_uint16),
        ("vibration_dhz", c_uint16),
        ("sound_permille", c_uint16),
        ("red_permille", c_uint16),
        ("green_permille", c_uint16),
        ("blue_permille", c_uint16),
        ("nonce", c_uint32),
        ("lockout_ms", c_uint16),
        ("setpoint_tag", c_uint16),
        ("arm_id", c_uint32),
        ("stop_tag", c_uint16),
        ("session_left_s", c_uint16),
        ("supply_mv", c_uint16),
        ("current_ma", c_uint16),
        ("uptime_ms", c_uint32),
        ("bad_frames", c_uint16),
        ("refused", c_uint16),
        ("lease_left_ms", c_uint16),
    ]


class CIdentity(Structure):
    """`struct identity`."""

    _fields_ = [
        ("protocol", c_uint8),
        ("firmware_major", c_uint8),
        ("firmware_minor", c_uint8),
        ("firmware_patch", c_uint8),
        ("cap_hash", c_uint32),
        ("calibration_hash", c_uint32),
        ("calibration", c_uint8),
        ("matched", c_bool),
        ("vibration_ceiling_permille", c_uint16),
        ("sound_ceiling_permille", c_uint16),
        ("serial_bytes", c_uint8 * 16),
    ]


class CAck(Structure):
    """`struct ack`."""

    _fields_ = [
        ("acked", c_uint8),
        ("seq", c_uint16),
        ("result", c_uint8),
    ]


READ: dict[int, tuple[str, type[Structure]]] = {
    0x01: ("identify_read", CIdentify),
    0x02: ("arm_read", CArm),
    0x03: ("setpoint_read", CSetpoint),
    0x04: ("lease_answer_read", CLease),
    0x05: ("stop_read", CStop),
    0x06: ("calibrate_read", CCalibrate),
}
"""What C reads, by type: its function and what it gives."""
WRITTEN: dict[int, tuple[str, type[Structure]]] = {
    0x81: ("status_write", CStatus),
    0x82: ("identity_write", CIdentity),
    0x83: ("ack_write", CAck),
}
"""What C writes, by type: its function and what it takes."""
