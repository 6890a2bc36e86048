"""The messages inside the frames, one class each; PROTOCOL.md lists every byte.

Levels are per mille of full scale, frequencies tenths of a hertz, times milliseconds.
"""

import struct
from dataclasses import Field, astuple, dataclass, fields, replace
from enum import IntEnum, IntFlag
from typing import Any, ClassVar, Self

from calmloop.chair_link.frames import Frame

FULL_PERMILLE = 1000
FREQUENCY_MAX_DHZ = 2000
"""More than any motor here can follow; a STATUS beyond it is damaged."""


class Kind(IntEnum):
    """Message types: below 0x80 from the host, above from the chair."""

    IDENTIFY = 0x01
    ARM = 0x02
    SETPOINT = 0x03
    LEASE = 0x04
    STOP = 0x05
    CALIBRATE = 0x06
    STATUS = 0x81
    IDENTITY = 0x82
    ACK = 0x83


class State(IntEnum):
    """The states of the chair."""

    BOOT = 0
    SAFE = 1
    ARMED = 2
    ACTIVE = 3
    RAMPDOWN = 4
    FAULT = 5
    ESTOP = 6


class Fault(IntEnum):
    """What latched FAULT."""

    NONE = 0
    SELF_TEST = 1
    STORE = 2
    WATCHDOG = 3
    BROWN_OUT = 4
    OVER_CURRENT = 5
    CONTACTOR = 6
    SETPOINTS = 7
    CURRENT_SENSOR = 8
    MEMORY = 9


class StopReason(IntEnum):
    """Why the chair last stopped."""

    NONE = 0
    HOST = 1
    LEASE = 2
    TTL = 3
    SESSION = 4
    BAD_FRAMES = 5
    NO_SETPOINT = 6
    FAULT = 7
    ESTOP = 8
    CHILD_BUTTON = 9
    NO_SUPPLY = 10
    CONTACTOR_OPEN = 11


class ArmBlock(IntEnum):
    """Why an ARM is refused; `OK` when it is not."""

    OK = 0
    WRONG_STATE = 1
    NOT_IDENTIFIED = 2
    ESTOP_OPEN = 3
    LOCKED_OUT = 4
    NO_LEASE = 5
    SESSION_SPENT = 6
    STALE_NONCE = 7
    USED_ID = 8
    CHILD_BUTTON = 9
    NO_SUPPLY = 10
    CONTACTOR_OPEN = 11


class CalibrateResult(IntEnum):
    """What became of a CALIBRATE."""

    OK = 0
    WRONG_STATE = 1
    IMPLAUSIBLE = 2
    NOT_IDENTIFIED = 3
    NOT_CONFIRMED = 4
    NOT_STORED = 5
    JUMPS = 6
    SEAT_OCCUPIED = 7


class HostStop(IntEnum):
    """Why the host sends STOP; the chair obeys whatever it is."""

    OTHER = 0
    CAREGIVER = 1
    BRIDGE_CLOSING = 2
    BENCH = 3
    NOT_OURS = 4
    CHILD_SEEN = 5
    """Says as well that the child's press was seen and is taken care of: clears its latch."""


class CalibrationKind(IntEnum):
    """Where the chair's table from percent to m/s2 and dBA comes from."""

    NONE = 0
    MEASURED = 1
    SIMULATED = 2


class Inputs(IntFlag):
    """The chair's inputs."""

    ESTOP_OPEN = 0x01
    ACK_PRESSED = 0x02
    SEAT_OCCUPIED = 0x04
    ENCLOSURE_OPEN = 0x08
    CHILD_BUTTON = 0x10
    CONTACTOR_CLOSED = 0x20
    CHILD_SECOND = 0x40


class Flags(IntFlag):
    """Conditions in STATUS."""

    ARM_READY = 0x01
    IDENTIFIED = 0x02
    LEASE_ALIVE = 0x04
    AMPLIFIER_ENABLED = 0x08
    FRESH_NONCE = 0x10
    CHILD_LATCHED = 0x20


class BadMessage(ValueError):
    """A whole frame whose content is not what its type promises."""


@dataclass(frozen=True)
class Message:
    """A payload: the fields of each kind in wire order, little-endian."""

    kind: ClassVar[Kind]
    layout: ClassVar[struct.Struct]

    def payload(self) -> bytes:
        """The bytes that a frame carries.

        Raises:
            struct.error: a number does not fit its field.
        """
        return self.layout.pack(*astuple(self))

    @classmethod
    def read(cls, payload: bytes) -> Self:
        """The message in a payload.

        Raises:
            BadMessage: length or a coded value is wrong.
        """
        if len(payload) != cls.layout.size:
            raise BadMessage(
                f"{cls.kind.name}: {len(payload)} bytes, not {cls.layout.size}: protocol mismatch?"
            )
        try:
            return cls(*map(_typed, fields(cls), cls.layout.unpack(payload)))
        except ValueError as error:
            raise BadMessage(f"{cls.kind.name}: {error}: newer firmware? update the host") from None


