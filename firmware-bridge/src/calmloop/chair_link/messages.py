"""The messages inside the frames, one class each; PROTOCOL.md lists every byte.

Levels are per mille of full scale, frequencies tenths of a hertz, times milliseconds.
"""

from dataclasses import dataclass, replace
from typing import Self

from calmloop.chair_link import wire
from calmloop.chair_link.errors import WireMessageError
from calmloop.chair_link.frames import WireFrame
from calmloop.chair_link.message import Message
from calmloop.chair_link.wire.codes import (
    ArmBlock,
    CalibrateResult,
    CalibrationKind,
    Fault,
    Flags,
    HostStop,
    Inputs,
    MessageKind,
    State,
    StopReason,
)
from calmloop.chair_link.wire.messages import (
    RESULTS,
    Arm,
    Calibrate,
    Identify,
    Lease,
    Setpoint,
    Status,
    Stop,
)
from calmloop.chair_link.wire.numbers import FULL_PERMILLE

__all__ = [
    "FREQUENCY_MAX_DHZ",
    "FULL_PERMILLE",
    "MESSAGES",
    "RESULTS",
    "Ack",
    "Arm",
    "ArmBlock",
    "Calibrate",
    "CalibrateResult",
    "CalibrationKind",
    "Fault",
    "Flags",
    "HostStop",
    "Identify",
    "Identity",
    "Inputs",
    "Lease",
    "Message",
    "MessageKind",
    "Setpoint",
    "State",
    "Status",
    "Stop",
    "StopReason",
    "read_message",
]

FREQUENCY_MAX_DHZ = Status.most["vibration_dhz"]
"""More than any motor here can follow; a STATUS beyond it is damaged."""


@dataclass(frozen=True)
class Identity(wire.messages.Identity):
    """What the chair is, and what people call it."""

    @property
    def firmware(self) -> str:
        """The version as people write it."""
        return f"{self.firmware_major}.{self.firmware_minor}.{self.firmware_patch}"

    @property
    def serial(self) -> str:
        """The chair's serial number."""
        return self.serial_bytes.rstrip(b"\0").decode("ascii", errors="replace")


@dataclass(frozen=True)
class Ack(wire.messages.Ack):
    """The answer to an order, with the result as the enum of what it answers."""

    @classmethod
    def read(cls, payload: bytes) -> Self:
        """As `Message.read`, with the result turned into the enum of what it answers."""
        raw = super().read(payload)
        try:
            return replace(raw, result=RESULTS[raw.acked](raw.result))
        except (KeyError, ValueError) as error:
            raise WireMessageError(f"ACK: {error}: newer firmware? update the host") from None


MESSAGES: dict[int, type[Message]] = {
    **wire.messages.MESSAGES,
    MessageKind.IDENTITY: Identity,
    MessageKind.ACK: Ack,
}


def read_message(frame: WireFrame) -> Message:
    """The message in a frame.

    Raises:
        WireMessageError: the type is unknown, or the payload is not of that type.
    """
    if frame.kind not in MESSAGES:
        raise WireMessageError(f"message type {frame.kind:#04x} is unknown: newer firmware?")
    return MESSAGES[frame.kind].read(frame.payload)
