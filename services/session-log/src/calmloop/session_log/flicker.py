"""What changes again and again for hours must not fill the log: each counts, few are told."""

from collections import Counter
from collections.abc import Iterable

BURST = 20
"""Changes that are told one by one."""
EVERY_S = 60.0
"""Then one event so often, with how often each changed since the one before."""


class FlickerBound:
    """Tells when a change may be an event of its own, and counts those that were not."""

    def __init__(self) -> None:
        self._left = float(BURST)
        self._then_s: float | None = None
        self._untold: Counter[str] = Counter()

    @property
    def holds(self) -> bool:
        """Whether something changed that was not told yet."""
        return bool(self._untold)

    def count(self, changed: Iterable[str]) -> None:
        """Counts a change of each of these."""
        self._untold.update(changed)

    def passes(self, now_s: float) -> bool:
        """Whether it may be told now; a clock that was set back gives nothing."""
        if self._then_s is not None:
            self._left += max(0.0, now_s - self._then_s) / EVERY_S
        self._then_s, self._left = now_s, min(self._left, float(BURST))
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

    def take(self) -> dict[str, int]:
        """How often each changed since it was last told; from now on nothing did."""
        taken, self._untold = dict(self._untold), Counter()
        return taken
