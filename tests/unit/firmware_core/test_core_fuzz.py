"""Fuzzers guided by coverage, on decoder and core: a short, seeded run here, a full `long` one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from calmloop.emulator.build import make
from tests.unit.firmware_core.binding import FIRMWARE

SHORT_RUNS = 20_000
FULL_RUNS = 10_000_000
FOUND_WITHIN = 200_000
FUZZERS = {"decoder": 96, "chair": 48}
"""Each with the longest input that it is given."""


@pytest.fixture(scope="module")
def fuzzers() -> Path:
    """The built fuzzers; `make test` installs clang and libFuzzer for them."""
    make(FIRMWARE, "fuzzers")
    return FIRMWARE / "build" / "fuzz"


def fuzz(program: Path, runs: int, folder: Path) -> None:
    """Runs one fuzzer; its last lines say what was broken, and where the input lies."""
    done = subprocess.run(
        [
            program,
            f"-runs={runs}",
            "-seed=1",
            f"-max_len={FUZZERS[program.name]}",
            f"-artifact_prefix={folder}/",
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {runs} runs" in done.stderr


@pytest.mark.parametrize("name", FUZZERS)
def test_no_input_breaks_an_invariant(name: str, fuzzers: Path, tmp_path: Path) -> None:
    fuzz(fuzzers / name, SHORT_RUNS, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", FUZZERS)
def test_no_input_of_ten_million_breaks_an_invariant(
    name: str, fuzzers: Path, tmp_path: Path
) -> None:
    fuzz(fuzzers / name, FULL_RUNS, tmp_path)


WRONG_CORES = {
    "a lamp that is too fast": (
        "gate.c",
        "light_ppm = LIGHT_SLEW_PPM_PER_MS *",
        "light_ppm = 2u * LIGHT_SLEW_PPM_PER_MS *",
    ),
    "a press of the child's that is over when the button is": (
        "machine.c",
        "machine->child_latched = machine->child_latched || ",
        "machine->child_latched = ",
    ),
    "a lost supply that stops nothing": (
        "machine.c",
        "if (machine->drive.supply_lost) {",
        "if (machine->drive.supply_lost && machine->state == STATE_ARMED) {",
    ),
    "an emergency stop that a reset forgives": (
        "machine.c",
        ".estop = machine->estop_latched,",
        ".estop = false,",
    ),
    "an hour that a reset gives back": (
        "session.c",
        "session->minutes[slot] = minute->seconds;",
        "session->minutes[slot] = 0;",
    ),
    "a table that nobody confirmed": (
        "orders.c",
        "machine->agreement.given.reached ? CALIBRATE_OK : CALIBRATE_NOT_CONFIRMED",
        "CALIBRATE_OK",
    ),
    "a table over the newest slot": (
        "store.c",
        "pair->second_is_newest = !pair->second_is_newest;",
        "",
    ),
}


@pytest.mark.timeout(600)  # the slowest takes a minute of a core
@pytest.mark.parametrize("wrong", WRONG_CORES)
def test_the_fuzzer_notices(wrong: str, fuzzers: Path, tmp_path: Path) -> None:
    """A core with one thing wrong is found out: the traps are live."""
    name, right, instead = WRONG_CORES[wrong]
    core = tmp_path / "core"
    shutil.copytree(FIRMWARE / "core", core)
    source = core / name
    assert source.read_text().count(right) == 1
    source.write_text(source.read_text().replace(right, instead))
    program = tmp_path / "chair"
    subprocess.run(
        [
            "clang",
            "-fsanitize=fuzzer,address,undefined",
            f"-I{core}",
            "-o",
            program,
            *core.glob("*.c"),
            *(path for path in (FIRMWARE / "fuzz").glob("*.c") if path.name != "decoder.c"),
        ],
        check=True,
    )
    done = subprocess.run(
        [
            program,
            f"-runs={FOUND_WITHIN}",
            "-seed=1",
            "-max_len=48",
            f"-artifact_prefix={tmp_path}/",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "invariant broken" in done.stderr
