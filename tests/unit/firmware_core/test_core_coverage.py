"""The short tests of the core run every line of it, and every branch both ways."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.firmware_core.binding import FIRMWARE

FIGURE = re.compile(r"(Lines executed|Branches executed|Taken at least once):([\d.]+)%")
FIGURES_PER_FILE = 3


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_every_line_and_branch_of_the_core_is_run() -> None:
    subprocess.run(["make", "--quiet", "-C", FIRMWARE, "coverage"], check=True)
    folder = FIRMWARE / "build" / "coverage"
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not long", Path(__file__).parent],
        env=os.environ | {"CALMLOOP_CHAIR_LIBRARY": str(folder / "libchair.so")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout[-3000:]
    for source in sorted((FIRMWARE / "core").glob("*.c")):
        told = figures(folder, source)
        assert len(told) == FIGURES_PER_FILE, f"{source.name}: gcov tells of nothing"
        assert set(told) == {"100.00"}, f"{source.name}: {told}"


def figures(folder: Path, source: Path) -> list[str]:
    """The percentages that gcov gives for one source file: lines, branches run, branches taken."""
    counted = f"libchair.so-{source.stem}.gcda"
    told = subprocess.run(
        ["gcov", "--branch-probabilities", "--no-output", counted],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    part = told.split(f"File '{source}'")[1].split("File '")[0]
    return [found[2] for found in FIGURE.finditer(part)][:FIGURES_PER_FILE]
