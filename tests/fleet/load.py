"""`calmloop fleet simulate` at a centre of a test."""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from calmloop.demo.children import start_child, stop_child
from tests.fleet.centre import Centre

CALMLOOP = Path(sys.executable).with_name("calmloop")
PREFIX = "sim-"
FLOOD = "flood"
PER_S = 200
MAX_P99_MS = 2000
JOIN_S = 300.0
"""Until all are connected, at the most."""
SAID = re.compile(r"(\d+) events, (\d+) held .* p99 (\d+) ms")


def names(chairs: int) -> tuple[str, ...]:
    """Of the simulated, and of the one that floods."""
    return (*(f"{PREFIX}{number}" for number in range(1, chairs + 1)), FLOOD)


@dataclass
class Load:
    """What a run of simulated chairs came to."""

    events: int
    held: int
    p99_ms: int


class Simulation:
    """A run that is under way."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process, self._log = process, log

    def end(self, timeout_s: float) -> Load:
        """What it came to; it fails unless all was acknowledged."""
        code = self._process.wait(timeout_s)
        said = self._log.read_text()
        print(said)
        assert code == 0, said
        found = SAID.search(said.replace("\n", " "))
        assert found, said
        return Load(*map(int, found.groups()))


@contextmanager
def simulating(
    centre: Centre, ports: Sequence[int], chairs: int, seconds: float, *more: str
) -> Iterator[Simulation]:
    """Chairs at some ports of the centre, which go on while the context is open."""
    options = {
        "certificates": centre.certificates,
        "prefix": PREFIX,
        "chairs": chairs,
        "per-s": PER_S,
        "seconds": seconds,
    }
    given = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    given += [word for port in ports for word in ("--port", str(port))]
    log = centre.folder / "simulation.log"
    log.unlink(missing_ok=True)
    process = start_child([CALMLOOP, "fleet", "simulate", *given, *more], log=log)
    try:
        yield Simulation(process, log)
    finally:
        stop_child(process)


def simulated(centre: Centre, chairs: int, seconds: float, *more: str) -> Load:
    """A whole run, with nothing that goes wrong."""
    with simulating(centre, centre.broker.mqtt_ports, chairs, seconds, *more) as simulation:
        return simulation.end(JOIN_S + 2 * seconds)
