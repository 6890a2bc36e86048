"""Sends a caregiver's commands one at a time, and tells what became of each in plain words.

Nothing is sent twice and nothing is sent later: a command that could not be confirmed is told
as such, and it is for the person to decide.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from calmloop.bus.bus import Bus
from calmloop.caregiver.seen import BusView
from calmloop.contract import topics
from calmloop.contract.messages.base import Command
from calmloop.contract.topics import Account, Topic

Found = TypeVar("Found")

ANSWER_S = 3.0
"""States come once a second and are fresh for 2.5 s: no answer for longer means nobody is there."""


@dataclass(frozen=True)
class CommandOutcome:
    """What became of a command."""

    done: bool
    text: str


class CommandSender:
    """A caregiver's side of a bus that is started and closed elsewhere.

    Calls block, and handle what comes meanwhile in the caller's thread.

    Attributes:
        seen: What was seen on the bus so far.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.seen = BusView(bus)

    @property
    def trouble(self) -> str:
        """What the broker said when it last ended or refused the connection."""
        return self._bus.trouble

    def await_seen(self, condition: Callable[[], Found], timeout_s: float) -> Found:
        """Handles what comes until the condition holds or the time is over; its last value."""
        deadline = time.monotonic() + timeout_s
        while not (found := condition()) and time.monotonic() < deadline:
            self._bus.wait(0.1)
            self._bus.dispatch()
        return found

    def ask(
        self,
        topic: Topic[Command],
        command: Command,
        answered: Callable[[], object],
        timeout_s: float = ANSWER_S,
        **fields: str,
    ) -> CommandOutcome | None:
        """Sends a command; None once `answered`, else why it was refused or got no answer.

        Raises:
            NotConnectedError: the broker is away.
        """
        mark, name = self.seen.refusal_count, topic.name(self._bus.chair_id, **fields)
        self._bus.publish(topic, command, data=b"", **fields)
        self.await_seen(lambda: self.seen.refusal(name, mark) or answered(), timeout_s)
        reason = self.seen.refusal(name, mark)
        if reason:
            return CommandOutcome(False, f"refused: {reason}")
        reader = next(iter(topic.readers - {Account.CAREGIVER, Account.MONITOR}))
        return None if answered() else silent(reader)

    def later_state(self) -> Callable[[], bool]:
        """Holds once the selector must have decided: the next state may have been under way."""
        path = topics.SESSION_STATE.path
        enough = self.seen.counts[path] + 2
        return lambda: self.seen.counts[path] >= enough


def silent(service: Account) -> CommandOutcome:
    """Nobody answered."""
    return CommandOutcome(False, f"no answer from the {service}: is it running?")
