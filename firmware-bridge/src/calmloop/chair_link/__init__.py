"""The host's end of the serial link to the chair: frames, messages, link state, port.

`Link` is a pure state machine; `SerialPort` is its adapter to a real or simulated port.
"""

from calmloop.chair_link.events import (
    ArmAnswered,
    CalibrationAnswered,
    Event,
    Identified,
    Mismatched,
    SessionLost,
    StatusArrived,
    StopConfirmed,
)
from calmloop.chair_link.identification import Expectation
from calmloop.chair_link.link import Link
from calmloop.chair_link.port import PortClosed, PortData, PortOpened, SerialPort

__all__ = [
    "ArmAnswered",
    "CalibrationAnswered",
    "Event",
    "Expectation",
    "Identified",
    "Link",
    "Mismatched",
    "PortClosed",
    "PortData",
    "PortOpened",
    "SerialPort",
    "SessionLost",
    "StatusArrived",
    "StopConfirmed",
]
