"""`calmloop chair` against the real posix chair, on a pty."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from calmloop.cli.chair import FUSES, app
from calmloop.cli.chair_bench import ARM_READY_S
from tests.unit.chair_link.posix_chair import FIRMWARE, PosixChair

pytestmark = pytest.mark.leases

EMPTY = "--nobody-in-the-chair"


def calmloop_chair(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, words)


@pytest.fixture
def chair(tmp_path: Path) -> Iterator[PosixChair]:
    with PosixChair(tmp_path, "--serial", "BENCH-7") as chair:
        chair.wait_for("SAFE", 5)
        yield chair


def test_status_says_in_words_why_it_may_not_be_armed(chair: PosixChair) -> None:
    result = calmloop_chair("status", "--port", chair.address)
    assert result.exit_code == 0, result.output
    assert "SAFE" in result.output
    assert "identity is not confirmed" in result.output


def test_status_explains_a_fault_and_its_remedy(chair: PosixChair) -> None:
    assert chair.hands("current 9000") == ["ok"]
    chair.wait_for("FAULT", 5)
    result = calmloop_chair("status", "--port", chair.address)
    assert "OVER_CURRENT: the drivers drew more than 4 A" in result.output


def test_identify_shows_who_it_is(chair: PosixChair) -> None:
    result = calmloop_chair("identify", "--port", chair.address)
    assert result.exit_code == 0, result.output
    assert "BENCH-7" in result.output
    assert "0xbf7501d5" in result.output


@pytest.mark.parametrize("command", ["status", "identify"])
def test_a_chair_without_a_calibration_is_told_with_what_it_gives_and_what_to_do(
    command: str, tmp_path: Path
) -> None:
    with PosixChair(tmp_path, "--uncalibrated") as bare:
        bare.wait_for("SAFE", 5)
        result = calmloop_chair(command, "--port", bare.address)
    assert result.exit_code == 0, result.output
    assert "not calibrated: at most 10 %; run `calmloop chair calibrate`" in result.output


@pytest.mark.parametrize("command", ["status", "identify"])
def test_a_chair_with_a_calibration_says_its_kind(command: str, chair: PosixChair) -> None:
    result = calmloop_chair(command, "--port", chair.address)
    assert "SIMULATED 0x" in result.output
    assert "not calibrated" not in result.output


@pytest.mark.parametrize("command", ["arm", "set"])
def test_nothing_is_armed_unless_somebody_says_that_the_chair_is_empty(
    command: str, chair: PosixChair
) -> None:
    result = calmloop_chair(command, "--port", chair.address)
    assert result.exit_code == 1
    assert EMPTY in result.output
    assert {output.state for output in chair.outputs} <= {"BOOT", "SAFE"}


def test_arm_keeps_it_armed_and_stops_it(chair: PosixChair) -> None:
    result = calmloop_chair("arm", "--port", chair.address, "--seconds", "1", EMPTY)
    assert result.exit_code == 0, result.output
    assert "stopped: SAFE" in result.output
    states = [output.state for output in chair.outputs]
    assert "ARMED" in states
    assert not any(output.felt for output in chair.outputs)


def test_set_drives_the_outputs_and_stops_them(chair: PosixChair) -> None:
    words = ["--seconds", "2", "--vibration", "30", "--hz", "55", "--green", "40", EMPTY]
    result = calmloop_chair("set", "--port", chair.address, *words)
    assert result.exit_code == 0, result.output
    felt = [output for output in chair.outputs if output.felt]
    assert felt
    assert {output.vibration_hz for output in felt} == {55.0}
    assert max(output.vibration_pct for output in felt) <= 30
    chair.wait_for("SAFE", 5)
    assert not chair.outputs[-1].felt


def test_a_chair_that_may_not_be_armed_is_told_with_the_reason(chair: PosixChair) -> None:
    assert chair.hands("estop press") == ["ok"]
    chair.wait_for("ESTOP", 5)
    began_s = time.monotonic()
    result = calmloop_chair("arm", "--port", chair.address, EMPTY)
    assert result.exit_code == 1
    told = " ".join(result.output.split())
    assert "may not be armed: ESTOP: `calmloop chair status` says what to put right" in told
    assert time.monotonic() - began_s < ARM_READY_S / 2, "it waited though waiting cannot help"


def test_set_ends_with_the_reason_when_the_chair_ends_it(chair: PosixChair) -> None:
    """Somebody presses the red button in the middle of it."""
    command = ["set", "--port", chair.address, "--seconds", "30", "--vibration", "50", EMPTY]
    code = f"from calmloop.cli.chair import app; app({command!r})"
    with subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True
    ) as running:
        chair.wait_for("ACTIVE", 15)
        assert chair.hands("estop press") == ["ok"]
        _, told = running.communicate(timeout=20)
    assert running.returncode == 1
    assert "the chair ended it (ESTOP)" in told


def test_stop_waits_until_the_chair_confirms_it(chair: PosixChair) -> None:
    result = calmloop_chair("stop", "--port", chair.address)
    assert result.exit_code == 0, result.output
    assert "stopped: SAFE" in result.output


def test_watch_shows_decoded_frames(chair: PosixChair) -> None:
    result = calmloop_chair("watch", "--port", chair.address, "--seconds", "1")
    assert result.exit_code == 0, result.output
    assert result.output.count("Status(state=<State.SAFE: 1>") >= 5
    assert "Identity(protocol=1" in result.output


def test_a_port_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = calmloop_chair("status", "--port", str(tmp_path / "none"))
    assert result.exit_code == 1
    assert "no STATUS came" in result.output
    assert "No such file" in result.output


# --- flash ----------------------------------------------------------------------------------


def test_flash_prints_the_commands_with_the_readmes_fuses(tmp_path: Path) -> None:
    image = tmp_path / "chair.hex"
    image.write_text(":00000001FF\n")
    result = calmloop_chair("flash", str(image), "--dry-run")
    assert result.exit_code == 0, result.output
    fuses, program = result.output.splitlines()
    assert program == f"avrdude -c usbasp -p m328p -U flash:w:{image}:i"
    readme = (FIRMWARE / "avr" / "README.md").read_text()
    assert fuses in readme.splitlines()
    assert len(FUSES) == 3


def test_flash_runs_avrdude_and_tells_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No programmer is here: a program of that name says what it was called with, and fails."""
    image = tmp_path / "chair.hex"
    image.write_text(":00000001FF\n")
    called = tmp_path / "called"
    avrdude = tmp_path / "avrdude"
    avrdude.write_text(f'#!/bin/sh\necho "$@" >>{called}\ncase "$*" in *flash*) exit 1 ;; esac\n')
    avrdude.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    result = calmloop_chair("flash", str(image), "--programmer", "arduino")
    assert result.exit_code == 1
    assert "check the arduino" in result.output
    assert len(called.read_text().splitlines()) == 2


def test_flash_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = tmp_path / "chair.hex"
    image.write_text("")
    monkeypatch.setenv("PATH", str(tmp_path))
    result = calmloop_chair("flash", str(image))
    assert result.exit_code == 1
    assert "apt-get install avrdude" in result.output


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is no Intel HEX file"),
        (b"\x7fELF", "is no Intel HEX file"),
        (b":10010000214601360121470136007EFE09D2190140\n", "ends before its last record"),
    ],
)
def test_flash_does_not_erase_the_chip_for_an_image_that_is_none(
    tmp_path: Path, content: bytes, told: str
) -> None:
    image = tmp_path / "chair.hex"
    image.write_bytes(content)
    result = calmloop_chair("flash", str(image), "--dry-run")
    assert result.exit_code == 2
    assert told in result.output
    assert "avrdude -c" not in result.output
