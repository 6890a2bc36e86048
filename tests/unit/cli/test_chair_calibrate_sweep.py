"""`calmloop chair calibrate` drives only while ACK is held, and finds a chair's friction."""

from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from calmloop.chair_link.calibration import CalibrationTable
from calmloop.cli import chair_bench, chair_calibrate, sweep
from calmloop.cli.measurements import Measurements
from calmloop.cli.sweep import DriveReading, SweepStep, full_mm_s2
from tests.unit.chair_link.posix_chair import PosixChair
from tests.unit.cli.calibration import EMPTY, WRITTEN, Desk, driven, table_in, write_csv

pytestmark = pytest.mark.leases

GAIN_M_S2, FRICTION = 2.0, 0.03
"""Of the simulated transducer: of each drive 3 % of full drive are lost to friction."""
ENOUGH_M_S2 = 2.0
"""No frequency is driven further after it."""


def felt_m_s2(drive: float) -> float:
    return GAIN_M_S2 * max(0.0, drive - FRICTION)


class SimulatedAccelerometer:
    """It feels what the chair's trace says that it puts out."""

    chair: PosixChair
    worst = 0.0

    def __init__(self, address: str) -> None:
        assert address == "simulated"

    def forget(self) -> None:
        pass

    def read(self) -> float:
        value = felt_m_s2(self.chair.outputs[-1].vibration_pct / 100)
        SimulatedAccelerometer.worst = max(SimulatedAccelerometer.worst, value)
        return value


@pytest.fixture
def meter(chair: PosixChair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimulatedAccelerometer, "chair", chair, raising=False)
    monkeypatch.setattr(SimulatedAccelerometer, "worst", 0.0)
    monkeypatch.setattr(chair_calibrate, "Accelerometer", SimulatedAccelerometer)


SIMULATED = ("--accelerometer", "simulated", "--settle", "0.1", EMPTY)


@pytest.mark.usefixtures("helper", "meter")
def test_the_chair_is_swept_twice_and_friction_is_found(
    chair: PosixChair, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 40 and 41 Hz alone: the values of all others are known, at 10 % and higher up."""
    known = write_csv(tmp_path / "known.csv", 1.4, but=("40", "41"))
    every = sweep.second_pass

    def two(
        first: CalibrationTable, readings: dict[int, DriveReading]
    ) -> Generator[SweepStep, float, None]:
        steps = every(first, readings)
        step = next(steps)
        with suppress(StopIteration):
            while True:
                elsewhere = step.hz not in (40, 41)
                step = steps.send(ENOUGH_M_S2 if elsewhere else (yield step))

    monkeypatch.setattr(chair_calibrate, "second_pass", two)
    result = desk.calibrate("--from", str(known), *SIMULATED, answers="y\ny\n")
    assert result.exit_code == 0, result.output
    assert result.output.count(WRITTEN) == 2
    assert f"MEASURED {table_in(desk.notes):#x}" in desk.known_hash(chair)
    felt = [output for output in chair.outputs if output.felt]
    assert {round(output.vibration_hz) for output in felt} == {40, 41}
    assert 0.8 < SimulatedAccelerometer.worst <= 1.0
    readings = Measurements.begin(desk.notes, desk.notes).readings
    at_40 = full_mm_s2([reading for reading in readings if reading.hz == 40])
    assert 1000 * GAIN_M_S2 <= at_40 <= 1030 * GAIN_M_S2


@pytest.mark.usefixtures("helper", "meter")
def test_a_chair_whose_table_allows_less_than_ten_percent_is_swept_at_what_it_gives(
    chair: PosixChair, desk: Desk, tmp_path: Path
) -> None:
    """A strong transducer: 14 m/s2 at full drive, so that its limit at 40 Hz is at 6.2 %."""
    table = write_csv(tmp_path / "table.csv", 14.0)
    assert desk.calibrate("--from", str(table), answers="y\n").exit_code == 0
    known = write_csv(tmp_path / "known.csv", 13.0, but=("40",))
    result = desk.calibrate("--from", str(known), *SIMULATED, answers="n\n")
    assert "nothing was written to the chair" in result.output
    at_40 = [r for r in Measurements.begin(desk.notes, desk.notes).readings if r.hz == 40]
    assert [reading.drive_permille for reading in at_40] == [62]
    assert max(output.vibration_pct for output in chair.outputs) < 6.2


@pytest.mark.usefixtures("helper", "meter")
@pytest.mark.parametrize(
    ("hand", "told"), [("ack release", "ACK was let go"), ("seat on", "somebody sat down")]
)
def test_to_let_ack_go_or_to_sit_down_stops_the_sweep_at_once(
    chair: PosixChair, desk: Desk, monkeypatch: pytest.MonkeyPatch, hand: str, told: str
) -> None:
    read = SimulatedAccelerometer.read

    def then_act(meter: SimulatedAccelerometer) -> float:
        chair.hands(hand)
        return read(meter)

    monkeypatch.setattr(SimulatedAccelerometer, "read", then_act)
    result = desk.calibrate(*SIMULATED)
    assert result.exit_code == 1
    assert told in result.output
    chair.wait_for("SAFE", 3)
    assert {round(output.vibration_hz) for output in chair.outputs if output.felt} == {30}


def test_no_lease_is_given_unless_ack_is_held(
    chair: PosixChair, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chair_bench, "ACK_PATIENCE_S", 1.0)
    monkeypatch.setattr(chair_calibrate, "Accelerometer", SimulatedAccelerometer)
    result = desk.calibrate(*SIMULATED)
    assert result.exit_code == 1
    assert "ACK was not held at the empty chair within 1 s" in result.output
    assert not driven(chair)


def test_without_values_and_without_an_accelerometer_it_says_what_is_missing(
    chair: PosixChair, desk: Desk, tmp_path: Path
) -> None:
    known = write_csv(tmp_path / "known.csv", but=("55", "56"))
    result = desk.calibrate("--from", str(known), EMPTY)
    assert result.exit_code == 2
    assert "2 frequencies from 55 Hz on have no value" in result.output
    assert not driven(chair)
