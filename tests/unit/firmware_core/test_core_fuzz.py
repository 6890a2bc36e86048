"""Fuzzers guided by coverage, on decoder and core: seeded runs here, longer and full ones apart."""

import subprocess
from pathlib import Path

import pytest

from calmloop.emulator.build import make
from tests.unit.firmware_core.binding import FIRMWARE

SHORT_RUNS = {"decoder": 10_000, "chair": 1_000}
SLOW_RUNS = {"chair": 10_000}
FULL_RUNS = 10_000_000
FOUND_WITHIN = 200_000
FUZZERS = {"decoder": 96, "chair": 48}
"""Each with the longest input that it is given."""


PLAYS = {
    "a table that a person agrees to, and time to store it": bytes(
        [8, 18, 2, 88, 10, 10, 10, 10, 10, 10, 0, 63]
    ),
    "a table, and a reset before any of it is stored": bytes(
        [8, 20, 2, 88, 10, 10, 10, 10, 0, 17, 0, 63]
    ),
}
"""Inputs to begin with, as fuzz/acts.c reads them: a beginning, then acts with what they take."""


@pytest.fixture(scope="module")
def fuzzers() -> Path:
    """The built fuzzers; `make test` installs clang and libFuzzer for them."""
    make(FIRMWARE, "fuzzers")
    return FIRMWARE / "build" / "fuzz"


def run(program: Path, runs: int, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs one fuzzer; its last lines say what was broken, and where the input lies."""
    corpus = folder / "corpus"
    corpus.mkdir()
    for name, play in PLAYS.items():
        (corpus / name.replace(" ", "-")).write_bytes(play)
    return subprocess.run(
        [
            program,
            f"-runs={runs}",
            "-seed=1",
            f"-max_len={FUZZERS[program.name]}",
            f"-artifact_prefix={folder}/",
            corpus,
        ],
        check=False,
        capture_output=True,
        text=True,
    )


def fuzz(program: Path, runs: int, folder: Path) -> None:
    """Runs one fuzzer on the right core."""
    done = run(program, runs, folder)
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {runs} runs" in done.stderr


@pytest.mark.parametrize("name", FUZZERS)
def test_no_input_breaks_an_invariant(name: str, fuzzers: Path, tmp_path: Path) -> None:
    fuzz(fuzzers / name, SHORT_RUNS[name], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW_RUNS)
def test_no_input_of_ten_thousand_breaks_an_invariant(
    name: str, fuzzers: Path, tmp_path: Path
) -> None:
    fuzz(fuzzers / name, SLOW_RUNS[name], tmp_path)


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


@pytest.mark.parametrize("wrong", WRONG_CORES)
def test_the_fuzzer_notices(wrong: str, fuzzers: Path, tmp_path: Path) -> None:
    """A core with one thing wrong is found out: the traps are live."""
    name, right, instead = WRONG_CORES[wrong]
    text = (FIRMWARE / "core" / name).read_text()
    assert text.count(right) == 1
    source, program = tmp_path / name, tmp_path / "chair"
    source.write_text(text.replace(right, instead))
    where = [f"FILE={source}", f"INTO={program}"]
    subprocess.run(["make", "--quiet", "-C", str(FIRMWARE), "exchanged", *where], check=True)
    done = run(program, FOUND_WITHIN, tmp_path)
    assert done.returncode != 0
    assert "invariant broken" in done.stderr
