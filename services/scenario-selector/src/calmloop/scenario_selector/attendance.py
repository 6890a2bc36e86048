"""Whether a caregiver is still with the child, where there is a console that could tell.

It can only end a session softly. Without a console nothing is known, and nothing changes; one that
falls silent, or lies, leaves a session no longer than it would be without it.
"""

from calmloop.base.clock import Clock, monotonic_s
from calmloop.contract.messages.caregiver import CaregiverPresence
from calmloop.contract.messages.session import ENDED_BY_PLAN, Phase

UNATTENDED_S = 600.0
"""Without a touch, a command or a button for so long, a session is eased down; our choice."""
REASON = f"no caregiver was seen for {UNATTENDED_S / 60:g} min: eased down"


class Attendance:
    """The signs of a caregiver in one session.

    Attributes:
        unattended: Whether the last session was eased down for want of them, and nobody came since.
    """

    def __init__(self, clock: Clock) -> None:
        self.unattended = False
        self._clock = clock
        self._runs = False
        self._watched = False
        self._sign_s = monotonic_s(clock)
        self._ack = False

    def note_sign(self) -> None:
        """A caregiver commanded, or pressed a button."""
        self.unattended = False
        self._sign_s = monotonic_s(self._clock)

    def note_button(self, ack: bool) -> None:
        """How the chair's ACK button is: pressing it is a sign, one that is stuck is none."""
        if ack and not self._ack:
            self.note_sign()
        self._ack = ack

    def receive(self, presence: CaregiverPresence) -> None:
        """A console tells how long nobody touched its pages."""
        self._watched |= self._runs
        if presence.idle_s is None:
            return
        sign_s = monotonic_s(self._clock) - presence.idle_s
        if sign_s > self._sign_s:
            self.note_sign()
            self._sign_s = sign_s

    def is_over(self, phase: Phase) -> bool:
        """Whether a session in this phase is to be eased down now; true once."""
        runs = phase not in ENDED_BY_PLAN
        if runs and not self._runs:
            # A start needs somebody present.
            self._watched = False
            self.note_sign()
        self._runs = runs
        if not (runs and self._watched):
            return False
        if monotonic_s(self._clock) - self._sign_s < UNATTENDED_S:
            return False
        self.unattended = True
        return True
