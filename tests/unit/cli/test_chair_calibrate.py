"""`calmloop chair calibrate` on the real posix chair: measured, agreed to, confirmed, read back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from calmloop.chair_link.calibration import Calibration
from calmloop.cli import chair_bench, chair_calibrate
from calmloop.cli.chair import app
from tests.unit.chair_link.posix_chair import PosixChair

EMPTY = "--nobody-in-the-chair"
MEASURED = {"30": 0.1, "40": 0.12, "50": 0.2, "60": 0.15, "70": 0.09, "80": 0.06, "sound": 52.4}
TRACED_PCT = 0.1
"""A smaller change of an output is not in the chair's trace."""
FULL = Calibration((1000, 1200, 2000, 1500, 900, 600), 724)


def write_csv(path: Path, values: dict[str, float]) -> Path:
    rows = [f"{what},10.0,{measured}" for what, measured in values.items()]
    path.write_text("\n".join(["what,drive_pct,measured", *rows, ""]))
    return path


@contextmanager
def somebody_presses_ack(chair: PosixChair) -> Iterator[None]:
    """A person who presses ACK again and again until it is over."""
    over = threading.Event()

    def press() -> None:
        while not over.wait(0.2):
            chair.hands("ack press")
            over.wait(0.2)
            chair.hands("ack release")

    person = threading.Thread(target=press)
    person.start()
    try:
        yield
    finally:
        over.set()
        person.join()


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


def test_what_is_missing_in_the_file_is_measured_and_the_table_written(
    chair: PosixChair, desk: Desk, tmp_path: Path
) -> None:
    known = {what: value for what, value in MEASURED.items() if what != "40"}
    file = write_csv(tmp_path / "known.csv", known)
    with somebody_presses_ack(chair):
        result = desk.calibrate("--from", str(file), EMPTY, answers="ten\n12\n0.12\ny\n")
    assert result.exit_code == 0, result.output
    assert "'ten' is no number: write it as 0.12" in result.output
    assert "12 m/s² at 10 % drive: between 0.005 and 2 is plausible" in result.output
    assert f"written and read back: calibration {FULL.hash:#010x}" in result.output
    assert f"MEASURED {FULL.hash:#x}" in desk.known_hash(chair)
    felt = [output for output in chair.outputs if output.felt]
    assert {output.vibration_hz for output in felt} == {40.0}
    assert 10 - TRACED_PCT <= max(output.vibration_pct for output in felt) <= 10
    assert max(output.sound_pct for output in felt) == 0
    assert desk.notes.read_text().count("\n") == 1 + len(MEASURED)


def test_the_table_is_shown_with_the_ceilings_before_anything_is_asked(
    chair: PosixChair, desk: Desk, tmp_path: Path
) -> None:
    result = desk.calibrate("--from", str(write_csv(tmp_path / "all.csv", MEASURED)), answers="n\n")
    assert result.exit_code == 1
    row = next(line for line in result.output.splitlines() if "50 Hz" in line)
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [
        *("50 Hz", "10.0 %", "0.2 m/s²", "2 m/s²", "50.0 %")
    ]
    assert result.output.index("50 Hz") < result.output.index(
        "Write this table to the chair BENCH-7?"
    )


def test_who_does_not_agree_leaves_the_chair_as_it_was(
    chair: PosixChair, desk: Desk, tmp_path: Path
) -> None:
    with somebody_presses_ack(chair):
        file = write_csv(tmp_path / "all.csv", MEASURED)
        result = desk.calibrate("--from", str(file), answers="n\n")
    assert result.exit_code == 1
    assert "nothing was written to the chair" in result.output
    assert "NONE 0x0" in desk.known_hash(chair)
    assert not driven(chair)


def test_without_ack_at_the_chair_nothing_is_written(
    chair: PosixChair, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chair_bench, "ACK_PATIENCE_S", 1.0)
    result = desk.calibrate("--from", str(write_csv(tmp_path / "all.csv", MEASURED)), answers="y\n")
    assert result.exit_code == 1
    assert "nobody pressed ACK within 1 s: nothing was written" in result.output
    assert "NONE 0x0" in desk.known_hash(chair)


def test_nothing_is_driven_unless_somebody_says_that_the_chair_is_empty(
    chair: PosixChair, desk: Desk
) -> None:
    result = desk.calibrate()
    assert result.exit_code == 1
    assert EMPTY in result.output
    assert not driven(chair)


def test_an_abort_keeps_what_was_measured_and_it_goes_on_from_there(
    chair: PosixChair, desk: Desk, tmp_path: Path
) -> None:
    known = {what: value for what, value in MEASURED.items() if what not in ("80", "sound")}
    file = write_csv(tmp_path / "known.csv", known)
    # The answers end in the question whether the content plays, as with Ctrl-C.
    result = desk.calibrate("--from", str(file), EMPTY, answers="0.06\n")
    assert result.exit_code == 1
    assert f"measured values are kept in {desk.notes}, for --from" in result.output
    assert "80,10.0,0.06" in desk.notes.read_text()
    chair.wait_for("SAFE", 5)
    desk.notes.write_text(desk.notes.read_text() + "sound,10.0,52.4\n")
    with somebody_presses_ack(chair):
        again = desk.calibrate("--from", str(desk.notes), answers="y\n")
    assert again.exit_code == 0, again.output
    assert f"MEASURED {FULL.hash:#x}" in desk.known_hash(chair)


def test_sound_is_measured_under_the_ceiling_that_the_chair_has(
    chair: PosixChair, desk: Desk, tmp_path: Path
) -> None:
    known = {what: value for what, value in MEASURED.items() if what != "sound"}
    with somebody_presses_ack(chair):
        file = write_csv(tmp_path / "known.csv", known)
        result = desk.calibrate("--from", str(file), EMPTY, answers="y\n52.4\ny\n")
    assert result.exit_code == 0, result.output
    felt = [output for output in chair.outputs if output.felt]
    assert 10 - TRACED_PCT <= max(output.sound_pct for output in felt) <= 10
    assert max(output.vibration_pct for output in felt) == 0


def test_notes_of_another_day_are_not_written_over(chair: PosixChair, desk: Desk) -> None:
    write_csv(desk.notes, {"30": 0.1})
    result = desk.calibrate(EMPTY)
    assert result.exit_code == 2
    assert f"{desk.notes} exists: go on with --from" in result.output


def test_a_firmware_that_takes_no_table_is_told_before_anything_is_driven(
    chair: PosixChair, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chair_calibrate, "FIRMWARE_MINOR", 3)
    result = desk.calibrate(EMPTY)
    assert result.exit_code == 1
    assert "firmware 1.2.0 takes no calibration over the line: flash" in result.output
    assert not driven(chair)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("frequency,value\n30,1\n", "its first line is what,drive_pct,measured"),
        ("what,drive_pct,measured\n35,10,0.1\n", "'35' is not to be measured"),
        ("what,drive_pct,measured\n30,10,9\n", "between 0.005 and 2 is plausible"),
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
