"""How long the centre takes, with many chairs and with one that floods."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fleet.centre import Centre

pytestmark = pytest.mark.fleet
CALMLOOP = Path(sys.executable).with_name("calmloop")
CHAIRS = 50
FLOOD = "flood"
NAMES = (*(f"chair-{number}" for number in range(1, CHAIRS + 1)), FLOOD)
PER_S = 200
SECONDS = 15
MAX_P99_MS = 2000
SAID = re.compile(r"(\d+) events, (\d+) held .* p99 (\d+) ms")


@dataclass
class Load:
    """What a run of simulated chairs came to."""

    events: int
    held: int
    p99_ms: int


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with Centre(tmp_path_factory.mktemp("many"), NAMES).running() as running:
        yield running


def simulated(centre: Centre, *more: str) -> Load:
    options = {
        "certificates": centre.certificates,
        "port": centre.broker.mqtt_port,
        "prefix": "chair-",
        "chairs": CHAIRS,
        "per-s": PER_S,
        "seconds": SECONDS,
    }
    given = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    command = [str(CALMLOOP), "fleet", "simulate", *given, *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    found = SAID.search(done.stdout.replace("\n", " "))
    assert found, done.stdout
    return Load(*map(int, found.groups()))


def test_events_of_many_chairs_are_held_within_2_s(many: Centre) -> None:
    load = simulated(many)
    assert load.held == load.events == PER_S * SECONDS
    assert load.p99_ms <= MAX_P99_MS
    ((stored,),) = many.database.ask("SELECT count(*) FROM fleet_item")
    assert stored == load.events


def test_a_chair_that_floods_does_not_delay_the_others(many: Centre) -> None:
    load = simulated(many, "--flood", FLOOD)
    assert load.held == load.events
    assert load.p99_ms <= MAX_P99_MS
    ((flooded,),) = many.database.ask("SELECT count(*) FROM fleet_item WHERE chair = %s", FLOOD)
    assert flooded > load.events
