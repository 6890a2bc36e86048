"""The caregiver beside the chair: resumes a pause, answers a question, after a while or never.

Who sees that the child is upset resumes nothing.
"""

from calmloop.contract.messages.session import Phase
from calmloop.simulate.engines import DrivenEngine, View
from calmloop.simulate.truth import FacePresence, Truth

UPSET_FROM = 0.5
"""Distress that a caregiver who looks at the child calls upset, and does not resume at."""
AGAIN_S = 5.0
"""Between two tries to resume."""


class Caregiver:
    """Sees the truth, but only when it is asked.

    Args:
        answers_after_s: From a question or a pause to the answer; never when None.
    """

    def __init__(self, answers_after_s: float | None) -> None:
        self._after_s = answers_after_s
        self._asked_s: float | None = None
        self._paused_s: float | None = None

    def attend(self, engine: DrivenEngine, view: View, truth: Truth, now_s: float) -> None:
        """Does what is due at a time step."""
        if self._after_s is None:
            return
        self._asked_s = _since(self._asked_s, bool(view.asking), now_s)
        self._paused_s = _since(self._paused_s, view.phase is Phase.PAUSED, now_s)
        if self._asked_s is not None and now_s - self._asked_s >= self._after_s:
            self._asked_s = None
            engine.answer(
                upset=truth.distress >= UPSET_FROM,
                is_child=truth.presence is not FacePresence.REPLACED,
                is_asleep=truth.presence is FacePresence.ASLEEP,
            )
        if self._paused_s is not None and now_s - self._paused_s >= self._after_s:
            self._paused_s = now_s - self._after_s + AGAIN_S
            if truth.distress < UPSET_FROM:
                engine.resume()


def _since(since_s: float | None, is_so: bool, now_s: float) -> float | None:
    if not is_so:
        return None
    return now_s if since_s is None else since_s
