"""The core's own tests run every line of it, and every branch both ways."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.firmware_core.binding import FIRMWARE

FIGURE = re.compile(r"(Lines executed|Branches executed|Taken at least once):([\d.]+)%")
FIGURES_PER_FILE = 3
ELSEWHERE = ("ceilings", "coverage", "fuzz", "lint", "mutation", "state_machine")
"""Tests that reach nothing which the others do not, or that build a core of their own."""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_line_and_branch_of_the_core_is_run(tmp_path: Path) -> None:
    build = f"BUILD={tmp_path}"
    subprocess.run(["make", "--quiet", "-C", str(FIRMWARE), "coverage", build], check=True)
    folder = tmp_path / "coverage"
    here = Path(__file__).parent
    left_out = [f"--ignore={here / f'test_core_{name}.py'}" for name in ELSEWHERE]
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    tests = subprocess.run(
        [*run, "-m", "not long", "-k", "not flipped_bit", *left_out, here],
        env=os.environ | {"CALMLOOP_CHAIR_LIBRARY": str(folder / "libchair.so")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout[-3000:]
    reached = {source.name: figures(folder, source) for source in (FIRMWARE / "core").glob("*.c")}
    assert len(reached) > 15
    assert reached == dict.fromkeys(reached, ["100.00"] * FIGURES_PER_FILE)


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
