"""A fleet of 40: a good release reaches all, a bad one the first ring alone, and no armed chair."""

from datetime import datetime, timedelta

import pytest

from calmloop.base.errors import CalmloopError
from calmloop.contract.messages.chair import ChairMode, ChairState
from calmloop.contract.messages.session import Phase, SessionState
from calmloop.device.containers import ChairWord
from calmloop.fleet_page.health import ChairHealth, ChairIll
from calmloop.fleet_releases.judge import LASTING, SOAK, judge
from calmloop.fleet_releases.rollout import Rollout
from tests.unit.fleet_releases.fleet_rig import Fleet

ARMED = ChairWord(SessionState(phase=Phase.IDLE), ChairState(mode=ChairMode.ARMED))
GOOD, BAD = "0.2.0", "0.3.0"


def health(fleet: Fleet, faults: dict[str, datetime]) -> list[ChairHealth]:
    """What the centre knows: each chair had a session with what it has."""
    return [
        ChairHealth(
            name=name,
            version=device.version,
            session=fleet.now,
            ills=(ChairIll(what="chair fault", since=faults[name]),) if name in faults else (),
        )
        for name, device in fleet.devices.items()
    ]


def turn_all(fleet: Fleet) -> None:
    for device in fleet.devices.values():
        try:
            fleet.turn(device)
        except CalmloopError as error:
            assert "does not become healthy" in str(error)


def versions(fleet: Fleet) -> dict[str, int]:
    found = [device.version for device in fleet.devices.values()]
    return {version: found.count(version) for version in sorted(set(found))}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_fleet_of_40(fleet: Fleet) -> None:
    for number in range(40):
        fleet.join(f"chair-{number}")
    names = list(fleet.devices)
    fleet.publish_with_images(GOOD)
    fleet.publish_with_images(BAD)
    armed = names[0]
    fleet.devices[armed].word = ARMED
    untouched = fleet.devices[armed].called("stop", "compose up", "load")

    sizes = []
    fleet.say(Rollout.begin(GOOD, "0.1.0", names, fleet.now))
    for _ in range(4):
        turn_all(fleet)
        sizes.append(versions(fleet).get(GOOD, 0))
        fleet.now += SOAK
        fleet.say(judge(fleet.said, health(fleet, {}), fleet.now)[0])
    assert sizes in ([1, 2, 10, 39], [1, 2, 9, 39], [1, 1, 9, 39]), "the armed one waits"
    assert fleet.devices[armed].called("stop", "compose up", "load") == untouched
    assert fleet.devices[armed].runs

    fleet.say(Rollout.begin(BAD, GOOD, names, fleet.now))
    (first,) = (name for name in names if fleet.said.reaches(name))
    assert first != armed
    turn_all(fleet)
    assert fleet.devices[first].version == BAD and versions(fleet)[BAD] == 1
    faults = {first: fleet.now + timedelta(minutes=5)}
    fleet.now += timedelta(minutes=5) + LASTING
    halted, why = judge(fleet.said, health(fleet, faults), fleet.now)
    fleet.say(halted)
    assert f"1 of 1 chairs in the ring of 1 % are ill, {first}: chair fault" in why
    turn_all(fleet)
    turn_all(fleet)
    assert versions(fleet) == {"0.1.0": 1, GOOD: 39}
    assert fleet.devices[armed].called("stop", "compose up", "load") == untouched
