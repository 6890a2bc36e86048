"""Every place of the core, broken on purpose, is noticed or explained."""

import subprocess
import sys

import pytest

from tests.unit.firmware_core.binding import FIRMWARE

SAMPLE = 10


def mutate(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(FIRMWARE / "mutation" / "mutate.py"), *words],
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.long
@pytest.mark.timeout(8 * 3600)
def test_no_mutant_survives_unexplained() -> None:
    done = mutate()
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_mutant_of_a_small_sample_survives_unexplained() -> None:
    done = mutate("--sample", str(SAMPLE), "--seed", "3", "--trust")
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_mutants_of_each_file() -> None:
    """The list that the long run works on is not empty by mistake."""
    listed = mutate("--list").stdout
    for source in (FIRMWARE / "core").glob("*.c"):
        assert listed.count(f"\n{source.name}:") > 5
