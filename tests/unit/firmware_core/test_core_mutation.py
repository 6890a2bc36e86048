"""Every place of gate, machine and orders, broken on purpose, is noticed or explained."""

import subprocess
import sys

import pytest

from tests.unit.firmware_core.binding import FIRMWARE


@pytest.mark.long
@pytest.mark.timeout(4 * 3600)
def test_no_mutant_survives_unexplained() -> None:
    done = subprocess.run(
        [sys.executable, FIRMWARE / "mutation" / "mutate.py"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_mutants_of_each_file() -> None:
    """The list that the long run works on is not empty by mistake."""
    for name in ("gate.c", "machine.c", "orders.c"):
        done = subprocess.run(
            [sys.executable, FIRMWARE / "mutation" / "mutate.py", "--file", name, "--list"],
            check=True,
            capture_output=True,
            text=True,
        )
        assert len(done.stdout.splitlines()) > 50
