"""A new calibration on the release firmware: confirmed at its ACK pin, kept in its EEPROM."""

import time

import pytest

from calmloop.chair_link import CalibrationAnswered
from calmloop.chair_link.calibration import CalibrationTable
from calmloop.chair_link.messages import CalibrateResult, State
from tests.hardware.bench import Bench

TABLE = CalibrationTable(((30, 1000), (40, 1200), (50, 2000), (60, 1500), (80, 600)), 724)
WRITE_BYTES = 52
ANSWER_S = 10.0


def hold_ack(bench: Bench) -> None:
    bench.hand("seat off")
    bench.hand("ack release")
    bench.drive_for(0.1)
    bench.hand("ack press")
    bench.drive_for(3.1)


def answered(bench: Bench, table: CalibrationTable = TABLE) -> CalibrateResult | None:
    """What the chair answers to a CALIBRATE that is sent now."""
    bench.drive(lambda: bench.link.identified, ANSWER_S, "identified")
    seen = len(bench.link_events)
    bench.link.calibrate(table.message(), time.monotonic())

    def answers() -> list[CalibrationAnswered]:
        return [e for e in bench.link_events[seen:] if isinstance(e, CalibrationAnswered)]

    bench.drive(lambda: bool(answers()), ANSWER_S, "an answer")
    return answers()[0].result


def known_hash(bench: Bench) -> int:
    """The calibration of the chair, asked anew."""
    bench.drive(lambda: bench.link.identified, ANSWER_S, "identified")
    assert bench.link.identity is not None
    return bench.link.identity.calibration_hash


def restart(bench: Bench) -> None:
    bench.emulator.command("power off")
    bench.emulator.command("power on")
    bench.reach(State.BOOT, 10)
    bench.reach(State.SAFE, 10)


def test_a_table_is_written_with_ack_pressed_and_outlives_a_power_cycle(bench: Bench) -> None:
    bench.reach(State.SAFE, 10)
    bench.hand("seat off")
    bench.drive_for(0.1)
    before = known_hash(bench)
    assert before != TABLE.hash
    assert answered(bench) is CalibrateResult.NOT_CONFIRMED
    hold_ack(bench)
    assert answered(bench) is CalibrateResult.OK
    assert known_hash(bench) == TABLE.hash
    restart(bench)
    assert known_hash(bench) == TABLE.hash
    assert not any(given.felt for given in bench.given)


def test_no_table_is_taken_in_a_session(bench: Bench) -> None:
    bench.reach(State.SAFE, 10)
    hold_ack(bench)
    bench.hand("seat on")
    bench.start()
    assert answered(bench) is CalibrateResult.WRONG_STATE
    assert bench.last is not None
    assert bench.last.state is State.ACTIVE


@pytest.mark.parametrize("written", [1, 25, WRITE_BYTES - 1])
def test_a_cut_inside_the_write_leaves_the_old_table(bench: Bench, written: int) -> None:
    bench.reach(State.SAFE, 10)
    before = known_hash(bench)
    hold_ack(bench)
    seen = len(bench.emulator.events())
    bench.emulator.command(f"power cut-write {written}")
    bench.link.calibrate(TABLE.message(), time.monotonic())

    def went_off() -> bool:
        return any(event.name == "power-off" for event in bench.emulator.events()[seen:])

    bench.drive(went_off, 10, "the cut")
    bench.emulator.command("power cut-write 0")
    bench.emulator.command("power on")
    bench.reach(State.BOOT, 10)
    bench.reach(State.SAFE, 10)
    assert known_hash(bench) == before
