"""A chair that is driven turn by turn, for those who look at what goes in and out at each one."""

from calmloop.chair_link.messages import Message, Status
from tests.unit.firmware_core.core import CoreChair


class SteppedChair(CoreChair):
    """A `CoreChair` whose every turn can be looked at, and whose leases arrive like any frame."""

    def _pass(self, count: int, step_ms: int) -> int:
        leased, self.leased = self.leased, False
        known = len(self.heard)
        super()._pass(1, step_ms)
        self.leased = leased
        self._after_turn(self.heard[known:])
        return 1

    def _after_turn(self, messages: list[Message]) -> None:
        """What the host does with what a turn has brought."""
        for message in messages:
            if isinstance(message, Status) and self.leased:
                self.answer(message)
