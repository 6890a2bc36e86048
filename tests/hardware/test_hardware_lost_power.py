"""The drivers' power goes and comes back while the controller lives on: nothing resumes."""

import pytest

from calmloop.chair_link.messages import ArmBlock, State, StopReason
from tests.hardware.bench import Bench, to_ms
from tests.hardware.measured import at_least, within

REST_MS = 300
AWAY_S = 5.0


@pytest.mark.parametrize(
    ("lost", "back", "reason", "block"),
    [
        ("supply 0", "supply 12000", StopReason.NO_SUPPLY, ArmBlock.NO_SUPPLY),
        ("contactor drop", "contactor free", StopReason.CONTACTOR_OPEN, ArmBlock.CONTACTOR_OPEN),
    ],
    ids=["supply", "contactor"],
)
def test_lost_power_ends_a_session_and_its_return_starts_nothing(
    bench: Bench, lost: str, back: str, reason: StopReason, block: ArmBlock
) -> None:
    bench.start(until_pct=20)
    gone = bench.hand(lost)
    within(f"{lost} -> at rest", bench.rest_after(gone.cycle), REST_MS)
    bench.drive_for(AWAY_S)
    assert bench.last is not None
    assert (bench.last.state, bench.last.stop_reason) == (State.SAFE, reason)
    assert bench.last.arm_block is block
    returned = bench.hand(back)
    bench.drive_for(AWAY_S)
    assert (bench.last.state, bench.last.arm_block) == (State.SAFE, ArmBlock.OK)
    felt = [given for given in bench.given if given.felt and given.cycle > gone.cycle]
    within(f"felt after {lost}", to_ms(felt[-1].cycle - gone.cycle), REST_MS)
    assert not [given for given in felt if given.cycle > returned.cycle]
    bench.setpoint = None
    bench.start()
    at_least(f"armed anew by a person after {back}", bench.given[-1].vibration_pct, 5, "%")


def test_a_current_sensor_that_is_dead_is_found_out(bench: Bench) -> None:
    bench.start(until_pct=10)
    dead = bench.hand("current 0")
    bench.reach(State.FAULT)
    faulted = bench.entered(State.FAULT, dead.cycle)
    within("current sensor dead -> FAULT", to_ms(faulted.cycle - dead.cycle), 2100)
    assert bench.last is not None
    assert bench.last.fault.name == "CURRENT_SENSOR"
