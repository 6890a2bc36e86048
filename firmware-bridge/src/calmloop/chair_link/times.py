"""When the newest few of something were: nonces that came, setpoints that went."""


class NewestTimes:
    """Times in seconds by number, of the newest `limit` numbers."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._times_s: dict[int, float] = {}

    def __contains__(self, number: int) -> bool:
        return number in self._times_s

    def __getitem__(self, number: int) -> float:
        return self._times_s[number]

    def note(self, number: int, at_s: float) -> None:
        """Keeps the first time of a number, and forgets the oldest number beyond the limit."""
        self._times_s.setdefault(number, at_s)
        while len(self._times_s) > self._limit:
            del self._times_s[next(iter(self._times_s))]

    def pop_through(self, number: int) -> float | None:
        """The time of a number, forgetting it and all before it; None when it is not known."""
        at_s = self._times_s.get(number)
        if at_s is not None:
            for older in list(self._times_s):
                del self._times_s[older]
                if older == number:
                    break
        return at_s