def _typed(field: Field[Any], value: int | bytes) -> Any:
    """A number of the wire as its field's own type: an enum, flags, bool, int or bytes."""
    return field.type(value)  # type: ignore[operator]


@dataclass(frozen=True)
class Identify(Message):
    """What the host expects of the chair."""

    kind = Kind.IDENTIFY
    layout = struct.Struct("<BBII")

    protocol: int
    firmware_major: int
    cap_hash: int
    calibration_hash: int


@dataclass(frozen=True)
class Arm(Message):
    """Asks the chair to become ARMED, with a nonce that is at most 500 ms old."""

    kind = Kind.ARM
    layout = struct.Struct("<II")

    arm_id: int
    nonce: int


@dataclass(frozen=True)
class Setpoint(Message):
    """What the outputs should do now; the newest wins and lasts `ttl_ms` (at most 500)."""

    kind = Kind.SETPOINT
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

    kind = Kind.LEASE
    layout = struct.Struct("<II")

    nonce: int
    proof: int


@dataclass(frozen=True)
class Stop(Message):
    """Stop now; `tag` comes back in STATUS."""

    kind = Kind.STOP
    layout = struct.Struct("<BH")

    reason: int
    tag: int


@dataclass(frozen=True)
class Calibrate(Message):
    """A new calibration: what full drive gives on this chair.

    Attributes:
        may_jump: A person knows that it differs by more than three times from the one in force.
        record: As the chair stores it; `calmloop.chair_link.calibration` writes and reads it.
    """

    kind = Kind.CALIBRATE
    layout = struct.Struct("<B46s")

    may_jump: bool
    record: bytes


@dataclass(frozen=True)
class Status(Message):
    """What the chair does: the outputs are the applied ones, after the gate."""

    kind = Kind.STATUS
    layout = struct.Struct("<BBBBBBHHHHHHIHHIHHHHIHHH")

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

    def __post_init__(self) -> None:
        levels = (
            self.vibration_permille,
            self.sound_permille,
            self.red_permille,
            self.green_permille,
            self.blue_permille,
        )
        if max(levels) > FULL_PERMILLE or self.vibration_dhz > FREQUENCY_MAX_DHZ:
            raise ValueError(
                f"outputs of {max(levels)} per mille at {self.vibration_dhz} dHz; at most"
                f" {FULL_PERMILLE} and {FREQUENCY_MAX_DHZ} make sense"
            )


@dataclass(frozen=True)
class Identity(Message):
    """What the chair is. The first four bytes keep their place in every protocol version."""

    kind = Kind.IDENTITY
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

    @property
    def firmware(self) -> str:
        """The version as people write it."""
        return f"{self.firmware_major}.{self.firmware_minor}.{self.firmware_patch}"

    @property
    def serial(self) -> str:
        """The chair's serial number."""
        return self.serial_bytes.rstrip(b"\0").decode("ascii", errors="replace")


RESULTS: dict[int, type[ArmBlock] | type[CalibrateResult]] = {
    Kind.ARM: ArmBlock,
    Kind.CALIBRATE: CalibrateResult,
}
"""What is acknowledged, and with which codes."""


@dataclass(frozen=True)
class Ack(Message):
    """The answer to ARM or CALIBRATE: its type and sequence, and what became of it."""

    kind = Kind.ACK
    layout = struct.Struct("<BHB")

    acked: Kind
    seq: int
    result: int

    @classmethod
    def read(cls, payload: bytes) -> Self:
        """As `Message.read`, with the result turned into the enum of what it answers."""
        raw = super().read(payload)
        try:
            return replace(raw, result=RESULTS[raw.acked](raw.result))
        except (KeyError, ValueError) as error:
            raise BadMessage(f"ACK: {error}: newer firmware? update the host") from None


MESSAGES: dict[int, type[Message]] = {
    message.kind: message
    for message in (Identify, Arm, Setpoint, Lease, Stop, Calibrate, Status, Identity, Ack)
}


def read_message(frame: Frame) -> Message:
    """The message in a frame.

    Raises:
        BadMessage: the type is unknown, or the payload is not of that type.
    """
    if frame.kind not in MESSAGES:
        raise BadMessage(f"message type {frame.kind:#04x} is unknown: newer firmware?")
    return MESSAGES[frame.kind].read(frame.payload)
