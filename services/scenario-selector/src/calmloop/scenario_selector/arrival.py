"""How a child arrives: as it looks at rest, or upset already. A face alone cannot tell which."""

from calmloop.scenario_selector.limits import (
    ANSWER_WITHIN_S,
    MAX_BASELINE_VALENCE,
    UPSET_ARRIVAL_VALENCE,
    USUAL_WITHIN,
)

QUESTION = "The child looks upset. Does it usually look so, or is it upset?"


class Arrival:
    """Assumes the worse, and asks.

    Attributes:
        question: What a caregiver is asked; empty when nothing.
        is_upset: Whether the child is taken to be upset, so that the engine raises nothing.
    """

    def __init__(self) -> None:
        self.question = ""
        self.is_upset = False
        self._asked_s = 0.0

    @property
    def awaits_answer(self) -> bool:
        """Whether a caregiver may still say that the child usually looks so."""
        return bool(self.question) and self._asked_s < ANSWER_WITHIN_S

    def settle(self, baseline_valence: float, usual_valence: float | None = None) -> None:
        """The baseline is measured.

        Args:
            baseline_valence: It.
            usual_valence: This child's in its earlier sessions; None where none is kept.
        """
        is_clamped = baseline_valence <= -MAX_BASELINE_VALENCE
        is_near = usual_valence is not None and baseline_valence >= usual_valence - USUAL_WITHIN
        if baseline_valence < UPSET_ARRIVAL_VALENCE and (is_clamped or not is_near):
            self.question, self.is_upset = QUESTION, True

    def turn(self, elapsed_s: float) -> None:
        """Lets time pass: who does not answer leaves the child taken to be upset."""
        self._asked_s += elapsed_s if self.question else 0.0

    def answer(self, *, upset: bool) -> None:
        """A caregiver says which it is; what nobody asked is not heard."""
        if self.question:
            self.question, self.is_upset = "", upset
