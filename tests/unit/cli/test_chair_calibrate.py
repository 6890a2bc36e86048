"""`calmloop chair calibrate` on the real posix chair: swept, agreed to with ACK held, read back."""

import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from calmloop.chair_link.calibration import Calibration
from calmloop.chair_link.messages import Calibrate
from calmloop.cli import chair_bench, chair_calibrate, sweep
from calmloop.cli.chair import app
from calmloop.cli.chair_bench import ChairBench
from calmloop.cli.measurements import Measurements
from calmloop.cli.sweep import Reading, Step, full_mm_s2
from tests.unit.chair_link.posix_chair import PosixChair

pytestmark = pytest.mark.leases

EMPTY = "--nobody-in-the-chair"
GAIN_M_S2, FRICTION = 2.0, 0.03
"""Of the simulated transducer: of each drive 3 % of full drive are lost to friction."""
ENOUGH_M_S2 = 2.0
"""No frequency is driven further after it."""
WRITTEN = "written and read back: calibration"


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


def write_csv(path: Path, full_m_s2: float = 2.0, *, but: tuple[str, ...] = ()) -> Path:
    values = {str(hz): full_m_s2 / 10 for hz in range(30, 81)} | {"sound": 52.4}
    rows = [f"{what},10.0,{measured}" for what, measured in values.items() if what not in but]
    path.write_text("\n".join(["what,drive_pct,measured", *rows, ""]))
    return path


def table_in(path: Path) -> int:
    """The hash of the table that a file of values gives."""
    return Measurements.begin(path, path).calibration().hash


