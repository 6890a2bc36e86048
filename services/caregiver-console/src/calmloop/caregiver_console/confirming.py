"""Which stops the chair itself has confirmed.

A page that hears nothing repeats its stop: what is confirmed already must not end a session that
was started since. In doubt a stop counts as open, and goes out.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from calmloop.base.clock import Clock
from calmloop.base.freshness import Ages, Received
from calmloop.contract import topics
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.safety import StopState

AGO_MS = "ago_ms"
"""Among a stop's arguments: how long ago it was pressed; only what is repeated has it."""
REMEMBERED = 512
"""Repeated stops of which it is known when they were pressed."""
AT_REST = frozenset({ChairMode.SAFE, ChairMode.FAULT, ChairMode.ESTOP, ChairMode.BOOT})


class ConfirmedStops:
    """Knows up to when each stop was seen to take effect: latched, and then a chair at rest."""

    def __init__(self, clock: Clock, ages: Ages) -> None:
        self._clock, self._ages = clock, ages
        self._latched_ns: int | None = None
        self._confirmed_ns: int | None = None
        self._pressed: OrderedDict[str, int] = OrderedDict()

    @property
    def receivers(self) -> dict[str, Callable[[Received[Any]], None]]:
        """By the topic's path."""
        return {
            topics.STOP_STATE.path: self.receive_stop,
            topics.CHAIR_STATE.path: self.receive_chair,
        }

    def receive_stop(self, received: Received[StopState]) -> None:
        """The watchdog's word."""
        self._latched_ns = self._said_ns(received) if received.message.latched else None

    def receive_chair(self, received: Received[ChairState]) -> None:
        """The chair's own word: only what was said after the latch confirms."""
        latched_ns = self._latched_ns
        if latched_ns is None or self._said_ns(received) <= latched_ns:
            return
        if is_at_rest(received.message):
            self._confirmed_ns = max(latched_ns, self._confirmed_ns or latched_ns)

    def confirms(self, id_: str, arguments: Mapping[str, Any]) -> bool:
        """Whether this is the repeat of a stop that was confirmed; never for one that is new.

        On its way a message only grows older than it says: it is taken for newer than it is, which
        lets it through. Of those with one id the earliest counts.
        """
        ago_ns = _ago_ns(arguments)
        pressed_ns = self._clock.monotonic_ns() - ago_ns
        if id_ in self._pressed:
            pressed_ns = min(pressed_ns, self._pressed[id_])
        self._pressed[id_] = pressed_ns
        if len(self._pressed) > REMEMBERED:
            self._pressed.popitem(last=False)
        confirmed_ns = self._confirmed_ns
        return ago_ns > 0 and confirmed_ns is not None and pressed_ns <= confirmed_ns

    def _said_ns(self, received: Received[StopState] | Received[ChairState]) -> int:
        return self._clock.monotonic_ns() - round(self._ages.age_s(received) * 1e9)


def is_at_rest(chair: ChairState) -> bool:
    """Whether the chair says that nothing can be felt and nothing is armed."""
    applied = chair.applied
    return chair.mode in AT_REST and applied.vibration_pct == 0.0 and applied.sound_pct == 0.0


def _ago_ns(arguments: Mapping[str, Any]) -> int:
    """0 for what is none: a stop is never refused."""
    ago_ms = arguments.get(AGO_MS)
    if isinstance(ago_ms, bool) or not isinstance(ago_ms, int | float):
        return 0
    return int(ago_ms * 1e6) if 0.0 < ago_ms < float("inf") else 0
