"""What the pins do from the first cycle on."""

import tempfile
from pathlib import Path

import pytest

from calmloop.chair_link import Identified
from calmloop.chair_link.messages import CalibrationKind, Fault, State
from calmloop.emulator.build import FIRMWARE
from tests.hardware.bench import Bench
from tests.hardware.measured import at_least, within

DARK_S = 2.0


def test_it_boots_dark_and_silent_into_safe(bench: Bench) -> None:
    bench.reach(State.SAFE)
    assert bench.last is not None
    assert bench.last.fault is Fault.NONE
    at_least("dark after power-on", bench.lit_after(0), DARK_S, "s")
    bench.drive(lambda: bench.link.identified, 5, "IDENTIFY")

    events = bench.emulator.events()
    assert not [event for event in events if event.name in {"amplifier", "buzzer"}]
    identified = next(event for event in bench.link_events if isinstance(event, Identified))
    assert identified.identity.serial == "EMULATED-CHAIR"
    assert identified.identity.calibration is CalibrationKind.MEASURED

    # Four pins go from floating to low in the first microseconds, and nothing else happens.
    safe = bench.entered(State.SAFE, 0)
    levels = [event for event in events if event.name == "level" and event.cycle < safe.cycle]
    assert {event.members["pin"] for event in levels} == {"red", "green", "blue", "sound"}
    assert all(event.members["level"] == 0 for event in levels)
    within("outputs defined after reset", 1e6 * levels[-1].at_s, 10, "us")


@pytest.mark.long
@pytest.mark.usefixtures("_built")
def test_one_damaged_byte_of_flash_is_a_fault_that_no_ack_ends() -> None:
    with tempfile.TemporaryDirectory(prefix="chair-") as folder:
        damaged = Path(folder) / "damaged.elf"
        program = FIRMWARE.read_bytes()
        at = program.index(b"calmloop")  # a constant that no code path before SAFE needs
        damaged.write_bytes(program[:at] + b"C" + program[at + 1 :])
        with Bench(Path(folder), firmware=damaged) as bench:
            bench.reach_fault(Fault.SELF_TEST)
            bench.hand("ack press")
            bench.drive_for(0.2)
            assert bench.last is not None
            assert bench.last.state is State.FAULT
            assert not any(given.felt for given in bench.given)
