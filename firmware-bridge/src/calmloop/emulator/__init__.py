"""The release firmware on an emulated ATmega328P, with the chair's hardware around it.

`Emulator` starts it, does to it what hands and accidents would do, and reads what its pins did.
"""

from calmloop.emulator.build import ensure_built, missing_packages
from calmloop.emulator.control import ControlClient, EmulatorError
from calmloop.emulator.process import Emulator, EmulatorMetrics
from calmloop.emulator.record import Event, Given

__all__ = [
    "ControlClient",
    "Emulator",
    "EmulatorError",
    "EmulatorMetrics",
    "Event",
    "Given",
    "ensure_built",
    "missing_packages",
]
