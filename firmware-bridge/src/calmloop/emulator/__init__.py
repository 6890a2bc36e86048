"""The release firmware on an emulated ATmega328P, with the chair's hardware around it.

`Emulator` starts it, does to it what hands and accidents would do, and reads what its pins did.
"""

from calmloop.emulator.build import ensure_built, missing_packages
from calmloop.emulator.process import Emulator, EmulatorFailed, Figures
from calmloop.emulator.record import Event, Given

__all__ = [
    "Emulator",
    "EmulatorFailed",
    "Event",
    "Figures",
    "Given",
    "ensure_built",
    "missing_packages",
]
