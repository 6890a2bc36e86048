"""The processes of one service that beat, and whether two of them are there at once."""

from dataclasses import dataclass
from itertools import combinations

from calmloop.base.freshness import Ages, Received
from calmloop.contract.messages.service import Heartbeat

STALE_S = 1.5
"""Three missed beats at 2 Hz. With 0.5 s of lease and 0.3 s of fall: at rest within 2.3 s."""
FIGHT_S = 10.0
"""Two of one name throw each other off the broker, and each is away for up to 8 s: one that came
back after the other is no restart, and counts for this long."""
FORGET_S = 60.0
"""An instance silent for this long will not come back, such as a container that was replaced."""
MAX_INSTANCES = 32
"""Processes remembered for each service."""


@dataclass
class _Process:
    name: str
    first_ns: int
    newest: Received[Heartbeat]


class Instances:
    """Remembers the newest heartbeat of each process of a service.

    A process is known by its instance's name and its run, which is new at each start: two that
    share a name are two all the same.
    """

    def __init__(self, ages: Ages) -> None:
        self._ages = ages
        self._processes: dict[tuple[str, str], _Process] = {}

    def __len__(self) -> int:
        return len(self._processes)

    def receive_heartbeat(self, received: Received[Heartbeat]) -> None:
        """A heartbeat has come."""
        name = received.fields["instance"]
        process = self._processes.setdefault(
            (name, received.message.run), _Process(name, received.received_ns, received)
        )
        process.newest = received
        if len(self) > MAX_INSTANCES:
            del self._processes[max(self._processes, key=lambda k: self._age_s(self._processes[k]))]

    def fresh_first(self) -> list[Received[Heartbeat]]:
        """The newest heartbeat of each process, the freshest first; forgets the long gone."""
        processes = sorted(self._processes.items(), key=lambda item: self._age_s(item[1]))
        for key, process in processes[1:]:
            if self._age_s(process) > FORGET_S:
                del self._processes[key]
        return [process.newest for _, process in processes]

    def alive(self) -> list[str]:
        """Names of the processes that beat now; one twice if two share it."""
        return [process.name for process in self._heard_within(STALE_S)]

    def side_by_side(self) -> list[str]:
        """Names of the processes that beat at the same time, in order; empty with fewer than two.

        One that was replaced never beats again after the first beat of its successor, so that a
        restart is no two, not even for as long as the last beat stays fresh.
        """
        pairs = [pair for pair in combinations(self._heard_within(FIGHT_S), 2) if self._two(*pair)]
        together = {id(process): process.name for pair in pairs for process in pair}
        return sorted(together.values())

    def _two(self, one: _Process, other: _Process) -> bool:
        fresh = max(self._age_s(one), self._age_s(other)) <= STALE_S
        return _overlap(one, other) and (fresh or one.name == other.name)

    def _heard_within(self, seconds: float) -> list[_Process]:
        return [p for p in self._processes.values() if self._age_s(p) <= seconds]

    def _age_s(self, process: _Process) -> float:
        return self._ages.age_s(process.newest)


def _overlap(one: _Process, other: _Process) -> bool:
    return one.newest.received_ns > other.first_ns and other.newest.received_ns > one.first_ns
