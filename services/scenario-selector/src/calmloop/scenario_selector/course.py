"""The planned time of a session: from zero to the level of a start, and back at its end."""

from calmloop.contract.messages.session import Change
from calmloop.scenario_selector.limits import DOZE_S

MAX_SHARE_OF_PLAN = 0.25
"""Of a short session, for either way."""


class Course:
    """Warming up and closing, as a share of the intensity that may be felt.

    Warming up waits while nothing may rise; closing waits for nobody.

    Attributes:
        is_held: Whether a caregiver keeps it where it is: it warms up no further.
        change: Why the session ends by itself.
        reason: The same in words.
    """

    def __init__(self, minutes: float, warm_up_s: float) -> None:
        """Lays it out.

        Args:
            minutes: Planned.
            warm_up_s: From zero to the whole, and back; 0 for neither.
        """
        self.change, self.reason = Change.CLOSING, f"the {minutes:g} planned minutes are over"
        self.is_held = False
        self._left_s = 60.0 * minutes
        self._warm_up_s = self._closing_s = min(warm_up_s, MAX_SHARE_OF_PLAN * self._left_s)
        self._warm_s = 0.0

    @property
    def minutes_left(self) -> float:
        """Of the planned ones."""
        return self._left_s / 60.0

    @property
    def is_over(self) -> bool:
        """Whether they have passed."""
        return self._left_s == 0.0

    @property
    def is_closing(self) -> bool:
        """Whether it is on its way to the end: nothing rises any more."""
        return self._left_s <= self._closing_s

    @property
    def share(self) -> float:
        """What may be felt, 0 to 1."""
        warm = self._warm_s / self._warm_up_s if self._warm_up_s else 1.0
        left = self._left_s / self._closing_s if self._closing_s else 1.0
        return min(1.0, warm, left)

    def turn(self, elapsed_s: float, *, may_rise: bool) -> None:
        """Lets time pass."""
        self._left_s = max(0.0, self._left_s - elapsed_s)
        if may_rise and not self.is_closing and not self.is_held:
            self._warm_s += elapsed_s

    def doze(self) -> None:
        """The child is asleep: closes now, unless it does already."""
        if not self.is_closing:
            self._left_s = min(self._left_s, DOZE_S)
            self._closing_s = self._left_s
            self.change, self.reason = Change.ASLEEP, "asleep: fading to zero"
