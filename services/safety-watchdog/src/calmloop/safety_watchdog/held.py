"""Tells whether something has been so without a break for long enough to be believed."""

from calmloop.base.clock import Clock


class Held:
    """A condition that counts only once it has held for a while."""

    def __init__(self, clock: Clock, for_s: float) -> None:
        self._clock = clock
        self._for_ns = round(for_s * 1e9)
        self._since_ns: int | None = None

    def update(self, holds: bool) -> bool:
        """Updates the condition; True once it has held for the time."""
        if not holds:
            self._since_ns = None
            return False
        now_ns = self._clock.monotonic_ns()
        if self._since_ns is None:
            self._since_ns = now_ns
        return now_ns - self._since_ns >= self._for_ns

    def clear(self) -> None:
        """Begins anew, as if the condition had never held."""
        self._since_ns = None
