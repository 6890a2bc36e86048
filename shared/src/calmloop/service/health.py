"""What a service says of itself after each turn, and the rules that several services share."""

from dataclasses import dataclass

from calmloop.base.clock import Clock


@dataclass(frozen=True)
class Health:
    """What a service says of itself after a turn."""

    healthy: bool = True
    waits_for: str = ""
    beats: bool = True
    """Whether it counts as one of its service: what beats is taken for it being there."""


EVICTED = Health(
    healthy=False,
    waits_for="another client with its client id to go away: stop that one, or give this one an"
    " instance name of its own",
)
"""Another client of the same id has just thrown this one off the broker."""

NO_INPUT_AFTER_S = 2.0
"""Without input for this long, a service says that it waits for it."""


class InputHealth:
    """The health of a service that answers input: healthy without any, and then says so."""

    def __init__(self, clock: Clock, what: str) -> None:
        """Counts from now on; `what` is the input that it waits for, in plain words."""
        self._clock = clock
        self._what = what
        self._received_ns = clock.monotonic_ns()

    def receive(self, received_ns: int) -> None:
        """Input came; its monotonic time of receipt in ns."""
        self._received_ns = received_ns

    def health(self) -> Health:
        """The health now; a lack of input is no fault of the service that waits for it."""
        waited_s = (self._clock.monotonic_ns() - self._received_ns) / 1e9
        return Health(waits_for=self._what if waited_s > NO_INPUT_AFTER_S else "")
