"""Notices a source that says the same again and again: stuck, or a short piece played in a circle.

Two hearts' seconds are never alike to the millisecond, so that intervals betray it soon. A rate
alone is a whole number, which a child at rest can keep for a while.
"""

from collections import deque
from collections.abc import Hashable

MAX_PERIOD = 8
RATE_ALONE = 4
"""By how much longer a rate without intervals, or a signal, may stay the same."""


class Repetition:
    """Compares each message with those up to eight before it.

    Args:
        frozen_after_s: For how long repeated intervals are believed.
    """

    def __init__(self, frozen_after_s: float) -> None:
        self._frozen_after_ns = round(frozen_after_s * 1e9)
        self._held: deque[tuple[Hashable, int]] = deque(maxlen=MAX_PERIOD)
        self._since_ns: dict[int, int] = {}
        self._fine = False
        self._last_ns = 0

    def put(self, said: Hashable, at_ns: int, *, fine: bool) -> None:
        """Takes what a message says; `fine`: so finely that chance does not repeat it."""
        self._fine, self._last_ns = fine, at_ns
        for period in range(1, MAX_PERIOD + 1):
            if period > len(self._held) or self._held[-period][0] != said:
                self._since_ns.pop(period, None)
            else:
                self._since_ns.setdefault(period, self._held[-period][1])
        self._held.append((said, at_ns))

    def is_frozen(self) -> bool:
        """Whether it has said the same for too long, as of the last message."""
        if self._fine:
            return any(self._lasts_ns(p) >= self._frozen_after_ns for p in self._since_ns)
        return 1 in self._since_ns and self._lasts_ns(1) >= RATE_ALONE * self._frozen_after_ns

    def clear(self) -> None:
        """Forgets what was said."""
        self._held.clear()
        self._since_ns.clear()

    def _lasts_ns(self, period: int) -> int:
        return self._last_ns - self._since_ns[period]
