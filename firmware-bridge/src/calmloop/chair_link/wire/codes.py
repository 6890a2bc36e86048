"""The codes of the protocol: message types, states, reasons, results, flags.

Written by `make protocol` from firmware-bridge/protocol.toml: change that, not this.
"""

from enum import IntEnum, IntFlag


class MessageKind(IntEnum):
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


class CalibrationKind(IntEnum):
    """Where the chair's table from percent to m/s² and dBA comes from."""

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
