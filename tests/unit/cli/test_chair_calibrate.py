"""`calmloop chair calibrate` writes only what was agreed to with ACK held, and reads it back."""

from pathlib import Path

import pytest

from calmloop.cli import chair_bench, chair_calibrate
from tests.unit.chair_link.posix_chair import PosixChair
from tests.unit.cli.calibration import EMPTY, WRITTEN, Desk, driven, table_in, write_csv

pytestmark = pytest.mark.leases


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