@pytest.fixture
def helper(chair: PosixChair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person beside the empty chair, who holds ACK whenever the command asks for it."""
    wait_for_hand, write = ChairBench.wait_for_hand, ChairBench.calibrate

    def hold(bench: ChairBench) -> None:
        chair.hands("seat off", "ack press")
        wait_for_hand(bench)

    def let_go_and_hold(bench: ChairBench, message: Calibrate) -> bool:
        chair.hands("seat off", "ack release")
        finger = threading.Timer(0.3, chair.hands, ["ack press"])
        finger.start()
        try:
            return write(bench, message)
        finally:
            finger.join()

    monkeypatch.setattr(ChairBench, "wait_for_hand", hold)
    monkeypatch.setattr(ChairBench, "calibrate", let_go_and_hold)


@pytest.fixture
def chair(tmp_path: Path) -> Iterator[PosixChair]:
    with PosixChair(tmp_path / "chair", "--serial", "BENCH-7", "--uncalibrated") as chair:
        chair.wait_for("SAFE", 5)
        yield chair


class Desk:
    """Where a person calls the command, with notes of their own."""

    def __init__(self, chair: PosixChair, folder: Path) -> None:
        self.notes = folder / "notes.csv"
        self._port = ["--port", chair.address, "--notes", str(self.notes), "--seconds", "1"]

    def calibrate(self, *words: str, answers: str = "") -> Result:
        runner = CliRunner(env={"COLUMNS": "200"})
        return runner.invoke(app, ["calibrate", *self._port, *words], input=answers)

    def known_hash(self, chair: PosixChair) -> str:
        """The calibration that the chair says it has."""
        result = CliRunner().invoke(app, ["identify", "--port", chair.address])
        return next(line for line in result.output.splitlines() if "calibration" in line)


@pytest.fixture
def desk(chair: PosixChair, tmp_path: Path) -> Desk:
    return Desk(chair, tmp_path)


def driven(chair: PosixChair) -> bool:
    return any(output.state in ("ARMED", "ACTIVE") or output.felt for output in chair.outputs)


# --- the sweep ------------------------------------------------------------------------------


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

    def two(first: Calibration, readings: dict[int, Reading]) -> Generator[Step, float, None]:
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


# --- writing --------------------------------------------------------------------------------


@pytest.mark.usefixtures("helper")
def test_a_whole_file_of_values_drives_nothing_and_is_written(
    chair: PosixChair, desk: Desk, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "all.csv")
    result = desk.calibrate("--from", str(file), answers="y\n")
    assert result.exit_code == 0, result.output
    assert f"{WRITTEN} {table_in(file):#010x}" in result.output
    assert f"MEASURED {table_in(file):#x}" in desk.known_hash(chair)
    assert not driven(chair)


@pytest.mark.usefixtures("helper")
def test_a_table_that_jumps_is_asked_for_twice(
    chair: PosixChair, desk: Desk, tmp_path: Path
) -> None:
    first, second = write_csv(tmp_path / "a.csv"), write_csv(tmp_path / "b.csv", 7.0)
    assert desk.calibrate("--from", str(first), answers="y\n").exit_code == 0
    result = desk.calibrate("--from", str(second), answers="y\nn\n")
    assert result.exit_code == 1
    assert "differs by more than three times" in result.output
    assert f"MEASURED {table_in(first):#x}" in desk.known_hash(chair)
    assert desk.calibrate("--from", str(second), answers="y\ny\n").exit_code == 0
    assert f"MEASURED {table_in(second):#x}" in desk.known_hash(chair)


def test_who_does_not_agree_leaves_the_chair_as_it_was(
    chair: PosixChair, desk: Desk, tmp_path: Path
) -> None:
    result = desk.calibrate("--from", str(write_csv(tmp_path / "all.csv")), answers="n\n")
    assert result.exit_code == 1
    assert "nothing was written to the chair" in result.output
    assert "NONE 0x0" in desk.known_hash(chair)
    row = next(line for line in result.output.splitlines() if "30 Hz" in line)
    assert "m/s²" in row
    assert result.output.index("30 Hz") < result.output.index(
        "Write this table to the chair BENCH-7?"
    )


def test_without_ack_at_the_chair_nothing_is_written(
    chair: PosixChair, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chair_bench, "ACK_PATIENCE_S", 1.0)
    result = desk.calibrate("--from", str(write_csv(tmp_path / "all.csv")), answers="y\n")
    assert result.exit_code == 1
    assert "nobody held ACK for 3 s within 1 s: nothing was written" in result.output
    assert "NONE 0x0" in desk.known_hash(chair)


def test_nothing_is_driven_unless_somebody_says_that_the_chair_is_empty(
    chair: PosixChair, desk: Desk, tmp_path: Path
) -> None:
    known = write_csv(tmp_path / "known.csv", but=("sound",))
    result = desk.calibrate("--from", str(known))
    assert result.exit_code == 1
    assert EMPTY in result.output
    assert not driven(chair)


@pytest.mark.usefixtures("helper")
def test_sound_is_measured_under_the_ceiling_that_the_chair_has(
    chair: PosixChair, desk: Desk, tmp_path: Path
) -> None:
    known = write_csv(tmp_path / "known.csv", but=("sound",))
    answers = "y\nten\n152.4\n52.4\ny\n"
    result = desk.calibrate("--from", str(known), EMPTY, answers=answers)
    assert result.exit_code == 0, result.output
    assert "'ten' is no number: write it as 52.4" in result.output
    assert "152.4 dBA at 10 % drive: between 19.8 and 99.8 is plausible" in result.output
    felt = [output for output in chair.outputs if output.felt]
    assert 9.9 <= max(output.sound_pct for output in felt) <= 10
    assert max(output.vibration_pct for output in felt) == 0


def test_notes_of_another_day_are_not_written_over(chair: PosixChair, desk: Desk) -> None:
    write_csv(desk.notes)
    result = desk.calibrate(EMPTY)
    assert result.exit_code == 2
    assert f"{desk.notes} exists: go on with --from" in result.output


def test_a_firmware_that_takes_no_table_is_told_before_anything_is_driven(
    chair: PosixChair, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chair_calibrate, "FIRMWARE_MINOR", 99)
    result = desk.calibrate("--from", str(write_csv(tmp_path / "all.csv")))
    assert result.exit_code == 1
    assert "takes no calibration of this kind: flash" in result.output
    assert not driven(chair)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("frequency,value\n30,1\n", "its first line is what,drive_pct,measured"),
        ("what,drive_pct,measured\n29,10,0.1\n", "'29' is not to be measured: 30 to 80"),
        ("what,drive_pct,measured\n30.5,10,0.1\n", "'30.5' is not to be measured"),
        ("what,drive_pct,measured\n30,10,9\n", ":2: 9 m/s² at 10.0 % drive: full drive would"),
        ("what,drive_pct,measured\n30,10,0\n", ":2: 30 Hz at 10 %: 0 m/s² is no measured value"),
        ("what,drive_pct,measured\nsound,10,120\n", "between 19.8 and 99.8 is plausible"),
        ("what,drive_pct,measured\n30,0,0.1\n", "it is 0.1 to 100 %"),
        ("what,drive_pct,measured\n30,10,a lot\n", ":2: could not convert string to float"),
        ("what,drive_pct,measured\n30,10\n", "enter a number"),
    ],
)
def test_a_file_with_a_mistake_is_told_with_its_line(
    chair: PosixChair, desk: Desk, tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text(text)
    result = desk.calibrate("--from", str(file))
    assert result.exit_code == 2
    assert told in result.output
    assert not driven(chair)
    assert not desk.notes.exists()
