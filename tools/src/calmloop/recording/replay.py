"""Sends a recording to a broker at its own pace, where no chair listens."""

import time
from collections import Counter
from collections.abc import Callable, Iterable

from calmloop.base.errors import CalmloopError
from calmloop.bus.transport import RawMessage, Subscription, Transport
from calmloop.contract import topics
from calmloop.contract.topics import Account
from calmloop.recording.lines import Line
from calmloop.recording.player import RecordingPlayer

LISTEN_S = 1.2
"""Every service beats twice a second."""
GUARDED = frozenset({Account.ACTUATOR_BRIDGE, Account.SAFETY_WATCHDOG, Account.SCENARIO_SELECTOR})
"""Old beats and states would deceive these, and with them whoever sits in the chair."""


class ChairInUseError(CalmloopError):
    """A replay was refused, since a real chair could be on the other side."""


class Guard:
    """Listens for the services that a replay must never reach."""

    def __init__(self, chair_id: str) -> None:
        self._chair_id = chair_id
        self._heard = False
        self.subscription = Subscription(topics.HEARTBEAT.filter(chair_id))

    def receive(self, raw: RawMessage) -> None:
        """Takes a heartbeat."""
        service = raw.name.split("/")[-3]
        if service in GUARDED:
            self._heard = True

    def check(self, transport: Transport) -> None:
        """Listens for 1.2 s.

        Raises:
            ChairInUseError: one of them beats.
        """
        _wait_until(transport, time.monotonic() + LISTEN_S)
        if self._heard:
            raise ChairInUseError(
                f"the services of chair '{self._chair_id}' are running, and old messages would"
                " deceive them: name another with --as-chair, or use a broker of your own"
            )


def replay_plan(
    transport: Transport,
    player: RecordingPlayer,
    lines: Iterable[Line],
    progress: Callable[[int], None],
) -> Counter[str]:
    """Sends of a recording what may be sent, each when it is due.

    Returns:
        How many messages went out, by topic.

    Raises:
        RecordingError: a line is broken; what came before it was sent.
    """
    sent: Counter[str] = Counter()
    began_s = time.monotonic()
    for due in player.plan(lines):
        _wait_until(transport, began_s + due.at_s)
        if transport.publish(player.message(due)):
            sent[due.topic.path] += 1
        progress(sent.total())
    return sent


def _wait_until(transport: Transport, at_s: float) -> None:
    while (left_s := at_s - time.monotonic()) > 0:
        transport.wait(left_s)
