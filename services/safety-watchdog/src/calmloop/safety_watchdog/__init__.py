"""Gives the chair its lease while all is well, latches stops, and calls the caregiver.

What tools may use of this stage stands below, loaded when it is first used: settings are read
without the library that makes the proof.
"""

from typing import TYPE_CHECKING

from calmloop.base.lazy import lazy_names

if TYPE_CHECKING:
    from calmloop.safety_watchdog.lease import lease_proof

__all__ = ["lease_proof"]

__getattr__ = lazy_names(__name__, {"lease": ("lease_proof",)})
