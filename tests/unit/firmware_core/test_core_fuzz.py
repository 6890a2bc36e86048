"""Fuzzers guided by coverage, on decoder and core: a short, seeded run here, a full `long` one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.firmware_core.binding import FIRMWARE

SHORT_RUNS = 20_000
FULL_RUNS = 10_000_000
FUZZERS = {"decoder": 96, "chair": 48}
"""Each with the longest input that it is given."""


@pytest.fixture(scope="module")
def fuzzers() -> Path:
    """The built fuzzers; skips where Debian's clang or its runtime is missing."""
    if shutil.which("clang") is None:
        pytest.skip("clang is not installed: apt-get install clang libclang-rt-14-dev")
    where = subprocess.run(
        ["clang", "-print-runtime-dir"], capture_output=True, text=True, check=False
    )
    if not list(Path(where.stdout.strip()).glob("libclang_rt.fuzzer*")):
        pytest.skip("clang has no libFuzzer: apt-get install libclang-rt-14-dev")
    subprocess.run(["make", "--quiet", "-C", FIRMWARE, "fuzzers"], check=True)
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


def test_the_fuzzer_notices_a_lamp_that_is_too_fast(fuzzers: Path, tmp_path: Path) -> None:
    """A core with one number wrong is found out: the traps are live."""
    core = tmp_path / "core"
    shutil.copytree(FIRMWARE / "core", core)
    gate = core / "gate.c"
    right = "light_ppm = LIGHT_SLEW_PPM_PER_MS *"
    assert right in gate.read_text()
    gate.write_text(gate.read_text().replace(right, f"{right} 2u *"))
    program = tmp_path / "chair"
    subprocess.run(
        [
            "clang",
            "-fsanitize=fuzzer,address,undefined",
            f"-I{core}",
            "-o",
            program,
            *core.glob("*.c"),
            FIRMWARE / "fuzz" / "chair.c",
            FIRMWARE / "fuzz" / "witness.c",
        ],
        check=True,
    )
    done = subprocess.run(
        [program, "-runs=1000", f"-artifact_prefix={tmp_path}/"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "invariant broken" in done.stderr
