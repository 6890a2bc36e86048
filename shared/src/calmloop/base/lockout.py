"""How often somebody may try a secret: by name at an address, by address, and by name anywhere."""

from collections import OrderedDict
from dataclasses import dataclass, field

from calmloop.base.clock import Clock

FREE_TRIES = 5
"""Of one name at one address, before it is locked out."""
FREE_TRIES_OF_ADDRESS = 15
FREE_TRIES_OF_NAME = 30
"""Higher, so that a stranger cannot easily lock a caregiver out; a stop needs no login anyway."""
FIRST_LOCK_S = 30.0
LONGEST_LOCK_S = 900.0
FORGOTTEN_S = 24 * 3600.0
MAX_KEYS = 4096


@dataclass
class _Tries:
    failed_ns: list[int] = field(default_factory=list)
    locked_until_ns: int = 0


class Lockout:
    """Counts what failed in a day; each further failure doubles the time that it is locked out."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: OrderedDict[tuple[str, str], _Tries] = OrderedDict()

    def locked_s(self, name: str, address: str) -> float:
        """How long whoever asks has to wait; 0: it may try."""
        now_ns = self._clock.monotonic_ns()
        keys = (key for key, _ in _keys(name, address))
        until = [self._tries[key].locked_until_ns for key in keys if key in self._tries]
        return max([0.0, *((u - now_ns) / 1e9 for u in until)])

    def fail(self, name: str, address: str) -> None:
        """A secret was wrong."""
        now_ns = self._clock.monotonic_ns()
        for key, free in _keys(name, address):
            tries = self._tries.setdefault(key, _Tries())
            self._tries.move_to_end(key)
            kept_ns = now_ns - round(FORGOTTEN_S * 1e9)
            recent = [t for t in tries.failed_ns if t > kept_ns]
            tries.failed_ns = [*recent[-200:], now_ns]
            over = len(tries.failed_ns) - free
            if over >= 0:
                lock_s = min(FIRST_LOCK_S * 2.0 ** min(over, 10), LONGEST_LOCK_S)
                tries.locked_until_ns = now_ns + round(lock_s * 1e9)
        while len(self._tries) > MAX_KEYS:
            self._tries.popitem(last=False)

    def succeed(self, name: str, address: str) -> None:
        """A secret was right: this name at this address begins anew, and this address for others.

        Tries of this name from elsewhere, and those of other names here, go on counting.
        """
        for key, _ in _keys(name, address)[:2]:
            self._tries.pop(key, None)


def _keys(name: str, address: str) -> list[tuple[tuple[str, str], int]]:
    folded = name.casefold()[:40]
    return [
        ((folded, address), FREE_TRIES),
        (("", address), FREE_TRIES_OF_ADDRESS),
        ((folded, ""), FREE_TRIES_OF_NAME),
    ]
