"""Which chair the host accepts: protocol, firmware, caps and calibration, compared in IDENTIFY."""

from dataclasses import dataclass

from calmloop.chair_link.events import Identified, Mismatched
from calmloop.chair_link.frames import VERSION
from calmloop.chair_link.messages import Identify, Identity
from calmloop.chair_link.wire.numbers import CAP_HASH, FIRMWARE_MAJOR, IDENTIFY_REPEAT_MS

__all__ = ["CAP_HASH", "FIRMWARE_MAJOR", "Expectation", "Identification"]

RETRY_S = IDENTIFY_REPEAT_MS / 1000
PING_S = 1.0
"""A chair that is identified is asked again this often, which measures the round trip."""


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


class Identification:
    """Whether the chair is the one expected: asked until it is known, and then once a second.

    Attributes:
        identity: What the chair said of itself, or None.
        identified: It is the chair expected, and it has confirmed so.
        mismatch: Why it is not; empty while unknown or right.
    """

    def __init__(self, expectation: Expectation) -> None:
        self._expectation = expectation
        self.begin()

    def begin(self) -> None:
        """Nothing is known of the chair."""
        self.identity: Identity | None = None
        self.identified = False
        self.mismatch = ""
        self._due_s = 0.0
        self._asked_s: float | None = None

    def ask_at(self, due_s: float) -> None:
        """The next question comes then."""
        self._due_s = due_s

    def forget(self, now_s: float) -> None:
        """The chair says that it does not know this host: it is asked at once."""
        self.identified = False
        self._due_s = now_s

    def pop_question(self, now_s: float) -> Identify | None:
        """The IDENTIFY to send now; None before its time."""
        if now_s < self._due_s:
            return None
        self._asked_s, self._due_s = now_s, now_s + RETRY_S
        return self._expectation.question(self.identity)

    def pop_round_trip_s(self, now_s: float) -> float | None:
        """How long the answer to the last question took; None when it was answered before."""
        asked_s, self._asked_s = self._asked_s, None
        return None if asked_s is None else now_s - asked_s

    def handle(self, identity: Identity, now_s: float) -> list[Identified | Mismatched]:
        """Judges what the chair says of itself; a chair that does not agree is asked at once."""
        self.identity = identity
        events: list[Identified | Mismatched] = []
        events += self._judge(self._expectation.mismatch(identity))
        self._due_s = now_s + PING_S if self.mismatch or identity.matched else now_s
        if identity.matched and not self.mismatch and not self.identified:
            self.identified = True
            events.append(Identified(identity))
        return events

    def handle_foreign(self, protocol: int, now_s: float) -> list[Mismatched]:
        """The chair speaks another version of the protocol."""
        self._due_s = now_s + PING_S
        return self._judge(f"protocol {protocol}, expected {VERSION}: flash the firmware")

    def _judge(self, mismatch: str) -> list[Mismatched]:
        is_news = mismatch not in ("", self.mismatch)
        self.mismatch = mismatch
        if mismatch:
            self.identified = False
        return [Mismatched(mismatch)] if is_news else []
