"""Which chair the host accepts: protocol, firmware, caps and calibration, compared in IDENTIFY."""

from dataclasses import dataclass

from calmloop.chair_link.frames import VERSION
from calmloop.chair_link.messages import Identify, Identity
from calmloop.chair_link.wire.numbers import CAP_HASH, FIRMWARE_MAJOR

__all__ = ["CAP_HASH", "FIRMWARE_MAJOR", "Expectation"]


@dataclass(frozen=True)
class Expectation:
    """What the chair must be. `calibration_hash` None takes the table that the chair has."""

    protocol: int = VERSION
    firmware_major: int = FIRMWARE_MAJOR
    cap_hash: int = CAP_HASH
    calibration_hash: int | None = None

    def question(self, identity: Identity | None) -> Identify:
        """The IDENTIFY to send, knowing what the chair said of itself so far."""
        calibration_hash = self.calibration_hash
        if calibration_hash is None:
            calibration_hash = identity.calibration_hash if identity else 0
        return Identify(self.protocol, self.firmware_major, self.cap_hash, calibration_hash)

    def mismatch(self, identity: Identity) -> str:
        """Why the chair is not the one expected; empty when it is."""
        if identity.protocol != self.protocol:
            return f"protocol {identity.protocol}, expected {self.protocol}: flash the firmware"
        if identity.firmware_major != self.firmware_major:
            return f"firmware {identity.firmware}, expected {self.firmware_major}.x: flash it"
        if identity.cap_hash != self.cap_hash:
            return f"caps {identity.cap_hash:#010x}, expected {self.cap_hash:#010x}: flash it"
        if self.calibration_hash not in (None, identity.calibration_hash):
            return (
                f"calibration {identity.calibration_hash:#010x}, expected "
                f"{self.calibration_hash:#010x}: calibrate, or correct the setting"
            )
        return ""
