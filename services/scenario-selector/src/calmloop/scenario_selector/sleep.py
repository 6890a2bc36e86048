"""Whether the child has fallen asleep: still, and its eyes shut, for minutes.

Where nobody can tell its eyes, a caregiver is asked. All that follows is that the session fades.
"""

from calmloop.scenario_selector.limits import (
    ASK_AGAIN_S,
    ASLEEP_S,
    EYES_WITHIN_S,
    STILL_GAP_S,
    STILL_LOG_ENERGY,
)

QUESTION = f"The child has been still for {ASLEEP_S / 60:g} min. Is it asleep?"


class Sleep:
    """Watches stillness and eyes.

    Attributes:
        question: What a caregiver is asked; empty when nothing.
        is_asleep: Whether the session is to fade.
    """

    def __init__(self) -> None:
        self.question = ""
        self.is_asleep = False
        self._still_s = self._unknown_s = 0.0
        self._shut_s = 0.0
        self._eyes_shut: bool | None = None
        self._eyes_at_s = float("-inf")

    def see(self, eyes_shut: bool | None, now_s: float) -> None:
        """Takes what a frame tells of the eyes; None tells nothing."""
        if eyes_shut is not None:
            self._eyes_shut, self._eyes_at_s = eyes_shut, now_s

    def turn(self, log_energy: float | None, now_s: float, elapsed_s: float) -> None:
        """Lets time pass.

        Args:
            log_energy: Of the movement, as movement/state has it; None when nobody knows.
            now_s: Monotonic time in s.
            elapsed_s: Since the last turn.
        """
        self._count_still(log_energy, elapsed_s)
        shut = self._eyes_shut if now_s - self._eyes_at_s <= EYES_WITHIN_S else None
        self._shut_s = self._shut_s + elapsed_s if shut else 0.0
        if self._still_s < ASLEEP_S or shut is False:
            self.question = ""
        elif shut is None:
            self.question = QUESTION
        elif self._shut_s >= ASLEEP_S:
            self.is_asleep = True

    def _count_still(self, log_energy: float | None, elapsed_s: float) -> None:
        self._unknown_s = self._unknown_s + elapsed_s if log_energy is None else 0.0
        if log_energy is not None and log_energy <= STILL_LOG_ENERGY:
            self._still_s += elapsed_s
        elif log_energy is not None or self._unknown_s > STILL_GAP_S:
            self._still_s = min(0.0, self._still_s)

    def answer(self, *, asleep: bool) -> None:
        """A caregiver says; what nobody asked is not heard."""
        if self.question:
            self.question, self.is_asleep = "", asleep
            self._still_s = -ASK_AGAIN_S
