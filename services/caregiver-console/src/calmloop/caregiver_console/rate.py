"""How much one address may ask: enough for people, too little for a flood."""

from collections import OrderedDict

from calmloop.base.clock import Clock, monotonic_s

PER_S = 50.0
BURST = 100.0
MAX_ADDRESSES = 1024


class AddressRate:
    """A bucket of tokens for each address, or for each name of a login; a stop takes none."""

    def __init__(self, clock: Clock, per_s: float = PER_S, burst: float = BURST) -> None:
        self._clock = clock
        self._per_s, self._burst = per_s, burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def passes(self, address: str) -> bool:
        """Whether it may ask once more now."""
        now_s = monotonic_s(self._clock)
        left, then_s = self._buckets.pop(address, (self._burst, now_s))
        left = min(self._burst, left + (now_s - then_s) * self._per_s)
        passes = left >= 1.0
        self._buckets[address] = (left - passes, now_s)
        if len(self._buckets) > MAX_ADDRESSES:
            self._buckets.popitem(last=False)
        return passes
