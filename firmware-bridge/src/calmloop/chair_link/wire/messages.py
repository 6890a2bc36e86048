"""The fields of each message, in wire order.

Written by `make protocol` from firmware-bridge/protocol.toml: change that, not this.
"""

import struct
from dataclasses import dataclass
from typing import ClassVar

from calmloop.chair_link.message import Message
from calmloop.chair_link.wire.codes import (
    ArmBlock,
    CalibrateResult,
    CalibrationKind,
    Fault,
    Flags,
    Inputs,
    MessageKind,
    State,
    StopReason,
)


@dataclass(frozen=True)
class Identify(Message):
    """What the host expects of the chair.

    Attributes:
        protocol: Version that the host speaks: 1.
        firmware_major: 1.
        cap_hash: Of the safety envelope the host was written for, section 6.
        calibration_hash: Of the chair's table.
    """

    kind = MessageKind.IDENTIFY
    layout = struct.Struct("<BBII")

    protocol: int
    firmware_major: int
    cap_hash: int
    calibration_hash: int


@dataclass(frozen=True)
class Arm(Message):
    """Asks the chair to become ARMED, with a nonce that is at most 500 ms old.

    Attributes:
        arm_id: One for one start by a person, never 0, never used before in this boot.
        nonce: Of a STATUS; at most 500 ms old when it arrives.
    """

    kind = MessageKind.ARM
    layout = struct.Struct("<II")

    arm_id: int
    nonce: int


@dataclass(frozen=True)
class Setpoint(Message):
    """What the outputs should do now; the newest wins and lasts `ttl_ms` (at most 500).

    Attributes:
        tag: Comes back in STATUS once applied.
        ttl_ms: More than 500 counts as 500.
    """

    kind = MessageKind.SETPOINT
    layout = struct.Struct("<HHHHHHHH")

    tag: int
    vibration_dhz: int
    vibration_permille: int
    sound_permille: int
    red_permille: int
    green_permille: int
    blue_permille: int
    ttl_ms: int


@dataclass(frozen=True)
class Lease(Message):
    """The watchdog's answer to a nonce."""

    kind = MessageKind.LEASE
    layout = struct.Struct("<II")

    nonce: int
    proof: int


@dataclass(frozen=True)
class Stop(Message):
    """Stop now; `tag` comes back in STATUS.

    Attributes:
        tag: Comes back in STATUS as the last stop taken.
    """

    kind = MessageKind.STOP
    layout = struct.Struct("<BH")

    reason: int
    tag: int


@dataclass(frozen=True)
class Calibrate(Message):
    """A new calibration: what full drive gives on this chair.

    Attributes:
        may_jump: Bit 0: a person knows that this table differs by more than three times from the
            one in force; the other bits 0.
        record: Section 6, of kind 1, measured.
    """

    kind = MessageKind.CALIBRATE
    layout = struct.Struct("<B46s")

    may_jump: bool
    record: bytes


@dataclass(frozen=True)
class Status(Message):
    """What the chair does: the outputs are the applied ones, after the gate.

    Attributes:
        stop_reason: Of the last stop since ARM.
        arm_block: Why an ARM would be refused now; 0: it would not.
        vibration_permille: Applied, rounded up: 0 is zero.
        vibration_dhz: Applied; no motor here can follow more.
        sound_permille: Applied, rounded up.
        red_permille: Applied, rounded down.
        green_permille: Applied, rounded up.
        blue_permille: Applied, rounded up.
        nonce: Section 5.
        lockout_ms: Left of the lockout.
        setpoint_tag: Of the setpoint that the outputs follow or followed last; 0: none since ARM.
        arm_id: Of the last ARM accepted; 0: none in this boot.
        stop_tag: Of the last STOP taken; 0: none in this boot.
        session_left_s: Of this ARM, within the hour's budget.
        supply_mv: Of the drivers.
        current_ma: Of the drivers.
        uptime_ms: Wraps after 49.7 days.
        bad_frames: Since boot, stays at 65535.
        refused: Whole ARM, SETPOINT, LEASE and CALIBRATE frames for another boot or version, and
            setpoints and leases refused; stays at 65535. What is answered by ACK is not among them.
    """

    kind = MessageKind.STATUS
    layout = struct.Struct("<BBBBBBHHHHHHIHHIHHHHIHHH")
    most: ClassVar[dict[str, int]] = {
        "vibration_permille": 1000,
        "vibration_dhz": 2000,
        "sound_permille": 1000,
        "red_permille": 1000,
        "green_permille": 1000,
        "blue_permille": 1000,
    }

    state: State
    fault: Fault
    stop_reason: StopReason
    arm_block: ArmBlock
    inputs: Inputs
    flags: Flags
    vibration_permille: int
    vibration_dhz: int
    sound_permille: int
    red_permille: int
    green_permille: int
    blue_permille: int
    nonce: int
    lockout_ms: int
    setpoint_tag: int
    arm_id: int
    stop_tag: int
    session_left_s: int
    supply_mv: int
    current_ma: int
    uptime_ms: int
    bad_frames: int
    refused: int
    lease_left_ms: int


@dataclass(frozen=True)
class Identity(Message):
    """What the chair is. The first four bytes keep their place in every protocol version.

    Attributes:
        protocol: This byte and the next three keep their place in every version.
        cap_hash: Section 6.
        calibration_hash: Section 6; 0: not calibrated.
        matched: 1: the IDENTIFY that this answers agreed.
        vibration_ceiling_permille: At 40 Hz.
        serial_bytes: Serial number: ASCII, filled with zeros.
    """

    kind = MessageKind.IDENTITY
    layout = struct.Struct("<BBBBIIBBHH16s")

    protocol: int
    firmware_major: int
    firmware_minor: int
    firmware_patch: int
    cap_hash: int
    calibration_hash: int
    calibration: CalibrationKind
    matched: bool
    vibration_ceiling_permille: int
    sound_ceiling_permille: int
    serial_bytes: bytes


@dataclass(frozen=True)
class Ack(Message):
    """The answer to an order: its type and sequence, and what became of it.

    Attributes:
        acked: Type of the frame that it answers: 0x02 ARM or 0x06 CALIBRATE.
        seq: Sequence of that frame.
        result: Section 9, by what it answers; 0: armed, or stored.
    """

    kind = MessageKind.ACK
    layout = struct.Struct("<BHB")

    acked: MessageKind
    seq: int
    result: int


RESULTS: dict[int, type[ArmBlock] | type[CalibrateResult]] = {
    MessageKind.ARM: ArmBlock,
    MessageKind.CALIBRATE: CalibrateResult,
}
"""What is acknowledged, and with which codes."""

MESSAGES: dict[int, type[Message]] = {
    MessageKind.IDENTIFY: Identify,
    MessageKind.ARM: Arm,
    MessageKind.SETPOINT: Setpoint,
    MessageKind.LEASE: Lease,
    MessageKind.STOP: Stop,
    MessageKind.CALIBRATE: Calibrate,
    MessageKind.STATUS: Status,
    MessageKind.IDENTITY: Identity,
    MessageKind.ACK: Ack,
}
