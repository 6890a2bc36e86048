"""The planned time of a session, and the way to zero at its end."""

from calmloop.contract.messages.session import Change
from calmloop.scenario_selector.limits import DOZE_S

MAX_SHARE_OF_PLAN = 0.25
"""Of a short session, for the way up as for the way down."""


def way_s(minutes: float, warm_up_s: float) -> float:
    """Time from zero to the level of a start, and from the last level back to zero, in s."""
    return min(warm_up_s, MAX_SHARE_OF_PLAN * 60.0 * minutes)


class Course:
    """The planned minutes. Closing waits for nobody.

    Attributes:
        change: Why the session ends by itself.
        reason: The same in words.
    """

    def __init__(self, minutes: float, closing_s: float) -> None:
        """Lays it out.

        Args:
            minutes: Planned.
            closing_s: From the level of then to zero; 0 for none.
        """
        self.change, self.reason = Change.CLOSING, f"the {minutes:g} planned minutes are over"
        self._left_s = 60.0 * minutes
        self._closing_s = closing_s

    @property
    def minutes_left(self) -> float:
        """Of the planned ones."""
        return self._left_s / 60.0

    @property
    def open_s(self) -> float:
        """Until it closes."""
        return max(0.0, self._left_s - self._closing_s)

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
        """What may be felt, 0 to 1: it falls while it closes."""
        return min(1.0, self._left_s / self._closing_s) if self._closing_s else 1.0

    def turn(self, elapsed_s: float) -> None:
        """Lets time pass."""
        self._left_s = max(0.0, self._left_s - elapsed_s)

    def doze(self) -> None:
        """The child is asleep: closes now, unless it does already."""
        if not self.is_closing:
            self._left_s = min(self._left_s, DOZE_S)
            self._closing_s = self._left_s
            self.change, self.reason = Change.ASLEEP, "asleep: fading to zero"
