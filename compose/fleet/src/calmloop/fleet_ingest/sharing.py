"""A chair's share of a worker: who sends more than that waits, and delays nobody else.

Each chair has a bucket of items that fills at a steady rate. A batch is taken while there is
anything in it, and may leave a debt; whoever has a debt waits until it is paid.
"""

from collections import OrderedDict

from calmloop.base.clock import Clock, monotonic_s

ITEMS_PER_S = 100.0
"""A session has some fifty events: no chair that sends what happens comes near it."""
BURST = 2000.0
"""What has waited while a link was away goes at once, up to so much."""
LEAST = 10.0
"""A batch of one item is a commit, too."""
MAX_CHAIRS = 100_000


class FairShares:
    """The buckets of one worker."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, chair: str) -> float:
        """How long a chair has to wait; 0: its next batch may be stored."""
        return max(0.0, -self._level(chair) / ITEMS_PER_S)

    def take(self, chair: str, items: int) -> None:
        """A batch of so many items was stored."""
        self._left[chair] = (self._level(chair) - max(items, LEAST), monotonic_s(self._clock))
        self._left.move_to_end(chair)
        while len(self._left) > MAX_CHAIRS:
            self._left.popitem(last=False)

    def _level(self, chair: str) -> float:
        left, at_s = self._left.get(chair, (BURST, 0.0))
        return min(BURST, left + (monotonic_s(self._clock) - at_s) * ITEMS_PER_S)
